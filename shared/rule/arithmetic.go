package rule

import (
	"math"
	"time"
)

// calculate answers + - * / % and powers. Whole numbers stay whole except where
// they are divided or raised.
func (m *machine) calculate(at int, operator string, a, b Value) Value {
	numbers := a.number() && b.number()
	floats := numbers && (a.kind == kindFloat || b.kind == kindFloat)
	switch operator {
	case "/":
		if numbers {
			return NumberValue(a.asFloat() / b.asFloat())
		}
	case "**", "^":
		if numbers {
			return NumberValue(math.Pow(a.asFloat(), b.asFloat()))
		}
	case "%":
		if a.whole() && b.whole() {
			if b.bits == 0 {
				m.fail(at, "integer divide by zero")
			}
			return WholeValue(int(a.bits % b.bits))
		}
	default:
		switch {
		case floats:
			return NumberValue(reckon(operator, a.asFloat(), b.asFloat()))
		case numbers:
			return WholeValue(int(reckon(operator, a.bits, b.bits)))
		}
		if v, ok := m.combine(operator, a, b); ok {
			return v
		}
	}
	m.fail(at, "invalid operation: %s %s %s", a.typeName(), operator, b.typeName())
	return Value{}
}

func reckon[T int64 | float64](operator string, x, y T) T {
	switch operator {
	case "+":
		return x + y
	case "-":
		return x - y
	}
	return x * y
}

// combine is for texts, times and spans of time.
func (m *machine) combine(operator string, a, b Value) (Value, bool) {
	spans := a.kind == kindDuration && b.kind == kindDuration
	switch operator {
	case "+":
		switch {
		case a.kind == kindText && b.kind == kindText:
			m.write(len(a.text) + len(b.text))
			return TextValue(a.text + b.text), true
		case a.kind == kindTime && b.kind == kindDuration:
			return timeValue(a.time().Add(time.Duration(b.bits))), true
		case a.kind == kindDuration && b.kind == kindTime:
			return timeValue(b.time().Add(time.Duration(a.bits))), true
		case spans:
			return Value{kind: kindDuration, bits: a.bits + b.bits}, true
		}
	case "-":
		switch {
		case a.kind == kindTime && b.kind == kindTime:
			return spanValue(a.time().Sub(b.time())), true
		case a.kind == kindTime && b.kind == kindDuration:
			return timeValue(a.time().Add(-time.Duration(b.bits))), true
		case spans:
			return Value{kind: kindDuration, bits: a.bits - b.bits}, true
		}
	case "*":
		switch {
		case spans, a.kind == kindDuration && b.whole(), a.whole() && b.kind == kindDuration:
			return Value{kind: kindDuration, bits: a.bits * b.bits}, true
		case a.kind == kindDuration && b.kind == kindFloat:
			return NumberValue(float64(a.bits) * b.float()), true
		case a.kind == kindFloat && b.kind == kindDuration:
			return NumberValue(a.float() * float64(b.bits)), true
		}
	}
	return Value{}, false
}

func (m *machine) negate(at int, v Value) Value {
	switch {
	case v.whole():
		return Value{kind: v.kind, bits: -v.bits}
	case v.kind == kindFloat:
		return NumberValue(-v.float())
	}
	m.fail(at, "invalid operation: - %s", v.typeName())
	return Value{}
}

// toWhole is a number as an index or a count.
func (m *machine) toWhole(at int, v Value) int {
	switch {
	case v.whole():
		return int(v.bits)
	case v.kind == kindFloat:
		return int(v.float())
	}
	m.fail(at, "invalid operation: int(%s)", v.typeName())
	return 0
}
