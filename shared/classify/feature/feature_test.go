package feature_test

import (
	"slices"
	"strings"
	"testing"

	"ines/shared/classify/feature"
)

func normal(text string) string {
	var r feature.Reader
	r.Read("", text)
	return string(r.Normal(nil))
}

func TestWhatIsRead(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"My card, please", "my card please"},
		{"@northline see https://x.example/a?b=1 or www.x.example now", "<user> see <url> or <url> now"},
		{"mail a@b.example", "mail a b example"},
		{"Soooooo looong!!!", "soo loong ! ! !"},
		{"I paid 1,250.00 on 2026-11-22, ref 123456789", "i paid 0 000 00 on 0000 00 00 ref 0000"},
		{"can't, won't, I've; l'avion d’Air", "cant wont ive l avion d air"},
		{"why?? #fail", "why ? ? # fail"},
		{"great :) bad :-( hm :/ love <3", "great 🙂 bad 🙁 hm 😕 love ❤"},
		{"http: //", "http"},
		{"👍🏽 ❤️", "👍 ❤"},
		{"荷物が OK", "荷 物 が ok"},
		{"ไทย", "ไ ท ย"},
		{"घर", "घर"},
		{"हिन्दी में", "हिन्दी में"},
		{"ÉTÉ Straße", "été straße"},
		{"؟ ！", "? !"},
		{"a\xffb", "a b"},
	} {
		if got := normal(c.text); got != c.want {
			t.Errorf("%q is read as %q, want %q", c.text, got, c.want)
		}
	}
}

func TestFeaturesOfAText(t *testing.T) {
	var r feature.Reader
	r.Read("", "ab cd ab")
	count := map[feature.Kind]int{}
	for _, f := range r.Features() {
		count[f.Kind]++
	}
	// Words ab and cd; pairs ab-cd and cd-ab; the skip ab-ab. Pieces of " ab " and
	// " cd ": a, b / " a", "ab", "b " / " ab", "ab " / " ab ".
	want := map[feature.Kind]int{feature.Word: 2, feature.Pair: 2, feature.Skip: 1,
		feature.Char1: 4, feature.Char2: 6, feature.Char3: 4, feature.Char4: 2}
	for k, n := range want {
		if count[k] != n {
			t.Errorf("%d features of kind %d, want %d", count[k], k, n)
		}
	}
	if f := r.Features()[0]; f.Count != 2 || r.Token(int(f.Token)) != "ab" {
		t.Errorf("the first word is %+v", f)
	}
}

func TestSubjectAndCuesCount(t *testing.T) {
	var r feature.Reader
	r.Read("Lost bag", "please")
	r.Cue("polite")
	if got := string(r.Normal(nil)); got != "lost bag please" {
		t.Errorf("read %q", got)
	}
	last := r.Features()[len(r.Features())-1]
	if last.Kind != feature.Cue || r.CueName(int(last.Token)) != "polite" {
		t.Errorf("the cue is %+v", last)
	}
}

// Different features must not fall together, whatever they are of.
func TestHashesDiffer(t *testing.T) {
	seen := map[uint64]string{}
	var r feature.Reader
	for _, text := range []string{"a", "b a", "a b", "a x b", "ab", "abc", "abcd", "cab", "é", "0", "?", "<url>", "a a a"} {
		r.Read("", text)
		for _, f := range r.Features() {
			what := string(rune('0'+f.Kind)) + r.Token(int(f.Token))
			if old, ok := seen[f.Hash]; ok && old[0] != what[0] {
				t.Errorf("%q and %q have one hash", old, what)
			}
			seen[f.Hash] = what
		}
	}
}

func TestReadingAllocatesNothing(t *testing.T) {
	var r feature.Reader
	long := strings.Repeat("Where is my bag? I was at the gate 14 😡 今 ", 200)
	r.Read("", long)
	for _, text := range []string{"Thanks!", long} {
		if n := testing.AllocsPerRun(50, func() { r.Read("a subject", text) }); n > 0 {
			t.Errorf("%v allocations for %d bytes", n, len(text))
		}
	}
}

func TestReadingTwiceIsTheSame(t *testing.T) {
	var used, fresh feature.Reader
	used.Read("", strings.Repeat("words that fill the room ", 300))
	for _, text := range []string{"my bag", "", "ein Koffer 😀"} {
		used.Read("s", text)
		fresh = feature.Reader{}
		fresh.Read("s", text)
		if !slices.Equal(used.Features(), fresh.Features()) {
			t.Errorf("%q is read differently the second time", text)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"", "Hi 😀 @a https://b", "\xff'\xf0\x9f", ":<=;'’", "ส0!!！ａ"} {
		f.Add(s, s)
	}
	var r feature.Reader
	f.Fuzz(func(t *testing.T, subject, text string) {
		r.Read(subject, text)
		seen := map[uint64]bool{}
		for _, each := range r.Features() {
			if each.Count == 0 || seen[each.Hash] {
				t.Fatalf("%+v comes twice or not at all", each)
			}
			seen[each.Hash] = true
		}
		if strings.ContainsAny(string(r.Normal(nil)), "123456789") {
			t.Error("a digit is left")
		}
	})
}

func BenchmarkRead(b *testing.B) {
	var r feature.Reader
	b.ReportAllocs()
	for b.Loop() {
		r.Read("", "I am still waiting on my card, can you track it for me?")
	}
}
