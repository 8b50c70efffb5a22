package casework

import (
	"maps"
	"slices"
	"time"

	"ines/shared/message"
)

// IdentityProposal is a proposal that nobody has answered yet.
type IdentityProposal struct {
	ID       string     `json:"id"`
	Customer Person     `json:"customer"`
	With     Person     `json:"with"`
	Evidence []Evidence `json:"evidence"`
	Why      string     `json:"why"`
	At       time.Time  `json:"at"`
}

// between reports whether it is about these two, or those whom they are one with.
func (p IdentityProposal) between(a, b []string) bool {
	return slices.Contains(a, p.Customer.ID) && slices.Contains(b, p.With.ID) ||
		slices.Contains(b, p.Customer.ID) && slices.Contains(a, p.With.ID)
}

// maxIdentity bounds the proposals that a case remembers.
const maxIdentity = 20

// Origin is where a handle is known from, and since when.
type Origin struct {
	Source string    `json:"source"` // one of the Source constants
	Since  time.Time `json:"since"`
	Wrote  bool      `json:"wrote,omitempty"` // something of his was filed here
}

// The sources of handles.
const (
	SourceWrote    = "wrote_from" // he wrote from there
	SourceLink     = "link_token" // he came with the link that he was given in private
	SourceAnswered = "answered"   // he answered a private message of ours to it
	SourcePlatform = "platform"   // the platform names it as the same account
	SourceMerged   = "merged_from"
	SourceCase     = "case_merge" // a case of his was merged into this one
)

// Knowing somebody's handle twice changes nothing but an earlier date.
func (c *Case) origin(h message.Handle, source string, at time.Time) {
	if h.IsZero() {
		return
	}
	now := Origin{Source: source, Since: at, Wrote: source == SourceWrote}
	if old, known := c.Origins[h.Key()]; known {
		now.Source, now.Wrote = old.Source, old.Wrote || now.Wrote
		if old.Since.Before(at) {
			now.Since = old.Since
		}
	}
	if c.Origins == nil {
		c.Origins = map[string]Origin{}
	}
	c.Origins[h.Key()] = now
}

func (c *Case) applyIdentity(at time.Time, e Event) {
	switch e := e.(type) {
	case IdentityProposed:
		if len(c.Identity) >= maxIdentity {
			c.Identity = slices.Delete(c.Identity, 0, 1)
		}
		c.Identity = append(c.Identity, IdentityProposal{ID: e.ID, Customer: e.Customer, With: e.With, Evidence: e.Evidence, Why: e.Why, At: at})
	case IdentityDeclined:
		c.answeredIdentity(e.Proposals)
	case CustomersMerged:
		c.answeredIdentity(e.Proposals)
		for _, p := range e.People {
			c.meet(p)
			c.origin(p.Handle, SourceMerged, at)
		}
	case CustomersParted:
		c.part(e)
	}
}

func (c *Case) answeredIdentity(ids []string) {
	c.Identity = slices.DeleteFunc(c.Identity, func(p IdentityProposal) bool { return slices.Contains(ids, p.ID) })
}

// meet adds a handle of the customer's. Who had a case of his own keeps it.
func (c *Case) meet(p Person) {
	if p.Handle.IsZero() || c.IsCustomer(p.Handle) { // zero: he was erased
		return
	}
	c.Handles = append(c.Handles, p)
	if key := p.Handle.Key(); c.Bystanders[key].Split == "" {
		delete(c.Bystanders, key)
	}
}

// Joined reports whether handles of some customers are the customer's here because they
// were merged.
func (c *Case) Joined(ids []string) bool { return len(c.joinedByMerge(ids)) > 0 }

// joinedByMerge are the handles that are here because customers were merged, of those
// ids: the ones that came with a case that was merged into this one stay.
func (c *Case) joinedByMerge(ids []string) (people []Person) {
	for _, p := range c.Handles {
		if slices.Contains(ids, p.ID) && !slices.ContainsFunc(c.Absorbed, func(a Absorbed) bool { return slices.Contains(a.People, p) }) {
			people = append(people, p)
		}
	}
	return people
}

func (c *Case) part(e CustomersParted) {
	gone := c.joinedByMerge(e.Others)
	c.Handles = slices.DeleteFunc(c.Handles, func(p Person) bool { return slices.Contains(gone, p) })
	for _, p := range gone {
		delete(c.Origins, p.Handle.Key())
	}
	c.unquote(e.Threads)
	c.Threads = slices.DeleteFunc(c.Threads, func(t Thread) bool { return slices.Contains(e.Threads, t.ID) })
	c.relast(e.Threads)
}

// relast names another thread as the last one, where that is among those gone.
func (c *Case) relast(gone []string) {
	if !slices.Contains(gone, c.LastThread) {
		return
	}
	c.LastThread = ""
	var last time.Time
	for _, t := range c.Threads {
		if c.LastThread == "" || t.LastInbound.After(last) {
			c.LastThread, last = t.ID, t.LastInbound
		}
	}
}

// forgetIdentity drops what names somebody who was erased.
func (c *Case) forgetIdentity(gone func(message.Handle) bool) {
	left := func(p Person) bool { return p.Handle.IsZero() || gone(p.Handle) }
	c.Identity = slices.DeleteFunc(c.Identity, func(p IdentityProposal) bool { return left(p.Customer) || left(p.With) })
	c.Handles = slices.DeleteFunc(c.Handles, func(p Person) bool { return gone(p.Handle) })
	maps.DeleteFunc(c.Origins, func(key string, _ Origin) bool {
		h, ok := message.ParseHandle(key)
		return ok && gone(h)
	})
}
