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
	first   int    // its first row among all
	rows    uint64 // some of them empty
	heads   []byte // headSize a row
	buckets uint64
	seeds   []byte // uint16 a bucket
}

const (
	commonBytes = 384 << 10 // of a megabyte that a processor has to itself, as a rule
	perBucket   = 4         // features, on average
)

// shelves are how many features go where, of so many with rows so wide.
func shelves(features, width int) [2]int {
	common := min(features, commonBytes/(headSize+width))
	return [2]int{common, features - common}
}

// room is how many rows and buckets a shelf has for so many features. One row in
// thirty stays empty, or the last seeds would take long to find.
func room(features int) (rows, buckets int) {
	if features == 0 {
		return 0, 0
	}
	return features + features/32 + 1, features/perBucket + 1
}

// bucket is which of so many a feature is in.
func bucket(hash, buckets uint64) uint64 { return hash >> 32 * buckets >> 32 }

// place is which of so many rows a seed puts a feature into.
func place(hash uint64, seed uint16, rows uint64) uint64 {
	const spread, stir = 0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93
	return (hash ^ uint64(seed)*spread) * stir >> 32 * rows >> 32
}

// probe is where a feature can be, and the fingerprint that is there if it is.
type probe struct{ row, print uint32 }

// find makes hits of those features in todo that the shelf has, and leaves the others
// in todo. It says how many they are. First it works out where they can be, then it
// looks there: nothing branches on what a load brings, so the processor has many loads
// under way at a time instead of waiting for each, and both loops get by with the
// registers that there are.
func (s *shelf) find(features []feature.Feature, todo []int32, probes []probe, hits []hit) (found, left int) {
	seeds, buckets, rows := s.seeds, s.buckets, s.rows
	probes = probes[:len(todo)]
	for i, index := range todo {
		hash := features[index].Hash
		at := 2 * bucket(hash, buckets)
		probes[i] = probe{uint32(place(hash, binary.LittleEndian.Uint16(seeds[at:at+2:at+2]), rows)), uint32(hash)}
	}
	heads, first := s.heads, int32(s.first)
	for i, p := range probes {
		at := headSize * int(p.row)
		head := binary.LittleEndian.Uint64(heads[at : at+headSize : at+headSize])
		index := todo[i]
		h := &hits[found]
		h.row, h.index = first+int32(p.row), index
		h.value, h.scale = float32(uint16(head>>(8*idfAt))), uint16(head>>(8*scaleAt))
		todo[left] = index
		same := int((uint64(p.print^uint32(head)) - 1) >> 63)
		found += same
		left += 1 - same
	}
	return found, left
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
