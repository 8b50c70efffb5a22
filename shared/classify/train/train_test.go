package train_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"ines/shared/classify/feature"
	"ines/shared/classify/model"
	"ines/shared/classify/train"
)

// spoken makes texts of four matters in words of their own and words of everybody.
func spoken(n int, foreign int) []train.Example {
	random := rand.New(rand.NewPCG(7, 7))
	own := map[string][]string{
		"baggage": {"bag", "suitcase", "belt", "luggage", "carousel", "lost"},
		"refund":  {"money", "refund", "charged", "card", "paid", "twice"},
		"booking": {"seat", "name", "booking", "ticket", "change", "window"},
		"crew":    {"steward", "crew", "pilot", "rude", "friendly", "cabin"},
		"oos":     {"recipe", "football", "planet", "guitar", "dentist", "garden"},
	}
	common := strings.Fields("the my a please what where when is was on for with yesterday flight you can i we need tell")
	var all []train.Example
	make := func(label string, n int) {
		for range n {
			var words []string
			for range 4 + random.IntN(5) {
				words = append(words, common[random.IntN(len(common))])
			}
			for range 1 + random.IntN(3) {
				words[random.IntN(len(words))] = own[label][random.IntN(6)]
			}
			all = append(all, train.Example{Text: strings.Join(words, " "), Label: label, File: "f.csv", Line: len(all) + 2})
		}
	}
	for _, l := range []string{"baggage", "refund", "booking", "crew"} {
		make(l, n)
	}
	make("oos", foreign)
	return all
}

func TestLearnsAndKnowsWhatItDoesNotKnow(t *testing.T) {
	file, r, err := train.Train(t.Context(), spoken(120, 0), train.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Accuracy < 0.95 || r.MacroF1 < 0.95 || r.Error > 0.06 {
		t.Errorf("accuracy %v, F1 %v, calibration error %v", r.Accuracy, r.MacroF1, r.Error)
	}
	m, err := model.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	var reader feature.Reader
	var s model.Scratch
	for _, c := range []struct {
		text, label string
		inside      bool
	}{
		{"my suitcase is lost what can i", "baggage", true},
		{"you charged my card twice please", "refund", true},
		{"qwerty zxcvb poiuy lkjhg mnbvc", "", false},
	} {
		reader.Read("", c.text)
		m.Score(reader.Features(), &s)
		a := m.Answer(reader.Features(), &s)
		if a.InScope != c.inside || c.inside && m.Labels[a.Label] != c.label {
			t.Errorf("%q: %s %+v", c.text, m.Labels[a.Label], a)
		}
	}
}

func TestForeignTextsTeach(t *testing.T) {
	file, r, err := train.Train(t.Context(), spoken(120, 60), train.Options{C: []float64{0.5}})
	if err != nil {
		t.Fatal(err)
	}
	if !r.Foreign.Real || r.Foreign.Recall < 0.8 || r.Foreign.AUROC < 0.95 {
		t.Errorf("%+v", r.Foreign)
	}
	if m, _ := model.Open(file); m.Label("oos") >= 0 || m.Data.Outside == 0 {
		t.Errorf("labels %v, data %+v", m.Labels, m.Data)
	}
}

// The same rows give the same bytes, on however many processors.
func TestSameInSameBytes(t *testing.T) {
	examples := spoken(60, 10)
	first, _, err := train.Train(t.Context(), examples, train.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	again, _, err := train.Train(t.Context(), examples, train.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, again) {
		t.Error("the second model differs")
	}
}

func TestSmallerModelKeepsWhatMatters(t *testing.T) {
	examples := spoken(200, 0)
	for i := range examples { // words that tell nothing, each in a few texts
		examples[i].Text += fmt.Sprintf(" %c%c%c%c", 'a'+i%23, 'a'+i%19, 'a'+i%17, 'a'+i%13)
	}
	const most = 40_000
	file, r, err := train.Train(t.Context(), examples, train.Options{C: []float64{0.5}, MaxBytes: most})
	if err != nil {
		t.Fatal(err)
	}
	if len(file) > most {
		t.Errorf("%d bytes, at most %d were wanted", len(file), most)
	}
	m, _ := model.Open(file)
	var reader feature.Reader
	var s model.Scratch
	reader.Read("", "the suitcase")
	m.Score(reader.Features(), &s)
	if a := m.Answer(reader.Features(), &s); m.Labels[a.Label] != "baggage" {
		t.Errorf("%d features are left and the suitcase is %s", r.Features, m.Labels[a.Label])
	}
}

func TestReportFindsWrongLabels(t *testing.T) {
	examples := spoken(120, 0)
	examples[5].Label = "crew" // about baggage
	examples = append(examples, train.Example{Text: examples[0].Text + "!", Label: "refund", File: "f.csv", Line: 9999})
	examples[0].Text += "!"
	for i := range examples { // by different hands
		switch {
		case examples[i].Label == "crew" && i%3 == 0:
			examples[i].Label = "CREW"
		case examples[i].Label == "refund" && i%2 == 0:
			examples[i].Label = "\x1b[2Jre-fund" + strings.Repeat(" of it all", 9)
		}
	}
	_, r, err := train.Train(t.Context(), examples, train.Options{C: []float64{0.5}})
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, s := range r.Suspects {
		found = found || s.Example.Line == examples[5].Line && s.Rather == "baggage"
	}
	if !found {
		t.Errorf("line %d is not suspected: %+v", examples[5].Line, r.Suspects)
	}
	if len(r.Clashes) != 1 || r.Clashes[0].Example.Line != 9999 {
		t.Errorf("clashes: %+v", r.Clashes)
	}
	var text, page strings.Builder
	if err := r.Print(&text); err != nil {
		t.Fatal(err)
	}
	if err := r.HTML(&page); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"accuracy", "macro-F1", "calibration error", "wanted precision", "f.csv:9999", "baggage", "are they one?\n  CREW, crew\n", " [2Jre-fund of it all of it"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the report does not say %q", want)
		}
	}
	if strings.Contains(text.String(), "\x1b") {
		t.Error("a label moves the cursor")
	}
	if !strings.Contains(page.String(), "<li>CREW, crew") {
		t.Error("the page does not say which labels are alike")
	}
	if n := strings.Count(page.String(), "<svg"); n != 2 {
		t.Errorf("%d plots", n)
	}
}

func TestFewExamplesAreSaid(t *testing.T) {
	_, r, err := train.Train(t.Context(), spoken(12, 0), train.Options{C: []float64{0.5}})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := r.Print(&text); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), "don't automate") {
		t.Error("the report is silent about labels with 12 texts")
	}
}

func TestTrainingStops(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	o := train.Options{Progress: func(what string, done, of int) {
		if done == 2 {
			stop()
		}
	}}
	if _, _, err := train.Train(ctx, spoken(60, 0), o); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled training ends with %v", err)
	}
}
