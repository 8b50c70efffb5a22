package feature

import (
	"math"
	"unicode/utf8"
)

// What is read of a message, in bytes. A matter is stated at the start; the limit
// keeps a pasted log from costing milliseconds.
const (
	MaxSubject = 512
	MaxText    = 4096
)

// Reader reads texts one after another, in room that it uses again: once grown, it
// allocates nothing. It is not safe for concurrent use. The zero value is ready.
type Reader struct {
	runes    []rune // the words one after another, normalised
	tokens   []token
	features []Feature
	slots    []slot // finds a feature again that the text has had already
	cues     []string
	whole    int    // where the features begin that are pieces
	turn     uint32 // slots of an earlier turn are empty
}

type token struct {
	start, end int32 // in runes
	hash       uint64
	whole      bool // not taken to pieces: masks, marks, single signs
}

type slot struct{ turn, feature uint32 }

// Read takes in a message. What Features and Token returned before is lost.
func (r *Reader) Read(subject, text string) {
	r.runes, r.tokens, r.features = r.runes[:0], r.tokens[:0], r.features[:0]
	r.cues = r.cues[:0]
	if r.turn++; r.turn == 0 || r.slots == nil {
		r.slots, r.turn = make([]slot, 1<<11), 1
	}
	if subject != "" {
		r.scan(clip(subject, MaxSubject))
	}
	r.scan(clip(text, MaxText))
	r.words()
	r.whole = len(r.features)
	r.pieces()
}

// Cue adds something that another reader found in the text: a name that is a
// feature of its own.
func (r *Reader) Cue(name string) { r.named(Cue, name) }

// Sense adds what a word of the text means, in whatever language it is.
func (r *Reader) Sense(name string) { r.named(Sense, name) }

func (r *Reader) named(k Kind, name string) {
	h := uint64(seedCue)
	for i := range len(name) {
		h = step(h, uint64(name[i]))
	}
	r.cues = append(r.cues, name)
	r.add(k, h, len(r.cues)-1)
}

// CueName is the name of a cue or a sense, by its feature's Token.
func (r *Reader) CueName(i int) string {
	if i < 0 || i >= len(r.cues) {
		return ""
	}
	return r.cues[i]
}

// Features are those of the text, each once, in the order of their first use.
func (r *Reader) Features() []Feature { return r.features }

// Pieces are the first n of the features that are pieces of words.
func (r *Reader) Pieces(n int) []Feature {
	return r.features[r.whole:min(r.whole+n, len(r.features))]
}

// Tokens is how many words, masks and marks the text has.
func (r *Reader) Tokens() int { return len(r.tokens) }

// Token is a word of the text as it was read.
func (r *Reader) Token(i int) string {
	if i < 0 || i >= len(r.tokens) {
		return ""
	}
	return string(r.runes[r.tokens[i].start:r.tokens[i].end])
}

// Normal appends the text as it was read: two texts with the same one differ in
// nothing that matters.
func (r *Reader) Normal(b []byte) []byte {
	for i, t := range r.tokens {
		if i > 0 {
			b = append(b, ' ')
		}
		for _, c := range r.runes[t.start:t.end] {
			b = utf8.AppendRune(b, c)
		}
	}
	return b
}

func (r *Reader) words() {
	for i := range r.tokens {
		t := &r.tokens[i]
		h := uint64(seedWord)
		for _, c := range r.runes[t.start:t.end] {
			h = step(h, uint64(c))
		}
		t.hash = h
		r.add(Word, h, i)
		if i > 0 {
			r.add(Pair, step(step(seedPair, r.tokens[i-1].hash), h), i-1)
		}
		if i > 1 {
			r.add(Skip, step(step(seedSkip, r.tokens[i-2].hash), h), i-2)
		}
	}
}

// pieces adds the pieces of each word. Its ends are characters too, so that "un-"
// at the start and in the middle differ.
func (r *Reader) pieces() {
	for i := range r.tokens {
		t := r.tokens[i]
		if t.whole {
			if t.end-t.start == 1 {
				r.add(Char1, step(seedChar, uint64(r.runes[t.start])), i)
			}
			continue
		}
		r.piecesOf(r.runes[t.start:t.end], uint16(min(i, math.MaxUint16)))
	}
}

// piecesOf is add for all pieces of a word, most of what a text has: there is room for
// them before the first, so that none has to look.
func (r *Reader) piecesOf(word []rune, token uint16) {
	n := len(r.features)
	most := n + 5*(len(word)+1)
	if most > cap(r.features) {
		r.features = append(make([]Feature, 0, 2*most), r.features...)
	}
	for most*2 > len(r.slots) {
		r.grow()
	}
	features, slots, turn := r.features[:most], r.slots, r.turn
	mask := uint32(len(slots) - 1)
	for from := -1; from < len(word); from++ {
		h := uint64(seedChar)
		for long := range min(5, len(word)+1-from) {
			c := rune(' ')
			if at := from + long; uint(at) < uint(len(word)) {
				c = word[at]
			}
			h = step(h, uint64(c))
			if long == 0 && c == ' ' {
				continue
			}
			k := Char1 + Kind(long)
			hash := finish(h + uint64(k)*odd)
			for at := uint32(hash>>20) & mask; ; at = (at + 1) & mask {
				s := slots[at]
				if s.turn != turn {
					slots[at] = slot{turn, uint32(n)}
					features[n] = Feature{Hash: hash, Count: 1, Token: token, Kind: k}
					n++
					break
				}
				if f := &features[s.feature]; f.Hash == hash {
					if f.Count < math.MaxUint16 {
						f.Count++
					}
					break
				}
			}
		}
	}
	r.features = features[:n]
}

func (r *Reader) add(k Kind, h uint64, token int) {
	h = finish(h + uint64(k)*odd)
	mask := uint32(len(r.slots) - 1)
	at := uint32(h>>20) & mask
	for ; r.slots[at].turn == r.turn; at = (at + 1) & mask {
		if f := &r.features[r.slots[at].feature]; f.Hash == h {
			if f.Count < math.MaxUint16 {
				f.Count++
			}
			return
		}
	}
	r.slots[at] = slot{r.turn, uint32(len(r.features))}
	r.features = append(r.features, Feature{Hash: h, Count: 1, Token: uint16(min(token, math.MaxUint16)), Kind: k})
	if len(r.features)*2 > len(r.slots) {
		r.grow()
	}
}

func (r *Reader) grow() {
	r.slots = make([]slot, 2*len(r.slots))
	mask := uint32(len(r.slots) - 1)
	for i, f := range r.features {
		at := uint32(f.Hash>>20) & mask
		for r.slots[at].turn == r.turn {
			at = (at + 1) & mask
		}
		r.slots[at] = slot{r.turn, uint32(i)}
	}
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
