package rule

import (
	"regexp"
	"strings"
)

type (
	step func(*machine) Value
	test func(*machine) bool
)

// compiler makes closures of a tree whose types are known.
type compiler struct {
	depth int // lists that are asked within each other
}

func constant(v Value) step { return func(*machine) Value { return v } }

// answer makes a value of a yes or no.
func answer(t test) step { return func(m *machine) Value { return BoolValue(t(m)) } }

// known is the value of a literal, or of a list of them.
func known(n *Node) (Value, bool) {
	switch n.Kind {
	case KindNil:
		return Value{}, true
	case KindBool:
		return BoolValue(n.Text == "true"), true
	case KindWhole:
		return WholeValue(n.whole), true
	case KindFloat:
		return NumberValue(n.float), true
	case KindText:
		return TextValue(n.Text), true
	case KindList:
		all := make([]Value, len(n.Parts))
		for i, part := range n.Parts {
			v, ok := known(part)
			if !ok || part.Kind == KindList {
				return Value{}, false
			}
			all[i] = v
		}
		return listValue(all), true
	}
	return Value{}, false
}

// place is where a fact is found, if the node is nothing but one.
func place(n *Node) (int, bool) {
	switch n.Kind {
	case KindName:
		return n.place, n.place >= 0 && !n.typed.isRecord()
	case KindMember:
		whole := n.Parts[0]
		return n.place, whole.Kind == KindName && whole.place >= 0 && whole.typed.isRecord()
	}
	return 0, false
}

// sure reports whether a node always is a yes or no. What only has that type can
// turn out to be something else: true and x is x.
func sure(n *Node) bool {
	switch n.Kind {
	case KindBool:
		return true
	case KindUnary:
		return n.Text == "!" || n.Text == "not"
	case KindBinary:
		switch n.Text {
		case "and", "&&", "or", "||":
			return sure(n.Parts[1])
		case "==", "!=", "<", ">", "<=", ">=", "in", "matches", "contains", "startsWith", "endsWith":
			return true
		}
	case KindBuiltin:
		switch n.Text {
		case "any", "all", "none", "one", "hasPrefix", "hasSuffix":
			return true
		}
	}
	_, fact := place(n)
	return fact && n.typed.isBool()
}

func (c *compiler) value(n *Node) step {
	if v, ok := known(n); ok {
		return constant(v)
	}
	if i, ok := place(n); ok {
		return func(m *machine) Value { return m.source.Fact(i) }
	}
	switch n.Kind {
	case KindName:
		if n.place >= 0 {
			return constant(Value{kind: kindRecord, ref: n.typed.of})
		}
		i := -1 - n.place
		return func(m *machine) Value { return m.vars[i] }
	case KindUnary:
		return c.unary(n)
	case KindBinary:
		return c.binary(n)
	case KindChain:
		inner := c.value(n.Parts[0])
		return func(m *machine) Value {
			v := inner(m)
			if v.kind == kindAbsent || v.isNil() {
				return Value{}
			}
			return v
		}
	case KindMember:
		return c.member(n)
	case KindSlice:
		return c.slice(n)
	case KindCall:
		return c.call(n)
	case KindBuiltin:
		if _, _, ok := asking(n.Text); ok {
			return c.asks(n)
		}
		return c.function(n)
	case KindPointer:
		return c.pointer(n)
	case KindLet:
		value, body, i := c.value(n.Parts[0]), c.value(n.Parts[1]), n.place
		return func(m *machine) Value {
			m.vars[i] = value(m)
			return body(m)
		}
	case KindConditional:
		question, then, otherwise := c.test(n.Parts[0]), c.value(n.Parts[1]), c.value(n.Parts[2])
		return func(m *machine) Value {
			if question(m) {
				return then(m)
			}
			return otherwise(m)
		}
	case KindList, KindSequence:
		return c.several(n)
	case KindMap:
		return c.textMap(n)
	}
	return c.value(n.Parts[0]) // what is asked of a list
}

func (c *compiler) unary(n *Node) step {
	switch n.Text {
	case "!", "not":
		return answer(c.test(n))
	case "-":
		inner := c.value(n.Parts[0])
		return func(m *machine) Value { return m.negate(n.At, inner(m)) }
	}
	return c.value(n.Parts[0])
}

func (c *compiler) binary(n *Node) step {
	left, right := n.Parts[0], n.Parts[1]
	switch n.Text {
	case "and", "&&", "or", "||":
		if sure(right) {
			return answer(c.test(n))
		}
		// What stands on the right may be something else than a yes or no.
		either, l, r := n.Text == "or" || n.Text == "||", c.test(left), c.value(right)
		return func(m *machine) Value {
			if l(m) == either {
				return BoolValue(either)
			}
			return r(m)
		}
	case "??":
		l, r := c.value(left), c.value(right)
		return func(m *machine) Value {
			if v := l(m); !v.isNil() {
				return v
			}
			return r(m)
		}
	case "..":
		l, r := c.value(left), c.value(right)
		return func(m *machine) Value { return m.span(n.At, l(m), r(m)) }
	case "+", "-", "*", "/", "%", "**", "^":
		l, r := c.value(left), c.value(right)
		return func(m *machine) Value {
			a := l(m)
			b := r(m)
			m.at = n.At
			return m.calculate(n.At, n.Text, a, b)
		}
	}
	return answer(c.test(n))
}

// span is the whole numbers from one to another.
func (m *machine) span(at int, from, to Value) Value {
	low, high := m.toWhole(at, from), m.toWhole(at, to)
	all := []int{}
	if n := high - low + 1; n > 0 {
		m.at = at
		m.grow(n)
		all = make([]int, n)
		for i := range all {
			all[i] = low + i
		}
	}
	return Value{kind: kindWholes, ref: &all}
}

// test compiles what has to be a yes or no.
func (c *compiler) test(n *Node) test {
	switch n.Kind {
	case KindUnary:
		if n.Text == "!" || n.Text == "not" {
			inner := c.test(n.Parts[0])
			return func(m *machine) bool { return !inner(m) }
		}
	case KindBinary:
		if t := c.comparison(n); t != nil {
			return t
		}
	}
	value := c.value(n)
	return func(m *machine) bool {
		v := value(m)
		if v.kind != kindBool {
			m.fail(n.At, "%s is neither true nor false", v.typeName())
		}
		return v.bits != 0
	}
}

func (c *compiler) comparison(n *Node) test {
	left, right := n.Parts[0], n.Parts[1]
	switch n.Text {
	case "and", "&&":
		l, r := c.test(left), c.test(right)
		return func(m *machine) bool { return l(m) && r(m) }
	case "or", "||":
		l, r := c.test(left), c.test(right)
		return func(m *machine) bool { return l(m) || r(m) }
	case "==":
		return c.equality(left, right)
	case "!=":
		t := c.equality(left, right)
		return func(m *machine) bool { return !t(m) }
	case "<", ">", "<=", ">=":
		l, r := c.value(left), c.value(right)
		return func(m *machine) bool {
			a := l(m)
			return m.inOrder(n.At, n.Text, a, r(m))
		}
	case "in":
		l, r := c.value(left), c.value(right)
		return func(m *machine) bool {
			a := l(m)
			b := r(m)
			m.at = n.At
			return m.in(n.At, a, b)
		}
	case "matches":
		return c.matches(n, left, right)
	case "contains":
		return c.texts(n, strings.Contains)
	case "startsWith":
		return c.texts(n, strings.HasPrefix)
	case "endsWith":
		return c.texts(n, strings.HasSuffix)
	}
	return nil
}

// equality of a fact and a word is what rules are made of.
func (c *compiler) equality(left, right *Node) test {
	if left.Kind == KindText {
		left, right = right, left
	}
	if i, ok := place(left); ok && left.typed.isText() && right.Kind == KindText {
		word := right.Text
		return func(m *machine) bool { return m.source.Fact(i).text == word }
	}
	l, r := c.value(left), c.value(right)
	return func(m *machine) bool {
		a := l(m)
		return m.equal(a, r(m))
	}
}

func (c *compiler) texts(n *Node, ask func(s, part string) bool) test {
	l, r := c.value(n.Parts[0]), c.value(n.Parts[1])
	return func(m *machine) bool {
		a := l(m)
		b := r(m)
		if a.isNil() || b.isNil() {
			return false
		}
		m.at = n.At
		return ask(m.text(a), m.text(b))
	}
}

func (c *compiler) matches(n, left, right *Node) test {
	l := c.value(left)
	if right.Kind == KindText {
		pattern := regexp.MustCompile(right.Text) // the checker has tried
		return func(m *machine) bool { return m.matches(n.At, pattern, l(m)) }
	}
	r := c.value(right)
	return func(m *machine) bool {
		a := l(m)
		b := r(m)
		if a.isNil() || b.isNil() {
			return false
		}
		m.at = n.At
		text := m.text(b)
		m.work(10_000 + 100*len(text)) // making it is dearer than asking it
		pattern, err := regexp.Compile(text)
		if err != nil {
			m.fail(n.At, "%v", err)
		}
		return m.matches(n.At, pattern, a)
	}
}

func (m *machine) matches(at int, pattern *regexp.Regexp, v Value) bool {
	if v.isNil() {
		return false
	}
	m.at = at
	m.work(len(v.text))
	return pattern.MatchString(m.text(v))
}
