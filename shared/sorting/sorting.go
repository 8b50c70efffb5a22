// Package sorting sorts the functions' lists. Any package may import it.
//
// The sorts of package slices are compiled anew for each kind of element, 12 KB each time,
// which for lists that are short made a tenth of a megabyte. The code here is one for
// all of them. It takes a few allocations a list: where thousands are sorted, package
// slices is right.
package sorting

import "sort"

// By sorts a list by what compare says of two elements: less than 0 if the first comes
// first. Those that it says are equal stay as they are to each other.
func By[T any](list []T, compare func(a, b T) int) {
	sort.SliceStable(list, func(i, j int) bool { return compare(list[i], list[j]) < 0 })
}
