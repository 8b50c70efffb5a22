package train

import (
	"cmp"
	"math"
	"slices"

	"ines/shared/classify/model"
)

// temperature is the one at which the unseen texts' right labels are likeliest. The
// likelihood has one top, found by golden section over the logarithm.
func (c *corpus) temperature(u *unseen) float64 {
	loss := func(t float64) float64 {
		sum := 0.0
		for i, k := range c.of {
			if k < 0 || !u.asked[i] {
				continue
			}
			margins := u.of(i)
			top := float64(margins[best(margins)])
			total := 0.0
			for _, v := range margins {
				total += math.Exp((float64(v) - top) / t)
			}
			sum += math.Log(total) - (float64(margins[k])-top)/t
		}
		return sum
	}
	low, high := math.Log(0.01), math.Log(10)
	ratio := (math.Sqrt(5) - 1) / 2
	a, b := high-ratio*(high-low), low+ratio*(high-low)
	la, lb := loss(math.Exp(a)), loss(math.Exp(b))
	for high-low > 0.002 {
		if la < lb {
			high, b, lb = b, a, la
			a = high - ratio*(high-low)
			la = loss(math.Exp(a))
		} else {
			low, a, la = a, b, lb
			b = low + ratio*(high-low)
			lb = loss(math.Exp(b))
		}
	}
	return math.Exp((low + high) / 2)
}

// verdict is what the unseen texts would have been told.
type verdict struct {
	text  int
	label int // what was answered
	p     float64
	right bool
}

// calibrate fits the probabilities to the unseen texts.
func (c *corpus) calibrate(u *unseen) model.Calibration {
	k := model.Calibration{Temperature: c.temperature(u)}
	k.Slope, k.Offset = c.platt(u, k.Temperature)
	return k
}

// platt is the line through the log odds of the best label at which it is likeliest
// that those were right which were: Newton's method. A few texts hardly move it: it
// is held to the temperature's own answer as if by doubters texts that say so.
func (c *corpus) platt(u *unseen, temperature float64) (slope, offset float64) {
	const doubters = 5
	type seen struct {
		odds  float64
		right bool
	}
	var all []seen
	for i, k := range c.of {
		if k < 0 || !u.asked[i] {
			continue
		}
		margins := u.of(i)
		b, sum := best(margins), 0.0
		for _, v := range margins {
			sum += math.Exp(float64(v-margins[b]) / temperature)
		}
		all = append(all, seen{model.LogOdds(sum), b == k})
	}
	slope = 1
	for range 30 {
		gs, g := doubters*(1-slope), -doubters*offset
		hss, hs, h := float64(doubters), 0.0, float64(doubters)
		for _, s := range all {
			p := 1 / (1 + math.Exp(-slope*s.odds-offset))
			y := 0.0
			if s.right {
				y = 1
			}
			gs += (y - p) * s.odds
			g += y - p
			w := p * (1 - p)
			hss += w * s.odds * s.odds
			hs += w * s.odds
			h += w
		}
		det := hss*h - hs*hs
		if det <= 0 {
			break
		}
		slope += (h*gs - hs*g) / det
		offset += (hss*g - hs*gs) / det
		slope = min(max(slope, 0.2), 5)
	}
	return slope, offset
}

func (c *corpus) verdicts(u *unseen, k model.Calibration) []verdict {
	var all []verdict
	probs := make([]float32, u.labels)
	for i, label := range c.of {
		if label < 0 || !u.asked[i] {
			continue
		}
		margins := u.of(i)
		k.Soften(probs, margins)
		b := best(margins)
		all = append(all, verdict{i, b, float64(probs[b]), b == label})
	}
	return all
}

// Bin is a range of probabilities: how sure the answers in it were and how many
// were right.
type Bin struct {
	From, To  float64
	Texts     int
	Sure      float64 // mean probability
	Right     float64 // share
	sure, hit float64
	stray     float64 // the variance of hit
}

// calibration sorts verdicts into bins; the error is the mean distance between sure
// and right, weighed by texts (expected calibration error, 15 bins of equal width).
// Chance is what it would be, about, if every answer were right exactly as often as
// it says: with few texts in a bin their share strays.
func calibration(all []verdict) (bins []Bin, err, chance float64) {
	const n = 15
	bins = make([]Bin, n)
	for i := range bins {
		bins[i].From, bins[i].To = float64(i)/n, float64(i+1)/n
	}
	for _, v := range all {
		b := &bins[min(int(v.p*n), n-1)]
		b.Texts++
		b.sure += v.p
		b.stray += v.p * (1 - v.p)
		if v.right {
			b.hit++
		}
	}
	for i := range bins {
		b := &bins[i]
		if b.Texts > 0 {
			b.Sure, b.Right = b.sure/float64(b.Texts), b.hit/float64(b.Texts)
			err += math.Abs(b.sure-b.hit) / float64(len(all))
			chance += math.Sqrt(2/math.Pi*b.stray) / float64(len(all))
		}
	}
	return bins, err, chance
}

// surest sorts a copy by falling probability, the text's place deciding between
// equals.
func surest(all []verdict) []verdict {
	sorted := slices.Clone(all)
	slices.SortFunc(sorted, func(a, b verdict) int {
		return cmp.Or(-cmp.Compare(a.p, b.p), cmp.Compare(a.text, b.text))
	})
	return sorted
}

// threshold is the lowest probability from which on answers are right as often as
// wanted, and the share of answers above it. With too few answers to tell, it is
// above 1.
func threshold(all []verdict, precision float64, least int) (t, share float64) {
	sorted, right := surest(all), 0
	t = 2
	for i, v := range sorted {
		if v.right {
			right++
		}
		last := i+1 == len(sorted) || sorted[i+1].p != v.p
		if last && i+1 >= least && float64(right) >= precision*float64(i+1) {
			t, share = v.p, float64(i+1)/float64(len(sorted))
		}
	}
	return t, share
}

// thresholds are per label. A label that is answered too rarely to tell takes that
// of all labels together.
func (c *corpus) thresholds(all []verdict, precision float64) []float64 {
	const least = 20
	common, _ := threshold(all, precision, 1)
	out := make([]float64, len(c.labels))
	for k := range out {
		var mine []verdict
		for _, v := range all {
			if v.label == k {
				mine = append(mine, v)
			}
		}
		if len(mine) < least {
			out[k] = common
			continue
		}
		out[k], _ = threshold(mine, precision, least/2)
	}
	return out
}
