// Package clock finds the cases with something due and tells cases.fifo, once a
// minute. It decides nothing: casework looks at each case and knows.
package clock

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"ines/infra/plan"
	"ines/shared/docket"
	"ines/shared/queue"
)

// Config is what the function works with.
type Config struct {
	Docket *docket.Docket
	Queue  queue.Sender
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
	due, err := f.Docket.Due(ctx, f.Now(), perShard)
	if err != nil {
		return err
	}
	var work []queue.Message
	for _, v := range due {
		m, err := docket.Work{Case: v.ID, Timers: &docket.Timers{Due: v.Timer}}.Message()
		if err != nil {
			return err
		}
		work = append(work, m)
	}
	if len(work) == 0 {
		return nil
	}
	if err := f.Queue.Send(ctx, plan.Cases, work...); err != nil {
		return fmt.Errorf("tell %d cases that something is due: %w", len(work), err)
	}
	return nil
}
