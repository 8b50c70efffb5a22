package local

import (
	"context"
	"errors"
	"sync"

	"ines/shared/table"
)

// watched is a table that knows which of its new commits have not come out of its
// stream yet, so that somebody can tell when the engine has come to rest. What a
// stream holds can't be asked for; what this process put in can be counted.
type watched struct {
	table.Table
	streamed func(table.Key) bool
	wrote    chan struct{} // signalled after writes that the stream will show

	mu  sync.Mutex
	due map[table.Key]int // commits on their way, by how many writers try them
	// doubts counts the times when something may have entered the stream
	// unseen: at the start, and when a write may or may not have happened.
	// settled is how many of them a look at the whole stream has ended.
	doubts, settled uint64
}

func watch(t table.Table, streamed func(table.Key) bool) *watched {
	return &watched{Table: t, streamed: streamed, wrote: make(chan struct{}, 1), due: map[table.Key]int{}, doubts: 1}
}

// Write implements table.Table.
func (w *watched) Write(ctx context.Context, writes ...table.Write) error {
	keys := w.expect(writes)
	err := w.Table.Write(ctx, writes...)
	if len(keys) == 0 {
		return err
	}
	if err != nil {
		w.forget(keys, !table.Conflicted(err) && !errors.Is(err, table.ErrInvalid))
		return err
	}
	w.poke()
	return nil
}

// Steps implements table.Table. It is known of each whether it happened.
func (w *watched) Steps(ctx context.Context, writes ...table.Write) error {
	for _, one := range writes {
		if err := w.Write(ctx, one); err != nil {
			return err
		}
	}
	return nil
}

// expect notes the commits that a write makes. Nothing but a new item is sure to
// be a change: putting what is there already is none.
func (w *watched) expect(writes []table.Write) []table.Key {
	var keys []table.Key
	for _, one := range writes {
		if one.Op == table.OpPut && one.When == table.Absent && w.streamed(one.Item.Key) {
			keys = append(keys, one.Item.Key)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, k := range keys {
		w.due[k]++
	}
	return keys
}

func (w *watched) forget(keys []table.Key, doubtful bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, k := range keys {
		if w.due[k]--; w.due[k] <= 0 {
			delete(w.due, k)
		}
	}
	if doubtful {
		w.doubts++
	}
}

func (w *watched) poke() {
	select {
	case w.wrote <- struct{}{}:
	default:
	}
}

// done notes that the stream has shown a commit, and that it was worked on.
func (w *watched) done(k table.Key) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.due, k)
}

// look begins a look at the whole stream; ended says that it had nothing.
func (w *watched) look() (ended func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	doubts := w.doubts
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.settled = max(w.settled, doubts)
	}
}

// underWay reports whether anything may still come out of the stream.
func (w *watched) underWay() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.due) > 0 || w.settled < w.doubts
}
