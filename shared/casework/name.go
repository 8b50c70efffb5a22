package casework

import (
	"cmp"
	"slices"
	"strings"

	"ines/shared/message"
)

// AuthorNamed says how the platform calls somebody whom its deliveries name by an id alone.
// It was asked, and a name that came with a message stands before it.
type AuthorNamed struct {
	Person Person `json:"person"`
}

func (AuthorNamed) Kind() string { return "author_named" }

// NoteName tells a case how the platform calls somebody.
type NoteName struct{ Author message.Author }

func (NoteName) command() {}

func (d *draft) noteName(n NoteName) {
	known, ok := d.c.person(n.Author.Handle)
	if p := known.called(n.Author.Name, n.Author.Username); ok && p != known {
		d.emit(AuthorNamed{Person: p})
	}
}

// called is a person with names in the place of those that he lacks.
func (p Person) called(name, username string) Person {
	p.Name, p.Username = cmp.Or(p.Name, name), cmp.Or(p.Username, username)
	return p
}

// Introduced is the author of a message by all that is known of his name, under the id
// of a customer.
func (c *Case) Introduced(r Receive, id string) Person {
	return c.known(personOf(id, r.Message.Author)).called(r.Called.Name, r.Called.Username)
}

// person is the customer as one of his handles, and whether it is one.
func (c *Case) person(h message.Handle) (Person, bool) {
	for _, p := range append([]Person{c.Customer}, c.Handles...) {
		if p.Handle == h && !h.IsZero() {
			return p, true
		}
	}
	return Person{}, false
}

// Known is an author with the names that the case knows him by, where his message had
// none.
func (c *Case) Known(a message.Author) message.Author {
	p := c.known(personOf("", a))
	a.Name, a.Username = p.Name, p.Username
	return a
}

func (c *Case) named(as Person) {
	name := func(p *Person) {
		if p.Handle == as.Handle {
			*p = p.called(as.Name, as.Username)
		}
	}
	name(&c.Customer)
	for i := range c.Handles {
		name(&c.Handles[i])
	}
	for i := range c.Absorbed {
		a := &c.Absorbed[i]
		a.People = slices.Clone(a.People)
		for j := range a.People {
			name(&a.People[j])
		}
	}
	for i := range c.Identity {
		name(&c.Identity[i].Customer)
		name(&c.Identity[i].With)
	}
}

// Stranger is one of the customer's handles without a name, and where he wrote from it.
type Stranger struct {
	Person Person
	Thread Thread
}

// Strangers are those whom a commit brings in by an id alone: with the case, as a
// handle that turned out to be the customer's, or with the first thread of its kind.
// In public a user name will do.
func (c *Case) Strangers(cm Commit) (all []Stranger) {
	var came []message.Handle
	var began []string
	for _, e := range cm.Events {
		switch e := e.(type) {
		case CaseOpened:
			came = append(came, e.Customer.Handle)
		case CustomerChanged:
			came = append(came, e.To.Handle)
		case HandleLinked:
			came = append(came, e.Person.Handle)
		case ThreadJoined:
			if !slices.ContainsFunc(c.Threads, func(t Thread) bool {
				return t.ID != e.Thread.ID && t.Inbox == e.Thread.Inbox && t.Visibility == e.Thread.Visibility
			}) {
				began = append(began, e.Thread.ID)
			}
		}
	}
	for _, e := range cm.Events {
		r, ok := e.(MessageReceived)
		if !ok {
			continue
		}
		h := r.Message.Author.Handle
		p, his := c.person(h)
		t, held := c.Thread(r.Thread)
		if !his || !held || p.Name != "" || p.Username != "" && t.Visibility == message.Public || !slices.Contains(came, h) && !slices.Contains(began, t.ID) {
			continue
		}
		if !slices.ContainsFunc(all, func(s Stranger) bool { return s.Person.Handle == h }) {
			all = append(all, Stranger{p, t})
		}
	}
	return all
}

// introduce puts the name that is known by now where an entry had an id.
func (e *Entry) introduce(final *Case) {
	switch ev := e.Event.(type) {
	case CaseOpened:
		if id := ev.Customer.Handle.ID; ev.Customer.Label() == id {
			ev.Customer = final.known(ev.Customer)
			ev.Why = strings.ReplaceAll(ev.Why, id, ev.Customer.Label())
			e.Event = ev
		}
	case HandleLinked:
		ev.Person = final.known(ev.Person)
		e.Event = ev
	}
}

func (c *Case) known(p Person) Person {
	as, _ := c.person(p.Handle)
	return p.called(as.Name, as.Username)
}
