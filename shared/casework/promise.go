package casework

import (
	"slices"
	"time"
)

// Promise is something a colleague said he would do. It is open until it is kept:
// a broken promise is still owed.
type Promise struct {
	ID     string    `json:"id"`
	Text   string    `json:"text"`
	Due    time.Time `json:"due"`
	Owner  string    `json:"owner"`             // who has to keep it
	MadeBy string    `json:"made_by,omitempty"` // where that is somebody else
	Reply  string    `json:"reply,omitempty"`   // the reply that it was heard in
	Broken bool      `json:"broken,omitempty"`
	Watch
}

// Proposal is a promise that was heard in a reply and is not made yet: it becomes
// one when a colleague says so.
type Proposal struct {
	ID    string    `json:"id"` // the promise's, once it is made
	Reply string    `json:"reply"`
	Text  string    `json:"text"`
	Due   time.Time `json:"due"`
	Owner string    `json:"owner"` // who said it
}

// maxProposals is how many proposals a case remembers.
const maxProposals = 5

// Promise finds an open promise.
func (c *Case) Promise(id string) (Promise, bool) {
	i := slices.IndexFunc(c.Promises, func(p Promise) bool { return p.ID == id })
	if i < 0 {
		return Promise{}, false
	}
	return c.Promises[i], true
}

// Proposal finds a promise that was heard and not made.
func (c *Case) Proposal(id string) (Proposal, bool) {
	i := slices.IndexFunc(c.Proposals, func(p Proposal) bool { return p.ID == id })
	if i < 0 {
		return Proposal{}, false
	}
	return c.Proposals[i], true
}

func (c *Case) dropProposal(id string) {
	c.Proposals = slices.DeleteFunc(c.Proposals, func(p Proposal) bool { return p.ID == id })
}

func (c *Case) promise(id string, change func(*Promise)) {
	for i := range c.Promises {
		if c.Promises[i].ID == id {
			change(&c.Promises[i])
		}
	}
}

func (c *Case) applyPromise(e Event) {
	switch e := e.(type) {
	case PromiseProposed:
		if len(c.Proposals) >= maxProposals {
			c.Proposals = slices.Delete(c.Proposals, 0, 1)
		}
		c.Proposals = append(c.Proposals, Proposal{ID: e.Promise, Reply: e.Reply, Text: e.Text, Due: e.Due, Owner: e.Owner})
	case ProposalDismissed:
		c.dropProposal(e.Promise)
	case PromiseMade:
		c.dropProposal(e.Promise)
		c.Promises = append(c.Promises, Promise{ID: e.Promise, Text: e.Text, Due: e.Due, Owner: e.Owner, Reply: e.Reply, Watch: Watch{Warn: e.Warn}})
	case PromiseKept:
		c.Promises = slices.DeleteFunc(c.Promises, func(p Promise) bool { return p.ID == e.Promise })
	case PromiseMoved:
		c.promise(e.Promise, func(p *Promise) { p.Due, p.Broken, p.Watch = e.Due, false, Watch{Warn: e.Warn} })
	case PromiseBroken:
		c.promise(e.Promise, func(p *Promise) { p.Broken, p.Warn, p.Next = true, time.Time{}, e.Next })
	case PromiseHandedOver:
		c.promise(e.Promise, func(p *Promise) {
			if p.MadeBy == "" {
				p.MadeBy = p.Owner
			}
			p.Owner = e.To
		})
	}
}
