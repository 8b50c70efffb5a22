package casework

import (
	"time"

	"ines/shared/policy"
	"ines/shared/sorting"
)

// Timer is something that happens to a case at a time if nobody forestalls it.
type Timer struct {
	// For is claim, snooze, first_answer, next_answer, resolution, promise,
	// approval, expert, automation, rating, or warning and escalation before and after those.
	For string    `json:"for"`
	At  time.Time `json:"at"`
}

// Timers lists what is coming, soonest first.
func (c *Case) Timers() []Timer {
	if !c.Exists() {
		return nil
	}
	if c.Status == StatusResolved {
		if c.Rated.Due.IsZero() {
			return nil
		}
		return []Timer{{"rating", c.Rated.Due}}
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
	for _, dl := range c.deadlines() {
		switch {
		case dl.over:
		case dl.missed:
			add("escalation", dl.Next)
		default:
			add("warning", dl.Warn)
			add(dl.kind, dl.due)
		}
	}
	if c.Status == StatusSnoozed {
		add("snooze", c.SnoozeUntil)
	}
	for _, a := range c.pending() {
		add("automation", a.Quiet)
	}
	sorting.By(ts, func(a, b Timer) int { return a.At.Compare(b.At) })
	return ts
}

// fireTimers does what is due. It is idempotent: what has fired is no timer any
// more.
func (d *draft) fireTimers() error {
	now := d.env.Now
	if d.c.Status == StatusResolved {
		d.askRating()
		return nil
	}
	if d.c.Status == StatusSnoozed && !now.Before(d.c.SnoozeUntil) {
		d.emit(Woken{Why: "it was snoozed until " + d.stamp(d.c.SnoozeUntil)})
	}
	d.warn()
	for _, dl := range d.c.deadlines() {
		if dl.over || dl.missed || dl.due.IsZero() || now.Before(dl.due) {
			continue
		}
		next := d.rung(dl.kind, dl.due, 0)
		switch dl.kind {
		case policy.OnPromise:
			p, _ := d.c.Promise(dl.id)
			d.emit(PromiseBroken{Promise: p.ID, What: p.Text, Due: p.Due, Owner: p.Owner, Next: next})
		case policy.OnApproval:
			a, _ := d.c.Approval(dl.id)
			d.emit(ApprovalOverdue{Approval: a.ID, What: a.Words(), Due: a.Due, Next: next})
		case policy.OnExpert:
			q, _ := d.c.Question(dl.id)
			d.emit(ExpertOverdue{Question: q.ID, Colleague: q.Colleague, What: q.Text, Due: q.Due, Next: next})
		default:
			d.emit(ClockMissed{Clock: dl.kind, Due: dl.due, Next: next, Channel: d.c.waitsOn(dl.kind)})
		}
	}
	d.climb()
	d.expireClaim()
	d.quiet()
	return nil
}

func (d *draft) expireClaim() {
	if c := d.c; c.Owner != "" && !c.LeaseUntil.IsZero() && !d.env.Now.Before(c.LeaseUntil) {
		d.emit(ClaimExpired{Colleague: c.Owner, Idle: c.LeaseUntil.Add(-c.Lease)})
	}
}
