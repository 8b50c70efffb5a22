package train

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"sort"
	"sync/atomic"

	"ines/shared/classify/feature"
	"ines/shared/classify/model"
)

// Options of a training. Zero values take the defaults.
type Options struct {
	Head      string // "topic"
	Kinds     feature.Set
	Cues      Cues
	C         []float64 // the strengths to try, the one to prefer first; by default 0.5, 0.25 and 1
	MinTexts  int       // a feature in fewer texts is left out; by default 1, or 2 from ManyTexts on
	MaxBytes  int       // of the file; the features that matter least are left out
	Precision float64   // 0.95
	Seed      uint64
	// Closed says that every text is about one of the labels, as it is in one
	// language: nothing is taught about foreign ones.
	Closed bool
	// Progress is told what is going on, how far it is and of how much. Calls come
	// from several goroutines, one at a time for each.
	Progress func(what string, done, of int)

	stopped func() bool
}

// ManyTexts teach enough without the features that are in a single one of them. With
// fewer, those are worth nine points: what is rare in the examples is told from what
// is common by its weight.
const ManyTexts = 2000

// DefaultMaxBytes holds 77 labels with all of their features, as a rule.
const DefaultMaxBytes = 3_000_000

func (o Options) defaults() Options {
	o.Head = cmp.Or(o.Head, "topic")
	o.Kinds = cmp.Or(o.Kinds, feature.Text)
	if len(o.C) == 0 {
		o.C = []float64{0.5, 0.25, 1}
	}
	o.Precision = cmp.Or(o.Precision, 0.95)
	if o.Progress == nil {
		o.Progress = func(string, int, int) {}
	}
	return o
}

// Train makes a model file and says how good it is. It ends early, with ctx's error,
// when ctx does.
func Train(ctx context.Context, examples []Example, options Options) (file []byte, report *Report, err error) {
	o := options.defaults()
	o.stopped = func() bool { return ctx.Err() != nil }
	if len(examples) == 0 {
		return nil, nil, fmt.Errorf("there are no examples")
	}
	c, err := newCorpus(examples, o.Kinds, o.Cues, func(done, of int) { o.Progress("reading", done, of) })
	if err != nil {
		return nil, nil, err
	}
	if o.MinTexts == 0 {
		o.MinTexts = 1
		if len(c.examples) >= ManyTexts {
			o.MinTexts = 2
		}
	}
	o.MaxBytes = cmp.Or(o.MaxBytes, DefaultMaxBytes*max(len(c.labels), 77)/77)
	r := &Report{Head: o.Head, Precision: o.Precision, Duplicates: c.dropped, Folds: c.rounds()}

	u, strength := c.search(&o, r)
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	h := model.Header{
		Head: o.Head, Labels: c.labels, Kinds: o.Kinds, Precision: o.Precision,
		Calibration: c.calibrate(u),
		Settings:    model.Settings{C: strength, MinTexts: o.MinTexts, Seed: o.Seed},
		Data:        model.Data{SHA256: c.digest(), Rows: len(c.examples), Outside: c.count(outside)},
	}
	verdicts := c.verdicts(u, h.Calibration)
	h.Thresholds = c.thresholds(verdicts, o.Precision)
	if o.Head == "topic" { // what a desk's policy may want of it
		for _, p := range []float64{0.8, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99, 0.995} {
			h.Levels = append(h.Levels, model.Level{Precision: p, Thresholds: c.thresholds(verdicts, p)})
		}
	}
	h.Frozen = c.freeze(verdicts)
	if !o.Closed {
		h.Reject, r.Foreign = c.foreign(&o, u, strength, h.Calibration)
	}
	r.fill(c, u, verdicts, h)
	h.Metrics = r.metrics()

	h.Rarest = rarity(len(c.examples), 0)
	rows, centres, bias := c.final(&o, strength)
	h.Bias = bias
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	if file, err = model.Encode(h, rows, centres); err != nil {
		return nil, nil, err
	}
	r.Bytes, r.Features = len(file), len(rows)
	return file, r, nil
}

// worthwhile is by how much a strength has to beat the preferred one: less is noise.
const worthwhile = 0.002

// search finds how strong the fits should be: what is best on texts that they have
// not seen.
func (c *corpus) search(o *Options, r *Report) (found *unseen, strength float64) {
	try := o.C
	if len(c.entries)*len(c.labels) > plenty {
		try = try[:1]
	}
	most := 0.0
	for _, s := range try {
		if o.stopped() && found != nil {
			break
		}
		u := c.unseen(o, s, o.ticker(fmt.Sprintf("folds, C %g", s), c.rounds()*len(c.labels)))
		a := c.accuracy(u)
		r.Tried = append(r.Tried, Tried{s, a})
		if found == nil || a > most+worthwhile {
			found, strength, most = u, s, a
		}
	}
	return found, strength
}

func (o *Options) ticker(what string, of int) func() {
	var done atomic.Int64
	return func() { o.Progress(what, int(done.Add(1)), of) }
}

// foreign teaches what is about none of the labels: from texts labelled so, and
// from texts of labels left out.
func (c *corpus) foreign(o *Options, u *unseen, strength float64, k model.Calibration) (model.Reject, Foreign) {
	inside, texts := c.evidence(u, k, func(label int) bool { return label >= 0 })
	right := make([]bool, len(texts))
	for j, i := range texts {
		right[j] = best(u.of(i)) == c.of[i]
	}
	real, _ := c.evidence(u, k, func(label int) bool { return label < 0 })
	teach := real
	if len(real) < enoughForeign {
		teach = append(slices.Clone(real), c.strangers(o, strength, k, o.ticker("labels left out", c.rounds()*len(c.labels)*4/5))...)
	}
	if len(teach) == 0 {
		return model.Reject{}, Foreign{}
	}
	r := c.reject(inside, teach, right)
	f := judge(r, inside, teach, right)
	if len(real) > 0 {
		f = judge(r, inside, real, right)
		f.Real = true
	}
	return r, f
}

// enoughForeign texts need no others to teach by.
const enoughForeign = 1000

// within fits on some texts. When the file would be too big, the features that weigh
// least are left out and the rest is fitted again, from where the first fit ended.
// The folds do the same, or they would know more than the model that they stand for.
func (c *corpus) within(o *Options, strength float64, texts, of []int, labels int, tick, again func()) (*vocabulary, *matrix, weights) {
	v := c.vocabulary(texts, o.MinTexts, nil)
	m := c.matrix(texts, v)
	s := settings{c: strength, seed: o.Seed, stopped: o.stopped}
	room := c.room(o)
	if len(v.of) <= room {
		return v, m, fit(m, of, labels, s, tick)
	}
	s.ends = make([][]float64, labels)
	w := fit(m, of, labels, s, tick)
	if o.stopped != nil && o.stopped() {
		return v, m, w
	}
	kept := heaviest(v, w, m, room)
	v = c.vocabulary(texts, o.MinTexts, func(f int32) bool { return kept[f] })
	m = c.matrix(texts, v)
	s.start, s.ends = s.ends, nil
	return v, m, fit(m, of, labels, s, again)
}

// room is how many features the file has room for.
func (c *corpus) room(o *Options) int {
	header := 2500 + min(len(c.examples)/10, mostFrozen)*frozenSize*4/3
	for _, l := range c.labels {
		header += len(l) + 240 // its bias and thresholds
	}
	return max(1000, sort.Search(o.MaxBytes/8, func(rows int) bool { return model.Size(len(c.labels), rows)+header > o.MaxBytes })-1)
}

// final fits on everything.
func (c *corpus) final(o *Options, strength float64) (rows []model.Row, centres [][]float64, bias []float64) {
	all := make([]int, len(c.examples))
	for i := range all {
		all[i] = i
	}
	v, m, w := c.within(o, strength, all, c.of, len(c.labels),
		o.ticker("fitting", len(c.labels)), o.ticker("fitting what is kept", len(c.labels)))
	for col, f := range v.of {
		row := model.Row{Hash: c.hashes[f], IDF: v.idf[col], Weights: make([]float32, len(c.labels))}
		for k := range w {
			row.Weights[k] = w[k][col]
		}
		rows = append(rows, row)
	}
	for k := range w {
		bias = append(bias, float64(w[k][len(v.of)]))
	}
	return rows, c.centres(m, v, c.of, len(c.labels)), bias
}

// heaviest are the features that move the margins most over all texts.
func heaviest(v *vocabulary, w weights, m *matrix, n int) map[int32]bool {
	squares := make([]float64, len(v.of)+1)
	for e, col := range m.columns {
		squares[col] += float64(m.values[e]) * float64(m.values[e])
	}
	order := make([]int, len(v.of))
	weight := make([]float64, len(v.of))
	for col := range order {
		order[col] = col
		sum := 0.0
		for k := range w {
			sum += float64(w[k][col]) * float64(w[k][col])
		}
		weight[col] = sum * math.Sqrt(squares[col])
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(-cmp.Compare(weight[a], weight[b]), cmp.Compare(a, b)) })
	kept := make(map[int32]bool, n)
	for _, col := range order[:n] {
		kept[v.of[col]] = true
	}
	return kept
}
