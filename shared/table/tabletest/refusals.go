package tabletest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"ines/shared/table"
)

func limits(t *testing.T, s *suite) {
	p := fresh("limits")
	writes := make([]table.Write, table.MaxWrites+1)
	keys := make([]table.Key, len(writes))
	for i := range writes {
		keys[i] = table.Key{Partition: p, Sort: fmt.Sprintf("%03d", i)}
		writes[i] = put(keys[i], fmt.Sprint(i))
	}
	s.invalid(t, "101 writes", writes...)
	s.missing(t, keys[:1]...)
	s.must(t, writes[:table.MaxWrites]...)
	found, err := s.table.Get(t.Context(), keys[:100]...)
	if err != nil || len(found) != 100 {
		t.Errorf("100 keys: %d items, %v", len(found), err)
	}
	if _, err := s.table.Get(t.Context(), keys...); !errors.Is(err, table.ErrInvalid) {
		t.Errorf("101 keys: got %v, want ErrInvalid", err)
	}
	if _, err := s.table.Counters(t.Context(), keys...); !errors.Is(err, table.ErrInvalid) {
		t.Errorf("counters of 101 keys: got %v, want ErrInvalid", err)
	}
	s.invalid(t, "no writes")
	big := make([]table.Write, 11)
	for i := range big {
		big[i] = put(table.Key{Partition: p, Sort: fmt.Sprintf("big%d", i)}, `"`+strings.Repeat("x", 399<<10)+`"`)
	}
	s.invalid(t, "more than 4 MB in one transaction", big...)
	s.must(t, big[:10]...)
	if got := s.all(t, table.Query{Partition: p, Prefix: "big"}); len(got) != 10 {
		t.Errorf("%d large items came back, want 10", len(got))
	}
}

func refusals(t *testing.T, s *suite) {
	p := fresh("refused")
	k := table.Key{Partition: p, Sort: "k"}
	in := func(indexes map[string]table.IndexKey) table.Write {
		return table.Write{Op: table.OpPut, Item: table.Item{Key: k, Value: []byte(`1`), Indexes: indexes}}
	}
	for what, w := range map[string]table.Write{
		"empty partition":         put(table.Key{Sort: "s"}, `1`),
		"empty sort key":          put(table.Key{Partition: p}, `1`),
		"partition key too long":  put(table.Key{Partition: strings.Repeat("p", 2049), Sort: "s"}, `1`),
		"sort key too long":       put(table.Key{Partition: p, Sort: strings.Repeat("s", 1025)}, `1`),
		"key is not UTF-8":        put(table.Key{Partition: p, Sort: "\xff"}, `1`),
		"value is not UTF-8":      put(k, "\"\xc3\""),
		"item too large":          put(k, `"`+strings.Repeat("x", 401<<10)+`"`),
		"unknown index":           in(map[string]table.IndexKey{"nowhere": {Partition: "a", Sort: "b"}}),
		"index without partition": in(map[string]table.IndexKey{"queue": {Sort: "b"}}),
		"index without sort key":  in(map[string]table.IndexKey{"queue": {Partition: "a"}}),
		"unknown operation":       {Op: 99, Item: table.Item{Key: k}},
		"unknown condition":       {Op: table.OpPut, When: 99, Item: table.Item{Key: k, Value: []byte(`1`)}},
		"add without fields":      {Op: table.OpAdd, Item: table.Item{Key: k}},
		"add with a condition":    {Op: table.OpAdd, When: table.Absent, Item: table.Item{Key: k}, Fields: map[string]int64{"n": 1}},
		"add to a nameless field": {Op: table.OpAdd, Item: table.Item{Key: k}, Fields: map[string]int64{"": 1}},
	} {
		s.invalid(t, what, w)
		s.invalid(t, what+" behind a good one", put(table.Key{Partition: p, Sort: "good"}, `1`), w)
	}
	s.invalid(t, "one key twice", put(k, `1`), table.Write{Op: table.OpCheck, Item: table.Item{Key: k}})
	s.missing(t, k, table.Key{Partition: p, Sort: "good"})
	for what, q := range map[string]table.Query{
		"unknown index":  {Index: "nowhere", Partition: p},
		"no partition":   {},
		"negative limit": {Partition: p, Limit: -1},
		"a long bound":   {Partition: p, From: strings.Repeat("s", 1025)},
		"a long prefix":  {Partition: p, Prefix: strings.Repeat("s", 1025)},
	} {
		if _, err := s.table.Query(t.Context(), q); !errors.Is(err, table.ErrInvalid) {
			t.Errorf("query with %s: got %v, want ErrInvalid", what, err)
		}
	}
	if _, err := s.table.Get(t.Context(), table.Key{Partition: p}); !errors.Is(err, table.ErrInvalid) {
		t.Errorf("get with an empty sort key: got %v, want ErrInvalid", err)
	}
}

func canceled(t *testing.T, s *suite) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	k := table.Key{Partition: fresh("canceled"), Sort: "k"}
	_, get := s.table.Get(ctx, k)
	_, query := s.table.Query(ctx, table.Query{Partition: k.Partition})
	_, counters := s.table.Counters(ctx, k)
	for what, err := range map[string]error{
		"get": get, "query": query, "counters": counters, "write": s.table.Write(ctx, put(k, `1`)),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want the context's error", what, err)
		}
	}
}
