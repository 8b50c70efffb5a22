package dynamo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// Between attempts a call waits a random time up to a bound that doubles from
// firstPause to lastPause, so that those who were throttled together don't come
// back together.
const (
	firstPause = 25 * time.Millisecond
	lastPause  = 2 * time.Second
)

// errUnprocessed is DynamoDB's way of throttling a part of a batch.
var errUnprocessed = errors.New("DynamoDB left keys of the batch undone")

// outcome is how a call ended.
type outcome struct {
	verdict verdict
	reasons []reason
	err     error // of the last attempt; nil: done
	// doubtful: an attempt before the last may have been carried out.
	doubtful bool
}

// try makes attempts until one succeeds or fails for good, until patience or ctx
// ends. When ctx ends the error is its own.
func (t *Table) try(ctx context.Context, operation string, attempt func(context.Context, *Request) error) (outcome, error) {
	var o outcome
	began := time.Now()
	bound := firstPause
	for n := 1; ; n++ {
		if err := ctx.Err(); err != nil {
			return o, fmt.Errorf("%s: %w", operation, err)
		}
		if o.err = t.once(ctx, operation, n, attempt); o.err == nil {
			return o, nil
		}
		if err := ctx.Err(); err != nil {
			return o, fmt.Errorf("%s: %w", operation, err)
		}
		o.verdict, o.reasons = judge(o.err)
		if o.verdict != later && o.verdict != unsure || time.Since(began) >= t.c.Patience {
			return o, nil
		}
		o.doubtful = o.doubtful || o.verdict == unsure
		sleep(ctx, time.Duration(rand.Int64N(int64(bound))))
		bound = min(2*bound, lastPause)
	}
}

func (t *Table) once(ctx context.Context, operation string, n int, attempt func(context.Context, *Request) error) error {
	r := Request{Operation: operation, Attempt: n}
	err := attempt(ctx, &r)
	if t.c.Observe != nil {
		if err != nil {
			r.Failure = words(err)
		}
		t.c.Observe(ctx, r)
	}
	return err
}

// failure is what the caller is told of an outcome that is no conflict.
func (o outcome) failure(doing string) error {
	switch {
	case o.err == nil:
		return nil
	case o.verdict == invalid:
		return refused(doing, o.err)
	}
	return unavailable(doing, o.err)
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
