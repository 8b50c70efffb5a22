package train

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestFitIsTheOptimum holds a fit against the objective that it is to minimise:
// nothing near it may be better by more than the tolerance allows.
func TestFitIsTheOptimum(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	m := &matrix{starts: []int{0}, width: 41}
	var of []int
	for i := range 300 {
		label := i % 3
		for range 8 {
			m.columns = append(m.columns, int32((label*9+random.IntN(22))%40))
			m.values = append(m.values, float32(random.Float64()))
		}
		m.columns, m.values = append(m.columns, 40), append(m.values, 1)
		m.starts = append(m.starts, len(m.columns))
		of = append(of, label)
	}
	const c = 0.5
	objective := func(w []float32, label int) float64 {
		sum := 0.0
		for _, v := range w {
			sum += float64(v) * float64(v) / 2
		}
		for i := range of {
			y := -1.0
			if of[i] == label {
				y = 1
			}
			gap := max(0, 1-y*dot(w, m.columns[m.starts[i]:m.starts[i+1]], m.values[m.starts[i]:m.starts[i+1]]))
			sum += c * gap * gap
		}
		return sum
	}
	for label, w := range fit(m, of, 3, settings{c: c}, nil) {
		least := objective(w, label)
		for range 200 {
			other := make([]float32, len(w))
			for j := range w {
				other[j] = w[j] + float32(random.NormFloat64()*0.02)
			}
			if near := objective(other, label); near < least*(1-0.002) {
				t.Errorf("label %d: %v, and nearby %v", label, least, near)
			}
		}
		zero := make([]float32, len(w))
		if least >= objective(zero, label)*0.9 {
			t.Errorf("label %d: %v, nothing learned", label, least)
		}
	}
}

func TestThreshold(t *testing.T) {
	var all []verdict
	for i := range 100 { // the ten least sure are wrong
		all = append(all, verdict{text: i, p: 1 - float64(i)/200, right: i < 90})
	}
	at, share := threshold(all, 0.95, 1)
	if share != 0.94 || math.Abs(at-(1-93.0/200)) > 1e-9 {
		t.Errorf("from %v on, %v of all", at, share)
	}
	if at, share = threshold(all[90:], 0.5, 1); at <= 1 || share != 0 {
		t.Errorf("only wrong answers: from %v on, %v", at, share)
	}
}

func TestCalibrationError(t *testing.T) {
	var all []verdict
	for i := range 1000 {
		all = append(all, verdict{text: i, p: 0.75, right: i%4 != 0})
	}
	if _, err, _ := calibration(all); err > 1e-9 {
		t.Errorf("three in four at 75 %%: error %v", err)
	}
	for i := range all {
		all[i].right = i%2 == 0
	}
	if _, err, _ := calibration(all); math.Abs(err-0.25) > 1e-9 {
		t.Errorf("half of them at 75 %%: error %v", err)
	}
}

func TestSolve(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	var a [8][8]float64
	var want, b [8]float64
	for i := range 8 {
		want[i] = random.NormFloat64()
		for j := range 8 {
			a[i][j] = random.NormFloat64()
		}
	}
	for i := range 8 {
		for j := range 8 {
			b[i] += a[i][j] * want[j]
		}
	}
	for i, got := range solve(a, b) {
		if math.Abs(got-want[i]) > 1e-8 {
			t.Errorf("x%d is %v, want %v", i, got, want[i])
		}
	}
}
