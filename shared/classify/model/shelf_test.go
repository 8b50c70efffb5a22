package model

import (
	"math"
	"math/rand/v2"
	"testing"

	"ines/shared/classify/feature"
)

// TestShelvesHaveWhatWasPutThere: each feature is found in the row that holds its
// weights, the commonest on the first shelf; no other feature is.
func TestShelvesHaveWhatWasPutThere(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	const common = commonBytes / (headSize + 8)
	for _, n := range []int{0, 1, 2, 3, 5, 17, 100, common - 1, common, common + 1, 3 * common / 2} {
		h := Header{Labels: []string{"a", "b"}, Bias: make([]float64, 2), Kinds: feature.Text, Calibration: Calibration{Temperature: 1}}
		rows := make([]Row, n)
		features := make([]feature.Feature, 2*n) // every other one unknown
		for i := range rows {
			rows[i] = Row{Hash: random.Uint64(), IDF: 1 + float64(i)/float64(n), Weights: []float32{float32(i), -1}}
			features[2*i].Hash, features[2*i+1].Hash = rows[i].Hash, random.Uint64()
		}
		random.Shuffle(n, func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		file, err := Encode(h, rows, make([][]float64, 2))
		if err != nil {
			t.Fatal(n, err)
		}
		m, err := Open(file)
		if err != nil {
			t.Fatal(n, err)
		}
		if tables := len(m.weights) + 2*sketchSize; (len(file)-Size(2, n))%line != line-preamble || len(file) < tables {
			t.Errorf("%d rows: a file of %d bytes, of which all but the header are %d", n, len(file), Size(2, n))
		}
		var s Scratch
		m.find(features, &s)
		if len(s.hits) != n || len(s.todo) != n {
			t.Fatalf("%d rows: %d are found, %d are not", n, len(s.hits), len(s.todo))
		}
		seen := map[int32]bool{}
		for _, hit := range s.hits {
			i := int(hit.index) / 2
			scale := float64(hit.scale) * m.Unit
			got := (float64(m.row(hit.row)[0]) - 128) * scale
			if hit.index%2 > 0 || seen[hit.row] || math.Abs(got-float64(i)) > scale {
				t.Fatalf("%d rows: feature %d has row %d, of weight %v", n, hit.index, hit.row, got)
			}
			if first, _ := room(min(n, common)); (i < common) != (int(hit.row) < first) {
				t.Fatalf("%d rows: the feature that is %d. by rarity has row %d", n, i, hit.row)
			}
			seen[hit.row] = true
		}
	}
}

func TestTwoRowsOfOneHash(t *testing.T) {
	h := Header{Labels: []string{"a", "b"}, Bias: make([]float64, 2), Calibration: Calibration{Temperature: 1}}
	if _, err := Encode(h, []Row{{Hash: 7}, {Hash: 8}, {Hash: 7, IDF: 2}}, make([][]float64, 2)); err == nil {
		t.Error("are encoded")
	}
}

func TestExp(t *testing.T) {
	for x := 0.0; x > -699; x -= 0.0137 {
		if got, want := exp(x), math.Exp(x); math.Abs(got/want-1) > 1e-10 {
			t.Fatalf("exp(%v) is %v, want %v", x, got, want)
		}
	}
	for _, x := range []float64{-701, -1e300, math.Inf(-1)} {
		if got := exp(x); got < 0 || got > 1e-300 {
			t.Errorf("exp(%v) is %v", x, got)
		}
	}
}
