// Package queuetest is the conformance suite of the queue port: SQS's semantics,
// held against a clock that the suite moves. Senders alone, such as the SQS
// driver, run RunSender. Driver tests import it; it imports queue.
package queuetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ines/shared/queue"
)

// The queues that the suite uses.
const (
	Standard = "inbound"
	FIFO     = "cases.fifo"
)

// Queue is what the suite wants of a queue.
type Queue struct {
	Name        string
	FIFO        bool
	Visibility  time.Duration
	MaxReceives int
}

// Queues is the suite's choice, short enough to step over.
var Queues = []Queue{
	{Name: Standard, Visibility: time.Minute, MaxReceives: 3},
	{Name: FIFO, FIFO: true, Visibility: time.Minute, MaxReceives: 3},
}

// Engine is a driver that does everything.
type Engine interface {
	queue.Sender
	queue.Receiver
	queue.Postponer
}

// Clock is the time that the engine goes by.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock starts on a spring morning.
func NewClock() *Clock { return &Clock{now: time.Date(2026, 3, 4, 8, 0, 0, 0, time.UTC)} }

// Now is the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the time on.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Harness says how the suite gets an engine.
type Harness struct {
	// Open returns an engine with empty queues.
	Open func(t testing.TB, now func() time.Time, queues []Queue) Engine
	// Dead names a queue's dead-letter queue, for receiving from it.
	Dead func(queue string) string
}

// Run runs the whole suite, RunSender included.
func Run(t *testing.T, h Harness) {
	t.Helper()
	for _, c := range []struct {
		name string
		test func(*testing.T, *desk)
	}{
		{"deliveries", deliveries},
		{"visibility", visibility},
		{"stale receipts", staleReceipts},
		{"delay", delay},
		{"postpone", postpone},
		{"dead letters", deadLetters},
		{"depths", depths},
		{"refused requests", refusedRequests},
		{"group blocks", groupBlocks},
		{"group in batches", groupInBatches},
		{"order through retries", orderThroughRetries},
		{"group postponed", groupPostponed},
		{"groups take turns", groupsTakeTurns},
		{"fifo dead letters", fifoDeadLetters},
		{"dedupe window", dedupeWindow},
		{"concurrent receivers", concurrentReceivers},
		{"concurrent groups", concurrentGroups},
		{"like the model", likeTheModel},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, h.desk(t)) })
	}
	t.Run("sender", func(t *testing.T) {
		RunSender(t, func(t testing.TB) Outbox {
			d := h.desk(t)
			return Outbox{Sender: d.engine, Stored: func(t testing.TB, name string) []queue.Message {
				t.Helper()
				var stored []queue.Message
				for {
					batch := d.receive(t, name, 10)
					if len(batch) == 0 {
						return stored
					}
					for _, r := range batch {
						stored = append(stored, queue.Message{Body: r.Body, Group: r.Group, Dedupe: r.Dedupe})
					}
					d.delete(t, name, batch...)
				}
			}}
		})
	})
}

// desk is an engine with its clock.
type desk struct {
	Harness
	*Clock
	engine Engine
}

func (h Harness) desk(t testing.TB) *desk {
	clock := NewClock()
	return &desk{Harness: h, Clock: clock, engine: h.Open(t, clock.Now, Queues)}
}

// send sends texts to a group; on FIFO queues the text is the dedupe id too.
func (d *desk) send(t testing.TB, name, group string, texts ...string) {
	t.Helper()
	messages := make([]queue.Message, len(texts))
	for i, text := range texts {
		messages[i] = queue.Message{Body: text, Group: group}
		if strings.HasSuffix(name, ".fifo") {
			messages[i].Dedupe = text
		}
	}
	if err := d.engine.Send(t.Context(), name, messages...); err != nil {
		t.Fatal(err)
	}
}

func (d *desk) receive(t testing.TB, name string, max int) []queue.Received {
	t.Helper()
	got, err := d.engine.Receive(t.Context(), name, max)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) > max {
		t.Fatalf("received %d messages, asked for %d", len(got), max)
	}
	return got
}

// expect receives and wants these bodies, in this order.
func (d *desk) expect(t testing.TB, name string, max int, want ...string) []queue.Received {
	t.Helper()
	got := d.receive(t, name, max)
	if b := bodies(got); !slices.Equal(b, want) {
		t.Fatalf("received %q, want %q", b, want)
	}
	return got
}

func (d *desk) delete(t testing.TB, name string, received ...queue.Received) {
	t.Helper()
	receipts := make([]string, len(received))
	for i, r := range received {
		receipts[i] = r.Receipt
	}
	if err := d.engine.Delete(t.Context(), name, receipts...); err != nil {
		t.Fatal(err)
	}
}

func (d *desk) postpone(t testing.TB, name string, r queue.Received, by time.Duration) {
	t.Helper()
	if err := d.engine.Postpone(t.Context(), name, r.Receipt, by); err != nil {
		t.Fatal(err)
	}
}

func (d *desk) depth(t testing.TB, name string, want queue.Depth) {
	t.Helper()
	got, err := d.engine.Depths(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("depths of %s: %+v, want %+v", name, got, want)
	}
}

func bodies(received []queue.Received) []string {
	texts := make([]string, len(received))
	for i, r := range received {
		texts[i] = r.Body
	}
	return texts
}

func wantInvalid(t testing.TB, what string, err error) {
	t.Helper()
	if !errors.Is(err, queue.ErrInvalid) {
		t.Errorf("%s: got %v, want ErrInvalid", what, err)
	}
}

func numbered(prefix string, n int) []string {
	texts := make([]string, n)
	for i := range texts {
		texts[i] = fmt.Sprintf("%s%d", prefix, i+1)
	}
	return texts
}
