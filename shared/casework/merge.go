package casework

import (
	"slices"
	"strconv"
	"time"

	"ines/shared/policy"
)

// Absorbed is a case that a colleague merged into this one.
type Absorbed struct {
	Case     string   `json:"case"`
	Threads  []string `json:"threads"`            // their ids here
	People   []Person `json:"people,omitempty"`   // who became known by it
	Promises []string `json:"promises,omitempty"` // that came with it
}

// stillOpen are the promises that came with it and are not kept yet.
func (a Absorbed) stillOpen(in *Case) []Promise {
	var open []Promise
	for _, p := range in.Promises {
		if slices.Contains(a.Promises, p.ID) {
			open = append(open, p)
		}
	}
	return open
}

// maxThreads bounds what merging can pile up.
const maxThreads = 50

// absorbed finds a case that was merged into this one.
func (c *Case) absorbed(id string) (Absorbed, bool) {
	i := slices.IndexFunc(c.Absorbed, func(a Absorbed) bool { return a.Case == id })
	if i < 0 {
		return Absorbed{}, false
	}
	return c.Absorbed[i], true
}

// Absorbs reports whether a case is part of this one by a colleague's merge.
func (c *Case) Absorbs(id string) bool {
	_, ok := c.absorbed(id)
	return ok
}

// nextThread is the id of the next thread: one that was never given before, also
// after threads have gone.
func (c *Case) nextThread() string { return threadID(max(len(c.Threads), c.ThreadsMade) + 1) }

func threadID(n int) string { return "t" + strconv.Itoa(n) }

func (c *Case) addThread(t Thread) {
	c.ThreadsMade = max(len(c.Threads), c.ThreadsMade) + 1
	c.Threads = append(c.Threads, t)
}

func (c *Case) applyMerge(at time.Time, e Event) {
	switch e := e.(type) {
	case MergedInto:
		c.MergedInto, c.MergedByHand, c.WasResolved = e.Case, e.ByHand, e.Was == StatusResolved
		if e.ByHand {
			c.Promises, c.Proposals = nil, nil
		}
		c.Status, c.ResolvedAt, c.SnoozeUntil = StatusResolved, at, time.Time{}
		c.applyRating(at, e)
		c.hold("", time.Time{}, time.Time{}, 0)
	case CaseAbsorbed:
		c.absorb(at, e)
	case Unmerged:
		c.MergedInto, c.MergedByHand, c.WasResolved = "", false, false
		c.Promises = append(c.Promises, e.Promises...)
		c.took(e.From)
		if !e.Resolved {
			c.Status, c.ResolvedAt = StatusOpen, time.Time{}
		}
	case AbsorptionUndone:
		c.release(e)
	}
}

func (c *Case) absorb(at time.Time, e CaseAbsorbed) {
	a := Absorbed{Case: e.Case}
	for _, t := range e.Threads {
		c.addThread(t)
		a.Threads = append(a.Threads, t.ID)
	}
	for _, p := range append([]Person{e.Customer}, e.Handles...) {
		if !p.Handle.IsZero() && !c.IsCustomer(p.Handle) {
			c.Handles = append(c.Handles, p)
			c.origin(p.Handle, SourceCase, at)
			a.People = append(a.People, p)
			delete(c.Bystanders, p.Handle.Key())
		}
	}
	for _, p := range e.Promises {
		c.Promises = append(c.Promises, p)
		a.Promises = append(a.Promises, p.ID)
	}
	for k, m := range e.Given {
		if c.Given == nil {
			c.Given = map[string]policy.Money{}
		}
		c.Given[k] = c.Given[k].Plus(m)
	}
	for k, b := range e.Splits {
		if c.Bystanders == nil {
			c.Bystanders = map[string]Bystander{}
		}
		c.Bystanders[k] = b
	}
	c.Absorbed = append(c.Absorbed, a)
	c.took(e.Case)
}

func (c *Case) release(e AbsorptionUndone) {
	a, _ := c.absorbed(e.Case)
	c.Absorbed = slices.DeleteFunc(c.Absorbed, func(a Absorbed) bool { return a.Case == e.Case })
	c.unquote(e.Threads)
	c.Threads = slices.DeleteFunc(c.Threads, func(t Thread) bool { return slices.Contains(e.Threads, t.ID) })
	c.Handles = slices.DeleteFunc(c.Handles, func(p Person) bool { return slices.Contains(a.People, p) })
	for _, p := range a.People {
		delete(c.Origins, p.Handle.Key())
	}
	c.Promises = slices.DeleteFunc(c.Promises, func(p Promise) bool { return slices.Contains(e.Promises, p.ID) })
	c.relast(e.Threads)
}

// unquote forgets the last words that a list shows, if they were said in a thread that
// goes: they are somebody else's by now.
func (c *Case) unquote(gone []string) {
	theirs := func(t Thread) bool { return slices.Contains(gone, t.ID) && t.LastID == c.LastMessage }
	if c.LastMessage != "" && slices.ContainsFunc(c.Threads, theirs) {
		c.LastMessage, c.LastText, c.LastFile, c.LastEdited = "", "", "", time.Time{}
	}
}

// took notes a case whose conversations came to this one: what it has filed is
// looked for there too.
func (c *Case) took(id string) {
	if !slices.Contains(c.Took, id) {
		c.Took = append(c.Took, id)
	}
}

// Knows reports whether a customer is this case's, by his id: its own, or one of
// those whose case was merged into it.
func (c *Case) Knows(customer string) bool {
	return c.Customer.ID == customer || slices.ContainsFunc(c.Handles, func(p Person) bool { return p.ID == customer })
}
