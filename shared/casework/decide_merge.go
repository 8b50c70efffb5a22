package casework

import (
	"slices"
	"strings"
)

// Commands about cases that are one matter. Each concerns two cases: docket decides
// both sides and writes them together.
type (
	// Merge ends the case: it becomes a part of Target.
	Merge struct {
		By, Into string
		Target   *Case // Into, as it is: docket fills it in
	}
	// Absorb takes From in, as it was before.
	Absorb struct {
		By   string
		From *Case
	}
	// Unmerge undoes a colleague's merge. Target is the case that it became part
	// of, as it is: docket fills it in.
	Unmerge struct {
		By, Why string
		Target  *Case
	}
	// UndoAbsorb lets From go.
	UndoAbsorb struct{ By, From, Why string }
)

func (Merge) command()      {}
func (Absorb) command()     {}
func (Unmerge) command()    {}
func (UndoAbsorb) command() {}

func (d *draft) merge(cmd Merge) error {
	c, into := d.c, cmd.Target
	switch {
	case strings.TrimSpace(cmd.Into) == "":
		return refuse(CodeInvalid, "Into which case? Give its id.")
	case cmd.Into == c.ID:
		return refuse(CodeInvalid, "A case can't be merged into itself.")
	case c.MergedInto != "":
		return d.merged()
	case into == nil || !into.Exists():
		return refuse(CodeNotFound, "There is no case %q to merge this one into.", cmd.Into)
	case into.MergedInto != "":
		return refuse(CodeMerged, "That case is part of another one itself. Merge into that.").with("into", into.MergedInto)
	case into.Brand != c.Brand:
		return refuse(CodeInvalid, "That case is %s's, this one %s's: brands don't share cases.", into.Brand, c.Brand)
	case into.Status == StatusResolved && c.Status != StatusResolved:
		return refuse(CodeClosed, "That case is resolved. Reopen it first, or merge it into this one.").with("into", into.ID)
	case len(c.Approvals) > 0:
		return refuse(CodeOpenApproval, "Something waits for an approval here. Have it answered, or take it back, then merge.")
	case len(into.Threads)+len(c.Threads) > maxThreads:
		return refuse(CodeInvalid, "Together the cases have more than %d threads.", maxThreads)
	}
	for _, s := range c.Sendings {
		if s.State != "unconfirmed" {
			return refuse(CodeInvalid, "A reply is still on its way here. Merge when it has arrived.")
		}
	}
	if holder := c.HeldBy(d.env.Now); holder != "" && holder != d.by && !d.is("lead") {
		return d.heldBy(holder)
	}
	d.releaseQuestions("", "the case became part of another one")
	d.emit(MergedInto{Case: cmd.Into, Why: d.name(d.by) + " found that it is one matter", ByHand: true, Was: c.Status})
	return nil
}

func (d *draft) merged() *Refusal {
	return refuse(CodeMerged, "This case is part of another one: go on there, or undo the merge.").with("into", d.c.MergedInto)
}

func (d *draft) absorb(cmd Absorb) error {
	from := cmd.From
	if from == nil || !from.Exists() {
		return refuse(CodeInvalid, "There is nothing to absorb.")
	}
	e := CaseAbsorbed{Case: from.ID, Customer: from.Customer, Handles: slices.Clone(from.Handles), Promises: slices.Clone(from.Promises),
		Given: from.Clone().Given, Why: d.name(d.by) + " found that it is one matter"}
	made := max(len(d.c.Threads), d.c.ThreadsMade)
	for i, t := range from.Clone().Threads {
		t.ID = threadID(made + i + 1)
		e.Threads = append(e.Threads, t)
	}
	for k, b := range from.Bystanders {
		if b.Split != "" {
			if e.Splits == nil {
				e.Splits = map[string]Bystander{}
			}
			e.Splits[k] = b
		}
	}
	d.emit(e)
	if from.Status == StatusResolved {
		return nil
	}
	if d.c.Status == StatusSnoozed {
		d.emit(Woken{Why: "another case of the same matter came to it"})
	}
	d.raise(from)
	d.inheritClock(from)
	d.turn()
	return nil
}

// raise makes the case as urgent as what came to it.
func (d *draft) raise(from *Case) {
	if rank(from.About.Urgency) <= rank(d.c.About.Urgency) {
		return
	}
	about := d.c.Clone().About
	about.Urgency, about.Points, about.UrgencyIn = from.About.Urgency, slices.Clone(from.About.Points), from.About.UrgencyIn
	d.emit(Assessed{About: about, Segment: d.c.Segment, Department: d.c.Department, Skills: d.c.Skills, Targets: d.c.Targets, Why: d.c.Why})
}

// inheritClock keeps the word that is owed in the case that came, by its own time.
func (d *draft) inheritClock(from *Case) {
	var owed Clock
	for _, k := range []Clock{from.First, from.Next} {
		if k.owed() && (owed.Due.IsZero() || k.Due.Before(owed.Due)) {
			owed = k
		}
	}
	if owed.Due.IsZero() {
		return
	}
	name := ClockNext
	if d.c.First.owed() {
		name = ClockFirst
	}
	if k := d.c.clock(name); k.owed() && !owed.Due.Before(k.Due) {
		return
	}
	d.emit(ClockSet{Clock: name, Started: owed.Started, Due: owed.Due, Warn: d.warning(owed.Due), Why: "owed in the case that was merged into this one"})
}

func (d *draft) unmerge(cmd Unmerge) error {
	c, into := d.c, cmd.Target
	switch {
	case strings.TrimSpace(cmd.Why) == "":
		return refuse(CodeInvalid, "Say why the cases part again.")
	case c.MergedInto == "":
		return refuse(CodeInvalid, "This case is not part of another one.")
	case !c.MergedByHand:
		return refuse(CodeInvalid, "This was no colleague's merge: the conversation is the other case's.").with("into", c.MergedInto)
	case into == nil || !into.Exists():
		return refuse(CodeNotFound, "The case that this one was merged into is not there.")
	case into.MergedInto != "":
		return refuse(CodeMerged, "The other case is part of yet another one. Undo that first.").with("into", into.MergedInto)
	}
	e := Unmerged{From: into.ID, Why: cmd.Why, Resolved: c.WasResolved}
	a, ok := into.absorbed(c.ID)
	if !ok {
		return refuse(CodeInvalid, "The other case doesn't know of the merge any more.")
	}
	for _, s := range into.Sendings {
		if slices.Contains(a.Threads, s.Thread) && s.State != "unconfirmed" {
			return refuse(CodeInvalid, "A reply to one of this case's threads is still on its way. Undo the merge when it has arrived.")
		}
	}
	e.Promises = a.stillOpen(into)
	since := c.ResolvedAt
	d.emit(e)
	if into.LastAnswer.After(since) {
		d.meet(ClockFirst)
		d.meet(ClockNext)
	}
	d.turn()
	return nil
}

func (d *draft) undoAbsorb(cmd UndoAbsorb) error {
	a, ok := d.c.absorbed(cmd.From)
	if !ok {
		return refuse(CodeInvalid, "The case %q is not part of this one.", cmd.From)
	}
	e := AbsorptionUndone{Case: a.Case, Threads: slices.Clone(a.Threads), Why: cmd.Why}
	for _, p := range a.stillOpen(d.c) {
		e.Promises = append(e.Promises, p.ID)
	}
	d.emit(e)
	d.turn()
	return nil
}
