package rule

import (
	"fmt"
	"regexp"
	"strings"
)

// checker finds the type of every node, from the parts to the whole. The first
// mistake ends it by a panic with an *Error.
type checker struct {
	facts *Facts
	lists []listScope
	names []variable
	count int // variables so far
	most  int // lists that are asked within each other
}

// listScope is a list of whose parts something is asked: what # stands for.
type listScope struct {
	of    Type
	index bool // #index is known
	acc   bool // #acc is known
}

type variable struct {
	name  string
	typed Type
	place int
}

func (c *checker) fail(n *Node, format string, args ...any) Type {
	panic(&Error{At: n.At, Message: fmt.Sprintf(format, args...)})
}

func (c *checker) visit(n *Node) Type {
	n.typed = c.typeOf(n)
	return n.typed
}

func (c *checker) typeOf(n *Node) Type {
	switch n.Kind {
	case KindNil:
		return nothing
	case KindBool:
		return Bool
	case KindWhole:
		return Whole
	case KindFloat:
		return Number
	case KindText:
		return Text
	case KindName:
		return c.name(n)
	case KindUnary:
		return c.unary(n)
	case KindBinary:
		return c.binary(n)
	case KindChain:
		return c.visit(n.Parts[0])
	case KindMember:
		return c.member(n)
	case KindSlice:
		return c.slice(n)
	case KindCall:
		return c.call(n)
	case KindBuiltin:
		return c.builtin(n)
	case KindPointer:
		return c.pointer(n)
	case KindLet:
		return c.let(n)
	case KindConditional:
		return c.conditional(n)
	case KindList:
		return c.list(n)
	}
	last := unknown // a sequence, a map, a pair, what is asked of a list
	for _, part := range n.Parts {
		last = c.visit(part)
	}
	switch n.Kind {
	case KindMap:
		return textMap
	case KindPair:
		return nothing
	}
	return last
}

// builtin names that are no functions here would otherwise be told to be unknown.
func (c *checker) name(n *Node) Type {
	if v, ok := c.variable(n.Text); ok {
		n.place = -1 - v.place
		return v.typed
	}
	if place, ok := c.facts.places[n.Text]; ok && !strings.Contains(n.Text, ".") {
		n.place = place
		return c.facts.all[place].Type
	}
	if r, ok := c.facts.records[n.Text]; ok {
		return Type{kind: kindRecord, of: r}
	}
	if isBuiltin(n.Text) {
		return c.fail(n, "%s is a function: %[1]s(…)", n.Text)
	}
	return c.fail(n, "unknown name %v", n.Text)
}

func (c *checker) variable(name string) (variable, bool) {
	for i := len(c.names) - 1; i >= 0; i-- {
		if c.names[i].name == name {
			return c.names[i], true
		}
	}
	return variable{}, false
}

func (c *checker) unary(n *Node) Type {
	t := c.visit(n.Parts[0])
	switch {
	case n.Text == "!" || n.Text == "not":
		if t.isBool() || t.unknown() {
			return Bool
		}
	case t.number():
		return t
	case t.unknown():
		return unknown
	}
	return c.fail(n, "invalid operation: %v (mismatched type %s)", n.Text, t)
}

// either reports whether both may be of the kinds named, as far as they are known.
func either(l, r Type, kinds ...func(Type) bool) bool {
	one := func(t Type) bool {
		for _, is := range kinds {
			if is(t) {
				return true
			}
		}
		return false
	}
	return l.unknown() && (r.unknown() || one(r)) || r.unknown() && one(l)
}

func both(l, r Type, is func(Type) bool) bool { return is(l) && is(r) }

func sum(l, r Type) Type {
	if l.kind == kindFloat || r.kind == kindFloat {
		return Number
	}
	return Whole
}

func (c *checker) binary(n *Node) Type {
	l, r := c.visit(n.Parts[0]), c.visit(n.Parts[1])
	switch n.Text {
	case "==", "!=":
		if comparable(l, r) {
			return Bool
		}
	case "or", "||", "and", "&&":
		if both(l, r, Type.isBool) || either(l, r, Type.isBool) {
			return Bool
		}
	case "<", ">", ">=", "<=":
		if both(l, r, Type.number) || both(l, r, Type.isText) || both(l, r, Type.isTime) || both(l, r, Type.isSpan) ||
			either(l, r, Type.number, Type.isText, Type.isTime, Type.isSpan) {
			return Bool
		}
	case "in":
		return c.in(n, l, r)
	case "matches":
		if pattern := n.Parts[1]; pattern.Kind == KindText {
			if _, err := regexp.Compile(pattern.Text); err != nil {
				return c.fail(n, "%v", err)
			}
		}
		if both(l, r, Type.isText) || either(l, r, Type.isText) {
			return Bool
		}
	case "contains", "startsWith", "endsWith":
		if both(l, r, Type.isText) || either(l, r, Type.isText) {
			return Bool
		}
	case "..":
		if both(l, r, Type.whole) || either(l, r, Type.whole) {
			return listOf(Whole)
		}
	case "??":
		switch {
		case l.isNil():
			return r
		case r.isNil() || r.fits(l):
			return l
		}
		return unknown
	default:
		if t, ok := c.arithmetic(n, l, r); ok {
			return t
		}
	}
	return c.fail(n, "invalid operation: %v (mismatched types %v and %v)", n.Text, l, r)
}

func (c *checker) arithmetic(n *Node, l, r Type) (Type, bool) {
	numbers := both(l, r, Type.number)
	switch n.Text {
	case "+":
		switch {
		case numbers:
			return sum(l, r), true
		case both(l, r, Type.isText):
			return Text, true
		case l.isTime() && r.isSpan(), l.isSpan() && r.isTime():
			return moment, true
		case both(l, r, Type.isSpan):
			return duration, true
		}
		return unknown, either(l, r, Type.number, Type.isText, Type.isTime, Type.isSpan)
	case "-":
		switch {
		case numbers:
			return sum(l, r), true
		case both(l, r, Type.isTime), both(l, r, Type.isSpan):
			return duration, true
		case l.isTime() && r.isSpan():
			return moment, true
		}
		return unknown, either(l, r, Type.number, Type.isTime, Type.isSpan)
	case "*":
		switch {
		case numbers:
			return sum(l, r), true
		case l.isSpan() && (r.number() || r.isSpan()), l.number() && r.isSpan():
			return duration, true
		}
		return unknown, either(l, r, Type.number, Type.isSpan)
	case "%":
		if zero, ok := literal(n.Parts[1]); ok && zero == 0 && l.whole() {
			c.fail(n, "integer divide by zero")
		}
		return Whole, both(l, r, Type.whole) || either(l, r, Type.whole)
	}
	return Number, numbers || either(l, r, Type.number) // / ** ^
}

// literal is the whole number that a node is, whatever the facts.
func literal(n *Node) (int, bool) {
	if n.Kind == KindWhole {
		return n.whole, true
	}
	return 0, false
}

func (c *checker) in(n *Node, l, r Type) Type {
	switch {
	case r.isRecord() && (l.isText() || l.unknown()):
	case r.isMap():
		if !l.unknown() && !l.fits(r.key()) {
			return c.fail(n, "cannot use %v as type %v in map key", l, r.key())
		}
	case r.isList():
		if !comparable(l, r.part()) {
			return c.fail(n, "cannot use %v as type %v in array", l, r.part())
		}
	case r.unknown(), l.unknown() && r.isText():
	default:
		return c.fail(n, "invalid operation: %v (mismatched types %v and %v)", n.Text, l, r)
	}
	return Bool
}

func (c *checker) pointer(n *Node) Type {
	if len(c.lists) == 0 {
		return c.fail(n, "cannot use pointer accessor outside predicate")
	}
	scope := c.lists[len(c.lists)-1]
	switch {
	case n.Text == "" && scope.of.unknown():
		return unknown
	case n.Text == "":
		return scope.of.part()
	case n.Text == "index" && scope.index:
		return Whole
	case n.Text == "acc" && scope.acc:
		return unknown
	}
	return c.fail(n, "unknown pointer #%v", n.Text)
}

func (c *checker) let(n *Node) Type {
	_, fact := c.facts.places[n.Text]
	_, record := c.facts.records[n.Text]
	_, twice := c.variable(n.Text)
	switch {
	case fact || record:
		return c.fail(n, "cannot redeclare %v", n.Text)
	case isBuiltin(n.Text):
		return c.fail(n, "cannot redeclare builtin %v", n.Text)
	case twice:
		return c.fail(n, "cannot redeclare variable %v", n.Text)
	}
	value := c.visit(n.Parts[0])
	n.place = c.count
	c.count++
	c.names = append(c.names, variable{n.Text, value, n.place})
	t := c.visit(n.Parts[1])
	c.names = c.names[:len(c.names)-1]
	return t
}

func (c *checker) conditional(n *Node) Type {
	if t := c.visit(n.Parts[0]); !t.isBool() && !t.unknown() {
		return c.fail(n.Parts[0], "non-bool expression (type %v) used as condition", t)
	}
	then, otherwise := c.visit(n.Parts[1]), c.visit(n.Parts[2])
	switch {
	case then.isNil():
		return otherwise
	case otherwise.isNil() || then.fits(otherwise):
		return then
	}
	return unknown
}

func (c *checker) list(n *Node) Type {
	alike, last := true, unknown
	for i, part := range n.Parts {
		t := c.visit(part)
		alike = alike && (i == 0 || t.same(last))
		last = t
	}
	if alike {
		return listOf(last)
	}
	return list
}
