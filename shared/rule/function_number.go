package rule

import (
	"math"
	"sort"
	"strconv"
)

func runAbs(m *machine, given []Value) Value {
	v := given[0]
	if !v.number() {
		m.unfit(v)
	}
	if v.kind != kindFloat && v.bits < 0 || v.kind == kindFloat && v.float() < 0 {
		return m.negate(m.at, v)
	}
	return v
}

func (m *machine) rounded(v Value, by func(float64) float64) Value {
	if !v.number() {
		m.unfit(v)
	}
	return NumberValue(by(v.asFloat()))
}

// unfit ends the run: a function can't be asked of that value.
func (m *machine) unfit(v Value) {
	m.fail(m.at, "invalid argument for %s (type %s)", m.name, v.typeName())
}

func runCeil(m *machine, given []Value) Value  { return m.rounded(given[0], math.Ceil) }
func runFloor(m *machine, given []Value) Value { return m.rounded(given[0], math.Floor) }
func runRound(m *machine, given []Value) Value { return m.rounded(given[0], math.Round) }

func runInt(m *machine, given []Value) Value {
	switch v := given[0]; v.kind {
	case kindWhole, kindLong, kindDuration, kindMonth, kindWeekday:
		return WholeValue(int(v.bits))
	case kindFloat:
		return WholeValue(int(v.float()))
	case kindText:
		n, err := strconv.Atoi(v.text)
		if err != nil {
			m.fail(m.at, "invalid operation: int(%s)", v.text)
		}
		return WholeValue(n)
	default:
		m.fail(m.at, "invalid operation: int(%s)", v.typeName())
		return Value{}
	}
}

func runFloat(m *machine, given []Value) Value {
	v := given[0]
	switch {
	case v.number():
		return NumberValue(v.asFloat())
	case v.kind == kindText:
		f, err := strconv.ParseFloat(v.text, 64)
		if err != nil {
			m.fail(m.at, "invalid operation: float(%s)", v.text)
		}
		return NumberValue(f)
	}
	m.fail(m.at, "invalid operation: float(%s)", v.typeName())
	return Value{}
}

func runMax(m *machine, given []Value) Value { return m.extreme("<", given) }
func runMin(m *machine, given []Value) Value { return m.extreme(">", given) }

// extreme looks into lists, too. It is nil if there is no number anywhere.
func (m *machine) extreme(operator string, given []Value) Value {
	var best Value
	better := func(v Value) {
		if best.kind == kindUnknown || m.inOrder(m.at, operator, best, v) {
			best = v
		}
	}
	for _, v := range given {
		switch n, _ := v.length(); {
		case v.isList():
			m.work(n)
			for i := range n {
				part := m.extreme(operator, []Value{v.part(i)})
				if !part.number() {
					m.unfit(part)
				}
				better(part)
			}
		case (Type{kind: v.kind}).countable():
			better(v)
		case len(given) == 1:
			return v
		default:
			m.unfit(v)
		}
	}
	return best
}

// numbers are all those that are given, in lists or not.
func (m *machine) numbers(given []Value, all []float64) []float64 {
	for _, v := range given {
		switch n, _ := v.length(); {
		case v.isList():
			m.work(n)
			for i := range n {
				all = m.numbers([]Value{v.part(i)}, all)
			}
		case (Type{kind: v.kind}).countable():
			all = append(all, v.asFloat())
		default:
			m.unfit(v)
		}
	}
	return all
}

func runMean(m *machine, given []Value) Value {
	all := m.numbers(given, nil)
	if len(all) == 0 {
		return NumberValue(0)
	}
	return NumberValue(total(m, given) / float64(len(all)))
}

// total adds list by list, which is not the same as one after the other where
// floats are rounded.
func total(m *machine, given []Value) float64 {
	sum := 0.0
	for _, v := range given {
		if n, _ := v.length(); v.isList() {
			part := 0.0
			for i := range n {
				part += total(m, []Value{v.part(i)})
			}
			sum += part
			continue
		}
		sum += v.asFloat()
	}
	return sum
}

func runMedian(m *machine, given []Value) Value {
	all := m.numbers(given, nil)
	sort.Sort(sort.Float64Slice(all)) // slices would be compiled anew for these
	switch n := len(all); {
	case n == 0:
		return NumberValue(0)
	case n%2 == 1:
		return NumberValue(all[n/2])
	default:
		return NumberValue((all[n/2-1] + all[n/2]) / 2)
	}
}

func (m *machine) bits(v Value) int {
	if !v.whole() {
		m.fail(m.at, "cannot use %s as argument (type int) to call %s", v.typeName(), m.name)
	}
	return int(v.bits)
}

// runBits is the functions of bits that take two numbers.
func runBits(m *machine, given []Value) Value {
	x, y := m.bits(given[0]), m.bits(given[1])
	switch m.name {
	case "bitand":
		return WholeValue(x & y)
	case "bitor":
		return WholeValue(x | y)
	case "bitxor":
		return WholeValue(x ^ y)
	case "bitnand":
		return WholeValue(x &^ y)
	}
	if y < 0 {
		m.fail(m.at, "invalid operation: negative shift count %d (type int)", y)
	}
	switch m.name {
	case "bitshl":
		return WholeValue(x << y)
	case "bitshr":
		return WholeValue(x >> y)
	}
	return WholeValue(int(uint(x) >> y))
}

func runBitNot(m *machine, given []Value) Value { return WholeValue(^m.bits(given[0])) }
