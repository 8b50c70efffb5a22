package local

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"ines/shared/table"
)

// answering is a table that answers writes as told.
type answering struct {
	table.Table
	during func() // what happens before the answer comes
	err    error
}

func (a *answering) Write(context.Context, ...table.Write) error {
	if a.during != nil {
		a.during()
	}
	return a.err
}

func TestWatchedKnowsWhatIsUnderWay(t *testing.T) {
	commit := table.Key{Partition: "case#1", Sort: "log#1"}
	absent := table.Write{Item: table.Item{Key: commit}, When: table.Absent}
	conflict := fmt.Errorf("commit: %w", &table.ConflictError{Keys: []table.Key{commit}})
	for name, tt := range map[string]struct {
		write    table.Write
		err      error
		shown    bool // by the stream, before the answer
		underWay bool
		lookEnds bool // a look at the stream that has nothing ends it
	}{
		"a commit":               {write: absent, underWay: true},
		"shown at once":          {write: absent, shown: true},
		"somebody else's":        {write: absent, err: conflict},
		"impossible":             {write: absent, err: table.ErrInvalid},
		"nobody knows":           {write: absent, err: table.ErrUnavailable, underWay: true, lookEnds: true},
		"nobody knows, canceled": {write: absent, err: context.Canceled, underWay: true, lookEnds: true},
		"no commit":              {write: table.Write{Item: table.Item{Key: table.Key{Partition: "case#1", Sort: "view"}}, When: table.Absent}},
		"a redaction":            {write: table.Write{Item: table.Item{Key: commit}, When: table.Exists}},
		"a check":                {write: table.Write{Op: table.OpCheck, Item: table.Item{Key: commit}, When: table.Absent}},
	} {
		t.Run(name, func(t *testing.T) {
			below := &answering{err: tt.err}
			w := watch(below, func(k table.Key) bool { return strings.HasPrefix(k.Sort, "log#") })
			if !w.underWay() {
				t.Error("before the first look nobody knows what is in the stream")
			}
			early := w.look()
			early()
			if w.underWay() {
				t.Fatal("the first look had nothing")
			}
			before := w.look() // begun before the write, ended after it
			if tt.shown {
				below.during = func() { w.done(commit) }
			}
			if err := w.Write(t.Context(), tt.write); err != tt.err {
				t.Fatalf("got %v", err)
			}
			before()
			if w.underWay() != tt.underWay {
				t.Errorf("under way: %t, want %t", w.underWay(), tt.underWay)
			}
			w.look()()
			if w.underWay() != (tt.underWay && !tt.lookEnds) {
				t.Errorf("after a look that had nothing: under way %t", w.underWay())
			}
			w.done(commit)
			if w.underWay() {
				t.Error("it was shown and is still under way")
			}
		})
	}
}

// Two try the same commit: that one of them loses doesn't end the other's.
func TestWatchedCountsWriters(t *testing.T) {
	commit := table.Key{Partition: "case#1", Sort: "log#1"}
	below := &answering{}
	w := watch(below, func(table.Key) bool { return true })
	w.look()()
	write := table.Write{Item: table.Item{Key: commit}, When: table.Absent}
	below.during = func() {
		below.during = nil
		below.err = &table.ConflictError{Keys: []table.Key{commit}}
		if err := w.Write(t.Context(), write); !table.Conflicted(err) {
			t.Error(err)
		}
		below.err = nil
	}
	if err := w.Write(t.Context(), write); err != nil {
		t.Fatal(err)
	}
	if !w.underWay() {
		t.Error("the winner's commit is forgotten")
	}
	w.done(commit)
	if w.underWay() {
		t.Error("it was shown")
	}
}
