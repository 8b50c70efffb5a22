package model

import (
	"strings"

	"ines/shared/classify/feature"
	"ines/shared/sorting"
)

// Reason is a part of the text and how much it spoke for a label, against the
// average of the others.
type Reason struct {
	Words  string
	Weight float64
}

// Why lists the n parts of the text that weighed most for a label, the heaviest
// first. A word's pieces count for the word. Score has filled s from what r read
// last. It is for people: it allocates.
func (m *Model) Why(r *feature.Reader, s *Scratch, label, n int) []Reason {
	features := r.Features()
	weights := map[string]float64{}
	perLoud := s.perLoud()
	for i := range s.hits {
		h := &s.hits[i]
		row := m.row(h.at.row())
		mean := 0.0
		for k := range m.Labels {
			if k != label {
				mean += float64(row[k])
			}
		}
		mean /= float64(len(m.Labels) - 1)
		weights[words(r, features[h.at.index()])] += s.quantum * float64(h.level(perLoud)) * (float64(row[label]) - mean)
	}
	var reasons []Reason
	for w, v := range weights {
		if v > 0 {
			reasons = append(reasons, Reason{w, v})
		}
	}
	sorting.By(reasons, func(a, b Reason) int {
		switch {
		case a.Weight > b.Weight:
			return -1
		case a.Weight < b.Weight:
			return 1
		}
		return strings.Compare(a.Words, b.Words)
	})
	return reasons[:min(n, len(reasons))]
}

func words(r *feature.Reader, f feature.Feature) string {
	at := int(f.Token)
	switch f.Kind {
	case feature.Pair:
		return r.Token(at) + " " + r.Token(at+1)
	case feature.Skip:
		return r.Token(at) + " … " + r.Token(at+2)
	case feature.Cue, feature.Sense:
		return r.CueName(at)
	}
	return r.Token(at)
}
