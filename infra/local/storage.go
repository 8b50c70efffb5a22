package local

import (
	"context"
	"strings"

	"ines/shared/table"
	"ines/shared/table/dynamo"
	tables "ines/shared/table/sqlite"
)

// tidyMost bounds how many expired items one tick deletes.
const tidyMost = 500

// following hands what changed in the table to a function: follower where the table
// is in the folder, tap where it is in DynamoDB.
type following interface {
	run(stop, work context.Context)
	// drained reports whether everything that changed has been done.
	drained(context.Context) (bool, error)
}

// openTable opens the table where the config says it is, and decides with it who
// follows its changes and who deletes what has expired.
func (h *Host) openTable() error {
	prefix, indexes := h.c.Plan.Table.StreamPrefix, h.c.Plan.Table.Indexes
	streamed := func(k table.Key) bool { return strings.HasPrefix(k.Sort, prefix) }
	if d := h.c.DynamoDB; d != nil {
		t, err := dynamo.Open(d.AWS, dynamo.Config{Table: d.Table, Indexes: indexes, Observe: d.Observe})
		if err != nil {
			return err
		}
		w := watch(t, streamed)
		h.table = w
		h.deleteExpired = func(context.Context) error { return nil } // DynamoDB does
		h.trim = func(context.Context) error { return nil }
		h.openFollower = func(ctx context.Context, fn *function) (following, error) {
			return openTap(ctx, fn, d, prefix, w, h.db, &h.front, h.c.Log)
		}
		return nil
	}
	t, err := tables.New(h.db, tables.Options{Now: h.clock.Now, Indexes: indexes, Streamed: streamed})
	if err != nil {
		return err
	}
	h.table = t
	h.deleteExpired = func(ctx context.Context) error {
		_, err := t.DeleteExpired(ctx, tidyMost)
		return err
	}
	h.openFollower = func(ctx context.Context, fn *function) (following, error) {
		f, err := openFollower(ctx, fn, t, h.db, &h.front, h.c.Log)
		if err == nil {
			h.trim = func(ctx context.Context) error { return t.Trim(ctx, f.at.Load()) }
		}
		return f, err
	}
	return nil
}
