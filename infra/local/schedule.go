package local

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// ticker is the schedule of one function: each full minute (or whatever the plan
// says) of the desk's time.
type ticker struct {
	fn    *function
	now   func() time.Time
	log   *slog.Logger
	moved chan struct{} // the clock has moved
	// besides runs after each tick: the engine's own housekeeping.
	besides func(context.Context)
}

// run fires once at the start, because the engine may have been away, and then on
// time.
func (t *ticker) run(stop, work context.Context) {
	for {
		if err := t.fire(work); err != nil {
			t.log.Error("the schedule failed; the next tick tries again", "function", t.fn.Name, "error", err.Error())
		}
		t.besides(work)
		if !t.sleep(stop) {
			return
		}
	}
}

func (t *ticker) sleep(stop context.Context) bool {
	for {
		now := t.now()
		next := now.Truncate(t.fn.Trigger.Schedule).Add(t.fn.Trigger.Schedule)
		select {
		case <-time.After(next.Sub(now)):
			return true
		case <-t.moved:
		case <-stop.Done():
			return false
		}
	}
}

// fire invokes the function now.
func (t *ticker) fire(ctx context.Context) error {
	t.fn.busy.begin()
	defer t.fn.busy.end()
	return t.fn.invoke(ctx, scheduleEvent(t.fn.ids.next(), t.now()), nil)
}

func scheduleEvent(id string, at time.Time) events.EventBridgeEvent {
	return events.EventBridgeEvent{
		Version:    "0",
		ID:         id,
		DetailType: "Scheduled Event",
		Source:     "aws.scheduler",
		AccountID:  account,
		Time:       at.UTC().Truncate(time.Second),
		Region:     region,
		Resources:  []string{"arn:aws:scheduler:" + region + ":" + account + ":schedule/ines/clock"},
		Detail:     json.RawMessage(`{}`),
	}
}

func (t *ticker) nudge() {
	select {
	case t.moved <- struct{}{}:
	default:
	}
}
