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
	// aside is how long a worker then waits before each batch: it goes on
	// working, at a fraction of its speed.
	aside = 30 * time.Millisecond
)

func (f *frontDoor) enter() { f.inside.Add(1) }
func (f *frontDoor) leave() { f.inside.Add(-1) }

func (f *frontDoor) stepAside(ctx context.Context) {
	if f.inside.Load() < crowd {
		return
	}
	select {
	case <-time.After(aside):
	case <-ctx.Done():
	}
}
