package local

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"ines/shared/sqlitefile"
)

// deskClock is the time that the desk lives in: the wall clock and an offset that
// time travel adds to. It is kept, so that a restart doesn't go back.
type deskClock struct {
	wall   func() time.Time
	db     *sqlitefile.DB
	offset atomic.Int64 // nanoseconds
}

const offsetNote = "local/clock-offset"

// openClock reads the offset. A file without one begins at start, or at the wall
// clock's time when start is zero.
func openClock(ctx context.Context, db *sqlitefile.DB, wall func() time.Time, start time.Time) (*deskClock, error) {
	c := &deskClock{wall: wall, db: db}
	text, found, err := db.Get(ctx, offsetNote)
	switch {
	case err != nil:
		return nil, fmt.Errorf("the desk's clock: %w", err)
	case found:
		d, err := time.ParseDuration(text)
		if err != nil {
			return nil, fmt.Errorf("the desk's clock: the note %s is damaged: %w", offsetNote, err)
		}
		c.offset.Store(int64(d))
	case !start.IsZero():
		return c, c.keep(ctx, start.Sub(wall()))
	}
	return c, nil
}

// Now is the desk's time.
func (c *deskClock) Now() time.Time { return c.wall().Add(c.Skew()) }

// Skew is how far the desk is ahead of the world.
func (c *deskClock) Skew() time.Duration { return time.Duration(c.offset.Load()) }

// jump moves the clock on to a time; it never goes back.
func (c *deskClock) jump(ctx context.Context, to time.Time) error {
	d := to.Sub(c.Now())
	if d <= 0 {
		return nil
	}
	return c.keep(ctx, c.Skew()+d)
}

// keep makes the offset durable before anybody sees it.
func (c *deskClock) keep(ctx context.Context, offset time.Duration) error {
	if err := c.db.Set(ctx, offsetNote, offset.String()); err != nil {
		return fmt.Errorf("the desk's clock: %w", err)
	}
	c.offset.Store(int64(offset))
	return nil
}
