// Package erasure forgets people: customers who ask for it, and cases whose brand
// keeps them no longer. Docket takes them out of the table; this takes them out of the
// archive and out of whatever else the host has, and sees the work through. README.md
// says what goes, what stays, and why it holds.
//
// It imports docket, archive and message; functions desk and clock, the local host and
// the operator's command import it.
package erasure

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"ines/shared/archive"
	"ines/shared/docket"
	"ines/shared/table"
)

// Eraser does the work. It is safe for concurrent use: whoever comes second to a piece
// of work leaves it to the first.
type Eraser struct {
	Docket  *docket.Docket
	Archive archive.Archive // nil: here is no right to it, and function clock goes on with the work
	// Besides takes somebody out of what the host has of its own, and Scrub makes
	// sure that what was deleted can't be read from the disk. Later does what the
	// host had to leave then, once it can; Resume calls it. nil: there is none of it.
	Besides func(context.Context, Mark) error
	Scrub   func(context.Context) error
	Later   func(context.Context) error
	Now     func() time.Time
	Log     *slog.Logger

	looked atomic.Pointer[time.Time] // when no case's time had come
}

// Foresee says what erasing a customer would take away.
func (r *Eraser) Foresee(ctx context.Context, customer string) (docket.Erasure, error) {
	return r.Docket.ForeseeErasure(ctx, customer)
}

// Erase forgets a customer, as far as it can be done at once; what is left then
// (Phase tells) is done by Resume. Nothing is left undone by a crash. An unknown
// customer is docket.ErrNoCustomer.
func (r *Eraser) Erase(ctx context.Context, customer, by, why string) (docket.Erasure, error) {
	e, err := r.Docket.StartErasure(ctx, customer, by, why, r.Now())
	if err != nil {
		return e, err
	}
	err = r.goOn(ctx, &e)
	if err != nil && (table.Conflicted(err) || e.Phase != docket.PhaseTable) {
		// It is written down, and goes on within the minute.
		r.Log.Warn("an erasure is left to function clock", "erasure", e.ID, "error", err.Error())
		err = nil
	}
	return e, err
}

// Resume goes on with what is under way, and begins with the cases whose time has
// come. What fails is tried again by the next call, and said in the log.
func (r *Eraser) Resume(ctx context.Context) error {
	expired := r.expire(ctx)
	all, err := r.Docket.Erasures(ctx)
	if err := errors.Join(expired, err); err != nil {
		return err
	}
	for _, e := range all {
		if err := ctx.Err(); err != nil {
			return nil // the next call goes on
		}
		switch err := r.goOn(ctx, &e); {
		case table.Conflicted(err): // somebody else is at it
		case err != nil:
			r.Log.Error("an erasure could not end and is tried again", "erasure", e.ID, "phase", string(e.Phase), "error", err.Error())
		default:
			r.Log.Info("erased", "erasure", e.ID, "cases", e.Count.Cases, "messages", e.Count.Messages, "deliveries", e.Count.Deliveries)
		}
	}
	if r.Later != nil {
		return r.Later(ctx)
	}
	return nil
}

// expire begins with the cases whose time has come. Cases are kept for days: where none
// had, the same process looks again after an hour.
func (r *Eraser) expire(ctx context.Context) error {
	const perShard = 20
	now := r.Now()
	if last := r.looked.Load(); last != nil && !now.Before(*last) && now.Sub(*last) < time.Hour {
		return nil
	}
	found, err := r.Docket.Expire(ctx, now, perShard)
	if err == nil && found == 0 {
		r.looked.Store(&now)
	}
	return err
}

// goOn does what is left of an erasure.
func (r *Eraser) goOn(ctx context.Context, e *docket.Erasure) error {
	if err := r.Docket.EraseFromTable(ctx, e); err != nil {
		return err
	}
	if r.Archive == nil {
		return nil
	}
	if err := r.sweep(ctx, e); err != nil {
		return err
	}
	if r.Besides != nil {
		if err := r.Besides(ctx, MarkOf(*e)); err != nil {
			return fmt.Errorf("erasure %s: %w", e.ID, err)
		}
	}
	if err := r.Docket.FinishErasure(ctx, e); err != nil {
		return err
	}
	if r.Scrub != nil {
		return r.Scrub(ctx)
	}
	return nil
}
