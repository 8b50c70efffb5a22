package channel

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func runes(limit, parts int) Limits {
	return Limits{Max: limit, Unit: "characters", Measure: utf8.RuneCountInString, Parts: parts}
}

func TestSplitAtThePausesOfSpeech(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		limits     Limits
		want       []string
	}{
		{"fits", "All is well.", runes(20, 3), []string{"All is well."}},
		{"paragraphs", "First thing here.\n\nSecond thing.", runes(25, 3), []string{"First thing here.", "Second thing."}},
		{"sentences", "Your bag is in Oslo. It flies tonight.", runes(30, 3), []string{"Your bag is in Oslo.", "It flies tonight."}},
		{"words", "one two three four", runes(10, 3), []string{"one two", "three four"}},
		{"no pause", strings.Repeat("x", 12), runes(5, 3), []string{"xxxxx", "xxxxx", "xx"}},
		{"Japanese", "荷物は見つかりました。今夜届きます。", runes(12, 3), []string{"荷物は見つかりました。", "今夜届きます。"}},
		{"a family stays together", "👨‍👩‍👧👨‍👩‍👧", runes(7, 3), []string{"👨‍👩‍👧", "👨‍👩‍👧"}},
		{"an accent stays on its letter", "aaae\u0301", runes(4, 3), []string{"aaa", "e\u0301"}},
		{"by bytes", "ééé", Limits{Max: 4, Measure: func(s string) int { return len(s) }, Parts: 2}, []string{"éé", "é"}},
		{"too many parts", "one two three four", runes(5, 2), nil},
		{"not allowed", "one two", runes(5, 0), nil},
		{"nothing fits", "é", Limits{Max: 1, Measure: func(s string) int { return len(s) }, Parts: 9}, nil},
	} {
		got, ok := tc.limits.Split(tc.text)
		if !slices.Equal(got, tc.want) || ok != (tc.want != nil) {
			t.Errorf("%s: %q, %t, want %q", tc.name, got, ok, tc.want)
		}
	}
}

// Nothing but blanks is lost, and every part fits.
func TestSplitKeepsEveryWord(t *testing.T) {
	solid := func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) {
				return -1
			}
			return r
		}, s)
	}
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringOf(rapid.RuneFrom([]rune("abc. \n\té👍🏽‍。\ufffd"))).Draw(rt, "text")
		l := runes(rapid.IntRange(5, 30).Draw(rt, "limit"), 1000)
		parts, ok := l.Split(text)
		if !ok {
			// One cluster of joined characters can be longer than any message.
			return
		}
		if got, want := solid(strings.Join(parts, "")), solid(text); got != want {
			rt.Fatalf("%q became %q", want, got)
		}
		for _, p := range parts {
			if !l.fits(p) || strings.TrimSpace(p) == "" {
				rt.Fatalf("part %q", p)
			}
		}
	})
}
