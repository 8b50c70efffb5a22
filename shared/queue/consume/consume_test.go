package consume

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"pgregory.net/rapid"

	"ines/shared/queue"
	"ines/shared/queue/sqlite"
	"ines/shared/sqlitefile"
)

// record is a queue message; group "" means that it has none.
func record(id, group string, count int) events.SQSMessage {
	m := events.SQSMessage{MessageId: id, ReceiptHandle: "receipt-" + id, Body: id,
		Attributes: map[string]string{"ApproximateReceiveCount": strconv.Itoa(count)}}
	if group != "" {
		m.Attributes["MessageGroupId"] = group
	}
	return m
}

func batch(records ...events.SQSMessage) events.SQSEvent { return events.SQSEvent{Records: records} }

func reported(r events.SQSEventResponse) []string {
	ids := []string{}
	for _, f := range r.BatchItemFailures {
		ids = append(ids, f.ItemIdentifier)
	}
	return ids
}

// desk notes what was handled and what was postponed.
type desk struct {
	mu        sync.Mutex
	handled   []string
	postponed map[string]time.Duration // by receipt
	order     []string
	fails     map[string]error
	refuse    error // of Postpone
}

func (d *desk) handle(_ context.Context, m events.SQSMessage) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.handled = append(d.handled, m.MessageId)
	return d.fails[m.MessageId]
}

func (d *desk) Postpone(_ context.Context, name, receipt string, after time.Duration) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.postponed == nil {
		d.postponed = map[string]time.Duration{}
	}
	d.postponed[name+" "+receipt] = after
	d.order = append(d.order, strings.TrimPrefix(receipt, "receipt-"))
	return d.refuse
}

func (d *desk) source(name string) Source {
	return Source{Queue: name, Postpone: d, Log: slog.New(slog.DiscardHandler)}
}

func TestWhatComesBack(t *testing.T) {
	boom := errors.New("boom")
	all := []events.SQSMessage{record("a1", "a", 1), record("b1", "b", 1), record("a2", "a", 1), record("a3", "a", 1), record("b2", "b", 1)}
	for _, tc := range []struct {
		name     string
		queue    string
		fails    []string
		reported []string
		handled  []string // sorted
	}{
		{"FIFO, nothing fails", "q.fifo", nil, []string{}, []string{"a1", "a2", "a3", "b1", "b2"}},
		{"FIFO, the first of a group", "q.fifo", []string{"a1"}, []string{"a1", "a2", "a3"}, []string{"a1", "b1", "b2"}},
		{"FIFO, the middle of a group", "q.fifo", []string{"a2"}, []string{"a2", "a3"}, []string{"a1", "a2", "b1", "b2"}},
		{"FIFO, one of each group", "q.fifo", []string{"a3", "b1"}, []string{"b1", "a3", "b2"}, []string{"a1", "a2", "a3", "b1"}},
		{"standard, each for itself", "q", []string{"a1", "b2"}, []string{"a1", "b2"}, []string{"a1", "a2", "a3", "b1", "b2"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := &desk{fails: map[string]error{}}
			for _, id := range tc.fails {
				d.fails[id] = boom
			}
			got := reported(Batch(t.Context(), batch(all...), d.source(tc.queue), d.handle))
			if !slices.Equal(got, tc.reported) {
				t.Errorf("reported %v, want %v", got, tc.reported)
			}
			if slices.Sort(d.handled); !slices.Equal(d.handled, tc.handled) {
				t.Errorf("handled %v, want %v", d.handled, tc.handled)
			}
			for _, id := range tc.reported {
				if got := d.postponed[tc.queue+" receipt-"+id]; got != 500*time.Millisecond {
					t.Errorf("%s was postponed by %v", id, got)
				}
			}
			if len(d.postponed) != len(tc.reported) {
				t.Errorf("postponed %v, reported %v", d.postponed, tc.reported)
			}
		})
	}
}

// The followers come back no sooner than what they wait for, and are told so in
// their order.
func TestAGroupIsPostponedTogether(t *testing.T) {
	for _, tc := range []struct {
		name string
		err  error
		want time.Duration
	}{
		{"by its own count", errors.New("boom"), 2 * time.Second},
		{"as long as it was told", &Later{After: 7 * time.Minute, Why: "the platform is busy"}, 7 * time.Minute},
		{"as long as it was told, wrapped", fmt.Errorf("reply r1: %w", &Later{After: time.Hour}), time.Hour},
		{"at once", &Later{}, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := &desk{fails: map[string]error{"2": tc.err}}
			e := batch(record("1", "g", 9), record("2", "g", 3), record("3", "g", 1), record("4", "g", 1))
			Batch(t.Context(), e, d.source("q.fifo"), d.handle)
			if want := []string{"2", "3", "4"}; !slices.Equal(d.order, want) {
				t.Fatalf("postponed %v, want %v", d.order, want)
			}
			for receipt, after := range d.postponed {
				if after != tc.want {
					t.Errorf("%s was postponed by %v, want %v", receipt, after, tc.want)
				}
			}
		})
	}
}

func TestPanicIsOneMessagesFailure(t *testing.T) {
	d := &desk{}
	got := reported(Batch(t.Context(), batch(record("1", "", 1), record("2", "", 1), record("3", "", 1)), d.source("q"),
		func(ctx context.Context, m events.SQSMessage) error {
			if m.MessageId == "2" {
				var nowhere map[string]int
				nowhere["here"] = 1
			}
			return d.handle(ctx, m)
		}))
	slices.Sort(d.handled)
	if !slices.Equal(got, []string{"2"}) || !slices.Equal(d.handled, []string{"1", "3"}) {
		t.Fatalf("reported %v, handled %v", got, d.handled)
	}
}

// Without a postponer, and with one that fails, the messages are reported all the
// same: the queue's visibility timeout brings them back.
func TestNobodyToPostpone(t *testing.T) {
	d := &desk{fails: map[string]error{"1": errors.New("boom")}, refuse: errors.New("no such receipt")}
	e := batch(record("1", "g", 1), record("2", "g", 1))
	for _, from := range []Source{d.source("q.fifo"), {Queue: "q.fifo", Log: slog.New(slog.DiscardHandler)}} {
		if got := reported(Batch(t.Context(), e, from, d.handle)); !slices.Equal(got, []string{"1", "2"}) {
			t.Fatalf("reported %v", got)
		}
	}
}

func TestEmptyBatchReportsNothing(t *testing.T) {
	d := &desk{}
	if got := reported(Batch(t.Context(), batch(), d.source("q"), d.handle)); len(got) != 0 {
		t.Fatalf("reported %v", got)
	}
}

func TestBackoff(t *testing.T) {
	for _, tc := range []struct {
		count int
		want  time.Duration
	}{
		{-1, 500 * time.Millisecond}, {0, 500 * time.Millisecond}, {1, 500 * time.Millisecond}, {2, time.Second},
		{3, 2 * time.Second}, {8, 64 * time.Second}, {9, 90 * time.Second}, {12, 90 * time.Second}, {1 << 40, 90 * time.Second},
	} {
		if got := Backoff(tc.count); got != tc.want {
			t.Errorf("after delivery %d: %v, want %v", tc.count, got, tc.want)
		}
	}
	for said, want := range map[string]int{"": 1, "many": 1, "1": 1, "7": 7} {
		m := events.SQSMessage{Attributes: map[string]string{"ApproximateReceiveCount": said}}
		if got := Count(m); got != want {
			t.Errorf("count %q is read as %d", said, got)
		}
	}
}

// TestExactlyTheFailedAndTheirFollowers: on any batch, what is reported are the
// first failure of each group and whoever is behind it, and nobody who is behind a
// failure was handled.
func TestExactlyTheFailedAndTheirFollowers(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom([]string{"q", "q.fifo"}).Draw(rt, "queue")
		d := &desk{fails: map[string]error{}}
		var e events.SQSEvent
		want, handled, stopped := []string{}, []string{}, map[string]bool{}
		for i := range rapid.IntRange(0, 30).Draw(rt, "messages") {
			id, group := strconv.Itoa(i), rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(rt, "group")
			e.Records = append(e.Records, record(id, group, 1))
			if rapid.IntRange(0, 4).Draw(rt, "fate") == 0 {
				d.fails[id] = errors.New("boom")
			}
			ordered := group != "" && name == "q.fifo"
			behind := ordered && stopped[group]
			if !behind {
				handled = append(handled, id)
			}
			if behind || d.fails[id] != nil {
				want = append(want, id)
				stopped[group] = true
			}
		}
		got := reported(Batch(context.Background(), e, d.source(name), d.handle))
		if !slices.Equal(got, want) {
			rt.Fatalf("reported %v, want %v", got, want)
		}
		at := func(id string) int { n, _ := strconv.Atoi(id); return n }
		if slices.SortFunc(d.handled, func(a, b string) int { return at(a) - at(b) }); !slices.Equal(d.handled, handled) {
			rt.Fatalf("handled %v, want %v", d.handled, handled)
		}
		if len(d.postponed) != len(want) {
			rt.Fatalf("postponed %v, want %v", d.postponed, want)
		}
	})
}

// TestAGroupKeepsItsOrderThroughFailures runs a real queue: messages that fail now
// and then are all done in the end, each group in the order it was sent in.
func TestAGroupKeepsItsOrderThroughFailures(t *testing.T) {
	db, err := sqlitefile.Open(filepath.Join(t.TempDir(), "ines.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	now := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	q, err := sqlite.New(db, sqlite.Options{Now: func() time.Time { return now }, Queues: []sqlite.Queue{{Name: "q.fifo", FIFO: true, Visibility: 3 * time.Minute}}})
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		sent, done, failures := map[string][]string{}, map[string][]string{}, map[string]int{}
		var messages []queue.Message
		for i := range rapid.IntRange(1, 10).Draw(rt, "messages") {
			group, body := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "group"), fmt.Sprint(run, "-", i)
			sent[group] = append(sent[group], body)
			failures[body] = rapid.SampledFrom([]int{0, 0, 0, 1, 2}).Draw(rt, "failures")
			messages = append(messages, queue.Message{Body: body, Group: group, Dedupe: body})
		}
		if err := q.Send(ctx, "q.fifo", messages...); err != nil {
			rt.Fatal(err)
		}
		var mu sync.Mutex
		handle := func(_ context.Context, m events.SQSMessage) error {
			mu.Lock()
			defer mu.Unlock()
			if failures[m.Body]--; failures[m.Body] >= 0 {
				return errors.New("boom")
			}
			g := m.Attributes["MessageGroupId"]
			done[g] = append(done[g], m.Body)
			return nil
		}
		for range 100 {
			got, err := q.Receive(ctx, "q.fifo", 10)
			if err != nil {
				rt.Fatal(err)
			}
			left, err := q.Depths(ctx, "q.fifo")
			if err != nil {
				rt.Fatal(err)
			}
			if left == (queue.Depth{}) {
				break
			}
			var e events.SQSEvent
			for _, r := range got {
				e.Records = append(e.Records, events.SQSMessage{MessageId: r.ID, ReceiptHandle: r.Receipt, Body: r.Body,
					Attributes: map[string]string{"MessageGroupId": r.Group, "ApproximateReceiveCount": strconv.Itoa(r.Count)}})
			}
			failed := reported(Batch(ctx, e, Source{Queue: "q.fifo", Postpone: q, Log: slog.New(slog.DiscardHandler)}, handle))
			var receipts []string
			for _, m := range e.Records {
				if !slices.Contains(failed, m.MessageId) {
					receipts = append(receipts, m.ReceiptHandle)
				}
			}
			if err := q.Delete(ctx, "q.fifo", receipts...); err != nil {
				rt.Fatal(err)
			}
			now = now.Add(time.Minute)
		}
		for group := range sent {
			if !slices.Equal(done[group], sent[group]) {
				rt.Fatalf("group %s was done as %v, sent as %v", group, done[group], sent[group])
			}
		}
	})
}

// A message that has used up its deliveries leaves the queue; the rest of its group
// goes on without it.
func TestPoisonDoesNotTakeItsGroupAlong(t *testing.T) {
	event := events.SQSEvent{}
	for _, id := range []string{"good before", "poison", "good after"} {
		event.Records = append(event.Records, events.SQSMessage{MessageId: id,
			Attributes: map[string]string{"MessageGroupId": "g", "ApproximateReceiveCount": "5"}})
	}
	var done []string
	run := func(limit int) []string {
		done = nil
		source := Source{Queue: "q.fifo", MaxReceives: limit, Log: slog.New(slog.DiscardHandler)}
		r := Batch(t.Context(), event, source, func(_ context.Context, m events.SQSMessage) error {
			if m.MessageId == "poison" {
				return errors.New("can't be done")
			}
			done = append(done, m.MessageId)
			return nil
		})
		var failed []string
		for _, f := range r.BatchItemFailures {
			failed = append(failed, f.ItemIdentifier)
		}
		return failed
	}
	if failed := run(6); !slices.Equal(failed, []string{"poison", "good after"}) {
		t.Errorf("with a delivery left %q come back", failed)
	}
	if failed := run(5); !slices.Equal(failed, []string{"poison"}) || len(done) != 2 {
		t.Errorf("on its last delivery %q come back and %q were done", failed, done)
	}
}
