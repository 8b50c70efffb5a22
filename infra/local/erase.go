package local

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"ines/shared/erasure"
	"ines/shared/sqlitefile"
)

// eraser forgets people on this machine: in the table, the archive, the record of what
// was sent, and what the file still has of rows that were deleted.
func (h *Host) eraser() *erasure.Eraser {
	return &erasure.Eraser{Docket: h.docket, Archive: h.archive, Besides: h.eraseSent, Scrub: h.scrub, Later: h.scrubLater, Now: h.clock.Now, Log: h.c.Log}
}

// eraseSent takes the calls that concern somebody out of the record.
func (h *Host) eraseSent(ctx context.Context, mark erasure.Mark) error {
	return h.sink.record.erase(ctx, mark)
}

// followTime is how long scrubbing waits for the stream's follower: what it has not
// done yet has to stay.
const followTime = 3 * time.Second

// scrubbing is the note of the newest message that was in a queue when somebody was
// erased. Such messages may hold his words, a reply that is being sent for one; they
// are deleted when their turn has come, and what is deleted stays in the file.
const scrubbing = "scrub/after"

// scrub clears the disk of what was deleted, now and once more when the queues have
// done with what they hold.
func (h *Host) scrub(ctx context.Context) error {
	if err := h.clear(ctx); err != nil {
		return err
	}
	last, any, err := h.queues.Last(ctx)
	if err != nil || !any {
		return err
	}
	return h.db.Set(ctx, scrubbing, strconv.FormatInt(last, 10))
}

// scrubLater is the second time, if it is due.
func (h *Host) scrubLater(ctx context.Context) error {
	text, _, err := h.db.Get(ctx, scrubbing)
	if err != nil || text == "" {
		return err
	}
	last, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return fmt.Errorf("the note %s is %q, want a number", scrubbing, text)
	}
	if held, err := h.queues.Holds(ctx, last); err != nil || held {
		return err
	}
	if err := h.clear(ctx); err != nil {
		return err
	}
	return h.db.Set(ctx, scrubbing, "")
}

// clear writes the file anew. Of the table's changes those go that were followed: they
// repeat what the table held before.
func (h *Host) clear(ctx context.Context) error {
	wait, done := context.WithTimeout(ctx, followTime)
	defer done()
	for wait.Err() == nil {
		if ready, err := h.follower.drained(wait); ready || err != nil {
			break
		}
		select {
		case <-time.After(pause):
		case <-wait.Done():
		}
	}
	if err := h.trim(ctx); err != nil {
		return err
	}
	return h.db.Scrub(ctx)
}

func (r *record) erase(ctx context.Context, mark erasure.Mark) error {
	r.erased.Add(1)
	return r.db.Write(ctx, func(conn *sqlitefile.Conn) error {
		var gone []int64
		err := sqlitefile.Each(conn, "SELECT n, channel, url, headers, body, answer FROM sent", func(row *sqlitefile.Stmt) error {
			for column := 2; column <= 5; column++ {
				if text := sqlitefile.Bytes(row, column); mark.Text(row.ColumnText(1), text) || mark.Told(text) {
					gone = append(gone, row.ColumnInt64(0))
					break
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, n := range gone {
			if err := sqlitefile.Exec(conn, "DELETE FROM sent WHERE n = ?", n); err != nil {
				return err
			}
		}
		return nil
	})
}
