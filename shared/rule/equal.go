package rule

import "cmp"

// equal is ==: numbers by their value, lists by their parts, and whatever is not
// alike isn't equal.
func (m *machine) equal(a, b Value) bool {
	switch {
	case a.number() && b.number():
		if a.kind == kindFloat || b.kind == kindFloat {
			return a.asFloat() == b.asFloat()
		}
		return a.bits == b.bits
	case a.kind == kindText && b.kind == kindText:
		return a.text == b.text
	case a.kind == kindTime && b.kind == kindTime:
		return a.time().Equal(b.time())
	case a.isList() && b.isList() && (a.kind == b.kind || a.kind == kindList || b.kind == kindList):
		n, _ := a.length()
		if k, _ := b.length(); k != n {
			return false
		}
		m.work(n)
		for i := range n {
			if !m.equal(a.part(i), b.part(i)) {
				return false
			}
		}
		return true
	case a.isNil() && b.isNil():
		return true
	}
	return m.identical(a, b)
}

// identical is the equality of what is not compared by value: the parts of maps and
// records have to be of the same type, too.
func (m *machine) identical(a, b Value) bool {
	if a.kind != b.kind || a.isNil() != b.isNil() {
		return false
	}
	m.work(1)
	switch a.kind {
	case kindFloat:
		return a.float() == b.float()
	case kindTime:
		return a.time().Equal(b.time()) && a.time().Location().String() == b.time().Location().String()
	case kindTexts, kindList, kindWholes:
		n, _ := a.length()
		if k, _ := b.length(); k != n {
			return false
		}
		for i := range n {
			if !m.identical(a.part(i), b.part(i)) {
				return false
			}
		}
		return true
	case kindMap:
		x, y := a.ref.(map[string]Value), b.ref.(map[string]Value)
		if len(x) != len(y) {
			return false
		}
		for k, v := range x {
			if w, ok := y[k]; !ok || !m.identical(v, w) {
				return false
			}
		}
		return true
	case kindGroups, kindPairs:
		x, y := a.ref.(*groups), b.ref.(*groups)
		if len(x.keys) != len(y.keys) {
			return false
		}
		for k, i := range x.places {
			if w, ok := y.get(k); !ok || !m.identical(x.values[i], w) {
				return false
			}
		}
		return true
	case kindRecord, kindZone:
		return a.ref == b.ref
	}
	return a.bits == b.bits && a.text == b.text
}

// in reports whether a list has the part, a map the key, or a record the field.
func (m *machine) in(at int, part, whole Value) bool {
	switch whole.kind {
	case kindUnknown:
		return false
	case kindTexts, kindList, kindWholes:
		n, _ := whole.length()
		m.work(n)
		if whole.kind == kindTexts && part.kind == kindText {
			for _, each := range *whole.ref.(*[]string) {
				if each == part.text {
					return true
				}
			}
			return false
		}
		for i := range n {
			if m.equal(whole.part(i), part) {
				return true
			}
		}
		return false
	case kindMap:
		if part.kind != kindText && part.kind != kindUnknown {
			m.fail(at, "value of type %s is not assignable to type string", part.typeName())
		}
		_, ok := whole.ref.(map[string]Value)[part.text]
		return ok
	case kindGroups, kindPairs:
		_, ok := whole.ref.(*groups).get(m.key(at, part))
		return ok
	case kindRecord:
		if part.kind != kindText {
			m.fail(at, "cannot use %s as field name of %s", part.typeName(), whole.typeName())
		}
		_, ok := whole.ref.(*record).field(part.text)
		return ok
	}
	m.fail(at, `operator "in" not defined on %s`, whole.typeName())
	return false
}

func (m *machine) key(at int, v Value) groupKey {
	k, ok := v.asKey()
	if !ok {
		m.fail(at, "hash of unhashable type %s", v.typeName())
	}
	return k
}

// inOrder answers <, >, <= and >=.
func (m *machine) inOrder(at int, operator string, a, b Value) bool {
	switch {
	case a.number() && b.number():
		if a.kind == kindFloat || b.kind == kindFloat {
			return holds(operator, a.asFloat(), b.asFloat())
		}
		return holds(operator, a.bits, b.bits)
	case a.kind == kindText && b.kind == kindText:
		return holds(operator, a.text, b.text)
	case a.kind == kindDuration && b.kind == kindDuration:
		return holds(operator, a.bits, b.bits)
	case a.kind == kindTime && b.kind == kindTime:
		return holds(operator, a.time().Compare(b.time()), 0)
	}
	m.fail(at, "invalid operation: %s %s %s", a.typeName(), operator, b.typeName())
	return false
}

func holds[T cmp.Ordered](operator string, x, y T) bool {
	switch operator {
	case "<":
		return x < y
	case ">":
		return x > y
	case "<=":
		return x <= y
	}
	return x >= y
}
