package local

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"ines/shared/sqlitefile"
	tables "ines/shared/table/sqlite"
	"ines/shared/table/stream"
)

// follower is the stream's event source mapping: it invokes the function with what
// changed, in order, and moves its checkpoint on only over what succeeded. A batch
// that fails comes again for as long as it takes: nothing is skipped.
type follower struct {
	fn    *function
	table *tables.Table
	db    *sqlitefile.DB
	log   *slog.Logger
	front *frontDoor
	took  lasted
	at    atomic.Int64 // everything up to it is done
	noted int64        // the checkpoint on disk: it may lag, since relay may repeat
	kept  int64        // the first change that was not trimmed, less one
}

const (
	checkpointNote = "local/stream-checkpoint"
	noteEvery      = 1000 // changes
	trimEvery      = 4000 // changes
	firstBackoff   = 100 * time.Millisecond
	lastBackoff    = 10 * time.Second
)

func openFollower(ctx context.Context, fn *function, t *tables.Table, db *sqlitefile.DB, front *frontDoor, log *slog.Logger) (*follower, error) {
	f := &follower{fn: fn, table: t, db: db, front: front, log: log}
	text, found, err := db.Get(ctx, checkpointNote)
	if err != nil {
		return nil, fmt.Errorf("the stream's checkpoint: %w", err)
	}
	if found {
		at, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("the stream's checkpoint: the note %s is damaged: %w", checkpointNote, err)
		}
		f.at.Store(at)
		f.noted, f.kept = at, at
	}
	return f, nil
}

// run follows the stream until stop ends. Invocations run under work.
func (f *follower) run(stop, work context.Context) {
	backoff := firstBackoff
	defer f.leave(work)
	for stop.Err() == nil {
		f.front.stepAside(stop, f.took.get())
		n, err := f.batch(work)
		if err != nil {
			f.log.Error("the stream's batch failed and comes again", "after", f.at.Load(), "in", backoff.String(), "error", err.Error())
			select {
			case <-time.After(backoff):
			case <-stop.Done():
			}
			backoff = min(2*backoff, lastBackoff)
			continue
		}
		backoff = firstBackoff
		if n > 0 {
			continue
		}
		f.leave(work)
		select {
		case <-f.table.Changed():
		case <-stop.Done():
		}
	}
}

// leave notes where the follower stands when there is nothing to hurry for.
func (f *follower) leave(ctx context.Context) {
	if err := f.note(ctx); err != nil {
		f.log.Warn("can't note how far the stream was followed; some of it is followed again", "error", err.Error())
	}
}

// batch does the next changes and returns how many there were. When some failed it
// has advanced to the first of them.
func (f *follower) batch(ctx context.Context) (int, error) {
	f.fn.busy.begin()
	defer f.fn.busy.end()
	defer f.took.since(time.Now())
	changes, last, err := f.table.Changes(ctx, f.at.Load(), f.fn.Trigger.Batch)
	if err != nil || len(changes) == 0 {
		return 0, err
	}
	var answer events.DynamoDBEventResponse
	if err := f.fn.invoke(ctx, streamEvent(stream.Encode(changes)), &answer); err != nil {
		return 0, err
	}
	if len(answer.BatchItemFailures) == 0 {
		return len(changes), f.advance(ctx, last)
	}
	// As on AWS: the lowest number counts, and one that is none of the batch's
	// fails all of it.
	first := last + 1
	for _, failure := range answer.BatchItemFailures {
		n, err := strconv.ParseInt(failure.ItemIdentifier, 10, 64)
		if err != nil || n <= f.at.Load() || n > last {
			return 0, fmt.Errorf("%s reports the failure of %q, which it was not given", f.fn.Name, failure.ItemIdentifier)
		}
		first = min(first, n)
	}
	if err := f.advance(ctx, first-1); err != nil {
		return 0, err
	}
	return 0, fmt.Errorf("%s failed at change %d", f.fn.Name, first)
}

func streamEvent(e events.DynamoDBEvent) events.DynamoDBEvent {
	for i := range e.Records {
		e.Records[i].AWSRegion = region
		e.Records[i].EventSourceArn = "arn:aws:dynamodb:" + region + ":" + account + ":table/ines/stream/local"
	}
	return e
}

// advance moves on in memory at once and on disk now and then: what a crash makes
// relay do again changes nothing, and each note costs a commit.
func (f *follower) advance(ctx context.Context, to int64) error {
	if to <= f.at.Load() {
		return nil
	}
	f.at.Store(to)
	if to-f.noted < noteEvery {
		return nil
	}
	return f.note(ctx)
}

func (f *follower) note(ctx context.Context) error {
	to := f.at.Load()
	if to == f.noted {
		return nil
	}
	if err := f.db.Set(ctx, checkpointNote, strconv.FormatInt(to, 10)); err != nil {
		return fmt.Errorf("the stream's checkpoint: %w", err)
	}
	f.noted = to
	if to-f.kept < trimEvery {
		return nil
	}
	if err := f.table.Trim(ctx, to); err != nil {
		f.log.Warn("can't trim the stream", "error", err.Error()) // the next time will
		return nil
	}
	f.kept = to
	return nil
}

// drained reports whether everything that changed has been done.
func (f *follower) drained(ctx context.Context) (bool, error) {
	newest, err := f.table.Newest(ctx)
	return newest <= f.at.Load(), err
}
