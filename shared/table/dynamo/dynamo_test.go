package dynamo

import (
	"errors"
	"testing"

	"ines/shared/aws"
	"ines/shared/table"
)

// What needs an engine is tested in engine_test.go and its neighbours.

func TestOpenRefuses(t *testing.T) {
	for _, c := range []Config{{}, {Table: "ines", PageSize: -1}, {Table: "ines", Attempt: -1}, {Table: "ines", Patience: -1}} {
		if _, err := Open(aws.Config{}, c); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
}

// Without an engine nothing may be asked: these are refused, or known, before.
func TestNothingIsAskedInVain(t *testing.T) {
	tbl, err := Open(aws.Config{}, Config{Table: "ines", Indexes: []string{"queue"}})
	if err != nil {
		t.Fatal(err)
	}
	if page, err := tbl.Query(t.Context(), table.Query{Partition: "p", From: "z", To: "a"}); err != nil || len(page.Items) != 0 {
		t.Errorf("an empty range: %v, %v", page, err)
	}
	if err := tbl.Write(t.Context(), table.Write{Op: table.OpCheck, Item: table.Item{Key: table.Key{Partition: "p", Sort: "s"}}}); err != nil {
		t.Errorf("a check that always holds: %v", err)
	}
	if found, err := tbl.Get(t.Context()); err != nil || len(found) != 0 {
		t.Errorf("no keys: %v, %v", found, err)
	}
	if _, err := tbl.Query(t.Context(), table.Query{Partition: "p", Index: "nowhere"}); !errors.Is(err, table.ErrInvalid) {
		t.Errorf("an unknown index: %v", err)
	}
}

func TestSignificantWrites(t *testing.T) {
	check, put := table.Write{Op: table.OpCheck}, table.Write{Op: table.OpPut}
	must := table.Write{Op: table.OpCheck, When: table.Exists}
	for _, tt := range []struct {
		given []table.Write
		want  int
	}{
		{[]table.Write{put}, 1}, {[]table.Write{check}, 0}, {[]table.Write{check, put}, 1}, {[]table.Write{put, check}, 1},
		{[]table.Write{put, check, must, check, put}, 3},
	} {
		got := significant(tt.given)
		if len(got) != tt.want {
			t.Errorf("%v: %d kept, want %d", tt.given, len(got), tt.want)
		}
		for _, w := range got {
			if w.Op == table.OpCheck && w.When == table.Always {
				t.Errorf("%v keeps an idle check", tt.given)
			}
		}
	}
}
