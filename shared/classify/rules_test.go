package classify_test

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"ines/shared/classify"
)

func classified(in classify.Input) classify.Result {
	var out classify.Result
	classify.NewRules(topics).Classify(in, &out)
	return out
}

func TestLanguageOfFewWords(t *testing.T) {
	for _, c := range []struct {
		text, hint string
		languages  []string
		want       string
		atMost     float64
	}{
		{"", "", []string{"fr"}, "fr", 0.3},
		{"", "", nil, "-", 0},
		{"😀", "de", []string{"fr"}, "de", 0.5},
		{"NL204", "", []string{"de", "en"}, "de", 0.5},
		{"Xyzzy plugh", "", []string{"de-AT"}, "de", 0.5},
		{"Xyzzy plugh", "sv", []string{"de"}, "sv", 0.6},
		{"ok", "pt-BR", []string{"en"}, "pt", 0.9},
		{"ok", "und", []string{"de"}, "de", 0.5},
		{"ok", "zxx", []string{"de"}, "de", 0.5},
		{"no", "", []string{"es", "en"}, "es", 0.9},
		{"no", "", []string{"en", "es"}, "en", 0.9},
		{"Мой рейс", "bg", []string{"en"}, "bg", 0.95},
		{"荷物 OK です", "", []string{"en"}, "ja", 1},
		{"Vielen Dank für die schnelle Hilfe, das war wirklich sehr nett von euch", "en", []string{"en"}, "de", 1},
	} {
		got := classified(classify.Input{Text: c.text, Hint: c.hint, Languages: c.languages}).Language
		if answer(got) != c.want || got.Probability > c.atMost {
			t.Errorf("%q, hint %q, inbox %v: %v, want %s with at most %v", c.text, c.hint, c.languages, got, c.want, c.atMost)
		}
	}
}

func TestTopics(t *testing.T) {
	own := classify.NewRules([]classify.Topic{
		{ID: "wordless"},
		{ID: "short", Words: map[string][]string{"en": {"bag"}}},
		{ID: "long", Words: map[string][]string{"en": {"lost bag"}, "ja": {"荷物"}, "de": {"koffer", "rückgabe"}}},
		{ID: "twin", Words: map[string][]string{"en": {"shared", ""}}},
		{ID: "other twin", Words: map[string][]string{"en": {"Shared"}}},
	})
	for _, c := range []struct{ text, want string }{
		{"bags", "short"},
		{"a lost bag", "long"}, // and not "bag" inside it
		{"a lost, bag", "short"},
		{"a lost bag, a bag, another bag and a bag", "short"},
		{"私の荷物が", "long"},
		{"Handgepäckkoffer", "long"},
		{"Rueckgabe bitte", "long"},
		{"SHARED", "twin"},
		{"badge", "-"},
		{"", "-"},
	} {
		var got classify.Result
		own.Classify(classify.Input{Text: c.text}, &got)
		if answer(got.Topic) != c.want {
			t.Errorf("%q: %v, want %s", c.text, got.Topic, c.want)
		}
	}
	var got classify.Result
	own.Classify(classify.Input{Subject: "Lost bag", Text: "See the photo."}, &got)
	if got.Topic.Name != "long" {
		t.Errorf("the subject does not count: %v", got.Topic)
	}
}

func TestAngerRises(t *testing.T) {
	last := -1.0
	for _, text := range []string{
		"Thank you for the quick answer!!!",
		"The flight was late.",
		"The flight was late and the crew was rude!",
		"The worst flight ever, late, rude, a disgrace!",
		"THE WORST FLIGHT EVER, LATE, RUDE, A DISGRACE!!! 😡",
	} {
		got := classified(classify.Input{Text: text}).Anger
		if got <= last && last >= 0 || got > 1 {
			t.Errorf("%q: anger %v, after %v", text, got, last)
		}
		last = got
	}
	if calm := classified(classify.Input{Text: "Thank you for the quick answer!!!"}).Anger; calm != 0 {
		t.Errorf("thanks are angry: %v", calm)
	}
}

func TestUrgencyLevels(t *testing.T) {
	for _, c := range []struct{ text, want, named string }{
		{"We are standing at the gate and they won't let us board", classify.UrgencyNow, "at the gate"},
		{"Boarding now and the app has lost my boarding pass", classify.UrgencyNow, "boarding now"},
		{"My flight leaves in 40 minutes and check-in is closed", classify.UrgencyNow, "leaves within the hour"},
		{"My flight leaves in 90 minutes", classify.UrgencyNormal, "-"},
		{"I have been on hold for 40 minutes", classify.UrgencyNormal, "-"},
		{"I stood at the gate yesterday and nobody came", classify.UrgencyNormal, "-"},
		{"Where is my boarding pass?", classify.UrgencyNormal, "-"},
		{"Stuck in Oslo, my insulin is in the hold", classify.UrgencyNow, "stranded,medication"},
		{"Vol dans une heure et ma carte est refusée", classify.UrgencyNow, "leaves within the hour"},
		{"Unser Flug geht in 30 Minuten, der Schalter ist zu", classify.UrgencyNow, "leaves within the hour"},
		{"Boarding läuft und ich komme nicht durch", classify.UrgencyNow, "boarding now"},
		{"Thank you for rebooking us at the gate!", classify.UrgencyNormal, "-"},
		{"I need to fly to a funeral", classify.UrgencyHigh, "a family emergency"},
	} {
		got := classified(classify.Input{Text: c.text, Languages: declared})
		if got.Urgency != c.want || named(got.Points) != c.named {
			t.Errorf("%q: %s (%s), want %s (%s)", c.text, got.Urgency, named(got.Points), c.want, c.named)
		}
	}
}

func TestSameInSameOut(t *testing.T) {
	all := sentences(t, "testdata/sentences.psv")
	r := classify.NewRules(topics)
	want := make([]classify.Result, len(all))
	for i, s := range all {
		want[i] = classified(classify.Input{Text: s.text, Languages: declared})
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			var got classify.Result // reused: Classify overwrites it
			for i, s := range all {
				r.Classify(classify.Input{Text: s.text, Languages: declared}, &got)
				same := got
				if len(same.Points) == 0 {
					same.Points = nil
				}
				if !reflect.DeepEqual(same, want[i]) {
					t.Errorf("line %d: %+v, want %+v", s.line, got, want[i])
				}
			}
		})
	}
	wg.Wait()
}

// The race detector makes pools forget now and then, so a few are let pass: one a
// word would be forty.
func TestClassifyHardlyAllocates(t *testing.T) {
	r := classify.NewRules(topics)
	out := classify.Result{Points: make([]classify.Point, 0, 16)}
	in := classify.Input{Text: sample, Hint: "en", Languages: declared}
	if n := testing.AllocsPerRun(200, func() { r.Classify(in, &out) }); n > 6 {
		t.Errorf("%v allocations a message", n)
	}
}

// sound checks what holds of every answer.
func sound(r classify.Result) error {
	for name, l := range map[string]classify.Label{"language": r.Language, "topic": r.Topic, "tone": r.Tone, "kind": r.Kind} {
		if math.IsNaN(l.Probability) || l.Probability < 0 || l.Probability > 1 || (l.Name == "") != (l.Probability == 0) {
			return fmt.Errorf("%s is %+v", name, l)
		}
	}
	if math.IsNaN(r.Anger) || r.Anger < 0 || r.Anger > 1 {
		return fmt.Errorf("anger is %v", r.Anger)
	}
	if r.Urgency != classify.Level(r.Points) {
		return fmt.Errorf("urgency is %s for %v", r.Urgency, r.Points)
	}
	seen := map[string]bool{}
	for _, p := range r.Points {
		if seen[p.Name] || p.Points <= 0 {
			return fmt.Errorf("points are %v", r.Points)
		}
		seen[p.Name] = true
	}
	return nil
}

func FuzzClassify(f *testing.F) {
	for _, s := range sentences(f, "testdata/sentences.psv") {
		f.Add("", s.text, "", "en")
	}
	f.Add("\xff\xfe", "\x00in 20 \xf0\x9f", "qme", "x-y")
	f.Add("Re:", strings.Repeat("in 99999 a", 900), "\xff\xff", "")
	r := classify.NewRules(topics)
	f.Fuzz(func(t *testing.T, subject, text, hint, language string) {
		var got classify.Result
		r.Classify(classify.Input{Subject: subject, Text: text, Hint: hint, Languages: []string{language, "en"}}, &got)
		if err := sound(got); err != nil {
			t.Error(err)
		}
	})
}

func FuzzTopicWords(f *testing.F) {
	f.Add("lost bag", "my lost bag")
	f.Add("", "\xff")
	f.Add("ß/ü?;", "SS/UE?;")
	f.Fuzz(func(t *testing.T, words, text string) {
		r := classify.NewRules([]classify.Topic{{ID: "one", Words: map[string][]string{"en": {words}}}})
		var got classify.Result
		r.Classify(classify.Input{Text: text}, &got)
		if err := sound(got); err != nil {
			t.Error(err)
		}
	})
}

const sample = "@northline you charged me £200 for a ticket I never booked. The hotline has been engaged for an hour, " +
	"your mail says phone us, and I fly today with two children. Can you please help me?"

func BenchmarkClassify(b *testing.B) {
	r := classify.NewRules(topics)
	for _, text := range []string{"Thanks!", sample, strings.Repeat(sample+"\n", 40), strings.Repeat("not good in 20 ", 400)} {
		b.Run(fmt.Sprint(len(text), "_bytes"), func(b *testing.B) {
			b.ReportAllocs()
			out := classify.Result{Points: slices.Grow([]classify.Point(nil), 16)}
			in := classify.Input{Text: text, Languages: declared}
			for b.Loop() {
				r.Classify(in, &out)
			}
		})
	}
}

func BenchmarkNewRules(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		classify.NewRules(topics)
	}
}
