package dockettest

import (
	"errors"
	"slices"
	"testing"

	"ines/shared/queue"
	queues "ines/shared/queue/sqlite"
	"ines/shared/table"
)

func TestTableFailsAsToldOnly(t *testing.T) {
	r := Open(t, Setup{})
	k := table.Key{Partition: "p", Sort: "s"}
	put := table.Write{Item: table.Item{Key: k}, When: table.Absent}
	there := func() bool {
		got, err := r.Store.Get(t.Context(), k)
		if err != nil {
			t.Fatal(err)
		}
		return len(got) == 1
	}
	r.Table.Plan(Fails, Lost, Lost, Fails, Lost)
	if err := r.Table.Write(t.Context(), put); !errors.Is(err, table.ErrUnavailable) || there() {
		t.Errorf("Fails: %v, written: %v", err, there())
	}
	if err := r.Table.Write(t.Context(), put); !errors.Is(err, table.ErrUnavailable) || !there() {
		t.Errorf("Lost: %v, written: %v", err, there())
	}
	if err := r.Table.Write(t.Context(), put); !table.Conflicted(err) {
		t.Errorf("a conflict got lost: %v", err)
	}
	if _, err := r.Table.Get(t.Context(), k); !errors.Is(err, table.ErrUnavailable) {
		t.Errorf("get: %v", err)
	}
	if _, err := r.Table.Query(t.Context(), table.Query{Partition: "p"}); !errors.Is(err, table.ErrUnavailable) || r.Table.Left() != 0 {
		t.Errorf("query: %v, %d verdicts are left", err, r.Table.Left())
	}
	if got, err := r.Table.Get(t.Context(), k); err != nil || len(got) != 1 {
		t.Errorf("after the plan: %v, %v", got, err)
	}
	r.Table.Down(true)
	for range 2 {
		if _, err := r.Table.Counters(t.Context(), k); !errors.Is(err, table.ErrUnavailable) {
			t.Errorf("down: %v", err)
		}
	}
	r.Table.Down(false)
	if _, err := r.Table.Counters(t.Context(), k); err != nil {
		t.Errorf("up again: %v", err)
	}
}

func TestQueueFailsAsToldOnly(t *testing.T) {
	r := Open(t, Setup{Queues: []queues.Queue{{Name: "numbers"}}})
	for _, c := range []struct {
		verdict Verdict
		taken   []int
		works   bool
	}{{Fails, nil, false}, {Lost, []int{1, 2, 3}, false}, {Half, []int{2}, false}, {Works, []int{1, 2, 3}, true}} {
		r.Queue.Plan(c.verdict)
		err := r.Queue.Send(t.Context(), "numbers", queue.Message{Body: "1"}, queue.Message{Body: "2"}, queue.Message{Body: "3"})
		if c.works != (err == nil) || err != nil && !errors.Is(err, queue.ErrUnavailable) {
			t.Errorf("verdict %d: %v", c.verdict, err)
		}
		var partial *queue.PartialError
		if errors.As(err, &partial) != (c.verdict == Half) {
			t.Errorf("verdict %d: partial: %v", c.verdict, err)
		}
		got, _ := Take[int](r, "numbers")
		if slices.Sort(got); !slices.Equal(got, c.taken) {
			t.Errorf("verdict %d: the queue has %v, want %v", c.verdict, got, c.taken)
		}
	}
	if r.Queue.Calls() != 4 {
		t.Errorf("%d calls", r.Queue.Calls())
	}
}
