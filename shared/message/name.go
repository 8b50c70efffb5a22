package message

import (
	"slices"
	"strings"
	"unicode"
)

// maxName bounds a name, in bytes.
const maxName = 256

// CleanName makes one line of what a platform says that somebody is called: nothing
// that a terminal, a page or a mail would obey (control characters, marks that turn
// the direction of what stands beside it, tags that nobody sees), no more blanks than
// between words, and not too long. Joiners stay: scripts and emoji are made with them.
func CleanName(name string) string {
	name = name[:min(len(name), 16*maxName)] // what is far too long is not gone through whole
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), unicode.IsSpace(r), strings.ContainsRune(blanks, r):
			return ' '
		case unicode.Is(unicode.Cf, r) && !strings.ContainsRune(joiners, r), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, name)
	words := slices.DeleteFunc(strings.Fields(name), func(word string) bool { return strings.Trim(word, joiners) == "" })
	return Clip(strings.Join(words, " "), maxName)
}

const (
	joiners = "\u200c\u200d"
	// blanks are letters and signs that show nothing.
	blanks = "\u115f\u1160\u2800\u3164\uffa0"
)
