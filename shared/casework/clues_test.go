package casework

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestClues(t *testing.T) {
	for expr, want := range map[string][]string{
		`talk to (?:a |an )*(?:person|human)`: {"talk to "},
		`(?:talk|speak) (?:persons?|human)`:   {"talk human", "talk person", "speak human", "speak person"},
		`(?:^|\s)(?:ab|.*) (?:bot|robot)s?`:   {" bot", " robot"},
		`(?:abc)+x`:                           {"abc"},
		`gr[ae]y`:                             {"gray", "grey"},
		`(?i)person`:                          nil,
		`ab|person`:                           nil,
		`(?:person)?`:                         nil,
		`[a-z]+`:                              nil,
		``:                                    nil,
	} {
		got := clue(expr).clues
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: clues %q, want %q", expr, got, want)
		}
	}
}

// Every language's patterns have clues, so that most messages cost little.
func TestPersonPatternsHaveClues(t *testing.T) {
	for i, p := range personPatterns() {
		if len(p.alone.clues) == 0 || len(p.within.clues) == 0 {
			t.Errorf("%s: alone %q, within %q", personWords[i].language, p.alone.clues, p.within.clues)
		}
	}
}

// Clues never hide a match: what is made of the patterns' own pieces is found with them
// as without.
func TestCluesHideNothing(t *testing.T) {
	var pieces []string
	for _, w := range personWords {
		pieces = append(pieces, strings.FieldsFunc(w.alone+" "+w.within, func(r rune) bool { return strings.ContainsRune("|()?:[]*‹›", r) })...)
	}
	pieces = append(pieces, " ", " ", " ", ".", "", "x")
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 8).Draw(t, "pieces"), rapid.SampledFrom([]string{"", " "}).Draw(t, "between"))
		for i, p := range personPatterns() {
			for _, c := range []clued{p.alone, p.within} {
				if got, want := c.find(text), c.pattern.FindString(text); got != want {
					t.Fatalf("%s, %q: found %q, want %q", personWords[i].language, text, got, want)
				}
			}
		}
	})
}

func BenchmarkAsksForPerson(b *testing.B) {
	for name, text := range map[string]string{
		"report": "My suitcase did not come out at Lisbon, and the desk in the arrivals hall was closed. Where do I report it? I have been waiting for it since Thursday, and nobody answers the telephone there.",
		"asks":   "This did not help at all. I would like to talk to a real person, please.",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				AsksForPerson(text)
			}
		})
	}
}
