package classify

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"math/bits"
)

// Words are the word lists and a desk's topics' own words, made ready: tables in one
// piece of memory, used in place. NewWords makes them, which takes milliseconds;
// OpenWords takes what was made before. They never change and are safe for concurrent
// use.
//
// The tables, one after the other, of little-endian numbers: the header; slots of a
// hash table (a word's number + 1, and the upper bits of its hash); a record a word,
// and one more; the phrases, each word's together and the longest first; the numbers
// of the words that phrases go on with; the weights of languages that words have; the
// words' letters; the names of topics and senses.
type Words struct {
	file []byte

	mask                                      uint32 // of slots
	slots, words, phrases, rest, weights, all []byte
	topics, senses                            []string
}

const (
	wordsMagic  = "INESWORD"
	wordsFormat = 1
	ownerSize   = 24 // of what the tables are of: a policy's hash
	wordsHeader = len(wordsMagic) + 4 + 8 + ownerSize + 4*tableCount

	// The tables' sizes are in the header, in bytes.
	tableCount = 7

	wordSize   = 12             // where its letters begin, its first phrase, its weights, its marks
	phraseSize = 16             // its second word, where it goes on, the topic or sense, how many words, group, signal
	slotWord   = 1<<20 - 1      // the part of a slot that is a word's number + 1
	alone      = math.MaxUint32 // for the second word of a phrase of one
)

// The marks of a word.
const (
	markJoins   = 1 << iota // begins a clause
	markTopical             // is a topic's word by itself, or has a sense
	markAims                // a name that follows is the one it is for: "help Leo"
)

// Errors of OpenWords.
var (
	ErrNotWords     = errors.New("it is no file of words")
	ErrWordsDamaged = errors.New("the file of words is damaged")
	ErrOtherWords   = errors.New("the file of words is of another ines or another desk policy")
)

// File is what OpenWords takes, marked as that of an owner: at most 24 bytes, such as
// a policy's hash. The same lists and topics give the same bytes.
func (l *Words) File(owner string) []byte {
	file := bytes.Clone(l.file)
	at := file[len(wordsMagic)+12:][:ownerSize]
	clear(at)
	copy(at, owner)
	binary.LittleEndian.PutUint64(file[len(wordsMagic)+4:], mixed(file[len(wordsMagic)+12:]))
	return file
}

// OpenWords uses a file's bytes in place: they must not change.
func OpenWords(file []byte, owner string) (*Words, error) {
	if err := WholeWords(file, int64(len(file)), owner); err != nil {
		return nil, err
	}
	head := file[len(wordsMagic):]
	if binary.LittleEndian.Uint64(head[4:]) != mixed(head[12:]) {
		return nil, ErrWordsDamaged
	}
	l := &Words{file: file}
	var names []byte
	tables := file[wordsHeader:]
	for i, into := range [tableCount]*[]byte{&l.slots, &l.words, &l.phrases, &l.rest, &l.weights, &l.all, &names} {
		n := int(binary.LittleEndian.Uint32(head[12+ownerSize+4*i:]))
		*into, tables = tables[:n:n], tables[n:]
	}
	if len(l.slots) < 8 || bits.OnesCount(uint(len(l.slots))) != 1 || len(l.words) < wordSize {
		return nil, ErrWordsDamaged
	}
	l.mask = uint32(len(l.slots)/4 - 1)
	// The first name is of as many that are topics.
	list := bytes.Split(names, []byte{0})
	if len(list) < len(senses) {
		return nil, ErrOtherWords
	}
	for i, name := range list {
		if i < len(list)-len(senses) {
			l.topics = append(l.topics, string(name))
		} else {
			l.senses = append(l.senses, string(name))
		}
	}
	return l, nil
}

// WordsHeadSize is how much of a file WholeWords wants.
const WordsHeadSize = wordsHeader

// WholeWords checks by a file's first WordsHeadSize bytes and its size that it is a
// file of words, of that owner, and all there.
func WholeWords(begin []byte, size int64, owner string) error {
	if len(begin) < wordsHeader || string(begin[:len(wordsMagic)]) != wordsMagic {
		return ErrNotWords
	}
	head := begin[len(wordsMagic):wordsHeader]
	if binary.LittleEndian.Uint32(head) != wordsFormat {
		return ErrOtherWords
	}
	want := int64(wordsHeader)
	for i := range tableCount {
		want += int64(binary.LittleEndian.Uint32(head[12+ownerSize+4*i:]))
	}
	if size != want {
		return ErrWordsDamaged
	}
	if string(bytes.TrimRight(head[12:12+ownerSize], "\x00")) != owner {
		return ErrOtherWords
	}
	return nil
}

// mixed is a checksum that takes eight bytes at a time.
func mixed(b []byte) uint64 {
	h := uint64(len(b)) * mixer
	for ; len(b) >= 8; b = b[8:] {
		h = bits.RotateLeft64(h^binary.LittleEndian.Uint64(b), 29) * mixer
	}
	for _, c := range b {
		h = bits.RotateLeft64(h^uint64(c), 29) * mixer
	}
	return h ^ h>>32
}

const mixer = 0x9E3779B97F4A7C15 // odd, its bits evenly spread: the golden ratio's

// hashOf spreads words over the slots.
func hashOf(w []byte) uint32 {
	h := uint64(len(w)) * mixer
	for ; len(w) >= 8; w = w[8:] {
		h = (h ^ binary.LittleEndian.Uint64(w)) * mixer
		h ^= h >> 32
	}
	switch n := len(w); {
	case n >= 4:
		h ^= uint64(binary.LittleEndian.Uint32(w)) | uint64(binary.LittleEndian.Uint32(w[n-4:]))<<32
	case n > 0:
		h ^= uint64(w[0]) | uint64(w[n/2])<<8 | uint64(w[n-1])<<16
	}
	h *= mixer
	return uint32(h >> 32)
}

// id is a word's number, or -1.
func (l *Words) id(w []byte) int32 {
	h := hashOf(w)
	for i := h & l.mask; ; i = (i + 1) & l.mask {
		slot := binary.LittleEndian.Uint32(l.slots[4*i:])
		if slot == 0 {
			return -1
		}
		if id := int32(slot&slotWord) - 1; slot>>20 == h>>20 && string(l.letters(id)) == string(w) {
			return id
		}
	}
}

func (l *Words) letters(id int32) []byte {
	at := l.words[wordSize*int(id):]
	return l.all[binary.LittleEndian.Uint32(at):binary.LittleEndian.Uint32(at[wordSize:])]
}

// starts are the records of the phrases that begin with a word.
func (l *Words) starts(id int32) []byte {
	at := l.words[wordSize*int(id)+4:]
	return l.phrases[phraseSize*int(binary.LittleEndian.Uint32(at)) : phraseSize*int(binary.LittleEndian.Uint32(at[wordSize:]))]
}

func (l *Words) has(id int32, mark uint16) bool {
	return binary.LittleEndian.Uint16(l.words[wordSize*int(id)+10:])&mark != 0
}

// weigh adds what a word says about the language.
func (l *Words) weigh(id int32, evidence *[languageCount]float64) {
	at := int(binary.LittleEndian.Uint16(l.words[wordSize*int(id)+8:]))
	if at == 0 { // most say nothing
		return
	}
	for i := range evidence {
		evidence[i] += float64(math.Float32frombits(binary.LittleEndian.Uint32(l.weights[4*(at*languageCount+i):])))
	}
}

// listed is a phrase as the tables have it.
type listed struct {
	rest   []byte // the numbers of the words after the first, four bytes each
	group  group
	signal signal
	about  int // the topic or the sense
}

// phrase takes a record apart.
func (l *Words) phrase(at []byte) listed {
	at = at[:phraseSize]
	from, words := 4*int(binary.LittleEndian.Uint32(at[4:])), int(binary.LittleEndian.Uint16(at[12:]))
	return listed{rest: l.rest[from : from+4*words], about: int(binary.LittleEndian.Uint32(at[8:])), group: group(at[14]), signal: signal(at[15])}
}

// words is how many a phrase has.
func (p listed) words() int { return 1 + len(p.rest)/4 }

// follows reports whether tokens go on as the phrase does.
func (p listed) follows(tokens []token) bool {
	for i := range tokens {
		if tokens[i].word != int32(binary.LittleEndian.Uint32(p.rest[4*i:])) {
			return false
		}
	}
	return true
}

// find looks a folded word up; known says that it is there as it is written. Else
// the word may be an inflection or a compound of a known one.
func (l *Words) find(w []byte) (id int32, known bool) {
	if id := l.id(w); id >= 0 {
		return id, true
	}
	return l.akin(w, math.MaxInt32), false
}

// akin finds the word, among those before limit, that w is an inflection or a
// compound of; -1 is none.
func (l *Words) akin(w []byte, limit int32) int32 {
	n := len(w)
	if n >= 4 && w[n-1] == 's' {
		if id := l.id(w[:n-1]); id >= 0 && id < limit {
			return id
		}
	}
	const shortest = 5 // of a word inside another, in bytes
	for i := 2; i <= n-shortest && n <= 40; i++ {
		for _, piece := range [...][]byte{w[i:], w[:n-i+1]} {
			if id := l.id(piece); id >= 0 && id < limit && l.has(id, markTopical) {
				return id
			}
		}
	}
	return -1
}

// match finds the phrases of a text.
func (l *Words) match(t *reading) {
	var free [groupCount]int // the first token that a group has not used
	for i, tok := range t.tokens {
		if tok.name && i > 0 && t.tokens[i-1].part == tok.part && t.tokens[i-1].word >= 0 && l.has(t.tokens[i-1].word, markAims) {
			t.hits = append(t.hits, hit{signal: third, clause: tok.clause, at: i})
		}
		if tok.word < 0 {
			continue
		}
		next := uint32(alone)
		if i+1 < len(t.tokens) && t.tokens[i+1].word >= 0 {
			next = uint32(t.tokens[i+1].word)
		}
		for starts := l.starts(tok.word); len(starts) >= phraseSize; starts = starts[phraseSize:] {
			// A word has up to hundreds of phrases: nearly all end here.
			if second := binary.LittleEndian.Uint32(starts); second != next && second != alone {
				continue
			}
			p := l.phrase(starts)
			end := i + p.words()
			if i < free[p.group] || end > len(t.tokens) || t.tokens[end-1].part != tok.part || !p.follows(t.tokens[i+1:end]) {
				continue
			}
			free[p.group] = end
			if p.group >= topicGroup {
				t.about(p.group, p.about, end-i)
				// The same word may speak for several.
				for more := starts[phraseSize:]; len(more) >= phraseSize; more = more[phraseSize:] {
					q := l.phrase(more)
					if len(q.rest) != len(p.rest) {
						break
					}
					if q.group == p.group && q.about != p.about && bytes.Equal(q.rest, p.rest) {
						t.about(q.group, q.about, end-i)
					}
				}
				continue
			}
			t.hits = append(t.hits, hit{signal: p.signal, clause: tok.clause, at: i, end: end})
		}
	}
}

// about counts words for a topic, or notes a sense.
func (t *reading) about(g group, which, words int) {
	if g == topicGroup {
		t.topics[which] += words
		return
	}
	t.senses[which] = true
}
