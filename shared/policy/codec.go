package policy

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"time"
)

// writer writes a policy's values one after the other: numbers as varints, signed
// ones zigzag; texts with their length before them; lists and mappings with one more
// than their length, so that 0 is none; of a struct its exported fields; a rule by its
// source, a calendar by its hours.
type writer struct {
	out      []byte
	zones    map[string][]byte // what is known of them
	written  []string          // the zones
	exported map[reflect.Type][]int
}

func (w *writer) number(n uint64) { w.out = binary.AppendUvarint(w.out, n) }

func (w *writer) text(s string) {
	w.number(uint64(len(s)))
	w.out = append(w.out, s...)
}

func (w *writer) value(v reflect.Value) {
	switch t := v.Type(); {
	case t == ruleType:
		w.rule(v.Interface().(*Rule))
	case t == calendarType:
		w.calendar(v.Interface().(*Calendar))
	case t.Kind() == reflect.String:
		w.text(v.String())
	case t.Kind() == reflect.Bool:
		n := uint64(0)
		if v.Bool() {
			n = 1
		}
		w.number(n)
	case t.Kind() == reflect.Int, t.Kind() == reflect.Int64:
		w.out = binary.AppendVarint(w.out, v.Int())
	case t.Kind() == reflect.Float64:
		w.number(math.Float64bits(v.Float()))
	case t.Kind() == reflect.Slice:
		if v.IsNil() {
			w.number(0)
			return
		}
		w.number(uint64(v.Len()) + 1)
		for i := range v.Len() {
			w.value(v.Index(i))
		}
	case t.Kind() == reflect.Map:
		if v.IsNil() {
			w.number(0)
			return
		}
		w.number(uint64(v.Len()) + 1)
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return cmp.Compare(a.String(), b.String()) })
		for _, k := range keys {
			w.text(k.String())
			w.value(v.MapIndex(k))
		}
	case t.Kind() == reflect.Struct:
		for _, i := range fieldsOf(t, w.exported) {
			w.value(v.Field(i))
		}
	default:
		panic(fmt.Sprintf("policy: nothing writes a %s", t))
	}
}

func (w *writer) rule(r *Rule) {
	if r == nil {
		w.number(0)
		return
	}
	w.number(uint64(len(r.names)) + 1)
	for _, name := range r.names {
		w.text(name)
	}
	w.text(r.source)
}

func (w *writer) calendar(c *Calendar) {
	if c == nil {
		w.text("")
		return
	}
	w.zone(c.zone)
	for _, day := range c.week {
		w.number(uint64(len(day)))
		for _, in := range day {
			w.number(uint64(in.from))
			w.number(uint64(in.until))
		}
	}
	holidays := slices.SortedFunc(maps.Keys(c.holidays), func(a, b date) int {
		return cmp.Or(a.year-b.year, int(a.month-b.month), a.day-b.day)
	})
	w.number(uint64(len(holidays)))
	for _, d := range holidays {
		w.number(uint64(d.year))
		w.number(uint64(d.month))
		w.number(uint64(d.day))
	}
}

// zone is written by its name, "" is none, and the first time with what is known of it.
func (w *writer) zone(z *time.Location) {
	if z == nil {
		w.text("")
		return
	}
	w.text(z.String())
	if !slices.Contains(w.written, z.String()) {
		w.text(string(w.zones[z.String()]))
		w.written = append(w.written, z.String())
	}
}

// fieldsOf are the numbers of a struct's exported fields.
func fieldsOf(t reflect.Type, known map[reflect.Type][]int) []int {
	all, ok := known[t]
	if !ok {
		for i := range t.NumField() {
			if t.Field(i).IsExported() {
				all = append(all, i)
			}
		}
		known[t] = all
	}
	return all
}

// decoder reads what writer wrote. Its texts are parts of the file. After a mistake
// it gives zeros.
type decoder struct {
	rest     string
	failed   bool
	err      error // of a zone
	zones    map[string]*time.Location
	exported map[reflect.Type][]int
}

func (r *decoder) number() uint64 {
	var n uint64
	for i := 0; i < len(r.rest) && i < binary.MaxVarintLen64; i++ {
		b := r.rest[i]
		n |= uint64(b&0x7F) << (7 * i)
		if b < 0x80 {
			r.rest = r.rest[i+1:]
			return n
		}
	}
	r.failed, r.rest = true, ""
	return 0
}

// count is a number of things that are still to come, a byte each at least.
func (r *decoder) count() int {
	n := r.number()
	if n > uint64(len(r.rest)) {
		r.failed, r.rest = true, ""
		return 0
	}
	return int(n)
}

// length is that of a list or a mapping; -1 is none.
func (r *decoder) length() int {
	n := r.number()
	if n > uint64(len(r.rest))+1 {
		r.failed, r.rest = true, ""
		return -1
	}
	return int(n) - 1
}

func (r *decoder) text() string {
	n := r.count()
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}

func (r *decoder) value(v reflect.Value) {
	switch t := v.Type(); {
	case t == ruleType:
		v.Set(reflect.ValueOf(r.rule()))
	case t == calendarType:
		v.Set(reflect.ValueOf(r.calendar()))
	case t.Kind() == reflect.String:
		v.SetString(r.text())
	case t.Kind() == reflect.Bool:
		v.SetBool(r.number() != 0)
	case t.Kind() == reflect.Int, t.Kind() == reflect.Int64:
		n := r.number()
		v.SetInt(int64(n>>1) ^ -int64(n&1))
	case t.Kind() == reflect.Float64:
		v.SetFloat(math.Float64frombits(r.number()))
	case t.Kind() == reflect.Slice:
		n := r.length()
		if n < 0 {
			return
		}
		v.Set(reflect.MakeSlice(t, n, n))
		for i := range n {
			if r.failed {
				return
			}
			r.value(v.Index(i))
		}
	case t.Kind() == reflect.Map:
		n := r.length()
		if n < 0 {
			return
		}
		v.Set(reflect.MakeMapWithSize(t, n))
		for range n {
			key, value := r.text(), reflect.New(t.Elem()).Elem()
			r.value(value)
			v.SetMapIndex(reflect.ValueOf(key), value)
		}
	case t.Kind() == reflect.Struct:
		for _, i := range fieldsOf(t, r.exported) {
			r.value(v.Field(i))
		}
	}
}

func (r *decoder) rule() *Rule {
	n := r.length()
	if n < 0 {
		return nil
	}
	out := &Rule{}
	for range n {
		out.names = append(out.names, r.text())
	}
	out.source = r.text()
	return out
}

func (r *decoder) calendar() *Calendar {
	zone := r.zone()
	if zone == nil {
		return nil
	}
	c := &Calendar{zone: zone, holidays: map[date]bool{}}
	for day := range c.week {
		for range r.count() {
			c.week[day] = append(c.week[day], interval{int(r.number()), int(r.number())})
		}
	}
	for range r.count() {
		c.holidays[date{int(r.number()), time.Month(r.number()), int(r.number())}] = true
	}
	return c
}

func (r *decoder) zone() *time.Location {
	name := r.text()
	if name == "" {
		return nil
	}
	if zone, ok := r.zones[name]; ok {
		return zone
	}
	var zone *time.Location
	var err error
	if data := r.text(); data != "" {
		zone, err = time.LoadLocationFromTZData(name, []byte(data))
	} else {
		zone, err = time.LoadLocation(name)
	}
	if err != nil {
		r.err, zone = fmt.Errorf("the zone %s, which this machine does not know: %w", name, err), time.UTC
	}
	if r.zones == nil {
		r.zones = map[string]*time.Location{}
	}
	r.zones[name] = zone
	return zone
}
