// Package pattern holds regular expressions that are compiled when they are first
// looked for. A function knows hundreds, uses a few in its life, and should not
// compile the others while somebody waits for it to start. Every package may import
// it; it imports none of ours.
package pattern

import (
	"regexp"
	"strings"
	"sync"
)

// Late is a pattern by its expression. As a package's variable it costs a start
// nothing, and a program that doesn't use it doesn't carry it. It must not be copied
// once it is in use; its methods are regexp.Regexp's and may be called at once.
type Late struct {
	Expr string // in RE2's syntax, with Compile's ‹ and ›

	once     sync.Once
	compiled *regexp.Regexp
}

// Compile compiles an expression in which ‹ and › stand for the begin and the end of
// a word. (RE2's \b knows no é or ü.) It panics if there is a mistake in it: those of
// our packages are written in the source, and TestEveryPattern compiles them.
func Compile(expr string) *regexp.Regexp {
	return regexp.MustCompile(strings.NewReplacer("‹", `(?:^|[^\p{L}\p{N}])`, "›", `(?:$|[^\p{L}\p{N}])`).Replace(expr))
}

// Regexp is the compiled pattern, for what the methods below are too few for.
func (l *Late) Regexp() *regexp.Regexp {
	l.once.Do(func() { l.compiled = Compile(l.Expr) })
	return l.compiled
}

// MatchString reports whether a text has the pattern.
func (l *Late) MatchString(s string) bool { return l.Regexp().MatchString(s) }

func (l *Late) FindString(s string) string             { return l.Regexp().FindString(s) }
func (l *Late) FindStringSubmatch(s string) []string   { return l.Regexp().FindStringSubmatch(s) }
func (l *Late) FindAllString(s string, n int) []string { return l.Regexp().FindAllString(s, n) }
func (l *Late) FindAllStringIndex(s string, n int) [][]int {
	return l.Regexp().FindAllStringIndex(s, n)
}
func (l *Late) FindAllStringSubmatch(s string, n int) [][]string {
	return l.Regexp().FindAllStringSubmatch(s, n)
}
func (l *Late) ReplaceAllString(s, by string) string { return l.Regexp().ReplaceAllString(s, by) }
