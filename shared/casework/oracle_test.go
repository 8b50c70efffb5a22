package casework

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"ines/shared/policy/policyfile"

	"pgregory.net/rapid"
)

// oracle is the service clocks told the long way: it walks minute by minute, and
// takes one off each clock that runs while the desk is open.
type oracle struct {
	now      time.Time
	left     map[string]int // minutes; absent: no such clock
	missed   map[string]bool
	met      map[string]bool
	paused   bool // the resolution clock
	answered bool
	promises int
	said     []string
}

// openAt reads the hours below without the calendar's help.
func openAt(t time.Time, zone *time.Location) bool {
	l := t.In(zone)
	at := l.Format("15:04")
	if day := l.Format(time.DateOnly); day == "2026-10-28" || day == "2027-03-26" {
		return false
	}
	switch l.Weekday() {
	case time.Sunday:
		return at < "03:00"
	case time.Saturday:
		return at >= "09:00" && at < "13:00" || at >= "14:00" && at < "17:00"
	}
	return at >= "08:00" && at < "12:00" || at >= "13:30"
}

const oracleHours = `{zone: Europe/London, mon-fri: ["08:00-12:00", "13:30-24:00"], sat: ["09:00-13:00", "14:00-17:00"], sun: ["00:00-03:00"], holidays: [2026-10-28, 2027-03-26]}`

func (o *oracle) owes() bool {
	for _, k := range []string{ClockFirst, ClockNext} {
		if _, set := o.left[k]; set && !o.met[k] {
			return true
		}
	}
	return false
}

func (o *oracle) walk(until time.Time, zone *time.Location) {
	for ; o.now.Before(until); o.now = o.now.Add(time.Minute) {
		if !openAt(o.now, zone) {
			continue
		}
		for _, k := range []string{ClockFirst, ClockNext, ClockResolution} {
			if _, set := o.left[k]; !set || o.met[k] || o.missed[k] || k == ClockResolution && o.paused {
				continue
			}
			if o.left[k]--; o.left[k] == 0 {
				o.missed[k] = true
				o.said = append(o.said, k+" "+o.now.Add(time.Minute).UTC().Format(time.RFC3339))
			}
		}
	}
}

func (o *oracle) start(clock string, minutes int) {
	o.left[clock], o.missed[clock], o.met[clock] = minutes, false, false
}

func (o *oracle) turn() {
	o.paused = !o.owes() && o.promises == 0 && o.answered && !o.missed[ClockResolution] || o.paused && !o.owes() && o.promises == 0
}

// TestServiceClocksAgreeWithAMinuteWalkingOracle: whatever happens when, across
// split shifts, a holiday and both changes of the clock, each clock is missed at
// the minute that walking there gives.
func TestServiceClocksAgreeWithAMinuteWalkingOracle(t *testing.T) {
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	d, err := policyfile.Parse("test.yaml", []byte(strings.Replace(testDesk, "languages: [en]}", "languages: [en], hours: "+oracleHours+"}", 1)+`
escalation: [{do: remind, after: 1h}]
`))
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		// The last week of October, or of March: the clock is changed on Sunday.
		start := rapid.SampledFrom([]time.Time{
			time.Date(2026, 10, 23, 0, 0, 0, 0, time.UTC), time.Date(2027, 3, 25, 0, 0, 0, 0, time.UTC)}).Draw(rt, "week")
		start = start.Add(time.Duration(rapid.IntRange(0, 4*24*60).Draw(rt, "start")) * time.Minute)
		f := newFile(t)
		f.desk, f.now = d, start
		o := &oracle{now: start, left: map[string]int{}, missed: map[string]bool{}, met: map[string]bool{}}
		f.do("", post("0", "leo", "help", f.now))
		o.start(ClockFirst, 60)
		o.start(ClockResolution, 24*60)
		var said []string
		for n := range rapid.IntRange(1, 12).Draw(rt, "steps") {
			until := f.now.Add(time.Duration(rapid.IntRange(0, 20*60).Draw(rt, "wait")) * time.Minute)
			for ts := f.c.Timers(); len(ts) > 0 && !ts[0].At.After(until); ts = f.c.Timers() {
				f.now = ts[0].At
				for _, e := range f.do("", FireTimers{}) {
					if m, ok := e.(ClockMissed); ok {
						said = append(said, m.Clock+" "+f.now.UTC().Format(time.RFC3339))
					}
				}
			}
			f.now = until
			o.walk(until, zone)
			switch rapid.IntRange(0, 3).Draw(rt, "what") {
			case 0:
				f.do("", post(fmt.Sprint(n+1), "leo", "and now?", f.now))
				if !o.owes() {
					o.start(ClockNext, 120)
				}
			case 1:
				for _, e := range f.do("ines", SendReply{By: "ines", Text: "soon"}) {
					if r, ok := e.(ReplyRequested); ok {
						f.do("", ReportReply{Reply: r.Reply, State: "sent", At: f.now})
					}
				}
				o.answered, o.met[ClockFirst], o.met[ClockNext] = true, true, true
			case 2:
				f.do("ines", MakePromise{By: "ines", Text: "call", Due: f.now.Add(300 * time.Hour)})
				o.promises++
			case 3:
				if o.promises > 0 {
					f.do("ines", KeepPromise{By: "ines", Promise: f.c.Promises[0].ID})
					o.promises--
				}
			}
			o.turn()
			if f.c.Resolution.Paused != o.paused {
				rt.Fatalf("resolution clock at %s: paused is %v, the oracle says %v", f.now, f.c.Resolution.Paused, o.paused)
			}
		}
		// Within one minute the order of clocks is nobody's concern.
		slices.Sort(said)
		slices.Sort(o.said)
		if !slices.Equal(said, o.said) {
			rt.Fatalf("missed\n%q\nthe oracle says\n%q", said, o.said)
		}
	})
}
