// Package recipe says how each head is trained from its examples. The ines command
// makes models by it, and the benchmarks judge the same. Nothing that serves
// messages imports it.
package recipe

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"ines/shared/classify"
	"ines/shared/classify/feature"
	"ines/shared/classify/train"
)

// A Recipe is how a head is trained from its examples.
type Recipe struct {
	Name    string
	Options train.Options
	prepare func(train.Example) []train.Example
	labels  []string // those that it may have, if whoever asks the head knows no others
}

// All are the heads that `ines train --head` makes. Topics and urgency are a
// desk's own; the others ship with ines, and ATTRIBUTION.md beside them has the
// commands that made them.
func All() []Recipe {
	words := feature.Text
	cued := words | feature.Of(feature.Cue)
	return []Recipe{
		{"topic", train.Options{Kinds: cued | feature.Of(feature.Sense), Cues: classify.Cues}, nil, nil},
		{"urgency", train.Options{Kinds: cued, Closed: true, Cues: classify.Cues}, nil,
			[]string{classify.UrgencyNormal, classify.UrgencyHigh, classify.UrgencyNow}},
		{"language", train.Options{Kinds: feature.Letters, C: []float64{0.5}, MinTexts: 3, MaxBytes: 2_600_000, Closed: true}, fragments, nil},
		{"mood", train.Options{Kinds: cued, Cues: classify.Cues, C: []float64{0.25}, MaxBytes: 700_000, Closed: true}, relabel(moods), nil},
		{"spam", train.Options{Kinds: words, MaxBytes: 250_000, Closed: true, Precision: 0.99}, relabel(map[string]string{
			"spam": "spam", "ham": "ham", classify.KindRequest: "ham", classify.KindQuestion: "ham",
			classify.KindComplaint: "ham", classify.KindPraise: "ham", classify.KindSmallTalk: "ham"}), nil},
		{"kind", train.Options{Kinds: cued, Cues: classify.Cues, MaxBytes: 500_000, Closed: true}, nil,
			[]string{classify.KindRequest, classify.KindQuestion, classify.KindComplaint, classify.KindPraise, classify.KindSpam, classify.KindSmallTalk}},
	}
}

// Find is the recipe of a head.
func Find(name string) (Recipe, error) {
	var names []string
	for _, r := range All() {
		if r.Name == name {
			return r, nil
		}
		names = append(names, r.Name)
	}
	return Recipe{}, fmt.Errorf("there is no head %q; there are %s", name, strings.Join(names, ", "))
}

// moods puts GoEmotions' seven emotions into what a desk asks: who is angry, who is
// unhappy, who is pleased.
var moods = map[string]string{
	"anger": classify.MoodAngry, "disgust": classify.MoodAngry,
	"fear": classify.MoodNegative, "sadness": classify.MoodNegative,
	"neutral": classify.MoodNeutral, "surprise": classify.MoodNeutral,
	"joy":              classify.MoodPositive,
	classify.MoodAngry: classify.MoodAngry, classify.MoodNegative: classify.MoodNegative,
	classify.MoodPositive: classify.MoodPositive,
}

// relabel renames labels and leaves out what it has no name for.
func relabel(names map[string]string) func(train.Example) []train.Example {
	return func(e train.Example) []train.Example {
		label, ok := names[e.Label]
		if !ok {
			return nil
		}
		e.Label = label
		return []train.Example{e}
	}
}

// fragments cuts a sentence of the language set into the lengths of posts: people
// write shorter than newspapers. Languages that their script gives away, and those
// that no head tells apart, are left out.
func fragments(e train.Example) []train.Example {
	if !slices.Contains(classify.LearnedLanguages, e.Label) {
		return nil
	}
	var all []train.Example
	words := strings.Fields(e.Text)
	for at, n := 0, 4; at < len(words); at, n = at+n, 4+(n+3)%9 {
		part := e
		part.Text = strings.Join(words[at:min(at+n, len(words))], " ")
		if letters(part.Text) >= 10 { // "2013." is in every language
			all = append(all, part)
		}
	}
	return all
}

func letters(text string) int {
	n := 0
	for _, c := range text {
		if unicode.IsLetter(c) {
			n++
		}
	}
	return n
}

// Apply makes of the rows what the head is trained on.
func (r Recipe) Apply(examples []train.Example) ([]train.Example, error) {
	for _, e := range examples {
		if r.labels != nil && !slices.Contains(r.labels, e.Label) {
			return nil, fmt.Errorf("%s:%d: %q is no label of the %s head; there are %s", e.File, e.Line, e.Label, r.Name, strings.Join(r.labels, ", "))
		}
	}
	if r.prepare == nil {
		return examples, nil
	}
	var all []train.Example
	for _, e := range examples {
		all = append(all, r.prepare(e)...)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("none of the labels is one that the %s head knows", r.Name)
	}
	return all, nil
}
