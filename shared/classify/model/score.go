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
	quantum float64 // what 1 of a hit's level stands for
	level   float64 // Temperature times the log of the sum of exponents
}

// hit is a known feature of the text.
type hit struct {
	row   int32
	index int32 // among the text's features
	value float32
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
// text's two blocks have length 1.
func (m *Model) gather(features []feature.Feature, s *Scratch) {
	s.hits, s.words, s.rare, s.known = s.hits[:0], 0, 0, 0
	var words, pieces float64
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
		idf := float64(binary.LittleEndian.Uint16(m.idf[2*row:])) * (1.0 / idfUnit)
		if f.Kind == feature.Word {
			s.words++
			s.rare += idf
			s.known += idf
		}
		v := Value(f.Count, idf)
		if f.Kind.Words() {
			words += v * v
		} else {
			pieces += v * v
		}
		s.hits = append(s.hits, hit{row: int32(row), index: int32(i), value: float32(v)})
	}
	lengthWords, lengthPieces := float32(1/math.Sqrt(max(words, 1e-12))), float32(1/math.Sqrt(max(pieces, 1e-12)))
	for i := range s.hits {
		h := &s.hits[i]
		if features[h.index].Kind.Words() {
			h.value *= lengthWords
		} else {
			h.value *= lengthPieces
		}
	}
}

// multiply adds up the rows. A row's weights are bytes, eight of them to a machine
// word: the values become whole numbers below 256 and four products fit into one
// multiplication. Whole numbers also add up to the same on every processor.
func (m *Model) multiply(s *Scratch) {
	most := 0.0
	for i := range s.hits {
		h := &s.hits[i]
		most = max(most, float64(h.value)*float64(binary.LittleEndian.Uint16(m.scale[2*h.row:])))
	}
	if n := m.width / 2; cap(s.sums) < n {
		s.sums = make([]uint64, n)
		s.Margins, s.Probs = make([]float32, len(m.Labels)), make([]float32, len(m.Labels))
	}
	sums := s.sums[:m.width/2]
	clear(sums)
	s.Margins, s.Probs = s.Margins[:len(m.Labels)], s.Probs[:len(m.Labels)]
	perLevel := 0.0
	if most > 0 {
		perLevel = 255 / most
	}
	total := uint64(0)
	for i := range s.hits {
		h := &s.hits[i]
		level := uint64(float64(h.value)*float64(binary.LittleEndian.Uint16(m.scale[2*h.row:]))*perLevel + 0.5)
		h.level = uint8(min(level, 255))
		if h.level == 0 {
			continue
		}
		total += uint64(h.level)
		at := int(h.row) * m.width
		accumulate(sums, m.rows[at:at+m.width], uint64(h.level))
	}
	s.quantum = most / 255 * m.Unit
	for k := range s.Margins {
		lane := sums[k/8*4+k%4] >> (k % 8 / 4 * 32) & math.MaxUint32
		s.Margins[k] = float32(m.Bias[k] + s.quantum*float64(int64(lane)-128*int64(total)))
	}
}

// accumulate adds level times each byte of the row to its lane of 32 bits. Byte i
// of eight is in sums[i%4], in the upper half from 4 on. A text has less than 2^16
// features, so no lane runs over.
func accumulate(sums []uint64, row []byte, level uint64) {
	const bytes, halves = 0x00FF00FF00FF00FF, 0x0000FFFF0000FFFF
	for len(row) >= 8 && len(sums) >= 4 {
		x := binary.LittleEndian.Uint64(row)
		even, odd := (x&bytes)*level, (x>>8&bytes)*level
		sums[0] += even & halves
		sums[1] += odd & halves
		sums[2] += even >> 16 & halves
		sums[3] += odd >> 16 & halves
		row, sums = row[8:], sums[4:]
	}
}

func (m *Model) soften(s *Scratch) { s.level = Softmax(s.Probs, s.Margins, m.Temperature) }

// Softmax turns margins into probabilities. It returns their level: a soft maximum,
// the temperature times the logarithm of the sum of exponents.
func Softmax(out, margins []float32, temperature float64) (level float64) {
	top := margins[0]
	for _, v := range margins {
		top = max(top, v)
	}
	sum := 0.0
	for k, v := range margins {
		e := math.Exp(float64(v-top) / temperature)
		out[k] = float32(e)
		sum += e
	}
	for k := range out[:len(margins)] {
		out[k] = float32(float64(out[k]) / sum)
	}
	return float64(top) + temperature*math.Log(sum)
}
