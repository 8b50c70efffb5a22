package neardup_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"ines/shared/classify/feature"
	"ines/shared/classify/neardup"
)

func sign(t testing.TB, text string) neardup.Signature {
	t.Helper()
	var r feature.Reader
	r.Read("", text)
	s, ok := neardup.Sign(r.Features())
	if !ok {
		t.Fatalf("%q has no words", text)
	}
	return s
}

// jaccard is the true share of words and pairs in common.
func jaccard(a, b string) float64 {
	set := func(text string) map[string]bool {
		words, all := strings.Fields(text), map[string]bool{}
		for i, w := range words {
			all[w] = true
			if i > 0 {
				all[words[i-1]+" "+w] = true
			}
		}
		return all
	}
	x, y := set(a), set(b)
	both := 0
	for w := range x {
		if y[w] {
			both++
		}
	}
	return float64(both) / float64(len(x)+len(y)-both)
}

func TestSameInOtherClothes(t *testing.T) {
	a := sign(t, "My flight NL204 was cancelled and nobody answers the phone!")
	b := sign(t, "my flight NL310 was cancelled, and nobody answers the phone!")
	if v := neardup.Similarity(&a, &b); v != 1 || a.Key() != b.Key() {
		t.Errorf("similarity %v", v)
	}
	c := sign(t, "Do you sell tickets to Reykjavik in winter?")
	if v := neardup.Similarity(&a, &c); v > 0.1 {
		t.Errorf("of different texts: %v", v)
	}
	var r feature.Reader
	r.Read("", "")
	if _, ok := neardup.Sign(r.Features()); ok {
		t.Error("a text without words has a signature")
	}
}

// TestPairsAreFound holds the bands against the true similarity: how many similar
// pairs share one, and how many unlike ones.
func TestPairsAreFound(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 12))
	word := func() string {
		return fmt.Sprintf("%c%c%c", 'a'+random.IntN(26), 'a'+random.IntN(26), 'a'+random.IntN(26))
	}
	var similar, found, unlike, wrong int
	off := 0.0
	for range 3000 {
		n := 8 + random.IntN(20)
		words := make([]string, n)
		for i := range words {
			words[i] = word()
		}
		a := strings.Join(words, " ")
		for range random.IntN(n) {
			words[random.IntN(n)] = word()
		}
		b := strings.Join(words, " ")
		x, y := sign(t, a), sign(t, b)
		truth := jaccard(a, b)
		off += math.Abs(truth-neardup.Similarity(&x, &y)) / 3000
		share := false
		kx, ky := x.Bands(), y.Bands()
		for i := range kx {
			share = share || kx[i] == ky[i]
		}
		switch {
		case truth >= 0.66:
			similar++
			if share {
				found++
			}
		case truth <= 0.2:
			unlike++
			if share {
				wrong++
			}
		}
	}
	if similar < 200 || float64(found) < 0.95*float64(similar) {
		t.Errorf("%d of %d similar pairs are found", found, similar)
	}
	if unlike < 200 || float64(wrong) > 0.05*float64(unlike) {
		t.Errorf("%d of %d unlike pairs are looked at", wrong, unlike)
	}
	if off > 0.06 {
		t.Errorf("similarity is off by %v on average", off)
	}
}

func TestIndexForgetsTheOldest(t *testing.T) {
	x := neardup.NewIndex(2, 0.7)
	a := sign(t, "my bag never came off the belt in lisbon")
	b := sign(t, "please refund the second payment of my ticket")
	x.Add("a", a)
	if id, v := x.Like(&a); id != "a" || v != 1 {
		t.Errorf("found %q, %v", id, v)
	}
	if id, _ := x.Like(&b); id != "" {
		t.Errorf("found %q", id)
	}
	x.Add("b", b)
	x.Add("a2", a)
	if id, _ := x.Like(&a); id != "a2" {
		t.Errorf("found %q, want the later one", id)
	}
	x.Add("c", sign(t, "which gate does it leave from"))
	if id, _ := x.Like(&b); id != "" {
		t.Errorf("%q should be forgotten", id)
	}
}

func BenchmarkSign(b *testing.B) {
	var r feature.Reader
	b.ReportAllocs()
	for b.Loop() {
		r.Read("", "My flight NL204 was cancelled and nobody answers the phone, what shall I do now?")
		neardup.Sign(r.Features())
	}
}
