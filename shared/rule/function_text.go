package rule

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// text is an argument that has to be one.
func (m *machine) text(v Value) string {
	if v.kind != kindText {
		m.fail(m.at, "%s is not a text", v.typeName())
	}
	m.work(len(v.text) >> 5)
	return v.text
}

// newText is a text of which a rule may not make more than it can hold.
func (m *machine) newText(s string) Value {
	m.write(len(s))
	return TextValue(s)
}

func (m *machine) newTexts(all []string) Value {
	m.grow(len(all))
	return TextsValue(&all)
}

func runLower(m *machine, given []Value) Value { return m.newText(strings.ToLower(m.text(given[0]))) }
func runUpper(m *machine, given []Value) Value { return m.newText(strings.ToUpper(m.text(given[0]))) }

func runTrim(m *machine, given []Value) Value {
	s := m.text(given[0])
	if len(given) == 1 {
		return TextValue(strings.TrimSpace(s))
	}
	return TextValue(strings.Trim(s, m.text(given[1])))
}

// affix is what is trimmed where nothing else is said.
func (m *machine) affix(given []Value) string {
	if len(given) == 2 {
		return m.text(given[1])
	}
	return " "
}

func runTrimPrefix(m *machine, given []Value) Value {
	return TextValue(strings.TrimPrefix(m.text(given[0]), m.affix(given)))
}

func runTrimSuffix(m *machine, given []Value) Value {
	return TextValue(strings.TrimSuffix(m.text(given[0]), m.affix(given)))
}

func runSplit(m *machine, given []Value) Value {
	return m.newTexts(strings.SplitN(m.text(given[0]), m.text(given[1]), m.most(given, 2)))
}

func runSplitAfter(m *machine, given []Value) Value {
	return m.newTexts(strings.SplitAfterN(m.text(given[0]), m.text(given[1]), m.most(given, 2)))
}

// most is an argument that limits, or that there is no limit.
func (m *machine) most(given []Value, i int) int {
	if len(given) <= i {
		return -1
	}
	return m.toWhole(m.at, given[i])
}

func runReplace(m *machine, given []Value) Value {
	s, old, by, most := m.text(given[0]), m.text(given[1]), m.text(given[2]), m.most(given, 3)
	n := strings.Count(s, old)
	if most >= 0 {
		n = min(n, most)
	}
	m.write(len(s) + n*max(len(by)-len(old), 0))
	return TextValue(strings.Replace(s, old, by, most))
}

func runRepeat(m *machine, given []Value) Value {
	s, n := m.text(given[0]), m.toWhole(m.at, given[1])
	switch {
	case n < 0:
		m.fail(m.at, "invalid argument for repeat (expected positive integer, got %d)", n)
	case n > mostParts:
		m.fail(m.at, "memory budget exceeded")
	}
	m.grow(len(s) * n)
	return TextValue(strings.Repeat(s, n))
}

func runJoin(m *machine, given []Value) Value {
	glue := ""
	if len(given) == 2 {
		glue = m.text(given[1])
	}
	if given[0].kind != kindTexts && given[0].kind != kindList {
		m.unfit(given[0])
	}
	n, _ := given[0].length()
	all, size := make([]string, n), len(glue)*n
	for i := range all {
		all[i] = m.text(given[0].part(i))
		size += len(all[i])
	}
	m.write(size)
	return TextValue(strings.Join(all, glue))
}

func runIndexOf(m *machine, given []Value) Value {
	return WholeValue(strings.Index(m.text(given[0]), m.text(given[1])))
}

func runLastIndexOf(m *machine, given []Value) Value {
	return WholeValue(strings.LastIndex(m.text(given[0]), m.text(given[1])))
}

func runHasPrefix(m *machine, given []Value) Value {
	return BoolValue(strings.HasPrefix(m.text(given[0]), m.text(given[1])))
}

func runHasSuffix(m *machine, given []Value) Value {
	return BoolValue(strings.HasSuffix(m.text(given[0]), m.text(given[1])))
}

func runLen(m *machine, given []Value) Value {
	if given[0].kind == kindText {
		m.work(len(given[0].text) >> 3)
		return WholeValue(utf8.RuneCountInString(given[0].text))
	}
	n, ok := given[0].length()
	if !ok {
		m.unfit(given[0])
	}
	return WholeValue(n)
}

func runToBase64(m *machine, given []Value) Value {
	return m.newText(base64.StdEncoding.EncodeToString([]byte(m.text(given[0]))))
}

func runFromBase64(m *machine, given []Value) Value {
	b, err := base64.StdEncoding.DecodeString(m.text(given[0]))
	if err != nil {
		m.fail(m.at, "%v", err)
	}
	return m.newText(string(b))
}
