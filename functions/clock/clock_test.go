package clock

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"ines/infra/plan"
	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
	"ines/shared/erasure"
	"ines/shared/queue"
	queues "ines/shared/queue/sqlite"
	"ines/shared/table"
)

var (
	morning = dockettest.Morning
	caseOf  = dockettest.CaseOf
)

type bench struct {
	*Clock
	*dockettest.Register
}

func newBench(t testing.TB) *bench {
	t.Helper()
	r := dockettest.Open(t, dockettest.Setup{Queues: []queues.Queue{{Name: plan.Cases, FIFO: true}}})
	return &bench{New(Config{Docket: r.Faulty, Queue: r.Queue, Now: r.Now, Log: slog.New(slog.DiscardHandler)}), r}
}

// open opens a case and shows it in the lists.
func (b *bench) open(thread string) {
	b.MustFile(b.Deliver(dockettest.Post(thread, thread, "author-"+thread, "hello", b.Now()), dockettest.Complaint, b.Now()))
	b.CatchUp()
}

func (b *bench) do(id string, cmd casework.Command) {
	b.MustDo(id, "", cmd, b.Now())
	b.CatchUp()
}

// ring is one minute's invocation; it returns what arrived on cases.fifo.
func (b *bench) ring(t testing.TB) []docket.Work {
	t.Helper()
	if err := b.Handle(t.Context(), events.EventBridgeEvent{}); err != nil {
		t.Fatal(err)
	}
	work, _ := dockettest.Take[docket.Work](b.Register, plan.Cases)
	work = slices.DeleteFunc(work, func(w docket.Work) bool {
		if w.Watch != nil && !w.Watch.Due.Equal(b.Now().Truncate(time.Minute)) {
			t.Errorf("surges of %v", w.Watch.Due)
		}
		return w.Watch != nil
	})
	for _, w := range work {
		if w.Timers == nil {
			t.Fatalf("on cases.fifo: %+v", w)
		}
	}
	return work
}

// timer is when a case wants to be looked at.
func (b *bench) timer(t testing.TB, id string) time.Time {
	t.Helper()
	due := b.MustLoad(id).View().Timer
	if due.IsZero() {
		t.Fatal("the case has no timer")
	}
	return due
}

func TestWhatIsDueIsTold(t *testing.T) {
	b := newBench(t)
	b.open("1")
	b.SetNow(morning.Add(5 * time.Minute)) // sooner than the second timer of the first
	b.open("2")
	first, second := b.timer(t, caseOf("1")), b.timer(t, caseOf("2"))
	if !first.Before(second) || !first.After(b.Now()) {
		t.Fatalf("timers %v and %v", first, second)
	}
	b.SetNow(first.Add(-time.Millisecond))
	if got := b.ring(t); len(got) != 0 {
		t.Fatalf("a moment too early: %+v", got)
	}
	b.SetNow(first)
	if got := b.ring(t); len(got) != 1 || got[0].Case != caseOf("1") || !got[0].Timers.Due.Equal(first) {
		t.Fatalf("in time: %+v", got)
	}
	b.do(caseOf("1"), casework.FireTimers{}) // which casework does with it
	if next := b.timer(t, caseOf("1")); !next.After(b.Now()) {
		t.Fatalf("after firing at %v it is due at %v", b.Now(), next)
	}
	b.SetNow(second)
	if got := b.ring(t); len(got) != 1 || got[0].Case != caseOf("2") {
		t.Fatalf("the second: %+v", got)
	}
}

// But casework is asked to look for surges, once a minute.
func TestNothingDueTellsNoCase(t *testing.T) {
	b := newBench(t)
	if got := b.ring(t); len(got) != 0 {
		t.Fatalf("an empty table: %+v", got)
	}
	b.open("1")
	b.do(caseOf("1"), casework.Resolve{By: "ines"})
	b.SetNow(morning.Add(1000 * time.Hour))
	if got := b.ring(t); len(got) != 0 {
		t.Fatalf("a closed case: %+v", got)
	}
}

// Until casework has looked, each minute tells of it again; the queue drops that
// for the time it remembers, and then takes it, in case the first got lost.
func TestToldOnceWithinTheWindow(t *testing.T) {
	b := newBench(t)
	b.open("1")
	b.SetNow(b.timer(t, caseOf("1")))
	start, told := b.Now(), []time.Duration{}
	for range 9 {
		for range len(b.ring(t)) {
			told = append(told, b.Now().Sub(start))
		}
		b.Advance(time.Minute)
	}
	if want := []time.Duration{0, queue.DedupeWindow}; !slices.Equal(told, want) {
		t.Fatalf("told after %v, want %v", told, want)
	}
	if b.Queue.Calls() != 9 {
		t.Fatalf("%d sends", b.Queue.Calls())
	}
}

// Another deadline of the same case is another matter, within the window too.
func TestAnotherDeadlineIsTold(t *testing.T) {
	b := newBench(t)
	b.open("1")
	for i := range 3 {
		b.Advance(time.Minute)
		b.MustDo(caseOf("1"), "ines", casework.MakePromise{By: "ines", Text: fmt.Sprint("promise ", i), Due: morning.Add(time.Duration(10+i) * time.Minute)}, b.Now())
	}
	b.CatchUp()
	n := 0
	for range 3 {
		b.SetNow(b.timer(t, caseOf("1")))
		n += len(b.ring(t))
		b.do(caseOf("1"), casework.FireTimers{})
	}
	if elapsed := b.Now().Sub(morning); n != 3 || elapsed > 12*time.Minute {
		t.Fatalf("told %d times until %v", n, elapsed)
	}
}

func TestAStormIsToldInOneGo(t *testing.T) {
	b := newBench(t)
	want := map[string]bool{}
	for i := range 150 {
		b.open(fmt.Sprint(i))
		want[caseOf(fmt.Sprint(i))] = true
	}
	b.SetNow(morning.Add(2 * time.Hour))
	for _, w := range b.ring(t) {
		if !want[w.Case] {
			t.Errorf("%s was told twice, or is nobody's", w.Case)
		}
		delete(want, w.Case)
	}
	if len(want) != 0 || b.Queue.Calls() != 1 {
		t.Fatalf("%d cases were not told, in %d sends", len(want), b.Queue.Calls())
	}
}

func TestFailuresAreReported(t *testing.T) {
	b := newBench(t)
	b.open("1")
	b.SetNow(morning.Add(2 * time.Hour))
	b.Queue.Down(true)
	if err := b.Handle(t.Context(), events.EventBridgeEvent{}); !errors.Is(err, queue.ErrUnavailable) {
		t.Errorf("queue down: %v", err)
	}
	b.Queue.Down(false)
	b.Table.Down(true)
	if err := b.Handle(t.Context(), events.EventBridgeEvent{}); !errors.Is(err, table.ErrUnavailable) {
		t.Errorf("table down: %v", err)
	}
	b.Table.Down(false)
	if got := b.ring(t); len(got) != 1 {
		t.Errorf("then %+v", got)
	}
}

// Erasing has what deadlines leave of the time; that none is left is no failure.
func TestNoTimeToEraseIsNoFailure(t *testing.T) {
	synctest.Test(t, noTimeToErase) // the rest of the time is enough on any machine
}

func noTimeToErase(t *testing.T) {
	b := newBench(t)
	b.Eraser = &erasure.Eraser{Docket: b.Clock.Docket, Now: b.Now, Log: b.Clock.Log}
	b.open("1")
	b.SetNow(morning.Add(2 * time.Hour))
	ctx, done := context.WithTimeout(t.Context(), spare)
	defer done()
	if err := b.Handle(ctx, events.EventBridgeEvent{}); err != nil {
		t.Errorf("no time to erase: %v", err)
	}
	if work, _ := dockettest.Take[docket.Work](b.Register, plan.Cases); len(work) != 2 {
		t.Errorf("told %+v, want the case and the watch", work)
	}
	ctx, done = context.WithCancel(t.Context())
	done()
	if err := b.Handle(ctx, events.EventBridgeEvent{}); err == nil {
		t.Error("the function's own end is no failure")
	}
}
