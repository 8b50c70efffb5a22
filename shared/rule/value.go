package rule

import (
	"math"
	"time"
)

// Value is what a rule works with while it runs. The zero Value is nil.
type Value struct {
	kind kind   // kindUnknown is nil
	bits int64  // a bool, a whole number, a span of time, the bits of a float
	text string // of a text
	// ref is a *[]string, *[]int or *[]Value of the lists, a map[string]Value, a
	// *groups of the other maps, a *time.Time, a *time.Location or a *record.
	ref any
}

// BoolValue is a yes or no.
func BoolValue(b bool) Value {
	if b {
		return Value{kind: kindBool, bits: 1}
	}
	return Value{kind: kindBool}
}

// WholeValue is the value of a fact of type Whole.
func WholeValue(n int) Value { return Value{kind: kindWhole, bits: int64(n)} }

// LongValue is the value of a fact of type Long.
func LongValue(n int64) Value { return Value{kind: kindLong, bits: n} }

// NumberValue is the value of a fact of type Number.
func NumberValue(f float64) Value { return Value{kind: kindFloat, bits: int64(math.Float64bits(f))} }

// TextValue is the value of a fact of type Text.
func TextValue(s string) Value { return Value{kind: kindText, text: s} }

// TextsValue is the value of a fact of type Texts. The list is not copied; a nil
// list is nil in rules, too.
func TextsValue(all *[]string) Value { return Value{kind: kindTexts, ref: all} }

func listValue(all []Value) Value     { return Value{kind: kindList, ref: &all} }
func spanValue(d time.Duration) Value { return Value{kind: kindDuration, bits: int64(d)} }
func timeValue(t time.Time) Value     { return Value{kind: kindTime, ref: &t} }

// Bool is the value of a yes or no; ok is false if it is none.
func (v Value) Bool() (b, ok bool) { return v.kind == kindBool && v.bits != 0, v.kind == kindBool }

func (v Value) whole() bool    { return v.kind == kindWhole || v.kind == kindLong }
func (v Value) number() bool   { return v.whole() || v.kind == kindFloat }
func (v Value) float() float64 { return math.Float64frombits(uint64(v.bits)) }

// asFloat is any number as a float.
func (v Value) asFloat() float64 {
	if v.kind == kindFloat {
		return v.float()
	}
	return float64(v.bits)
}

func (v Value) time() time.Time { return *v.ref.(*time.Time) }

// isNil holds for lists that were never made, too.
func (v Value) isNil() bool {
	switch v.kind {
	case kindUnknown:
		return true
	case kindTexts:
		return *v.ref.(*[]string) == nil
	case kindList:
		return *v.ref.(*[]Value) == nil
	case kindWholes:
		return *v.ref.(*[]int) == nil
	}
	return false
}

func (v Value) isList() bool {
	return v.kind == kindList || v.kind == kindTexts || v.kind == kindWholes
}

// length of a list or a map.
func (v Value) length() (n int, ok bool) {
	switch v.kind {
	case kindTexts:
		return len(*v.ref.(*[]string)), true
	case kindList:
		return len(*v.ref.(*[]Value)), true
	case kindWholes:
		return len(*v.ref.(*[]int)), true
	case kindMap:
		return len(v.ref.(map[string]Value)), true
	case kindGroups, kindPairs:
		return len(v.ref.(*groups).keys), true
	}
	return 0, false
}

// part of a list.
func (v Value) part(i int) Value {
	switch v.kind {
	case kindTexts:
		return TextValue((*v.ref.(*[]string))[i])
	case kindWholes:
		return WholeValue((*v.ref.(*[]int))[i])
	}
	return (*v.ref.(*[]Value))[i]
}

// cut is the list between two places.
func (v Value) cut(from, to int) Value {
	switch v.kind {
	case kindTexts:
		part := (*v.ref.(*[]string))[from:to]
		return Value{kind: kindTexts, ref: &part}
	case kindWholes:
		part := (*v.ref.(*[]int))[from:to]
		return Value{kind: kindWholes, ref: &part}
	}
	return listValue((*v.ref.(*[]Value))[from:to])
}

// groups are a map with keys of any kind, in the order in which they came.
type groups struct {
	keys   []Value
	values []Value
	places map[groupKey]int
}

type groupKey struct {
	kind kind
	bits int64
	text string
}

// asKey is what a value is told from others by; lists and maps can't be keys.
func (v Value) asKey() (groupKey, bool) {
	k := groupKey{v.kind, v.bits, v.text}
	switch v.kind {
	case kindFloat:
		if v.float() == 0 {
			k.bits = 0 // there are two zeros
		}
	case kindTime:
		k.bits, k.text = v.time().UnixNano(), v.time().Location().String()
	case kindTexts, kindList, kindWholes, kindMap, kindGroups, kindPairs, kindRecord:
		return k, false
	}
	return k, true
}

func (g *groups) get(k groupKey) (Value, bool) {
	i, ok := g.places[k]
	if !ok {
		return Value{}, false
	}
	return g.values[i], true
}

func (g *groups) set(k groupKey, key, v Value) {
	if i, ok := g.places[k]; ok {
		g.values[i] = v
		return
	}
	if g.places == nil {
		g.places = map[groupKey]int{}
	}
	g.places[k] = len(g.keys)
	g.keys, g.values = append(g.keys, key), append(g.values, v)
}

// typeName is what errors call the kind of a value.
func (v Value) typeName() string {
	switch v.kind {
	case kindUnknown:
		return "<nil>"
	case kindRecord:
		return v.ref.(*record).name
	}
	return kindNames[v.kind]
}
