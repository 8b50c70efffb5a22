package classify_test

import (
	"math"
	"os"
	"testing"

	"ines/shared/classify"
	"ines/shared/classify/heads"
	"ines/shared/classify/train"
)

// told is one answer of a shipped head: how sure it was and whether it was right.
type told struct {
	want, got string
	p         float64
}

// figures are accuracy, macro-F1, expected calibration error (ten bins) and the share
// that the surest answers make up of all while 95 % of them are right.
func figures(all []told) (accuracy, f1, calibration, answered float64) {
	n := float64(len(all))
	hit, said, have := map[string]float64{}, map[string]float64{}, map[string]float64{}
	var sure, right [10]float64
	for _, a := range all {
		have[a.want]++
		said[a.got]++
		bin := min(int(a.p*10), 9)
		sure[bin] += a.p
		if a.want == a.got {
			accuracy += 1 / n
			hit[a.got]++
			right[bin]++
		}
	}
	for label := range have {
		f1 += 2 * hit[label] / (said[label] + have[label]) / float64(len(have))
	}
	for i := range sure {
		calibration += math.Abs(sure[i]-right[i]) / n
	}
	for _, t := range all { // a few hundred: every answer's sureness may be the threshold
		from, fine := 0.0, 0.0
		for _, a := range all {
			if a.p >= t.p {
				from++
				if a.want == a.got {
					fine++
				}
			}
		}
		if fine >= 0.95*from {
			answered = max(answered, from/n)
		}
	}
	return accuracy, f1, calibration, answered
}

func posts(t testing.TB) []train.Example {
	t.Helper()
	f, err := os.Open("testdata/posts.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := train.ReadExamples(f, "posts.csv")
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// judged asks a shipped head about texts that it was not trained on: posts in 42
// languages, written as people write, and the sentences of testdata.
func judged(t testing.TB, c *classify.Learned, head string) (all []told, texts []string) {
	var r classify.Result
	if head == "language" {
		for _, e := range posts(t) {
			c.Classify(classify.Input{Text: e.Text}, &r)
			all, texts = append(all, told{e.Label, r.Language.Name, r.Language.Probability}), append(texts, e.Text)
		}
		return all, texts
	}
	for _, s := range sentences(t, "testdata/sentences.psv") {
		c.Classify(classify.Input{Text: s.text, Languages: declared}, &r)
		want, got := s.tone, r.Tone
		if head == "kind" {
			want, got = s.kind, r.Kind
		}
		if want != "*" && want != "-" {
			all, texts = append(all, told{want, got.Name, got.Probability}), append(texts, s.text)
		}
	}
	return all, texts
}

// BenchmarkShipped judges the heads that ship with ines, wherever it runs, on texts
// that they have not seen. What a message takes is for all heads together.
func BenchmarkShipped(b *testing.B) {
	c := classify.New(classify.Desk{Heads: heads.Open(), Words: classify.NewWords(nil)})
	for _, head := range []string{"language", "tone", "kind"} {
		b.Run(head, func(b *testing.B) {
			all, texts := judged(b, c, head)
			r, at := classify.Result{Points: make([]classify.Point, 0, 16)}, 0
			b.ReportAllocs()
			for b.Loop() {
				c.Classify(classify.Input{Text: texts[at]}, &r)
				at = (at + 1) % len(texts)
			}
			accuracy, f1, calibration, answered := figures(all)
			b.ReportMetric(100*accuracy, "%accuracy")
			b.ReportMetric(100*f1, "%macro-F1")
			b.ReportMetric(calibration, "calibration-error")
			b.ReportMetric(100*answered, "%answered-at-95%")
		})
	}
}

// TestLanguageOfPosts holds the shipped language head to short, careless posts: slang,
// no capitals, missing accents, handles, faces.
func TestLanguageOfPosts(t *testing.T) {
	all, texts := judged(t, classify.New(classify.Desk{Heads: heads.Open(), Words: classify.NewWords(nil)}), "language")
	for i, a := range all {
		if a.want != a.got {
			t.Logf("%s is said to be %s (%.2f): %s", a.want, a.got, a.p, texts[i])
		}
	}
	if accuracy, _, _, _ := figures(all); len(all) < 280 || accuracy < 0.97 {
		t.Errorf("%.3f of %d posts", accuracy, len(all))
	}
}
