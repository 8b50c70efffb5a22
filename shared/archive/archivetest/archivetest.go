// Package archivetest is the conformance suite of the archive port. Driver tests
// import it; it imports archive.
package archivetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ines/shared/archive"
)

// Run runs the suite; open returns an empty archive.
func Run(t *testing.T, open func(t testing.TB) archive.Archive) {
	t.Helper()
	for _, c := range []struct {
		name string
		test func(*testing.T, archive.Archive)
	}{
		{"append and read", appendAndRead},
		{"same records, same key", sameKey},
		{"verbatim", verbatim},
		{"ranges", ranges},
		{"batch over hours", overHours},
		{"reading stops", readingStops},
		{"one is found", oneIsFound},
		{"refusals", refusals},
		{"bodies", blobs},
		{"at the same time", concurrently},
		{"canceled", canceled},
		{"records are dropped", records},
		{"bodies are deleted", bodiesGo},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func record(id string, at time.Time) archive.Record {
	return archive.Record{ID: id, At: at, Data: fmt.Appendf(nil, `{"id":%q}`, id)}
}

func store(t testing.TB, a archive.Archive, records ...archive.Record) string {
	t.Helper()
	key, err := a.Append(t.Context(), records...)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func ids(t testing.TB, a archive.Archive, from, to time.Time) []string {
	t.Helper()
	var got []string
	for r, err := range a.Read(t.Context(), from, to) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r.ID)
	}
	return got
}

func want(t testing.TB, a archive.Archive, from, to time.Time, expected ...string) {
	t.Helper()
	if got := ids(t, a, from, to); !slices.Equal(got, expected) {
		t.Errorf("from %v to %v: %q, want %q", from, to, got, expected)
	}
}

func appendAndRead(t *testing.T, a archive.Archive) {
	want(t, a, noon.AddDate(-1, 0, 0), noon.AddDate(1, 0, 0))
	key := store(t, a, record("b", noon.Add(5*time.Minute)), record("a", noon.Add(2*time.Minute)))
	if !strings.HasPrefix(key, "2026/03/04/12/") {
		t.Errorf("key %s, want it under the hour", key)
	}
	store(t, a, record("z", noon.AddDate(0, 1, 0)))
	store(t, a, record("c", noon.Add(-time.Hour)))
	store(t, a, record("d", noon.In(time.FixedZone("east", 7200)).Add(time.Minute)))
	// Objects in the order of their first record; records in that of the batch.
	want(t, a, noon.AddDate(-1, 0, 0), noon.AddDate(1, 0, 0), "c", "d", "b", "a", "z")
}

func sameKey(t *testing.T, a archive.Archive) {
	one, two := record("1", noon), record("2", noon)
	key := store(t, a, one, two)
	if again := store(t, a, one, two); again != key {
		t.Errorf("keys %s and %s for the same records", key, again)
	}
	if zoned := store(t, a, archive.Record{ID: "1", At: noon.In(time.FixedZone("west", -3600)), Data: one.Data}, two); zoned != key {
		t.Errorf("keys %s and %s for the same moment", key, zoned)
	}
	want(t, a, noon, noon.Add(time.Hour), "1", "2")
	if other := store(t, a, two, one); other == key {
		t.Error("another order has the same key")
	}
	if other := store(t, a, one); other == key {
		t.Error("other records have the same key")
	}
}

func verbatim(t *testing.T, a archive.Archive) {
	var records []archive.Record
	for i, data := range []string{
		`{ "spaces" : [ 1 , 2.50 , 1e3 ], "b":1, "a":2, "a":3 }`,
		`"<b>&amp;</b> \u00e9 é \u2028 ` + "\u2028" + ` 😀 \/"`,
		`null`, `12345678901234567890123`,
		`"` + strings.Repeat("long ", 200<<10) + `"`,
	} {
		records = append(records, archive.Record{ID: fmt.Sprintf("é/%d \"#\n", i), At: noon.Add(time.Duration(i)*time.Second + 123456789), Data: []byte(data)})
	}
	store(t, a, records...)
	i := 0
	for got, err := range a.Read(t.Context(), noon, noon.Add(time.Hour)) {
		if err != nil {
			t.Fatal(err)
		}
		if r := records[i]; got.ID != r.ID || !got.At.Equal(r.At) || !bytes.Equal(got.Data, r.Data) {
			t.Errorf("record %d changed: %q at %v, %d bytes from %d", i, got.ID, got.At, len(got.Data), len(r.Data))
		}
		i++
	}
	if i != len(records) {
		t.Errorf("%d records, want %d", i, len(records))
	}
}

func ranges(t *testing.T, a archive.Archive) {
	for i := range 6 {
		store(t, a, record(fmt.Sprintf("%d.0", i), noon.Add(time.Duration(i)*20*time.Minute)), record(fmt.Sprintf("%d.5", i), noon.Add(time.Duration(i)*20*time.Minute+10*time.Minute)))
	}
	want(t, a, noon.Add(20*time.Minute), noon.Add(40*time.Minute), "1.0", "1.5")
	want(t, a, noon.Add(30*time.Minute), noon.Add(60*time.Minute+1), "1.5", "2.0", "2.5", "3.0")
	want(t, a, noon, noon)
	want(t, a, noon.Add(time.Hour), noon)
	want(t, a, noon.AddDate(0, 0, 1), noon.AddDate(0, 0, 2))
	want(t, a, noon.AddDate(0, 0, -2), noon)
}

// overHours is a batch that waited in the queue while the hours passed.
func overHours(t *testing.T, a archive.Archive) {
	store(t, a, record("late", noon.Add(3*time.Hour)), record("old", noon.Add(-26*time.Hour)), record("now", noon))
	want(t, a, noon, noon.Add(time.Hour), "now")
	want(t, a, noon.Add(3*time.Hour), noon.Add(4*time.Hour), "late")
	want(t, a, noon.Add(-30*time.Hour), noon.Add(-20*time.Hour), "old")
	want(t, a, noon.Add(4*time.Hour), noon.Add(9*time.Hour))
}

// oneIsFound looks for records among others of the same moment and hour, in batches
// that began earlier, or days earlier, and for what is not there.
func oneIsFound(t *testing.T, a archive.Archive) {
	store(t, a, record("1", noon), record("2", noon.Add(time.Second)))
	store(t, a, record("3", noon), record("4", noon.Add(time.Minute)))
	store(t, a, record("5", noon.Add(time.Minute)))
	store(t, a, record("old", noon.Add(-14*24*time.Hour)), record("6", noon.Add(time.Minute)))
	store(t, a, record("7", noon.Add(-2*time.Hour)), record("8", noon.Add(time.Minute+400*time.Microsecond)))
	store(t, a, record("9", noon.Add(2*time.Minute)))
	for id, at := range map[string]time.Duration{"1": 0, "2": time.Second, "3": 0, "4": time.Minute, "5": time.Minute, "6": time.Minute,
		"7": -2 * time.Hour, "8": time.Minute, "9": 2 * time.Minute, "old": -14 * 24 * time.Hour} {
		r, err := a.Find(t.Context(), id, noon.Add(at))
		if err != nil || r.ID != id || string(r.Data) != fmt.Sprintf(`{"id":%q}`, id) || r.At.Truncate(time.Millisecond) != noon.Add(at) {
			t.Errorf("%s at %s: %+v, %v", id, at, r, err)
		}
	}
	for id, at := range map[string]time.Duration{"1": time.Millisecond, "2": 0, "4": time.Minute - time.Millisecond, "nobody": 0, "9": 24 * time.Hour} {
		if r, err := a.Find(t.Context(), id, noon.Add(at)); !errors.Is(err, archive.ErrNotFound) {
			t.Errorf("%s at %s: %+v, %v", id, at, r, err)
		}
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := a.Find(ended, "1", noon); !errors.Is(err, context.Canceled) {
		t.Errorf("whoever went away is told %v", err)
	}
}

func readingStops(t *testing.T, a archive.Archive) {
	store(t, a, record("1", noon), record("2", noon))
	store(t, a, record("3", noon.Add(time.Hour)))
	n := 0
	for range a.Read(t.Context(), noon, noon.AddDate(0, 0, 1)) {
		if n++; n == 2 {
			break
		}
	}
	if n != 2 {
		t.Errorf("read %d", n)
	}
}

func refusals(t *testing.T, a archive.Archive) {
	for what, records := range map[string][]archive.Record{
		"no records":   nil,
		"line feed":    {{ID: "1", At: noon, Data: []byte("{\n}")}},
		"not JSON":     {{ID: "1", At: noon, Data: []byte(`{"a":`)}},
		"two values":   {{ID: "1", At: noon, Data: []byte(`{} {}`)}},
		"no data":      {{ID: "1", At: noon}},
		"no time":      {{ID: "1", Data: []byte(`{}`)}},
		"a later line": {record("1", noon), {ID: "2", At: noon, Data: []byte(`x`)}},
	} {
		if key, err := a.Append(t.Context(), records...); err == nil {
			t.Errorf("%s: stored as %s", what, key)
		}
	}
	want(t, a, noon, noon.Add(time.Hour))
}

func blobs(t *testing.T, a archive.Archive) {
	keys := map[string]bool{}
	for _, body := range [][]byte{nil, {0, 1, 0xff, '\n'}, []byte(strings.Repeat("attachment ", 500<<10))} {
		key, err := a.Put(t.Context(), body)
		if err != nil {
			t.Fatal(err)
		}
		again, err := a.Put(t.Context(), body)
		if err != nil || again != key {
			t.Errorf("put again: %s, %v; want %s", again, err, key)
		}
		got, err := a.Get(t.Context(), key)
		if err != nil || !bytes.Equal(got, body) {
			t.Errorf("%s: %d bytes, %v; want %d", key, len(got), err, len(body))
		}
		keys[key] = true
	}
	if len(keys) != 3 {
		t.Errorf("keys %v, want three", keys)
	}
	for _, key := range []string{"", "blobs", "blobs/00/" + strings.Repeat("0", 64), "../../etc/passwd", "blobs/../../secret", "/etc/passwd", store(t, a, record("1", noon))} {
		if _, err := a.Get(t.Context(), key); !errors.Is(err, archive.ErrNotFound) {
			t.Errorf("get %q: %v, want ErrNotFound", key, err)
		}
	}
	want(t, a, noon.AddDate(-9, 0, 0), noon.AddDate(9, 0, 0), "1") // bodies are no records
}

func concurrently(t *testing.T, a archive.Archive) {
	var all sync.WaitGroup
	for w := range 8 {
		all.Go(func() {
			for i := range 10 {
				at := noon.Add(time.Duration(i) * 10 * time.Minute)
				_, appending := a.Append(t.Context(), record(fmt.Sprintf("%d-%d", w, i), at))
				_, same := a.Append(t.Context(), record(fmt.Sprintf("all-%d", i), at))
				_, putting := a.Put(t.Context(), fmt.Appendf(nil, "body %d", i))
				if err := errors.Join(appending, same, putting); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	got := ids(t, a, noon, noon.Add(2*time.Hour))
	if slices.Sort(got); len(slices.Compact(got)) != 90 {
		t.Errorf("%d different records, want 90", len(slices.Compact(got)))
	}
	if n := len(ids(t, a, noon, noon.Add(2*time.Hour))); n != 90 {
		t.Errorf("%d records, want 90: the same batch replaces itself", n)
	}
}

func canceled(t *testing.T, a archive.Archive) {
	store(t, a, record("1", noon))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, appending := a.Append(ctx, record("2", noon))
	_, putting := a.Put(ctx, []byte("body"))
	_, getting := a.Get(ctx, "blobs/00/"+strings.Repeat("0", 64))
	var reading error
	for _, err := range a.Read(ctx, noon, noon.Add(time.Hour)) {
		reading = err
	}
	for what, err := range map[string]error{"append": appending, "put": putting, "get": getting, "read": reading} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want the context's error", what, err)
		}
	}
}
