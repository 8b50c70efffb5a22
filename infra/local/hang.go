package local

import (
	"context"
	"io"
	"slices"
	"sync"
	"time"
)

// hangs are the calls that a platform leaves without an answer. They last by the
// desk's clock: time travel shortens them. A call that hangs is no activity, or
// nobody could wait for the pipeline to come to rest and then let time pass; there
// is one call at a time in an invocation of reply (its batch is one message).
type hangs struct {
	wall func() time.Time
	busy *activity
	mu   sync.Mutex
	list []*hanging
}

type hanging struct {
	until time.Time // by the wall clock
	timer *time.Timer
	over  chan struct{}
}

// hang waits for d, and ends as a connection that the other side closed.
func (hs *hangs) hang(ctx context.Context, d time.Duration) error {
	h := &hanging{until: hs.wall().Add(d), over: make(chan struct{})}
	hs.mu.Lock()
	hs.busy.end()
	hs.list = append(hs.list, h)
	h.timer = time.AfterFunc(d, func() { hs.finish(h) })
	hs.mu.Unlock()
	select {
	case <-h.over:
		return io.ErrUnexpectedEOF
	case <-ctx.Done():
		hs.finish(h)
		return ctx.Err()
	}
}

func (hs *hangs) finish(h *hanging) {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	hs.end(h)
}

// end makes the call activity again before it can run: nobody sees a moment of
// rest in between.
func (hs *hangs) end(h *hanging) {
	i := slices.Index(hs.list, h)
	if i < 0 {
		return
	}
	hs.list = slices.Delete(hs.list, i, i+1)
	h.timer.Stop()
	hs.busy.begin()
	close(h.over)
}

// pass lets d of the desk's time go by.
func (hs *hangs) pass(d time.Duration) {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	now := hs.wall()
	for _, h := range slices.Clone(hs.list) {
		h.until = h.until.Add(-d)
		if left := h.until.Sub(now); left > 0 {
			h.timer.Reset(left)
		} else {
			hs.end(h)
		}
	}
}

// next is how long the first of them still lasts.
func (hs *hangs) next() (left time.Duration, any bool) {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	now := hs.wall()
	for _, h := range hs.list {
		if l := h.until.Sub(now); !any || l < left {
			left, any = l, true
		}
	}
	return left, any
}
