package classify

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var listTopics = []Topic{
	{ID: "baggage", Words: map[string][]string{"en": {"bag", "lost bag", "suitcase"}, "de": {"Gepäck", "Koffer"}, "fr": {"bagage"}}},
	{ID: "wordless"},
	{ID: "twin", Words: map[string][]string{"en": {"lost bag", strings.Repeat("so ", 300) + "long"}}},
}

// filled is the lexicon that NewWords made the tables of.
func filled(topics []Topic) *lexicon {
	l := newLexicon()
	l.fillWith(topics)
	return l
}

// TestTablesHoldTheLists: every word with all that is known of it, and its phrases in
// their order.
func TestTablesHoldTheLists(t *testing.T) {
	for _, topics := range [][]Topic{nil, listTopics} {
		lists, made := filled(topics), NewWords(topics)
		if len(lists.ids) < 5000 || len(made.words)/wordSize-1 != len(lists.words) {
			t.Fatalf("%d words, of which the tables hold %d", len(lists.ids), len(made.words)/wordSize-1)
		}
		for text, id := range lists.ids {
			if got := made.id([]byte(text)); got != id || string(made.letters(id)) != text {
				t.Fatalf("%q is %d, want %d", text, got, id)
			}
			w := lists.words[id]
			if made.has(id, markJoins) != w.joins || made.has(id, markTopical) != w.topical || made.has(id, markAims) != w.aims {
				t.Errorf("%q has other marks", text)
			}
			var evidence [languageCount]float64
			made.weigh(id, &evidence)
			for i := range evidence {
				if evidence[i] != float64(w.evidence[i]) {
					t.Errorf("%q weighs %v, want %v", text, evidence, w.evidence)
				}
			}
			starts := made.starts(id)
			if len(starts) != phraseSize*len(w.starts) {
				t.Fatalf("%q begins %d phrases, want %d", text, len(starts)/phraseSize, len(w.starts))
			}
			for i, want := range w.starts {
				p := made.phrase(starts[phraseSize*i:])
				var tokens []token
				for _, next := range want.rest {
					tokens = append(tokens, token{word: next})
				}
				if p.group != want.group || p.signal != want.signal || p.about != want.topic || p.words() != 1+len(want.rest) || !p.follows(tokens) {
					t.Errorf("phrase %d of %q is %+v, want %+v", i, text, p, want)
				}
			}
		}
		for i, s := range senses {
			if made.senses[i] != s.name {
				t.Errorf("sense %d is %q, want %q", i, made.senses[i], s.name)
			}
		}
	}
	if got := NewWords(listTopics).topics; !slices.Equal(got, []string{"baggage", "wordless", "twin"}) {
		t.Errorf("topics %q", got)
	}
}

// TestFindAgreesWithAMap: whatever the word, and whatever it is made of.
func TestFindAgreesWithAMap(t *testing.T) {
	lists, made := filled(listTopics), NewWords(listTopics)
	var known []string
	for text := range lists.ids {
		known = append(known, text)
	}
	slices.Sort(known)
	// What find says, in the words of its doc.
	find := func(w string) int32 {
		if id, ok := lists.ids[w]; ok {
			return id
		}
		if id, ok := lists.ids[strings.TrimSuffix(w, "s")]; ok && len(w) >= 4 {
			return id
		}
		for i := 2; i+5 <= len(w) && len(w) <= 40; i++ {
			for _, piece := range []string{w[i:], w[:len(w)-i+1]} {
				if id, ok := lists.ids[piece]; ok && lists.words[id].topical {
					return id
				}
			}
		}
		return -1
	}
	word := rapid.SampledFrom(known)
	rapid.Check(t, func(t *rapid.T) {
		w := word.Draw(t, "word")
		switch rapid.IntRange(0, 4).Draw(t, "how") {
		case 0:
			w += "s"
		case 1:
			w += word.Draw(t, "more")
		case 2:
			w = rapid.StringN(0, 6, 20).Draw(t, "before") + w
		case 3:
			w = rapid.StringN(0, 12, 60).Draw(t, "any")
		}
		got, as := made.find([]byte(w))
		_, written := lists.ids[w]
		if want := find(w); got != want || as != written {
			t.Fatalf("%q is %d, %v; want %d, %v", w, got, as, want, written)
		}
	})
	if made.akin([]byte("zzzzzzz"), math.MaxInt32) != -1 {
		t.Error("what is like nothing")
	}
}

// TestWordsAsAFile: the same lists give the same file, it says the same, and no other
// file is taken for it.
func TestWordsAsAFile(t *testing.T) {
	const owner = "0123456789abcdef01234567"
	file := NewWords(listTopics).File(owner)
	if !bytes.Equal(file, NewWords(listTopics).File(owner)) {
		t.Fatal("made twice it is another")
	}
	again, err := OpenWords(file, owner)
	if err != nil || !bytes.Equal(again.File(owner), file) || !slices.Equal(again.topics, []string{"baggage", "wordless", "twin"}) || len(again.senses) != len(senses) {
		t.Fatalf("opened it is another: %v", err)
	}
	if _, err := OpenWords(file, "another policy's hash"); !errors.Is(err, ErrOtherWords) {
		t.Errorf("another policy's: %v", err)
	}
	for i := 0; i < len(file); i += 1 + i/200 {
		wrong := bytes.Clone(file)
		wrong[i] ^= 0x20
		want := ErrWordsDamaged
		switch {
		case i < len(wordsMagic):
			want = ErrNotWords
		case i < len(wordsMagic)+4, i >= len(wordsMagic)+12 && i < len(wordsMagic)+12+ownerSize:
			want = ErrOtherWords
		}
		if _, err := OpenWords(wrong, owner); !errors.Is(err, want) {
			t.Errorf("byte %d: %v, want %v", i, err, want)
		}
	}
	for n := 0; n < len(file); n += 1 + n/50 {
		if _, err := OpenWords(file[:n], owner); !errors.Is(err, ErrWordsDamaged) && !errors.Is(err, ErrNotWords) {
			t.Errorf("the first %d bytes: %v", n, err)
		}
	}
}
