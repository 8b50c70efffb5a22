package casework

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// RatingIn reads what a customer answers who was asked for a number from 1 to 5: the
// score and his words about it. It would rather miss one than take "2 bags are still
// missing" for one: a number has to stand by itself, or before thanks or a reason.
func RatingIn(text string) (score int, comment string, ok bool) {
	whole := strings.TrimSpace(text)
	s, led := whole, false
	for range maxLead {
		if f, found := scoreAt(s); found {
			if comment, ok := commentIn(f.rest, f.stars); ok {
				if !f.exact || led && comment != "" {
					comment = whole // the number alone would not say what he wrote
				}
				return f.score, comment, true
			}
		}
		n := wordIn(s)
		word := strings.ToLower(s[:n])
		if n == 0 || !slices.Contains(leadWords, word) && !slices.Contains(kindWords, word) {
			return 0, "", false
		}
		led = led || slices.Contains(kindWords, word)
		s = strings.TrimLeft(s[n:], " ,.!:;=-–—\n")
	}
	return 0, "", false
}

// maxLead is how many words may stand before the number.
const maxLead = 7

var (
	numbers = map[string]int{
		"one": 1, "two": 2, "three": 3, "four": 4, "five": 5,
		"un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5,
		"eins": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "fuenf": 5,
		"uno": 1, "una": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5,
		"due": 2, "tre": 3, "quattro": 4, "cinque": 5,
		"um": 1, "uma": 1, "dois": 2, "duas": 2, "três": 3, "quatro": 4,
		"een": 1, "één": 1, "twee": 2, "vijf": 5,
	}
	leadWords = []string{
		"sorry", "pardon", "entschuldigung", "perdón", "scusi", "desculpe", "rating", "score", "my", "i", "i'd", "i’d", "give", "say", "you", "it", "a", "an",
		"je", "donne", "mets", "vous", "un", "une", "bewertung", "meine", "ich", "gebe", "ihnen", "eine", "euch",
		"valoración", "doy", "le", "les", "un", "una", "valutazione", "voto", "do", "avaliação", "dou", "nota", "um", "uma",
		"beoordeling", "ik", "geef", "een", "cijfer",
	}
	kindWords = []string{ // thanks and opinions
		"ok", "okay", "fine", "nice", "quick", "fast", "friendly", "slow", "rude", "bad", "rapide", "lent", "sympa", "schnell", "nett", "langsam", "schlecht",
		"rápido", "lento", "veloce", "snel", "traag",
		"thanks", "thank", "you", "thx", "cheers", "so", "very", "much", "many", "great", "good", "perfect", "excellent", "super", "top", "brilliant", "lovely",
		"merci", "beaucoup", "parfait", "très", "bien", "danke", "vielen", "dank", "perfekt", "gut", "sehr", "prima", "toll",
		"gracias", "muchas", "perfecto", "muy", "grazie", "mille", "perfetto", "ottimo", "obrigado", "obrigada", "perfeito", "bedankt", "dankjewel", "prima", "goed",
	}
	reasonWords = []string{
		"because", "since", "but", "as", "for", "and", "parce", "car", "mais", "et", "pour", "weil", "aber", "und", "für", "denn",
		"porque", "pero", "y", "por", "perché", "ma", "e", "per", "mas", "omdat", "maar", "en", "want", "voor",
	}
	// askingWords make a request of words that a classifier is not sure about.
	askingWords = []string{"please", "could", "can", "bitte", "könnten", "svp", "plaît", "pouvez", "favor", "favore", "puede", "puoi", "può", "pode", "alstublieft", "graag", "kunt"}
	outOf       = []string{"out", "of", "von", "aus", "sur", "de", "su", "em", "van", "uit", "op"}
	starWords   = []string{
		"star", "stars", "étoile", "étoiles", "stern", "sterne", "sternen", "estrella", "estrellas", "stella", "stelle", "estrela", "estrelas", "ster", "sterren",
	}
	pointWords = []string{"point", "points", "punkt", "punkte", "punto", "puntos", "punti", "ponto", "pontos", "punt", "punten"}
)

// found is a score at the beginning of a text, and the rest of it. exact is false
// where the customer's own scale is another one; stars are never the number of
// anything else.
type found struct {
	score        int
	rest         string
	exact, stars bool
}

func scoreAt(s string) (found, bool) {
	if n, rest := stars(s); n > 0 {
		return found{n, rest, true, true}, n <= 5
	}
	n, rest, exact := figure(s)
	if n < 0 {
		w := wordIn(s)
		if n = numbers[strings.ToLower(s[:w])]; n == 0 {
			return found{}, false
		}
		rest, exact = s[w:], true
	}
	top := 5
	if t, after := scaleIn(rest); t > 0 {
		top, rest = t, after
	}
	if n < 1 || n > top {
		return found{}, false
	}
	if top == 10 {
		n, exact = (n+1)/2, false
	}
	f, after := found{n, rest, exact, false}, strings.TrimLeft(rest, " ")
	if k, more := stars(after); k == 1 {
		f.rest, f.stars = more, true
	} else if w := wordIn(after); slices.Contains(starWords, strings.ToLower(after[:w])) {
		f.rest, f.stars = after[w:], true
	} else if slices.Contains(pointWords, strings.ToLower(after[:w])) {
		f.rest = after[w:]
	}
	return f, true
}

// stars counts the stars at the beginning of s, and passes over empty ones.
func stars(s string) (n int, rest string) {
	for s != "" {
		r, size := utf8.DecodeRuneInString(s)
		switch r {
		case '★', '⭐', '🌟':
			n++
		case '☆', '\uFE0F':
			if n == 0 {
				return 0, s
			}
		default:
			return n, s
		}
		s = s[size:]
	}
	return n, s
}

// figure reads a number of one or two digits, -1 if there is none. A half counts as
// the number below it, and is not exact. A keycap is a digit.
func figure(s string) (n int, rest string, exact bool) {
	n, size, digits := 0, 0, 0
	for _, r := range s {
		if r >= '０' && r <= '９' {
			r -= '０' - '0'
		} else if r > '9' || r < '0' {
			break
		}
		n, digits = n*10+int(r-'0'), digits+1
		if size += utf8.RuneLen(r); digits > 2 {
			return -1, s, false
		}
	}
	if digits == 0 {
		return -1, s, false
	}
	rest, exact = after(s, digits), true
	if len(rest) > 1 && (rest[0] == '.' || rest[0] == ',') && isDigit(rest[1]) {
		if len(rest) > 2 && isDigit(rest[2]) {
			return -1, s, false // an amount
		}
		rest, exact = rest[2:], false
	}
	return n, strings.TrimPrefix(strings.TrimPrefix(rest, "\uFE0F"), "\u20E3"), exact
}

// after is s without its first n runes.
func after(s string, n int) string {
	for range n {
		_, size := utf8.DecodeRuneInString(s)
		s = s[size:]
	}
	return s
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// scaleIn reads "/5", "out of 5" and their like: 5 or 10, else 0.
func scaleIn(s string) (top int, rest string) {
	t := strings.TrimLeft(s, " ")
	said := false
	if u, ok := strings.CutPrefix(t, "/"); ok {
		t, said = u, true
	}
	for range 2 {
		t = strings.TrimLeft(t, " ")
		if w := wordIn(t); !slices.Contains(outOf, strings.ToLower(t[:w])) {
			break
		} else {
			t, said = t[w:], true
		}
	}
	t = strings.TrimLeft(t, " ")
	n, after, exact := figure(t)
	if n < 0 {
		w := wordIn(t)
		n, after, exact = numbers[strings.ToLower(t[:w])], t[w:], true
	}
	if !said || !exact || n != 5 && n != 10 {
		return 0, s
	}
	return n, after
}

// commentIn is what follows a score, if it can follow one. After stars anything can.
func commentIn(rest string, stars bool) (comment string, ok bool) {
	comment = strings.TrimLeftFunc(rest, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(".,!;:)-–—…*\"'”»", r) })
	if comment == "" {
		return "", true
	}
	if first, _ := utf8.DecodeRuneInString(comment); unicode.IsDigit(first) || unicode.Is(unicode.Sc, first) {
		return "", false // 5:30, 5-6, 5,000, 5 €
	}
	gap := rest[:len(rest)-len(comment)]
	first, _ := utf8.DecodeRuneInString(comment)
	switch {
	case strings.Trim(gap, " \t\u00a0") != "": // it stands by itself
		return strings.TrimSpace(comment), true
	case stars || first == '(' || unicode.Is(unicode.So, first):
		return strings.TrimSpace(comment), true
	case gap == "":
		return "", false
	}
	word := strings.ToLower(comment[:wordIn(comment)])
	return strings.TrimSpace(comment), slices.Contains(kindWords, word) || slices.Contains(reasonWords, word)
}

// wordIn is how many bytes of letters s begins with.
func wordIn(s string) int {
	for i, r := range s {
		if !unicode.IsLetter(r) && !(i > 0 && (r == '\'' || r == '’')) {
			return i
		}
	}
	return len(s)
}

// asking reports whether somebody asks for something, by single words.
func asking(text string) bool {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) })
	return strings.ContainsAny(text, "?？") || slices.ContainsFunc(words, func(w string) bool { return slices.Contains(askingWords, w) })
}
