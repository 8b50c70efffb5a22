package model

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"ines/shared/classify/feature"
)

// A shelf is a part of the rows with a perfect hash: a feature can be in one row
// only, so finding it takes no search, and a search is what a processor guesses
// wrong. A feature's bucket has a seed, the smallest that put all features of that
// bucket into rows that were free. A row that stayed empty has fingerprint 0; a feature
// that has it too would weigh nothing.
//
// The first shelf has the features of most texts, as many as fit into commonBytes.
// Most of a text is found there, and it stays in the processor's nearer memory.
type shelf struct {
	first   uint64 // its first row among all
	rows    uint64 // some of them empty
	buckets uint64
	seeds   []byte // uint16 a bucket
}

const (
	commonBytes = 384 << 10 // of a megabyte that a processor has to itself, as a rule
	perBucket   = 4         // features, on average
)

// shelves are how many features go where, of so many with rows so wide. The second
// one is left out if nothing is on it.
func shelves(features, width int) []int {
	if common := commonBytes / (headSize + width); features > common {
		return []int{common, features - common}
	}
	return []int{features}
}

// room is how many rows and buckets a shelf has for so many features. One row in
// thirty stays empty, or the last seeds would take long to find.
func room(features int) (rows, buckets int) {
	return features + features/32 + 1, features/perBucket + 1
}

// bucket is which of so many a feature is in.
func bucket(hash, buckets uint64) uint64 { return hash >> 32 * buckets >> 32 }

// place is which of so many rows a seed puts a feature into.
func place(hash uint64, seed uint16, rows uint64) uint64 {
	const spread, stir = 0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93
	return (hash ^ uint64(seed)*spread) * stir >> 32 * rows >> 32
}

// at is a row among all of a model's, in the upper half, and a feature among a text's.
type at uint64

func (a at) row() int   { return int(a >> 32) }
func (a at) index() int { return int(uint32(a)) }

// probe is where a feature can be.
type probe struct {
	at   at
	hash uint64
}

// row is where on the shelf a feature can be.
func (s *shelf) row(hash uint64) uint64 {
	b := 2 * bucket(hash, s.buckets)
	return s.first + place(hash, binary.LittleEndian.Uint16(s.seeds[b:b+2:b+2]), s.rows)
}

// aim works out where those features can be that are of some kinds.
func (s *shelf) aim(features []feature.Feature, kinds feature.Set, probes []probe) []probe {
	here, n := *s, 0
	probes = probes[:len(features)]
	for i := range features {
		f := &features[i]
		p := &probes[n]
		p.at, p.hash = at(here.row(f.Hash)<<32|uint64(i)), f.Hash
		n += int(kinds >> (f.Kind & 15) & 1)
	}
	return probes[:n]
}

// again works out where those probes go that are left from another shelf.
func (s *shelf) again(probes []probe, left []int32) []probe {
	here := *s
	for n, i := range left {
		p := probes[i]
		p.at = at(here.row(p.hash)<<32 | uint64(uint32(p.at)))
		probes[n] = p
	}
	return probes[:len(left)]
}

// plant finds the seeds of a shelf, the fullest buckets' first, and says which of the
// features is in which row: -1 where none is.
func plant(hashes []uint64) (seeds []byte, rows []int, err error) {
	n, buckets := room(len(hashes))
	rows = slices.Repeat([]int{-1}, n)
	in := make([][]int, buckets)
	for i, h := range hashes {
		b := bucket(h, uint64(buckets))
		in[b] = append(in[b], i)
	}
	order := make([]int, buckets)
	for b := range order {
		order[b] = b
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(len(in[b]), len(in[a])) })
	seeds = make([]byte, 2*buckets)
	for _, b := range order {
		seed, ok := settle(in[b], hashes, rows)
		if !ok {
			return nil, nil, fmt.Errorf("no seed finds rows for the %d features of bucket %d", len(in[b]), b)
		}
		binary.LittleEndian.PutUint16(seeds[2*b:], seed)
	}
	return seeds, rows, nil
}

// settle tries seeds for a bucket until its features have rows of their own.
func settle(features []int, hashes []uint64, rows []int) (uint16, bool) {
	for seed := range 1 << 16 {
		done := 0
		for _, i := range features {
			row := place(hashes[i], uint16(seed), uint64(len(rows)))
			if rows[row] >= 0 {
				break
			}
			rows[row] = i
			done++
		}
		if done == len(features) {
			return uint16(seed), true
		}
		for _, i := range features[:done] {
			rows[place(hashes[i], uint16(seed), uint64(len(rows)))] = -1
		}
	}
	return 0, false
}
