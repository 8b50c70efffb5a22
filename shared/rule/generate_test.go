package rule

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// grammar makes expressions of a wanted type, and now and then of another one.
type grammar struct{ t *rapid.T }

func (g grammar) one(of ...string) string { return rapid.SampledFrom(of).Draw(g.t, "one") }

func (g grammar) chance(in100 int) bool { return rapid.IntRange(0, 99).Draw(g.t, "chance") < in100 }

// fill replaces each letter in angle brackets by an expression of that type:
// b is a yes or no, n a number, w a whole one, s a text, l a list of texts, m a list
// of numbers, x anything.
func (g grammar) fill(form string, depth int) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(form, "<")
		if !ok || len(rest) < 2 || rest[1] != '>' {
			b.WriteString(form)
			return b.String()
		}
		b.WriteString(before)
		b.WriteString(g.expression(rest[0], depth-1))
		form = rest[2:]
	}
}

var leaves = map[byte][]string{
	'b': {"true", "false", "verified", "customer.known", `topic == "baggage"`, "anger > 0.5", `# == "waiting"`},
	'n': {"1", "0", "2.5", "anger", "reach", "customer.cases", "-3", "0.1", "1e3"},
	'w': {"1", "0", "2", "-1", "7", "reach", "customer.cases", "len(points)", "#index"},
	's': {`"a"`, `""`, `"waiting"`, `'gate'`, "`x`", "topic", "text", "customer.name", "customer.language", "points[0]", "#"},
	'l': {"points", "empty", "customer.tags", `["a", "b"]`, "[]", `split(text, " ")`},
	'm': {"[1, 2, 3]", "[]", "[2.5, 1]", "1..3", "[1, 2.5, reach]"},
	'x': {"nil", "customer", "{a: 1}", `fromJSON("[1, \"a\"]")`, "first(empty)", `{a: {b: topic}}.a`, "[1, nil]", `date("2026-01-01")`},
}

var forms = map[byte][]string{
	'b': {"<b> and <b>", "<b> || <b>", "not <b>", "!(<b>)", "(<b>)", "<s> == <s>", "<s> != <s>", "<n> < <n>", "<n> >= <n>", "<n> == <n>", "<n> < <n> <= <n>",
		"<s> in <l>", "<s> not in <l>", "<n> in <m>", "<s> contains <s>", "<s> startsWith <s>", "<s> not endsWith <s>", `<s> matches "^[a-w]"`, "<b> ? <b> : <b>",
		"any(<l>, <b>)", "all(<l>, {<b>})", "none(<m>, # > <n>)", "one(<l>, len(#) > <w>)", "<x> == <x>", "<l> == <l>", "<x> in <m>", "hasPrefix(<s>, <s>)",
		"if <b> { <b> } else { <b> }", "let v = <x>; v == <x>", "<b> == <b>", "<x> ?? <b>", "<l> | any(# == <s>)"},
	'n': {"<n> + <n>", "<n> - <n>", "<n> * <n>", "<n> / <n>", "<n> ** <n>", "(<n>)", "-<n>", "abs(<n>)", "ceil(<n>)", "floor(<n>)", "round(<n>)", "max(<n>, <n>)", "min(<m>)", "mean(<m>)",
		"median(<m>)", "sum(<m>)", "float(<n>)", "<b> ? <n> : <n>", "sum(<l>, len(#))", "reduce(<m>, #acc + #)", "<m>[<w>]", "let n = <n>; n * <n>", "sum(map(<m>, # * <n>))"},
	'w': {"<w> + <w>", "<w> % <w>", "len(<s>)", "len(<l>)", "int(<n>)", "count(<l>, <b>)", "indexOf(<s>, <s>)", "findIndex(<l>, <b>)", "(<w>)", "bitand(<w>, <w>)", "count(<m>, # > <n>)"},
	's': {"<s> + <s>", "lower(<s>)", "upper(<s>)", "trim(<s>)", "trimPrefix(<s>, <s>)", "<l>[<w>]", "first(<l>)", "join(<l>, <s>)", "replace(<s>, <s>, <s>)", "string(<x>)", "string(<n>)", "text[<w>:<w>]",
		"<b> ? <s> : <s>", "find(<l>, <b>)", "(<s>)", "<x> ?? <s>", "repeat(<s>, <w>)", "type(<x>)", "<s> | upper()", "let s = <s>; s + s", "toJSON(<x>)"},
	'l': {"split(<s>, <s>)", "filter(<l>, <b>)", "map(<l>, upper(#))", "sort(<l>)", "reverse(<l>)", "uniq(<l>)", "concat(<l>, <l>)", "points[<w>:]", "take(<l>, <w>)", "[<s>, <s>]", "sortBy(<l>, len(#))",
		"map(<m>, string(#))", "flatten([<l>, <l>])", "<b> ? <l> : <l>", `sort(<l>, "desc")`, "map(<l>, <x>)"},
	'm': {"[<n>, <n>]", "map(<l>, len(#))", "filter(<m>, # > <n>)", "map(<m>, # + <n>)", "sort(<m>)", "concat(<m>, <m>)", "[<n>]", "<w>..<w>", "map(<l>, #index)"},
	'x': {"<b>", "<n>", "<s>", "<l>", "<m>", "[<x>, <x>]", "{a: <x>, b: <x>}", "{a: <x>}.a", "{a: <x>}?.b?.c", "<x>.a", "<x>?.a", "groupBy(<l>, len(#))", "groupBy(<m>, # > 1)[<b>]", "<x>[<w>]", "<x> ?? <x>", "<b> ? <x> : <x>",
		"get(<x>, <w>)", "last(<l>)", "min(<m>)", "<x> + <x>", "<x> < <x>", "fromJSON(toJSON(<x>))"},
}

func (g grammar) expression(of byte, depth int) string {
	if g.chance(2) { // what the place is not made for
		of = g.one("b", "n", "w", "s", "l", "m", "x")[0]
	}
	if depth <= 0 || g.chance(15) {
		return g.one(leaves[of]...)
	}
	return g.fill(g.one(forms[of]...), depth)
}

// unlike are the expressions in which the two are known to differ, as
// TestWhereItDiffers shows.
func unlike(source string, us, them result) bool {
	says := func(err error, part string) bool { return err != nil && strings.Contains(err.Error(), part) }
	switch {
	case says(us.refused, "integer divide by zero"), says(us.refused, "and time.Time)"),
		says(us.refused, "is a function"):
		return true // what always fails, or says nothing, is refused
	case says(us.failed, "budget"), says(us.failed, "too long"):
		return true // how much may be made is counted otherwise
	case says(us.failed, "is not a list"):
		return true // nothing is asked of the parts of a map
	case us.failed == nil && says(them.failed, "interface conversion") && (strings.Contains(source, "==") || strings.Contains(source, "!=")):
		return true // comparing never fails
	case strings.Contains(source, "customer") && (strings.Contains(source, "type(") || strings.Contains(source, "JSON(") || strings.Contains(source, "string(")):
		return true // a record is called and written otherwise
	case strings.Contains(them.String(), "map[") && strings.Contains(source, "string("):
		return true // the order of groups
	}
	return false
}

// Whatever is put together of the language's forms gets the same answer.
func TestGeneratedExpressions(t *testing.T) {
	drawn, compiled, answered := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		g := grammar{t}
		source := g.expression(g.one("b", "b", "n", "s", "l", "x")[0], rapid.IntRange(1, 4).Draw(t, "depth"))
		on := rapid.SampledFrom([]*message{&stuck, &blank}).Draw(t, "facts")
		if d := differs(source, on); d != "" && !unlike(source, ours(source, on), theirs(source, on, false)) {
			t.Fatalf("%s\n%s", source, d)
		}
		drawn++
		if r := ours(source, on); r.refused == nil {
			compiled++
			if r.failed == nil {
				answered++
			}
		}
	})
	if drawn >= 20 && min(compiled, answered) < drawn/4 { // three of four do
		t.Errorf("of %d only %d compiled, %d answered", drawn, compiled, answered)
	}
}
