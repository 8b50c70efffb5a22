package erasure

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"ines/shared/archive"
	"ines/shared/docket"
	"ines/shared/message"
	"ines/shared/sorting"
)

const (
	stride = 24 * time.Hour
	// before is how much earlier than the first message that was filed a delivery
	// about somebody may have come: longer than any queue or platform holds one up.
	before = 15 * 24 * time.Hour
)

// sweep takes an erasure's deliveries and files out of the archive. It keeps note of
// how far it has come, day by day.
func (r *Eraser) sweep(ctx context.Context, e *docket.Erasure) error {
	mark := MarkOf(*e)
	var failed error
	pick := func(rec archive.Record) bool {
		env, ok := envelopeOf(rec)
		_, known := e.Deliveries[rec.ID]
		if !known && (!ok || !e.Whole || !r.isAbout(ctx, mark, &env, &failed)) {
			return false
		}
		for _, key := range []string{env.BodyRef, env.ContentRef} {
			if key == "" {
				continue
			}
			// Before the record that names it: afterwards nothing would lead to it.
			if err := r.Archive.Delete(ctx, key); err != nil {
				failed = err
				return false
			}
		}
		return true
	}
	drop := func(from, to time.Time) error {
		n, err := r.Archive.Drop(ctx, from, to, pick)
		if err := errors.Join(err, failed); err != nil {
			return fmt.Errorf("erasure %s: archive from %s: %w", e.ID, from.Format(time.DateOnly), err)
		}
		e.Count.Deliveries = max(e.Count.Deliveries, n)
		return nil
	}
	for _, key := range e.Files {
		if err := r.Archive.Delete(ctx, key); err != nil && !errors.Is(err, archive.ErrNotFound) {
			return fmt.Errorf("erasure %s: %w", e.ID, err)
		}
	}
	if !e.Whole {
		for _, at := range hours(e.Deliveries) {
			if err := drop(at, at.Add(time.Hour)); err != nil {
				return err
			}
		}
		return nil
	}
	end := r.Now().Add(time.Hour)
	for from := latest(e.Swept, e.Since.Add(-before)); from.Before(end); from = from.Add(stride) {
		if err := drop(from, from.Add(stride)); err != nil {
			return err
		}
		if next := from.Add(stride); next.Before(r.Now().Add(-stride)) {
			e.Swept = next
			if err := r.Docket.SaveErasure(ctx, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// isAbout looks at a delivery and, where it lies apart, at its body. A mail that was
// fetched out of a bucket is judged by its head, which the delivery has: a day may have
// thousands of them, and a day has to fit into one go.
func (r *Eraser) isAbout(ctx context.Context, mark Mark, env *message.Envelope, failed *error) bool {
	if env.BodyRef != "" {
		body, err := r.Archive.Get(ctx, env.BodyRef)
		switch {
		case errors.Is(err, archive.ErrNotFound):
		case err != nil:
			*failed = err
			return false
		}
		env.Body = body
	}
	return mark.Envelope(*env)
}

func envelopeOf(rec archive.Record) (env message.Envelope, ok bool) {
	err := json.Unmarshal(rec.Data, &env)
	return env, err == nil
}

func hours(deliveries map[string]time.Time) (at []time.Time) {
	for _, t := range deliveries {
		if h := t.UTC().Truncate(time.Hour); !slices.Contains(at, h) {
			at = append(at, h)
		}
	}
	sorting.By(at, time.Time.Compare)
	return at
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
