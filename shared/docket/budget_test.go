package docket_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ines/shared/docket/dockettest"
	"ines/shared/table"
)

// TestUse: however many take at a time, a day has so many uses and no more, and the
// next day has its own.
func TestUse(t *testing.T) {
	for _, perDay := range []int{1, 8, 25} {
		b := dockettest.Open(t, dockettest.Setup{})
		var taken atomic.Int64
		take := func(at time.Time) {
			var all sync.WaitGroup
			for range 4 {
				all.Go(func() {
					for range 16 {
						ok, err := b.Docket.Use(t.Context(), "bedrock", perDay, at)
						if err != nil {
							t.Error(err)
						}
						if ok {
							taken.Add(1)
						}
					}
				})
			}
			all.Wait()
		}
		take(dockettest.Morning)
		if n := int(taken.Load()); n > perDay || n < max(perDay*8/10, 1) {
			t.Errorf("%d uses of %d a day", n, perDay)
		}
		before := taken.Load()
		take(dockettest.Morning.Add(24 * time.Hour))
		if n := int(taken.Load() - before); n > perDay || n < max(perDay*8/10, 1) {
			t.Errorf("the next day %d of %d", n, perDay)
		}
	}
	b := dockettest.Open(t, dockettest.Setup{})
	b.Table.Plan(dockettest.Fails)
	if ok, err := b.Faulty.Use(t.Context(), "bedrock", 5, dockettest.Morning); ok || !errors.Is(err, table.ErrUnavailable) {
		t.Errorf("with the table down: %v, %v", ok, err)
	}
	if ok, err := b.Docket.Use(t.Context(), "bedrock", 0, dockettest.Morning); ok || err != nil {
		t.Errorf("without a budget: %v, %v", ok, err)
	}
}
