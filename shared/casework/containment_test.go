package casework

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"ines/shared/message"
)

// crowd is a public thread with its case.
type crowd struct {
	*testing.T
	c     *Case
	n     int
	at    time.Time
	told  []Spreading
	until []time.Time
}

func newCrowd(t *testing.T) *crowd {
	w := &crowd{T: t, c: &Case{}, at: morning}
	w.says("leo", 0)
	return w
}

func (w *crowd) says(author string, reach int64) {
	w.Helper()
	d := team(w)
	w.n++
	m := message.Message{ID: fmt.Sprintf("p%03d", w.n), Thread: "p001", Channel: "x", Inbox: "northline-x", Visibility: message.Public, SentAt: w.at,
		Author: message.Author{Handle: message.Handle{Channel: "x", ID: author}, Reach: reach}}
	events, err := Decide(w.c, Receive{Item: m.ID, Message: m, About: About{Kind: "complaint"}, Customer: Person{ID: CustomerID(m.Author.Handle)},
		Brand: "northline", Community: "northline-en", Via: "known"}, Env{Policy: d, Now: w.at})
	if err != nil {
		w.Fatal(err)
	}
	if err := w.c.Apply(Commit{Case: "c", Seq: w.c.Seq + 1, At: w.at, Events: events}); err != nil {
		w.Fatal(err)
	}
	for _, e := range events {
		if s, ok := e.(Spreading); ok {
			w.told = append(w.told, s)
		}
	}
}

// Containment: a public thread that grows fast alerts the lead, once in the
// policy's time, and going private is proposed and not done.
func TestContainmentTellsTheLeadOnce(t *testing.T) {
	w := newCrowd(t)
	for i := range 4 {
		w.at = w.at.Add(8 * time.Minute)
		w.says(fmt.Sprint("friend", i), 10)
	}
	if len(w.told) != 0 {
		t.Fatal("four answers in 32 minutes are told")
	}
	w.at = w.at.Add(8 * time.Minute) // the first is out of the 30 minutes
	w.says("friend4", 10)
	w.at = w.at.Add(time.Minute)
	w.says("friend4", 10) // again: five within 30 minutes, and his followers count once
	if len(w.told) != 1 {
		t.Fatalf("told %d times", len(w.told))
	}
	s := w.told[0]
	if s.Replies != 5 || s.Reach != 40 || !slices.Equal(s.Who, []string{"tom"}) || s.Proposed != "go_private" || s.Thread != "t1" ||
		s.Why.Decision != "containment" || s.Why.Rule != "containment.replies" || s.Why.Facts["replies"] != 5.0 || !s.Until.Equal(w.at.Add(30*time.Minute)) {
		t.Errorf("told %+v", s)
	}
	v := w.c.View()
	if v.Spreading == nil || v.Spreading.Replies != 5 || !v.GoPrivate || len(w.c.Threads) != 1 {
		t.Errorf("the view shows %+v", v.Spreading)
	}
	for range 20 {
		w.at = w.at.Add(time.Minute)
		w.says("friend9", 10)
	}
	if len(w.told) != 1 {
		t.Errorf("told %d times within its time", len(w.told))
	}
	w.at = w.at.Add(10 * time.Minute)
	w.says("friend9", 10)
	if len(w.told) != 2 {
		t.Errorf("told %d times after it", len(w.told))
	}
}

func TestContainmentByReachOfThoseWhoJoin(t *testing.T) {
	w := newCrowd(t)
	w.says("leo", 9_000_000) // the customer himself doesn't join
	w.says("star", 9_999)
	if len(w.told) != 0 {
		t.Fatal("told too soon")
	}
	w.says("star", 9_999)
	if len(w.told) != 0 {
		t.Fatal("the same followers twice")
	}
	w.says("fan", 1)
	if len(w.told) != 1 || w.told[0].Why.Rule != "containment.reach" || w.told[0].Reach != 10_000 {
		t.Fatalf("told %+v", w.told)
	}
	if len(w.c.Spreads) != 1 || len(w.c.Spreads[0].Beats) != 1 {
		t.Errorf("remembers %+v", w.c.Spreads)
	}
}

// Memory is bounded: the last two hours, a beat a minute.
func TestContainmentForgets(t *testing.T) {
	w := newCrowd(t)
	for range 400 {
		w.at = w.at.Add(2 * time.Minute)
		w.says("friend", 1)
	}
	if n := len(w.c.Spreads[0].Beats); n > 62 {
		t.Errorf("%d beats", n)
	}
}
