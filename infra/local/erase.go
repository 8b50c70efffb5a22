package local

import (
	"context"
	"time"

	"ines/shared/erasure"
	"ines/shared/sqlitefile"
)

// eraser forgets people on this machine: in the table, the archive, the record of what
// was sent, and what the file still has of rows that were deleted.
func (h *Host) eraser() *erasure.Eraser {
	return &erasure.Eraser{Docket: h.docket, Archive: h.archive, Besides: h.eraseSent, Scrub: h.scrub, Now: h.clock.Now, Log: h.c.Log}
}

// eraseSent takes the calls that concern somebody out of the record.
func (h *Host) eraseSent(ctx context.Context, mark erasure.Mark) error {
	return h.sink.record.erase(ctx, mark)
}

// followTime is how long scrubbing waits for the stream's follower: what it has not
// done yet has to stay.
const followTime = 3 * time.Second

// scrub clears the disk of what was deleted. Of the table's changes those go that were
// followed: they repeat what the table held before.
func (h *Host) scrub(ctx context.Context) error {
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
