package sqlite_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ines/shared/sqlitefile"
	"ines/shared/table"
	"ines/shared/table/sqlite"
	"ines/shared/table/tabletest"
)

var morning = time.Date(2026, 3, 4, 8, 0, 0, 123e6, time.UTC)

func open(t testing.TB, o sqlite.Options) (*sqlite.Table, *sqlitefile.DB) {
	t.Helper()
	db, err := sqlitefile.Open(filepath.Join(t.TempDir(), "ines.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if o.Now == nil {
		o.Now = func() time.Time { return morning }
	}
	o.Indexes = tabletest.Indexes
	tbl, err := sqlite.New(db, o)
	if err != nil {
		t.Fatal(err)
	}
	return tbl, db
}

func TestConformance(t *testing.T) {
	for name, o := range map[string]sqlite.Options{
		"plain":                {},
		"small pages":          {PageSize: 3},
		"everything is stream": {Streamed: func(table.Key) bool { return true }},
	} {
		t.Run(name, func(t *testing.T) {
			tabletest.Run(t, tabletest.Harness{Open: func(t testing.TB) table.Table {
				tbl, _ := open(t, o)
				return tbl
			}})
		})
	}
}

func logs(k table.Key) bool { return strings.HasPrefix(k.Sort, "log#") }

func write(n int, sort string) table.Write {
	return table.Write{Op: table.OpPut, Item: table.Item{Key: table.Key{Partition: "case#1", Sort: sort}, Value: fmt.Appendf(nil, "%d", n), Seq: int64(n),
		Indexes: map[string]table.IndexKey{"queue": {Partition: "care", Sort: "1"}}}}
}

func TestChanges(t *testing.T) {
	tbl, db := open(t, sqlite.Options{Streamed: logs})
	select {
	case <-tbl.Changed():
		t.Fatal("signalled before any write")
	default:
	}
	gone := table.Write{Op: table.OpDelete, Item: table.Item{Key: table.Key{Partition: "case#1", Sort: "log#1"}}}
	for _, writes := range [][]table.Write{
		{write(1, "log#1"), write(1, "view"), write(2, "log#2")},
		{write(3, "log#1")},
		{gone},
		{gone}, // nothing there: no change
		{{Op: table.OpCheck, Item: table.Item{Key: table.Key{Partition: "case#1", Sort: "log#2"}}, When: table.Exists}},
	} {
		if err := tbl.Write(t.Context(), writes...); err != nil {
			t.Fatal(err)
		}
	}
	if err := tbl.Write(t.Context(), write(9, "log#9"), table.Write{Op: table.OpPut, Item: write(9, "log#2").Item, When: table.Absent}); !table.Conflicted(err) {
		t.Fatal(err)
	}
	<-tbl.Changed() // one signal stands for all of them
	select {
	case <-tbl.Changed():
		t.Error("signals are not coalesced")
	default:
	}
	changes, last, err := tbl.Changes(t.Context(), 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range changes {
		got = append(got, fmt.Sprintf("%s %s=%s del=%v rep=%v", c.ID, c.Item.Key.Sort, c.Item.Value, c.Deleted, c.Replaced))
		if !c.At.Equal(morning) {
			t.Errorf("change %s at %v", c.ID, c.At)
		}
		if !c.Deleted && c.Item.Indexes["queue"].Partition != "care" {
			t.Errorf("change %s without its indexes: %+v", c.ID, c.Item)
		}
	}
	want := []string{"1 log#1=1 del=false rep=false", "2 log#2=2 del=false rep=false", "3 log#1=3 del=false rep=true", "4 log#1= del=true rep=false"}
	if !slices.Equal(got, want) || last != 4 {
		t.Errorf("got %q, last %d", got, last)
	}
	if changes, last, err = tbl.Changes(t.Context(), 1, 2); err != nil || len(changes) != 2 || last != 3 {
		t.Errorf("a part: %v, %d, %v", changes, last, err)
	}
	if changes, last, err = tbl.Changes(t.Context(), 4, 2); err != nil || len(changes) != 0 || last != 4 {
		t.Errorf("the end: %v, %d, %v", changes, last, err)
	}
	if _, _, err := tbl.Changes(t.Context(), 0, 0); !errors.Is(err, table.ErrInvalid) {
		t.Errorf("limit 0: %v", err)
	}

	if err := tbl.Trim(t.Context(), 4); err != nil {
		t.Fatal(err)
	}
	again, err := sqlite.New(db, sqlite.Options{Now: func() time.Time { return morning }, Streamed: logs, Indexes: tabletest.Indexes})
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Write(t.Context(), write(1, "log#5")); err != nil {
		t.Fatal(err)
	}
	if changes, last, err = again.Changes(t.Context(), 0, 10); err != nil || len(changes) != 1 || last != 5 {
		t.Errorf("numbers are used again after trimming: %v, %d, %v", changes, last, err)
	}
	if n, err := again.Newest(t.Context()); n != 5 || err != nil {
		t.Errorf("newest %d, %v", n, err)
	}
}

func TestDeleteExpired(t *testing.T) {
	now := morning
	tbl, _ := open(t, sqlite.Options{Streamed: logs, Now: func() time.Time { return now }})
	for i := range 5 {
		w := write(i, fmt.Sprintf("log#%d", i))
		w.Item.Expires = morning.Add(time.Duration(i) * time.Minute)
		if err := tbl.Write(t.Context(), w, write(i, fmt.Sprintf("kept%d", i))); err != nil {
			t.Fatal(err)
		}
	}
	now = morning.Add(3*time.Minute + time.Second)
	for _, want := range []int{3, 1, 0} {
		if n, err := tbl.DeleteExpired(t.Context(), 3); n != want || err != nil {
			t.Errorf("deleted %d, %v; want %d", n, err, want)
		}
	}
	page, err := tbl.Query(t.Context(), table.Query{Index: "queue", Partition: "care"})
	if err != nil || len(page.Items) != 6 {
		t.Errorf("%d items left in the index, %v; want 6", len(page.Items), err)
	}
	changes, _, err := tbl.Changes(t.Context(), 5, 10)
	if err != nil || len(changes) != 4 || !changes[0].Deleted || changes[0].Item.Key.Sort != "log#0" {
		t.Errorf("changes %v, %v", changes, err)
	}
}

func TestClosed(t *testing.T) {
	tbl, db := open(t, sqlite.Options{})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := tbl.Write(t.Context(), write(1, "a")); !errors.Is(err, table.ErrUnavailable) || !errors.Is(err, sqlitefile.ErrClosed) {
		t.Errorf("got %v, want ErrUnavailable", err)
	}
	if _, err := tbl.Get(t.Context(), table.Key{Partition: "a", Sort: "b"}); !errors.Is(err, table.ErrUnavailable) {
		t.Errorf("got %v, want ErrUnavailable", err)
	}
}

func TestPageOfLargeValues(t *testing.T) {
	tbl, _ := open(t, sqlite.Options{})
	value := []byte(`"` + strings.Repeat("x", 300<<10) + `"`)
	for i := range 40 {
		err := tbl.Write(t.Context(), table.Write{Op: table.OpPut, Item: table.Item{Key: table.Key{Partition: "p", Sort: fmt.Sprintf("%02d", i)}, Value: value}})
		if err != nil {
			t.Fatal(err)
		}
	}
	page, err := tbl.Query(t.Context(), table.Query{Partition: "p"})
	if err != nil || len(page.Items) == 40 || page.Cursor == "" {
		t.Fatalf("%d items, cursor %q, %v: a page must not grow without bound", len(page.Items), page.Cursor, err)
	}
	rest, err := tbl.Query(t.Context(), table.Query{Partition: "p", Cursor: page.Cursor})
	if err != nil || len(page.Items)+len(rest.Items) != 40 {
		t.Errorf("%d and %d items, %v", len(page.Items), len(rest.Items), err)
	}
}

func BenchmarkWrite3(b *testing.B) {
	tbl, _ := open(b, sqlite.Options{Streamed: logs})
	value := []byte(`"` + strings.Repeat("x", 900) + `"`)
	jobs := make(chan int, b.N)
	for i := range b.N {
		jobs <- i
	}
	close(jobs)
	b.ResetTimer()
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for n := range jobs {
				p := fmt.Sprintf("case#%d", n)
				item := func(sort string, indexes map[string]table.IndexKey) table.Item {
					return table.Item{Key: table.Key{Partition: p, Sort: sort}, Value: value, Seq: 1, Indexes: indexes}
				}
				err := tbl.Write(b.Context(),
					table.Write{Op: table.OpPut, When: table.Absent, Item: item("log#0001", nil)},
					table.Write{Op: table.OpPut, When: table.Absent, Item: item("thread", nil)},
					table.Write{Op: table.OpPut, When: table.Newer, Item: item("view", map[string]table.IndexKey{"queue": {Partition: "care", Sort: p}})})
				if err != nil {
					b.Error(err)
				}
			}
		})
	}
	all.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
}
