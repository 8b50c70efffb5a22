package rule

// Type is what the checker knows of a value before a rule runs. The zero Type is
// not known: whatever it is shows when the rule runs.
type Type struct {
	kind kind
	elem *Type   // of a list whose parts are alike, else nil
	of   *record // of a record
}

type kind uint8

const (
	kindUnknown kind = iota
	kindAny          // declared as anything, where kindUnknown is not declared
	kindNil
	kindBool
	kindWhole
	kindLong // a whole number that is declared with 64 bits
	kindFloat
	kindText
	kindTexts  // a list of texts
	kindWholes // a range
	kindFloats // named by signatures only
	kindList
	kindMap    // keys are texts
	kindGroups // what groupBy makes
	kindPairs  // what fromPairs makes: keys of any kind
	kindRecord
	kindTime
	kindDuration
	kindMonth
	kindWeekday
	kindZone
	kindAbsent // of a value only: a chain (?.) ended at nil
)

// The types that facts can have.
var (
	Bool   = Type{kind: kindBool}
	Whole  = Type{kind: kindWhole}
	Long   = Type{kind: kindLong} // a whole number of 64 bits, whatever the machine
	Number = Type{kind: kindFloat}
	Text   = Type{kind: kindText}
	Texts  = Type{kind: kindTexts}
)

var (
	unknown  = Type{}
	anything = Type{kind: kindAny}
	nothing  = Type{kind: kindNil}
	list     = Type{kind: kindList}
	textMap  = Type{kind: kindMap}
	moment   = Type{kind: kindTime}
	duration = Type{kind: kindDuration}
)

func listOf(t Type) Type { return Type{kind: kindList, elem: &t} }

var kindNames = [...]string{
	kindUnknown: "unknown", kindAny: "interface {}", kindNil: "unknown", kindBool: "bool", kindWhole: "int", kindLong: "int64",
	kindFloat: "float64", kindText: "string", kindTexts: "[]string", kindWholes: "[]int", kindFloats: "[]float64",
	kindList: "[]interface {}", kindMap: "map[string]interface {}", kindGroups: "map[interface {}][]interface {}",
	kindPairs: "map[interface {}]interface {}", kindRecord: "record", kindTime: "time.Time", kindDuration: "time.Duration",
	kindMonth: "time.Month", kindWeekday: "time.Weekday", kindZone: "*time.Location", kindAbsent: "nil",
}

// String names the type as the language's own messages do.
func (t Type) String() string {
	if t.kind == kindRecord {
		return t.of.name
	}
	return kindNames[t.kind]
}

func (t Type) unknown() bool  { return t.kind == kindUnknown || t.kind == kindAny }
func (t Type) isNil() bool    { return t.kind == kindNil }
func (t Type) isBool() bool   { return t.kind == kindBool }
func (t Type) isText() bool   { return t.kind == kindText }
func (t Type) whole() bool    { return t.kind == kindWhole || t.kind == kindLong }
func (t Type) number() bool   { return t.whole() || t.kind == kindFloat }
func (t Type) isTime() bool   { return t.kind == kindTime }
func (t Type) isSpan() bool   { return t.kind == kindDuration }
func (t Type) isRecord() bool { return t.kind == kindRecord }

func (t Type) isList() bool {
	return t.kind == kindTexts || t.kind == kindList || t.kind == kindWholes || t.kind == kindFloats
}

func (t Type) isMap() bool {
	return t.kind == kindMap || t.kind == kindGroups || t.kind == kindPairs
}

// countable: its values are kept as whole numbers, spans of time among them.
func (t Type) countable() bool {
	return t.number() || t.kind == kindDuration || t.kind == kindMonth || t.kind == kindWeekday
}

// same reports whether both are lists, both records and so on: what is alike in the
// parts of a list for the parts to be known.
func (t Type) same(u Type) bool {
	return t.family() == u.family()
}

func (t Type) family() kind {
	switch t.kind {
	case kindNil:
		return kindUnknown
	case kindTexts, kindWholes, kindFloats:
		return kindList
	case kindGroups, kindPairs:
		return kindMap
	case kindTime:
		return kindRecord
	case kindDuration:
		return kindLong
	case kindMonth, kindWeekday:
		return kindWhole
	}
	return t.kind
}

// fits reports whether a value of type t may stand where one of type u is declared.
func (t Type) fits(u Type) bool {
	switch {
	case u.kind == kindAny:
		return t.kind != kindUnknown
	case t.kind == kindUnknown || t.kind == kindNil || u.kind == kindUnknown || u.kind == kindNil:
		return false
	}
	return t.kind == u.kind && t.of == u.of
}

// comparable reports whether == between the two can ever be meant.
func comparable(l, r Type) bool {
	switch {
	case l.unknown() || r.unknown() || l.isNil() || r.isNil():
		return true
	case l.number() && r.number(), l.isList() && r.isList():
		return true
	}
	return l.fits(r)
}

// part is the type of a list's parts or a map's values.
func (t Type) part() Type {
	switch t.kind {
	case kindTexts:
		return Text
	case kindWholes:
		return Whole
	case kindFloats:
		return Number
	case kindList:
		if t.elem != nil {
			return *t.elem
		}
		return anything
	case kindMap, kindPairs:
		return anything
	case kindGroups:
		return list
	}
	return unknown
}

// key is the type of a map's keys.
func (t Type) key() Type {
	if t.kind == kindMap {
		return Text
	}
	return anything
}
