package x_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"ines/shared/channel/x"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestWeightedLength(t *testing.T) {
	tests := []struct {
		name, text string
		want       int
	}{
		{"letters", "Hello, Marek", 12},
		{"accents", "Grüße über ça", 13},
		{"accents in two code points count as composed", "Gru\u0308ße", 5},
		{"Greek, Cyrillic, Hebrew, Arabic", "λжשש ع", 6},
		{"Georgian is the last of the light ones", "ა\u10ff", 2},
		{"Hangul Jamo is the first of the heavy ones", "\u1100", 2},
		{"curly quotes and dashes", "“ok” – ‘no’", 11},
		{"ellipsis is heavy", "…", 2},
		{"primes", "5′ 3″", 5},
		{"euro is heavy", "€5", 3},
		{"Japanese", "こんにちは", 10},
		{"Chinese", "你好", 4},
		{"emoji", "🙂", 2},
		{"emoji with skin tone", "👋🏽", 2},
		{"family", "👩\u200d👩\u200d👧\u200d👦", 2},
		{"profession with tone", "👩🏿\u200d🚀", 2},
		{"flag", "🇵🇹", 2},
		{"two flags", "🇵🇹🇬🇧", 4},
		{"half a flag", "🇵", 2},
		{"flag of tags", "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", 2},
		{"keycap", "1\ufe0f\u20e3", 2},
		{"keycap without style", "#\u20e3", 2},
		{"plain digit", "1", 1},
		{"heart with style", "❤\ufe0f", 2},
		{"copyright", "©", 1},
		{"copyright as emoji", "©\ufe0f", 2},
		{"text style", "☎\ufe0e", 4},
		{"dangling joiner", "🙂\u200d", 3},
		{"link", "https://northline.com/help", 23},
		{"short link", "http://t.co/a", 23},
		{"link in a sentence", "See https://northline.com/a?b=c&d=e, then write.", 4 + 23 + 13},
		{"link in brackets", "(https://northline.com/a)", 25},
		{"link without scheme", "northline.com", 23},
		{"country ending alone is no link", "northline.de", 12},
		{"country ending with a path", "northline.de/hilfe", 23},
		{"country ending with three parts", "www.northline.de", 23},
		{"port", "http://northline.com:8080/a", 23},
		{"two links", "https://a.com https://b.org", 47},
		{"mail address", "help@northline.com", 18},
		{"unfinished sentence", "done.and then", 13},
		{"mention is text", "@northline.com", 14},
		{"an ending that few know", "northline.holiday and northline.ngo", 23 + 5 + 23},
		{"an ending of two letters that is none", "https://northline.xx/a", 22},
		{"a file", "Readme.txt", 10},
		{"a country's company", "northline.co", 23},
		{"invented ending", "https://northline.example/a", 27},
		{"broken bytes", "\xff", 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := x.WeightedLength(tt.text); got != tt.want {
				t.Errorf("%q weighs %d, want %d", tt.text, got, tt.want)
			}
		})
	}
}

// A text weighs at most twice its code points in NFC, which can be more, plus the links' due, and putting
// blanks and letters around it changes nothing inside.
func TestWeightedLengthProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		n := x.WeightedLength(text)
		links := strings.Count(text, ".")
		if n < 0 || n > 2*utf8.RuneCountInString(norm.NFC.String(text))+23*links {
			t.Fatalf("%q weighs %d", text, n)
		}
		if got := x.WeightedLength("abc " + text + " abc"); got < n+8-2 || got > n+8+2 { // a mark may join the blank
			t.Fatalf("%q weighs %d alone, %d between words", text, n, got)
		}
	})
}

func BenchmarkWeightedLength(b *testing.B) {
	text := strings.Repeat("Hello 👋🏽 über ", 20) + "https://northline.com/help"
	b.ReportAllocs()
	for b.Loop() {
		x.WeightedLength(text)
	}
}
