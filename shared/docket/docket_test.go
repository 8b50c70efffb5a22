package docket_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
	"ines/shared/linktoken"
	"ines/shared/message"
	"ines/shared/table"
)

func TestPostAndDirectMessageAreOneCase(t *testing.T) {
	b := newBench(t, docket.DefaultSettings)
	b.MustFile(b.Deliver(post("1", "leo", "nobody answers", morning), complaint, morning))
	b.MustFile(b.Deliver(dockettest.DM("2", "leo", "my details", morning.Add(time.Minute)), complaint, morning))
	b.MustFile(b.Deliver(post("3", "mia", "help him", morning.Add(2*time.Minute)), complaint, morning))
	c := b.only()
	if len(c.Threads) != 2 || c.Messages != 3 || len(c.Bystanders) != 1 {
		t.Fatalf("threads %d, messages %d, bystanders %d", len(c.Threads), c.Messages, len(c.Bystanders))
	}
	if got := b.Balance(); got[docket.OutcomeFiled] != 3 {
		t.Fatalf("outcomes %v", got)
	}
}

func TestDuplicatesAndRetriesChangeNothing(t *testing.T) {
	b := newBench(t, docket.DefaultSettings)
	first := b.Deliver(post("1", "leo", "hello", morning), complaint, morning)
	b.MustFile(first)
	b.MustFile(first) // the queue delivered it again
	b.MustFile(b.Deliver(post("1", "leo", "hello", morning), complaint, morning))
	again := b.Deliver(post("1", "leo", "hello", morning), complaint, morning)
	b.MustFile(again)
	b.MustFile(again)
	c := b.only()
	b.CatchUp()
	b.Rewind()
	b.CatchUp() // the stream delivered everything again
	if got := b.Balance(); c.Messages != 1 || got[docket.OutcomeFiled] != 1 || got[docket.OutcomeDuplicate] != 2 {
		t.Fatalf("messages %d, outcomes %v", c.Messages, got)
	}
}

func TestTokenJoinsAMailToItsCase(t *testing.T) {
	b := newBench(t, docket.DefaultSettings)
	b.MustFile(b.Deliver(post("1", "leo", "hello", morning), complaint, morning))
	id := b.only().ID
	m := dockettest.Mail("in-1", "in-1", "leo@post.example", "as you asked", morning)
	m.Token = linktoken.Mint(dockettest.LinkKey, id, morning, time.Hour)
	b.MustFile(b.Deliver(m, complaint, morning))
	forged := dockettest.Mail("in-2", "in-2", "eve@post.example", "me too", morning)
	forged.Token = linktoken.Mint("another key", id, morning, time.Hour)
	b.MustFile(b.Deliver(forged, complaint, morning))
	b.CatchUp()
	if ids := b.cases(); len(ids) != 2 {
		t.Fatalf("cases %v, want the true token's case and one for the forged", ids)
	}
	c, _ := b.Load(b.ctx(), id)
	if len(c.Threads) != 2 || c.Threads[1].Channel != "email" {
		t.Fatalf("threads %+v", c.Threads)
	}
}

func TestReplyToSomethingWeSentIsFound(t *testing.T) {
	b := newBench(t, docket.DefaultSettings)
	b.MustFile(b.Deliver(post("1", "leo", "hello", morning), complaint, morning))
	id := b.only().ID
	if _, err := b.WriteLedger(b.ctx(), docket.Ledger{Reply: "r1", Case: id, State: docket.LedgerSent, Platform: "900"}, "x", "northline-x"); err != nil {
		t.Fatal(err)
	}
	m := post("5", "zoe", "and what about me", morning.Add(time.Hour))
	m.Thread, m.Parent = "elsewhere", "900"
	b.MustFile(b.Deliver(m, complaint, morning))
	if c := b.only(); len(c.Threads) != 2 {
		t.Fatalf("threads %+v", c.Threads)
	}
}

func TestFollowUpAfterTheReopenWindow(t *testing.T) {
	b := newBench(t, docket.DefaultSettings)
	b.MustFile(b.Deliver(post("1", "leo", "hello", morning), complaint, morning))
	old := b.only()
	b.MustDo(old.ID, "ines", casework.Resolve{By: "ines"}, morning.Add(time.Hour))
	inside := morning.Add(2 * time.Hour)
	b.MustFile(b.Deliver(post("2", "leo", "again", inside), complaint, inside))
	if c := b.only(); c.Status != casework.StatusOpen {
		t.Fatalf("within the window the case is %s", c.Status)
	}
	b.MustDo(old.ID, "ines", casework.Resolve{By: "ines"}, inside)
	later := inside.Add(80 * time.Hour)
	b.MustFile(b.Deliver(post("3", "leo", "and again", later), complaint, later))
	b.MustFile(b.Deliver(post("2", "leo", "again", inside), complaint, later)) // a late duplicate of the old case's
	b.MustFile(b.Deliver(post("4", "leo", "hello?", later.Add(time.Minute)), complaint, later))
	b.CatchUp()
	ids := slices.DeleteFunc(b.cases(), func(id string) bool { return id == old.ID })
	if len(ids) != 1 {
		t.Fatalf("follow-ups %v, want one", ids)
	}
	c, _ := b.Load(b.ctx(), ids[0])
	if c.FollowsUp != old.ID || c.Messages != 2 {
		t.Fatalf("follows up %q with %d messages", c.FollowsUp, c.Messages)
	}
	if got := b.Balance(); got[docket.OutcomeFiled] != 4 || got[docket.OutcomeDuplicate] != 1 {
		t.Fatalf("outcomes %v", got)
	}
}

func TestBystanderGetsACaseOfHisOwn(t *testing.T) {
	b := newBench(t, docket.DefaultSettings)
	b.MustFile(b.Deliver(post("1", "leo", "hello", morning), complaint, morning))
	request := casework.About{Kind: "request", Urgency: "normal"}
	ask := b.Deliver(post("2", "mia", "find my bag too", morning.Add(time.Minute)), request, morning)
	b.MustFile(ask)
	var split casework.BystanderSplit
	for _, u := range b.CatchUp() {
		for _, cm := range u.Commits {
			for _, e := range cm.Events {
				if s, ok := e.(casework.BystanderSplit); ok {
					split = s
				}
			}
		}
	}
	from := b.cases()[0]
	for range 2 { // relay may say it twice
		if err := b.OpenSplit(b.ctx(), split.Case, docket.Split{From: from, Author: split.Author}); err != nil {
			t.Fatal(err)
		}
	}
	b.MustFile(b.Deliver(post("3", "mia", "it is green", morning.Add(2*time.Minute)), complaint, morning))
	b.MustFile(ask)
	b.MustFile(b.Deliver(post("2", "mia", "find my bag too", morning.Add(time.Minute)), request, morning))
	b.CatchUp()
	c, err := b.Load(b.ctx(), split.Case)
	if err != nil {
		t.Fatal(err)
	}
	if c.Customer.Handle.ID != "mia" || c.LinkedFrom != from || c.Messages != 2 {
		t.Fatalf("customer %v from %q with %d messages", c.Customer, c.LinkedFrom, c.Messages)
	}
	if got := b.Balance(); got[docket.OutcomeFiled] != 3 || got[docket.OutcomeDuplicate] != 1 {
		t.Fatalf("outcomes %v", got)
	}
}

func TestDeletionRemovesTheTextFromTheTable(t *testing.T) {
	b := newBench(t, docket.Settings{QueueShards: 2, DueShards: 2, CounterShards: 2, SnapshotEvery: 3})
	secret := "my booking is QX7RTP"
	b.MustFile(b.Deliver(post("1", "leo", secret, morning), complaint, morning))
	b.MustFile(b.Deliver(post("2", "mia", "poor leo", morning.Add(time.Second)), complaint, morning))
	b.CatchUp()
	gone := dockettest.Deletion("e-del", "1")
	gone.Item.Delete.Author.Handle = message.Handle{Channel: "x", ID: "leo"}
	b.MustFile(gone)
	b.MustFile(gone)
	b.MustFile(dockettest.Deletion("e-del2", "2")) // a bystander's, found by its id alone
	b.CatchUp()
	b.holdsNo(secret)
	b.holdsNo("poor leo")
	if got := b.Balance(); got[docket.OutcomeFiled] != 4 {
		t.Fatalf("outcomes %v", got)
	}
	b.only()
}

func TestChangesThatOvertakeTheirMessage(t *testing.T) {
	b := newBench(t, docket.DefaultSettings)
	b.MustFile(dockettest.Deletion("e-del", "1"))
	b.MustFile(docket.Incoming{Envelope: "e-edit", Items: 1, At: morning, Item: message.Item{Kind: message.KindEdit,
		Edit: &message.Edit{Channel: "x", Inbox: "northline-x", ID: "2", Thread: "1", Text: "the better words", At: morning}}})
	b.MustFile(b.Deliver(post("1", "leo", "words withdrawn", morning), complaint, morning))
	b.MustFile(b.Deliver(post("2", "leo", "the first words", morning), complaint, morning))
	b.only()
	b.holdsNo("words withdrawn")
	b.holdsNo("the first words")
}

func TestReportsReachTheirReplyAndCountOnce(t *testing.T) {
	b := newBench(t, docket.DefaultSettings)
	b.MustFile(b.Deliver(dockettest.DM("1", "leo", "hello", morning), complaint, morning))
	id := b.only().ID
	_, events := b.MustDo(id, "ines", casework.SendReply{By: "ines", Text: "hi"}, morning)
	reply := events[len(events)-1].(casework.ReplyRequested).Reply
	if _, err := b.WriteLedger(b.ctx(), docket.Ledger{Reply: reply, Case: id, State: docket.LedgerSent, Platform: "900"}, "x", "northline-x"); err != nil {
		t.Fatal(err)
	}
	report := func(n int, state message.ReportState) docket.Incoming {
		return docket.Incoming{Envelope: fmt.Sprint("r", n), Items: 1, At: morning, Item: message.Item{Kind: message.KindReport,
			Report: &message.Report{Channel: "x", Inbox: "northline-x", ID: "900", State: state, At: morning}}}
	}
	for _, in := range []docket.Incoming{report(1, "delivered"), report(1, "delivered"), report(2, "delivered"), report(3, "read"), report(3, "read")} {
		b.MustFile(in)
	}
	b.MustFile(docket.Incoming{Envelope: "r9", Items: 1, At: morning, Item: message.Item{Kind: message.KindReport,
		Report: &message.Report{Channel: "x", Inbox: "northline-x", ID: "not ours", State: "read"}}})
	c := b.only()
	if c.Settled[0].State != "read" {
		t.Fatalf("reply is %q", c.Settled[0].State)
	}
	if got := b.Balance(); got[docket.OutcomeReport] != 4 {
		t.Fatalf("outcomes %v", got)
	}
}

func TestLongCaseLoadsFromItsSnapshot(t *testing.T) {
	b := newBench(t, docket.Settings{QueueShards: 1, DueShards: 1, CounterShards: 1, SnapshotEvery: 10})
	for i := range 700 {
		b.MustFile(b.Deliver(dockettest.DM(fmt.Sprint(i+1), "leo", "again", morning.Add(time.Duration(i)*time.Second)), complaint, morning))
	}
	b.CatchUp()
	b.Forget() // another process, which has seen nothing yet
	c := b.only()
	log, err := b.Log(b.ctx(), c.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	folded, err := casework.Fold(nil, log)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := asJSON(t, c), asJSON(t, folded); got != want {
		t.Fatalf("from the snapshot\n%s\nfrom the log\n%s", got, want)
	}
	snaps, err := b.Store.Query(b.ctx(), table.Query{Partition: docket.CasePartition(c.ID), Prefix: docket.SnapPrefix})
	if err != nil || len(snaps.Items) != 1 {
		t.Fatalf("%d snapshots are kept (%v), want the newest", len(snaps.Items), err)
	}
	// Older than the case's memory: told by the log.
	b.MustFile(b.Deliver(dockettest.DM("3", "leo", "again", morning.Add(2*time.Second)), complaint, morning))
	b.MustFile(b.Deliver(dockettest.DM("0", "leo", "never seen", morning.Add(time.Second)), complaint, morning))
	b.CatchUp()
	if got := b.Balance(); got[docket.OutcomeFiled] != 701 || got[docket.OutcomeDuplicate] != 1 {
		t.Fatalf("outcomes %v", got)
	}
}

func TestVersionsAndUnknownCases(t *testing.T) {
	b := newBench(t, docket.DefaultSettings)
	b.MustFile(b.Deliver(post("1", "leo", "hello", morning), complaint, morning))
	id := b.only().ID
	_, _, err := b.Do(b.ctx(), docket.Order{Case: id, By: "ines", Command: casework.Claim{By: "ines"}, Now: morning, IfVersion: 7})
	var r *casework.Refusal
	if !errors.As(err, &r) || r.Code != casework.CodeVersionStale {
		t.Fatalf("stale version: %v", err)
	}
	// What was seen may have had quiet consequences, and no others.
	b.MustDo(id, "ines", casework.SendReply{By: "ines", Text: "We look."}, morning)
	c := b.MustLoad(id)
	var reply string
	for reply = range c.Sendings {
	}
	b.MustDo(id, "", casework.ReportReply{Reply: reply, State: "sent", Platform: "p1", At: morning}, morning)
	note := docket.Order{Case: id, By: "ines", Command: casework.Note{By: "ines", Text: "n"}, Now: morning, IfSeen: c.Seq}
	if _, _, err := b.Do(b.ctx(), note); err != nil {
		t.Errorf("after our own reply went out: %v", err)
	}
	if _, _, err := b.Do(b.ctx(), note); !errors.As(err, &r) || r.Code != casework.CodeVersionStale {
		t.Errorf("after a note that was not seen: %v", err)
	}
	if _, _, err := b.Do(b.ctx(), docket.Order{Case: "nothing", Command: casework.FireTimers{}, Now: morning}); !errors.Is(err, docket.ErrNoCase) {
		t.Fatalf("unknown case: %v", err)
	}
}
