package train

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// rarity is the inverse document frequency, smoothed as if one more text had every
// feature.
func rarity(texts, having int) float64 {
	return math.Log(float64(1+texts)/float64(1+having)) + 1
}

func scaled(v float32, squares float64) float32 {
	return float32(float64(v) / math.Sqrt(squares))
}

// weights are what a fit finds: one row a label, a weight a column.
type weights [][]float32

// settings of one fit.
type settings struct {
	c    float64
	seed uint64
	// stopped, when it says so, makes the rest of the fit empty; nil never does.
	stopped func() bool
	// start is where each label's multipliers begin; nil: at nothing. Ends are where
	// they ended, filled if it has room for the labels.
	start, ends [][]float64
}

// tolerance ends a fit: the widest gap left between the gradients.
const (
	tolerance = 0.1
	maxPasses = 300
)

// fit trains one linear classifier a label against the rest, all independent of one
// another, so as many at a time as there are processors.
func fit(m *matrix, of []int, labels int, s settings, done func()) weights {
	w := make(weights, labels)
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), labels) {
		group.Go(func() {
			var d descent
			for {
				k := int(next.Add(1)) - 1
				if k >= labels {
					return
				}
				if s.stopped != nil && s.stopped() {
					w[k] = make([]float32, m.width)
					continue
				}
				w[k] = d.fit(m, of, k, s)
				if k < len(s.ends) {
					s.ends[k] = slices.Clone(d.alpha)
				}
				if done != nil {
					done()
				}
			}
		})
	}
	group.Wait()
	return w
}

// descent is dual coordinate descent for the linear support vector machine with
// squared hinge loss: Hsieh, Chang, Lin, Keerthi and Sundararajan, "A Dual
// Coordinate Descent Method for Large-scale Linear SVM" (ICML 2008), algorithm 3,
// with shrinking.
type descent struct {
	alpha, curve []float64
	order        []int32
	sign         []float32
}

func (d *descent) fit(m *matrix, of []int, label int, s settings) []float32 {
	n := len(m.starts) - 1
	if len(d.alpha) != n {
		d.alpha, d.curve, d.order, d.sign = make([]float64, n), make([]float64, n), make([]int32, n), make([]float32, n)
	}
	w := make([]float32, m.width)
	diagonal := 0.5 / s.c
	for i := range n {
		d.alpha[i], d.order[i], d.sign[i] = 0, int32(i), -1
		if of[i] == label {
			d.sign[i] = 1
		}
		d.curve[i] = diagonal
		columns, values := m.columns[m.starts[i]:m.starts[i+1]], m.values[m.starts[i]:m.starts[i+1]]
		for _, v := range values {
			d.curve[i] += float64(v) * float64(v)
		}
		if s.start != nil && s.start[label][i] > 0 {
			d.alpha[i] = s.start[label][i]
			add(w, columns, values, float32(d.alpha[i])*d.sign[i])
		}
	}
	random := rand.New(rand.NewPCG(s.seed, uint64(label)))
	active, highest := n, math.Inf(1)
	for range maxPasses {
		random.Shuffle(active, func(i, j int) { d.order[i], d.order[j] = d.order[j], d.order[i] })
		most, least := math.Inf(-1), math.Inf(1)
		for at := 0; at < active; at++ {
			i := d.order[at]
			columns, values := m.columns[m.starts[i]:m.starts[i+1]], m.values[m.starts[i]:m.starts[i+1]]
			y := float64(d.sign[i])
			gradient := y*dot(w, columns, values) - 1 + d.alpha[i]*diagonal
			projected := gradient
			if d.alpha[i] == 0 {
				if gradient > highest { // it will stay at 0: leave it out
					active--
					d.order[at], d.order[active] = d.order[active], d.order[at]
					at--
					continue
				}
				projected = min(gradient, 0)
			}
			most, least = max(most, projected), min(least, projected)
			if math.Abs(projected) > 1e-12 {
				old := d.alpha[i]
				d.alpha[i] = max(old-gradient/d.curve[i], 0)
				add(w, columns, values, float32((d.alpha[i]-old)*y))
			}
		}
		if most-least <= tolerance {
			if active == n {
				break
			}
			active, highest = n, math.Inf(1)
			continue
		}
		if highest = most; highest <= 0 {
			highest = math.Inf(1)
		}
	}
	return w
}

// dot and add keep each product's rounding, which some processors would skip: the
// same examples give the same model everywhere.
func dot(w []float32, columns []int32, values []float32) float64 {
	values = values[:len(columns)]
	var a, b float32
	j := 0
	for ; j+1 < len(columns); j += 2 {
		a += float32(w[columns[j]] * values[j])
		b += float32(w[columns[j+1]] * values[j+1])
	}
	if j < len(columns) {
		a += float32(w[columns[j]] * values[j])
	}
	return float64(a) + float64(b)
}

func add(w []float32, columns []int32, values []float32, by float32) {
	values = values[:len(columns)]
	for j, c := range columns {
		w[c] += float32(by * values[j])
	}
}

// margins of one text for all labels.
func (w weights) margins(m *matrix, text int, out []float32) {
	columns, values := m.columns[m.starts[text]:m.starts[text+1]], m.values[m.starts[text]:m.starts[text+1]]
	for k := range w {
		out[k] = float32(dot(w[k], columns, values))
	}
}
