package rule

import (
	"strings"
	"unicode/utf8"
)

// raw reads a text between backticks, in which nothing has a meaning.
func (l *lexer) raw() string {
	l.next()
	from := l.pos
	for {
		switch l.next() {
		case '`':
			return l.source[from : l.pos-1]
		case end:
			l.chars++
			l.fail("literal not terminated")
		}
	}
}

// quoted reads a text between quotes. It has to end on its line.
func (l *lexer) quoted(quote rune) string {
	l.next()
	var b strings.Builder
	for {
		switch r := l.next(); r {
		case quote:
			return b.String()
		case '\n', end:
			if r == end {
				l.chars++
			}
			l.fail("literal not terminated")
		case '\\':
			b.WriteRune(l.escape(quote))
		case '\r': // every end of a line is \n
			l.accept("\n")
			b.WriteByte('\n')
		default:
			b.WriteRune(r)
		}
	}
}

var escapes = map[rune]rune{'a': '\a', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v', '\\': '\\'}

// escape reads what follows a backslash.
func (l *lexer) escape(quote rune) rune {
	r := l.next()
	if is, ok := escapes[r]; ok {
		return is
	}
	switch {
	case r == quote:
		return quote
	case '0' <= r && r <= '7':
		v := l.digits(8, 3, r)
		if v > 0o377 {
			l.fail("unable to unescape string")
		}
		return v
	case r == 'x':
		return l.digits(16, 2, l.next())
	case r == 'u':
		return l.digits(16, 4, l.next())
	case r == 'U':
		v := l.digits(16, 8, l.next())
		if v > utf8.MaxRune || v < 0 {
			l.fail("unable to unescape string")
		}
		return v
	}
	l.fail("invalid char escape")
	return 0
}

// digits reads n digits, the first of which is there already.
func (l *lexer) digits(base, n int, first rune) rune {
	var v rune
	for i := range n {
		r := first
		if i > 0 {
			r = l.next()
		}
		d := strings.IndexRune("0123456789abcdef", r|0x20)
		if r < '0' || d < 0 || d >= base || r > 'f' {
			l.fail("invalid char escape")
		}
		v = v*rune(base) + rune(d)
	}
	return v
}
