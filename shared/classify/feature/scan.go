package feature

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Masks stand for what is never said twice.
const (
	maskURL  = "<url>"
	maskUser = "<user>"
)

// scan takes a text apart into tokens: words in lower case, digits as zeros,
// addresses and handles as masks, each emoji and each of "?!#" by itself, and each
// character by itself where words are written without spaces.
func (r *Reader) scan(s string) {
	start := len(r.runes) // of the word being read
	run := 0              // how often its last character came in a row
	end := func() {
		if len(r.runes) > start {
			r.tokens = append(r.tokens, token{start: int32(start), end: int32(len(r.runes))})
		}
		start, run = len(r.runes), 0
	}
	for i := 0; i < len(s); {
		c, size := rune(s[i]), 1
		if c < utf8.RuneSelf {
			switch {
			case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
				if len(r.runes) == start && (c|0x20 == 'h' || c|0x20 == 'w') {
					if n := Link(s[i:]); n > 0 {
						r.mask(maskURL)
						start = len(r.runes)
						i += n
						continue
					}
				}
				run = r.letter(c|0x20, start, run)
			case c >= '0' && c <= '9':
				run = r.letter('0', start, run)
			case c == '\'':
				if !suffix(s[i+1:]) {
					end()
				}
			case c == '@':
				if n := handle(s[i+1:]); len(r.runes) == start && n > 0 {
					r.mask(maskUser)
					start = len(r.runes)
					size += n
				} else {
					end()
				}
			case c == '?' || c == '!' || c == '#':
				end()
				r.single(c)
				start = len(r.runes)
			case c == ':' || c == ';' || c == '=' || c == '<':
				end()
				if n, face := emoticon(s[i:]); n > 0 {
					r.single(face)
					start = len(r.runes)
					size = n
				}
			default:
				end()
			}
			i += size
			continue
		}
		c, size = utf8.DecodeRuneInString(s[i:])
		i += size
		switch {
		case c == '’' || c == 'ʼ':
			if !suffix(s[i:]) {
				end()
			}
		case c == '？' || c == '؟' || c == '！':
			end()
			if c == '！' {
				r.single('!')
			} else {
				r.single('?')
			}
			start = len(r.runes)
		case alone(c):
			end()
			r.single(c)
			start = len(r.runes)
		case unicode.IsLetter(c):
			run = r.letter(unicode.ToLower(c), start, run)
		case unicode.Is(unicode.M, c): // vowel signs and accents belong to the word
			if len(r.runes) > start && c != '\uFE0F' {
				r.runes = append(r.runes, c)
			}
		case unicode.IsDigit(c):
			run = r.letter('0', start, run)
		case c == utf8.RuneError: // is a symbol by class, and says nothing
			end()
		case unicode.Is(unicode.So, c) || c >= 0x1F300 && c <= 0x1FAFF:
			end()
			if c < 0x1F3FB || c > 0x1F3FF { // skin tones say nothing
				r.single(c)
				start = len(r.runes)
			}
		default:
			end()
		}
	}
	end()
}

// letter adds a character to the word that begins at start. Three in a row count as
// two ("sooooo"), digits as four: how long a number is says what it is.
func (r *Reader) letter(c rune, start, run int) int {
	if n := len(r.runes); n > start && r.runes[n-1] == c {
		run++
	} else {
		run = 1
	}
	most := 2
	if c == '0' {
		most = 4
	}
	if run <= most {
		r.runes = append(r.runes, c)
	}
	return run
}

func (r *Reader) mask(m string) {
	start := len(r.runes)
	for _, c := range m {
		r.runes = append(r.runes, c)
	}
	r.tokens = append(r.tokens, token{start: int32(start), end: int32(len(r.runes)), whole: true})
}

func (r *Reader) single(c rune) {
	r.runes = append(r.runes, c)
	n := int32(len(r.runes))
	r.tokens = append(r.tokens, token{start: n - 1, end: n, whole: true})
}

// alone reports whether c is of a script that writes words without spaces.
func alone(c rune) bool {
	switch {
	case c < 0x0E00:
		return false
	case c < 0x0E80, // Thai
		c >= 0x3040 && c < 0x3100,                                                                                    // kana
		c >= 0x3400 && c < 0x4DC0, c >= 0x4E00 && c < 0xA000, c >= 0xF900 && c < 0xFB00, c >= 0x20000 && c < 0x32000: // Han
		return true
	}
	return false
}

// Link is the length of the link that s begins with, in bytes; 0 if it does not
// begin with one.
func Link(s string) int {
	for _, start := range [...]string{"https://", "http://", "www."} {
		if len(s) <= len(start) || !strings.EqualFold(s[:len(start)], start) {
			continue
		}
		if i := strings.IndexAny(s, " \n\t\r"); i >= 0 {
			return i
		}
		return len(s)
	}
	return 0
}

// handle is the length of the handle that s begins with.
func handle(s string) int {
	n := 0
	for n < len(s) && (s[n] == '_' || s[n] >= '0' && s[n] <= '9' || s[n]|0x20 >= 'a' && s[n]|0x20 <= 'z') {
		n++
	}
	return n
}

// suffix reports whether what follows an apostrophe belongs to the word before it,
// as in "can't" and "I'm"; in "l'avion" it is a word of its own.
func suffix(s string) bool {
	n := 0
	for n < len(s) && s[n]|0x20 >= 'a' && s[n]|0x20 <= 'z' {
		n++
	}
	if n < len(s) && s[n] >= utf8.RuneSelf {
		return false
	}
	switch {
	case n == 1:
		return strings.IndexByte("tsmdTSMD", s[0]) >= 0
	case n == 2:
		return strings.EqualFold(s[:2], "re") || strings.EqualFold(s[:2], "ve") || strings.EqualFold(s[:2], "ll")
	}
	return false
}

// emoticon is the length of the one that s begins with, or 0, and the emoji that it
// stands for.
func emoticon(s string) (int, rune) {
	if len(s) < 2 {
		return 0, 0
	}
	if s[0] == '<' {
		if s[1] == '3' {
			return 2, '❤'
		}
		return 0, 0
	}
	n := 1
	if s[1] == '-' || s[1] == '\'' {
		n++
	}
	if n >= len(s) {
		return 0, 0
	}
	switch s[n] {
	case ')', 'D':
		return n + 1, '🙂'
	case '(':
		return n + 1, '🙁'
	case '/':
		if n == 1 && len(s) > 2 && s[2] == '/' {
			return 0, 0
		}
		return n + 1, '😕'
	}
	return 0, 0
}
