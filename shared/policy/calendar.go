package policy

import (
	"iter"
	"time"
)

// Calendar is a community's opening hours: intervals of the wall clock per day of
// the week, in one zone, except on holidays. Where the clock is put forward the
// skipped minutes are no opening time, and where it is put back the repeated ones
// count twice, as they do for the people at the desk. A nil *Calendar is always
// open.
type Calendar struct {
	zone     *time.Location
	week     [7][]interval // by time.Weekday, ascending and disjoint
	holidays map[date]bool
}

// interval is a part of a day in minutes of the wall clock, until excluded.
type interval struct{ from, until int }

type date struct {
	year  int
	month time.Month
	day   int
}

// horizon bounds how far Add and Between look, so that both end on any input.
const horizon = 20 * 366 * 24 * time.Hour

// Zone is the calendar's zone; UTC if the calendar is nil.
func (c *Calendar) Zone() *time.Location {
	if c == nil {
		return time.UTC
	}
	return c.zone
}

// Open reports whether the desk is open at that moment.
func (c *Calendar) Open(at time.Time) bool {
	if c == nil {
		return true
	}
	local := at.In(c.zone)
	minute := local.Hour()*60 + local.Minute()
	for _, in := range c.on(local) {
		if in.from <= minute && minute < in.until {
			return true
		}
	}
	return false
}

// Add is the first moment by which open of opening time has passed since from:
// from itself if open is not above zero, and the closing time rather than the next
// opening if the last minute of a day is the last one needed. A moment more than
// twenty years away is given as that.
func (c *Calendar) Add(from time.Time, open time.Duration) time.Time {
	if open <= 0 {
		return from
	}
	if c == nil {
		return from.Add(open)
	}
	end := from.Add(horizon)
	for start, until := range c.spans(from, end) {
		if span := until.Sub(start); span < open {
			open -= span
			continue
		}
		return start.Add(open).In(from.Location())
	}
	return end
}

// Between is the opening time from a until b, or 0 if b is not after a. No more
// than the last twenty years are looked at.
func (c *Calendar) Between(a, b time.Time) time.Duration {
	if !a.Before(b) {
		return 0
	}
	if b.Sub(a) > horizon {
		a = b.Add(-horizon)
	}
	if c == nil {
		return b.Sub(a)
	}
	var sum time.Duration
	for start, until := range c.spans(a, b) {
		sum += until.Sub(start)
	}
	return sum
}

// on is the intervals of a local day.
func (c *Calendar) on(local time.Time) []interval {
	y, m, d := local.Date()
	if c.holidays[date{y, m, d}] {
		return nil
	}
	return c.week[local.Weekday()]
}

// spans gives the stretches of opening time from a until b in order, cut at
// midnights and where the clock is changed: between those the wall clock and
// time run alike.
func (c *Calendar) spans(a, b time.Time) iter.Seq2[time.Time, time.Time] {
	return func(yield func(start, until time.Time) bool) {
		for at := a.In(c.zone); at.Before(b); {
			h, m, s := at.Clock()
			midnight := at.Add(-time.Duration(h)*time.Hour - time.Duration(m)*time.Minute -
				time.Duration(s)*time.Second - time.Duration(at.Nanosecond()))
			next := midnight.Add(24 * time.Hour)
			// On 31 December of leap years ZoneBounds may end before at
			// (Go 1.26): the loop must go on in any case.
			if _, change := at.ZoneBounds(); change.After(at) && change.Before(next) {
				next = change
			}
			for _, in := range c.on(at) {
				start := later(at, midnight.Add(time.Duration(in.from)*time.Minute))
				until := earlier(earlier(b, next), midnight.Add(time.Duration(in.until)*time.Minute))
				if start.Before(until) && !yield(start, until) {
					return
				}
			}
			at = next.In(c.zone)
		}
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
