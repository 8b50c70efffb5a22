package classify

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"ines/shared/classify/feature"
)

// A token is a word, a number, or one character of a script without spaces.
type token struct {
	word   int32  // among the listed, or -1
	part   uint16 // between two marks such as commas: no phrase reaches over them
	clause uint16 // like part, but conjunctions begin one too
	name   bool   // written like a name, and no word that we know
	number int16  // its value if it is a number up to 9999, else -1
}

// reading is a text taken apart, with room that is used again for the next one.
type reading struct {
	word    []byte // the one being read: folded, lower case
	run     int    // how often its last letter came in a row
	tokens  []token
	hits    []hit
	topics  []int
	senses  [len(senses)]bool
	filling *lexicon // where the words go, while the lists are read; else nil

	part, clause    uint16
	letters, upper  int
	wordUpper       int // capitals of the word being read
	wordLetters     int
	capital         bool // the word being read begins with one
	capWords        int
	words           int
	questions       int
	exclaims        int
	links, tags     int
	numbers         int // words that begin with a digit
	happy, sad, mad int // emoji and emoticons
	symbols         int // other emoji
	scripts         [scriptCount]int
	ukrainian       int
	evidence        [languageCount]float64
}

func (t *reading) read(l *Words, subject, text string) {
	*t = reading{word: t.word[:0], tokens: t.tokens[:0], hits: t.hits[:0], topics: t.topics}
	clear(t.topics)
	if subject != "" {
		t.scan(l, clip(subject, maxSubject))
		t.breakPart()
	}
	t.scan(l, clip(text, maxText))
	l.match(t)
}

// clip shortens to at most n bytes, at the start of a character.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

func (t *reading) breakPart() {
	t.part++
	t.clause++
}

func (t *reading) scan(l *Words, s string) {
	for i := 0; i < len(s); {
		r, size := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(s[i:])
		}
		if len(t.word) == 0 && (r == 'h' || r == 'w' || r == 'H' || r == 'W') {
			if n := feature.Link(s[i:]); n > 0 {
				t.links++
				i += n
				continue
			}
		}
		switch {
		case r < utf8.RuneSelf && isASCIILetter(r):
			t.scripts[latin]++
			t.letter(r)
		case r >= '0' && r <= '9':
			t.word = append(t.word, byte(r))
			t.run = 0
		case r < utf8.RuneSelf:
			i += t.mark(l, s, i, r)
		case r == '’' || r == 'ʼ':
			if !joins(s[i+size:]) {
				t.end(l)
			}
		case unicode.IsLetter(r):
			t.foreign(l, r)
		case unicode.Is(unicode.Mn, r): // an accent on its own: the fold drops it
		default:
			t.end(l)
			t.symbol(r)
		}
		i += size
	}
	t.end(l)
}

// mark deals with an ASCII character that is neither letter nor digit and returns
// how many bytes to skip besides it.
func (t *reading) mark(l *Words, s string, i int, r rune) int {
	switch r {
	case '\'':
		if !joins(s[i+1:]) {
			t.end(l)
		}
		return 0
	case '@':
		if len(t.word) == 0 { // a handle is nobody's words
			n := 0
			for i+1+n < len(s) && (isASCIILetter(rune(s[i+1+n])) || s[i+1+n] == '_' || s[i+1+n] >= '0' && s[i+1+n] <= '9') {
				n++
			}
			return n
		}
	case '.', ',':
		if i > 0 && i+1 < len(s) && isDigit(s[i-1]) && isDigit(s[i+1]) {
			t.word = t.word[:0] // 89.50: one number that is no count of minutes
			t.word = append(t.word, '0', 'x')
			return 0
		}
	}
	t.end(l)
	switch r {
	case '?':
		t.questions++
		t.breakPart()
	case '!':
		t.exclaims++
		t.breakPart()
	case '.', ',', ';', '\n', '(', ')', '"':
		t.breakPart()
	case '#':
		t.tags++
	case ':', '<', '=':
		n, mood := emoticon(s[i:])
		switch {
		case n == 0:
			t.breakPart()
		case mood > 0:
			t.happy++
		default:
			t.sad++
		}
		if n > 0 {
			return n - 1
		}
	}
	return 0
}

// emoticon returns the length of the one that s begins with, or 0, and its mood.
func emoticon(s string) (n, mood int) {
	for _, face := range [...]string{":)", ":-)", ":D", ":-D", "<3", "=)"} {
		if strings.HasPrefix(s, face) {
			return len(face), 1
		}
	}
	for _, face := range [...]string{":(", ":-(", ":/", ":-/", ":'("} {
		if strings.HasPrefix(s, face) && !strings.HasPrefix(s, "://") {
			return len(face), -1
		}
	}
	return 0, 0
}

// letter adds a Latin letter to the word. Three or more in a row count as one:
// "pleeease".
func (t *reading) letter(r rune) {
	t.letters++
	if t.wordLetters == 0 {
		t.capital = r <= 'Z'
	}
	t.wordLetters++
	if r >= 'A' && r <= 'Z' {
		r += 'a' - 'A'
		t.upper++
		t.wordUpper++
	}
	if n := len(t.word); n > 0 && t.word[n-1] == byte(r) {
		t.run++
	} else {
		t.run = 1
	}
	switch {
	case t.run == 3:
		t.word = t.word[:len(t.word)-1]
	case t.run < 3:
		t.word = append(t.word, byte(r))
	}
}

func (t *reading) foreign(l *Words, r rune) {
	script := scriptOf(r)
	t.scripts[script]++
	t.letters++
	if t.wordLetters == 0 {
		t.capital = unicode.IsUpper(r)
	}
	t.wordLetters++
	if unicode.IsUpper(r) {
		t.upper++
		t.wordUpper++
		r = unicode.ToLower(r)
	}
	t.run = 0
	switch script {
	case latin:
		t.accent(r)
		t.word = appendFolded(t.word, r)
	case han, kana, thai:
		t.end(l)
		t.word = utf8.AppendRune(t.word, r)
		t.end(l)
	default:
		if strings.ContainsRune("іїєґ", r) {
			t.ukrainian++
		}
		t.word = utf8.AppendRune(t.word, r)
	}
}

// end finishes the word being read.
func (t *reading) end(l *Words) {
	if len(t.word) == 0 {
		return
	}
	if t.filling != nil {
		t.filling.fill(t.word)
		t.word, t.run, t.wordUpper, t.wordLetters = t.word[:0], 0, 0, 0
		return
	}
	tok := token{word: -1, part: t.part, number: number(t.word)}
	if isDigit(t.word[0]) {
		t.numbers++
	}
	if tok.number < 0 && !digits(t.word) {
		t.words++
		var known bool
		tok.word, known = l.find(t.word)
		switch {
		case known:
			l.weigh(tok.word, &t.evidence)
			if l.has(tok.word, markJoins) {
				t.clause++
			}
		default:
			t.ending(t.word)
			tok.name = t.wordUpper == 1 && t.wordLetters > 1 && t.capital
		}
		if t.wordLetters >= 4 && t.wordUpper == t.wordLetters {
			t.capWords++
		}
	}
	tok.clause = t.clause
	t.tokens = append(t.tokens, tok)
	t.word, t.run, t.wordUpper, t.wordLetters = t.word[:0], 0, 0, 0
}

func digits(word []byte) bool {
	for _, c := range word {
		if !isDigit(c) {
			return false
		}
	}
	return true
}

// number is the value of a word of digits, or -1.
func number(word []byte) int16 {
	if len(word) > 4 {
		return -1
	}
	n := int16(0)
	for _, c := range word {
		if !isDigit(c) {
			return -1
		}
		n = n*10 + int16(c-'0')
	}
	return n
}

// symbol deals with what is neither letter nor ASCII.
func (t *reading) symbol(r rune) {
	switch r {
	case '…', '—', '–', '。', '、', '，', '¿', '¡', '“', '”', '«', '»':
		if r == '¿' || r == '¡' {
			t.evidence[spanish] += 2
		}
		t.breakPart()
		return
	case '！':
		t.exclaims++
		t.breakPart()
		return
	case '？', '؟':
		t.questions++
		t.breakPart()
		return
	}
	switch {
	case strings.ContainsRune(happyFaces, r):
		t.happy++
	case strings.ContainsRune(madFaces, r):
		t.mad++
	case strings.ContainsRune(sadFaces, r):
		t.sad++
	case unicode.Is(unicode.So, r):
		t.symbols++
	}
}

const (
	happyFaces = "😀😃😄😁😊🙂😍🥰😘🤗👍👏🙌🎉💙💚💛💜🧡❤♥🥳😇💐🌟⭐"
	sadFaces   = "😞😟😠😢😭😔😕🙁☹😩😫😣😖👎💔😰😨😒🙄🤦"
	madFaces   = "😡🤬😤👿💢🖕"
)

func isASCIILetter(r rune) bool { return r|0x20 >= 'a' && r|0x20 <= 'z' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// joins reports whether what follows an apostrophe belongs to the word before it,
// as in "can't" and "I'm"; in "l'avion" it is a word of its own.
func joins(s string) bool {
	n := 0
	for n < len(s) && isASCIILetter(rune(s[n])) {
		n++
	}
	if n < len(s) && s[n] >= utf8.RuneSelf {
		return false
	}
	for _, end := range [...]string{"t", "m", "s", "d", "re", "ve", "ll"} {
		if strings.EqualFold(s[:n], end) {
			return true
		}
	}
	return false
}
