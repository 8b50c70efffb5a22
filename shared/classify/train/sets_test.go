package train_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ines/shared/classify"
	"ines/shared/classify/feature"
	"ines/shared/classify/model"
	"ines/shared/classify/train"
)

// BenchmarkSets trains on the sets beside the project, where they are, and else on
// the sample desk's examples. Its figures are of five folds: accuracy and macro-F1
// in percent, the calibration error, the share answered at 95 % precision, what a
// message takes, and how big the model is.
func BenchmarkSets(b *testing.B) {
	const shared = "../../../../shared/data"
	sets := map[string][]string{
		"banking77":  {"banking77/train.csv"},
		"clinc150":   {"clinc150/train.csv", "clinc150/oos_train.csv"},
		"goemotions": {"goemotions_ekman/train.csv"},
		"sms":        {"sms_spam/train.csv"},
	}
	here := shared
	for _, place := range []string{os.Getenv("INES_DATA"), shared} {
		if _, err := os.Stat(place); place != "" && err == nil {
			here = place
			break
		}
	}
	if _, err := os.Stat(here); errors.Is(err, fs.ErrNotExist) {
		sets = map[string][]string{}
	}
	// What is inside the project is asked either way: the sample desk's topics, and
	// the sentences of the kind and mood heads.
	inside := map[string]train.Options{"sample_desk": {},
		"kind": {Kinds: feature.Text | feature.Of(feature.Cue), Cues: classify.Cues, Closed: true},
		"mood": {Kinds: feature.Text | feature.Of(feature.Cue), Cues: classify.Cues, Closed: true}}
	if own, err := filepath.Abs("../../.."); err != nil {
		b.Fatal(err)
	} else {
		sets["sample_desk"] = []string{filepath.Join(own, "infra/desk.examples.csv")}
		sets["kind"], sets["mood"] = []string{filepath.Join(own, "shared/classify/heads/kind.csv")}, []string{filepath.Join(own, "shared/classify/heads/mood.csv")}
	}
	for _, name := range []string{"banking77", "clinc150", "goemotions", "sms", "sample_desk", "kind", "mood"} {
		files, ok := sets[name]
		if !ok {
			continue
		}
		b.Run(name, func(b *testing.B) {
			var examples []train.Example
			for _, f := range files {
				if !filepath.IsAbs(f) {
					f = filepath.Join(here, f)
				}
				text, err := os.ReadFile(f)
				if err != nil {
					b.Fatal(err)
				}
				read, err := train.ReadExamples(strings.NewReader(string(text)), f)
				if err != nil {
					b.Fatal(err)
				}
				examples = append(examples, read...)
			}
			var lock sync.Mutex // ticks come from several goroutines
			begun, took := time.Now(), time.Duration(0)
			o := inside[name]
			o.C, o.Progress = []float64{0.5}, func(what string, _, _ int) {
				lock.Lock()
				defer lock.Unlock()
				if !strings.HasPrefix(what, "fitting") {
					begun = time.Now()
				}
				took = time.Since(begun)
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
				model.Open(file)
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
			b.ReportMetric(100*m.Metrics.Coverage, "%answered-at-95%")
			if r.Foreign.Texts > 0 {
				b.ReportMetric(100*r.Foreign.Recall, "%foreign-noticed")
			}
			b.ReportMetric(float64(len(file))/1e6, "MB")
			b.ReportMetric(float64(opening.Microseconds())/1000, "ms-to-open")
			b.ReportMetric(took.Seconds(), "s-to-fit")
			b.Log(fmt.Sprintf("%d texts, %d labels", r.Texts, len(r.Labels)))
		})
	}
}
