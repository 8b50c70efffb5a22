package rule

// several compiles a list, and expressions of which only the last counts.
func (c *compiler) several(n *Node) step {
	steps := make([]step, len(n.Parts))
	for i, part := range n.Parts {
		steps[i] = c.value(part)
	}
	if n.Kind == KindSequence {
		return func(m *machine) (last Value) {
			for _, s := range steps {
				last = s(m)
			}
			return last
		}
	}
	return func(m *machine) Value {
		all := make([]Value, len(steps))
		for i, s := range steps {
			all[i] = s(m)
		}
		m.at = n.At
		return m.newList(all)
	}
}

func (c *compiler) textMap(n *Node) step {
	type pair struct{ key, value step }
	pairs := make([]pair, len(n.Parts))
	for i, p := range n.Parts {
		pairs[i] = pair{c.value(p.Parts[0]), c.value(p.Parts[1])}
	}
	return func(m *machine) Value {
		all := make(map[string]Value, len(pairs))
		for i, p := range pairs {
			key := p.key(m)
			if key.kind != kindText {
				m.fail(n.Parts[i].At, "a key of a map is a text, not %s", key.typeName())
			}
			// The first of those with the same key counts.
			if v := p.value(m); !has(all, key.text) {
				all[key.text] = v
			}
		}
		m.at = n.At
		m.grow(len(pairs))
		return Value{kind: kindMap, ref: all}
	}
}

func has(all map[string]Value, key string) bool { _, ok := all[key]; return ok }

func (c *compiler) member(n *Node) step {
	whole, which := c.value(n.Parts[0]), c.value(n.Parts[1])
	field := n.Parts[1].Kind == KindText && n.Parts[0].typed.isRecord()
	return func(m *machine) Value {
		v := whole(m)
		switch {
		case v.kind == kindAbsent:
			return v
		case n.optional && v.isNil():
			return Value{kind: kindAbsent}
		case field && v.kind == kindRecord:
			return m.source.Fact(n.place)
		}
		return m.fetch(n.At, v, which(m))
	}
}

// fetch is [].
func (m *machine) fetch(at int, whole, which Value) Value {
	switch whole.kind {
	case kindTexts, kindList, kindWholes, kindText:
		i := m.toWhole(at, which)
		v, ok := m.item(whole, i)
		if !ok {
			n, _ := whole.length()
			m.fail(at, "index out of range: %d (array length is %d)", i, n)
		}
		return v
	case kindMap, kindGroups, kindPairs:
		v, ok := m.lookup(at, whole, which)
		if !ok && whole.kind == kindGroups {
			return listValue(nil)
		}
		return v
	case kindRecord:
		if v, ok := m.lookup(at, whole, which); ok {
			return v
		}
	}
	m.at = at
	m.fail(at, "cannot fetch %s from %s", m.format(nil, which), whole.typeName())
	return Value{}
}

// lookup finds a part of a map or a record by its name.
func (m *machine) lookup(at int, whole, which Value) (Value, bool) {
	switch of := whole.ref.(type) {
	case *groups:
		return of.get(m.key(at, which))
	case *record:
		if which.kind != kindText {
			m.fail(at, "%s is no name of a field", which.typeName())
		}
		place, ok := of.field(which.text)
		if !ok {
			return Value{}, false
		}
		return m.source.Fact(place), true
	case map[string]Value:
		if which.kind != kindText && which.kind != kindUnknown {
			m.fail(at, "value of type %s is not assignable to type string", which.typeName())
		}
		v, ok := of[which.text]
		return v, ok
	}
	return Value{}, false
}

func (c *compiler) slice(n *Node) step {
	whole := c.value(n.Parts[0])
	bound := func(part *Node) step {
		if part == nil {
			return nil
		}
		return c.value(part)
	}
	from, to := bound(n.Parts[1]), bound(n.Parts[2])
	return func(m *machine) Value {
		v := whole(m)
		length, ok := v.length()
		if v.kind == kindText {
			length, ok = len(v.text), true
		}
		if !ok || v.kind == kindMap || v.kind == kindGroups || v.kind == kindPairs {
			m.fail(n.At, "cannot slice %s", v.typeName())
		}
		last, first := length, 0
		if to != nil {
			last = m.toWhole(n.At, to(m))
		}
		if from != nil {
			first = m.toWhole(n.At, from(m))
		}
		if first < 0 {
			first = max(first+length, 0)
		}
		if last < 0 {
			last = max(last+length, 0)
		}
		last = min(last, length)
		first = min(first, last)
		if v.kind == kindText {
			return TextValue(v.text[first:last])
		}
		return v.cut(first, last)
	}
}

func (c *compiler) function(n *Node) step {
	f := function(n.Text)
	given := c.each(n.Parts)
	return func(m *machine) Value {
		base := len(m.stack)
		for _, s := range given {
			v := s(m)
			m.stack = append(m.stack, v)
		}
		return m.apply(n.At, f, base)
	}
}

func (c *compiler) each(parts []*Node) []step {
	steps := make([]step, len(parts))
	for i, part := range parts {
		steps[i] = c.value(part)
	}
	return steps
}

// apply runs a function with the arguments on the stack from base on.
func (m *machine) apply(at int, f *builtin, base int) Value {
	m.at, m.name = at, f.name
	v := f.run(m, m.stack[base:])
	m.stack = m.stack[:base]
	return v
}

// call is for methods; nothing else that isn't a function of the language can be
// called.
func (c *compiler) call(n *Node) step {
	callee := n.Parts[0]
	given := c.each(n.Parts[1:])
	var whole step
	if callee.Kind == KindMember {
		whole = c.value(callee.Parts[0])
	}
	return func(m *machine) Value {
		base := len(m.stack)
		m.stack = append(m.stack, Value{})
		for _, s := range given {
			v := s(m)
			m.stack = append(m.stack, v)
		}
		if whole == nil {
			m.fail(n.At, "it can't be called")
		}
		v := whole(m)
		if v.kind == kindAbsent || callee.optional && v.isNil() {
			m.stack = m.stack[:base]
			return Value{kind: kindAbsent}
		}
		f := method(v.kind, callee.Parts[1].Text)
		if f == nil {
			m.fail(n.At, "%s has no method %s", v.typeName(), callee.Parts[1].Text)
		}
		m.stack[base] = v
		takes := f.takes[0]
		if len(takes) != len(given) {
			m.fail(n.At, "%s takes %d arguments", f.name, len(takes))
		}
		for i, k := range takes {
			if arg := m.stack[base+1+i]; arg.kind != k && !(k == kindWhole && arg.whole()) {
				m.fail(n.At, "%s is no argument of %s", arg.typeName(), f.name)
			}
		}
		return m.apply(n.At, f, base)
	}
}
