package rule

import "fmt"

// MostNodes is how large a rule may be: a reader must be able to follow it.
const MostNodes = 1000

// Parse reads a rule. The error is an *Error.
func Parse(source string) (tree *Node, err error) {
	defer catch(&err)
	p := &parser{lexer: lexer{source: source}}
	p.next()
	tree = p.sequence()
	if p.now.kind != tokenEnd {
		p.unexpected()
	}
	return tree, nil
}

// catch makes an error of the panic with which a mistake ends the work on a rule.
func catch(err *error) {
	switch p := recover().(type) {
	case nil:
	case *Error:
		*err = p
	default: // our own mistake: a policy file must not bring a function down
		*err = &Error{Message: fmt.Sprintf("the rule can't be compiled: %v", p)}
	}
}

type parser struct {
	lexer lexer
	now   token
	ahead *token // read too far
	depth int    // predicates around
	nodes int
}

func (p *parser) next() {
	if p.ahead != nil {
		p.now, p.ahead = *p.ahead, nil
		return
	}
	p.now = p.lexer.token()
}

func (p *parser) fail(at token, format string, args ...any) {
	panic(&Error{At: at.at, Message: fmt.Sprintf(format, args...)})
}

func (p *parser) unexpected() { p.fail(p.now, "unexpected token %v", p.now) }

func (p *parser) operator(text string) bool { return p.now.is(tokenOperator, text) }
func (p *parser) bracket(text string) bool  { return p.now.is(tokenBracket, text) }

// take reads the token if it is that one.
func (p *parser) take(kind tokenKind, text string) bool {
	if !p.now.is(kind, text) {
		return false
	}
	p.next()
	return true
}

func (p *parser) expect(kind tokenKind, text string) {
	if !p.take(kind, text) {
		p.unexpected()
	}
}

func (p *parser) expectName() token {
	t := p.now
	if t.kind != tokenName {
		p.unexpected()
	}
	p.next()
	return t
}

func (p *parser) count() {
	if p.nodes++; p.nodes > MostNodes {
		p.fail(p.now, "compilation failed: expression exceeds maximum allowed nodes")
	}
}

func (p *parser) node(kind NodeKind, at token, text string, parts ...*Node) *Node {
	p.count()
	return &Node{Kind: kind, Text: text, Parts: parts, At: at.at}
}

// sequence is expressions with ; between them, of which the last counts.
func (p *parser) sequence() *Node {
	all := []*Node{p.expression(0)}
	for p.take(tokenOperator, ";") {
		if p.now.kind == tokenEnd {
			break
		}
		all = append(all, p.expression(0))
	}
	if len(all) == 1 {
		return all[0]
	}
	return p.node(KindSequence, token{at: all[0].At}, "", all...)
}

// binding says how tightly an operator between two operands holds them. Those of
// equal strength hold from the left, powers from the right.
func binding(operator string) (strength int, ok bool) {
	switch operator {
	case "|":
		return 0, true
	case "or", "||":
		return 10, true
	case "and", "&&":
		return 15, true
	case "==", "!=", "<", ">", ">=", "<=", "in", "matches", "contains", "startsWith", "endsWith":
		return 20, true
	case "..":
		return 25, true
	case "+", "-":
		return 30, true
	case "*", "/", "%":
		return 60, true
	case "**", "^":
		return 100, true
	case "??":
		return 500, true
	}
	return 0, false
}

func unaryBinding(operator string) (strength int, ok bool) {
	switch operator {
	case "not", "!":
		return 50, true
	case "-", "+":
		return 90, true
	}
	return 0, false
}

func compares(operator string) bool {
	return operator == "<" || operator == ">" || operator == ">=" || operator == "<="
}

func negatable(operator string) bool {
	switch operator {
	case "contains", "matches", "startsWith", "endsWith", "in":
		return true
	}
	return false
}

// expression reads operands and the operators between them that hold at least so
// tightly.
func (p *parser) expression(least int) *Node {
	if least == 0 && p.operator("let") {
		return p.let()
	}
	if least == 0 && p.operator("if") {
		return p.ifElse()
	}
	left := p.operand()
	for previous := ""; p.now.kind == tokenOperator; {
		op, not := p.now, p.now
		negated := p.operator("not")
		if negated {
			p.next()
			if p.now.kind != tokenOperator || !negatable(p.now.text) {
				p.unexpected()
			}
			op = p.now
		}
		strength, known := binding(op.text)
		if !known || strength < least {
			if negated {
				p.ahead, p.now = &op, not
			}
			break
		}
		p.next()
		switch {
		case op.text == "|":
			left = p.call(p.expectName(), left)
		case previous == "??" && op.text != "??":
			p.fail(op, "Operator (%v) and coalesce expressions (??) cannot be mixed. Wrap either by parentheses.", op.text)
		case compares(op.text):
			left = p.comparison(left, op, strength)
		default:
			right := strength + 1
			if op.text == "**" || op.text == "^" {
				right = strength
			}
			left = p.node(KindBinary, op, op.text, left, p.expression(right))
			if negated {
				left = p.node(KindUnary, op, "not", left)
			}
		}
		previous = op.text
	}
	if least == 0 {
		left = p.conditional(left)
	}
	return left
}

// comparison reads a < b < c as a < b && b < c.
func (p *parser) comparison(left *Node, op token, strength int) *Node {
	var all *Node
	for {
		right := p.expression(strength + 1)
		one := p.node(KindBinary, op, op.text, left, right)
		if all == nil {
			all = one
		} else {
			all = p.node(KindBinary, op, "&&", all, one)
		}
		left, op = right, p.now
		if op.kind != tokenOperator || !compares(op.text) {
			return all
		}
		right.Walk(func(*Node) { p.count() }) // it stands in the tree twice
		p.next()
	}
}

func (p *parser) conditional(question *Node) *Node {
	for p.take(tokenOperator, "?") {
		then := question
		if !p.take(tokenOperator, ":") {
			then = p.expression(0)
			p.expect(tokenOperator, ":")
		}
		otherwise := p.expression(0)
		question = p.node(KindConditional, p.now, "", question, then, otherwise)
	}
	return question
}

func (p *parser) let() *Node {
	p.next()
	name := p.expectName()
	p.expect(tokenOperator, "=")
	value := p.expression(0)
	p.expect(tokenOperator, ";")
	return p.node(KindLet, name, name.text, value, p.sequence())
}

func (p *parser) ifElse() *Node {
	at := p.now
	p.next()
	question := p.expression(0)
	p.expect(tokenBracket, "{")
	then := p.sequence()
	p.expect(tokenBracket, "}")
	p.expect(tokenOperator, "else")
	p.expect(tokenBracket, "{")
	otherwise := p.sequence()
	p.expect(tokenBracket, "}")
	return &Node{Kind: KindConditional, Parts: []*Node{question, then, otherwise}, At: at.at}
}
