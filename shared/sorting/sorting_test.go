package sorting

import (
	"cmp"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

type card struct {
	rank int
	name string
}

// The order is that of the standard library's stable sort.
func TestByIsStable(t *testing.T) {
	byRank := func(a, b card) int { return cmp.Compare(a.rank, b.rank) }
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOf(rapid.Custom(func(t *rapid.T) card {
			return card{rapid.IntRange(-2, 5).Draw(t, "rank"), rapid.String().Draw(t, "name")}
		})).Draw(t, "list")
		want := slices.Clone(list)
		slices.SortStableFunc(want, byRank)
		if By(list, byRank); !slices.Equal(list, want) {
			t.Errorf("got %v, want %v", list, want)
		}
	})
}
