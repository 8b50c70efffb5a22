package docket_test

import (
	"strings"
	"testing"
	"time"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
	"ines/shared/message"
)

// TestWhatWasDeletedStaysDeleted: a message, an edit of it and its deletion come in any
// order, each twice. In the end nobody keeps a word of it, and each item is counted.
func TestWhatWasDeletedStaysDeleted(t *testing.T) {
	leo := message.Author{Handle: message.Handle{Channel: "x", ID: "leo"}}
	at := func(m int) time.Time { return morning.Add(time.Duration(m) * time.Minute) }
	for _, order := range []string{"med", "mde", "emd", "edm", "dme", "dem"} {
		for _, public := range []bool{false, true} {
			b := newBench(t, docket.Settings{QueueShards: 1, DueShards: 1, CounterShards: 1, SnapshotEvery: 50})
			m, thread := dockettest.DM("2", "leo", "it is secret", at(1)), "100-leo"
			if public {
				m, thread = post("2", "leo", "it is secret", at(1)), ""
			}
			items := map[rune]message.Item{
				'e': {Kind: message.KindEdit, Edit: &message.Edit{Channel: "x", Inbox: "northline-x", Thread: thread, ID: "2", Text: "it is secretly blue", At: at(2), Author: leo}},
				'd': {Kind: message.KindDelete, Delete: &message.Delete{Channel: "x", Inbox: "northline-x", Thread: thread, ID: "2", At: at(3), Author: leo}},
			}
			for _, what := range order {
				in := b.Deliver(m, complaint, at(4))
				if what != 'm' {
					in = docket.Incoming{Envelope: b.Envelope(), Items: 1, At: at(4), Item: items[what]}
				}
				b.MustFile(in)
				b.MustFile(in)
				b.CatchUp()
			}
			b.lookAgain(b.Docket)
			b.CatchUp()
			if strings.Contains(b.Dump(), "secret") {
				t.Errorf("%s (public: %v): the words are still there", order, public)
			}
			if c, err := b.Load(b.ctx(), b.only().ID); err != nil || strings.Contains(c.LastText, "secret") {
				t.Errorf("%s (public: %v): the case remembers %q (%v)", order, public, c.LastText, err)
			}
			var all int64
			for _, n := range b.Balance() {
				all += n
			}
			if all != 3 {
				t.Errorf("%s (public: %v): outcomes %v", order, public, b.Balance())
			}
		}
	}
}

// TestTheLastEditCounts: a message and two edits of it come in any order.
func TestTheLastEditCounts(t *testing.T) {
	leo := message.Author{Handle: message.Handle{Channel: "x", ID: "leo"}}
	at := func(m int) time.Time { return morning.Add(time.Duration(m) * time.Minute) }
	for _, order := range []string{"m12", "m21", "1m2", "2m1", "12m", "21m"} {
		b := newBench(t, docket.Settings{QueueShards: 1, DueShards: 1, CounterShards: 1, SnapshotEvery: 50})
		for _, what := range order {
			in := b.Deliver(dockettest.DM("2", "leo", "it is red", at(1)), complaint, at(4))
			if what != 'm' {
				e := message.Edit{Channel: "x", Inbox: "northline-x", Thread: "100-leo", ID: "2", Text: "it is green", At: at(2), Author: leo}
				if what == '2' {
					e.Text, e.At = "it is blue", at(3)
				}
				in = docket.Incoming{Envelope: b.Envelope(), Items: 1, At: at(4), Item: message.Item{Kind: message.KindEdit, Edit: &e}}
			}
			b.MustFile(in)
		}
		b.CatchUp()
		b.lookAgain(b.Docket)
		log, err := b.Log(b.ctx(), b.only().ID, 0)
		if err != nil {
			t.Fatal(err)
		}
		if v := b.MustLoad(b.only().ID).View(); v.LastText != "it is blue" {
			t.Errorf("%s: the list says %q", order, v.LastText)
		}
		for _, e := range casework.Timeline(log) {
			if e.Kind == "message_received" && e.Text != "it is blue" {
				t.Errorf("%s: it says %q", order, e.Text)
			}
		}
	}
}

// TestADeletionTakesItsOwnWordsOnly: a list goes on showing the customer's last words when
// something that he wrote before is deleted, also where the case has a snapshot.
func TestADeletionTakesItsOwnWordsOnly(t *testing.T) {
	leo := message.Author{Handle: message.Handle{Channel: "x", ID: "leo"}}
	for _, last := range []bool{false, true} {
		b := newBench(t, docket.Settings{QueueShards: 1, DueShards: 1, CounterShards: 1, SnapshotEvery: 4})
		for i, text := range []string{"it is red", "it is green", "it is blue", "it is secret"} {
			at := morning.Add(time.Duration(i) * time.Minute)
			if i == 3 && !last {
				text = "it is yellow"
			}
			b.MustFile(b.Deliver(dockettest.DM(string(rune('1'+i)), "leo", text, at), complaint, at))
		}
		x := message.Delete{Channel: "x", Inbox: "northline-x", Thread: "100-leo", ID: "2", At: morning.Add(time.Hour), Author: leo}
		want := "it is yellow"
		if last {
			x.ID, want = "4", ""
		}
		b.MustFile(docket.Incoming{Envelope: b.Envelope(), Items: 1, At: x.At, Item: message.Item{Kind: message.KindDelete, Delete: &x}})
		for _, when := range []string{"at once", "read again"} {
			if v := b.MustLoad(b.only().ID).View(); v.LastText != want {
				t.Errorf("%s the list says %q, want %q", when, v.LastText, want)
			}
			b.Forget()
		}
		if dump := b.Dump(); strings.Contains(dump, "secret") || !last && strings.Contains(dump, "green") {
			t.Errorf("its words are still there (last: %v)", last)
		}
	}
}
