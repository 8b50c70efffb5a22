package train

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode"

	"ines/shared/classify/model"
)

// Report is what is known about a model and its examples, all of it from texts that
// the fits had not seen.
type Report struct {
	Head       string
	Texts      int
	Duplicates int
	Folds      int // of five that were asked: all, but for examples so many that one says enough
	Tried      []Tried
	C          float64
	Accuracy   float64
	MacroF1    float64
	Error      float64 // of calibration
	Chance     float64 // how much of it is chance, about
	Bins       []Bin
	Precision  float64 // wanted
	Coverage   []Coverage
	Curve      []Coverage // for plotting
	Labels     []LabelReport
	Confusions []Confusion
	Suspects   []Suspect
	Clashes    []Suspect  // same text, two labels
	Alike      [][]string // labels that differ in case or in what is between their words
	Foreign    Foreign
	Bytes      int
	Features   int
	Promotion  *Promotion // nil if there was no model in use to hold it against
}

// Promotion is whether the new model may replace the one in use.
type Promotion struct {
	Comparison
	Against string // the file of the one in use
	Why     string // it may not; "" if it may
}

// Tried is a strength that was tried, and how it did.
type Tried struct{ C, Accuracy float64 }

// Coverage is the share of texts that can be answered without a person when that
// share of the answers has to be right.
type Coverage struct{ Precision, Share, Threshold float64 }

// LabelReport is about one label.
type LabelReport struct {
	Name                  string
	Texts                 int
	Precision, Recall, F1 float64
	Threshold             float64 // above 1: never sure enough
}

// Few reports whether the label needs more examples before it is trusted.
func (l LabelReport) Few() bool { return l.Texts < EnoughExamples }

// Confusion is a pair of labels, one taken for the other.
type Confusion struct {
	Label, Taken string
	Texts        int
	Example      Example
}

// Suspect is an example that probably has the wrong label.
type Suspect struct {
	Example     Example
	Rather      string
	Probability float64
}

func (r *Report) fill(c *corpus, u *unseen, all []verdict, h model.Header) {
	r.Texts, r.C = len(c.examples), h.Settings.C
	r.Bins, r.Error, r.Chance = calibration(all)
	for _, p := range []float64{0.90, 0.95, 0.97, 0.99} {
		t, share := threshold(all, p, 1)
		r.Coverage = append(r.Coverage, Coverage{p, share, t})
	}
	sorted, right := surest(all), 0
	for i, v := range sorted {
		if v.right {
			right++
		}
		if i+1 == len(sorted) || (i+1)%max(len(sorted)/200, 1) == 0 {
			r.Curve = append(r.Curve, Coverage{float64(right) / float64(i+1), float64(i+1) / float64(len(sorted)), v.p})
		}
	}
	r.Accuracy = float64(right) / float64(len(all))
	r.perLabel(c, all, h)
	r.Alike = alike(c.labels)
	r.confusions(c, all)
	for _, v := range sorted {
		if !v.right && v.p >= 0.8 && len(r.Suspects) < 20 {
			r.Suspects = append(r.Suspects, Suspect{c.examples[v.text], c.labels[v.label], v.p})
		}
	}
	for _, cl := range c.clashes {
		if len(r.Clashes) < 20 {
			r.Clashes = append(r.Clashes, Suspect{Example: cl.other, Rather: cl.first.Label})
		}
	}
}

// alike are groups of labels of which a person would say that they are one.
func alike(labels []string) (groups [][]string) {
	same := map[string][]string{}
	for _, l := range labels {
		key := strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) || unicode.IsPunct(r) {
				return -1
			}
			return unicode.ToLower(r)
		}, l)
		same[key] = append(same[key], l)
	}
	for _, key := range slices.Sorted(maps.Keys(same)) {
		if len(same[key]) > 1 {
			groups = append(groups, same[key])
		}
	}
	return groups
}

func (r *Report) perLabel(c *corpus, all []verdict, h model.Header) {
	have, said, hit := make([]int, len(c.labels)), make([]int, len(c.labels)), make([]int, len(c.labels))
	for _, v := range all {
		have[c.of[v.text]]++
		said[v.label]++
		if v.right {
			hit[v.label]++
		}
	}
	for k, name := range c.labels {
		l := LabelReport{Name: name, Texts: have[k], Threshold: h.Thresholds[k]}
		if said[k] > 0 {
			l.Precision = float64(hit[k]) / float64(said[k])
		}
		if have[k] > 0 {
			l.Recall = float64(hit[k]) / float64(have[k])
		}
		if hit[k] > 0 {
			l.F1 = 2 * l.Precision * l.Recall / (l.Precision + l.Recall)
		}
		r.MacroF1 += l.F1 / float64(len(c.labels))
		r.Labels = append(r.Labels, l)
	}
}

func (r *Report) confusions(c *corpus, all []verdict) {
	index := map[[2]int]int{}
	for _, v := range all {
		if v.right {
			continue
		}
		pair := [2]int{c.of[v.text], v.label}
		at, ok := index[pair]
		if !ok {
			at = len(r.Confusions)
			index[pair] = at
			r.Confusions = append(r.Confusions, Confusion{Label: c.labels[pair[0]], Taken: c.labels[pair[1]], Example: c.examples[v.text]})
		}
		r.Confusions[at].Texts++
	}
	slices.SortStableFunc(r.Confusions, func(a, b Confusion) int {
		return cmp.Or(-cmp.Compare(a.Texts, b.Texts), cmp.Compare(a.Label, b.Label), cmp.Compare(a.Taken, b.Taken))
	})
	r.Confusions = r.Confusions[:min(20, len(r.Confusions))]
}

func (r *Report) metrics() model.Metrics {
	return model.Metrics{Accuracy: r.Accuracy, MacroF1: r.MacroF1, Calibration: r.Error, Coverage: r.Answered(r.Precision), Outside: r.Foreign.Recall}
}

// Answered is the share of texts that can be answered at a precision that Coverage
// has; 0 at others.
func (r *Report) Answered(precision float64) float64 {
	for _, c := range r.Coverage {
		if c.Precision == precision {
			return c.Share
		}
	}
	return 0
}
