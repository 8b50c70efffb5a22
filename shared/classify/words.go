package classify

import "slices"

// table is a list of phrases for one signal; words_*.go hold them by language. See
// lexicon.addTable for the notation.
type table struct {
	signal  signal
	phrases string
}

// tables are the lists of all languages. They count whatever language a text is in:
// people mix.
func tables() []table { return slices.Concat(wordsEN, wordsFR, wordsDE, wordsMore) }
