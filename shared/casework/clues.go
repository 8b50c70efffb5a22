package casework

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"
)

// clued is a pattern that is not tried on a text without any of its clues. Most
// messages have none, and looking for a few words costs a hundredth of what a
// pattern of many alternatives does.
type clued struct {
	pattern *regexp.Regexp
	clues   []string // every match contains one; none: it may match anything
}

func clue(expr string) clued {
	p := clued{pattern: regexp.MustCompile(expr)}
	if tree, err := syntax.Parse(expr, syntax.Perl); err == nil {
		p.clues = cluesOf(tree).needed()
	}
	return p
}

// may reports whether a text, or a part of it, may match.
func (p clued) may(text string) bool {
	return len(p.clues) == 0 || slices.ContainsFunc(p.clues, func(c string) bool { return strings.Contains(text, c) })
}

// find is the pattern's first match, "" if there is none.
func (p clued) find(text string) string {
	if !p.may(text) {
		return ""
	}
	return p.pattern.FindString(text)
}

// clues are what is known of all texts that a part of a pattern matches: they are one
// of whole, or, where whole is nil, they contain one of within (nil: nothing is known).
// The idea is that of RE2's prefilters.
type clues struct{ whole, within []string }

const (
	maxWhole  = 8 // texts that are told one by one; more would cost more than they spare
	shortClue = 3 // bytes, below which a clue is in every other text
	longClue  = 4 // bytes, from which on fewer clues are better than longer ones
)

func (c clues) needed() []string {
	all := c.within
	if c.whole != nil {
		all = c.whole
	}
	if !tells(all) {
		return nil
	}
	all = slices.Compact(slices.Sorted(slices.Values(all)))
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool {
		return slices.ContainsFunc(all, func(other string) bool { return other != s && strings.Contains(s, other) })
	})
}

func tells(all []string) bool { return shortest(all) >= shortClue }

func shortest(all []string) (n int) {
	for i, s := range all {
		if i == 0 || len(s) < n {
			n = len(s)
		}
	}
	return n
}

func cluesOf(re *syntax.Regexp) clues {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return clues{whole: []string{""}}
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase == 0 {
			return clues{whole: []string{string(re.Rune)}}
		}
	case syntax.OpCharClass:
		return oneOf(re.Rune)
	case syntax.OpCapture:
		return cluesOf(re.Sub[0])
	case syntax.OpQuest:
		if c := cluesOf(re.Sub[0]); c.whole != nil {
			return clues{whole: append(c.whole, "")}
		}
	case syntax.OpPlus:
		return clues{within: cluesOf(re.Sub[0]).needed()}
	case syntax.OpAlternate:
		return either(re.Sub)
	case syntax.OpConcat:
		return oneAfterAnother(re.Sub)
	}
	return clues{}
}

// oneOf is a class of characters, given as ranges.
func oneOf(ranges []rune) (c clues) {
	for i := 0; i < len(ranges); i += 2 {
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			if len(c.whole) == maxWhole || !utf8.ValidRune(r) {
				return clues{}
			}
			c.whole = append(c.whole, string(r))
		}
	}
	return c
}

func either(subs []*syntax.Regexp) (c clues) {
	whole := true
	for _, sub := range subs {
		s := cluesOf(sub)
		whole = whole && s.whole != nil
		n := s.needed()
		if n == nil {
			n = []string{""} // spoils what is needed, not what is whole
		}
		c.whole, c.within = append(c.whole, s.whole...), append(c.within, n...)
	}
	if !whole || len(c.whole) > maxWhole {
		c.whole = nil
	}
	return c
}

// oneAfterAnother takes the most telling stretch of a sequence.
func oneAfterAnother(subs []*syntax.Regexp) clues {
	whole, all := []string{""}, true
	var best []string
	consider := func(candidate []string) {
		if !tells(candidate) {
			return
		}
		more := min(shortest(candidate), longClue) - min(shortest(best), longClue)
		if more > 0 || more == 0 && len(candidate) < len(best) {
			best = candidate
		}
	}
	for _, sub := range subs {
		s := cluesOf(sub)
		if s.whole == nil || len(whole)*len(s.whole) > maxWhole {
			consider(clues{whole: whole}.needed())
			consider(s.needed())
			whole, all = []string{""}, false
			continue
		}
		var longer []string
		for _, a := range whole {
			for _, b := range s.whole {
				longer = append(longer, a+b)
			}
		}
		whole = longer
	}
	if all {
		return clues{whole: whole}
	}
	consider(clues{whole: whole}.needed())
	return clues{within: best}
}
