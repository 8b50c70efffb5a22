package model

import "math"

// Calibration turns margins into probabilities that are right as often as they say:
// the softmax of the margins divided by the temperature, then Platt's line through
// the log odds of the best label. The softmax says how the labels share, and is too
// sure of the clear texts and not sure enough of the others where labels overlap.
type Calibration struct {
	Temperature float64 `json:"temperature"`
	// The line. A slope of 0 leaves the softmax as it is.
	Slope  float64 `json:"slope,omitempty"`
	Offset float64 `json:"offset,omitempty"`
}

// Soften fills out with the probabilities of margins. It returns their level: a soft
// maximum, the temperature times the logarithm of the sum of exponents.
func (c Calibration) Soften(out, margins []float32) (level float64) {
	best := 0
	for k, v := range margins {
		if v > margins[best] {
			best = k
		}
	}
	top, sum := margins[best], 0.0
	for k, v := range margins {
		e := exp(float64(v-top) / c.Temperature)
		out[k] = float32(e)
		sum += e
	}
	level = float64(top) + float64(c.Temperature*math.Log(sum))
	if c.Slope == 0 || sum <= 1 { // nothing but the best one
		for k := range out[:len(margins)] {
			out[k] = float32(float64(out[k]) / sum)
		}
		return level
	}
	// The best label's exponent is 1, so the others add up to sum-1. It must stay the
	// best one.
	second := float32(0)
	for k, e := range out[:len(margins)] {
		if k != best {
			second = max(second, e)
		}
	}
	p := 1 / (1 + math.Exp(-c.Slope*LogOdds(sum)-c.Offset))
	share := float64(second) / (sum - 1) // of what the others get
	p = max(p, share/(1+share))
	rest := (1 - p) / (sum - 1)
	for k, e := range out[:len(margins)] {
		out[k] = float32(float64(e) * rest)
	}
	out[best] = float32(p)
	return level
}

// LogOdds of the best label, by the sum of the exponents of which its own is 1.
func LogOdds(sum float64) float64 { return -math.Log(max(sum-1, 1e-9)) }

// exp is math.Exp of a number that is not above 0, to a part in 10^10: in a third of
// the time, and the same on every processor.
func exp(x float64) float64 {
	const third = 1.0 / 3
	if x < -700 {
		x = -700
	}
	whole := int(x * (steps / math.Ln2))
	rest := x - float64(float64(whole)*(math.Ln2/steps))
	near := 1 + float64(rest*(1+float64(rest*(0.5+float64(rest*(0.5*third))))))
	return math.Float64frombits(math.Float64bits(powers[whole&(steps-1)]*near) + uint64(whole>>stepBits)<<52)
}

// powers are those of 2 from 0 to 1.
var powers = func() (all [steps]float64) {
	for i := range all {
		all[i] = math.Exp2(float64(i) / steps)
	}
	return all
}()

const (
	stepBits = 7
	steps    = 1 << stepBits
)
