package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ines/shared/sorting"
)

// Problem is one mistake in a policy file.
type Problem struct {
	File    string
	Line    int // from 1
	Message string
	Hint    string // what to do, or ""
}

// String is "file:line: message (hint)".
func (p Problem) String() string {
	s := fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Message)
	if p.Hint != "" {
		s += " (" + p.Hint + ")"
	}
	return s
}

// Problems are all mistakes of a file, by line.
type Problems []Problem

// Error has one problem a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// sorted puts problems in the order of the file and drops repetitions.
func (ps Problems) sorted() Problems {
	sorting.By(ps, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	return slices.Compact(ps)
}

// nearest is the hint for a word that is none of those known.
func nearest(word string, known []string) string {
	best, distance := "", max(2, len(word)/3)+1
	for _, k := range known {
		if d := edits(strings.ToLower(word), k); d < distance {
			best, distance = k, d
		}
	}
	switch {
	case best != "":
		return fmt.Sprintf("did you mean %q?", best)
	case len(known) == 0:
		return "there are none"
	case len(known) <= 14:
		return "one of " + strings.Join(known, ", ")
	}
	return "one of " + strings.Join(known[:14], ", ") + ", …"
}

// edits counts the insertions, deletions, replacements and swaps of neighbours
// that make b of a.
func edits(a, b string) int {
	if len(a) > 64 {
		a = a[:64]
	}
	row := make([][]int, len(a)+1)
	for i := range row {
		row[i] = make([]int, len(b)+1)
		row[i][0] = i
	}
	for j := range len(b) + 1 {
		row[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[i][j] = min(row[i-1][j]+1, row[i][j-1]+1, row[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[i][j] = min(row[i][j], row[i-2][j-2]+1)
			}
		}
	}
	return row[len(a)][len(b)]
}
