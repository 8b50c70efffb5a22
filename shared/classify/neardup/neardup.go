// Package neardup finds texts that say the same in nearly the same words: a
// complaint that many paste, a message sent twice. It compares sets of words and of
// pairs of words by MinHash (Broder, "On the resemblance and containment of
// documents", 1997): 64 hashes a text, in 16 bands of 4. Two texts are looked at
// together when a band agrees, which 95 of 100 pairs do that share two thirds of
// their sets, and hardly one that shares a fifth.
//
// It imports feature, and whoever groups texts may import it.
package neardup

import (
	"math"

	"ines/shared/classify/feature"
)

const (
	bands = 16
	rows  = 4
)

// Signature stands for a text's set of words and pairs.
type Signature [bands * rows]uint32

// Sign takes what a Reader has just read; false if the text has no words, and then
// it is like no other.
func Sign(features []feature.Feature) (s Signature, ok bool) {
	for i := range s {
		s[i] = math.MaxUint32
	}
	for i := range features {
		if k := features[i].Kind; k != feature.Word && k != feature.Pair {
			continue
		}
		ok = true
		h := features[i].Hash
		a, b := uint32(h), uint32(h>>32)|1
		for j := range s { // double hashing makes 64 hashes of two
			v := a * 0x9E3779B1
			v ^= v >> 15
			s[j] = min(s[j], v*0x85EBCA6B)
			a += b
		}
	}
	return s, ok
}

// Similarity is the share of words and pairs that two texts have in common, as
// their signatures estimate it: within 0.12, two times in three within 0.06.
func Similarity(a, b *Signature) float64 {
	n := 0
	for i := range a {
		if a[i] == b[i] {
			n++
		}
	}
	return float64(n) / float64(len(a))
}

// Bands are the keys under which a text is found again: near-duplicates share one.
func (s *Signature) Bands() (keys [bands]uint64) {
	for i := range keys {
		h := uint64(i+1) * 0x9E3779B97F4A7C15
		for _, v := range s[i*rows : (i+1)*rows] {
			h = (h ^ uint64(v)) * 0xD6E8FEB86659FD93
			h ^= h >> 32
		}
		keys[i] = h
	}
	return keys
}

// Key is one key for a text by itself: equal texts have it in common, and so have
// many near ones. A cache that may miss can use it.
func (s *Signature) Key() uint64 { return s.Bands()[0] }
