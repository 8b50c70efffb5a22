package casework

import (
	"slices"
	"strings"
	"time"

	"ines/shared/policy"
)

// Watch is how far a deadline has been seen to: the warning before it, and after
// it the ladder of the policy, one rung at a time.
type Watch struct {
	Warn time.Time `json:"warn,omitzero"`      // when whose it is gets warned; zero: not any more
	Rung int       `json:"rung,omitempty"`     // steps of the ladder taken
	Did  string    `json:"did,omitempty"`      // the last one: remind, hand_over, tell_lead
	Next time.Time `json:"next_rung,omitzero"` // when the next is due; zero: none is left
}

// deadline is one thing that can be missed: a clock, a promise, an approval, a
// question to a colleague.
type deadline struct {
	kind string // as the policy's ladders name it
	id   string // of the promise or approval
	due  time.Time
	*Watch
	missed bool
	over   bool // nothing is owed any more, or it stands still
}

// deadlines are everything in the case that can be missed.
func (c *Case) deadlines() []deadline {
	all := make([]deadline, 0, 3+len(c.Promises)+len(c.Approvals))
	for _, name := range []string{ClockFirst, ClockNext, ClockResolution} {
		k := c.clock(name)
		all = append(all, deadline{name, "", k.Due, &k.Watch, k.Missed, !k.owed() || k.Paused})
	}
	for i := range c.Promises {
		p := &c.Promises[i]
		all = append(all, deadline{policy.OnPromise, p.ID, p.Due, &p.Watch, p.Broken, false})
	}
	for i := range c.Approvals {
		a := &c.Approvals[i]
		all = append(all, deadline{policy.OnApproval, a.ID, a.Due, &a.Watch, a.Overdue, false})
	}
	for i := range c.Questions {
		q := &c.Questions[i]
		all = append(all, deadline{policy.OnExpert, q.ID, q.Due, &q.Watch, q.Overdue, false})
	}
	return all
}

// what names a deadline for people.
func (c *Case) what(dl deadline) string {
	switch dl.kind {
	case policy.OnPromise:
		p, _ := c.Promise(dl.id)
		return "promise “" + p.Text + "”"
	case policy.OnApproval:
		a, _ := c.Approval(dl.id)
		return "approval of " + a.Words()
	case policy.OnExpert:
		q, _ := c.Question(dl.id)
		return "question “" + q.Text + "”"
	}
	return clockName(dl.kind)
}

func (c *Case) deadline(kind, id string) (deadline, bool) {
	for _, dl := range c.deadlines() {
		if dl.kind == kind && dl.id == id {
			return dl, true
		}
	}
	return deadline{}, false
}

// warning is when to warn before a deadline: zero where that has passed already,
// so that a short deadline isn't announced in the same breath.
func (d *draft) warning(due time.Time) time.Time {
	if w := due.Add(-d.env.Policy.Cases.WarnBefore); w.After(d.env.Now) {
		return w
	}
	return time.Time{}
}

// rung is when the ladder's step is due for a deadline, zero if there is none.
func (d *draft) rung(kind string, due time.Time, step int) time.Time {
	steps := d.env.Policy.Ladder(kind)
	if step >= len(steps) {
		return time.Time{}
	}
	if steps[step].After == 0 {
		return due
	}
	return d.calendar().Add(due, steps[step].After)
}

// warn announces deadlines that are near.
func (d *draft) warn() {
	for _, dl := range d.c.deadlines() {
		if !dl.over && !dl.missed && !dl.Warn.IsZero() && !d.env.Now.Before(dl.Warn) && d.env.Now.Before(dl.due) {
			d.emit(DeadlineNear{For: dl.kind, ID: dl.id, What: d.c.what(dl), Due: dl.due, Who: d.whose(dl)})
		}
	}
}

// climb takes the steps of the ladder that are due for what was missed. The policy
// may have changed since the last one: a rung that is gone ends the ladder.
func (d *draft) climb() {
	for _, dl := range d.c.deadlines() {
		for n := 0; n < maxRungs; n++ {
			// Each step may change the case: look again.
			at, ok := d.c.deadline(dl.kind, dl.id)
			if !ok || at.over || !at.missed || at.Next.IsZero() || d.env.Now.Before(at.Next) {
				break
			}
			d.step(at)
		}
	}
}

// maxRungs bounds the steps taken at once, whatever the policy says.
const maxRungs = 20

func (d *draft) step(dl deadline) {
	e := Escalated{For: dl.kind, ID: dl.id, What: d.c.what(dl), Due: dl.due, Step: dl.Rung + 1, Next: d.rung(dl.kind, dl.due, dl.Rung+1)}
	steps := d.env.Policy.Ladder(dl.kind)
	if dl.Rung >= len(steps) {
		e.Next = time.Time{}
		d.emit(e)
		return
	}
	e.Do = steps[dl.Rung].Do
	switch e.Do {
	case policy.StepHandOver:
		e.From, e.Department = d.c.Owner, d.c.Department
	case policy.StepTellLead:
		e.Who = d.leads()
	default:
		e.Who = d.whose(dl)
		if len(e.Who) == 0 {
			e.Department = d.c.Department
		}
	}
	d.emit(e)
}

// whose is who has to do something about a deadline: a promise's owner, those who
// may give an approval, else the case's owner; nobody if it is free.
func (d *draft) whose(dl deadline) []string {
	switch dl.kind {
	case policy.OnPromise:
		if p, ok := d.c.Promise(dl.id); ok && p.Owner != "" {
			return []string{p.Owner}
		}
	case policy.OnApproval:
		if a, ok := d.c.Approval(dl.id); ok {
			return slices.Clone(a.Approvers)
		}
	case policy.OnExpert:
		if q, ok := d.c.Question(dl.id); ok {
			return []string{q.Colleague}
		}
	}
	if holder := d.c.HeldBy(d.env.Now); holder != "" {
		return []string{holder}
	}
	return nil
}

// leads are the department's leads, else the desk's, else its admins.
func (d *draft) leads() []string {
	var here, all, admins []string
	for _, c := range d.env.Policy.Colleagues {
		switch {
		case c.Has("lead") && slices.Contains(c.Departments, d.c.Department):
			here = append(here, c.ID)
		case c.Has("lead"):
			all = append(all, c.ID)
		case c.Has("admin"):
			admins = append(admins, c.ID)
		}
	}
	for _, some := range [][]string{here, all, admins} {
		if len(some) > 0 {
			return some
		}
	}
	return nil
}

func (c *Case) applyLadder(e Event) {
	switch e := e.(type) {
	case DeadlineNear:
		if dl, ok := c.deadline(e.For, e.ID); ok {
			dl.Warn = time.Time{}
		}
	case Escalated:
		if dl, ok := c.deadline(e.For, e.ID); ok {
			dl.Rung, dl.Did, dl.Next = e.Step, e.Do, e.Next
		}
		if e.Do == policy.StepHandOver {
			c.hold("", time.Time{}, time.Time{}, 0)
		}
	}
}

// Escalation is the highest step that was taken for what is still owed: "",
// remind, hand_over or tell_lead.
func (c *Case) Escalation() string {
	highest := -1
	for _, dl := range c.deadlines() {
		if !dl.over && dl.missed {
			highest = max(highest, slices.Index(policy.Steps, dl.Did))
		}
	}
	if highest < 0 {
		return ""
	}
	return policy.Steps[highest]
}

func clockName(name string) string { return strings.ReplaceAll(name, "_", " ") }
