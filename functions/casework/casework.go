// Package casework is the function that applies messages, timers and delivery
// reports to cases. The rules are shared/casework's, the bookkeeping is docket's;
// this is the queue's end of it.
package casework

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"ines/infra/plan"
	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/queue"
	"ines/shared/queue/consume"
	"ines/shared/table"
)

// Config is what the function works with. All of it is shared by concurrent
// invocations.
type Config struct {
	Docket   *docket.Docket
	Postpone queue.Postponer
	Now      func() time.Time
	Log      *slog.Logger
}

// Casework is the function.
type Casework struct{ Config }

var maxReceives = plan.MaxReceives(plan.Cases)

// New makes the function.
func New(c Config) *Casework { return &Casework{c} }

// Handle works on one batch of cases.fifo.
func (f *Casework) Handle(ctx context.Context, e events.SQSEvent) (events.SQSEventResponse, error) {
	source := consume.Source{Queue: plan.Cases, MaxReceives: maxReceives, Postpone: f.Postpone, Log: f.Log}
	return consume.Batch(ctx, e, source, f.work), nil
}

// file brings an item to its case. One that the table can never hold is counted as
// failed, where people see it, instead of standing in its thread's way for ever:
// the archive has it.
func (f *Casework) file(ctx context.Context, in docket.Incoming) error {
	err := f.Docket.File(ctx, in)
	if !errors.Is(err, table.ErrInvalid) {
		return err
	}
	f.Log.Error("an item can't be filed", "item", in.ID(), "kind", string(in.Item.Kind), "error", err.Error())
	in.Item.Reason = err.Error()
	return f.Docket.Receipts(ctx, docket.Receipt{Incoming: in, Outcome: docket.OutcomeFailed})
}

func (f *Casework) work(ctx context.Context, m events.SQSMessage) error {
	var w docket.Work
	if err := json.Unmarshal([]byte(m.Body), &w); err != nil {
		return fmt.Errorf("not work for a case: %w", err)
	}
	var err error
	switch {
	case w.Item != nil:
		return f.file(ctx, *w.Item)
	case w.Timers != nil:
		// The clock function's host may be a little ahead of ours: what it found
		// due is.
		now := f.Now()
		if ahead := w.Timers.Due.Sub(now); ahead > 0 && ahead < time.Minute {
			now = w.Timers.Due
		}
		_, _, err = f.Docket.Do(ctx, docket.Order{Case: w.Case, Command: casework.FireTimers{},
			Cause: casework.Cause{Kind: "timer", ID: w.Timers.Due.UTC().Format(time.RFC3339)}, Now: now})
	case w.Report != nil:
		_, _, err = f.Docket.Do(ctx, docket.Order{Case: w.Case, Command: *w.Report,
			Cause: casework.Cause{Kind: "reply", ID: w.Report.Reply}, Now: f.Now()})
	case w.File != nil:
		return f.Docket.TellFile(ctx, w.Case, *w.File, f.Now())
	case w.Consent != nil:
		_, _, err = f.Docket.Do(ctx, docket.Order{Case: w.Case, Command: casework.HearConsent{Consent: *w.Consent},
			Cause: casework.Cause{Kind: "reply", ID: w.Consent.ID}, Now: f.Now()})
	case w.Split != nil:
		return f.Docket.OpenSplit(ctx, w.Case, *w.Split)
	case w.Watch != nil:
		return f.Docket.Watch(ctx, f.Now())
	case w.Again != nil:
		return f.Docket.LookAgain(ctx, *w.Again, f.Now())
	case w.GiveUp != nil:
		return f.Docket.GiveUp(ctx, w.Case, w.GiveUp.To, f.Now())
	case w.Reclaim != nil:
		return f.Docket.Reclaim(ctx, w.Case, w.Reclaim.From)
	case w.Offer != nil:
		_, err = f.Docket.Offer(ctx, w.Case, f.Now())
	case w.Refill != nil:
		return f.Docket.Refill(ctx, w.Refill.Colleague, f.Now())
	case w.FollowUp != nil:
		_, _, err = f.Docket.Do(ctx, docket.Order{Case: w.Case, Command: casework.NoteFollowUp{Case: w.FollowUp.Case},
			Cause: casework.Cause{Kind: "case", ID: w.FollowUp.Case}, Now: f.Now()})
	default:
		return fmt.Errorf("work without anything to do: %.200s", m.Body)
	}
	return err
}
