package story

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// problem is one mistake in a story.
type problem struct {
	file string
	line int
	text string
}

// problems are a story's mistakes; as an error they are one a line, by line.
type problems []problem

func (ps *problems) add(file string, line int, format string, args ...any) {
	*ps = append(*ps, problem{file, line, fmt.Sprintf(format, args...)})
}

func (ps problems) Error() string {
	slices.SortFunc(ps, func(a, b problem) int { return cmp.Or(cmp.Compare(a.line, b.line), strings.Compare(a.text, b.text)) })
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = fmt.Sprintf("%s:%d: %s", p.file, p.line, p.text)
	}
	return strings.Join(lines, "\n")
}

func (ps problems) err() error {
	if len(ps) == 0 {
		return nil
	}
	return ps
}
