package tabletest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"ines/shared/table"
)

func queryRanges(t *testing.T, s *suite) {
	p := fresh("range")
	for _, name := range []string{"log#1", "log#10", "log#2", "log", "logs", "snap#1", "view", "log#é", "log#\U0010ffff"} {
		s.must(t, put(table.Key{Partition: p, Sort: name}, `1`))
	}
	s.must(t, put(table.Key{Partition: p + "x", Sort: "log#3"}, `1`))
	for _, tt := range []struct {
		q    table.Query
		want []string
	}{
		{table.Query{}, []string{"log", "log#1", "log#10", "log#2", "log#é", "log#\U0010ffff", "logs", "snap#1", "view"}},
		{table.Query{From: "log#10"}, []string{"log#10", "log#2", "log#é", "log#\U0010ffff", "logs", "snap#1", "view"}},
		{table.Query{To: "log#10"}, []string{"log", "log#1", "log#10"}},
		{table.Query{From: "log#10", To: "log#2"}, []string{"log#10", "log#2"}},
		{table.Query{From: "log#11", To: "log#19"}, nil},
		{table.Query{From: "z", To: "a"}, nil},
		{table.Query{Prefix: "log#"}, []string{"log#1", "log#10", "log#2", "log#é", "log#\U0010ffff"}},
		{table.Query{Prefix: "log#1"}, []string{"log#1", "log#10"}},
		{table.Query{Prefix: "log#\U0010ffff"}, []string{"log#\U0010ffff"}},
		{table.Query{Prefix: "nothing"}, nil},
		{table.Query{Prefix: "log#", From: "snap#1", To: "view"}, []string{"log#1", "log#10", "log#2", "log#é", "log#\U0010ffff"}},
	} {
		for _, limit := range []int{0, 1, 2} {
			tt.q.Partition, tt.q.Limit, tt.q.Descending = p, limit, false
			if got := sorts(s.all(t, tt.q)); !slices.Equal(got, tt.want) {
				t.Errorf("%+v: got %q, want %q", tt.q, got, tt.want)
			}
			tt.q.Descending = true
			got := sorts(s.all(t, tt.q))
			slices.Reverse(got)
			if !slices.Equal(got, tt.want) {
				t.Errorf("%+v: got %q reversed, want %q", tt.q, got, tt.want)
			}
		}
	}
}

func queryPages(t *testing.T, s *suite) {
	p := fresh("pages")
	var want []string
	for i := range 25 {
		name := fmt.Sprintf("%02d", i)
		want = append(want, name)
		s.must(t, put(table.Key{Partition: p, Sort: name}, `1`))
	}
	for _, limit := range []int{1, 5, 7, 24, 25, 26, 5000} {
		if got := sorts(s.all(t, table.Query{Partition: p, Limit: limit})); !slices.Equal(got, want) {
			t.Errorf("limit %d: got %q", limit, got)
		}
	}
	page, err := s.table.Query(t.Context(), table.Query{Partition: fresh("empty")})
	if err != nil || page.Cursor != "" || len(page.Items) != 0 {
		t.Errorf("empty partition: %+v, %v", page, err)
	}
}

func pagesAndInserts(t *testing.T, s *suite) {
	p := fresh("moving")
	key := func(name string) table.Key { return table.Key{Partition: p, Sort: name} }
	s.must(t, put(key("b"), `1`), put(key("d"), `1`), put(key("f"), `1`), put(key("h"), `1`))
	q := table.Query{Partition: p, Limit: 2}
	page, err := s.table.Query(t.Context(), q)
	if err != nil || page.Cursor == "" {
		t.Fatalf("first page: %+v, %v", page, err)
	}
	// Before the cursor, behind it, and the very item it stands on.
	s.must(t, put(key("a"), `1`), put(key("e"), `1`), table.Write{Op: table.OpDelete, Item: table.Item{Key: key("d")}})
	q.Cursor = page.Cursor
	if got := sorts(s.all(t, q)); !slices.Equal(got, []string{"e", "f", "h"}) {
		t.Errorf("after the cursor: %q, want e, f, h", got)
	}
}

func cursors(t *testing.T, s *suite) {
	p := fresh("cursor")
	for i := range 4 {
		s.must(t, table.Write{Op: table.OpPut, Item: table.Item{Key: table.Key{Partition: p, Sort: fmt.Sprint(i)}, Value: []byte(`1`),
			Indexes: map[string]table.IndexKey{"queue": {Partition: p, Sort: "same"}}}})
	}
	page, err := s.table.Query(t.Context(), table.Query{Partition: p, Limit: 2})
	if err != nil {
		t.Fatal(err)
	}
	for what, q := range map[string]table.Query{
		"not base64":           {Partition: p, Cursor: "%%%"},
		"not a cursor":         {Partition: p, Cursor: "aGVsbG8"},
		"an empty object":      {Partition: p, Cursor: "e30"},
		"another partition's":  {Partition: p + "x", Cursor: page.Cursor},
		"the table's on index": {Partition: p, Index: "queue", Cursor: page.Cursor},
	} {
		if _, err := s.table.Query(t.Context(), q); !errors.Is(err, table.ErrInvalid) {
			t.Errorf("cursor %s: got %v, want ErrInvalid", what, err)
		}
	}
}

func sparseIndexes(t *testing.T, s *suite) {
	p, care, press, ines := fresh("case"), fresh("care"), fresh("press"), fresh("ines")
	view := func(name string, indexes map[string]table.IndexKey) table.Write {
		return table.Write{Op: table.OpPut, Item: table.Item{Key: table.Key{Partition: p, Sort: name}, Value: []byte(`"` + name + `"`), Seq: 3, Indexes: indexes}}
	}
	onCare, onPress := table.Query{Index: "queue", Partition: care}, table.Query{Index: "queue", Partition: press}
	owned := table.Query{Index: "owner", Partition: ines}

	s.must(t, view("c1", map[string]table.IndexKey{"queue": {Partition: care, Sort: "2"}}),
		view("c2", map[string]table.IndexKey{"queue": {Partition: care, Sort: "1"}, "owner": {Partition: ines, Sort: "9"}}),
		view("c3", nil))
	s.shows(t, onCare, "c2", "c1")
	s.shows(t, owned, "c2")
	items := s.all(t, onCare)
	want := map[string]table.IndexKey{"queue": {Partition: care, Sort: "1"}, "owner": {Partition: ines, Sort: "9"}}
	if got := items[0]; string(got.Value) != `"c2"` || got.Seq != 3 || fmt.Sprint(got.Indexes) != fmt.Sprint(want) {
		t.Errorf("the index gives the whole item; got %+v", got)
	}
	if got := s.get(t, table.Key{Partition: p, Sort: "c3"}); got.Indexes != nil {
		t.Errorf("c3 is in no index; got %v", got.Indexes)
	}

	s.must(t, view("c1", map[string]table.IndexKey{"queue": {Partition: care, Sort: "0"}})) // sooner
	s.shows(t, onCare, "c1", "c2")
	s.must(t, view("c2", map[string]table.IndexKey{"queue": {Partition: press, Sort: "1"}})) // elsewhere, and nobody's
	s.shows(t, onCare, "c1")
	s.shows(t, onPress, "c2")
	s.shows(t, owned)
	s.must(t, table.Write{Op: table.OpAdd, Item: table.Item{Key: table.Key{Partition: p, Sort: "c2"}}, Fields: map[string]int64{"n": 1}})
	s.shows(t, onPress, "c2") // adding moves nothing
	s.must(t, view("c1", nil))
	s.shows(t, onCare)
	s.must(t, table.Write{Op: table.OpDelete, Item: table.Item{Key: table.Key{Partition: p, Sort: "c2"}}})
	s.shows(t, onPress)
	s.must(t, view("c3", map[string]table.IndexKey{"queue": {Partition: care, Sort: "5"}}))
	s.shows(t, onCare, "c3")
}

func indexPages(t *testing.T, s *suite) {
	p, queue := fresh("case"), fresh("care")
	want := map[string]string{} // item to place
	for i := range 12 {
		place := fmt.Sprintf("2026-03-0%d", i/3+1) // three share each place
		name := fmt.Sprintf("c%02d", i)
		want[name] = place
		s.must(t, table.Write{Op: table.OpPut, Item: table.Item{Key: table.Key{Partition: p, Sort: name}, Value: []byte(`1`),
			Indexes: map[string]table.IndexKey{"queue": {Partition: queue, Sort: place}}}})
	}
	for _, tt := range []struct {
		q table.Query
		n int
	}{
		{table.Query{}, 12},
		{table.Query{Limit: 1}, 12},
		{table.Query{Limit: 4}, 12},
		{table.Query{Limit: 4, Descending: true}, 12},
		{table.Query{To: "2026-03-02", Limit: 2}, 6},
		{table.Query{From: "2026-03-02", To: "2026-03-03", Descending: true, Limit: 5}, 6},
		{table.Query{Prefix: "2026-03-04", Limit: 2}, 3},
	} {
		tt.q.Index, tt.q.Partition = "queue", queue
		s.eventually(t, func() error {
			items := s.all(t, tt.q)
			seen := map[string]bool{}
			var places []string
			for _, item := range items {
				seen[item.Key.Sort] = true
				places = append(places, want[item.Key.Sort])
			}
			if tt.q.Descending {
				slices.Reverse(places)
			}
			if len(items) != tt.n || len(seen) != tt.n || !slices.IsSorted(places) {
				return fmt.Errorf("%+v: %d items, %d different, places %q; want %d in order", tt.q, len(items), len(seen), places, tt.n)
			}
			return nil
		})
	}
}
