// Package clock finds the cases with something due, and the changes of messages that
// came too early, and tells cases.fifo, once a minute. It decides nothing: casework looks at each case and knows. It also sees
// through what is being erased, and has cases erased that are kept no longer.
package clock

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"ines/infra/plan"
	"ines/shared/docket"
	"ines/shared/erasure"
	"ines/shared/queue"
)

// Config is what the function works with.
type Config struct {
	Docket *docket.Docket
	Queue  queue.Sender
	Eraser *erasure.Eraser // sees erasures through, and what its time has come for; nil: nobody
	Now    func() time.Time
	Log    *slog.Logger
}

// Clock is the function.
type Clock struct{ Config }

// New makes the function.
func New(c Config) *Clock { return &Clock{c} }

// perShard bounds what one minute takes from each shard of the timers' index; what
// is left is still due in the next.
const perShard = 500

// Handle looks once. An error makes the schedule's target try again.
func (f *Clock) Handle(ctx context.Context, _ events.EventBridgeEvent) error {
	if err := f.wake(ctx); err != nil {
		return err
	}
	if f.Eraser == nil {
		return nil
	}
	return f.erase(ctx)
}

// erase takes what deadlines left of the time. That it was not enough is no failure:
// the next minute goes on from where this one stood.
func (f *Clock) erase(ctx context.Context) error {
	short, done := ctx, context.CancelFunc(func() {})
	if by, ok := ctx.Deadline(); ok {
		short, done = context.WithDeadline(ctx, by.Add(-spare))
	}
	defer done()
	err := f.Eraser.Resume(short)
	if err != nil && short.Err() != nil && ctx.Err() == nil {
		f.Log.Info("erasing goes on in the next minute", "why", err.Error())
		return nil
	}
	return err
}

// spare is how long before its own end the function stops erasing.
const spare = 5 * time.Second

func (f *Clock) wake(ctx context.Context) error {
	due, err := f.Docket.Due(ctx, f.Now(), perShard)
	if err != nil {
		return err
	}
	early, err := f.Docket.DueChanges(ctx, f.Now(), perShard)
	if err != nil {
		return err
	}
	// Casework looks every minute whether something is going on that many write about.
	watch, err := docket.Work{Watch: &docket.Timers{Due: f.Now().Truncate(time.Minute)}}.Message()
	if err != nil {
		return err
	}
	work := []queue.Message{watch}
	for _, v := range due {
		m, err := docket.Work{Case: v.ID, Timers: &docket.Timers{Due: v.Timer}}.Message()
		if err != nil {
			return err
		}
		work = append(work, m)
	}
	for _, a := range early {
		m, err := docket.Work{Again: &a}.Message()
		if err != nil {
			return err
		}
		work = append(work, m)
	}
	if err := f.Queue.Send(ctx, plan.Cases, work...); err != nil {
		return fmt.Errorf("tell that something is due of %d cases and %d changes: %w", len(due), len(early), err)
	}
	return nil
}
