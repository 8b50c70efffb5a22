// Package feature turns a text into the features that every head weighs: words,
// pairs of words and pieces of words, as 64-bit hashes. One pass serves all heads.
//
// A hash is part of the model file's format: a change of what is read here, or of
// how it is hashed, raises Version.
package feature

// Version of the reading. A model that was trained with another one is refused.
const Version = 1

// Kind is what a feature is of. A head says which kinds it looks at.
type Kind uint8

const (
	Word  Kind = iota // one word, number mask, emoji or mark
	Pair              // two words in a row
	Skip              // two words with one between them
	Char1             // pieces of a word of 1 to 5 characters, its ends included
	Char2
	Char3
	Char4
	Char5
	Cue   // what another reader of the text found: see Reader.Cue
	Sense // what a word means, as another reader knows: see Reader.Sense
	kinds
)

// Set is a set of kinds.
type Set uint16

// Of makes a set.
func Of(kinds ...Kind) (s Set) {
	for _, k := range kinds {
		s |= 1 << k
	}
	return s
}

// Has reports whether k is in the set.
func (s Set) Has(k Kind) bool { return s>>k&1 == 1 }

// Text is the set that topics are told by. Pieces are what is left of a word when
// it is misspelt or bent; pairs keep some of the order.
var Text = Of(Word, Pair, Skip, Char2, Char3, Char4, Char5)

// Letters is the set that languages are told by.
var Letters = Of(Char1, Char2, Char3, Char4)

// Block is the part of a text's features that k belongs to: pieces, whole words or
// senses. Each block is brought to length 1 by itself, or the many pieces would
// drown the few words.
func (k Kind) Block() int { return int(blocks[k]) }

// Blocks is how many there are.
const Blocks = 3

var blocks = [256]uint8{Word: 1, Pair: 1, Skip: 1, Cue: 1, Sense: 2}

// Feature is one feature of a text.
type Feature struct {
	Hash  uint64
	Count uint16 // how often it is in the text
	Token uint16 // where it is first: an index for Reader.Token
	Kind  Kind
}

const (
	seedWord = 0x243F6A8885A308D3
	seedPair = 0x13198A2E03707344
	seedSkip = 0xA4093822299F31D0
	seedChar = 0x082EFA98EC4E6C89
	seedCue  = 0x452821E638D01377
	odd      = 0x9E3779B97F4A7C15
)

// step takes one more character, or word, into a hash.
func step(h, x uint64) uint64 {
	h = (h ^ x) * odd
	return h ^ h>>29
}

// finish spreads a hash over all its bits: both halves are used as addresses.
func finish(h uint64) uint64 {
	h = (h ^ h>>32) * 0xD6E8FEB86659FD93
	return h ^ h>>32
}
