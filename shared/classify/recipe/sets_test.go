package recipe_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ines/shared/classify/feature"
	"ines/shared/classify/model"
	"ines/shared/classify/recipe"
	"ines/shared/classify/train"
)

// data is where the sets are, seen from this folder: beside the project, or where
// INES_DATA says.
func data() string {
	if place := os.Getenv("INES_DATA"); place != "" {
		return place
	}
	return "../../../../shared/data"
}

// sets are what the heads are judged on. Files that begin with a dot are inside the
// project, the others are in data.
var sets = []struct {
	name, head string
	files      []string
}{
	{"banking77", "topic", []string{"banking77/train.csv"}},
	{"clinc150", "topic", []string{"clinc150/train.csv", "clinc150/oos_train.csv"}},
	{"goemotions", "topic", []string{"goemotions_ekman/train.csv"}},
	{"mood", "mood", []string{"goemotions_ekman/train.csv", "../heads/mood.csv"}},
	{"sms", "spam", []string{"sms_spam/train.csv"}},
	{"languages", "language", []string{"languages/sentences.csv"}},
	{"sample_desk", "topic", []string{"../../../infra/desk.examples.csv"}},
	{"kind", "kind", []string{"../heads/kind.csv"}},
	{"customers_mood", "mood", []string{"../heads/mood.csv"}},
}

// BenchmarkSets trains each head as its recipe says, on the sets beside the project
// where they are and on those inside it everywhere. Its figures are of five folds:
// accuracy and macro-F1 in percent, the calibration error and how much of it is
// chance, the share answered at 95 % precision, what a message takes, how big the
// model is and what fitting and opening it take.
func BenchmarkSets(b *testing.B) {
	for _, set := range sets {
		var files []string
		for _, f := range set.files {
			if f[0] != '.' {
				f = filepath.Join(data(), f)
			}
			if _, err := os.Stat(f); err == nil {
				files = append(files, f)
			}
		}
		if len(files) < len(set.files) {
			b.Logf("%s: %s is not here", set.name, strings.Join(set.files, ", "))
			continue
		}
		b.Run(set.name, func(b *testing.B) { judge(b, set.head, files) })
	}
}

func judge(b *testing.B, head string, files []string) {
	how, err := recipe.Find(head)
	if err != nil {
		b.Fatal(err)
	}
	var examples []train.Example
	for _, f := range files {
		in, err := os.Open(f)
		if err != nil {
			b.Fatal(err)
		}
		read, err := train.ReadExamples(in, f)
		in.Close()
		if err != nil {
			b.Fatal(err)
		}
		examples = append(examples, read...)
	}
	if examples, err = how.Apply(examples); err != nil {
		b.Fatal(err)
	}
	o := how.Options
	o.Head = how.Name
	if len(o.C) == 0 {
		o.C = []float64{0.5}
	}
	var lock sync.Mutex // ticks come from several goroutines
	begun, fitting := time.Now(), time.Duration(0)
	o.Progress = func(what string, done, of int) {
		lock.Lock()
		defer lock.Unlock()
		if !strings.HasPrefix(what, "fitting") {
			begun = time.Now()
		}
		fitting = time.Since(begun)
	}
	file, r, err := train.Train(b.Context(), examples, o)
	if err != nil {
		b.Fatal(err)
	}
	m, err := model.Open(file)
	if err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	for range 20 {
		if _, err := model.Open(file); err != nil {
			b.Fatal(err)
		}
	}
	opening := time.Since(began) / 20
	var reader feature.Reader
	var s model.Scratch
	at := 0
	b.ReportAllocs()
	for b.Loop() {
		reader.Read("", examples[at].Text)
		if o.Cues != nil {
			o.Cues(examples[at].Text, &reader)
		}
		m.Score(reader.Features(), &s)
		m.Answer(reader.Features(), &s)
		at = (at + 17) % len(examples)
	}
	b.ReportMetric(100*r.Accuracy, "%accuracy")
	b.ReportMetric(100*r.MacroF1, "%macro-F1")
	b.ReportMetric(r.Error, "calibration-error")
	b.ReportMetric(r.Chance, "calibration-chance")
	b.ReportMetric(100*r.Answered(0.95), "%answered-at-95%")
	if r.Foreign.Texts > 0 {
		b.ReportMetric(100*r.Foreign.Recall, "%foreign-noticed")
		b.ReportMetric(100*r.Foreign.Inside, "%right-inside")
	}
	b.ReportMetric(float64(len(file))/1e6, "MB")
	b.ReportMetric(float64(opening.Microseconds())/1000, "ms-to-open")
	b.ReportMetric(fitting.Seconds(), "s-to-fit")
	b.Logf("%d texts, %d labels", r.Texts, len(r.Labels))
}
