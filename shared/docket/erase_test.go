package docket_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
	"ines/shared/feed"
	"ines/shared/message"
	"ines/shared/policy"
	"ines/shared/table"
)

// grave is a desk on which Mia Winterbourne has left traces everywhere, beside those
// of Leo, which must stay.
type grave struct {
	*bench
	customer   string
	cases      []string
	leos       string
	deliveries []docket.Incoming
}

// words are what must be found nowhere.
var words = []string{"Winterbourne", "77810042", "miaw_", "seat by the window", "passport", "window seats", "photo-of-mia"}

func digGrave(t testing.TB) *grave {
	b := newBench(t, docket.Settings{QueueShards: 1, DueShards: 1, CounterShards: 2, SnapshotEvery: 4})
	g := &grave{bench: b, customer: casework.CustomerID(message.Handle{Channel: "x", ID: "77810042"}), leos: dockettest.CaseOf("600001")}
	mia := func(m message.Message) message.Message {
		m.Author = message.Author{Handle: message.Handle{Channel: "x", ID: "77810042"}, Name: "Mia Winterbourne", Username: "miaw_"}
		return m
	}
	file := func(m message.Message, about casework.About) {
		in := b.Deliver(m, about, morning)
		g.deliveries = append(g.deliveries, in)
		b.MustFile(in)
	}
	withFile := mia(dockettest.Post("555001", "555001", "", "I paid for a seat by the window", morning))
	withFile.Attachments = []message.Attachment{{Type: "image", Archived: "blobs/aa/photo-of-mia"}}
	file(withFile, complaint)
	file(dockettest.Post("555002", "555001", "900", "same to me as to @miaw_", morning.Add(time.Second)), casework.About{Kind: "small_talk"})
	for i := range 6 {
		file(mia(dockettest.DM(fmt.Sprint("55510", i), "77810042", fmt.Sprint("my passport number is ", i), morning.Add(time.Duration(i)*time.Minute))), complaint)
	}
	file(dockettest.Post("600001", "600001", "900", "My bag is gone", morning), complaint)
	file(mia(dockettest.Post("600002", "600001", "", "window seats are gone, too", morning.Add(time.Minute))), casework.About{Kind: "small_talk"})
	file(dockettest.Post("600003", "600001", "900", "thanks @miaw_, Mia Winterbourne", morning.Add(2*time.Minute)), complaint)
	own := dockettest.CaseOf("555001")
	g.cases = []string{own}
	b.MustDo(own, "ines", casework.Note{By: "ines", Text: "Mrs Winterbourne rang"}, morning)
	_, events := b.MustDo(own, "ines", casework.SendReply{By: "ines", Text: "Dear Mia Winterbourne"}, morning)
	for _, e := range events {
		if r, ok := e.(casework.ReplyRequested); ok {
			l, err := b.WriteLedger(b.ctx(), docket.Ledger{Reply: r.Reply, Case: own, Thread: r.Thread, State: docket.LedgerPending, Key: "77810042"}, "x", "northline-x")
			if err == nil {
				l.State, l.Platform = docket.LedgerSent, "reply-77810042"
				_, err = b.WriteLedger(b.ctx(), l, "x", "northline-x")
			}
			if err != nil {
				t.Fatal(err)
			}
			b.MustDo(own, "", casework.ReportReply{Reply: r.Reply, State: "sent", Platform: "reply-77810042", At: morning}, morning)
		}
	}
	slot, err := b.Remembered(b.ctx(), "ines", "key", morning)
	if err != nil {
		t.Fatal(err)
	}
	writes, err := slot.Remember(docket.Answer{Status: 200, Body: []byte(`{"name":"Mia Winterbourne"}`), Case: own}, morning)
	if err != nil || b.Store.Write(b.ctx(), writes...) != nil {
		t.Fatal("the answer was not kept")
	}
	b.MustFile(docket.Incoming{Envelope: "stop", Items: 1, At: morning, Item: message.Item{Kind: message.KindConsent, Consent: &message.Consent{ID: "stop", Channel: "x", Inbox: "northline-x",
		Thread: "100-77810042", Refused: true, At: morning, Author: message.Author{Handle: message.Handle{Channel: "x", ID: "77810042"}, Name: "Mia Winterbourne"}}}})
	mias := message.Handle{Channel: "x", ID: "77810042"}
	if err := b.TellName(b.ctx(), docket.NameJob{Case: own, Customer: g.customer, Handle: mias}, message.Author{Name: "Mia Winterbourne", Username: "miaw_"}, true, morning); err != nil {
		t.Fatal(err)
	}
	for _, e := range []message.Edit{{Thread: "100-77810042", ID: "555200", Text: "my passport is blue"}, {ID: "600009", Text: "the window seats are for Mia Winterbourne"}} {
		e.Channel, e.Inbox, e.At = "x", "northline-x", morning.Add(time.Minute)
		e.Author = message.Author{Handle: mias, Name: "Mia Winterbourne"}
		b.MustFile(docket.Incoming{Envelope: b.Envelope(), Items: 1, At: morning, Item: message.Item{Kind: message.KindEdit, Edit: &e}})
	}
	b.CatchUp()
	shelf := feed.NewShelf(b.Store, b.Now)
	for _, id := range []string{own, g.leos} {
		log, err := b.Log(b.ctx(), id, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, cm := range log {
			e := feed.Entry{ID: fmt.Sprintf("%s/%d", id, cm.Seq), At: cm.At, Departments: []string{"care", policy.ActionsFeed}, Case: feed.Summary{ID: id, Version: cm.Seq}, Events: cm.Events}
			if err := shelf.Publish(b.ctx(), e); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, w := range words {
		if !strings.Contains(b.Dump(), w) {
			t.Fatalf("the table never had %q", w)
		}
	}
	return g
}

// holds looks for words in the whole table.
func (g *grave) holds(after string, words ...string) {
	g.t.Helper()
	for line := range strings.Lines(g.Dump()) {
		for _, w := range words {
			if strings.Contains(line, w) {
				g.t.Errorf("%s there is still %q in %.300s", after, w, line)
			}
		}
	}
}

// erase does the whole work, again and again until it succeeds.
func (g *grave) erase(d *docket.Docket) docket.Erasure {
	g.t.Helper()
	for try := 0; ; try++ {
		e, err := d.StartErasure(g.ctx(), g.customer, "tom", "Mia asked by mail", morning.Add(time.Hour))
		if err == nil {
			err = d.EraseFromTable(g.ctx(), &e)
		}
		if err == nil {
			if err = d.FinishErasure(g.ctx(), &e); err == nil {
				return e
			}
		}
		if errors.Is(err, docket.ErrNoCustomer) {
			return e // the last try did it, and its answer was lost
		}
		if !errors.Is(err, table.ErrUnavailable) && !table.Conflicted(err) || try > 200 {
			g.t.Fatalf("try %d: %v", try, err)
		}
	}
}

// TestRetentionAndErasure: of an erased customer there is no word, name or handle left
// in the table; the counts stay, what others said stays, and what comes later finds
// a stone.
func TestRetentionAndErasure(t *testing.T) {
	g := digGrave(t)
	before := g.Balance()
	dump := g.Dump()
	foreseen, err := g.ForeseeErasure(g.ctx(), g.customer)
	if err != nil {
		t.Fatal(err)
	}
	if want := (docket.Count{Cases: 1, Messages: 8, Replies: 1, Notes: 1, Files: 1, Handles: 1, Mentions: 1, Deliveries: 11}); foreseen.Count != want {
		t.Errorf("would take %+v, want %+v", foreseen.Count, want)
	}
	if g.Dump() != dump {
		t.Error("looking at what would go changed something")
	}
	e := g.erase(g.Docket)
	if e.Count != foreseen.Count && e.Count.Deliveries < foreseen.Count.Deliveries {
		t.Errorf("took %+v, foretold %+v", e.Count, foreseen.Count)
	}
	if !slices.Equal(e.Files, []string{"blobs/aa/photo-of-mia"}) || len(e.Deliveries) < 9 {
		t.Errorf("the archive has to lose the files %v and deliveries %v", e.Files, e.Deliveries)
	}
	g.holds("after erasing", words...)
	g.CatchUp()
	g.holds("after relay", words...)
	if after := g.Balance(); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("outcomes were %v and are %v", before, after)
	}
	if c := g.MustLoad(g.cases[0]); !c.IsErased() || c.Messages != 8 {
		t.Errorf("the case is %+v", c)
	}
	leo := asJSON(t, g.MustLoad(g.leos))
	if !strings.Contains(leo, "900") || !strings.Contains(g.Dump(), "My bag is gone") || !strings.Contains(g.Dump(), "thanks @…, …") {
		t.Errorf("Leo's own matter suffered: %s", leo)
	}
	if _, ok, err := g.Forgotten(g.ctx(), g.customer); !ok || err != nil {
		t.Errorf("there is no stone: %v", err)
	}
	if _, err := g.ForeseeErasure(g.ctx(), g.customer); !errors.Is(err, docket.ErrNoCustomer) {
		t.Errorf("erasing once more: %v", err)
	}
	mia := message.Handle{Channel: "x", ID: "77810042"}
	if c, err := g.Refused(g.ctx(), "northline-x", mia); c == nil || err != nil {
		t.Errorf("that she had refused is forgotten: %v", err)
	}
}

// TestWhatWasErasedStaysErased: second deliveries, edits and deletions of what was
// erased bring nothing back; the person who writes again is a new customer.
func TestWhatWasErasedStaysErased(t *testing.T) {
	g := digGrave(t)
	g.erase(g.Docket)
	filed := g.Balance()["filed"]
	for _, in := range g.deliveries {
		g.MustFile(in)
		in.Envelope += "-again"
		g.MustFile(in)
	}
	g.MustFile(docket.Incoming{Envelope: "edit", Items: 1, At: morning, Item: message.Item{Kind: message.KindEdit, Edit: &message.Edit{Channel: "x", Inbox: "northline-x",
		ID: "555001", Text: "I paid for a seat by the window!", At: morning}}})
	g.CatchUp()
	g.holds("after everything came again", words...)
	balance := g.Balance()
	if balance["filed"] != filed || balance[docket.OutcomeErased] != 1 {
		t.Errorf("outcomes %v, and %d had been filed", balance, filed)
	}
	jobs, err := g.Erasures(g.ctx())
	if err != nil || len(jobs) == 0 || jobs[0].Phase != docket.PhaseArchive || len(jobs[0].Deliveries) != 1 {
		t.Errorf("the archive has to lose them again: %+v, %v", jobs, err)
	}

	m := dockettest.DM("888001", "77810042", "hello, I am new here", morning.Add(24*time.Hour))
	for range 2 {
		g.MustFile(g.Deliver(m, complaint, morning.Add(24*time.Hour)))
	}
	g.CatchUp()
	views, _, err := g.List(g.ctx(), docket.Filter{Text: "77810042"}, "")
	if err != nil || len(views) != 1 || views[0].Customer.ID == g.customer || views[0].Messages != 1 {
		t.Fatalf("she has %+v, %v", views, err)
	}
	if c := g.MustLoad(views[0].ID); c.Threads[0].Refused == "" {
		t.Error("she had refused private messages here, and may be written to")
	}
	// What was erased does not come back to the new customer either.
	old := g.deliveries[3]
	old.Envelope += "-late"
	g.MustFile(old)
	g.holds("after she came back", "passport", "seat by the window")

	again := &grave{bench: g.bench, customer: views[0].Customer.ID}
	again.erase(g.Docket)
	g.holds("after the second time", append(words, "I am new here")...)
}

// TestErasureSurvivesAnything: whatever call fails, or is done and its answer lost,
// trying again ends the work.
func TestErasureSurvivesAnything(t *testing.T) {
	for n := 0; ; n += 13 {
		for _, fails := range []dockettest.Verdict{dockettest.Fails, dockettest.Lost} {
			g := digGrave(t)
			before := g.Balance()
			plan := make([]dockettest.Verdict, n+1)
			plan[n] = fails
			g.Table.Plan(plan...)
			g.erase(g.Faulty)
			if g.Table.Left() > 0 {
				if n < 70 {
					t.Errorf("only %d calls", n)
				}
				return
			}
			g.CatchUp()
			g.holds(fmt.Sprintf("after failure %d in call %d", fails, n), words...)
			if after := g.Balance(); fmt.Sprint(after) != fmt.Sprint(before) {
				t.Fatalf("call %d: outcomes were %v and are %v", n, before, after)
			}
		}
	}
}

// TestRetention: a closed case goes when its brand's time has come, and the customer
// with his last one.
func TestRetention(t *testing.T) {
	b := newBench(t, docket.Settings{QueueShards: 2, DueShards: 1, CounterShards: 2, SnapshotEvery: 4})
	g := &grave{bench: b}
	open := func(thread, text string, at time.Time) string {
		m := dockettest.Post(thread, thread, "77810042", text, at)
		b.MustFile(b.Deliver(m, complaint, at))
		b.CatchUp()
		views, _, err := b.List(b.ctx(), docket.Filter{Status: casework.StatusOpen}, "")
		if err != nil || len(views) != 1 {
			t.Fatalf("%d open cases, %v", len(views), err)
		}
		return views[0].ID
	}
	run := func(now time.Time) (n int) {
		if _, err := b.Expire(b.ctx(), now, 100); err != nil {
			t.Fatal(err)
		}
		all, err := b.Erasures(b.ctx())
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range all {
			if err := b.EraseFromTable(b.ctx(), &e); err != nil {
				t.Fatal(err)
			}
			if err := b.FinishErasure(b.ctx(), &e); err != nil {
				t.Fatal(err)
			}
		}
		b.CatchUp()
		return len(all)
	}
	year := 365 * 24 * time.Hour
	first := open("555001", "my first suitcase", morning)
	b.MustDo(first, "ines", casework.Resolve{By: "ines"}, morning)
	second := open("555009", "my second suitcase", morning.Add(year))
	b.MustDo(second, "ines", casework.Resolve{By: "ines"}, morning.Add(year))
	b.CatchUp()
	if n := run(morning.Add(2*year - time.Hour)); n != 0 {
		t.Errorf("%d cases went too early", n)
	}
	if n := run(morning.Add(2 * year)); n != 1 {
		t.Errorf("%d cases went, want the first", n)
	}
	g.holds("after two years", "first suitcase", "555001")
	if c := b.MustLoad(second); c.IsErased() || !strings.Contains(b.Dump(), "77810042") {
		t.Error("the second case went with the first")
	}
	if n := run(morning.Add(2 * year)); n != 0 {
		t.Errorf("%d cases went twice", n)
	}
	if n := run(morning.Add(3 * year)); n != 1 {
		t.Errorf("%d cases went, want the second", n)
	}
	g.holds("after three years", "suitcase", "77810042", "555009")
}
