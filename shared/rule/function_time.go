package rule

import "time"

// layouts in which a date may be written where none is given.
var layouts = [...]string{"2006-01-02", "15:04:05", "2006-01-02 15:04:05", time.RFC3339, time.RFC822, time.RFC850, time.RFC1123}

// runDate reads a date in UTC, or in the zone that is given before or behind it.
func runDate(m *machine, given []Value) Value {
	zone := time.UTC
	if len(given) == 0 {
		m.fail(m.at, "date takes a text")
	}
	text := m.text(given[0])
	if len(given) == 3 {
		zone = m.zone(m.text(given[2]))
	}
	if len(given) > 1 {
		t, err := time.ParseInLocation(m.text(given[1]), text, zone)
		if err != nil {
			m.fail(m.at, "%v", err)
		}
		return timeValue(t)
	}
	for _, layout := range layouts {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return timeValue(t)
		}
	}
	m.fail(m.at, "invalid date %s", text)
	return Value{}
}

func (m *machine) zone(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		m.fail(m.at, "%v", err)
	}
	return zone
}

func runTimezone(m *machine, given []Value) Value {
	return Value{kind: kindZone, ref: m.zone(m.text(given[0]))}
}

func runDuration(m *machine, given []Value) Value {
	d, err := time.ParseDuration(m.text(given[0]))
	if err != nil {
		m.fail(m.at, "%v", err)
	}
	return spanValue(d)
}

var (
	none    = [][]kind{{}}
	aTime   = [][]kind{{kindTime}}
	aSpan   = [][]kind{{kindDuration}}
	threeOf = [][]kind{{kindWhole, kindWhole, kindWhole}}
)

// methods of times; given[0] is the time itself.
var methods = []builtin{
	{name: "Year", takes: none, gives: kindWhole, run: func(_ *machine, g []Value) Value { return WholeValue(g[0].time().Year()) }},
	{name: "Month", takes: none, gives: kindMonth, run: func(_ *machine, g []Value) Value {
		return Value{kind: kindMonth, bits: int64(g[0].time().Month())}
	}},
	{name: "Day", takes: none, gives: kindWhole, run: func(_ *machine, g []Value) Value { return WholeValue(g[0].time().Day()) }},
	{name: "YearDay", takes: none, gives: kindWhole, run: func(_ *machine, g []Value) Value { return WholeValue(g[0].time().YearDay()) }},
	{name: "Weekday", takes: none, gives: kindWeekday, run: func(_ *machine, g []Value) Value {
		return Value{kind: kindWeekday, bits: int64(g[0].time().Weekday())}
	}},
	{name: "Hour", takes: none, gives: kindWhole, run: func(_ *machine, g []Value) Value { return WholeValue(g[0].time().Hour()) }},
	{name: "Minute", takes: none, gives: kindWhole, run: func(_ *machine, g []Value) Value { return WholeValue(g[0].time().Minute()) }},
	{name: "Second", takes: none, gives: kindWhole, run: func(_ *machine, g []Value) Value { return WholeValue(g[0].time().Second()) }},
	{name: "Unix", takes: none, gives: kindLong, run: func(_ *machine, g []Value) Value { return LongValue(g[0].time().Unix()) }},
	{name: "IsZero", takes: none, gives: kindBool, run: func(_ *machine, g []Value) Value { return BoolValue(g[0].time().IsZero()) }},
	{name: "UTC", takes: none, gives: kindTime, run: func(_ *machine, g []Value) Value { return timeValue(g[0].time().UTC()) }},
	{name: "String", takes: none, gives: kindText, run: func(_ *machine, g []Value) Value { return TextValue(g[0].time().String()) }},
	{name: "Format", takes: oneText, gives: kindText, run: func(m *machine, g []Value) Value {
		return m.newText(g[0].time().Format(m.text(g[1])))
	}},
	{name: "Before", takes: aTime, gives: kindBool, run: func(m *machine, g []Value) Value { return BoolValue(m.inOrder(m.at, "<", g[0], g[1])) }},
	{name: "After", takes: aTime, gives: kindBool, run: func(m *machine, g []Value) Value { return BoolValue(m.inOrder(m.at, ">", g[0], g[1])) }},
	{name: "Equal", takes: aTime, gives: kindBool, run: func(m *machine, g []Value) Value { return BoolValue(m.equal(g[0], g[1])) }},
	{name: "Sub", takes: aTime, gives: kindDuration, run: func(m *machine, g []Value) Value { return m.calculate(m.at, "-", g[0], g[1]) }},
	{name: "Add", takes: aSpan, gives: kindTime, run: func(m *machine, g []Value) Value { return m.calculate(m.at, "+", g[0], g[1]) }},
	{name: "AddDate", takes: threeOf, gives: kindTime, run: func(m *machine, g []Value) Value {
		return timeValue(g[0].time().AddDate(m.toWhole(m.at, g[1]), m.toWhole(m.at, g[2]), m.toWhole(m.at, g[3])))
	}},
}

// spans are the methods of spans of time.
var spans = []builtin{
	{name: "Hours", takes: none, gives: kindFloat, run: func(_ *machine, g []Value) Value { return NumberValue(time.Duration(g[0].bits).Hours()) }},
	{name: "Minutes", takes: none, gives: kindFloat, run: func(_ *machine, g []Value) Value { return NumberValue(time.Duration(g[0].bits).Minutes()) }},
	{name: "Seconds", takes: none, gives: kindFloat, run: func(_ *machine, g []Value) Value { return NumberValue(time.Duration(g[0].bits).Seconds()) }},
	{name: "Milliseconds", takes: none, gives: kindLong, run: func(_ *machine, g []Value) Value {
		return LongValue(time.Duration(g[0].bits).Milliseconds())
	}},
	{name: "String", takes: none, gives: kindText, run: func(_ *machine, g []Value) Value { return TextValue(time.Duration(g[0].bits).String()) }},
}

// method is the one that a value of that kind has under the name, or nil.
func method(of kind, name string) *builtin {
	all := methods
	switch of {
	case kindTime:
	case kindDuration:
		all = spans
	default:
		return nil
	}
	for i := range all {
		if all[i].name == name {
			return &all[i]
		}
	}
	return nil
}
