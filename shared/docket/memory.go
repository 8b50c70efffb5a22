package docket

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"ines/shared/casework"
)

// What lies in docket.filed is bounded twice: few cases grow beyond what they
// remember themselves, and one that a whole town writes to has to fit too. An item
// takes some 30 bytes.
const (
	filedCases = 256
	filedItems = 1 << 19
)

// filed is what a case filed in all its life. Only a case whose own memory was
// unsure has one. Reading the log anew for each such question would take a customer
// who writes much within a second, or a platform that sends old messages again, a
// time that grows with the square of the case.
type filed struct {
	mu  sync.Mutex // held while the log is read: whoever asks meanwhile needs it too
	all casework.Filed
	len atomic.Int64
}

// items are how many it has, as far as was read.
func (f *filed) items() int64 { return f.len.Load() }

// sight says whether a case has filed an item: by the case's own memory or, for
// what is older than that, by its log.
func (d *Docket) sight(ctx context.Context, c *casework.Case, key, item string, at time.Time) (casework.Sight, error) {
	s := c.Seen.Look(key, item, at)
	if s != casework.SightUnsure {
		return s, nil
	}
	f := d.filed.getOrSet(c.ID, &filed{})
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.all.Reaches(c.Seen) {
		err := d.eachCommit(ctx, c.ID, f.all.Seq(), f.all.Add)
		f.len.Store(int64(f.all.Len()))
		if err != nil {
			return 0, err
		}
		d.filed.shed(filedItems, (*filed).items)
	}
	return f.all.Look(key, item), nil
}
