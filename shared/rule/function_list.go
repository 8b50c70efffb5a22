package rule

import (
	"maps"
	"slices"
	"sort"
)

// list is an argument that has to be one.
func (m *machine) list(v Value) (n int) {
	if !v.isList() {
		m.unfit(v)
	}
	n, _ = v.length()
	m.work(n)
	return n
}

// newList is a list of which a rule may not make more than it can hold.
func (m *machine) newList(all []Value) Value {
	m.grow(len(all))
	return listValue(all)
}

func runFirst(m *machine, given []Value) Value { return m.end(given[0], 0) }
func runLast(m *machine, given []Value) Value  { return m.end(given[0], -1) }

// end is nil where there is none.
func (m *machine) end(v Value, i int) Value {
	if !v.isList() && v.kind != kindText {
		return Value{}
	}
	found, _ := m.item(v, i)
	return found
}

// item of a list, or byte of a text; places below zero count from the end.
func (m *machine) item(v Value, i int) (found Value, ok bool) {
	n, _ := v.length()
	if v.kind == kindText {
		n = len(v.text)
	}
	if i < 0 {
		i += n
	}
	switch {
	case i < 0 || i >= n:
		return Value{}, false
	case v.kind == kindText:
		return WholeValue(int(v.text[i])), true
	}
	return v.part(i), true
}

// runGet is [] that gives nil where there is nothing.
func runGet(m *machine, given []Value) Value {
	whole, which := given[0], given[1]
	switch whole.kind {
	case kindTexts, kindList, kindWholes, kindText:
		v, _ := m.item(whole, m.toWhole(m.at, which))
		return v
	case kindMap, kindGroups, kindPairs, kindRecord:
		v, _ := m.lookup(m.at, whole, which)
		return v
	case kindTime:
		m.text(which) // it has no fields that are seen here
	}
	return Value{}
}

func runTake(m *machine, given []Value) Value {
	n := m.list(given[0])
	if !given[1].whole() {
		m.unfit(given[1])
	}
	take := int(given[1].bits)
	if take < 0 {
		m.fail(m.at, "cannot take %d elements", take)
	}
	return given[0].cut(0, min(take, n))
}

func runReverse(m *machine, given []Value) Value {
	n := m.list(given[0])
	all := make([]Value, n)
	for i := range n {
		all[n-1-i] = given[0].part(i)
	}
	return m.newList(all)
}

func runUniq(m *machine, given []Value) Value {
	n := m.list(given[0])
	all := []Value{}
	for i := range n {
		part := given[0].part(i)
		m.work(len(all))
		if !slices.ContainsFunc(all, func(v Value) bool { return m.equal(part, v) }) {
			all = append(all, part)
		}
	}
	return m.newList(all)
}

func runConcat(m *machine, given []Value) Value {
	var all []Value
	for _, v := range given {
		for i := range m.list(v) {
			all = append(all, v.part(i))
		}
	}
	return m.newList(all)
}

func runFlatten(m *machine, given []Value) Value {
	all := m.flat(given[0], []Value{})
	return m.newList(all)
}

func (m *machine) flat(v Value, all []Value) []Value {
	for i := range m.list(v) {
		if part := v.part(i); part.isList() {
			all = m.flat(part, all)
		} else {
			all = append(all, part)
		}
	}
	return all
}

// descending reads an order.
func (m *machine) descending(at int, order Value) bool {
	if order.kind != kindText || order.text != "asc" && order.text != "desc" {
		m.fail(at, "unknown order, use asc or desc")
	}
	return order.text == "desc"
}

func runSort(m *machine, given []Value) Value {
	s := &sorting{m: m, at: m.at}
	if len(given) == 2 {
		s.desc = m.descending(m.at, given[1])
	}
	if !given[0].isList() {
		return listValue(nil)
	}
	n := m.list(given[0])
	s.values = make([]Value, n)
	for i := range n {
		s.values[i] = given[0].part(i)
	}
	sort.Sort(s)
	return m.newList(s.values)
}

// sorting is a list by its values, or by what a rule asks of each.
type sorting struct {
	m      *machine
	at     int
	desc   bool
	values []Value
	parts  []Value // nil where these are the values
}

// Len implements sort.Interface.
func (s *sorting) Len() int { return len(s.values) }

// Swap implements sort.Interface.
func (s *sorting) Swap(i, j int) {
	s.values[i], s.values[j] = s.values[j], s.values[i]
	if s.parts != nil {
		s.parts[i], s.parts[j] = s.parts[j], s.parts[i]
	}
}

// Less implements sort.Interface.
func (s *sorting) Less(i, j int) bool {
	s.m.work(1)
	if s.desc {
		i, j = j, i
	}
	return s.m.inOrder(s.at, "<", s.values[i], s.values[j])
}

// entries are a map's keys and values, in the order of the keys where these are
// texts and in that in which they came elsewhere: always the same.
func (m *machine) entries(v Value) (keys, values []Value) {
	switch of := v.ref.(type) {
	case map[string]Value:
		for _, k := range slices.Sorted(maps.Keys(of)) {
			keys, values = append(keys, TextValue(k)), append(values, of[k])
		}
	case *groups:
		if v.kind == kindGroups || v.kind == kindPairs {
			keys, values = slices.Clone(of.keys), slices.Clone(of.values)
		}
	default:
		m.unfit(v)
	}
	m.work(len(keys))
	return slices.Grow(keys, 1), slices.Grow(values, 1)
}

func runKeys(m *machine, given []Value) Value {
	keys, _ := m.entries(given[0])
	return m.newList(keys)
}

func runValues(m *machine, given []Value) Value {
	_, values := m.entries(given[0])
	return m.newList(values)
}

func runToPairs(m *machine, given []Value) Value {
	keys, values := m.entries(given[0])
	for i, k := range keys {
		keys[i] = listValue([]Value{k, values[i]})
	}
	return m.newList(keys)
}

func runFromPairs(m *machine, given []Value) Value {
	all := &groups{}
	for i := range m.list(given[0]) {
		pair := given[0].part(i)
		if n, _ := pair.length(); !pair.isList() || n != 2 {
			m.fail(m.at, "invalid pair")
		}
		all.set(m.key(m.at, pair.part(0)), pair.part(0), pair.part(1))
	}
	return Value{kind: kindPairs, ref: all}
}
