package classify

// table is a list of phrases for one signal; words_*.go hold them by language. See
// lexicon.addTable for the notation.
type table struct {
	signal  signal
	phrases string
}

// The lists of every language count whatever language a text is in: people mix.
var tables = func() []table {
	var all []table
	for _, each := range [][]table{wordsEN, wordsFR, wordsDE, wordsMore} {
		all = append(all, each...)
	}
	return all
}()
