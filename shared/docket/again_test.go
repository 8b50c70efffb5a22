package docket_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
	"ines/shared/message"
	"ines/shared/table"
)

// behind is a table whose reads that may be stale see no notes of changes yet.
type behind struct{ table.Table }

func (b behind) Get(ctx context.Context, keys ...table.Key) (map[table.Key]table.Item, error) {
	have, err := b.Table.Get(ctx, keys...)
	for k := range have {
		if table.MayBeStale(ctx) && k.Sort == "ref" {
			delete(have, k)
		}
	}
	return have, err
}

// tooEarly is a change that comes before its message.
type tooEarly struct {
	name   string
	before []message.Message // of the case
	late   message.Message
	change message.Item
	want   string // what the message says in the end
}

func changesTooEarly() (all []tooEarly) {
	at := func(m int) time.Time { return morning.Add(time.Duration(m) * time.Minute) }
	leo, ann := message.Author{Handle: message.Handle{Channel: "x", ID: "leo"}}, message.Author{Handle: message.Handle{Channel: "x", ID: "ann"}}
	began := []message.Message{dockettest.DM("1", "leo", "my bag is gone", at(0))}
	posted := []message.Message{post("1", "leo", "my bag is gone", at(0))}
	deleted := func(thread string, who message.Author) message.Item {
		return message.Item{Kind: message.KindDelete, Delete: &message.Delete{Channel: "x", Inbox: "northline-x", Thread: thread, ID: "2", At: at(3), Author: who}}
	}
	edited := message.Item{Kind: message.KindEdit, Edit: &message.Edit{Channel: "x", Inbox: "northline-x", Thread: "100-leo", ID: "2", Text: "it is blue", At: at(3), Author: leo}}
	dm := dockettest.DM("2", "leo", "it is secret", at(2))
	return []tooEarly{
		{"a deletion in a known conversation", began, dm, deleted("100-leo", leo), ""},
		{"a deletion of which only the author is known", began, dm, deleted("", leo), ""},
		{"an edit in a known conversation", began, dm, edited, "it is blue"},
		{"a deletion of what begins a case", nil, dm, deleted("100-leo", leo), ""},
		{"an edit of what begins a case", nil, dm, edited, "it is blue"},
		{"a deletion of a friend's answer, by its id alone", posted, post("2", "ann", "it is secret", at(2)), deleted("", message.Author{}), ""},
		{"a deletion of a friend's answer", posted, post("2", "ann", "it is secret", at(2)), deleted("", ann), ""},
	}
}

// says is what the case's log holds of the message that came late.
func (b *bench) says() (text string, commits int) {
	b.t.Helper()
	log, err := b.Log(b.ctx(), b.only().ID, 0)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, cm := range log {
		for _, e := range cm.Events {
			switch e := e.(type) {
			case casework.MessageReceived:
				if e.Message.ID == "2" {
					text = e.Message.Text
				}
			case casework.MessageEdited:
				if e.Message == "2" {
					text = e.Text
				}
			}
		}
	}
	return text, len(log)
}

// lookAgain lets the clock's minutes pass, each of which does what is due at most once
// whatever fails, until nothing is.
func (b *bench) lookAgain(d *docket.Docket) {
	b.t.Helper()
	for minute := range 60 {
		now := morning.Add(time.Hour + time.Duration(minute)*time.Minute)
		due, err := b.DueChanges(b.ctx(), now, 100)
		if err != nil {
			b.t.Fatal(err)
		}
		for _, a := range due {
			_ = d.LookAgain(b.ctx(), a, now) // the next minute finds what failed
		}
	}
	if due, err := b.DueChanges(b.ctx(), morning.Add(100*time.Hour), 100); err != nil || len(due) > 0 {
		b.t.Fatalf("still to be looked at are %v (%v)", due, err)
	}
}

// TestAChangeThatWasMissedIsMadeLater: a message is filed as it was, because the change
// that came before it could not be seen yet. Soon it says what it should, and each item
// is counted once, whatever fails meanwhile.
func TestAChangeThatWasMissedIsMadeLater(t *testing.T) {
	for _, s := range changesTooEarly() {
		for fails := range 16 { // at the first, the second, … call; never at the last ones
			b := newBench(t, docket.Settings{QueueShards: 1, DueShards: 1, CounterShards: 1, SnapshotEvery: 50})
			for _, m := range s.before {
				b.MustFile(b.Deliver(m, complaint, m.SentAt))
			}
			b.CatchUp()
			b.MustFile(docket.Incoming{Envelope: b.Envelope(), Items: 1, At: morning, Item: s.change})
			late := b.Deliver(s.late, casework.About{Kind: "small_talk"}, morning)
			if err := b.over(behind{b.Store}).File(b.ctx(), late); err != nil {
				t.Fatal(err)
			}
			if text, _ := b.says(); text != "it is secret" {
				t.Fatalf("%s: it says %q already", s.name, text)
			}
			verdicts := make([]dockettest.Verdict, fails+1)
			verdicts[fails] = dockettest.Lost
			b.Table.Plan(verdicts...)
			b.lookAgain(b.Faulty)
			b.Forget()
			if text, _ := b.says(); text != s.want {
				t.Errorf("%s, failing at call %d: it says %q, want %q", s.name, fails, text, s.want)
			}
			if got := b.Balance(); got["filed"] != int64(len(s.before))+1 || got["ignored:message_not_here_yet"] != 1 || len(got) != 2 {
				t.Errorf("%s: outcomes %v", s.name, got)
			}
			if s.change.Delete != nil && strings.Contains(b.Dump(), "secret") {
				t.Errorf("%s, failing at call %d: the words are still there", s.name, fails)
			}
			b.Close()
		}
	}
}

// TestAMessageMissesNoChangeForLong: the change comes at any moment of the message's
// filing.
func TestAMessageMissesNoChangeForLong(t *testing.T) {
	for _, s := range changesTooEarly() {
		for calls, happened := 1, true; happened; calls++ {
			b := newBench(t, docket.Settings{QueueShards: 1, DueShards: 1, CounterShards: 1, SnapshotEvery: 50})
			for _, m := range s.before {
				b.MustFile(b.Deliver(m, complaint, m.SentAt))
			}
			b.CatchUp()
			happened = false
			change := docket.Incoming{Envelope: b.Envelope(), Items: 1, At: morning, Item: s.change}
			slow := b.over(&paused{Table: b.Store, n: calls, do: func() {
				happened = true
				b.MustFile(change)
			}})
			if err := slow.File(b.ctx(), b.Deliver(s.late, casework.About{Kind: "small_talk"}, morning)); err != nil {
				t.Fatal(err)
			}
			if !happened {
				b.CatchUp()
				b.MustFile(change)
			}
			b.CatchUp()
			b.lookAgain(b.Docket)
			if text, _ := b.says(); text != s.want {
				t.Errorf("%s, at call %d: it says %q, want %q", s.name, calls, text, s.want)
			}
			b.Balance()
		}
	}
}

// A change that its message has seen makes no commit, and one whose message never comes
// is let go.
func TestLookingAgainChangesNothingThatIsRight(t *testing.T) {
	for _, s := range changesTooEarly() {
		b := newBench(t, docket.DefaultSettings)
		for _, m := range s.before {
			b.MustFile(b.Deliver(m, complaint, m.SentAt))
		}
		b.MustFile(docket.Incoming{Envelope: b.Envelope(), Items: 1, At: morning, Item: s.change})
		b.MustFile(b.Deliver(s.late, casework.About{Kind: "small_talk"}, morning))
		text, commits := b.says()
		b.lookAgain(b.Docket)
		if again, n := b.says(); text != s.want || again != text || n != commits {
			t.Errorf("%s: %q after %d commits, then %q after %d", s.name, text, commits, again, n)
		}
		stranger := dockettest.Deletion(b.Envelope(), "99")
		b.MustFile(stranger)
		b.lookAgain(b.Docket)
	}
}
