package classify

import (
	"strings"
	"unicode/utf8"
)

var folds = func() map[rune]string {
	m := map[rune]string{'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'ł': "l", 'đ': "d"}
	for plain, accented := range map[string]string{
		"a": "àáâãäåā", "c": "çćč", "e": "èéêëēę", "i": "ìíîï", "n": "ñń", "o": "òóôõöō",
		"s": "śš", "u": "ùúûüū", "y": "ýÿ", "z": "źżž",
	} {
		for _, r := range accented {
			m[r] = plain
		}
	}
	return m
}()

// appendFolded adds a lower-case Latin letter without its accents: people leave
// them out.
func appendFolded(word []byte, r rune) []byte {
	if plain, ok := folds[r]; ok {
		return append(word, plain...)
	}
	return utf8.AppendRune(word, r)
}

// umlauts spells them the other way that Germans do.
var umlauts = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue")
