package policy

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ines/shared/classify"
	"ines/shared/message"
	"ines/shared/rule"
)

const small = `
brands: [{id: a}]
communities: [{id: a-en, brand: a, languages: [en]}]
inboxes: [{id: a-x, channel: x, account: "1", community: a-en}]
departments:
  - {id: care, default: true}
  - {id: baggage, name: Baggage desk}
  - {id: press, wants: 'reach >= 1000 && visibility == "public"'}
  - {id: board, wants: 'verified and segment != ""'}
  - {id: broken, wants: 'split(text, " ")[9] == "x"'}
colleagues: [{id: ines, name: Ines Silva}]
`

func TestAssess(t *testing.T) {
	d := parse(t, small+`
segments:
  - {id: stranded, when: 'urgency == "now"'}
  - {id: regular, when: 'customer.cases > 3 && customer.open_cases == 0'}
service:
  - {when: 'segment == "stranded"', first_answer: 15m, next_answer: 30m, resolution: 4h}
  - {when: 'brand == "a" && channel == "x"', first_answer: 45m}
  - {first_answer: 2h, next_answer: 3h}
routing:
  - {when: 'lower(text) contains "suitcase" || customer.name == "Bo"', department: baggage}
`)
	for name, tt := range map[string]struct {
		facts      Facts
		segment    string
		first      time.Duration
		department string
		rules      string
	}{
		"nothing known":  {Facts{}, "", 2 * time.Hour, "care", "default service[2] default"},
		"stranded":       {Facts{Inbox: "a-x", Urgency: "now"}, "stranded", 15 * time.Minute, "care", "segments[0] service[0] default"},
		"the inbox says": {Facts{Inbox: "a-x"}, "", 45 * time.Minute, "care", "default service[1] default"},
		"regular": {Facts{Customer: CustomerFacts{Known: true, Cases: 4}, Text: "My SUITCASE"}, "regular", 2 * time.Hour,
			"baggage", "segments[1] service[2] routing[0]"},
	} {
		t.Run(name, func(t *testing.T) {
			a := d.Assess(tt.facts)
			var rules []string
			for _, e := range a.Why {
				rules = append(rules, e.Rule)
			}
			if a.Segment != tt.segment || a.Service.FirstAnswer != tt.first || a.Department != tt.department {
				t.Errorf("got %+v", a)
			}
			if got := strings.Join(rules, " "); got != tt.rules {
				t.Errorf("rules %s, want %s", got, tt.rules)
			}
		})
	}
}

func TestExplanationsShowWhatTheRuleLookedAt(t *testing.T) {
	d := parse(t, small+`
segments: [{id: regular, when: 'customer.cases > 3 && anger < 0.5 || tone == "negative"'}]
routing: [{when: 'lower(text) contains "suitcase" && topic == ""', department: baggage}]
`)
	a := d.Assess(Facts{Text: "my suitcase is gone", Tone: "neutral", Customer: CustomerFacts{Cases: 4, Name: "Bo Lind"}})
	want := []Explanation{
		{Decision: "segment", Outcome: "regular", Rule: "segments[0]",
			Facts: map[string]any{"customer.cases": 4.0, "anger": 0.0, "tone": "neutral"},
			Text:  `The message belongs to the segment regular: segments[0] holds, as anger is 0, customer's cases is 4 and tone is "neutral".`},
		{Decision: "service", Outcome: "1h / 2h / 24h", Rule: "default",
			Text: "A first answer is owed within 1h of opening time, each next answer within 2h and a resolution within 24h: the policy has no rules for it."},
		{Decision: "department", Outcome: "baggage", Rule: "routing[0]",
			Facts: map[string]any{"text": "(what the message says)", "topic": ""},
			Text:  "The case goes to Baggage desk: routing[0] holds, as it asks for what the message says and topic is not known."},
	}
	if !reflect.DeepEqual(a.Why, want) {
		t.Errorf("got  %+v\nwant %+v", a.Why, want)
	}
	// An explanation is kept when the customer is erased.
	written, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(written), "suitcase is gone") || strings.Contains(string(written), "Lind") {
		t.Errorf("the explanation quotes the customer: %s", written)
	}
	var read Assessment
	if err := json.Unmarshal(written, &read); err != nil || !reflect.DeepEqual(read, a) {
		t.Errorf("after JSON: %+v, %v", read, err)
	}
}

func TestARuleThatFailsIsPassedOver(t *testing.T) {
	d := parse(t, small+`
segments:
  - {id: odd, when: 'split(language, "-")[1] == "CH"'}
  - {id: words, when: 'int(text) > 3'}
  - {id: rest}
`)
	why := d.Assess(Facts{Language: "de", Text: "secret"}).Why[0]
	if why.Rule != "segments[2]" || why.Outcome != "rest" || len(why.Errors) != 2 {
		t.Fatalf("got %+v", why)
	}
	if !strings.HasPrefix(why.Errors[0], "segments[0] failed: ") || why.Errors[1] != "segments[1] failed on text" {
		t.Errorf("errors %q", why.Errors)
	}
	if strings.Contains(why.Text, "secret") || !strings.Contains(why.Text, "Passed over: segments[0] failed") {
		t.Errorf("text %q", why.Text)
	}
	if got := d.Assess(Facts{Language: "de-CH", Text: "4"}); got.Segment != "odd" || got.Why[0].Errors != nil {
		t.Errorf("got %+v", got)
	}
}

func TestWanting(t *testing.T) {
	d := parse(t, small+`segments: [{id: stranded, when: 'urgency == "now"'}]`)
	for name, tt := range map[string]struct {
		facts Facts
		want  []string
	}{
		"nobody":     {Facts{}, nil},
		"press":      {Facts{Reach: 1000, Visibility: "public"}, []string{"press"}},
		"in private": {Facts{Reach: 1000, Visibility: "private"}, nil},
		"board":      {Facts{Verified: true, Urgency: "now"}, []string{"board"}},
		"all": {Facts{Verified: true, Urgency: "now", Reach: 5000, Visibility: "public", Text: "a b c d e f g h i x"},
			[]string{"press", "board", "broken"}},
	} {
		if got := d.Wanting(tt.facts); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

// Whoever has more followers is neither served sooner nor elsewhere.
func TestReachNeverEntersTheOrderOfWork(t *testing.T) {
	d := load(t, "../../infra/desk.yaml")
	rapid.Check(t, func(t *rapid.T) {
		word := func(label string, words []string) string {
			return rapid.SampledFrom(append([]string{""}, words...)).Draw(t, label)
		}
		f := Facts{
			Inbox: word("inbox", sortedKeys(d.inboxes)), Visibility: word("visibility", Visibilities), Topic: word("topic", sortedKeys(d.topics)),
			Kind: word("kind", Kinds), Tone: word("tone", Tones), Urgency: word("urgency", Urgencies), Anger: rapid.Float64Range(0, 1).Draw(t, "anger"),
			Text: rapid.String().Draw(t, "text"), Subject: word("subject", []string{"Interview request"}),
			Customer: CustomerFacts{Known: rapid.Bool().Draw(t, "known"), OpenCases: rapid.IntRange(0, 3).Draw(t, "open")},
		}
		known := f
		known.Reach = rapid.Int64().Draw(t, "reach")
		known.Verified = rapid.Bool().Draw(t, "verified")
		if a, b := d.Assess(f), d.Assess(known); !reflect.DeepEqual(a, b) {
			t.Fatalf("reach changed\n%+v\ninto\n%+v", a, b)
		}
	})
	for _, facts := range []*rule.Facts{sortingFacts, sortedFacts} {
		for _, name := range barred {
			if slices.Contains(facts.Names(), name) {
				t.Errorf("%v have %s", facts.Names(), name)
			}
		}
	}
}

func TestEveryFactHasAValue(t *testing.T) {
	for _, name := range sortedFacts.Names() {
		if (Facts{}).fact(name, "") == nil {
			t.Errorf("explanations don't know %s", name)
		}
	}
}

func TestWordsAreTheClassifiers(t *testing.T) {
	same := func(what string, got []string, want ...string) {
		slices.Sort(want)
		if got := slices.Sorted(slices.Values(got)); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	same("kinds", Kinds, classify.KindRequest, classify.KindQuestion, classify.KindComplaint, classify.KindPraise, classify.KindSpam, classify.KindSmallTalk)
	same("tones", Tones, classify.ToneNegative, classify.ToneNeutral, classify.TonePositive)
	same("urgencies", Urgencies, classify.UrgencyNormal, classify.UrgencyHigh, classify.UrgencyNow)
	same("visibilities", Visibilities, string(message.Public), string(message.Private))
}

func TestADeskIsSafeForConcurrentUse(t *testing.T) {
	d := load(t, "../../infra/desk.yaml")
	f := Facts{Inbox: "northline-x", Urgency: "now", Topic: "baggage", Reach: 1 << 20, Visibility: "public"}
	want := d.Assess(f)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				if got := d.Assess(f); !reflect.DeepEqual(got, want) {
					t.Errorf("got %+v", got)
				}
				d.Wanting(f)
				d.Communities[0].Hours.Add(time.Unix(1_800_000_000, 0), time.Hour)
			}
		})
	}
	wg.Wait()
}

func TestSignature(t *testing.T) {
	for _, c := range []struct{ sign, name, want string }{
		{"^{first_name}", "Ana-Lucía de Souza", "^Ana-Lucía"},
		{"{name}, Northline", "Ana-Lucía de Souza", "Ana-Lucía de Souza, Northline"},
		{"({initials})", "Ana-Lucía de Souza", "(ADS)"},
		{"", "Ana-Lucía de Souza", ""},
		{"^{first_name}", "{name}", "^{name}"}, // a name that looks like a placeholder
	} {
		d := Desk{Brands: []Brand{{ID: "northline", Sign: c.sign}}, brands: map[string]int{"northline": 0},
			Colleagues: []Colleague{{ID: "ana", Name: c.name}}, colleagues: map[string]int{"ana": 0}}
		if got := d.Signature("northline", "ana"); got != c.want {
			t.Errorf("%s signs %q as %q, want %q", c.name, c.sign, got, c.want)
		}
		if got := d.Signature("northline", "gone") + d.Signature("other", "ana"); got != "" {
			t.Errorf("nobody, or for no brand of ours, signs %q", got)
		}
	}
}

func BenchmarkAssess(b *testing.B) {
	d, err := Load("../../infra/desk.yaml")
	if err != nil {
		b.Fatal(err)
	}
	f := Facts{Inbox: "northline-x", Urgency: "now", Topic: "baggage"}
	for b.Loop() {
		d.Assess(f)
	}
}
