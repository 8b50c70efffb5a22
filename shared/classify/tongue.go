package classify

import (
	"math"
	"slices"
)

// scriptOfLanguage is the script of a learned language.
func scriptOfLanguage(name string) int {
	for script, s := range scriptLanguages {
		if slices.Contains(s.names, name) {
			return script
		}
	}
	return latin
}

// What is known beforehand about a message's language, as natural logarithms of
// odds: that it is one of those the inbox speaks, and what the platform says.
const (
	priorDeclared = 2.0
	priorFirst    = 0.3 // the first of those declared, over the others
	priorHint     = 2.0
	priorRare     = -1.0 // few people write it, on the whole
	perWord       = 0.7  // of a function word, of the languages that have a list
	enoughWords   = 4
)

// rareLanguages are those that a short text in another language is taken for more
// often than that they are written.
var rareLanguages = []string{"ca", "eu", "is", "sq", "tl", "et", "lv", "lt", "sl", "sk", "hr", "be", "kk", "mk", "mn", "ur", "mr"}

// languageOf looks at the script first, then asks the head, which is held to the
// languages of the script.
func (c *Learned) languageOf(p *place, hint string, declared []string) Label {
	t := &p.reading
	hint = primary(hint)
	if t.words == 0 {
		return t.language(hint, declared)
	}
	script := t.script()
	m := c.heads.Language
	if !slices.Contains(c.scripts, script) {
		return t.language(hint, declared)
	}
	m.Score(p.reader.Features(), &p.language)
	if cap(p.scores) < len(m.Labels) {
		p.scores = make([]float64, len(m.Labels))
	}
	// Every text's features have one length, so a few words are as loud as many.
	sure := min(1, float64(t.words)/enoughWords)
	best, top := -1, math.Inf(-1)
	for k, l := range m.Labels {
		p.scores[k] = math.Inf(-1)
		if c.scripts[k] != script {
			continue
		}
		v := sure*float64(p.language.Margins[k])/m.Temperature + c.priors[k]
		if i := c.worded[k]; i >= 0 {
			v += perWord * min(t.evidence[i], 5)
		}
		if l == hint {
			v += priorHint
		}
		for i, d := range declared {
			if primary(d) == l {
				v += priorDeclared
				if i == 0 {
					v += priorFirst
				}
				break
			}
		}
		p.scores[k] = v
		if v > top {
			best, top = k, v
		}
	}
	sum := 0.0
	for _, v := range p.scores[:len(m.Labels)] {
		sum += math.Exp(v - top)
	}
	return Label{Name: m.Labels[best], Probability: min(1/sum, 0.99)}
}

// script is the one that most of the text is written in.
func (t *reading) script() int {
	best := latin
	for i, n := range t.scripts {
		if n > t.scripts[best] {
			best = i
		}
	}
	return best
}
