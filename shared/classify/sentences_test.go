package classify_test

import (
	"bufio"
	"os"
	"strings"
	"testing"

	"ines/shared/classify"
)

var topics = []classify.Topic{
	{ID: "baggage", Words: map[string][]string{"en": {"baggage", "luggage", "suitcase", "bag", "carousel", "lost bag"}, "fr": {"bagage", "bagages", "valise", "soute"}, "de": {"gepäck", "koffer", "gepäckband"}}},
	{ID: "refund", Words: map[string][]string{"en": {"refund", "money back", "charged", "charged twice", "reimburse"}, "fr": {"remboursement", "rembourser", "débité"}, "de": {"erstattung", "geld zurück", "abgebucht"}}},
	{ID: "booking", Words: map[string][]string{"en": {"booking", "booked", "ticket", "reservation", "seat", "boarding pass"}, "fr": {"réservation", "billet", "siège"}, "de": {"buchung", "gebucht", "ticket", "sitzplatz"}}},
	{ID: "disruption", Words: map[string][]string{"en": {"delayed", "delay", "cancelled", "cancellation", "missed connection", "stranded", "rebook"}, "fr": {"retard", "annulé", "annulation"}, "de": {"verspätung", "annulliert", "gestrichen"}}},
	{ID: "crew", Words: map[string][]string{"en": {"crew", "cabin crew", "steward", "pilot"}, "fr": {"équipage", "hôtesse", "pilote"}, "de": {"crew", "flugbegleiter", "pilot"}}},
}

var declared = []string{"en", "fr", "de"}

type sentence struct {
	line                                      int
	kind, tone, language, topic, points, text string
}

func sentences(t testing.TB, name string) []sentence {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []sentence
	scanner := bufio.NewScanner(f)
	for line := 1; scanner.Scan(); line++ {
		if strings.HasPrefix(scanner.Text(), "#") {
			continue
		}
		c := strings.SplitN(scanner.Text(), "|", 6)
		if len(c) != 6 {
			t.Fatalf("%s:%d: want 6 columns", name, line)
		}
		all = append(all, sentence{line, c[0], c[1], c[2], c[3], c[4], c[5]})
	}
	if err := scanner.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func answer(l classify.Label) string {
	if l.Name == "" {
		return "-"
	}
	return l.Name
}

func named(points []classify.Point) string {
	if len(points) == 0 {
		return "-"
	}
	names := make([]string, len(points))
	for i, p := range points {
		names[i] = p.Name
	}
	return strings.Join(names, ",")
}

// TestSentences holds every head against every labelled sentence. The rules have
// seen these sentences: it says that nothing got worse, not how good they are.
func TestSentences(t *testing.T) {
	r := classify.NewRules(topics)
	all := sentences(t, "testdata/sentences.psv")
	labelled, right := map[string]int{}, map[string]int{}
	for _, s := range all {
		var got classify.Result
		r.Classify(classify.Input{Text: s.text, Languages: declared}, &got)
		for _, head := range []struct{ name, want, got string }{
			{"kind", s.kind, answer(got.Kind)},
			{"tone", s.tone, answer(got.Tone)},
			{"language", s.language, answer(got.Language)},
			{"topic", s.topic, answer(got.Topic)},
			{"urgency", s.points, named(got.Points)},
		} {
			if head.want == "*" {
				continue
			}
			labelled[head.name]++
			if head.want == head.got {
				right[head.name]++
			} else {
				t.Errorf("line %d: %s is %q, want %q: %s", s.line, head.name, head.got, head.want, s.text)
			}
		}
	}
	for head, n := range labelled {
		t.Logf("%s: %d of %d", head, right[head], n)
		if n < 120 {
			t.Errorf("%s has %d labelled sentences, want at least 120", head, n)
		}
	}
}
