// Package tabletest is the conformance suite of the table port: what every
// driver must do alike. Driver tests import it; it imports table.
package tabletest

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"ines/shared/table"
)

// Indexes are the secondary indexes that the suite's tables must have.
var Indexes = []string{"queue", "owner"}

// Harness says how the suite gets a table.
type Harness struct {
	// Open returns a table with Indexes. It may be the same one every time:
	// each test keeps to partitions of its own.
	Open func(t testing.TB) table.Table
	// Settle waits a moment for a lagging index; nil where indexes never lag.
	Settle func()
}

// Run runs the whole suite.
func Run(t *testing.T, h Harness) {
	t.Helper()
	for _, c := range []struct {
		name string
		test func(*testing.T, *suite)
	}{
		{"put and get", putAndGet},
		{"values survive", values},
		{"odd keys", oddKeys},
		{"conditions", conditions},
		{"all or nothing", allOrNothing},
		{"step by step", stepByStep},
		{"limits", limits},
		{"refusals", refusals},
		{"delete", deletes},
		{"counters", counters},
		{"expiry", expiry},
		{"query ranges", queryRanges},
		{"query pages", queryPages},
		{"pages and inserts", pagesAndInserts},
		{"cursors", cursors},
		{"sparse indexes", sparseIndexes},
		{"index order and pages", indexPages},
		{"read your writes", readYourWrites},
		{"one conditional writer wins", oneWins},
		{"concurrent counters", concurrentCounters},
		{"canceled", canceled},
		{"like the model", likeTheModel},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.test(t, &suite{Harness: h, table: h.Open(t)})
		})
	}
}

type suite struct {
	Harness
	table table.Table
}

var partitions atomic.Int64

// fresh names a partition that nothing else uses, also when tables are shared
// between tests and runs.
func fresh(name string) string {
	return name + "#" + strconv.FormatInt(time.Now().UnixNano(), 36) + "-" + strconv.FormatInt(partitions.Add(1), 10)
}

func put(k table.Key, value string) table.Write {
	return table.Write{Op: table.OpPut, Item: table.Item{Key: k, Value: []byte(value)}}
}

func (s *suite) must(t *testing.T, writes ...table.Write) {
	t.Helper()
	if err := s.table.Write(t.Context(), writes...); err != nil {
		t.Fatal(err)
	}
}

// conflict wants a conflict about exactly these keys, in this order.
func (s *suite) conflict(t *testing.T, want []table.Key, writes ...table.Write) {
	t.Helper()
	err := s.table.Write(t.Context(), writes...)
	var c *table.ConflictError
	if !errors.As(err, &c) {
		t.Fatalf("got %v, want a conflict on %v", err, want)
	}
	if !slices.Equal(c.Keys, want) {
		t.Fatalf("conflict on %v, want %v", c.Keys, want)
	}
}

func (s *suite) invalid(t *testing.T, what string, writes ...table.Write) {
	t.Helper()
	if err := s.table.Write(t.Context(), writes...); !errors.Is(err, table.ErrInvalid) {
		t.Errorf("%s: got %v, want ErrInvalid", what, err)
	}
}

// get returns the item, which must be there.
func (s *suite) get(t *testing.T, k table.Key) table.Item {
	t.Helper()
	found, err := s.table.Get(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	item, ok := found[k]
	if !ok {
		t.Fatalf("%s is missing", k)
	}
	return item
}

func (s *suite) missing(t *testing.T, keys ...table.Key) {
	t.Helper()
	found, err := s.table.Get(t.Context(), keys...)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 0 {
		t.Errorf("found %v, want none", found)
	}
}

// all reads a query to its last page.
func (s *suite) all(t testing.TB, q table.Query) []table.Item {
	t.Helper()
	var items []table.Item
	for {
		page, err := s.table.Query(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if q.Limit > 0 && len(page.Items) > q.Limit {
			t.Fatalf("a page of %d items, limit %d", len(page.Items), q.Limit)
		}
		items = append(items, page.Items...)
		if page.Cursor == "" {
			return items
		}
		if page.Cursor == q.Cursor {
			t.Fatalf("the cursor does not move: %q", q.Cursor)
		}
		q.Cursor = page.Cursor
	}
}

func sorts(items []table.Item) []string {
	names := make([]string, len(items))
	for i, item := range items {
		names[i] = item.Key.Sort
	}
	return names
}

// eventually repeats the check while an index may lag.
func (s *suite) eventually(t *testing.T, check func() error) {
	t.Helper()
	err := check()
	for attempt := 0; err != nil && s.Settle != nil && attempt < 50; attempt++ {
		s.Settle()
		err = check()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// shows wants an index query to give these sort keys of the items, in order.
func (s *suite) shows(t *testing.T, q table.Query, want ...string) {
	t.Helper()
	s.eventually(t, func() error {
		if got := sorts(s.all(t, q)); !slices.Equal(got, want) {
			return fmt.Errorf("index %s of %s: items %q, want %q", q.Index, q.Partition, got, want)
		}
		return nil
	})
}
