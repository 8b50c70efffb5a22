package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"ines/shared/sorting"
)

var days = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// weekday of days[i].
func weekday(i int) time.Weekday { return time.Weekday((i + 1) % 7) }

// hours reads a calendar: a zone, days or ranges of days with their intervals, and
// holidays.
func (r *reader) hours(n *Node, path string) *Calendar {
	c := &Calendar{holidays: map[date]bool{}}
	given := map[time.Weekday]string{}
	before := len(r.problems)
	seen := r.pairs(n, path, func(name string, k, value *Node) {
		at := join(path, name)
		switch name {
		case "zone":
			c.zone = r.zone(value, at)
			return
		case "holidays":
			r.holidays(value, at, c.holidays)
			return
		}
		on, ok := dayRange(name)
		if !ok {
			r.line(k.Line, fmt.Sprintf("unknown key %q in %s", name, path),
				"zone, holidays, a day from mon to sun, or a range such as mon-fri")
			return
		}
		intervals := r.intervals(value, at)
		for _, day := range on {
			if other, twice := given[day]; twice {
				r.line(k.Line, fmt.Sprintf("%s is in both %s and %s", strings.ToLower(day.String()[:3]), other, name), "name each day once")
				continue
			}
			given[day] = name
			c.week[day] = intervals
		}
	})
	if n.Kind != Mapping {
		return nil
	}
	if _, ok := seen["zone"]; !ok {
		r.line(n.Line, path+" has no zone", "an IANA name such as Europe/London")
	}
	open := slices.ContainsFunc(c.week[:], func(day []interval) bool { return len(day) > 0 })
	if !open && len(r.problems) == before {
		r.line(n.Line, path+" never opens", "give a day some hours, or leave hours out: that is always open")
	}
	if !open || c.zone == nil {
		return nil
	}
	return c
}

// dayRange reads "tue" or "mon-fri"; "sat-mon" goes over the end of the week.
func dayRange(s string) ([]time.Weekday, bool) {
	first, last, ranged := strings.Cut(s, "-")
	from, until := slices.Index(days, first), slices.Index(days, last)
	if !ranged {
		until = from
	}
	if from < 0 || until < 0 || ranged && from == until {
		return nil, false
	}
	var on []time.Weekday
	for i := from; ; i = (i + 1) % 7 {
		on = append(on, weekday(i))
		if i == until {
			return on, true
		}
	}
}

func (r *reader) zone(n *Node, path string) *time.Location {
	name, ok := r.text(n, path)
	if !ok {
		return nil
	}
	zone := ZoneNamed(name)
	if zone == nil {
		r.line(n.Line, fmt.Sprintf("unknown zone %q", name), zoneHint)
	}
	return zone
}

const zoneHint = "an IANA name such as Europe/London"

// ZoneNamed is a zone by its name in the tz database, nil if there is none, and for what
// would mean something else on another machine: names of files that only some systems
// keep beside the zones.
func ZoneNamed(name string) *time.Location {
	switch dir, _, _ := strings.Cut(name, "/"); dir {
	case "Local", "localtime", "posixrules", "posix", "right":
		return nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	return zone
}

func (r *reader) holidays(n *Node, path string, into map[date]bool) {
	if n.Kind != Sequence {
		r.line(n.Line, fmt.Sprintf("%s must be a list, not %s", path, kindOf(n)), "write [2026-12-25, 2026-12-26]")
		return
	}
	for _, item := range n.Content {
		t, err := time.Parse(time.DateOnly, item.Value)
		if item.Kind != Scalar || err != nil {
			r.line(item.Line, fmt.Sprintf("%q in %s is not a date", item.Value, path), "such as 2026-12-25")
			continue
		}
		y, m, d := t.Date()
		if into[date{y, m, d}] {
			r.line(item.Line, fmt.Sprintf("%s is twice in %s", item.Value, path), "")
		}
		into[date{y, m, d}] = true
	}
}

func (r *reader) intervals(n *Node, path string) []interval {
	if n.Kind != Sequence {
		hint := `write ["08:00-20:00"]`
		if n.Kind == Scalar {
			hint = fmt.Sprintf("write [%q]", n.Value)
		}
		r.line(n.Line, fmt.Sprintf("%s must be a list, not %s", path, kindOf(n)), hint)
		return nil
	}
	var all []interval
	for _, item := range n.Content {
		in, ok := parseInterval(item.Value)
		switch {
		case item.Kind != Scalar || !ok:
			r.line(item.Line, fmt.Sprintf("%q in %s is not an interval", item.Value, path), `such as "08:00-20:00", at most until "24:00"`)
			continue
		case in.from >= in.until:
			r.line(item.Line, fmt.Sprintf("%q in %s ends before it begins", item.Value, path),
				`over midnight takes two: "20:00-24:00" and, on the next day, "00:00-08:00"`)
			continue
		}
		for _, other := range all {
			if in.from < other.until && other.from < in.until {
				r.line(item.Line, fmt.Sprintf("%q in %s overlaps %s", item.Value, path, other), "")
				break
			}
		}
		all = append(all, in)
	}
	sorting.By(all, func(a, b interval) int { return cmp.Compare(a.from, b.from) })
	return all
}

func parseInterval(s string) (interval, bool) {
	from, until, ok := strings.Cut(s, "-")
	a, okA := clock(from)
	b, okB := clock(until)
	return interval{a, b}, ok && okA && okB
}

// clock reads HH:MM, up to 24:00, as minutes.
func clock(s string) (int, bool) {
	if len(s) != 5 || s[2] != ':' {
		return 0, false
	}
	for _, i := range []int{0, 1, 3, 4} {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	hour, minute := int(s[0]-'0')*10+int(s[1]-'0'), int(s[3]-'0')*10+int(s[4]-'0')
	total := hour*60 + minute
	return total, minute < 60 && total <= 24*60
}

func (in interval) String() string {
	return fmt.Sprintf("%02d:%02d-%02d:%02d", in.from/60, in.from%60, in.until/60, in.until%60)
}
