// Package queue is the port to the queues between the functions, with the
// semantics of Amazon SQS. Functions only send; receiving is the event source
// mapping's work on AWS and the local host's on one machine. Drivers are in the
// folders below and must pass queuetest.
package queue

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Message is what is sent.
type Message struct {
	Body string // UTF-8, at most MaxBody bytes
	// Group orders messages on a FIFO queue (one batch of a group is in
	// flight at a time) and keeps a noisy sender from delaying others on a
	// standard queue. Required on FIFO queues.
	Group string
	// Dedupe is the deduplication id on a FIFO queue: a second message with
	// the same id and group within 5 minutes is accepted and dropped.
	// Required on FIFO queues, ignored on standard ones.
	Dedupe string
	// Delay postpones the first delivery, up to 15 minutes; standard queues
	// only.
	Delay time.Duration
}

const (
	// MaxBody is SQS's limit of one message, 1 MiB.
	MaxBody = 1 << 20
	// DedupeWindow is how long a FIFO queue remembers deduplication ids.
	DedupeWindow = 5 * time.Minute
	// MaxDelay is the longest Delay.
	MaxDelay = 15 * time.Minute
)

// Dead is the name of a queue's dead-letter queue: cases.fifo has
// cases-dead.fifo.
func Dead(name string) string {
	if base, fifo := strings.CutSuffix(name, ".fifo"); fifo {
		return base + "-dead.fifo"
	}
	return name + "-dead"
}

// Sender is what functions see. Implementations are safe for concurrent use.
type Sender interface {
	// Send stores the messages durably, in order. It returns nil when all are
	// stored. On a *PartialError the messages it does not name are stored. Any
	// other error means that none is known to be stored, and sending again is
	// right (on FIFO queues the dedupe id makes it harmless). Errors wrap
	// ErrUnavailable or ErrInvalid.
	Send(ctx context.Context, queue string, messages ...Message) error
}

// Postponer changes when a message that is being processed comes back after its
// handler reported it as failed: the way to wait out a platform's rate limit
// without giving up the group's order.
type Postponer interface {
	// Postpone makes the message with this receipt visible after d (0 to 12
	// hours). A receipt that is no longer valid is not an error.
	Postpone(ctx context.Context, queue, receipt string, d time.Duration) error
}

// Received is one delivery of a message.
type Received struct {
	ID       string // the message's, the same on every delivery
	Receipt  string // this delivery's
	Body     string
	Group    string
	Dedupe   string
	Sequence string    // FIFO queues: 20 digits, growing
	Count    int       // deliveries so far, this one included
	SentAt   time.Time // when it was sent
	FirstAt  time.Time // when it was first received
}

// Receiver takes messages off a queue. SQS's event source mapping does this on
// AWS; the embedded engine's host and operators' tools use it directly.
type Receiver interface {
	// Receive returns up to max messages and hides them for the queue's
	// visibility timeout. On FIFO queues a group with messages in flight gives
	// none, and a group's messages come in order. Messages that were
	// delivered more often than the queue's limit go to its dead-letter queue
	// instead. Empty when nothing is there: that may take a second to find out.
	Receive(ctx context.Context, queue string, max int) ([]Received, error)
	// Delete removes messages by receipt. A receipt that is no longer valid
	// (the message became visible again) is ignored.
	Delete(ctx context.Context, queue string, receipts ...string) error
	// Depths counts a queue's messages.
	Depths(ctx context.Context, queue string) (Depth, error)
}

// Depth counts the messages of one queue.
type Depth struct {
	Visible  int `json:"visible"`
	InFlight int `json:"in_flight"`
	Delayed  int `json:"delayed"`
	Dead     int `json:"dead"` // in the queue's dead-letter queue
}

var (
	ErrUnavailable = errors.New("queue unavailable")
	ErrInvalid     = errors.New("invalid queue request")
)

// PartialError says which messages of a Send were not stored.
type PartialError struct {
	Failed map[int]error // by position
}

func (e *PartialError) Error() string {
	for i, err := range e.Failed {
		return fmt.Sprintf("%d messages were not stored, such as number %d: %v", len(e.Failed), i, err)
	}
	return "no message failed"
}

// Unwrap lets errors.Is see the reasons.
func (e *PartialError) Unwrap() []error {
	errs := make([]error, 0, len(e.Failed))
	for _, err := range e.Failed {
		errs = append(errs, err)
	}
	return errs
}
