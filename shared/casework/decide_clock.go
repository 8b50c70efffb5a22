package casework

import (
	"strings"
	"time"
)

// startClock sets a service clock going for so much opening time from now.
func (d *draft) startClock(name string, open time.Duration) {
	if open <= 0 {
		return
	}
	due := d.calendar().Add(d.env.Now, open)
	d.emit(ClockSet{Clock: name, Started: d.env.Now, Due: due, Warn: d.warning(due),
		Why: clockName(name) + " within " + spell(open) + " of opening hours"})
}

// tighten moves a running clock's end forward when the case's targets became
// shorter. It never gives more time than was given before.
func (d *draft) tighten(name string, open time.Duration) {
	k := d.c.clock(name)
	if !k.Running() || open <= 0 {
		return
	}
	if due := d.calendar().Add(k.Started, open); due.Before(k.Due) {
		d.emit(ClockSet{Clock: name, Started: k.Started, Due: due, Warn: d.warning(due),
			Why: clockName(name) + " within " + spell(open) + " of opening hours, because the case became more urgent"})
	}
}

// answered is what an answer that went out does to the clocks.
func (d *draft) answered() {
	d.meetBy(ClockFirst, true)
	d.meetBy(ClockNext, true)
	d.turn()
}

// turn lets the resolution clock stand still while only the customer can go on,
// and go on when something is for us to do: a word, a promise, an approval.
func (d *draft) turn() {
	k := d.c.Resolution
	ours := d.c.owesAWord() || len(d.c.Promises) > 0 || len(d.c.Approvals) > 0
	switch {
	case ours && k.Paused:
		d.startClock(ClockResolution, max(k.Left, time.Second))
	case !ours && k.Running() && !d.c.LastAnswer.IsZero():
		d.emit(ClockPaused{Clock: ClockResolution, Left: d.calendar().Between(d.env.Now, k.Due)})
	}
}

func (d *draft) meet(name string) { d.meetBy(name, false) }

// meetBy ends a clock, by an answer or because nothing is owed any more. One that
// stands still is in time, however long the customer took.
func (d *draft) meetBy(name string, answer bool) {
	k := d.c.clock(name)
	if !k.owed() {
		return
	}
	e := ClockMet{Clock: name, Due: k.Due, Late: k.Missed || !k.Paused && d.env.Now.After(k.Due), Missed: k.Missed, Channel: d.c.waitsOn(name)}
	if answer {
		e.Took = max(0, d.env.Now.Sub(k.Started))
	}
	d.emit(e)
}

// waitsOn is the channel that a clock runs for: where the customer came to us, and
// later where he wrote last.
func (c *Case) waitsOn(clock string) string {
	if t, ok := c.Thread(c.LastThread); ok && clock == ClockNext {
		return t.Channel
	}
	if len(c.Threads) > 0 {
		return c.Threads[0].Channel
	}
	return ""
}

// spell writes a duration as people do.
func spell(t time.Duration) string {
	t = t.Round(time.Second) // what is left of a clock that stood still has fractions
	if t == 0 {
		return "no time"
	}
	s := t.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
