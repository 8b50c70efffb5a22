package channel

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Split cuts a text into as few parts as fit the limits, where people pause: at
// paragraphs, else sentences, else words. A part has at least half of what may be
// in it, as far as there is text, and no part is blank. ok is false if the text
// takes more parts than the platform allows (one, where Parts is 0).
func (l Limits) Split(text string) (parts []string, ok bool) {
	for rest := strings.TrimSpace(text); rest != ""; {
		if l.fits(rest) {
			return append(parts, rest), len(parts) < max(l.Parts, 1)
		}
		if len(parts)+1 >= max(l.Parts, 1) {
			return nil, false
		}
		head := l.head(rest)
		if head == "" {
			return nil, false // not one character fits
		}
		parts, rest = append(parts, strings.TrimSpace(head)), strings.TrimSpace(rest[len(head):])
	}
	return parts, true
}

func (l Limits) fits(text string) bool {
	return l.Max <= 0 || l.Measure == nil || l.Measure(text) <= l.Max
}

// head is the start of a text that makes the next part. It never cuts between a
// base character and what combines with it.
func (l Limits) head(text string) string {
	// The longest that fits, by bisection over the places where a cut is possible.
	cuts := cutsOf(text)
	low, high := 0, len(cuts)
	for low < high {
		if mid := (low + high) / 2; l.fits(strings.TrimSpace(text[:cuts[mid]])) {
			low = mid + 1
		} else {
			high = mid
		}
	}
	if low == 0 {
		return ""
	}
	longest := text[:cuts[low-1]]
	for _, pause := range []func(string) int{afterParagraph, afterSentence, afterWord} {
		if i := pause(longest); i >= len(longest)/2 && i > 0 {
			return longest[:i]
		}
	}
	return longest
}

// cutsOf are the byte offsets at which a text may be cut, its end included.
func cutsOf(text string) []int {
	var cuts []int
	joined := false
	for i, r := range text {
		stays := unicode.In(r, unicode.Mn, unicode.Me, unicode.Mc, unicode.Variation_Selector) || r == joiner || skinTone(r)
		if i > 0 && !joined && !stays {
			cuts = append(cuts, i)
		}
		joined = r == joiner
	}
	return append(cuts, len(text))
}

const joiner = '\u200d' // ties emoji into one

func skinTone(r rune) bool { return r >= 0x1f3fb && r <= 0x1f3ff }

func afterParagraph(text string) int {
	if i := strings.LastIndex(text, "\n\n"); i >= 0 {
		return i + 2
	}
	return strings.LastIndex(text, "\n") + 1
}

// afterSentence is the end of the last full sentence: a full stop before a blank,
// or one of a script that writes none.
func afterSentence(text string) int {
	end := 0
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		i += n
		next, _ := utf8.DecodeRuneInString(text[i:])
		if strings.ContainsRune("。！？", r) || strings.ContainsRune(".!?…؟", r) && unicode.IsSpace(next) {
			end = i
		}
	}
	return end
}

func afterWord(text string) int {
	i := strings.LastIndexFunc(text, unicode.IsSpace)
	if i < 0 {
		return 0
	}
	_, n := utf8.DecodeRuneInString(text[i:])
	return i + n
}
