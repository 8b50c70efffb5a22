package train

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"ines/shared/classify/feature"
	"ines/shared/classify/model"
)

// outside is the label index of texts that are about none of the labels.
const outside = -1

// corpus is the examples taken apart, each different text once.
type corpus struct {
	kinds    feature.Set
	examples []Example
	labels   []string
	of       []int    // the label of each example, or outside
	keys     []uint64 // of the normalised text: equal for near-duplicates
	words    []int    // how many words, marks and masks

	// The features of example i are entries[starts[i]:starts[i+1]].
	starts  []int
	entries []entry
	hashes  []uint64 // of each feature
	kindOf  []feature.Kind

	dropped int // duplicates
	clashes []clash
}

type entry struct {
	feature int32
	count   uint16
}

// clash is a text that has been given two labels: the first one counts.
type clash struct{ first, other Example }

// Cues adds what another reader finds in a text to its features.
type Cues func(text string, r *feature.Reader)

func newCorpus(examples []Example, kinds feature.Set, cues Cues, progress func(done, of int)) (*corpus, error) {
	c := &corpus{kinds: kinds, starts: []int{0}}
	var r feature.Reader
	var normal []byte
	seen := map[string]int{} // normalised text → example
	ids := map[uint64]int32{}
	for i, e := range examples {
		if i%1000 == 0 {
			progress(i, len(examples))
		}
		r.Read("", e.Text)
		normal = r.Normal(normal[:0])
		if first, ok := seen[string(normal)]; ok {
			c.dropped++
			if c.examples[first].Label != e.Label {
				c.clashes = append(c.clashes, clash{c.examples[first], e})
			}
			continue
		}
		if cues != nil {
			cues(e.Text, &r)
		}
		seen[string(normal)] = len(c.examples)
		c.examples = append(c.examples, e)
		c.keys = append(c.keys, key(normal))
		n := 0
		for _, f := range r.Features() {
			if f.Kind == feature.Word {
				n++
			}
			if !kinds.Has(f.Kind) {
				continue
			}
			id, ok := ids[f.Hash]
			if !ok {
				id = int32(len(c.hashes))
				ids[f.Hash] = id
				c.hashes, c.kindOf = append(c.hashes, f.Hash), append(c.kindOf, f.Kind)
			}
			c.entries = append(c.entries, entry{id, f.Count})
		}
		c.words = append(c.words, n)
		c.starts = append(c.starts, len(c.entries))
	}
	return c, c.name()
}

// name numbers the labels in alphabetical order.
func (c *corpus) name() error {
	count := map[string]int{}
	for _, e := range c.examples {
		count[e.Label]++
	}
	for l := range count {
		if !slices.Contains(Outside, l) {
			c.labels = append(c.labels, l)
		}
	}
	slices.Sort(c.labels)
	index := map[string]int{}
	for i, l := range c.labels {
		index[l] = i
	}
	for _, e := range c.examples {
		i, ok := index[e.Label]
		if !ok {
			i = outside
		}
		c.of = append(c.of, i)
	}
	file := c.examples[0].File
	switch len(c.labels) {
	case 0:
		return fmt.Errorf("%s: every text is labelled as about nothing", file)
	case 1:
		return fmt.Errorf("%s: all %d texts are labelled %q; telling apart takes at least two labels", file, count[c.labels[0]], c.labels[0])
	}
	var few []string
	for _, l := range c.labels {
		if count[l] < MinExamples {
			few = append(few, fmt.Sprintf("%s (%d)", l, count[l]))
		}
	}
	if len(few) > 0 {
		return fmt.Errorf("%s: a label needs at least %d different texts, and %d before it should be trusted; too few: %s", file, MinExamples, EnoughExamples, strings.Join(few, ", "))
	}
	return nil
}

// MinExamples a label are the least that training accepts; with fewer than
// EnoughExamples the report warns.
const (
	MinExamples    = 5
	EnoughExamples = 30
)

// key is equal for texts that differ in numbers, marks, case and the order of words
// only, so that a split by it keeps near-duplicates on one side.
func key(normal []byte) uint64 {
	var words []string
	for w := range strings.FieldsSeq(string(normal)) {
		if w = strings.Trim(w, "?!#0"); w != "" {
			words = append(words, w)
		}
	}
	slices.Sort(words)
	sum := sha256.Sum256([]byte(strings.Join(slices.Compact(words), " ")))
	return binary.LittleEndian.Uint64(sum[:])
}

// fold is the part of the split that an example belongs to.
func (c *corpus) fold(i, folds int) int { return int(c.keys[i] % uint64(folds)) }

// count is how many texts a label has.
func (c *corpus) count(label int) int {
	n := 0
	for _, l := range c.of {
		if l == label {
			n++
		}
	}
	return n
}

// digest is of the examples in the order of their texts: the order in the file
// tells nothing.
func (c *corpus) digest() string {
	order := make([]int, len(c.examples))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(c.examples[a].Text, c.examples[b].Text), cmp.Compare(c.examples[a].Label, c.examples[b].Label))
	})
	h := sha256.New()
	for _, i := range order {
		fmt.Fprintf(h, "%q,%q\n", c.examples[i].Text, c.examples[i].Label)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// vocabulary is the features that a fit may use, with their weights by rarity.
type vocabulary struct {
	column []int32 // by feature; -1 for what is left out
	idf    []float64
	of     []int32 // the feature of a column
	rarest float64
}

// vocabulary counts in how many of the texts each feature is. A feature in fewer
// than least is left out, and so is each that keep refuses.
func (c *corpus) vocabulary(texts []int, least int, keep func(feature int32) bool) *vocabulary {
	count := make([]int32, len(c.hashes))
	for _, i := range texts {
		for _, e := range c.entries[c.starts[i]:c.starts[i+1]] {
			count[e.feature]++
		}
	}
	v := &vocabulary{column: make([]int32, len(c.hashes)), rarest: rarity(len(texts), 0)}
	for f, n := range count {
		v.column[f] = -1
		if int(n) < least || n == 0 || keep != nil && !keep(int32(f)) {
			continue
		}
		v.column[f] = int32(len(v.of))
		v.of = append(v.of, int32(f))
		v.idf = append(v.idf, rarity(len(texts), int(n)))
	}
	return v
}

// matrix is texts as rows of a vocabulary's columns; the last column is the
// constant 1.
type matrix struct {
	starts  []int
	columns []int32
	values  []float32
	known   []float64 // share of each text's words that the vocabulary has, by rarity
	width   int
}

// matrix weighs the texts as model.Score will.
func (c *corpus) matrix(texts []int, v *vocabulary) *matrix {
	m := &matrix{starts: []int{0}, width: len(v.of) + 1}
	for _, i := range texts {
		var lengths [feature.Blocks]float64 // squared
		from, known, rare := len(m.values), 0.0, 0.0
		for _, e := range c.entries[c.starts[i]:c.starts[i+1]] {
			col := v.column[e.feature]
			if col < 0 {
				if c.kindOf[e.feature] == feature.Word {
					rare += v.rarest
				}
				continue
			}
			value := model.Value(e.count, v.idf[col])
			kind := c.kindOf[e.feature]
			lengths[kind.Block()] += float64(value * value)
			if kind == feature.Word {
				known += v.idf[col]
				rare += v.idf[col]
			}
			m.columns, m.values = append(m.columns, col), append(m.values, float32(value))
		}
		for j := from; j < len(m.values); j++ {
			m.values[j] = scaled(m.values[j], lengths[c.kindOf[v.of[m.columns[j]]].Block()])
		}
		m.columns, m.values = append(m.columns, int32(len(v.of))), append(m.values, 1)
		m.starts, m.known = append(m.starts, len(m.values)), append(m.known, known/max(rare, 1e-9))
	}
	return m
}
