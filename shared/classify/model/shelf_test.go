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
	for _, labels := range []int{2, 9} { // rows with their heads, and without
		common := commonBytes / (headSize + wide(labels))
		for _, n := range []int{0, 1, 2, 3, 5, 17, 100, common - 1, common, common + 1, 3 * common / 2} {
			shelved(t, labels, n, common)
		}
	}
}

func shelved(t *testing.T, labels, n, common int) {
	t.Helper()
	random := rand.New(rand.NewPCG(3, 4))
	h := Header{Labels: make([]string, labels), Bias: make([]float64, labels), Kinds: feature.Text, Calibration: Calibration{Temperature: 1}}
	rows := make([]Row, n)
	features := make([]feature.Feature, 2*n) // every other one unknown
	for i := range rows {
		rows[i] = Row{Hash: random.Uint64(), IDF: 1 + float64(i)/float64(n), Weights: []float32{float32(i), -1}}
		features[2*i].Hash, features[2*i+1].Hash = rows[i].Hash, random.Uint64()
	}
	random.Shuffle(n, func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	file, err := Encode(h, rows, make([][]float64, labels))
	if err != nil {
		t.Fatal(labels, n, err)
	}
	m, err := Open(file)
	if err != nil {
		t.Fatal(labels, n, err)
	}
	if tables := len(m.weights) + len(m.heads) + labels*sketchSize; (len(file)-Size(labels, n))%line != line-preamble || len(file) < tables {
		t.Errorf("%d labels, %d rows: a file of %d bytes, of which all but the header are %d", labels, n, len(file), Size(labels, n))
	}
	var s Scratch
	m.Weigh(features, &s)
	if len(s.hits) != n || s.words != 2*n {
		t.Fatalf("%d labels, %d rows: %d of %d words are found", labels, n, len(s.hits), s.words)
	}
	seen := map[int]bool{}
	for _, hit := range s.hits {
		i, row := hit.at.index()/2, hit.at.row()
		scale := float64(hit.scale()) * m.Unit
		got := (float64(m.row(row)[0]) - 128) * scale
		if hit.at.index()%2 > 0 || seen[row] || math.Abs(got-float64(i)) > scale {
			t.Fatalf("%d labels, %d rows: feature %d has row %d, of weight %v", labels, n, hit.at.index(), row, got)
		}
		if first, _ := room(min(n, common)); (i < common) != (row < first) {
			t.Fatalf("%d labels, %d rows: the feature that is %d. by rarity has row %d", labels, n, i, row)
		}
		seen[row] = true
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
