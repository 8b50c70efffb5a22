package model

import (
	"encoding/binary"
	"math"

	"ines/shared/classify/feature"
)

// Answer is the best label for a text.
type Answer struct {
	Label       int
	Probability float64
	// Inside is how likely the text is about any of the labels; 1 for a model that
	// was not taught what is foreign: that one turns away only
	// what has no word that it knows.
	Inside  float64
	InScope bool
	// Sure says that the label's threshold for the wanted precision is reached.
	Sure bool
}

// Answer picks the best label. Score has filled s from the same features.
func (m *Model) Answer(features []feature.Feature, s *Scratch) Answer {
	a := Answer{Inside: 1, InScope: true}
	for k, p := range s.Probs {
		if p > s.Probs[a.Label] {
			a.Label = k
		}
	}
	a.Probability = float64(s.Probs[a.Label])
	if m.Reject == (Reject{}) {
		a.InScope = s.known > 0 || s.words == 0 && len(s.hits) > 0 // some heads go by letters alone
	} else {
		a.Inside = m.Reject.Inside(m.Evidence(features, s))
		a.InScope = a.Inside >= m.Reject.Threshold
	}
	a.Sure = a.InScope && (len(m.Thresholds) == 0 || a.Probability >= m.Thresholds[a.Label])
	return a
}

// Evidence is what tells foreign texts from those that a model can know.
type Evidence [7]float64

// Inside is the probability that a text with this evidence is about a label.
func (r *Reject) Inside(e Evidence) float64 {
	z := r.Weights[len(e)]
	for i, v := range e {
		z += float64(r.Weights[i] * v)
	}
	return 1 / (1 + math.Exp(-z))
}

// Evidence works out the seven numbers: the best margin, its lead, the nearness to
// the label's centre, the share of the words that is known
// (a rare word counts more), the best probability, the soft maximum
// of all margins, and the log of the length.
func (m *Model) Evidence(features []feature.Feature, s *Scratch) Evidence {
	best := 0
	for k, v := range s.Margins {
		if v > s.Margins[best] {
			best = k
		}
	}
	clear(s.sketch[:])
	var dot, mine float64
	centre := m.sketches[best*sketchSize : (best+1)*sketchSize]
	for i := range s.hits {
		h := &s.hits[i]
		at, v := sketchAt(features[h.at.index()].Hash, h.value)
		was := s.sketch[at]
		s.sketch[at] = was + v
		dot += float64(float64(v) * float64(int8(centre[at])))
		mine += float64(float64(v) * float64(was+was+v)) // by how much the cell's square grows
	}
	its := float64(binary.LittleEndian.Uint32(m.squares[4*best:]))
	cosine := 0.0
	if mine > 0 && its > 0 {
		cosine = dot / math.Sqrt(mine*its)
	}
	return Weigh(s.Margins, s.Probs, s.level, cosine, s.Known(), s.words)
}

// Weigh puts the numbers together; training does the same with scores of its own.
func Weigh(margins, probs []float32, level, cosine, known float64, words int) Evidence {
	first, second, p := math.Inf(-1), math.Inf(-1), 0.0
	for k, v := range margins {
		switch x := float64(v); {
		case x > first:
			first, second = x, first
		case x > second:
			second = x
		}
		p = max(p, float64(probs[k]))
	}
	return Evidence{first, first - second, cosine, known, p, level, math.Log(1 + float64(words))}
}

// Sketch adds a text's values to a sketch of sketchSize numbers, which keeps angles
// between texts roughly and needs no room for every feature.
func Sketch(into []float64, hash uint64, value float32) {
	at, signed := sketchAt(hash, value)
	into[at] += float64(signed)
}

// NewSketch makes an empty one.
func NewSketch() []float64 { return make([]float64, sketchSize) }

// sketchAt is the number of a sketch that a feature's value is added to, and whether
// it is taken away from it: for half of the features, so that those that share a
// number don't add up.
func sketchAt(hash uint64, value float32) (at int, signed float32) {
	return int(hash >> 48 % sketchSize), math.Float32frombits(math.Float32bits(value) ^ uint32(hash>>63)<<31)
}
