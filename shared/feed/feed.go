// Package feed is what departments are told: one entry for each thing that happened
// to a case which they own or want to hear of (multiplexing: one pipe, and each
// filters at its own end). Of makes entries and is pure; a Publisher brings them to
// the departments: Shelf keeps them on the table of one machine, eventbridge puts
// them on the stack's bus. Function relay publishes, function reply calls targets.
//
// It imports casework, policy, mask and the table's port.
package feed

import (
	"context"
	"slices"
	"strconv"
	"time"

	"ines/shared/casework"
	"ines/shared/mask"
	"ines/shared/policy"
)

// Entry is one commit to a case, as departments are told of it. Its JSON is what
// buses, webhooks and the feed route carry.
type Entry struct {
	ID          string          `json:"id"` // <case>/<version>: the same however often it comes
	At          time.Time       `json:"at"`
	Departments []string        `json:"departments"` // who is told
	Case        Summary         `json:"case"`
	By          string          `json:"by,omitempty"` // colleague id; "" is the desk itself
	Events      casework.Events `json:"events"`
}

// Summary is the case as it is after the entry.
type Summary struct {
	ID         string          `json:"id"`
	Version    int64           `json:"version"`
	Status     casework.Status `json:"status"`
	Brand      string          `json:"brand"`
	Community  string          `json:"community"`
	Department string          `json:"department"` // whose it is
	Owner      string          `json:"owner,omitempty"`
	Segment    string          `json:"segment,omitempty"`
	Topic      string          `json:"topic,omitempty"`
	Language   string          `json:"language,omitempty"`
	Kind       string          `json:"kind,omitempty"`
	Tone       string          `json:"tone,omitempty"`
	Urgency    string          `json:"urgency,omitempty"`
	DueAt      time.Time       `json:"due_at,omitzero"`
	DueFor     string          `json:"due_for,omitempty"`
}

// Publisher tells departments. It may be told of an entry more than once, and
// delivers at least once. It is safe for concurrent use.
type Publisher interface {
	Publish(ctx context.Context, entries ...Entry) error
}

// Of is the entry of a commit, for the departments that listen: the one that owns
// the case, those that are interested in it, and those that want one of these
// events. Actions are told to the company's systems whoever listens. ok is false if
// nobody is told. c is the case after the commit.
func Of(desk *policy.Desk, c *casework.Case, cm casework.Commit) (e Entry, ok bool) {
	told := map[string]bool{c.Department: true}
	for _, id := range c.Interested {
		told[id] = true
	}
	listening := desk.Listening()
	if slices.ContainsFunc(listening, func(id string) bool { return !told[id] }) {
		for _, ev := range cm.Events {
			for _, id := range desk.Wanting(facts(c, ev)) {
				told[id] = true
			}
		}
	}
	for _, id := range listening {
		if told[id] {
			e.Departments = append(e.Departments, id)
		}
	}
	if slices.ContainsFunc(cm.Events, func(ev casework.Event) bool { _, ok := ev.(casework.ActionTaken); return ok }) {
		e.Departments = append(e.Departments, policy.ActionsFeed)
	}
	if len(e.Departments) == 0 {
		return Entry{}, false
	}
	e.ID, e.At, e.By = cm.Case+"/"+strconv.FormatInt(cm.Seq, 10), cm.At, cm.By
	for _, ev := range cm.Events {
		e.Events = append(e.Events, lean(c, ev))
	}
	e.Case = Summary{ID: cm.Case, Version: cm.Seq, Status: c.Status, Brand: c.Brand, Community: c.Community, Department: c.Department, Owner: c.Owner,
		Segment: c.Segment, Topic: c.About.Topic, Language: c.About.Language, Kind: c.About.Kind, Tone: c.About.Tone, Urgency: c.About.Urgency}
	e.Case.DueAt, e.Case.DueFor = c.Due()
	return e, true
}

// Masked is the entry as it may leave the stack: the personal data in what people
// said is replaced by placeholders. Who may see it reads the case.
func (e Entry) Masked() Entry {
	events := make(casework.Events, len(e.Events))
	for i, ev := range e.Events {
		switch ev := ev.(type) {
		case casework.MessageReceived:
			ev.Message.Text, ev.Message.Subject = mask.Text(ev.Message.Text), mask.Text(ev.Message.Subject)
			events[i] = ev
		case casework.MessageEdited:
			ev.Text = mask.Text(ev.Text)
			events[i] = ev
		case casework.ReplyRequested:
			ev.Text = mask.Text(ev.Text)
			events[i] = ev
		case casework.NoteAdded:
			ev.Text = mask.Text(ev.Text)
			events[i] = ev
		case casework.CallLogged:
			ev.Text, ev.Number = mask.Text(ev.Text), mask.Phone
			events[i] = ev
		case casework.WentPrivate:
			ev.Address = mask.Text(ev.Address)
			events[i] = ev
		default:
			events[i] = ev
		}
	}
	e.Events = events
	return e
}

// facts are what a department's wants see of an event.
func facts(c *casework.Case, ev casework.Event) policy.Facts {
	f := policy.Facts{Event: ev.Kind(), Community: c.Community, Brand: c.Brand, Language: c.About.Language, Topic: c.About.Topic, Kind: c.About.Kind,
		Tone: c.About.Tone, Urgency: c.About.Urgency, Anger: c.About.Anger, Customer: policy.CustomerFacts{Name: c.Customer.Name}}
	if t, ok := c.Thread(c.LastThread); ok {
		f.Channel, f.Inbox, f.Visibility, f.Subject = t.Channel, t.Inbox, string(t.Visibility), t.Subject
	}
	if r, ok := ev.(casework.MessageReceived); ok {
		m := r.Message
		f.Channel, f.Inbox, f.Visibility, f.Text, f.Subject = m.Channel, m.Inbox, string(m.Visibility), m.Text, m.Subject
		f.Kind, f.Tone, f.Reach, f.Verified = r.About.Kind, r.About.Tone, m.Author.Reach, m.Author.Verified
	}
	return f
}

// lean leaves out of an event what only replying needs and what the archive has:
// an entry must fit an event bus (256 KB). Whom the case knows by name is named.
func lean(c *casework.Case, ev casework.Event) casework.Event {
	if r, ok := ev.(casework.MessageReceived); ok {
		r.Message.Author = c.Known(r.Message.Author)
		r.Message.Quoted, r.Message.Extra, r.Message.Token = "", nil, ""
		return r
	}
	return ev
}
