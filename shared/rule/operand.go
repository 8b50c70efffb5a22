package rule

import (
	"strconv"
	"strings"
)

// operand reads what stands between operators.
func (p *parser) operand() *Node {
	t := p.now
	if t.kind == tokenOperator {
		if strength, ok := unaryBinding(t.text); ok {
			p.next()
			return p.postfix(p.node(KindUnary, t, t.text, p.expression(strength)))
		}
	}
	switch {
	case p.take(tokenBracket, "("):
		inner := p.sequence()
		p.expect(tokenBracket, ")")
		return p.postfix(inner)
	case p.depth > 0 && p.take(tokenOperator, "#"):
		name := p.now.text
		if p.now.kind == tokenName {
			p.next()
		} else {
			name = ""
		}
		return p.postfix(p.node(KindPointer, t, name))
	case p.depth > 0 && p.operator("."): // .field is #.field
		return p.postfix(p.node(KindPointer, t, ""))
	case p.take(tokenOperator, "::"):
		return p.postfix(p.call(p.expectName()))
	case t.kind == tokenName:
		p.next()
		return p.named(t)
	case t.kind == tokenNumber:
		p.next()
		return p.number(t)
	case t.kind == tokenText:
		p.next()
		return p.postfix(p.node(KindText, t, t.text))
	case p.bracket("["):
		return p.postfix(p.list())
	case p.bracket("{"):
		return p.postfix(p.textMap())
	}
	p.unexpected()
	return nil
}

func (p *parser) named(t token) *Node {
	switch t.text {
	case "true", "false":
		return p.node(KindBool, t, t.text)
	case "nil":
		return p.node(KindNil, t, "")
	}
	if p.bracket("(") {
		return p.postfix(p.call(t))
	}
	return p.postfix(p.node(KindName, t, t.text))
}

func (p *parser) number(t token) *Node {
	digits := strings.ReplaceAll(t.text, "_", "")
	lower := strings.ToLower(digits)
	base, kind := 10, "integer"
	switch {
	case strings.HasPrefix(lower, "0x"):
		base, kind = 0, "hex"
	case strings.ContainsAny(lower, ".e"):
		v, err := strconv.ParseFloat(digits, 64)
		if err != nil {
			p.fail(p.now, "invalid float literal: %v", err)
		}
		n := p.node(KindFloat, t, "")
		n.float = v
		return n
	case strings.HasPrefix(lower, "0b"):
		base, kind = 0, "binary"
	case strings.HasPrefix(lower, "0o"):
		base, kind = 0, "octal"
	}
	v, err := strconv.ParseInt(digits, base, 0)
	if err != nil {
		p.fail(p.now, "invalid %s literal: %v", kind, err)
	}
	n := p.node(KindWhole, t, "")
	n.whole = int(v)
	return n
}

// call reads the arguments of a function; what stands before a | is the first.
func (p *parser) call(name token, piped ...*Node) *Node {
	if least, most, ok := asking(name.text); ok {
		return p.asking(name, least, most, piped)
	}
	arguments := p.arguments(piped)
	if isBuiltin(name.text) {
		return p.node(KindBuiltin, name, name.text, arguments...)
	}
	callee := p.node(KindName, name, name.text)
	return p.node(KindCall, name, "", append([]*Node{callee}, arguments...)...)
}

// asking reads the arguments of a function that asks something of each part of a
// list: the list, the question, and what else it takes.
func (p *parser) asking(name token, least, most int, arguments []*Node) *Node {
	p.expect(tokenBracket, "(")
	left := most - len(arguments)
	for i := range left {
		place := len(arguments)
		if p.bracket(")") {
			if place >= least {
				break
			}
			p.fail(p.now, "expected at least %d arguments", left)
		}
		if i > 0 {
			p.expect(tokenOperator, ",")
		}
		if place == 1 {
			arguments = append(arguments, p.predicate())
		} else {
			arguments = append(arguments, p.expression(0))
		}
	}
	p.take(tokenOperator, ",")
	p.expect(tokenBracket, ")")
	return p.node(KindBuiltin, name, name.text, arguments...)
}

func (p *parser) predicate() *Node {
	at := p.now
	braces := p.take(tokenBracket, "{")
	p.depth++
	var inner *Node
	if braces {
		inner = p.sequence()
	} else if inner = p.expression(0); p.operator(";") {
		p.fail(p.now, "wrap predicate with brackets { and }")
	}
	p.depth--
	if braces {
		p.expect(tokenBracket, "}")
	}
	return p.node(KindPredicate, at, "", inner)
}

func (p *parser) arguments(all []*Node) []*Node {
	p.expect(tokenBracket, "(")
	p.items(")", func() { all = append(all, p.expression(0)) })
	return all
}

// items reads what stands between brackets with commas; the last may have one too.
func (p *parser) items(closing string, one func()) {
	for first := true; !p.bracket(closing); first = false {
		if !first {
			p.expect(tokenOperator, ",")
			if p.bracket(closing) {
				break
			}
		}
		one()
	}
	p.next()
}

func (p *parser) list() *Node {
	at := p.now
	p.next()
	var all []*Node
	p.items("]", func() { all = append(all, p.expression(0)) })
	return p.node(KindList, at, "", all...)
}

func (p *parser) textMap() *Node {
	at := p.now
	p.next()
	var pairs []*Node
	p.items("}", func() {
		var key *Node
		switch t := p.now; {
		case t.kind == tokenNumber || t.kind == tokenText || t.kind == tokenName:
			key = p.node(KindText, t, t.text)
			p.next()
		case p.bracket("("):
			key = p.expression(0)
		default:
			p.fail(t, "a map key must be a quoted string, a number, a identifier, or an expression enclosed in parentheses (unexpected token %v)", t)
		}
		p.expect(tokenOperator, ":")
		pairs = append(pairs, p.node(KindPair, at, "", key, p.expression(0)))
	})
	return p.node(KindMap, at, "", pairs...)
}

// postfix reads members, indexes, slices and method calls behind an operand.
func (p *parser) postfix(n *Node) *Node {
	for {
		at := p.now
		switch {
		case p.take(tokenOperator, "."):
			n = p.member(n, false)
		case p.take(tokenOperator, "?."):
			if open := p.now; p.take(tokenBracket, "[") {
				n = p.index(n, open, true)
			} else {
				n = p.member(n, true)
			}
		case p.take(tokenBracket, "["):
			n = p.index(n, at, false)
		default:
			return n
		}
	}
}

func (p *parser) member(whole *Node, optional bool) *Node {
	name := p.now
	p.next()
	if name.kind != tokenName && (name.kind != tokenOperator || !isName(name.text)) {
		p.fail(p.now, "expected name")
	}
	property := p.node(KindText, name, name.text)
	chain := whole.Kind == KindChain
	if chain {
		whole = whole.Parts[0]
	}
	n := p.node(KindMember, name, "", whole, property)
	n.optional = optional
	if p.bracket("(") {
		n.Text = "method"
		n = p.node(KindCall, name, "", append([]*Node{n}, p.arguments(nil)...)...)
	}
	if chain || optional {
		n = p.node(KindChain, name, "", n)
	}
	return n
}

// index reads [i], or a slice: [i:j], where either may be missing.
func (p *parser) index(whole *Node, at token, optional bool) *Node {
	var from, to *Node
	if !p.operator(":") {
		from = p.expression(0)
	}
	if p.take(tokenOperator, ":") {
		if !p.bracket("]") {
			to = p.expression(0)
		}
		n := p.node(KindSlice, at, "", whole, from, to)
		p.expect(tokenBracket, "]")
		return n
	}
	n := p.node(KindMember, at, "", whole, from)
	if optional {
		n.optional = true
		n = p.node(KindChain, at, "", n)
	}
	p.expect(tokenBracket, "]")
	return n
}
