package casework

import (
	"slices"
	"strings"
	"time"
)

// startClock sets a service clock going for so much opening time from now.
func (d *draft) startClock(name string, open time.Duration) {
	if open <= 0 {
		return
	}
	d.emit(ClockSet{Clock: name, Started: d.env.Now, Due: d.calendar().Add(d.env.Now, open),
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
		d.emit(ClockSet{Clock: name, Started: k.Started, Due: due, Why: clockName(name) + " within " + spell(open) + " of opening hours, because the case became more urgent"})
	}
}

// answered is what an answer that went out does to the clocks.
func (d *draft) answered() {
	d.meet(ClockFirst)
	d.meet(ClockNext)
	if k := d.c.Resolution; k.Running() && len(d.c.Promises) == 0 {
		// Now the customer's turn: the time we have to solve it stands still.
		d.emit(ClockPaused{Clock: ClockResolution, Left: d.calendar().Between(d.env.Now, k.Due)})
	}
}

func (d *draft) meet(name string) {
	if k := d.c.clock(name); k.owed() {
		d.emit(ClockMet{Clock: name, Due: k.Due, Late: k.Missed || d.env.Now.After(k.Due)})
	}
}

func (d *draft) makePromise(cmd MakePromise) error {
	if err := d.open(); err != nil {
		return err
	}
	if strings.TrimSpace(cmd.Text) == "" {
		return refuse(CodeInvalid, "Say what is promised.")
	}
	if !cmd.Due.After(d.env.Now) {
		return refuse(CodeInvalid, "A promise needs a time to come, not %s.", d.stamp(cmd.Due))
	}
	d.emit(PromiseMade{Promise: d.derive("promise"), Text: strings.TrimSpace(cmd.Text), Due: cmd.Due, Owner: d.by})
	return nil
}

func (d *draft) promise(id string) (Promise, error) {
	p, ok := d.c.Promise(id)
	if !ok {
		return p, refuse(CodeNotFound, "The case has no open promise %q.", id)
	}
	return p, nil
}

func (d *draft) keepPromise(cmd KeepPromise) error {
	p, err := d.promise(cmd.Promise)
	if err != nil {
		return err
	}
	d.emit(PromiseKept{Promise: p.ID, What: p.Text, Text: cmd.Text, Late: p.Broken || d.env.Now.After(p.Due)})
	return nil
}

func (d *draft) movePromise(cmd MovePromise) error {
	p, err := d.promise(cmd.Promise)
	switch {
	case err != nil:
		return err
	case strings.TrimSpace(cmd.Why) == "":
		return refuse(CodeInvalid, "Say why the promise moves.")
	case !cmd.Due.After(d.env.Now):
		return refuse(CodeInvalid, "A promise needs a time to come, not %s.", d.stamp(cmd.Due))
	}
	d.emit(PromiseMoved{Promise: p.ID, What: p.Text, From: p.Due, Due: cmd.Due, Why: cmd.Why})
	return nil
}

// Timer is something that happens to a case at a time if nobody forestalls it.
type Timer struct {
	For string    `json:"for"` // claim, first_answer, next_answer, resolution, promise, snooze
	At  time.Time `json:"at"`
}

// Timers lists what is coming, soonest first.
func (c *Case) Timers() []Timer {
	if !c.Exists() || c.Status == StatusResolved {
		return nil
	}
	var ts []Timer
	add := func(what string, at time.Time) {
		if !at.IsZero() {
			ts = append(ts, Timer{what, at})
		}
	}
	if c.Owner != "" {
		add("claim", c.LeaseUntil)
	}
	for _, name := range []string{ClockFirst, ClockNext, ClockResolution} {
		if k := c.clock(name); k.Running() {
			add(name, k.Due)
		}
	}
	for _, p := range c.Promises {
		if !p.Broken {
			add("promise", p.Due)
		}
	}
	if c.Status == StatusSnoozed {
		add("snooze", c.SnoozeUntil)
	}
	slices.SortStableFunc(ts, func(a, b Timer) int { return a.At.Compare(b.At) })
	return ts
}

// fireTimers does what is due. It is idempotent: what has fired is no timer any
// more.
func (d *draft) fireTimers() error {
	now := d.env.Now
	if d.c.Status == StatusResolved {
		return nil
	}
	if d.c.Status == StatusSnoozed && !now.Before(d.c.SnoozeUntil) {
		d.emit(Woken{Why: "it was snoozed until " + d.stamp(d.c.SnoozeUntil)})
	}
	for _, p := range slices.Clone(d.c.Promises) {
		if !p.Broken && !now.Before(p.Due) {
			d.emit(PromiseBroken{Promise: p.ID, What: p.Text, Due: p.Due, Owner: p.Owner})
		}
	}
	for _, name := range []string{ClockFirst, ClockNext, ClockResolution} {
		if k := d.c.clock(name); k.Running() && !now.Before(k.Due) {
			d.emit(ClockMissed{Clock: name, Due: k.Due})
		}
	}
	d.expireClaim()
	return nil
}

func (d *draft) expireClaim() {
	if c := d.c; c.Owner != "" && !c.LeaseUntil.IsZero() && !d.env.Now.Before(c.LeaseUntil) {
		d.emit(ClaimExpired{Colleague: c.Owner, Idle: c.LeaseUntil.Add(-c.Lease)})
	}
}

func clockName(name string) string { return strings.ReplaceAll(name, "_", " ") }

// spell writes a duration as people do.
func spell(t time.Duration) string {
	s := t.String()
	s = strings.TrimSuffix(s, "0s")
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	if s == "" {
		return "no time"
	}
	return s
}
