package x

import (
	_ "embed"
	"strings"
	"unicode"
	"unicode/utf8"

	"ines/shared/channel"
	"ines/shared/message"

	"golang.org/x/text/unicode/norm"
)

const (
	maxPost    = 280
	maxMessage = 10_000
	urlWeight  = 23
)

// Limits implements channel.Channel.
func (Channel) Limits(v message.Visibility) channel.Limits {
	if v == message.Private {
		return channel.Limits{Max: maxMessage, Unit: "characters", Measure: utf8.RuneCountInString}
	}
	return channel.Limits{Max: maxPost, Unit: "weighted characters", Measure: WeightedLength}
}

// WeightedLength is a post's length as X counts it (configuration 3): of the text
// in NFC, Latin and most other alphabets' characters count 1, the rest 2, an emoji
// sequence 2 in all, and a link 23 whatever its length.
func WeightedLength(text string) int {
	text = norm.NFC.String(text)
	n := 0
	prev := ' '
	for i := 0; i < len(text); {
		if size := linkLen(text[i:], prev); size > 0 {
			n += urlWeight
			i += size
			prev = 'a'
			continue
		}
		if size := emojiLen(text[i:]); size > 0 {
			n += 2
			i += size
			prev = ' '
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		n += weight(r)
		i += size
		prev = r
	}
	return n
}

func weight(r rune) int {
	switch {
	case r <= 4351, r >= 8192 && r <= 8205, r >= 8208 && r <= 8223, r >= 8242 && r <= 8247:
		return 1
	}
	return 2
}

const (
	joiner     = '\u200d'
	emojiStyle = '\ufe0f'
	textStyle  = '\ufe0e'
	keycap     = '\u20e3'
)

// emojiLen is the length in bytes of the emoji sequence that s begins with, else
// 0: flags, keycaps, and pictures with their styles, skin tones, tags and joined
// pictures.
func emojiLen(s string) int {
	r, i := utf8.DecodeRuneInString(s)
	next := func() (rune, int) { return utf8.DecodeRuneInString(s[i:]) }
	switch {
	case regional(r):
		if second, size := next(); regional(second) {
			return i + size
		}
		return 0
	case r >= '0' && r <= '9', r == '#', r == '*':
		if c, size := next(); c == emojiStyle {
			i += size
		}
		if c, size := next(); c == keycap {
			return i + size
		}
		return 0
	case !pictograph(r):
		return 0
	}
	plain := true
	for {
		c, size := next()
		switch {
		case c == textStyle && plain:
			return 0 // explicitly a character, not a picture
		case c == emojiStyle, c >= 0x1f3fb && c <= 0x1f3ff, c >= 0xe0020 && c <= 0xe007f:
			plain = false
			i += size
			continue
		case c == joiner:
			if after, more := utf8.DecodeRuneInString(s[i+size:]); pictograph(after) {
				plain = false
				i += size + more
				continue
			}
		}
		if plain && r < 0x100 {
			return 0 // © and ® alone are characters
		}
		return i
	}
}

func regional(r rune) bool { return r >= 0x1f1e6 && r <= 0x1f1ff }

// pictograph: the blocks that emoji come from. Characters of them that are none
// weigh 2 as well, so only sequences depend on this.
func pictograph(r rune) bool {
	switch {
	case r == 0xa9, r == 0xae, r == 0x203c, r == 0x2049, r == 0x2122, r == 0x2139, r == 0x24c2, r == 0x3030, r == 0x303d, r == 0x3297, r == 0x3299:
		return true
	case r >= 0x2190 && r <= 0x21ff, r >= 0x2300 && r <= 0x23ff, r >= 0x25a0 && r <= 0x27bf, r >= 0x2900 && r <= 0x297f, r >= 0x2b00 && r <= 0x2bff:
		return true
	case r >= 0x1f000 && r <= 0x1faff:
		return !regional(r)
	}
	return false
}

// endings are the names of the web's top level, sorted, one a line, but for those in
// other letters.
//
//go:embed endings.txt
var endings string

// isEnding reports whether a name of the web may end so: the endings that ICANN
// lists, as X does. An ending that is newer is counted by its letters.
func isEnding(label string) bool {
	for low, high := 0, len(endings); low < high; {
		start := low + strings.LastIndexByte(endings[low:low+(high-low)/2], '\n') + 1
		line, _, _ := strings.Cut(endings[start:high], "\n")
		switch order := strings.Compare(line, label); {
		case order == 0:
			return true
		case order < 0:
			low = start + len(line) + 1
		default:
			high = start
		}
	}
	return false
}

// linkLen is the length in bytes of the link that s begins with, else 0.
func linkLen(s string, prev rune) int {
	if prev == '@' || prev == '#' || prev == '$' || prev == '_' || prev == '-' || prev == '.' || prev == '/' || unicode.IsLetter(prev) || unicode.IsDigit(prev) {
		return 0
	}
	scheme := 0
	for _, p := range []string{"https://", "http://"} {
		if len(s) > len(p) && strings.EqualFold(s[:len(p)], p) {
			scheme = len(p)
		}
	}
	host := 0
	for host < len(s)-scheme && hostByte(s[scheme+host]) {
		host++
	}
	domain := strings.TrimRight(s[scheme:scheme+host], ".-_")
	labels := strings.Split(strings.ToLower(domain), ".")
	last := labels[len(labels)-1]
	if len(labels) < 2 || strings.Trim(last, "abcdefghijklmnopqrstuvwxyz") != "" || len(last) < 2 {
		return 0
	}
	for _, l := range labels {
		if l == "" || l[0] == '-' || l[len(l)-1] == '-' {
			return 0
		}
	}
	end := scheme + len(domain)
	rest := s[end:]
	if strings.HasPrefix(rest, "@") { // a mail address
		return 0
	}
	country := len(last) == 2
	switch {
	case !isEnding(last):
		return 0
	case scheme > 0, !country, last == "co", last == "tv":
	case len(labels) > 2 || strings.HasPrefix(rest, "/"):
	default:
		return 0
	}
	if strings.HasPrefix(rest, ":") { // a port
		digits := len(rest[1:]) - len(strings.TrimLeft(rest[1:], "0123456789"))
		if digits > 0 {
			end += 1 + digits
			rest = s[end:]
		}
	}
	if !strings.HasPrefix(rest, "/") && !strings.HasPrefix(rest, "?") {
		return end
	}
	tail := 0
	for tail < len(rest) && pathByte(rest[tail]) {
		tail++
	}
	// What ends the sentence is no part of the link.
	return end + len(strings.TrimRight(rest[:tail], ".,:;!?'()[]*"))
}

func hostByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_'
}

func pathByte(c byte) bool {
	return c > ' ' && c < 0x7f && !strings.ContainsRune("\"<>\\^`{}", rune(c))
}
