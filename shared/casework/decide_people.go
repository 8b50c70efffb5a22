package casework

import (
	"cmp"
	"slices"
	"strings"

	"ines/shared/message"
)

func (d *draft) claim() error {
	if err := d.open(); err != nil {
		return err
	}
	switch holder := d.c.HeldBy(d.env.Now); holder {
	case d.by:
		return nil // again by the same colleague: it is his already
	case "":
		d.takeHold("")
		return nil
	default:
		return d.heldBy(holder)
	}
}

func (d *draft) release() error {
	if d.c.Owner == "" {
		return nil
	}
	if d.c.Owner != d.by {
		return refuse(CodeNotClaimed, "The case is %s's, not yours to release. Take it over if it must move.", d.name(d.c.Owner)).
			with("holder", map[string]string{"id": d.c.Owner, "name": d.name(d.c.Owner)})
	}
	d.emit(Released{Colleague: d.by})
	return nil
}

func (d *draft) takeOver(cmd TakeOver) error {
	if err := d.open(); err != nil {
		return err
	}
	if strings.TrimSpace(cmd.Why) == "" {
		return refuse(CodeInvalid, "Say why you take the case over: the colleague who had it will read it.")
	}
	holder := d.c.HeldBy(d.env.Now)
	if holder == d.by {
		return nil
	}
	if holder == "" {
		d.takeHold(cmd.Why)
		return nil
	}
	lease := d.env.Policy.Cases.ClaimLease
	d.emit(TakenOver{From: holder, Why: cmd.Why, Lease: lease, Until: d.env.Now.Add(lease)})
	d.handPromises(holder)
	return nil
}

func (d *draft) assign(cmd Assign) error {
	if err := d.open(); err != nil {
		return err
	}
	if _, ok := d.env.Policy.Colleague(cmd.Colleague); !ok {
		return refuse(CodeInvalid, "There is no colleague %q in the desk policy.", cmd.Colleague)
	}
	holder := d.c.HeldBy(d.env.Now)
	if holder == cmd.Colleague {
		return nil
	}
	if holder != "" && holder != d.by && !d.is("lead") {
		return d.heldBy(holder)
	}
	d.expireClaim()
	lease := d.env.Policy.Cases.ClaimLease
	before := cmp.Or(holder, d.c.LastOwner)
	d.emit(Assigned{Colleague: cmd.Colleague, From: holder, Lease: lease, Until: d.env.Now.Add(lease)})
	d.handPromises(before)
	return nil
}

// is reports whether the colleague who commands has the role.
func (d *draft) is(role string) bool {
	c, _ := d.env.Policy.Colleague(d.by)
	return slices.Contains(c.Roles, role)
}

func (d *draft) transfer(cmd Transfer) error {
	if err := d.open(); err != nil {
		return err
	}
	if _, ok := d.env.Policy.Department(cmd.Department); !ok {
		return refuse(CodeInvalid, "There is no department %q in the desk policy.", cmd.Department)
	}
	if strings.TrimSpace(cmd.Why) == "" {
		return refuse(CodeInvalid, "Say why the case goes to %s: they will read it first.", cmd.Department)
	}
	if holder := d.c.HeldBy(d.env.Now); holder != "" && holder != d.by && !d.is("lead") {
		return d.heldBy(holder)
	}
	if cmd.Department == d.c.Department {
		return nil
	}
	d.emit(Transferred{From: d.c.Department, Department: cmd.Department, Why: cmd.Why})
	return nil
}

func (d *draft) note(cmd Note) error {
	if strings.TrimSpace(cmd.Text) == "" {
		return refuse(CodeInvalid, "A note needs a text.")
	}
	for _, m := range cmd.Mentions {
		if _, ok := d.env.Policy.Colleague(m); !ok {
			return refuse(CodeInvalid, "There is no colleague %q to mention.", m)
		}
	}
	d.emit(NoteAdded{Text: cmd.Text, Mentions: cmd.Mentions})
	d.answerQuestions("")
	return nil
}

var (
	callDirections = []string{"inbound", "outbound"}
	callOutcomes   = []string{"answered", "engaged", "no_answer", "voicemail"}
)

func (d *draft) logCall(cmd LogCall) error {
	switch {
	case strings.TrimSpace(cmd.Number) == "":
		return refuse(CodeInvalid, "Which number? A call needs one.")
	case !slices.Contains(callDirections, cmd.Direction):
		return refuse(CodeInvalid, "The direction of a call is one of %s.", strings.Join(callDirections, ", "))
	case !slices.Contains(callOutcomes, cmd.Outcome):
		return refuse(CodeInvalid, "The outcome of a call is one of %s.", strings.Join(callOutcomes, ", "))
	}
	d.emit(CallLogged{Number: cmd.Number, Direction: cmd.Direction, Outcome: cmd.Outcome, Text: cmd.Text})
	if cmd.Outcome == "answered" { // they have spoken: that is an answer on any channel
		d.takenUp()
		d.answered()
	}
	return nil
}

func (d *draft) snooze(cmd Snooze) error {
	if err := d.open(); err != nil {
		return err
	}
	if !cmd.Until.After(d.env.Now) {
		return refuse(CodeInvalid, "A case can only be snoozed until a time to come.")
	}
	if err := d.mine("snoozed it"); err != nil {
		return err
	}
	d.emit(Snoozed{Until: cmd.Until})
	return nil
}

func (d *draft) wake() error {
	if d.c.Status != StatusSnoozed {
		return d.open()
	}
	d.emit(Woken{Why: d.name(d.by) + " took it up again"})
	return nil
}

func (d *draft) resolve(cmd Resolve) error {
	if d.c.Status == StatusResolved {
		return nil
	}
	if n := len(d.c.Promises); n > 0 {
		owed := make([]string, n)
		for i, p := range d.c.Promises {
			owed[i] = "“" + p.Text + "” (" + d.name(p.Owner) + ", due " + d.stamp(p.Due) + ")"
		}
		return refuse(CodeOpenPromise, "The customer was promised something that is not kept yet: %s. Keep it or move it, then resolve.", strings.Join(owed, "; ")).
			with("promises", slices.Clone(d.c.Promises))
	}
	if n := len(d.c.Approvals); n > 0 {
		asked := make([]string, n)
		for i, a := range d.c.Approvals {
			asked[i] = a.Words() + " (asked by " + d.name(a.By) + ")"
		}
		return refuse(CodeOpenApproval, "Something waits for an approval: %s. Have it answered, or take it back by declining it, then resolve.", strings.Join(asked, "; ")).
			with("approvals", d.c.Clone().Approvals)
	}
	if holder := d.c.HeldBy(d.env.Now); holder != "" && holder != d.by {
		return d.heldBy(holder)
	}
	for _, clock := range []string{ClockFirst, ClockNext, ClockResolution} {
		d.meet(clock)
	}
	d.settleAutomation(true)
	d.releaseQuestions("", "the case was resolved")
	d.emit(Resolved{Text: cmd.Text, Topic: d.c.About.Topic, Language: d.c.About.Language, Solvers: d.c.solvers(d.by)})
	d.planRating()
	return nil
}

func (d *draft) reopen(cmd Reopen) error {
	if d.c.MergedInto != "" {
		return d.merged()
	}
	if d.c.Status != StatusResolved {
		return nil
	}
	if strings.TrimSpace(cmd.Why) == "" {
		return refuse(CodeInvalid, "Say why the case opens again.")
	}
	if d.env.GoesOn != "" {
		return refuse(CodeFollowedUp, "The matter goes on in another case, which is open: work there. One matter has one case.").with("into", d.env.GoesOn)
	}
	d.emit(Reopened{Why: cmd.Why})
	d.startClock(ClockResolution, d.c.Targets.Resolution)
	d.startClock(ClockNext, d.c.Targets.NextAnswer)
	return nil
}

func (d *draft) split(cmd Split) error {
	key, found := "", 0
	for k, b := range d.c.Bystanders {
		if k == cmd.Author {
			key, found = k, 1
			break
		}
		if b.Name == cmd.Author {
			key, found = k, found+1
		}
	}
	switch {
	case found == 0:
		return refuse(CodeNotFound, "No bystander of this case is called %q.", cmd.Author)
	case found > 1:
		return refuse(CodeInvalid, "%s are called %q: use the author_id from the timeline.", plural(found, "bystander", "bystanders"), cmd.Author)
	}
	handle, ok := message.ParseHandle(key)
	if !ok {
		return refuse(CodeNotFound, "No bystander of this case is called %q.", cmd.Author)
	}
	d.splitOff(Person{Handle: handle, Name: d.c.Bystanders[key].Name}, "split off by "+d.name(d.by))
	return nil
}
