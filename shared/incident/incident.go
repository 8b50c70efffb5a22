// Package incident is many cases with one cause: noticed by a burst, confirmed by
// a person, answered with one approved text. It is pure; docket keeps its log and
// sends what it decides. It imports nothing of ours but policy and the surge
// detector.
package incident

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"ines/shared/policy"
)

// Status is where an incident stands.
type Status string

const (
	Proposed  Status = "proposed"  // noticed, and nobody has looked
	Confirmed Status = "confirmed" // cases are linked
	Closed    Status = "closed"
)

// Incident is the fold of its log.
type Incident struct {
	ID        string    `json:"id"`
	Version   int64     `json:"version"`
	Status    Status    `json:"status"`
	Community string    `json:"community"`
	Topic     string    `json:"topic"`
	At        time.Time `json:"at"`    // when it was noticed
	Since     time.Time `json:"since"` // cases opened from here on belong to it
	Why       string    `json:"why"`
	// Confirmed and closed by whom.
	ConfirmedBy string    `json:"confirmed_by,omitempty"`
	ConfirmedAt time.Time `json:"confirmed_at,omitzero"`
	ClosedBy    string    `json:"closed_by,omitempty"`
	ClosedAt    time.Time `json:"closed_at,omitzero"`
	ClosedWhy   string    `json:"closed_why,omitempty"`
	// Answer is the last one that was written for everybody.
	Answer Answer `json:"answer,omitzero"`
}

// Answer is one text for all the cases. Number tells it from the ones before.
type Answer struct {
	Number     int               `json:"number"`
	Text       string            `json:"text"`
	Texts      map[string]string `json:"texts,omitempty"` // by language
	By         string            `json:"by"`
	At         time.Time         `json:"at"`
	Waits      bool              `json:"waits,omitempty"` // for a second person's yes
	ApprovedBy string            `json:"approved_by,omitempty"`
}

// In is the text for a language: its own, its base language's, else the common one.
func (a Answer) In(language string) string {
	base, _, _ := strings.Cut(language, "-")
	for _, l := range []string{language, base} {
		if t := a.Texts[l]; t != "" {
			return t
		}
	}
	return a.Text
}

// Goes reports whether the answer is to be sent to the linked cases.
func (i Incident) Goes() bool {
	return i.Status == Confirmed && i.Answer.Number > 0 && !i.Answer.Waits
}

// Event is one entry of an incident's log. Kind is proposed, confirmed,
// broadcast, approved or closed.
type Event struct {
	Seq    int64     `json:"seq"`
	At     time.Time `json:"at"`
	By     string    `json:"by,omitempty"` // colleague; "" is the desk itself
	Kind   string    `json:"kind"`
	Why    string    `json:"why,omitempty"`
	Answer *Answer   `json:"answer,omitempty"`
	// Of a proposal:
	ID        string    `json:"id,omitempty"`
	Community string    `json:"community,omitempty"`
	Topic     string    `json:"topic,omitempty"`
	Since     time.Time `json:"since,omitzero"`
}

// Apply folds an event in.
func (i *Incident) Apply(e Event) {
	i.Version = e.Seq
	switch e.Kind {
	case "proposed":
		*i = Incident{ID: e.ID, Version: e.Seq, Status: Proposed, Community: e.Community, Topic: e.Topic, At: e.At, Since: e.Since, Why: e.Why}
	case "confirmed":
		i.Status, i.ConfirmedBy, i.ConfirmedAt = Confirmed, e.By, e.At
	case "broadcast":
		if e.Answer != nil {
			i.Answer = *e.Answer
		}
	case "approved":
		i.Answer.Waits, i.Answer.ApprovedBy = false, e.By
	case "closed":
		i.Status, i.ClosedBy, i.ClosedAt, i.ClosedWhy = Closed, e.By, e.At, e.Why
	}
}

// Command is what a colleague wants of an incident.
type Command struct {
	By    string
	Do    string // confirm, broadcast, approve, close
	Why   string
	Text  string
	Texts map[string]string
}

// Refusal is a command that a rule forbids. Code is one of casework's.
type Refusal struct{ Code, Detail string }

func (r *Refusal) Error() string { return r.Code + ": " + r.Detail }

func refuse(code, format string, args ...any) *Refusal {
	return &Refusal{code, fmt.Sprintf(format, args...)}
}

const notAllowed, invalid, closed = "not-allowed", "invalid", "case-closed"

// Decide says which event a command makes; nil and no error: it is so already.
func Decide(i Incident, c Command, desk *policy.Desk, now time.Time) (*Event, error) {
	who, ok := desk.Colleague(c.By)
	rules := desk.Incidents
	may := func(roles []string, what string) error {
		if !ok || !slices.ContainsFunc(roles, who.Has) {
			return refuse(notAllowed, "An incident is %s by %s.", what, strings.Join(roles, " or "))
		}
		return nil
	}
	e := &Event{Seq: i.Version + 1, At: now.UTC(), By: c.By, Why: c.Why}
	switch c.Do {
	case "confirm":
		if err := may(rules.Confirm, "confirmed"); err != nil {
			return nil, err
		}
		if i.Status == Closed {
			return nil, refuse(closed, "The incident is closed.")
		}
		if i.Status == Confirmed {
			return nil, nil
		}
		e.Kind = "confirmed"
	case "close":
		if err := may(rules.Confirm, "closed"); err != nil {
			return nil, err
		}
		if i.Status == Closed {
			return nil, nil
		}
		e.Kind = "closed"
	case "broadcast":
		if err := may(rules.Broadcast, "answered"); err != nil {
			return nil, err
		}
		if i.Status != Confirmed {
			return nil, refuse(invalid, "Confirm the incident first: its cases are linked then.")
		}
		if strings.TrimSpace(c.Text) == "" {
			return nil, refuse(invalid, "An answer needs a text: who has no variant of their own language gets it.")
		}
		if i.Answer.Number > 0 && i.Answer.By == c.By && i.Answer.Text == c.Text && maps.Equal(i.Answer.Texts, c.Texts) {
			return nil, nil // the same again, by a double click or a retry
		}
		e.Kind = "broadcast"
		e.Answer = &Answer{Number: i.Answer.Number + 1, Text: c.Text, Texts: c.Texts, By: c.By, At: now.UTC(), Waits: len(rules.ApprovedBy) > 0}
	case "approve":
		if err := may(rules.ApprovedBy, "approved"); err != nil {
			return nil, err
		}
		switch {
		case i.Status != Confirmed || i.Answer.Number == 0:
			return nil, refuse(invalid, "There is no answer that waits for a yes.")
		case !i.Answer.Waits:
			return nil, nil
		case i.Answer.By == c.By:
			return nil, refuse(notAllowed, "You wrote this answer yourself: somebody else has to approve it.")
		}
		e.Kind = "approved"
	default:
		return nil, refuse(invalid, "An incident can't be asked to %q.", c.Do)
	}
	return e, nil
}
