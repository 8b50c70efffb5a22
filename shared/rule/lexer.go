package rule

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Error is a mistake in a rule, or why it could not be answered.
type Error struct {
	At      int // characters before it in the rule
	Message string
}

// Error is the message alone: who knows the rule knows where it stands.
func (e *Error) Error() string { return e.Message }

type tokenKind string

const (
	tokenName     tokenKind = "Identifier"
	tokenNumber   tokenKind = "Number"
	tokenText     tokenKind = "String"
	tokenOperator tokenKind = "Operator"
	tokenBracket  tokenKind = "Bracket"
	tokenEnd      tokenKind = "EOF"
)

type token struct {
	kind tokenKind
	text string
	at   int // characters before it
}

func (t token) String() string {
	if t.text == "" {
		return string(t.kind)
	}
	return fmt.Sprintf("%s(%s)", t.kind, strconv.Quote(t.text))
}

func (t token) is(kind tokenKind, text string) bool { return t.kind == kind && t.text == text }

// words are operators that look like names.
func isWord(name string) bool {
	switch name {
	case "not", "in", "or", "and", "matches", "contains", "startsWith", "endsWith", "let", "if", "else":
		return true
	}
	return false
}

// lexer cuts a rule into tokens. A mistake ends it by a panic with an *Error, which
// Parse catches.
type lexer struct {
	source string
	pos    int // bytes read
	chars  int // characters read
	hash   bool
}

const end rune = -1

func (l *lexer) peek() rune {
	if l.pos >= len(l.source) {
		return end
	}
	r, _ := utf8.DecodeRuneInString(l.source[l.pos:])
	return r
}

func (l *lexer) next() rune {
	if l.pos >= len(l.source) {
		return end
	}
	r, size := utf8.DecodeRuneInString(l.source[l.pos:])
	l.pos += size
	l.chars++
	return r
}

// accept reads one character if it is one of those.
func (l *lexer) accept(those string) bool {
	if r := l.peek(); r != end && strings.ContainsRune(those, r) {
		l.next()
		return true
	}
	return false
}

func (l *lexer) acceptAll(those string) {
	for l.accept(those) {
	}
}

// fail blames the character that was read last.
func (l *lexer) fail(format string, args ...any) {
	panic(&Error{At: max(l.chars-1, 0), Message: fmt.Sprintf(format, args...)})
}

func isNamePart(r rune) bool {
	return r == '_' || r == '$' || r != end && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// isName reports whether a text can stand as a name.
func isName(s string) bool {
	for i, r := range s {
		if !isNamePart(r) || i == 0 && unicode.IsDigit(r) {
			return false
		}
	}
	return s != ""
}

func (l *lexer) name() string {
	from := l.pos
	for isNamePart(l.peek()) {
		l.next()
	}
	return l.source[from:l.pos]
}

// token is the next one. After the last comes tokenEnd, again and again.
func (l *lexer) token() token {
	if l.hash { // what follows # directly is a name, whatever it says
		l.hash = false
		if at := l.chars; isNamePart(l.peek()) {
			return token{tokenName, l.name(), at}
		}
	}
	l.blanks()
	start, at := l.pos, l.chars
	from := func(kind tokenKind) token { return token{kind, l.source[start:l.pos], at} }
	switch r := l.peek(); {
	case r == end:
		return token{kind: tokenEnd, at: max(l.chars-1, 0)}
	case r == '\'' || r == '"':
		return token{tokenText, l.quoted(r), at}
	case r == '`':
		return token{tokenText, l.raw(), at}
	case '0' <= r && r <= '9':
		return token{tokenNumber, l.number(), at}
	case isNamePart(r):
		if name := l.name(); isWord(name) {
			return from(tokenOperator)
		}
		return from(tokenName)
	}
	switch r := l.next(); {
	case r == '.':
		if next := l.peek(); '0' <= next && next <= '9' {
			l.pos, l.chars = start, at
			return token{tokenNumber, l.number(), at}
		}
		l.accept(".")
		return from(tokenOperator)
	case r == '?':
		l.accept(".?")
		return from(tokenOperator)
	case r == '#':
		l.accept("#")
		l.hash = true
		return from(tokenOperator)
	case r == '|' || r == ':':
		l.accept(string(r))
		return from(tokenOperator)
	case strings.ContainsRune("([{)]}", r):
		return from(tokenBracket)
	case strings.ContainsRune("/,;%+-^", r):
		return from(tokenOperator)
	case strings.ContainsRune("&!=*<>", r):
		l.accept("&=*")
		return from(tokenOperator)
	default:
		l.fail("unrecognized character: %#U", r)
		return token{}
	}
}

// blanks skips what separates tokens, comments too.
func (l *lexer) blanks() {
	for {
		rest := l.source[l.pos:]
		switch {
		case strings.HasPrefix(rest, "//"):
			for r := l.next(); r != end && r != '\n'; r = l.next() {
			}
		case strings.HasPrefix(rest, "/*"):
			l.next()
			l.next()
			for !strings.HasPrefix(l.source[l.pos:], "*/") {
				if l.next() == end {
					l.chars++
					l.fail("unclosed comment")
				}
			}
			l.next()
			l.next()
		case unicode.IsSpace(l.peek()):
			l.next()
		default:
			return
		}
	}
}

// number reads a number's characters; the parser makes sense of them.
func (l *lexer) number() string {
	start := l.pos
	digits := "0123456789_"
	if l.accept("0") {
		switch {
		case l.accept("xX"):
			digits = "0123456789abcdefABCDEF_"
		case l.accept("oO"):
			digits = "01234567_"
		case l.accept("bB"):
			digits = "01_"
		}
	}
	l.acceptAll(digits)
	if strings.HasPrefix(l.source[l.pos:], "..") {
		return l.source[start:l.pos] // 1..3 is a range from 1
	}
	if l.accept(".") {
		l.acceptAll(digits)
	}
	if l.accept("eE") {
		l.accept("+-")
		l.acceptAll(digits)
	}
	if isNamePart(l.peek()) {
		l.next()
		l.fail("bad number syntax: %q", l.source[start:l.pos])
	}
	return l.source[start:l.pos]
}
