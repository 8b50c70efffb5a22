package model

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestLanesDoNotRunOver holds the sum of bytes against plain arithmetic, for the
// biggest weights and for as many rows as a long text has.
func TestLanesDoNotRunOver(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for _, labels := range []int{2, 8, 9, 77} {
		for _, n := range []int{0, 1, 2, 3, 4, 5, 50, 20_000} {
			for _, loud := range []float32{0.001, 1, 60, 0} { // all the same, mostly small, mostly large, none
				h := Header{Labels: make([]string, labels), Bias: make([]float64, labels), Unit: 1}
				m := Model{Header: h, width: wide(labels)}
				table := make([]byte, 100*(headSize+m.width))
				for i := range table {
					table[i] = byte(128 + 127*(random.IntN(3)-1)) // 1, 128 or 255
				}
				if m.heads = table; m.width != narrow {
					m.weights = table
				}
				var s Scratch
				for range n {
					v := min(loud*random.Float32()*2, topLevel)
					if loud == 0.001 {
						v = loud
					}
					h := hit{at: at(random.Uint64N(100) << 32), loud: v}
					if m.width == narrow {
						h.weights = eight(m.row(h.at.row()), 0)
					}
					s.hits = append(s.hits, h)
					s.most = max(s.most, v)
				}
				m.multiply(&s)
				for k := range labels {
					want := 0.0
					for _, h := range s.hits {
						level, got := 0.0, h.level(s.perLoud())
						if s.most > 0 {
							level = math.Floor(float64(h.loud/s.most*topLevel) + 0.5)
						}
						if math.Abs(level-float64(got)) > 1 { // the division's rounding
							t.Fatalf("level %d of %v, want %v", got, h.loud, level)
						}
						want += float64(got) * (float64(m.row(h.at.row())[k]) - 128)
					}
					if want *= s.quantum; math.Abs(float64(s.Margins[k])-want) > 1e-6*math.Abs(want) {
						t.Fatalf("%d labels, %d hits as loud as %v: margin %d is %v, want %v", labels, n, loud, k, s.Margins[k], want)
					}
				}
			}
		}
	}
}
