package train

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"ines/shared/classify/feature"
	"ines/shared/classify/model"
)

// Comparison is a new model held against the one in use, on a frozen part of the
// examples that neither was trained on.
type Comparison struct {
	Texts    int
	Old, New int      // answered right
	Gone     int      // frozen texts that the new examples don't have
	Lost     []string // labels that the old one knew and the new one does not
}

// Compare asks both models about the frozen part.
func Compare(old, new *model.Model, frozen []Example, cues Cues) (c Comparison) {
	var r feature.Reader
	var s, t model.Scratch
	for _, e := range frozen {
		if slices.Contains(Outside, e.Label) {
			continue
		}
		r.Read("", e.Text)
		if cues != nil {
			cues(e.Text, &r)
		}
		c.Texts++
		c.Old += right(old, &r, &s, e.Label)
		c.New += right(new, &r, &t, e.Label)
	}
	c.lose(old, new)
	return c
}

func right(m *model.Model, r *feature.Reader, s *model.Scratch, label string) int {
	m.Score(r.Features(), s)
	if m.Labels[m.Answer(r.Features(), s).Label] == label {
		return 1
	}
	return 0
}

// Worse says why the new model must not replace the old one, or "".
func (c Comparison) Worse() string {
	switch {
	case c.Texts == 0:
		return "the frozen part has no texts: nothing says that the new model is not worse"
	case c.Gone > c.Texts:
		return fmt.Sprintf("%d of %d frozen texts are not in the examples any more: nothing says that the new model is not worse", c.Gone, c.Gone+c.Texts)
	case len(c.Lost) > 0:
		return "the new model does not know " + strings.Join(c.Lost, ", ") + " any more"
	case c.New < c.Old:
		return fmt.Sprintf("the new model is right on %d of %d frozen texts, the old one on %d", c.New, c.Texts, c.Old)
	}
	return ""
}

// Without leaves out the examples whose text, as it is read, is in the frozen part:
// a model must not be judged by what it was taught.
func Without(examples, frozen []Example) []Example {
	var r feature.Reader
	held := map[uint64]bool{}
	for _, e := range frozen {
		r.Read("", e.Text)
		held[key(r.Normal(nil))] = true
	}
	return slices.DeleteFunc(slices.Clone(examples), func(e Example) bool {
		r.Read("", e.Text)
		return held[key(r.Normal(nil))]
	})
}

// A frozen text takes so many bytes in a model's header: its key, its label and
// what was answered while it was unseen.
const frozenSize = 8 + 2 + 2

// mostFrozen texts are kept in a header.
const mostFrozen = 600

// freeze keeps the verdicts on a tenth of the texts. Which ones goes by the texts
// alone, so it is the same tenth in every training, however the examples grow.
func (c *corpus) freeze(all []verdict) (frozen []byte) {
	for _, v := range all {
		k := c.keys[v.text]
		if k>>8%10 != 0 || len(frozen) == mostFrozen*frozenSize {
			continue
		}
		frozen = binary.LittleEndian.AppendUint64(frozen, k)
		frozen = binary.LittleEndian.AppendUint16(frozen, uint16(c.of[v.text]))
		frozen = binary.LittleEndian.AppendUint16(frozen, uint16(v.label))
	}
	return frozen
}

type thawed struct {
	key           uint64
	label, answer string
}

func thaw(m *model.Model) (all []thawed) {
	for f := m.Frozen; len(f) >= frozenSize; f = f[frozenSize:] {
		label, answer := int(binary.LittleEndian.Uint16(f[8:])), int(binary.LittleEndian.Uint16(f[10:]))
		if label < len(m.Labels) && answer < len(m.Labels) {
			all = append(all, thawed{binary.LittleEndian.Uint64(f), m.Labels[label], m.Labels[answer]})
		}
	}
	return all
}

// CompareUnseen holds two models against each other by what each answered, in its
// training, on the texts of the frozen tenth while it had not seen them. The labels
// are those of the old one: it was there when they were frozen.
func CompareUnseen(old, new *model.Model) (c Comparison) {
	said := map[uint64]string{}
	for _, t := range thaw(new) {
		said[t.key] = t.answer
	}
	for _, t := range thaw(old) {
		answer, ok := said[t.key]
		if !ok {
			c.Gone++
			continue
		}
		c.Texts++
		if t.answer == t.label {
			c.Old++
		}
		if answer == t.label {
			c.New++
		}
	}
	c.lose(old, new)
	return c
}

func (c *Comparison) lose(old, new *model.Model) {
	for _, l := range old.Labels {
		if new.Label(l) < 0 {
			c.Lost = append(c.Lost, l)
		}
	}
}
