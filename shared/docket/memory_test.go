package docket_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
	"ines/shared/message"
	"ines/shared/table"
)

// reading counts the items that queries return.
type reading struct {
	table.Table
	items int
}

func (r *reading) Query(ctx context.Context, q table.Query) (table.Page, error) {
	page, err := r.Table.Query(ctx, q)
	r.items += len(page.Items)
	return page, err
}

// longCase is more than a case remembers of itself.
const longCase = 1100

// WhatsApp tells the time in whole seconds: a customer's burst is one moment, and
// the case can't tell by the time what it has forgotten. Each message may then cost
// the reading of some commits, and not of the log.
func TestManyMessagesOfOneSecondCostNoScanEach(t *testing.T) {
	b := newBench(t, docket.DefaultSettings)
	r := &reading{Table: b.Store}
	b.Docket = docket.New(r, b.Policy, anything{}, nil, docket.DefaultSettings)
	for i := range longCase {
		b.MustFile(b.Deliver(dockettest.DM(fmt.Sprint(i), "leo", "again", morning), complaint, morning))
	}
	if most := 4 * longCase; r.items > most {
		t.Errorf("%d messages made it read %d items, want at most %d", longCase, r.items, most)
	}
	first := r.items
	for i := range longCase {
		b.MustFile(b.Deliver(dockettest.DM(fmt.Sprint(i), "leo", "again", morning), complaint, morning))
	}
	if n := r.items - first; n > longCase {
		t.Errorf("%d duplicates made it read %d items", longCase, n)
	}
	b.Forget() // another process has to read it all, once
	before := r.items
	for range 10 {
		b.MustFile(b.Deliver(dockettest.DM("0", "leo", "again", morning), complaint, morning))
	}
	if n := r.items - before; n > longCase+200 {
		t.Errorf("another process read %d items for 10 duplicates", n)
	}
	c := b.only()
	if got := b.Balance(); c.Messages != longCase || got[docket.OutcomeFiled] != longCase || got[docket.OutcomeDuplicate] != longCase+10 {
		t.Errorf("%d messages, outcomes %v", c.Messages, got)
	}
}

func TestMemoryOfLongCasesIsBounded(t *testing.T) {
	b := newBench(t, docket.DefaultSettings)
	for _, c := range []struct{ have, left []int64 }{
		{[]int64{30, 30, 40}, []int64{30, 30, 40}},
		{[]int64{30, 30, 41}, []int64{30, 41}},
		{[]int64{30, 30, 400}, []int64{400}},
		{[]int64{400, 30}, []int64{30}},
		{nil, nil},
	} {
		if left := b.Shed(100, c.have...); !slices.Equal(left, c.left) {
			t.Errorf("of %v with at most 100 it keeps %v, want %v", c.have, left, c.left)
		}
	}
}

// What the case has forgotten is still its own: a late retry counts nothing, a late
// change finds its message, and comes into effect once.
func TestForgottenMessagesAreFoundAndChanged(t *testing.T) {
	b := newBench(t, docket.DefaultSettings)
	first := b.Deliver(post("1", "leo", "my booking is QX7RTP", morning), complaint, morning)
	b.MustFile(first)
	edit := docket.Incoming{Envelope: "e-edit", Items: 1, At: morning, Item: message.Item{Kind: message.KindEdit,
		Edit: &message.Edit{Channel: "x", Inbox: "northline-x", ID: "1", Thread: "1", Text: "my booking is QX7RTQ", At: morning.Add(time.Second)}}}
	b.MustFile(edit)
	later := morning.Add(time.Hour)
	talk := func(from int) {
		for i := range 600 {
			b.MustFile(b.Deliver(post(fmt.Sprint(from+i), "leo", "again", later), complaint, later))
		}
	}
	talk(1000)
	b.MustFile(first)
	b.MustFile(edit)
	edit.Envelope = "e-edit2"
	b.MustFile(edit)
	gone := dockettest.Deletion("e-del", "1")
	gone.Item.Delete.At = later.Add(time.Hour)
	b.MustFile(gone)
	b.only()
	b.holdsNo("QX7RT")
	talk(2000)
	b.MustFile(gone)
	gone.Envelope = "e-del2"
	b.MustFile(gone)
	c := b.only()
	if got := b.Balance(); c.Messages != 1201 || got[docket.OutcomeFiled] != 1203 || got[docket.OutcomeDuplicate] != 2 || len(got) != 2 {
		t.Errorf("%d messages, outcomes %v", c.Messages, got)
	}
}

// Some of a batch may have been recorded before the answer got lost.
func TestReceiptsOfABatchThatWasRecordedInPart(t *testing.T) {
	b := newBench(t, docket.DefaultSettings)
	var batch []docket.Receipt
	for i := range 5 {
		batch = append(batch, docket.Receipt{Outcome: docket.OutcomeIgnored + ":typing",
			Incoming: docket.Incoming{Envelope: "e", Index: i, Items: 5, At: morning, Item: message.Item{Kind: message.KindIgnored, Key: fmt.Sprint("k", i)}}})
	}
	for _, part := range [][]docket.Receipt{{batch[1], batch[3]}, batch, batch} {
		if err := b.Receipts(b.ctx(), part...); err != nil {
			t.Fatal(err)
		}
	}
	if got := b.Balance(); got[docket.OutcomeIgnored+":typing"] != 5 || len(got) != 1 {
		t.Errorf("outcomes %v, want each of the 5 items once", got)
	}
}

// A report that changes nothing has only its receipt to be known by when the queue
// brings it again.
func TestReportCountsOnceByItsReceipt(t *testing.T) {
	b := newBench(t, docket.DefaultSettings)
	b.MustFile(b.Deliver(dockettest.DM("1", "leo", "hello", morning), complaint, morning))
	id := b.only().ID
	_, events := b.MustDo(id, "ines", casework.SendReply{By: "ines", Text: "hi"}, morning)
	reply := events[len(events)-1].(casework.ReplyRequested).Reply
	if _, err := b.WriteLedger(b.ctx(), docket.Ledger{Reply: reply, Case: id, State: docket.LedgerSent, Platform: "900"}, "x", "northline-x"); err != nil {
		t.Fatal(err)
	}
	read := docket.Incoming{Envelope: "r1", Items: 1, At: morning, Item: message.Item{Kind: message.KindReport,
		Report: &message.Report{Channel: "x", Inbox: "northline-x", ID: "900", State: "read", At: morning}}}
	late := read
	report := *read.Item.Report
	report.State = "delivered" // after it was read
	late.Envelope, late.Item.Report = "r2", &report
	for i, in := range []docket.Incoming{read, read, late, late, read} {
		b.MustFile(in)
		if version := b.MustLoad(id).Seq; version != 3 {
			t.Fatalf("after %d reports the case is at version %d, want 3: only the first says something new", i+1, version)
		}
	}
	if c := b.only(); c.Settled[0].State != "read" {
		t.Errorf("reply is %q", c.Settled[0].State)
	}
	if got := b.Balance(); got[docket.OutcomeReport] != 2 {
		t.Errorf("outcomes %v, want each of the 2 reports once", got)
	}
	// The receipt is looked at before the case: what is known already must not fail
	// because the case can't be read just now.
	b.Table.Plan(dockettest.Works, dockettest.Works, dockettest.Fails)
	if err := b.Faulty.File(b.ctx(), late); err != nil || b.Table.Left() != 1 {
		t.Errorf("a report with a receipt: %v, %d calls of 2 to the table", err, 3-b.Table.Left())
	}
}
