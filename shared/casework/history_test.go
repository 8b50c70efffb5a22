package casework

import (
	"slices"
	"testing"
	"time"

	"ines/shared/message"
)

func TestPressing(t *testing.T) {
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	ago := func(minutes ...int) (all []time.Time) {
		for _, m := range minutes {
			all = append(all, at.Add(-time.Duration(m)*time.Minute))
		}
		return all
	}
	for _, c := range []struct {
		name     string
		contacts []time.Time
		threads  []Thread
		about    About
		urgency  string
		points   []string
	}{
		{"once", ago(0), nil, About{Urgency: "normal"}, "normal", nil},
		{"three times in an hour", ago(50, 20, 0), nil, About{Urgency: "normal"}, "high", []string{"third contact within the hour"}},
		{"three times in two hours", ago(110, 20, 0), nil, About{Urgency: "normal"}, "normal", nil},
		{"six times", ago(50, 40, 30, 20, 10, 0), nil, About{}, "high", []string{"sixth contact within the hour"}},
		{"now stays now", ago(50, 20, 0), nil, About{Urgency: "now", Points: []string{"at the gate"}}, "now", []string{"at the gate", "third contact within the hour"}},
		{"said already", ago(50, 20, 0), nil, About{Urgency: "high", Points: []string{"third contact within the hour"}}, "high", []string{"third contact within the hour"}},
		{"two channels", ago(0), []Thread{{Channel: "x", LastInbound: at.Add(-time.Hour)}, {Channel: "email", LastInbound: at}}, About{Urgency: "normal"}, "normal", []string{"on several channels"}},
		{"two channels, days apart", ago(0), []Thread{{Channel: "x", LastInbound: at.Add(-48 * time.Hour)}, {Channel: "email", LastInbound: at}}, About{Urgency: "normal"}, "normal", nil},
		{"a thread of ours", ago(0), []Thread{{Channel: "x"}, {Channel: "email", LastInbound: at}}, About{Urgency: "normal"}, "normal", nil},
	} {
		given := slices.Clone(c.about.Points)
		got := (&Case{Contacts: c.contacts, Threads: c.threads}).pressing(c.about, at)
		if got.Urgency != c.urgency || !slices.Equal(got.Points, c.points) {
			t.Errorf("%s: %s %v, want %s %v", c.name, got.Urgency, got.Points, c.urgency, c.points)
		}
		if !slices.Equal(c.about.Points, given) {
			t.Errorf("%s: the message's own points changed", c.name)
		}
	}
	many := &Case{}
	for range 10 {
		many.contact(message.Message{SentAt: at})
	}
	many.contact(message.Message{SentAt: at, Automatic: true})
	if len(many.Contacts) != maxContacts {
		t.Errorf("%d contacts are kept", len(many.Contacts))
	}
}
