package rule

// Program is a rule that is ready to run. It is safe for concurrent use.
type Program struct {
	run   step
	test  test // nil if the answer may turn out to be something else
	typed Type
	vars  int
	loops int
}

// Compile checks the types of a rule, which has to ask for a yes or no, and makes
// it ready to run. The tree must not be compiled twice at a time. The error is an
// *Error.
func Compile(tree *Node, facts *Facts) (*Program, error) {
	p, err := compile(tree, facts)
	if err != nil {
		return nil, err
	}
	if !p.typed.isBool() && !p.typed.unknown() {
		return nil, &Error{Message: "expected bool, but got " + p.typed.String()}
	}
	return p, nil
}

// compile takes any expression.
func compile(tree *Node, facts *Facts) (p *Program, err error) {
	defer catch(&err)
	c := &checker{facts: facts}
	p = &Program{typed: c.visit(tree)}
	p.vars, p.loops = c.count, c.most
	k := &compiler{}
	p.run = k.value(tree)
	if sure(tree) {
		p.test = k.test(tree)
	}
	return p, nil
}

// Type of the answer.
func (p *Program) Type() Type { return p.typed }

// Holds answers the rule. The error is an *Error: the rule could not be answered
// with these facts, or would have taken too long. An answer that turns out to be
// neither yes nor no is a no.
func (p *Program) Holds(source Source) (held bool, err error) {
	m := newMachine(p, source)
	defer m.done(&err)
	if p.test != nil {
		return p.test(m), nil
	}
	held, _ = p.run(m).Bool()
	return held, nil
}
