package tabletest

import (
	"errors"
	"fmt"
	"maps"
	"sync"
	"testing"

	"ines/shared/table"
)

func counters(t *testing.T, s *suite) {
	p := fresh("count")
	a, b, none := table.Key{Partition: p, Sort: "a"}, table.Key{Partition: p, Sort: "b"}, table.Key{Partition: p, Sort: "none"}
	add := func(k table.Key, fields map[string]int64) table.Write {
		return table.Write{Op: table.OpAdd, Item: table.Item{Key: k}, Fields: fields}
	}
	s.must(t, add(a, map[string]int64{"filed": 2, "ignored: not for us": 1, "Zürich/2026#x": 1}), add(b, map[string]int64{"seq": 5, "pk": 1}))
	s.must(t, add(a, map[string]int64{"filed": 3, "ignored: not for us": -4, "Zürich/2026#x": 0}))
	got, err := s.table.Counters(t.Context(), a, b, none)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || !maps.Equal(got[a], map[string]int64{"filed": 5, "ignored: not for us": -3, "Zürich/2026#x": 1}) ||
		!maps.Equal(got[b], map[string]int64{"seq": 5, "pk": 1}) {
		t.Errorf("got %v", got)
	}
	s.conflict(t, []table.Key{a}, table.Write{Op: table.OpPut, When: table.Absent, Item: table.Item{Key: a, Value: []byte(`1`)}})
	if item := s.get(t, a); len(item.Value) != 0 || item.Seq != 0 {
		t.Errorf("an item made by adding holds nothing else; got %+v", item)
	}
	s.must(t, put(a, `"replaced"`))
	if got, err := s.table.Counters(t.Context(), a); err != nil || len(got[a]) != 0 {
		t.Errorf("a put replaces the counters too; got %v, %v", got, err)
	}
	s.must(t, table.Write{Op: table.OpPut, Item: table.Item{Key: a, Value: []byte(`"kept"`), Seq: 4}}, add(b, map[string]int64{"seq": 1}))
	s.must(t, add(a, map[string]int64{"filed": 1}))
	if item := s.get(t, a); string(item.Value) != `"kept"` || item.Seq != 4 {
		t.Errorf("adding keeps the rest; got %+v", item)
	}
	s.must(t, table.Write{Op: table.OpDelete, Item: table.Item{Key: a}})
	if got, err := s.table.Counters(t.Context(), a); err != nil || len(got[a]) != 0 {
		t.Errorf("after deleting: %v, %v", got, err)
	}
}

func readYourWrites(t *testing.T, s *suite) {
	p := fresh("mine")
	var all sync.WaitGroup
	for w := range 4 {
		all.Go(func() {
			for i := range 20 {
				k := table.Key{Partition: p, Sort: fmt.Sprintf("%d-%02d", w, i)}
				if err := s.table.Write(t.Context(), put(k, `1`)); err != nil {
					t.Error(err)
					return
				}
				found, err := s.table.Get(t.Context(), k)
				if err != nil || len(found) != 1 {
					t.Errorf("%s: found %d, %v", k, len(found), err)
				}
				page, err := s.table.Query(t.Context(), table.Query{Partition: p, From: k.Sort})
				if err != nil || len(page.Items) == 0 || page.Items[0].Key != k {
					t.Errorf("%s: the query gives %q, %v", k, sorts(page.Items), err)
				}
			}
		})
	}
	all.Wait()
}

// oneWins lets writers race for each next commit of one log: every number is
// taken once, and who lost wrote nothing.
func oneWins(t *testing.T, s *suite) {
	p := fresh("log")
	const writers, rounds = 8, 10
	for n := range rounds {
		var all sync.WaitGroup
		outcomes := make([]error, writers)
		for w := range writers {
			all.Go(func() {
				commit := table.Key{Partition: p, Sort: fmt.Sprintf("log#%03d", n)}
				own := table.Key{Partition: p, Sort: fmt.Sprintf("by#%03d#%d", n, w)}
				outcomes[w] = s.table.Write(t.Context(), put(own, `1`),
					table.Write{Op: table.OpPut, When: table.Absent, Item: table.Item{Key: commit, Value: fmt.Appendf(nil, "%d", w)}})
			})
		}
		all.Wait()
		won := -1
		for w, err := range outcomes {
			switch {
			case err == nil && won >= 0:
				t.Fatalf("round %d: both %d and %d won", n, won, w)
			case err == nil:
				won = w
			case !table.Conflicted(err) && !errors.Is(err, table.ErrUnavailable):
				t.Fatalf("round %d: writer %d got %v, want a conflict", n, w, err)
			}
		}
		commit := s.get(t, table.Key{Partition: p, Sort: fmt.Sprintf("log#%03d", n)})
		traces := s.all(t, table.Query{Partition: p, Prefix: fmt.Sprintf("by#%03d#", n)})
		if won < 0 || string(commit.Value) != fmt.Sprint(won) || len(traces) != 1 {
			t.Fatalf("round %d: %d won, the log says %s, traces %q", n, won, commit.Value, sorts(traces))
		}
	}
}

func concurrentCounters(t *testing.T, s *suite) {
	k := table.Key{Partition: fresh("storm"), Sort: "0"}
	var all sync.WaitGroup
	for w := range 8 {
		all.Go(func() {
			for range 25 {
				err := s.table.Write(t.Context(), table.Write{Op: table.OpAdd, Item: table.Item{Key: k}, Fields: map[string]int64{"all": 1, fmt.Sprint(w): 2}})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	got, err := s.table.Counters(t.Context(), k)
	if err != nil || got[k]["all"] != 200 || got[k]["3"] != 50 {
		t.Errorf("got %v, %v; want 200 in all and 50 of each", got[k], err)
	}
}
