package docket

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"ines/shared/casework"
)

// Reports are summed from counters by the desk's day. Those of the clocks have a
// bucket a day and community, which keeps the items small.
const (
	metricClocks   = "clocks"   // <channel>/<segment>/<clock>/<result>
	metricFirst    = "first"    // <channel>/<band>, <channel>/seconds
	metricPromises = "promises" // <department>/<what>
)

// What becomes of a clock, and of a promise.
const (
	clockMet    = "met"
	clockMissed = "missed"
	clockLate   = "late" // missed, and answered in the end

	promiseMade   = "made"
	promiseKept   = "kept"
	promiseLate   = "late"
	promiseBroken = "broken"
	promiseMoved  = "moved"
)

// bands are the upper ends of the classes that waits are counted in; what takes
// longer than the last is in one more.
var bands = []time.Duration{time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 20 * time.Minute, 30 * time.Minute, 45 * time.Minute,
	time.Hour, 90 * time.Minute, 2 * time.Hour, 3 * time.Hour, 4 * time.Hour, 6 * time.Hour, 8 * time.Hour, 12 * time.Hour, 18 * time.Hour,
	24 * time.Hour, 36 * time.Hour, 48 * time.Hour, 72 * time.Hour, 7 * 24 * time.Hour, 14 * 24 * time.Hour}

func band(took time.Duration) int {
	i, _ := slices.BinarySearchFunc(bands, took, func(b, t time.Duration) int { return cmp.Compare(b, t) })
	return i
}

// report counts what an event says for the reports.
func (t tally) report(day string, c *casework.Case, e casework.Event) {
	clock := func(channel, name, result string) {
		t.add(metricClocks, day+"#"+c.Community, strings.Join([]string{channel, c.Segment, name, result}, "/"), 1)
	}
	promise := func(what string) { t.add(metricPromises, day, c.Department+"/"+what, 1) }
	switch e := e.(type) {
	case casework.ClockMet:
		switch {
		case !e.Late:
			clock(e.Channel, e.Clock, clockMet)
		case !e.Missed: // nobody had told
			clock(e.Channel, e.Clock, clockMissed)
			clock(e.Channel, e.Clock, clockLate)
		default:
			clock(e.Channel, e.Clock, clockLate)
		}
		if e.Clock == casework.ClockFirst && e.Took > 0 {
			t.add(metricFirst, day+"#"+c.Community, e.Channel+"/"+strconv.Itoa(band(e.Took)), 1)
			t.add(metricFirst, day+"#"+c.Community, e.Channel+"/seconds", int64(e.Took/time.Second))
		}
	case casework.ClockMissed:
		clock(e.Channel, e.Clock, clockMissed)
	case casework.PromiseMade:
		promise(promiseMade)
	case casework.PromiseKept:
		if e.Late {
			promise(promiseLate)
		} else {
			promise(promiseKept)
		}
	case casework.PromiseBroken:
		promise(promiseBroken)
	case casework.PromiseMoved:
		promise(promiseMoved)
	}
}

// Period is a range of the desk's days, both included.
type Period struct{ From, To time.Time }

// MaxDays is how many days a report covers at most.
const MaxDays = 92

func (d *Docket) days(p Period) (days []string) {
	last := d.policy.Day(p.To)
	// Half days: none is passed over where a clock is put forward.
	for t := p.From; len(days) <= MaxDays; t = t.Add(12 * time.Hour) {
		day := d.policy.Day(t)
		if day > last {
			break
		}
		if len(days) == 0 || days[len(days)-1] != day {
			days = append(days, day)
		}
	}
	return days
}

// Service is what became of one kind of clock.
type Service struct {
	Community string `json:"community"`
	Channel   string `json:"channel"`
	Segment   string `json:"segment"`
	Clock     string `json:"clock"` // first_answer, next_answer, resolution
	Met       int64  `json:"met"`
	Missed    int64  `json:"missed"`
	Late      int64  `json:"late"` // of those missed: made good later
}

// ServiceReport says how the service clocks were met, in the order of the
// communities.
func (d *Docket) ServiceReport(ctx context.Context, p Period) ([]Service, error) {
	var all []Service
	for _, com := range d.policy.Communities {
		sum, err := d.perDay(ctx, metricClocks, p, "#"+com.ID)
		if err != nil {
			return nil, err
		}
		rows := map[string]*Service{}
		for field, n := range sum {
			parts := strings.Split(field, "/")
			if len(parts) != 4 {
				continue
			}
			key := strings.Join(parts[:3], "/")
			row := rows[key]
			if row == nil {
				row = &Service{Community: com.ID, Channel: parts[0], Segment: parts[1], Clock: parts[2]}
				rows[key] = row
			}
			switch parts[3] {
			case clockMet:
				row.Met += n
			case clockMissed:
				row.Missed += n
			case clockLate:
				row.Late += n
			}
		}
		for _, key := range sortedKeys(rows) {
			all = append(all, *rows[key])
		}
	}
	return all, nil
}

// PromiseCount is what became of a department's promises.
type PromiseCount struct {
	Department string `json:"department"`
	Made       int64  `json:"made"`
	Kept       int64  `json:"kept"`   // in time
	Late       int64  `json:"late"`   // kept after they were due
	Broken     int64  `json:"broken"` // not kept when they were due
	Moved      int64  `json:"moved"`
}

// PromiseReport counts promises by the department that had the case.
func (d *Docket) PromiseReport(ctx context.Context, p Period) ([]PromiseCount, error) {
	sum, err := d.perDay(ctx, metricPromises, p, "")
	if err != nil {
		return nil, err
	}
	all := make([]PromiseCount, 0, len(d.policy.Departments))
	for _, dept := range d.policy.Departments {
		n := func(what string) int64 { return sum[dept.ID+"/"+what] }
		all = append(all, PromiseCount{dept.ID, n(promiseMade), n(promiseKept), n(promiseLate), n(promiseBroken), n(promiseMoved)})
	}
	return all, nil
}

func (d *Docket) perDay(ctx context.Context, metric string, p Period, of string) (map[string]int64, error) {
	buckets := d.days(p)
	for i := range buckets {
		buckets[i] += of
	}
	return d.counters(ctx, metric, buckets...)
}
