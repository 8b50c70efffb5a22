package rule

func (c *checker) member(n *Node) Type {
	whole, which := c.visit(n.Parts[0]), c.visit(n.Parts[1])
	return c.memberOf(n, whole, which)
}

func (c *checker) memberOf(n *Node, whole, which Type) Type {
	if whole.unknown() {
		return unknown
	}
	name := n.Parts[1].Text
	named := n.Parts[1].Kind == KindText
	if named && whole.isNil() {
		return c.fail(n, "type nil has no field %v", name)
	}
	switch {
	case whole.isMap():
		if !which.fits(whole.key()) && !which.unknown() {
			return c.fail(n.Parts[1], "cannot use %v to get an element from %v", which, whole)
		}
		return whole.part()
	case whole.isList():
		if !which.whole() && !which.unknown() {
			return c.fail(n.Parts[1], "array elements can only be selected using an integer (got %v)", which)
		}
		return whole.part()
	case whole.isRecord() && named:
		if place, ok := whole.of.field(name); ok {
			n.place = place
			return whole.of.facts.all[place].Type
		}
	}
	switch {
	case !named:
		return c.fail(n, "type %v[%v] is undefined", whole, which)
	case n.Text == "method":
		return c.fail(n, "type %v has no method %v", whole, name)
	}
	return c.fail(n, "type %v has no field %v", whole, name)
}

func (c *checker) slice(n *Node) Type {
	whole := c.visit(n.Parts[0])
	if !whole.unknown() && !whole.isText() && !whole.isList() {
		return c.fail(n, "cannot slice %s", whole)
	}
	for _, bound := range n.Parts[1:] {
		if bound == nil {
			continue
		}
		if t := c.visit(bound); !t.whole() && !t.unknown() {
			return c.fail(bound, "non-integer slice index %v", t)
		}
	}
	if whole.unknown() {
		return unknown
	}
	return whole
}

// call is for what is no function of the language: methods of times, and mistakes.
func (c *checker) call(n *Node) Type {
	callee := n.Parts[0]
	var t Type
	if callee.Kind == KindMember {
		whole, which := c.visit(callee.Parts[0]), c.visit(callee.Parts[1])
		if f := method(whole.kind, callee.Parts[1].Text); f != nil {
			return c.arguments(n, f.name, n.Parts[1:], f.takes, Type{kind: f.gives})
		}
		t = c.memberOf(callee, whole, which)
	} else {
		t = c.visit(callee)
	}
	if !t.unknown() && !t.isNil() {
		return c.fail(n, "%s is not callable", t)
	}
	if t.isNil() {
		return c.fail(n, "%v is nil; cannot call nil as function", callee.Text)
	}
	for _, argument := range n.Parts[1:] {
		c.visit(argument)
	}
	return unknown
}

// arguments checks what a function is called with against what it takes; the first
// of several ways that fits counts.
func (c *checker) arguments(n *Node, name string, given []*Node, ways [][]kind, gives Type) Type {
	types := make([]Type, len(given))
	for i, argument := range given {
		types[i] = c.visit(argument)
	}
	var wrong *Error
	for _, takes := range ways {
		if wrong = mismatch(n, name, given, types, takes); wrong == nil {
			return gives
		}
	}
	panic(wrong)
}

func mismatch(n *Node, name string, given []*Node, types []Type, takes []kind) *Error {
	switch {
	case len(given) > len(takes):
		return &Error{n.At, "too many arguments to call " + name}
	case len(given) < len(takes):
		return &Error{n.At, "not enough arguments to call " + name}
	}
	for i, t := range types {
		in := Type{kind: takes[i]}
		switch {
		case in.whole() && t.whole(), t.unknown(), t.fits(in):
		case t.isNil() && in.kind == kindAny:
		case t.isNil():
			return &Error{given[i].At, "cannot use nil as argument (type " + in.String() + ") to call " + name}
		default:
			return &Error{given[i].At, "cannot use " + t.String() + " as argument (type " + in.String() + ") to call " + name}
		}
	}
	return nil
}

func (c *checker) builtin(n *Node) Type {
	if _, _, ok := asking(n.Text); ok {
		return c.asks(n)
	}
	if n.Text == "get" {
		return c.get(n)
	}
	f := function(n.Text)
	if f.check == nil {
		return c.arguments(n, n.Text, n.Parts, f.takes, Type{kind: f.gives})
	}
	types := make([]Type, len(n.Parts))
	for i, argument := range n.Parts {
		if types[i] = c.visit(argument); types[i].unknown() {
			types[i] = anything
		}
	}
	t, wrong := f.check(n.Text, types)
	if wrong != "" {
		return c.fail(n, "%s", wrong)
	}
	return t
}

// asks checks a function that asks something of each part of a list.
func (c *checker) asks(n *Node) Type {
	of := c.visit(n.Parts[0])
	if !of.isList() && !of.unknown() {
		return c.fail(n.Parts[0], "builtin %v takes only array (got %v)", n.Text, of)
	}
	c.most = max(c.most, len(c.lists)+1)
	var answer Type
	if len(n.Parts) > 1 {
		c.lists = append(c.lists, listScope{of: of, index: n.Text == "map" || n.Text == "reduce", acc: n.Text == "reduce"})
		answer = c.visit(n.Parts[1])
		c.lists = c.lists[:len(c.lists)-1]
	}
	if len(n.Parts) > 2 {
		c.visit(n.Parts[2])
	}
	if answer.isNil() {
		return c.fail(n.Parts[1], "predicate should has one input and one output param")
	}
	part := unknown
	if !of.unknown() {
		part = of.part()
	}
	switch n.Text {
	case "map":
		return listOf(answer)
	case "reduce":
		return answer
	case "sum":
		if len(n.Parts) == 1 {
			return part
		}
		return plain(answer)
	case "groupBy":
		return Type{kind: kindGroups}
	case "sortBy":
		return of
	}
	if len(n.Parts) > 1 && !answer.isBool() && !answer.unknown() {
		return c.fail(n.Parts[1], "predicate should return boolean (got %v)", answer)
	}
	switch n.Text {
	case "filter":
		if of.unknown() {
			return list
		}
		return listOf(part)
	case "find", "findLast":
		return part
	case "findIndex", "findLastIndex", "count":
		return Whole
	}
	return Bool
}

// plain forgets what a list is made of.
func plain(t Type) Type {
	switch t.kind {
	case kindUnknown:
		return anything
	case kindList:
		return list
	}
	return t
}

func (c *checker) get(n *Node) Type {
	if len(n.Parts) != 2 {
		return c.fail(n, "invalid number of arguments (expected 2, got %d)", len(n.Parts))
	}
	whole, which := c.visit(n.Parts[0]), c.visit(n.Parts[1])
	switch {
	case whole.unknown():
		return unknown
	case whole.isList():
		if !which.whole() && !which.unknown() {
			return c.fail(n.Parts[1], "non-integer slice index %s", which)
		}
		return whole.part()
	case whole.isMap():
		if !which.fits(whole.key()) && !which.unknown() {
			return c.fail(n.Parts[1], "cannot use %s to get an element from %s", which, whole)
		}
		return whole.part()
	}
	return c.fail(n.Parts[0], "type %v does not support indexing", whole)
}
