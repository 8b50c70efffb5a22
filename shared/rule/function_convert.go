package rule

import (
	"encoding/json"
	"strconv"
	"time"
)

func runType(_ *machine, given []Value) Value { return TextValue(given[0].kindOf()) }

func (v Value) kindOf() string {
	switch v.kind {
	case kindUnknown:
		return "nil"
	case kindBool:
		return "bool"
	case kindWhole, kindLong:
		return "int"
	case kindFloat:
		return "float"
	case kindText:
		return "string"
	case kindTexts, kindWholes, kindList:
		return "array"
	case kindMap, kindGroups, kindPairs:
		return "map"
	case kindRecord:
		return "struct"
	case kindZone:
		return "unknown"
	}
	return kindNames[v.kind]
}

func runString(m *machine, given []Value) Value {
	if given[0].kind == kindText {
		return given[0]
	}
	return m.newText(string(m.format(nil, given[0])))
}

// format writes a value as fmt would.
func (m *machine) format(b []byte, v Value) []byte {
	m.work(1)
	switch v.kind {
	case kindUnknown:
		return append(b, "<nil>"...)
	case kindBool:
		return strconv.AppendBool(b, v.bits != 0)
	case kindWhole, kindLong:
		return strconv.AppendInt(b, v.bits, 10)
	case kindFloat:
		return appendFloat(b, v.float())
	case kindText:
		return append(b, v.text...)
	case kindDuration:
		return append(b, time.Duration(v.bits).String()...)
	case kindMonth:
		return append(b, time.Month(v.bits).String()...)
	case kindWeekday:
		return append(b, time.Weekday(v.bits).String()...)
	case kindTime:
		return append(b, v.time().String()...)
	case kindZone:
		return append(b, v.ref.(*time.Location).String()...)
	case kindRecord:
		b = append(b, '{')
		for i, place := range v.ref.(*record).fields {
			b = m.format(spaced(b, i), m.source.Fact(place))
		}
		return append(b, '}')
	case kindMap, kindGroups, kindPairs:
		b = append(b, "map["...)
		keys, values := m.entries(v)
		for i, k := range keys {
			b = m.format(append(m.format(spaced(b, i), k), ':'), values[i])
		}
		return append(b, ']')
	}
	b = append(b, '[')
	n, _ := v.length()
	for i := range n {
		b = m.format(spaced(b, i), v.part(i))
	}
	return append(b, ']')
}

func spaced(b []byte, i int) []byte {
	if i > 0 {
		return append(b, ' ')
	}
	return b
}

func appendFloat(b []byte, f float64) []byte { return strconv.AppendFloat(b, f, 'g', -1, 64) }

func runToJSON(m *machine, given []Value) Value {
	b, err := json.MarshalIndent(m.plain(given[0]), "", "  ")
	if err != nil {
		m.fail(m.at, "%v", err)
	}
	return m.newText(string(b))
}

// plain is a value as encoding/json takes it.
func (m *machine) plain(v Value) any {
	m.work(1)
	switch v.kind {
	case kindUnknown:
		return nil
	case kindBool:
		return v.bits != 0
	case kindWhole, kindLong, kindDuration, kindMonth, kindWeekday:
		return v.bits
	case kindFloat:
		return v.float()
	case kindText:
		return v.text
	case kindTime:
		return v.time()
	case kindZone:
		return struct{}{}
	case kindRecord:
		fields := map[string]any{}
		r := v.ref.(*record)
		for _, place := range r.fields {
			fields[r.label(place)] = m.plain(m.source.Fact(place))
		}
		return fields
	case kindMap:
		all := map[string]any{}
		for k, each := range v.ref.(map[string]Value) {
			all[k] = m.plain(each)
		}
		return all
	case kindGroups, kindPairs:
		m.fail(m.at, "json: unsupported type: %s", v.typeName())
	}
	if v.isNil() {
		return nil
	}
	n, _ := v.length()
	all := make([]any, n)
	for i := range n {
		all[i] = m.plain(v.part(i))
	}
	return all
}

func runFromJSON(m *machine, given []Value) Value {
	text := m.text(given[0])
	m.write(len(text))
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		m.fail(m.at, "%v", err)
	}
	return m.read(v)
}

// read is what encoding/json has read.
func (m *machine) read(v any) Value {
	m.grow(1)
	switch v := v.(type) {
	case bool:
		return BoolValue(v)
	case float64:
		return NumberValue(v)
	case string:
		return TextValue(v)
	case []any:
		all := make([]Value, len(v))
		for i, each := range v {
			all[i] = m.read(each)
		}
		return listValue(all)
	case map[string]any:
		all := make(map[string]Value, len(v))
		for k, each := range v {
			all[k] = m.read(each)
		}
		return Value{kind: kindMap, ref: all}
	}
	return Value{}
}
