package train

import (
	"math"

	"ines/shared/classify/model"
)

const folds = 5

// unseen holds what each text scored with a fit that had not seen it nor a
// near-duplicate of it.
type unseen struct {
	labels  int
	asked   []bool    // not all, where so many texts are more than figures need
	margins []float32 // labels for each text
	cosine  []float64 // to the centre of its best label
	known   []float64
}

func (u *unseen) of(text int) []float32 { return u.margins[text*u.labels : (text+1)*u.labels] }

// plenty is the work, in features times labels, from which on one fold of the five
// says enough, and only one strength is tried: the best one hardly ever differs much.
const plenty = 400_000_000

func (c *corpus) rounds() int {
	if len(c.entries)*len(c.labels) > plenty {
		return 1
	}
	return folds
}

// unseen fits models, each on the other folds, and scores the fold left out.
func (c *corpus) unseen(o *Options, strength float64, tick func()) *unseen {
	u := &unseen{
		labels:  len(c.labels),
		asked:   make([]bool, len(c.examples)),
		margins: make([]float32, len(c.examples)*len(c.labels)),
		cosine:  make([]float64, len(c.examples)),
		known:   make([]float64, len(c.examples)),
	}
	for f := range c.rounds() {
		if o.stopped() {
			break
		}
		var learn, ask []int
		for i := range c.examples {
			if c.fold(i, folds) == f {
				ask = append(ask, i)
			} else {
				learn = append(learn, i)
			}
		}
		c.score(o, strength, learn, ask, c.of, len(c.labels), tick, func(j int, s scored) {
			u.asked[ask[j]] = true
			copy(u.of(ask[j]), s.margins)
			u.cosine[ask[j]], u.known[ask[j]] = s.cosine, s.known
		})
	}
	return u
}

// scored is what one text got from a fit. Its margins are overwritten by the next.
type scored struct {
	margins []float32
	cosine  float64
	known   float64
}

// score fits on some texts and scores others.
func (c *corpus) score(o *Options, strength float64, learn, ask, of []int, labels int, tick func(), got func(j int, s scored)) {
	if len(ask) == 0 {
		return
	}
	labelled := pick(of, learn)
	v, m, w := c.within(o, strength, learn, labelled, labels, tick, nil)
	centres := c.centres(m, v, labelled, labels)
	asked := c.matrix(ask, v)
	margins := make([]float32, labels)
	for j := range ask {
		w.margins(asked, j, margins)
		sketch := model.NewSketch()
		c.sketch(asked, v, j, sketch)
		got(j, scored{margins, cosine(sketch, centres[best(margins)]), asked.known[j]})
	}
}

func pick(of, texts []int) []int {
	out := make([]int, len(texts))
	for j, i := range texts {
		out[j] = of[i]
	}
	return out
}

// centres are the sums of each label's texts, as sketches.
func (c *corpus) centres(m *matrix, v *vocabulary, of []int, labels int) [][]float64 {
	all := make([][]float64, labels)
	for k := range all {
		all[k] = model.NewSketch()
	}
	for j, k := range of {
		if k >= 0 {
			c.sketch(m, v, j, all[k])
		}
	}
	return all
}

func (c *corpus) sketch(m *matrix, v *vocabulary, text int, into []float64) {
	for e := m.starts[text]; e < m.starts[text+1]-1; e++ { // the last one is the constant
		model.Sketch(into, c.hashes[v.of[m.columns[e]]], m.values[e])
	}
}

func cosine(a, b []float64) float64 {
	var ab, aa, bb float64
	for i := range a {
		ab += float64(a[i] * b[i])
		aa += float64(a[i] * a[i])
		bb += float64(b[i] * b[i])
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}

func best(margins []float32) int {
	at := 0
	for k, v := range margins {
		if v > margins[at] {
			at = k
		}
	}
	return at
}

// accuracy is the share of inside texts whose best label is right.
func (c *corpus) accuracy(u *unseen) float64 {
	right, n := 0, 0
	for i, k := range c.of {
		if k < 0 || !u.asked[i] {
			continue
		}
		n++
		if best(u.of(i)) == k {
			right++
		}
	}
	return float64(right) / float64(n)
}
