// Package consume runs a handler over the messages of one SQS invocation and
// reports what failed in the way that keeps a queue's promises: on a standard
// queue each message stands for itself, on a FIFO queue the messages of a group go
// in order and stop at the first that fails. Functions that are fed by a queue
// import it.
package consume

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"ines/shared/queue"
)

// Handler does the work of one message. An error brings the message back later.
type Handler func(ctx context.Context, m events.SQSMessage) error

// Later is an error that says when to try again; it is not worth an alarm.
type Later struct {
	After time.Duration
	Why   string
}

func (l *Later) Error() string { return fmt.Sprintf("again in %s: %s", l.After, l.Why) }

// Source is the queue that the messages come from. Postpone may be nil: failed
// messages then wait for the queue's visibility timeout.
type Source struct {
	Queue string
	// MaxReceives is the queue's limit of deliveries; 0 = unknown. A message
	// that fails its last one leaves the queue for the dead letters: those behind
	// it in its group go on without it, or they would be buried with it untried.
	MaxReceives int
	Postpone    queue.Postponer
	Log         *slog.Logger
}

// parallel bounds how many groups of one invocation run at a time.
const parallel = 10

// Batch runs the handler over the event, groups side by side, and returns the
// failures. Failed messages are postponed by a growing time, so that the queue
// does not wait its whole visibility timeout; whoever follows them in their group
// comes back with them, in order. A panic is one message's failure.
func Batch(ctx context.Context, e events.SQSEvent, from Source, handle Handler) events.SQSEventResponse {
	var (
		mu     sync.Mutex
		failed = map[string]bool{}
		wg     sync.WaitGroup
		slots  = make(chan struct{}, parallel)
	)
	for _, group := range groups(e.Records, strings.HasSuffix(from.Queue, ".fifo")) {
		wg.Add(1)
		slots <- struct{}{}
		go func() {
			defer wg.Done()
			defer func() { <-slots }()
			back := from.group(ctx, group, handle)
			mu.Lock()
			defer mu.Unlock()
			for _, m := range back {
				failed[m.MessageId] = true
			}
		}()
	}
	wg.Wait()
	var r events.SQSEventResponse
	for _, m := range e.Records {
		if failed[m.MessageId] {
			r.BatchItemFailures = append(r.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: m.MessageId})
		}
	}
	return r
}

// group handles messages that go in order, up to the first that fails, and returns
// those that have to come back.
func (s Source) group(ctx context.Context, group []events.SQSMessage, handle Handler) (back []events.SQSMessage) {
	for i, m := range group {
		err := try(ctx, m, handle)
		if err == nil {
			continue
		}
		if s.MaxReceives == 0 || Count(m) < s.MaxReceives {
			s.postpone(ctx, group[i:], err)
			return append(back, group[i:]...)
		}
		s.postpone(ctx, group[i:i+1], err)
		back = append(back, m)
	}
	return back
}

// groups sorts the messages by what must go in order: a FIFO group, or each
// message by itself.
func groups(records []events.SQSMessage, fifo bool) [][]events.SQSMessage {
	var out [][]events.SQSMessage
	at := map[string]int{}
	for _, m := range records {
		g, inGroup := m.Attributes["MessageGroupId"]
		if !inGroup || !fifo {
			out = append(out, []events.SQSMessage{m})
			continue
		}
		if i, ok := at[g]; ok {
			out[i] = append(out[i], m)
			continue
		}
		at[g] = len(out)
		out = append(out, []events.SQSMessage{m})
	}
	return out
}

func try(ctx context.Context, m events.SQSMessage, handle Handler) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return handle(ctx, m)
}

// postpone sets when the failed message, and those of its group behind it, come
// back. If it can't, the queue's visibility timeout does.
func (s Source) postpone(ctx context.Context, group []events.SQSMessage, cause error) {
	m := group[0]
	d := Backoff(Count(m))
	var later *Later
	if errors.As(cause, &later) {
		d = later.After
		s.Log.Info("message comes back later", "queue", s.Queue, "id", m.MessageId, "after", d.String(), "why", later.Why)
	} else {
		s.Log.Error("message failed", "queue", s.Queue, "id", m.MessageId, "count", Count(m), "error", cause.Error())
	}
	if s.Postpone == nil {
		return
	}
	for _, m := range group {
		if err := s.Postpone.Postpone(ctx, s.Queue, m.ReceiptHandle, d); err != nil {
			s.Log.Warn("could not postpone message", "queue", s.Queue, "id", m.MessageId, "error", err.Error())
		}
	}
}

// Backoff is how long a message waits after its nth delivery failed: half a
// second, doubling to a minute and a half.
func Backoff(count int) time.Duration {
	return min(500*time.Millisecond<<min(max(count-1, 0), 10), 90*time.Second)
}

// Count is which delivery of the message this is, from 1.
func Count(m events.SQSMessage) int {
	n, err := strconv.Atoi(m.Attributes["ApproximateReceiveCount"])
	if err != nil {
		return 1
	}
	return n
}
