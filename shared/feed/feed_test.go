package feed

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ines/shared/casework"
	"ines/shared/message"
	"ines/shared/policy"
	"ines/shared/policy/policyfile"
	"ines/shared/sqlitefile"
	tables "ines/shared/table/sqlite"
)

const testDesk = `
brands: [{id: northline}]
communities: [{id: northline-en, brand: northline, languages: [en]}]
inboxes: [{id: northline-x, channel: x, account: "100", community: northline-en}]
departments:
  - {id: care, default: true}
  - {id: press, wants: 'reach >= 100000 && visibility == "public"'}
  - {id: quality, wants: 'event == "promise_broken" || event == "message_received" && kind == "praise"'}
  - {id: baggage, feed: {webhook: "https://baggage.example/ines"}}
colleagues: [{id: ines, name: Ines Silva}]
`

var morning = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

func desk(t *testing.T) *policy.Desk {
	t.Helper()
	d, err := policyfile.Parse("test.yaml", []byte(testDesk))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func post(reach int64, kind string) casework.MessageReceived {
	return casework.MessageReceived{Thread: "t1", About: casework.About{Kind: kind}, Message: message.Message{Channel: "x", Inbox: "northline-x", ID: "1",
		Visibility: message.Public, Text: "hello", Quoted: "long ago", Extra: map[string]string{"k": "v"}, Token: "secret",
		Author: message.Author{Handle: message.Handle{Channel: "x", ID: "7"}, Reach: reach}}}
}

func TestWhoIsToldWhat(t *testing.T) {
	d := desk(t)
	for _, tc := range []struct {
		name       string
		department string
		interested []string
		events     casework.Events
		want       []string
	}{
		{"nobody listens", "care", nil, casework.Events{post(10, "complaint")}, nil},
		{"its own case", "baggage", nil, casework.Events{casework.NoteAdded{Text: "n"}}, []string{"baggage"}},
		{"wants the message", "care", nil, casework.Events{post(200000, "complaint")}, []string{"press"}},
		{"several want it", "baggage", nil, casework.Events{post(200000, "praise")}, []string{"press", "quality", "baggage"}},
		{"interested in the case", "care", []string{"press"}, casework.Events{casework.NoteAdded{Text: "n"}}, []string{"press"}},
		{"wants an event", "care", nil, casework.Events{casework.NoteAdded{}, casework.PromiseBroken{Promise: "p"}}, []string{"quality"}},
		{"an action is told to the systems", "care", nil, casework.Events{casework.ActionTaken{ID: "a"}}, []string{"actions"}},
		{"and to who listens", "baggage", nil, casework.Events{casework.ActionTaken{ID: "a"}}, []string{"baggage", "actions"}},
	} {
		c := &casework.Case{ID: "c1", Seq: 3, Department: tc.department, Interested: tc.interested}
		e, ok := Of(d, c, casework.Commit{Case: "c1", Seq: 3, At: morning, By: "ines", Events: tc.events})
		if !slices.Equal(e.Departments, tc.want) || ok != (tc.want != nil) {
			t.Errorf("%s: told are %v", tc.name, e.Departments)
		}
		if ok && (e.ID != "c1/3" || e.By != "ines" || e.Case.Department != tc.department || len(e.Events) != len(tc.events)) {
			t.Errorf("%s: %+v", tc.name, e)
		}
	}
	e, _ := Of(d, &casework.Case{Department: "baggage"}, casework.Commit{Events: casework.Events{post(1, "")}})
	if m := e.Events[0].(casework.MessageReceived).Message; m.Token != "" || m.Quoted != "" || m.Extra != nil || m.Text != "hello" {
		t.Errorf("message %+v", m)
	}
	seven := casework.Person{Handle: message.Handle{Channel: "x", ID: "7"}, Name: "Leo Kant"}
	e, _ = Of(d, &casework.Case{Department: "baggage", Customer: seven}, casework.Commit{Events: casework.Events{post(1, "")}})
	if m := e.Events[0].(casework.MessageReceived).Message; m.Author.Name != "Leo Kant" {
		t.Errorf("departments are told of %q", m.Author.Label())
	}
}

func TestAShelfIsReadToItsEndAndOn(t *testing.T) {
	db, err := sqlitefile.Open(filepath.Join(t.TempDir(), "ines.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	now := morning
	clock := func() time.Time { return now }
	table, err := tables.New(db, tables.Options{Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	s := NewShelf(table, clock)
	entry := func(id string, departments ...string) Entry {
		return Entry{ID: id, At: morning, Departments: departments, Events: casework.Events{casework.NoteAdded{Text: id}}}
	}
	publish := func(entries ...Entry) {
		t.Helper()
		if err := s.Publish(t.Context(), entries...); err != nil {
			t.Fatal(err)
		}
	}
	read := func(department, cursor string, limit int) ([]string, string) {
		t.Helper()
		entries, next, err := s.Read(t.Context(), department, cursor, limit)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, e := range entries {
			ids = append(ids, e.ID)
		}
		return ids, next
	}
	publish(entry("c1/1", "press", "quality"), entry("c2/1", "press"))
	now = now.Add(time.Second)
	publish(entry("c1/2", "press"), entry("c1/1", "press", "quality")) // the second again
	first, cursor := read("press", "", 2)
	rest, end := read("press", cursor, 2)
	if !slices.Equal(append(first, rest...), []string{"c1/1", "c2/1", "c1/2"}) {
		t.Errorf("press was told %v and %v", first, rest)
	}
	if more, same := read("press", end, 2); more != nil || same != end {
		t.Errorf("after the end %v, %q", more, same)
	}
	publish(entry("c0/9", "press")) // in the same instant, with a smaller id
	now = now.Add(time.Nanosecond)
	publish(entry("c0/10", "press"))
	if more, _ := read("press", end, 9); !slices.Equal(more, []string{"c0/9", "c0/10"}) {
		t.Errorf("later on %v", more)
	}
	if got, _ := read("quality", "", 9); !slices.Equal(got, []string{"c1/1"}) {
		t.Errorf("quality was told %v", got)
	}
	now = now.Add(Life + time.Second)
	if got, _ := read("press", "", 9); len(got) != 0 {
		t.Errorf("after a month: %v", got)
	}
	for _, broken := range []string{"%%", "rechnung", "AA", strings.Repeat("MjAyNg", 300)} {
		if _, _, err := s.Read(t.Context(), "press", broken, 9); !errors.Is(err, ErrCursor) {
			t.Errorf("the cursor %q: %v", broken, err)
		}
	}
}

func TestWhatLeavesTheStackIsMasked(t *testing.T) {
	said := post(1, "")
	said.Message.Text = "my card is 4111 1111 1111 1111, write to leo@post.example"
	e := Entry{Events: casework.Events{said, casework.CallLogged{Number: "+44 7700 900123", Text: "n"}, casework.PromiseBroken{Promise: "p"}}}
	m := e.Masked()
	if got := m.Events[0].(casework.MessageReceived).Message.Text; got != "my card is <card>, write to <email>" {
		t.Errorf("said %q", got)
	}
	if m.Events[1].(casework.CallLogged).Number != "<phone>" || m.Events[2].Kind() != "promise_broken" || e.Events[0].(casework.MessageReceived).Message.Text != said.Message.Text {
		t.Errorf("masked %+v of %+v", m.Events, e.Events)
	}
}
