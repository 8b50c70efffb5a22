package classify

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ines/shared/classify"
	"ines/shared/classify/feature"
	"ines/shared/classify/heads"
	"ines/shared/classify/train"
	"ines/shared/policy"
	"ines/shared/policy/policyfile"
)

// deskWith is the sample desk with more said about learning, and its files beside it.
func deskWith(t *testing.T, learning string, files map[string][]byte) *policy.Desk {
	t.Helper()
	dir, from := t.TempDir(), filepath.FromSlash("../../infra")
	text, err := os.ReadFile(filepath.Join(from, "desk.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	model, err := os.ReadFile(filepath.Join(from, "desk.topics.model"))
	if err != nil {
		t.Fatal(err)
	}
	const at = "  model: desk.topics.model\n"
	if !strings.Contains(string(text), at) {
		t.Fatal("the sample desk names no model")
	}
	all := map[string][]byte{"desk.yaml": []byte(strings.Replace(string(text), at, at+learning, 1)), "desk.topics.model": model}
	for name, data := range files {
		all[name] = data
	}
	for name, data := range all {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	desk, err := policyfile.Load(filepath.Join(dir, "desk.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return desk
}

// sure counts the examples of the sample desk that it is sure of, by topic.
func sure(t *testing.T, desk *policy.Desk) (n int, of map[string]int) {
	t.Helper()
	c, err := opened(desk)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.FromSlash("../../infra/desk.examples.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	examples, err := train.ReadExamples(f, "desk.examples.csv")
	if err != nil {
		t.Fatal(err)
	}
	of = map[string]int{}
	for _, e := range examples {
		var r classify.Result
		text := e.Text[:len(e.Text)*2/3] // what it was taught, it is sure of
		if c.Classify(classify.Input{Text: text}, &r); r.Topic.Sure {
			n++
			of[r.Topic.Name]++
		}
	}
	return n, of
}

// TestThePolicySaysHowSureIsSure: the more precision is wanted, the fewer answers
// are sure; a topic of its own precision is judged by that.
func TestThePolicySaysHowSureIsSure(t *testing.T) {
	usual, by := sure(t, deskWith(t, "", nil))
	same, _ := sure(t, deskWith(t, "  precision: 0.95\n", nil))
	strict, _ := sure(t, deskWith(t, "  precision: 0.995\n", nil))
	lax, _ := sure(t, deskWith(t, "  precision: 0.8\n", nil))
	if usual != same || strict > usual || lax <= usual {
		t.Errorf("sure of %d, at 0.95 of %d, at 0.995 of %d, at 0.8 of %d", usual, same, strict, lax)
	}
	_, one := sure(t, deskWith(t, "  precisions: {disruption: 0.8}\n", nil))
	for topic, n := range by {
		if topic == "disruption" && one[topic] <= n || topic != "disruption" && one[topic] != n {
			t.Errorf("%s: sure of %d with a precision of disruption's own, of %d without", topic, one[topic], n)
		}
	}
	if _, err := opened(deskWith(t, "  precision: 0.999\n", nil)); err == nil || !strings.Contains(err.Error(), "--precision 0.999") {
		t.Errorf("a precision that the model has no thresholds for: %v", err)
	}
}

// TestATrainedUrgencyIsUsedWhenThePolicyNamesIt: what colleagues corrected makes the
// next such case urgent, and the explanation says so.
func TestATrainedUrgencyIsUsedWhenThePolicyNamesIt(t *testing.T) {
	var examples []train.Example
	add := func(label, form string, words ...string) {
		for _, a := range words {
			for _, b := range words {
				examples = append(examples, train.Example{Text: fmt.Sprintf(form, a, b), Label: label})
			}
		}
	}
	add("now", "the cello of the %s soloist is kept by the %s", "first", "second", "young", "guest", "late", "famous")
	add("high", "our choir from %s has no seats to %s", "Oslo", "Bergen", "Turku", "Malmo", "Riga", "Vilnius")
	add("normal", "which %s do you sell on the way to %s", "tea", "soup", "cake", "juice", "bread", "cheese")
	file, _, err := train.Train(t.Context(), examples, train.Options{Head: "urgency", Kinds: feature.Text | feature.Of(feature.Cue), Closed: true, Cues: classify.Cues})
	if err != nil {
		t.Fatal(err)
	}
	say := func(desk *policy.Desk, text string) (r classify.Result) {
		c, err := opened(desk)
		if err != nil {
			t.Fatal(err)
		}
		c.Classify(classify.Input{Text: text, Languages: []string{"en"}}, &r)
		return r
	}
	without, with := deskWith(t, "", nil), deskWith(t, "  urgency: urgency.model\n", map[string][]byte{"urgency.model": file})
	for text, want := range map[string][2]string{
		"the cello of the old soloist is kept by the second": {"now", "like cases that could not wait"},
		"our choir from Tromso has no seats to Riga":         {"high", "like cases that were urgent"},
		"which wine do you sell on the way to soup":          {"normal", ""},
	} {
		if r := say(without, text); r.Urgency != "normal" {
			t.Errorf("%q is %s before anything was learned", text, r.Urgency)
		}
		r := say(with, text)
		named := ""
		for _, p := range r.Points {
			if strings.HasPrefix(p.Name, "like cases") {
				named = p.Name
			}
		}
		if r.Urgency != want[0] || named != want[1] {
			t.Errorf("%q is %s by %v, want %s", text, r.Urgency, r.Points, want[0])
		}
	}
	if _, err := opened(deskWith(t, "  urgency: desk.topics.model\n", nil)); err == nil || !strings.Contains(err.Error(), "urgency") {
		t.Errorf("a topic model for urgency: %v", err)
	}
}

// opened is a policy's classifier as one machine makes it.
func opened(desk *policy.Desk) (*classify.Learned, error) {
	return Classifier(desk, Words(desk), heads.Open(), Read)
}
