package archivetest

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"ines/shared/archive"
)

func named(ids ...string) func(archive.Record) bool {
	return func(r archive.Record) bool {
		for _, id := range ids {
			if r.ID == id {
				return true
			}
		}
		return false
	}
}

func drop(t testing.TB, a archive.Archive, from, to time.Time, expected int, ids ...string) {
	t.Helper()
	if n, err := a.Drop(t.Context(), from, to, named(ids...)); n != expected || err != nil {
		t.Errorf("dropped %d of %q, %v, want %d", n, ids, err, expected)
	}
}

func records(t *testing.T, a archive.Archive) {
	from, to := noon.AddDate(-1, 0, 0), noon.AddDate(1, 0, 0)
	drop(t, a, from, to, 0, "a")
	one, two, three := record("1", noon), record("2", noon.Add(time.Minute)), record("3", noon.Add(2*time.Hour))
	two.Data = []byte(`{ "kept" : "as <it> is" , "n":1.50 }`)
	store(t, a, one, two, three)
	store(t, a, record("4", noon.Add(time.Second)))
	drop(t, a, from, to, 2, "1", "4")
	drop(t, a, from, to, 0, "1", "4") // once more, after a crash
	want(t, a, from, to, "2", "3")
	for r, err := range a.Read(t.Context(), from, to) {
		if err != nil {
			t.Fatal(err)
		}
		if r.ID == "2" && !bytes.Equal(r.Data, two.Data) {
			t.Errorf("what stayed is %s", r.Data)
		}
	}
	// The range counts by record, not by object.
	drop(t, a, noon.Add(time.Hour), to, 1, "2", "3")
	want(t, a, from, to, "2")
	// What was appended twice and dropped in between is one object again.
	store(t, a, one, two, three)
	drop(t, a, from, to, 4, "1", "2", "3")
	want(t, a, from, to)
	store(t, a, one)
	want(t, a, from, to, "1")
}

func bodiesGo(t *testing.T, a archive.Archive) {
	key, err := a.Put(t.Context(), []byte("a photo"))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := a.Delete(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := a.Get(t.Context(), key); !errors.Is(err, archive.ErrNotFound) {
		t.Errorf("after deleting it: %v", err)
	}
	object := store(t, a, record("1", noon))
	if err := a.Delete(t.Context(), object); !errors.Is(err, archive.ErrNotFound) {
		t.Errorf("an object is no body: %v", err)
	}
	want(t, a, noon, noon.Add(time.Hour), "1")
}
