package shards

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"ines/shared/aws"
	"ines/shared/table"
)

func open(t *testing.T, cfg aws.Config, stream string, at Position) (*Reader, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	r, err := Open(t.Context(), cfg, Config{Table: "ines", Prefix: "log#", Log: slog.New(slog.NewTextHandler(&log, nil))}, stream, at)
	if err != nil {
		t.Fatal(err)
	}
	return r, &log
}

// follow reads to the end and gives the numbers in the order in which they came.
func follow(t *testing.T, r *Reader, most int) []string {
	t.Helper()
	var got []string
	for {
		b, err := r.Next(t.Context(), most)
		if err != nil {
			t.Fatal(err)
		}
		if len(b.Records) == 0 {
			return got
		}
		for _, e := range b.Records {
			got = append(got, e.Change.SequenceNumber)
		}
		if err := r.Advance(t.Context(), b, ""); err != nil {
			t.Fatal(err)
		}
	}
}

func rec(numbers ...int) []fakeRecord {
	var all []fakeRecord
	for _, n := range numbers {
		all = append(all, fakeRecord{n, fmt.Sprintf("log#%03d", n)})
	}
	return all
}

// family is a shard that split in two, one of which split again; listed out of
// order, over several pages.
func family() []*fakeShard {
	return []*fakeShard{
		{id: "shard-9", parent: "shard-3", records: rec(9, 11)},
		{id: "shard-3", parent: "shard-1", records: rec(4, 6), closed: true},
		{id: "shard-2", parent: "shard-1", records: rec(5, 8)},
		{id: "shard-1", parent: "shard-0-gone", records: rec(1, 2, 3), closed: true},
		{id: "shard-8", parent: "shard-3", records: rec(10)},
	}
}

func before(t *testing.T, got []string, a, b string) {
	t.Helper()
	if i, j := slices.Index(got, a), slices.Index(got, b); i < 0 || j < 0 || i > j {
		t.Errorf("%s is not before %s in %v", a, b, got)
	}
}

func TestParentsComeBeforeTheirChildren(t *testing.T) {
	for most := 1; most <= 4; most++ {
		_, cfg := newFake(t, family()...)
		r, _ := open(t, cfg, "", nil)
		got := follow(t, r, most)
		if len(got) != 10 {
			t.Fatalf("%d records of 10: %v", len(got), got)
		}
		for _, pair := range [][2]string{{"1", "2"}, {"2", "3"}, {"3", "4"}, {"3", "5"}, {"4", "6"}, {"5", "8"}, {"6", "9"}, {"6", "10"}, {"9", "11"}} {
			before(t, got, pair[0], pair[1])
		}
		if again := follow(t, r, most); len(again) != 0 {
			t.Errorf("what is done comes again: %v", again)
		}
	}
}

func TestShardsThatCloseLater(t *testing.T) {
	f, cfg := newFake(t, &fakeShard{id: "a", records: rec(1)})
	r, _ := open(t, cfg, "", nil)
	if got := follow(t, r, 10); !slices.Equal(got, []string{"1"}) {
		t.Fatal(got)
	}
	f.shards[0].closed = true
	f.shards[0].records = rec(1, 2)
	f.shards = append(f.shards, &fakeShard{id: "b", parent: "a", records: rec(3)})
	if got := follow(t, r, 10); !slices.Equal(got, []string{"2", "3"}) {
		t.Error(got)
	}
	// One that nobody announces is found by listing.
	f.shards = append(f.shards, &fakeShard{id: "c", records: rec(4)})
	var got []string
	for range 2 * relist {
		got = append(got, follow(t, r, 10)...)
	}
	if !slices.Equal(got, []string{"4"}) {
		t.Error(got)
	}
}

// TestFollowingOnElsewhere stops after each batch and goes on with a new reader
// from the position, as after a crash: nothing is missed, nothing that was noted
// comes again.
func TestFollowingOnElsewhere(t *testing.T) {
	_, cfg := newFake(t, family()...)
	var got []string
	at, stream := Position(nil), ""
	for range 100 {
		r, _ := open(t, cfg, stream, at)
		b, err := r.Next(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(b.Records) == 0 {
			break
		}
		got = append(got, b.Records[0].Change.SequenceNumber)
		if err := r.Advance(t.Context(), b, ""); err != nil {
			t.Fatal(err)
		}
		note, err := json.Marshal(r.Position())
		if err != nil {
			t.Fatal(err)
		}
		at, stream = nil, r.Stream()
		if err := json.Unmarshal(note, &at); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(got)
	if want := []string{"1", "10", "11", "2", "3", "4", "5", "6", "8", "9"}; !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestWhatFailedComesAgain(t *testing.T) {
	_, cfg := newFake(t, &fakeShard{id: "a", records: rec(1, 2, 3, 4), closed: true}, &fakeShard{id: "b", parent: "a", records: rec(5)})
	r, _ := open(t, cfg, "", nil)
	for _, tt := range []struct{ failed, first string }{{"1", "1"}, {"3", "1"}, {"3", "3"}, {"4", "3"}} {
		b, err := r.Next(t.Context(), 10)
		if err != nil || b.Records[0].Change.SequenceNumber != tt.first {
			t.Fatalf("%+v, %v; want it to begin with %s", b.Records, err, tt.first)
		}
		if err := r.Advance(t.Context(), b, tt.failed); err != nil {
			t.Fatal(err)
		}
	}
	if got := follow(t, r, 10); !slices.Equal(got, []string{"4", "5"}) {
		t.Errorf("got %v: a shard that closed is not done while something of it failed", got)
	}
}

func TestOthersRecordsArePassedOver(t *testing.T) {
	records := []fakeRecord{{1, "view"}, {2, "log#1"}, {3, "view"}, {4, "snap#1"}, {5, "log#2"}, {6, "view"}}
	f, cfg := newFake(t, &fakeShard{id: "a", records: records})
	r, _ := open(t, cfg, "", nil)
	if got := follow(t, r, 1); !slices.Equal(got, []string{"2", "5"}) {
		t.Errorf("got %v", got)
	}
	if r.Position()["a"].After != "6" {
		t.Errorf("it stands at %+v, want behind what was passed over", r.Position())
	}
	f.shards[0].records = append(records, fakeRecord{7, "log#3"})
	if got := follow(t, r, 1); !slices.Equal(got, []string{"7"}) {
		t.Errorf("got %v", got)
	}
}

func TestTheStreamsTroubles(t *testing.T) {
	t.Run("an iterator expires", func(t *testing.T) {
		f, cfg := newFake(t, &fakeShard{id: "a", records: rec(1, 2)})
		r, _ := open(t, cfg, "", nil)
		f.refuse["GetRecords"] = "ExpiredIteratorException"
		if got := follow(t, r, 1); !slices.Equal(got, []string{"1", "2"}) {
			t.Errorf("got %v", got)
		}
	})
	t.Run("a part was trimmed", func(t *testing.T) {
		f, cfg := newFake(t, &fakeShard{id: "a", records: rec(1, 2, 3, 4), trimmed: 2})
		r, log := open(t, cfg, f.arn, Position{"a": {After: "1"}, "gone": {After: "7"}, "done": {Done: true}})
		if got := follow(t, r, 10); !slices.Equal(got, []string{"3", "4"}) {
			t.Errorf("got %v", got)
		}
		if n := strings.Count(log.String(), "is gone before it was followed"); n != 2 {
			t.Errorf("two gaps, %d told: %s", n, log)
		}
		if len(r.Position()) != 1 {
			t.Errorf("%v: shards that are gone are forgotten", r.Position())
		}
	})
	t.Run("another stream", func(t *testing.T) {
		_, cfg := newFake(t, &fakeShard{id: "a", records: rec(1, 2)})
		r, log := open(t, cfg, "arn:of:an:older:table", Position{"a": {After: "1"}})
		if got := follow(t, r, 10); len(got) != 2 || !strings.Contains(log.String(), "another stream") {
			t.Errorf("got %v, said %s", got, log)
		}
	})
	t.Run("errors", func(t *testing.T) {
		f, cfg := newFake(t, &fakeShard{id: "a", records: rec(1)})
		r, _ := open(t, cfg, "", nil)
		for operation, code := range map[string]string{"GetShardIterator": "InternalServerError", "GetRecords": "LimitExceededException"} {
			f.refuse[operation] = code
			_, err := r.Next(t.Context(), 1)
			var refused *aws.Error
			if !errors.Is(err, table.ErrUnavailable) || errors.As(err, &refused) || !strings.Contains(err.Error(), code) {
				t.Errorf("%s: %v", operation, err)
			}
		}
		if got := follow(t, r, 1); !slices.Equal(got, []string{"1"}) {
			t.Errorf("afterwards: %v", got)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := r.Next(ctx, 1); !errors.Is(err, context.Canceled) {
			t.Errorf("canceled: %v", err)
		}
		f.arn = ""
		if _, err := Open(t.Context(), cfg, Config{Table: "ines"}, "", nil); err == nil || !strings.Contains(err.Error(), "NEW_IMAGE") {
			t.Errorf("a table without a stream: %v", err)
		}
	})
}
