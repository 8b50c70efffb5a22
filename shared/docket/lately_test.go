package docket

import (
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// What is kept is what a list of all uses says.
func TestLatelyUsedIsKept(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.IntRange(1, 4).Draw(t, "most")
		l := newLately[int64](most)
		var ids []string // the one used last first
		values := map[string]int64{}
		use := func(id string) {
			ids = slices.Insert(slices.DeleteFunc(ids, func(k string) bool { return k == id }), 0, id)
		}
		for range rapid.IntRange(0, 40).Draw(t, "steps") {
			id := strconv.Itoa(rapid.IntRange(0, 5).Draw(t, "id"))
			value := int64(rapid.IntRange(1, 9).Draw(t, "value"))
			_, known := values[id]
			switch rapid.SampledFrom([]string{"get", "set", "getOrSet", "remove", "shed"}).Draw(t, "do") {
			case "get":
				if known {
					use(id)
				}
				if got, ok := l.get(id); ok != known || got != values[id] {
					t.Fatalf("%s is %d %t, want %d %t", id, got, ok, values[id], known)
				}
			case "set":
				use(id)
				values[id] = value
				l.set(id, value)
			case "getOrSet":
				use(id)
				if !known {
					values[id] = value
				}
				if got := l.getOrSet(id, value); got != values[id] {
					t.Fatalf("%s is %d, want %d", id, got, values[id])
				}
			case "remove":
				ids = slices.DeleteFunc(ids, func(k string) bool { return k == id })
				l.remove(id)
			case "shed":
				var sum int64
				for _, k := range ids {
					sum += values[k]
				}
				for ; sum > value && len(ids) > 1; ids = ids[:len(ids)-1] {
					sum -= values[ids[len(ids)-1]]
				}
				l.shed(value, func(v int64) int64 { return v })
			}
			ids = ids[:min(len(ids), most)]
			for id := range values {
				if !slices.Contains(ids, id) {
					delete(values, id)
				}
			}
			if len(l.by) != len(ids) || l.used.Len() != len(ids) {
				t.Fatalf("%d are kept in a list of %d, want %d", len(l.by), l.used.Len(), len(ids))
			}
		}
	})
}
