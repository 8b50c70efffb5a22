package model

import (
	"encoding/binary"
	"math"

	"ines/shared/classify/feature"
)

// Scratch is the room that scoring needs: one for each goroutine and model. The
// zero value is ready; once grown, scoring allocates nothing.
type Scratch struct {
	Margins []float32 // a label each, set by Score
	Probs   []float32 // set by Score; they add up to 1

	hits    []hit
	sums    []uint64
	sketch  [sketchSize]float32
	words   int
	rare    float64 // the rarity of all words together
	known   float64 // and of those that the model knows
	most    float32 // of the hits' loud
	quantum float64 // what 1 of a hit's level stands for
	level   float64 // Temperature times the log of the sum of exponents
}

// hit is a known feature of the text.
type hit struct {
	row   int32 // where it begins
	index int32 // among the text's features
	value float32
	loud  float32 // value times scale
	scale uint16  // of the row
	block uint8   // see feature.Kind.Block
	level uint8
}

// Known is the share of the text's words that the model knows, a rare one counting
// more. Score has filled s.
func (s *Scratch) Known() float64 {
	if s.rare == 0 {
		return 0
	}
	return s.known / s.rare
}

// Value is a feature's weight in a text before the text is brought to length 1.
func Value(count uint16, idf float64) float64 {
	if int(count) < len(growth) {
		return float64(growth[count] * idf)
	}
	return float64((1 + math.Log(float64(count))) * idf)
}

// growth is by how much a feature counts more that is in a text so often.
var growth = func() (g [32]float64) {
	for n := range g[1:] {
		g[n+1] = 1 + math.Log(float64(n+1))
	}
	return g
}()

// Score weighs a text's features for all labels.
func (m *Model) Score(features []feature.Feature, s *Scratch) {
	m.gather(features, s)
	m.multiply(s)
	m.soften(s)
}

// gather finds the features that the model knows, each with its value once the
// text's blocks have length 1.
func (m *Model) gather(features []feature.Feature, s *Scratch) {
	if cap(s.hits) < len(features) {
		s.hits = make([]hit, len(features)+len(features)/2)
	}
	hits, n := s.hits[:len(features)], 0
	s.words, s.rare, s.known = 0, 0, 0
	var pieces, words, senses float64 // squared lengths of the blocks
	for i := range features {
		f := &features[i]
		if !m.Kinds.Has(f.Kind) {
			continue
		}
		row := m.find(f.Hash)
		if row < 0 {
			if f.Kind == feature.Word {
				s.words++
				s.rare += m.Rarest
			}
			continue
		}
		head := binary.LittleEndian.Uint64(m.rows[row:])
		idf := float64(uint16(head>>(8*idfAt))) * (1.0 / idfUnit)
		if f.Kind == feature.Word {
			s.words++
			s.rare += idf
			s.known += idf
		}
		v := idf
		if f.Count > 1 {
			v = Value(f.Count, idf)
		}
		block := f.Kind.Block()
		switch block {
		case 0:
			pieces += float64(v * v)
		case 1:
			words += float64(v * v)
		default:
			senses += float64(v * v)
		}
		// One by one: a copy of the whole would have to wait for all of them.
		h := &hits[n]
		h.row, h.index = int32(row), int32(i)
		h.value, h.scale, h.block = float32(v), uint16(head>>(8*scaleAt)), uint8(block)
		n++
	}
	s.hits = hits[:n]
	var length [4]float32
	for b, squares := range [feature.Blocks]float64{pieces, words, senses} {
		length[b] = float32(1 / math.Sqrt(max(squares, 1e-12)))
	}
	most := float32(0)
	for i := range s.hits {
		h := &s.hits[i]
		h.value *= length[h.block&3]
		h.loud = h.value * float32(h.scale)
		if h.loud > most {
			most = h.loud
		}
	}
	s.most = most
}

// topLevel is the highest level of a hit. Four products of a level and a byte add up
// to less than 2^16.
const topLevel = 63

// multiply adds up the rows. A row's weights are bytes, eight of them to a machine
// word, and the values become whole numbers: four products fit into one
// multiplication, and four rows into one addition. Whole numbers also add up to the
// same on every processor.
func (m *Model) multiply(s *Scratch) {
	if n := m.width / 2; cap(s.sums) < n {
		s.sums = make([]uint64, n)
		s.Margins, s.Probs = make([]float32, len(m.Labels)), make([]float32, len(m.Labels))
	}
	sums := s.sums[:m.width/2]
	clear(sums)
	s.Margins, s.Probs = s.Margins[:len(m.Labels)], s.Probs[:len(m.Labels)]
	perLevel := float32(0)
	if s.most > 0 {
		perLevel = topLevel / s.most
	}
	total := uint64(0)
	var rows [4][]byte
	var levels [4]uint64
	waiting := 0
	for i := range s.hits {
		h := &s.hits[i]
		level := uint32(float32(h.loud*perLevel) + 0.5)
		if h.level = uint8(min(level, topLevel)); h.level == 0 {
			continue
		}
		total += uint64(h.level)
		at := int(h.row) + weightsAt
		rows[waiting&3], levels[waiting&3] = m.rows[at:at+m.width], uint64(h.level)
		if waiting++; waiting == 4 {
			accumulate(sums, &rows, &levels)
			waiting = 0
		}
	}
	if waiting > 0 {
		for i := waiting; i < 4; i++ {
			rows[i], levels[i] = rows[0], 0
		}
		accumulate(sums, &rows, &levels)
	}
	s.quantum = float64(s.most) / topLevel * m.Unit
	for k := range s.Margins {
		lane := sums[k/8*4+k%4] >> (k % 8 / 4 * 32) & math.MaxUint32
		s.Margins[k] = float32(m.Bias[k] + float64(s.quantum*float64(int64(lane)-128*int64(total))))
	}
}

// accumulate adds each row's bytes, times its level, to their lanes of 32 bits. Byte
// i of eight is in sums[i%4], in the upper half from 4 on. A text has less than 2^18
// features, so no lane runs over.
func accumulate(sums []uint64, rows *[4][]byte, levels *[4]uint64) {
	const bytes, halves = 0x00FF00FF00FF00FF, 0x0000FFFF0000FFFF
	a, la := rows[0], levels[0]
	b, lb := rows[1][:len(a)], levels[1]
	c, lc := rows[2][:len(a)], levels[2]
	d, ld := rows[3][:len(a)], levels[3]
	for i := 0; i+8 <= len(a) && len(sums) >= 4; i += 8 {
		w, x := binary.LittleEndian.Uint64(a[i:]), binary.LittleEndian.Uint64(b[i:])
		y, z := binary.LittleEndian.Uint64(c[i:]), binary.LittleEndian.Uint64(d[i:])
		even := (w&bytes)*la + (x&bytes)*lb + (y&bytes)*lc + (z&bytes)*ld
		odd := (w>>8&bytes)*la + (x>>8&bytes)*lb + (y>>8&bytes)*lc + (z>>8&bytes)*ld
		sums[0] += even & halves
		sums[1] += odd & halves
		sums[2] += even >> 16 & halves
		sums[3] += odd >> 16 & halves
		sums = sums[4:]
	}
}

func (m *Model) soften(s *Scratch) { s.level = m.Soften(s.Probs, s.Margins) }
