package classify

import (
	"math"
	"slices"

	"ines/shared/classify/model"
)

// tongue is a language that the head knows.
type tongue struct {
	script int
	words  int // its place among the languages with function words, or -1
	prior  float64
}

func tongues(m *model.Model) []tongue {
	all := make([]tongue, len(m.Labels))
	for k, l := range m.Labels {
		all[k] = tongue{script: scriptOfLanguage(l), words: known(l)}
		if slices.Contains(rareLanguages, l) {
			all[k].prior = priorRare
			if all[k].script != latin { // and few others write so
				all[k].prior = priorRare / 2
			}
		}
	}
	return all
}

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
	enoughPieces  = 640 // of about 140 characters: more don't make it surer
)

// rareLanguages are those that a short text in another language is taken for more
// often than that they are written.
var rareLanguages = []string{"ca", "eu", "is", "sq", "tl", "et", "lv", "lt", "sl", "sk", "hr", "be", "kk", "mk", "mn", "ur", "mr"}

// languageOf looks at the script first, then asks the head, which is held to the
// languages of the script.
func (c *Learned) languageOf(p *place, hint string, declared []string) Label {
	t := &p.reading
	hint = primary(hint)
	if t.letters == 0 { // a number, a face
		return fallback(hint, declared, 0.5, 0.3)
	}
	script := t.script()
	m := c.heads.Language
	if !slices.ContainsFunc(c.tongues, func(l tongue) bool { return l.script == script }) {
		return t.language(hint, declared)
	}
	m.Weigh(p.reader.Pieces(enoughPieces), &p.language)
	p.scores = append(p.scores[:0], make([]float64, len(m.Labels))...)
	for i, d := range declared {
		if k := m.Label(learnedAs(primary(d))); k >= 0 && p.scores[k] == 0 {
			p.scores[k] = priorDeclared
			if i == 0 {
				p.scores[k] += priorFirst
			}
		}
	}
	if k := m.Label(learnedAs(hint)); k >= 0 {
		p.scores[k] += priorHint
	}
	// Every text's features have one length, so a few words are as loud as many.
	// What a language's own word says is the same among few.
	sure := min(1, float64(t.words)/enoughWords) / m.Temperature
	word := perWord * max(1, enoughWords/float64(max(t.words, 1)))
	best, top := -1, math.Inf(-1)
	for k, l := range c.tongues {
		if l.script != script {
			p.scores[k] = math.Inf(-1)
			continue
		}
		v := p.scores[k] + float64(sure*float64(p.language.Margins[k])) + l.prior
		if l.words >= 0 {
			v += float64(word * min(t.evidence[l.words], 5))
		}
		if p.scores[k] = v; v > top {
			best, top = k, v
		}
	}
	sum := 0.0
	for _, v := range p.scores {
		sum += math.Exp(v - top)
	}
	return Label{Name: calledBy(declared, m.Labels[best]), Probability: min(1/sum, 0.99)}
}

// learnedAs is the code by which the head knows a language that has several.
func learnedAs(language string) string {
	switch language {
	case "no", "nn":
		return "nb"
	case "fil":
		return "tl"
	}
	return language
}

// calledBy is a language by the code that the desk has for it, if it has one of its own.
func calledBy(declared []string, learned string) string {
	for _, d := range declared {
		if own := primary(d); learnedAs(own) == learned {
			return own
		}
	}
	return learned
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
