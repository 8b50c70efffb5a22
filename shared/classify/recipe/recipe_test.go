package recipe_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"ines/shared/classify/recipe"
	"ines/shared/classify/train"
)

// TestTheKindHeadIsItsExamples: who changes the examples, or the word lists that give
// the cues, trains again — this head, and the mood head, whose texts are not here.
func TestTheKindHeadIsItsExamples(t *testing.T) {
	how, err := recipe.Find("kind")
	if err != nil {
		t.Fatal(err)
	}
	in, err := os.Open("../heads/kind.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	examples, err := train.ReadExamples(in, "kind.csv")
	if err != nil {
		t.Fatal(err)
	}
	o := how.Options
	o.Head = how.Name
	file, _, err := train.Train(t.Context(), examples, o)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("../heads/kind.model")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(file, want) {
		t.Error("heads/kind.model is not what its examples and the word lists make: run the commands of heads/ATTRIBUTION.md")
	}
}

func TestRecipesPrepare(t *testing.T) {
	for _, c := range []struct {
		head, text, label string
		want              []string // labels of what it makes
	}{
		{"topic", "where is my bag", "baggage", []string{"baggage"}},
		{"mood", "this is vile", "disgust", []string{"angry"}},
		{"mood", "this is what?", "unheard of", nil},
		{"spam", "my bag, please", "request", []string{"ham"}},
		{"language", "one two three four five six seven eight nine ten", "en", []string{"en", "en"}},
		{"language", "2013. 17 18 19", "en", nil},
		{"language", "hedd yw hedd", "cy", nil}, // none of those that the head tells apart
	} {
		how, err := recipe.Find(c.head)
		if err != nil {
			t.Fatal(err)
		}
		got, err := how.Apply([]train.Example{{Text: c.text, Label: c.label}})
		if (err != nil) != (len(c.want) == 0) {
			t.Errorf("%s: %q gives %v", c.head, c.text, err)
		}
		var labels []string
		for _, e := range got {
			labels = append(labels, e.Label)
		}
		if strings.Join(labels, " ") != strings.Join(c.want, " ") {
			t.Errorf("%s: %q is %v, want %v", c.head, c.text, labels, c.want)
		}
	}
	if _, err := recipe.Find("weather"); err == nil || !strings.Contains(err.Error(), "language") {
		t.Errorf("an unknown head: %v", err)
	}
}
