package casework

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"pgregory.net/rapid"

	"ines/infra/plan"
	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
	"ines/shared/queue"
	queues "ines/shared/queue/sqlite"
)

var (
	morning = dockettest.Morning
	caseOf  = dockettest.CaseOf
)

type bench struct {
	*Casework
	*dockettest.Register
}

func newBench(t testing.TB) *bench {
	t.Helper()
	r := dockettest.Open(t, dockettest.Setup{Queues: []queues.Queue{{Name: plan.Cases, FIFO: true, Visibility: 3 * time.Minute}}})
	return &bench{New(Config{Docket: r.Faulty, Postpone: r.Queues, Now: r.Now, Log: slog.New(slog.DiscardHandler)}), r}
}

// deliver gives the function one message with this body and says whether it has to
// come again.
func (b *bench) deliver(t testing.TB, body string) (again bool) {
	t.Helper()
	r, err := b.Handle(t.Context(), events.SQSEvent{Records: []events.SQSMessage{{MessageId: "m", ReceiptHandle: "0.1", Body: body,
		Attributes: map[string]string{"MessageGroupId": "g"}}}})
	if err != nil {
		t.Fatal(err)
	}
	return len(r.BatchItemFailures) > 0
}

// do gives the function a piece of work twice, as the queue may.
func (b *bench) do(t testing.TB, w docket.Work) {
	t.Helper()
	m, err := w.Message()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if b.deliver(t, m.Body) {
			t.Fatalf("it comes again: %s", m.Body)
		}
	}
}

func post(id, thread, author, text, kind string) docket.Work {
	in := dockettest.Incoming("e"+id, dockettest.Post(id, thread, author, text, morning), casework.About{Kind: kind, Urgency: "normal"}, morning)
	return docket.Work{Item: &in}
}

func (b *bench) command(id string, cmd casework.Command) []casework.Event {
	_, es := b.MustDo(id, "ines", cmd, b.Now())
	return es
}

// facts counts the events of a kind in a case's log.
func facts[E casework.Event](t testing.TB, b *bench, id string) (found []E, causes []casework.Cause) {
	t.Helper()
	log, err := b.Docket.Log(t.Context(), id, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, cm := range log {
		for _, e := range cm.Events {
			if e, ok := e.(E); ok {
				found, causes = append(found, e), append(causes, cm.Cause)
			}
		}
	}
	return found, causes
}

func TestItemIsFiled(t *testing.T) {
	b := newBench(t)
	b.do(t, post("1", "1", "leo", "nobody answers", "complaint"))
	got, causes := facts[casework.MessageReceived](t, b, caseOf("1"))
	if len(got) != 1 || got[0].Message.Text != "nobody answers" || causes[0] != (casework.Cause{Kind: "delivery", ID: "e1#0", Outcome: "filed", Items: 1}) {
		t.Fatalf("filed %+v because of %+v", got, causes)
	}
}

// A deletion that came before its message is made when the clock asks for it again, in a
// message that was filed without it.
func TestAChangeThatCameTooEarlyIsMadeLater(t *testing.T) {
	b := newBench(t)
	gone := dockettest.Deletion("gone", "1")
	b.do(t, docket.Work{Item: &gone})
	b.Table.Lag(1) // the message sees no note
	b.do(t, post("1", "1", "leo", "a secret", "complaint"))
	if got, _ := facts[casework.MessageReceived](t, b, caseOf("1")); len(got) != 1 || got[0].Message.Text != "a secret" {
		t.Fatalf("filed %+v", got)
	}
	for range 5 {
		due, err := b.DueChanges(t.Context(), b.Now(), 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range due {
			b.do(t, docket.Work{Again: &a})
		}
		b.Advance(time.Minute)
	}
	got, _ := facts[casework.MessageReceived](t, b, caseOf("1"))
	if deleted, _ := facts[casework.MessageDeleted](t, b, caseOf("1")); len(deleted) != 1 || got[0].Message.Text != "" {
		t.Errorf("it says %q after %d deletions", got[0].Message.Text, len(deleted))
	}
	b.CatchUp()
	if got := b.Balance(); got["filed"] != 1 || got["ignored:message_not_here_yet"] != 1 {
		t.Errorf("outcomes %v", got)
	}
}

// What the table can't hold ends as failed, and what comes behind it goes on.
func TestItemThatCannotBeFiledIsCountedAsFailed(t *testing.T) {
	b := newBench(t)
	b.do(t, post("1", "1", "leo", strings.Repeat("x", 500_000), "complaint"))
	b.do(t, post("2", "1", "leo", "and this", "complaint"))
	b.CatchUp()
	if got := b.Balance(); got["failed"] != 1 || got["filed"] != 1 {
		t.Fatalf("outcomes %v", got)
	}
}

func TestTimersFire(t *testing.T) {
	b := newBench(t)
	b.do(t, post("1", "1", "leo", "nobody answers", "complaint"))
	id, due := caseOf("1"), morning.Add(30*time.Minute)
	b.command(id, casework.Claim{By: "ines"})
	b.command(id, casework.MakePromise{By: "ines", Text: "I will phone you", Due: due})
	timers := docket.Work{Case: id, Timers: &docket.Timers{Due: due}}
	b.SetNow(due.Add(-time.Minute))
	b.do(t, timers)
	if early, _ := facts[casework.PromiseBroken](t, b, id); len(early) != 0 {
		t.Fatal("a promise broke before its time")
	}
	b.SetNow(due.Add(time.Second))
	b.do(t, timers)
	broken, causes := facts[casework.PromiseBroken](t, b, id)
	if len(broken) != 1 || causes[0] != (casework.Cause{Kind: "timer", ID: "2026-11-20T09:30:00Z"}) {
		t.Fatalf("broken %+v because of %+v", broken, causes)
	}
}

func TestReportReachesItsReply(t *testing.T) {
	b := newBench(t)
	b.do(t, post("1", "1", "leo", "nobody answers", "complaint"))
	id := caseOf("1")
	b.command(id, casework.Claim{By: "ines"})
	b.command(id, casework.SendReply{By: "ines", Text: "We are on it."})
	asked, _ := facts[casework.ReplyRequested](t, b, id)
	b.do(t, docket.Work{Case: id, Report: &casework.ReportReply{Reply: asked[0].Reply, State: "sent", Platform: "900", At: b.Now()}})
	sent, causes := facts[casework.ReplySent](t, b, id)
	if len(sent) != 1 || sent[0].Platform != "900" || causes[0] != (casework.Cause{Kind: "reply", ID: asked[0].Reply}) {
		t.Fatalf("sent %+v because of %+v", sent, causes)
	}
}

func TestSplitOpensACase(t *testing.T) {
	b := newBench(t)
	b.do(t, post("1", "1", "leo", "nobody answers", "complaint"))
	b.do(t, post("2", "1", "mia", "find my bag too", "request"))
	splits, _ := facts[casework.BystanderSplit](t, b, caseOf("1"))
	if len(splits) != 1 {
		t.Fatalf("splits %+v", splits)
	}
	b.do(t, docket.Work{Case: splits[0].Case, Split: &docket.Split{From: caseOf("1"), Author: splits[0].Author}})
	if c := b.MustLoad(splits[0].Case); c.LinkedFrom != caseOf("1") || c.Customer.Handle.ID != "mia" || c.Messages != 1 {
		t.Fatalf("case of %v from %q with %d messages", c.Customer, c.LinkedFrom, c.Messages)
	}
}

func TestFollowUpIsNoted(t *testing.T) {
	b := newBench(t)
	b.do(t, post("1", "1", "leo", "nobody answers", "complaint"))
	id := caseOf("1")
	b.command(id, casework.Resolve{By: "ines"})
	b.do(t, docket.Work{Case: id, FollowUp: &docket.FollowUp{Case: "the-next"}})
	if got, _ := facts[casework.FollowedUp](t, b, id); len(got) != 1 || got[0].Case != "the-next" {
		t.Fatalf("follow-ups %+v", got)
	}
	if c := b.MustLoad(id); c.Status != casework.StatusResolved {
		t.Fatalf("the closed case is %s", c.Status)
	}
}

// What is no work stays in the queue until it is among the dead letters, where
// people see it.
func TestBrokenWorkFails(t *testing.T) {
	for name, body := range map[string]string{
		"not JSON":                `{"item":`,
		"nothing":                 "",
		"an empty object":         "{}",
		"a case and nothing more": `{"case":"c1"}`,
		"a message without one":   `{"item":{"envelope":"e1","items":1,"item":{"kind":"message"}}}`,
		"an edit without one":     `{"item":{"envelope":"e1","items":1,"item":{"kind":"edit"}}}`,
		"a report without one":    `{"item":{"envelope":"e1","items":1,"item":{"kind":"report"}}}`,
		"timers of no case":       `{"case":"nobody","timers":{"due":"2026-11-20T09:00:00Z"}}`,
		"a report of no case":     `{"case":"nobody","report":{"Reply":"r1","State":"sent"}}`,
		"a follow-up of no case":  `{"case":"nobody","follow_up":{"case":"c2"}}`,
		"an unreadable time":      `{"case":"c1","timers":{"due":"soon"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			if !b.deliver(t, body) {
				t.Fatal("it is done")
			}
			if items, outcomes, err := b.Docket.Outcomes(t.Context()); err != nil || items != 0 || len(outcomes) != 0 {
				t.Fatalf("%d items, outcomes %v, %v", items, outcomes, err)
			}
		})
	}
}

func TestNobodyElseWaitsForBrokenWork(t *testing.T) {
	b := newBench(t)
	good, err := post("1", "1", "leo", "nobody answers", "complaint").Message()
	if err != nil {
		t.Fatal(err)
	}
	record := func(id, group, body string) events.SQSMessage {
		return events.SQSMessage{MessageId: id, ReceiptHandle: "0.1", Body: body, Attributes: map[string]string{"MessageGroupId": group}}
	}
	r, err := b.Handle(t.Context(), events.SQSEvent{Records: []events.SQSMessage{record("bad", "a", "{}"), record("behind", "a", good.Body), record("good", "b", good.Body)}})
	if err != nil {
		t.Fatal(err)
	}
	var again []string
	for _, f := range r.BatchItemFailures {
		again = append(again, f.ItemIdentifier)
	}
	if !slices.Equal(again, []string{"bad", "behind"}) {
		t.Fatalf("%v come again", again)
	}
	if c := b.MustLoad(caseOf("1")); c.Messages != 1 {
		t.Fatalf("%d messages", c.Messages)
	}
}

// TestOrderThroughFailures: what people say in several conversations goes through
// the real queue while the table fails, before or after the work. Everything is
// filed once, each conversation in its order.
func TestOrderThroughFailures(t *testing.T) {
	b := newBench(t)
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		said := map[string][]string{}
		var work []queue.Message
		for i := range rapid.IntRange(1, 10).Draw(rt, "messages") {
			who := rapid.SampledFrom([]string{"leo", "mia", "zoe"}).Draw(rt, "author")
			thread, id := fmt.Sprint(who, run), fmt.Sprint(run*100+i)
			m, err := post(id, thread, thread, "sentence "+id, "complaint").Message()
			if err != nil {
				rt.Fatal(err)
			}
			said[thread], work = append(said[thread], id), append(work, m)
		}
		if err := b.Queues.Send(t.Context(), plan.Cases, work...); err != nil {
			rt.Fatal(err)
		}
		b.Table.Plan(dockettest.Verdicts(30, dockettest.Works, dockettest.Works, dockettest.Works, dockettest.Fails, dockettest.Lost).Draw(rt, "table")...)
		for range 100 {
			if d, err := b.Queues.Depths(t.Context(), plan.Cases); err != nil || d == (queue.Depth{}) {
				break
			}
			b.poll(t)
			b.Advance(30 * time.Second)
		}
		b.Table.Plan()
		for thread, want := range said {
			got, _ := facts[casework.MessageReceived](t, b, caseOf(thread))
			var ids []string
			for _, m := range got {
				ids = append(ids, m.Message.ID)
			}
			if !slices.Equal(ids, want) {
				rt.Fatalf("%s was filed as %v, said as %v", thread, ids, want)
			}
		}
	})
}

// poll does what the event source mapping does once.
func (b *bench) poll(t testing.TB) {
	t.Helper()
	got, err := b.Queues.Receive(t.Context(), plan.Cases, 10)
	if err != nil {
		t.Fatal(err)
	}
	var e events.SQSEvent
	left := map[string]string{}
	for _, r := range got {
		left[r.ID] = r.Receipt
		e.Records = append(e.Records, events.SQSMessage{MessageId: r.ID, ReceiptHandle: r.Receipt, Body: r.Body,
			Attributes: map[string]string{"MessageGroupId": r.Group, "ApproximateReceiveCount": strconv.Itoa(r.Count)}})
	}
	resp, err := b.Handle(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range resp.BatchItemFailures {
		delete(left, f.ItemIdentifier)
	}
	for _, receipt := range left {
		if err := b.Queues.Delete(t.Context(), plan.Cases, receipt); err != nil {
			t.Fatal(err)
		}
	}
}

// A report's JSON is what reply writes and this function reads.
func TestReportRoundTrip(t *testing.T) {
	want := casework.ReportReply{Reply: "r1", State: "delayed", Platform: "900", Key: "k", At: morning, Until: morning.Add(time.Minute), Class: "throttled", Code: "429", Why: "busy"}
	m, err := docket.Work{Case: "c1", Report: &want}.Message()
	if err != nil {
		t.Fatal(err)
	}
	var w docket.Work
	if err := json.Unmarshal([]byte(m.Body), &w); err != nil || w.Report == nil || *w.Report != want {
		t.Fatalf("%s is read as %+v, %v", m.Body, w.Report, err)
	}
}

// The clock's word lets surges be looked for, however often it comes.
func TestSurgesAreLookedFor(t *testing.T) {
	b := newBench(t)
	watch := docket.Work{Watch: &docket.Timers{Due: morning}}
	b.do(t, watch)
	for i := range 10 {
		id := fmt.Sprint("storm", i)
		w := post(id, id, "author-"+id, "nothing flies", "complaint")
		w.Item.About.Topic = "disruption"
		b.do(t, w)
	}
	b.CatchUp()
	b.do(t, watch)
	if all, err := b.Docket.Incidents(t.Context()); err != nil || len(all) != 1 || all[0].Topic != "disruption" {
		t.Fatalf("%+v, %v", all, err)
	}
}
