package train

import (
	"cmp"
	"math"
	"slices"

	"ines/shared/classify/model"
)

// lost is the share of rightly answered texts that the reject score may turn away.
const lost = 0.0048

// Foreign is how well foreign texts are told from those about a label.
type Foreign struct {
	Texts    int
	Real     bool    // labelled as foreign in the examples; else texts of labels left out
	Recall   float64 // share of the foreign texts turned away
	Inside   float64 // accuracy on the others, a text turned away counting as wrong
	AUROC    float64
	evidence []model.Evidence
}

// evidence of the unseen texts that sel picks.
func (c *corpus) evidence(u *unseen, k model.Calibration, sel func(label int) bool) (all []model.Evidence, texts []int) {
	probs := make([]float32, u.labels)
	for i, label := range c.of {
		if u.asked[i] && sel(label) {
			level := k.Soften(probs, u.of(i))
			all = append(all, model.Weigh(u.of(i), probs, level, u.cosine[i], u.known[i], c.words[i]))
			texts = append(texts, i)
		}
	}
	return all, texts
}

// strangers scores texts with fits that know nothing of their labels: what a
// foreign text looks like when nobody has collected any. Each fold leaves out a
// fifth of the labels; with very many texts one fifth says enough.
func (c *corpus) strangers(o *Options, strength float64, calibration model.Calibration, tick func()) []model.Evidence {
	var all []model.Evidence
	if len(c.labels) < 4 {
		return nil
	}
	for f := range c.rounds() {
		if o.stopped() {
			break
		}
		kept, index := 0, make([]int, len(c.labels))
		for k := range c.labels {
			index[k] = outside
			if k%folds != f {
				index[k] = kept
				kept++
			}
		}
		var learn, ask []int
		of := make([]int, len(c.of))
		for i, k := range c.of {
			of[i] = outside
			left := k >= 0 && index[k] < 0
			if k >= 0 {
				of[i] = index[k]
			}
			switch {
			case left && c.fold(i, folds) == f:
				ask = append(ask, i)
			case !left && c.fold(i, folds) != f:
				learn = append(learn, i)
			}
		}
		if kept < 2 {
			continue
		}
		probs := make([]float32, kept)
		c.score(o, strength, learn, ask, of, kept, tick, func(j int, s scored) {
			level := calibration.Soften(probs, s.margins)
			all = append(all, model.Weigh(s.margins, probs, level, s.cosine, s.known, c.words[ask[j]]))
		})
	}
	return all
}

// reject fits the logistic model between texts that were answered right and foreign
// ones, both sides weighing the same, and sets its threshold by what may be lost.
// Texts inside that were answered wrong look foreign, and turning them away costs
// nothing: they are left out.
func (c *corpus) reject(inside, foreign []model.Evidence, right []bool) model.Reject {
	const n = len(model.Evidence{})
	var known []model.Evidence
	for i, e := range inside {
		if right[i] {
			known = append(known, e)
		}
	}
	inside = known
	var mean, spread [n]float64
	rows := slices.Concat(inside, foreign)
	for d := range n {
		for _, e := range rows {
			mean[d] += e[d] / float64(len(rows))
		}
		for _, e := range rows {
			spread[d] += (e[d] - mean[d]) * (e[d] - mean[d]) / float64(len(rows))
		}
		spread[d] = math.Sqrt(spread[d]) + 1e-9
	}
	var beta [n + 1]float64
	for range 30 { // Newton's steps with a ridge
		var gradient [n + 1]float64
		var hessian [n + 1][n + 1]float64
		for i, e := range rows {
			var x [n + 1]float64
			z := 0.0
			for d := range n {
				x[d] = (e[d] - mean[d]) / spread[d]
			}
			x[n] = 1
			for d, v := range x {
				z += v * beta[d]
			}
			y, weight := 0.0, 0.5/float64(len(foreign))
			if i < len(inside) {
				y, weight = 1, 0.5/float64(len(inside))
			}
			p := 1 / (1 + math.Exp(-z))
			for d, v := range x {
				gradient[d] += weight * (y - p) * v
				for f, u := range x {
					hessian[d][f] += weight * p * (1 - p) * v * u
				}
			}
		}
		for d := range n + 1 {
			const ridge = 1e-3
			gradient[d] -= ridge * beta[d]
			hessian[d][d] += ridge
		}
		step := solve(hessian, gradient)
		for d := range beta {
			beta[d] += step[d]
		}
	}
	var r model.Reject
	r.Weights[n] = beta[n]
	for d := range n {
		r.Weights[d] = beta[d] / spread[d]
		r.Weights[n] -= beta[d] * mean[d] / spread[d]
	}
	var scores []float64
	for _, e := range inside {
		scores = append(scores, r.Inside(e))
	}
	slices.Sort(scores)
	if len(scores) > 0 {
		r.Threshold = scores[int(lost*float64(len(scores)))]
	}
	return r
}

// solve is Gaussian elimination with pivots.
func solve(a [8][8]float64, b [8]float64) (x [8]float64) {
	for col := range 8 {
		pivot := col
		for row := col; row < 8; row++ {
			if math.Abs(a[row][col]) > math.Abs(a[pivot][col]) {
				pivot = row
			}
		}
		a[col], a[pivot] = a[pivot], a[col]
		b[col], b[pivot] = b[pivot], b[col]
		for row := col + 1; row < 8; row++ {
			f := a[row][col] / a[col][col]
			for k := col; k < 8; k++ {
				a[row][k] -= f * a[col][k]
			}
			b[row] -= f * b[col]
		}
	}
	for row := 7; row >= 0; row-- {
		x[row] = b[row]
		for k := row + 1; k < 8; k++ {
			x[row] -= a[row][k] * x[k]
		}
		x[row] /= a[row][row]
	}
	return x
}

// judge measures a reject model.
func judge(r model.Reject, inside, foreign []model.Evidence, right []bool) Foreign {
	f := Foreign{Texts: len(foreign)}
	type point struct {
		p      float64
		inside bool
	}
	var points []point
	for i, e := range inside {
		p := r.Inside(e)
		points = append(points, point{p, true})
		if p >= r.Threshold && right[i] {
			f.Inside += 1 / float64(len(inside))
		}
	}
	for _, e := range foreign {
		p := r.Inside(e)
		points = append(points, point{p, false})
		if p < r.Threshold {
			f.Recall += 1 / float64(len(foreign))
		}
	}
	// The area under the curve is the chance that an inside text scores higher:
	// Mann and Whitney's U, equals counting half.
	slices.SortFunc(points, func(a, b point) int { return cmp.Compare(a.p, b.p) })
	below := 0.0
	for i := 0; i < len(points); {
		j, in, out := i, 0.0, 0.0
		for ; j < len(points) && points[j].p == points[i].p; j++ {
			if points[j].inside {
				in++
			} else {
				out++
			}
		}
		f.AUROC += in * (below + out/2)
		below += out
		i = j
	}
	if len(inside) > 0 && len(foreign) > 0 {
		f.AUROC /= float64(len(inside)) * float64(len(foreign))
	}
	return f
}
