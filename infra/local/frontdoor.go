package local

import (
	"context"
	"sync/atomic"
	"time"
)

// frontDoor makes what works behind the queues step aside while webhooks come in
// fast. Everything shares one machine and one disk here: a platform that waits too
// long for its answer sends again or switches us off, while what is in a queue is
// safe and can wait a moment.
type frontDoor struct{ inside atomic.Int32 }

const (
	// crowd is how many webhooks at once are a storm.
	crowd = 4
	// aside is how long a worker then waits at the least before each batch, and
	// rests how many times as long as its last batch took: it goes on working, at a
	// fraction of its speed, whatever a batch costs.
	aside = 30 * time.Millisecond
	rests = 4
)

func (f *frontDoor) enter() { f.inside.Add(1) }
func (f *frontDoor) leave() { f.inside.Add(-1) }

// stepAside waits while there is a storm, and as long as somebody should whose last
// batch took that long.
func (f *frontDoor) stepAside(ctx context.Context, took time.Duration) {
	for left := max(rests*took, aside); left > 0 && f.inside.Load() >= crowd; left -= aside {
		select {
		case <-time.After(aside):
		case <-ctx.Done():
			return
		}
	}
}

// lasted is how long a worker's last batch took. Batches may run side by side.
type lasted struct{ nanoseconds atomic.Int64 }

func (l *lasted) since(begun time.Time) { l.nanoseconds.Store(int64(time.Since(begun))) }

func (l *lasted) get() time.Duration { return time.Duration(l.nanoseconds.Load()) }
