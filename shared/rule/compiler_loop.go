package rule

import (
	"slices"
	"sort"
)

func (c *compiler) pointer(n *Node) step {
	d := c.depth - 1
	switch n.Text {
	case "index":
		return func(m *machine) Value { return WholeValue(m.loops[d].index) }
	case "acc":
		return func(m *machine) Value { return m.loops[d].acc }
	}
	return func(m *machine) Value { return m.loops[d].part() }
}

func (l *loop) part() Value {
	if l.list.kind == kindText {
		return WholeValue(int(l.list.text[l.index]))
	}
	return l.list.part(l.index)
}

// question is something that is asked of each part of a list.
type question struct {
	at    int
	list  step
	value step // what is asked, or the part itself
	test  test // the same as a yes or no
	extra step // the third argument
	depth int
	cost  int // of asking it once
}

// start makes a loop of the list, and is its length.
func (q *question) start(m *machine) (*loop, int) {
	v := q.list(m)
	n, ok := v.length()
	switch {
	case v.kind == kindText:
		n = len(v.text)
	case !ok || !v.isList() && n > 0:
		m.fail(q.at, "%s is not a list", v.typeName())
	}
	l := &m.loops[q.depth]
	*l = loop{list: v}
	return l, n
}

// turn notes that the question is asked again.
func (q *question) turn(m *machine, l *loop, i int) {
	l.index = i
	m.at = q.at
	m.work(q.cost)
}

// first is the place of the first part for which the answer is that, or -1.
func (q *question) first(m *machine, wanted bool) int {
	l, n := q.start(m)
	for i := range n {
		if q.turn(m, l, i); q.test(m) == wanted {
			return i
		}
	}
	return -1
}

func (q *question) last(m *machine) int {
	l, n := q.start(m)
	for i := n - 1; i >= 0; i-- {
		if q.turn(m, l, i); q.test(m) {
			return i
		}
	}
	return -1
}

// count of the parts for which the answer is yes; keep gets each of them.
func (q *question) count(m *machine, keep func(Value)) int {
	l, n := q.start(m)
	count := 0
	for i := range n {
		if q.turn(m, l, i); q.test(m) {
			count++
			if keep != nil {
				keep(l.part())
			}
		}
	}
	return count
}

func (c *compiler) asks(n *Node) step {
	q := &question{at: n.At, list: c.value(n.Parts[0]), depth: c.depth, cost: 1}
	if len(n.Parts) > 2 {
		q.extra = c.value(n.Parts[2])
	}
	asked := &Node{Kind: KindPointer, At: n.At}
	if len(n.Parts) > 1 {
		asked = n.Parts[1].Parts[0]
	}
	asked.Walk(func(*Node) { q.cost++ })
	c.depth++
	q.value, q.test = c.value(asked), c.test(asked)
	c.depth--
	switch n.Text {
	case "any":
		return func(m *machine) Value { return BoolValue(q.first(m, true) >= 0) }
	case "all":
		return func(m *machine) Value { return BoolValue(q.first(m, false) < 0) }
	case "none":
		return func(m *machine) Value { return BoolValue(q.first(m, true) < 0) }
	case "one":
		return func(m *machine) Value { return BoolValue(q.count(m, nil) == 1) }
	case "count":
		return func(m *machine) Value { return WholeValue(q.count(m, nil)) }
	case "find", "findIndex":
		return func(m *machine) Value { return q.found(m, q.first(m, true), n.Text == "findIndex") }
	case "findLast", "findLastIndex":
		return func(m *machine) Value { return q.found(m, q.last(m), n.Text == "findLastIndex") }
	case "filter":
		return q.filter
	case "map":
		return q.each
	case "sum":
		return q.sum
	case "groupBy":
		return q.group
	case "sortBy":
		return q.sort
	}
	return q.reduce
}

func (q *question) found(m *machine, i int, index bool) Value {
	switch {
	case i < 0:
		return Value{}
	case index:
		return WholeValue(i)
	}
	return m.loops[q.depth].part()
}

func (q *question) filter(m *machine) Value {
	all := []Value{}
	q.count(m, func(v Value) { all = append(all, v) })
	return m.newList(all)
}

func (q *question) each(m *machine) Value {
	l, n := q.start(m)
	all := make([]Value, n)
	for i := range n {
		q.turn(m, l, i)
		all[i] = q.value(m)
	}
	return m.newList(all)
}

func (q *question) sum(m *machine) Value {
	l, n := q.start(m)
	total := WholeValue(0)
	for i := range n {
		q.turn(m, l, i)
		total = m.calculate(q.at, "+", q.value(m), total)
	}
	return total
}

func (q *question) group(m *machine) Value {
	l, n := q.start(m)
	all := &groups{}
	for i := range n {
		q.turn(m, l, i)
		by := q.value(m)
		k := m.key(q.at, by)
		members, ok := all.get(k)
		if !ok {
			members = listValue(nil)
		}
		of := members.ref.(*[]Value)
		*of = append(*of, l.part())
		all.set(k, by, members)
	}
	m.grow(n)
	return Value{kind: kindGroups, ref: all}
}

func (q *question) sort(m *machine) Value {
	desc := false
	if q.extra != nil {
		desc = m.descending(q.at, q.extra(m))
	}
	l, n := q.start(m)
	s := &sorting{m: m, at: q.at, desc: desc, values: make([]Value, n), parts: make([]Value, n)}
	for i := range n {
		q.turn(m, l, i)
		s.values[i], s.parts[i] = q.value(m), l.part()
	}
	sort.Sort(s)
	return m.newList(slices.Clip(s.parts))
}

func (q *question) reduce(m *machine) Value {
	var acc Value
	if q.extra != nil {
		acc = q.extra(m)
	}
	l, n := q.start(m)
	first := 0
	if q.extra == nil {
		if n == 0 {
			m.fail(q.at, "there is nothing to reduce")
		}
		acc, first = l.part(), 1
	}
	for i := first; i < n; i++ {
		q.turn(m, l, i)
		l.acc = acc
		acc = q.value(m)
	}
	return acc
}
