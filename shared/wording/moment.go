package wording

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"ines/shared/policy"
)

// moment is a point in time as people say it: so long from now, or a day, a time of
// day, or both.
type moment struct {
	span     time.Duration
	workdays int // after this many days on which the desk is open

	day     int // days from today
	weekday int // 0: none; else time.Weekday + 1
	date    [2]int
	hasDay  bool

	hour, minute int  // of the clock; -1: none
	twelve       bool // could be either half of the day
	part         string
}

// moment reads the first of each kind of expression in a sentence.
func (t *tongue) moment(low string) (moment, bool) {
	m := moment{hour: -1}
	if g := t.within.FindStringSubmatch(low); g != nil && t.length(&m, g) {
		return m, true
	}
	for _, c := range t.clock {
		at := c.FindStringSubmatchIndex(low)
		if at == nil {
			continue
		}
		if t.time(&m, c.SubexpNames(), low, at) {
			break
		}
	}
	for _, d := range t.days {
		if d.re.MatchString(low) {
			m.day, m.hasDay = d.n, true
			break
		}
	}
	if g := t.weekday.FindStringSubmatch(low); g != nil && !m.hasDay {
		m.weekday, m.hasDay = slices.Index(t.weekdays, g[1])%7+1, true
	}
	if g := t.date.FindStringSubmatch(low); g != nil && !m.hasDay {
		day, err := strconv.Atoi(g[1])
		month := slices.Index(t.months, g[2]) + 1
		if err == nil && day >= 1 && day <= 31 && month > 0 {
			m.date, m.hasDay = [2]int{month, day}, true
		}
	}
	for _, p := range t.parts {
		if p.re.MatchString(low) {
			m.part = p.part
			break
		}
	}
	return m, m.hour >= 0 || m.hasDay || m.part != ""
}

// length reads "within two hours": the groups are number and unit.
func (t *tongue) length(m *moment, g []string) bool {
	n, unit := 1.0, ""
	number := strings.TrimSpace(g[1])
	if v, ok := t.numbers[number]; ok {
		n = v
	} else if v, err := strconv.ParseFloat(strings.Replace(number, ",", ".", 1), 64); err == nil && v > 0 && v <= 500 {
		n = v
	} else if number != "" {
		return false
	}
	for _, u := range t.units {
		if strings.HasPrefix(g[2], u.word) {
			unit = u.unit
			break
		}
	}
	switch unit {
	case "half":
		m.span = 30 * time.Minute
	case "minute":
		m.span = time.Duration(n * float64(time.Minute))
	case "hour":
		m.span = time.Duration(n * float64(time.Hour))
	case "day":
		m.span = time.Duration(n * float64(24*time.Hour))
	case "week":
		m.span = time.Duration(n * float64(7*24*time.Hour))
	case "workday":
		m.workdays = int(n)
	default:
		return false
	}
	return true
}

// time reads a time of day: the groups are h, m and half (am, pm), or to, the hour
// that a half hour leads to.
func (t *tongue) time(m *moment, names []string, low string, at []int) bool {
	group := func(name string) string {
		i := slices.Index(names, name)
		if i < 0 || at[2*i] < 0 {
			return ""
		}
		return low[at[2*i]:at[2*i+1]]
	}
	number := func(s string) int {
		if n, err := strconv.Atoi(s); err == nil {
			return n
		}
		if v, ok := t.numbers[s]; ok && v == float64(int(v)) {
			return int(v)
		}
		return -1
	}
	if to := group("to"); to != "" {
		h := number(to)
		if h < 1 || h > 12 {
			return false
		}
		m.hour, m.minute, m.twelve = (h+11)%12, 30, true
		return true
	}
	h, minute := number(group("h")), 0
	if s := group("m") + group("m2"); s != "" {
		minute = number(s)
	}
	half := strings.ReplaceAll(group("half"), ".", "")
	half = strings.ReplaceAll(half, " ", "")
	switch {
	case h < 0 || h > 24 || minute < 0 || minute > 59 || h == 24 && minute > 0:
		return false
	case half == "am" && h <= 12:
		h %= 12
	case half == "pm" && h <= 12:
		h = h%12 + 12
	case h >= 1 && h <= 12 && half == "" && !strings.HasPrefix(group("h"), "0"):
		m.twelve = true
	}
	m.hour, m.minute = h, minute
	return true
}

// resolve says which moment is meant at now.
func (m moment) resolve(now time.Time, hours *policy.Calendar) time.Time {
	switch {
	case m.span > 0:
		return now.Add(m.span)
	case m.workdays > 0:
		day, left := now, m.workdays
		for range 60 {
			day = day.AddDate(0, 0, 1)
			if _, open := closing(day, hours); open {
				if left--; left == 0 {
					break
				}
			}
		}
		end, _ := closing(day, hours)
		return end
	}
	day := m.on(now)
	switch {
	case m.hour >= 0:
		return m.clock(now, day, hours)
	case m.part == "week": // its end: the last day before the weekend
		for day.Weekday() != time.Friday {
			day = day.AddDate(0, 0, 1)
		}
	case m.part != "" && m.part != "end":
		return face(day, map[string]int{"morning": 12, "noon": 12, "afternoon": 18, "evening": 21, "midnight": 24}[m.part], 0)
	}
	end, _ := closing(day, hours)
	return end
}

func (m moment) on(now time.Time) time.Time {
	switch {
	case m.weekday > 0:
		ahead := (m.weekday - 1 - int(now.Weekday()) + 7) % 7
		day := now.AddDate(0, 0, ahead)
		if ahead == 0 && m.hour >= 0 && !m.twelve && !face(day, m.hour, m.minute).After(now) {
			day = day.AddDate(0, 0, 7)
		}
		return day
	case m.date[0] > 0:
		day := time.Date(now.Year(), time.Month(m.date[0]), m.date[1], 12, 0, 0, 0, now.Location())
		if day.Before(now.AddDate(0, 0, -1)) {
			day = day.AddDate(1, 0, 0)
		}
		return day
	}
	return now.AddDate(0, 0, m.day)
}

// clock picks among the times that "5" may mean: the first to come at which the
// desk is open, else the first to come by day.
func (m moment) clock(now, day time.Time, hours *policy.Calendar) time.Time {
	days := []time.Time{day}
	if !m.hasDay {
		days = append(days, day.AddDate(0, 0, 1))
	}
	var coming []time.Time
	for _, d := range days {
		at := []int{m.hour}
		if m.twelve {
			at = []int{m.hour % 12, m.hour%12 + 12}
			switch m.part {
			case "morning":
				at = at[:1]
			case "afternoon", "evening":
				at = at[1:]
			}
		}
		for _, h := range at {
			if f := face(d, h, m.minute); f.After(now) {
				coming = append(coming, f)
			}
		}
	}
	good := func(t time.Time) bool {
		// By closing time counts: a promise for six is kept until six.
		return hours != nil && (hours.Open(t) || hours.Open(t.Add(-time.Minute)))
	}
	if m.twelve {
		for _, wanted := range []func(time.Time) bool{good, func(t time.Time) bool { return t.Hour() >= 7 && t.Hour() <= 20 }} {
			if i := slices.IndexFunc(coming, wanted); i >= 0 {
				return coming[i]
			}
		}
	}
	if len(coming) == 0 {
		return time.Time{}
	}
	return coming[0]
}

func face(day time.Time, hour, minute int) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), hour, minute, 0, 0, day.Location())
}

// closing is when the desk closes on a day: six in the evening where it has no
// hours or stays shut, which open tells.
func closing(day time.Time, hours *policy.Calendar) (at time.Time, open bool) {
	if hours != nil {
		for minutes := 24 * 60; minutes > 0; minutes -= 5 {
			if end := face(day, 0, minutes); hours.Open(end.Add(-time.Minute)) {
				return end, true
			}
		}
	}
	return face(day, 18, 0), hours == nil && day.Weekday() != time.Saturday && day.Weekday() != time.Sunday
}
