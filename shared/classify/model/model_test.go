package model_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"ines/shared/classify/feature"
	"ines/shared/classify/model"
)

// made is a model of two features a label, known exactly.
func made(t testing.TB, labels int) ([]byte, []model.Row) {
	t.Helper()
	h := model.Header{Head: "test", Kinds: feature.Text, Calibration: model.Calibration{Temperature: 0.5}, Reject: model.Reject{Weights: [8]float64{1, 1}, Threshold: 0.2}}
	var rows []model.Row
	var centres [][]float64
	var r feature.Reader
	random := rand.New(rand.NewPCG(1, 2))
	for k := range labels {
		h.Labels = append(h.Labels, fmt.Sprint("label", k))
		h.Bias = append(h.Bias, -float64(k)/100)
		centre := model.NewSketch()
		r.Read("", word(k))
		for _, f := range r.Features() {
			w := make([]float32, labels)
			for j := range w {
				w[j] = float32(random.NormFloat64() / 4)
			}
			w[k] = 2
			rows = append(rows, model.Row{Hash: f.Hash, IDF: 1 + float64(k)/7, Weights: w})
			model.Sketch(centre, f.Hash, 1)
		}
		centres = append(centres, centre)
	}
	seen := map[uint64]bool{}
	var once []model.Row
	for _, row := range rows {
		if !seen[row.Hash] {
			once = append(once, row)
		}
		seen[row.Hash] = true
	}
	file, err := model.Encode(h, once, centres)
	if err != nil {
		t.Fatal(err)
	}
	return file, once
}

func word(k int) string { return fmt.Sprintf("%c%c%c", 'a'+k%26, 'a'+k/26, 'a'+k*7%26) }

// TestScoreIsTheSum holds the byte arithmetic against plain floating point.
func TestScoreIsTheSum(t *testing.T) {
	for _, labels := range []int{2, 3, 7, 8, 9, 40, 150} {
		file, rows := made(t, labels)
		m, err := model.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		byHash := map[uint64]model.Row{}
		for _, row := range rows {
			byHash[row.Hash] = row
		}
		var r feature.Reader
		var s model.Scratch
		for _, text := range []string{word(0), word(1) + " " + word(0) + " " + word(1), "unknown", ""} {
			r.Read("", text)
			m.Score(r.Features(), &s)
			var blocks [feature.Blocks]float64
			for _, f := range r.Features() {
				if row, ok := byHash[f.Hash]; ok && m.Kinds.Has(f.Kind) {
					v := model.Value(f.Count, row.IDF)
					blocks[block(f)] += v * v
				}
			}
			for k := range labels {
				want := m.Bias[k]
				for _, f := range r.Features() {
					if row, ok := byHash[f.Hash]; ok && m.Kinds.Has(f.Kind) {
						want += model.Value(f.Count, row.IDF) / math.Sqrt(blocks[block(f)]) * float64(row.Weights[k])
					}
				}
				if got := float64(s.Margins[k]); math.Abs(got-want) > 0.02*(1+math.Abs(want)) {
					t.Errorf("%d labels, %q: margin %d is %v, want %v", labels, text, k, got, want)
				}
			}
			if a := m.Answer(r.Features(), &s); text == word(1) && (a.Label != 1 || a.Probability < 0.5) {
				t.Errorf("%q is answered %+v", text, a)
			}
		}
	}
}

func block(f feature.Feature) int {
	return f.Kind.Block()
}

func TestWhyNamesTheWord(t *testing.T) {
	file, _ := made(t, 20)
	m, _ := model.Open(file)
	var r feature.Reader
	var s model.Scratch
	r.Read("", "so "+word(3)+" then")
	m.Score(r.Features(), &s)
	why := m.Why(&r, &s, 3, 5)
	if len(why) == 0 || why[0].Words != word(3) || why[0].Weight <= 0 {
		t.Errorf("why: %v", why)
	}
}

func TestScoringAllocatesNothing(t *testing.T) {
	file, _ := made(t, 150)
	m, _ := model.Open(file)
	var r feature.Reader
	var s model.Scratch
	score := func() {
		r.Read("", "abc bbd of the words")
		m.Score(r.Features(), &s)
		m.Answer(r.Features(), &s)
	}
	score()
	if n := testing.AllocsPerRun(100, score); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// resealed gives a changed file the right checksum.
func resealed(file []byte) []byte {
	binary.LittleEndian.PutUint32(file[20:], crc32.Checksum(file[24:], crc32.MakeTable(crc32.Castagnoli)))
	return file
}

func TestOpenRefuses(t *testing.T) {
	good, _ := made(t, 3)
	edit := func(change func(b []byte) []byte) []byte { return change(bytes.Clone(good)) }
	swap := func(old, new string) []byte {
		return edit(func(b []byte) []byte { return resealed(bytes.Replace(b, []byte(old), []byte(new), 1)) })
	}
	for name, c := range map[string]struct {
		file []byte
		want error
	}{
		"empty":          {nil, model.ErrNotModel},
		"another file":   {[]byte("text,label\nwhere is my bag,baggage\n"), model.ErrNotModel},
		"cut short":      {good[:len(good)-1], model.ErrDamaged},
		"only its head":  {good[:30], model.ErrDamaged},
		"too long":       {append(bytes.Clone(good), 0), model.ErrDamaged},
		"a flipped bit":  {edit(func(b []byte) []byte { b[len(b)/2] ^= 4; return b }), model.ErrDamaged},
		"newer":          {edit(func(b []byte) []byte { b[8] = 9; return b }), model.ErrNewer},
		"format 0":       {edit(func(b []byte) []byte { b[8] = 0; return b }), model.ErrDamaged},
		"no JSON":        {edit(func(b []byte) []byte { b[24] = '['; return resealed(b) }), model.ErrDamaged},
		"fewer rows":     {swap(`"rows":`, `"rowz":`), model.ErrDamaged},
		"no temperature": {swap(`"temperature":0.5`, `"temperature":0.0`), model.ErrDamaged},
	} {
		if _, err := model.Open(c.file); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	for old := byte(1); old < good[8]; old++ {
		if _, err := model.Open(edit(func(b []byte) []byte { b[8] = old; return b })); err == nil || !strings.Contains(err.Error(), "train it again") {
			t.Errorf("format %d: %v", old, err)
		}
	}
	if _, err := model.Open(swap(`"reading":1`, `"reading":7`)); err == nil {
		t.Error("a model of another reading is opened")
	}
}

func tables(b []byte) int { return 24 + int(binary.LittleEndian.Uint32(b[12:])) }

func FuzzOpen(f *testing.F) {
	good, _ := made(f, 3)
	f.Add(good)
	f.Add(good[:40])
	wide, _ := made(f, 12) // rows lie otherwise where there are more than eight labels
	f.Add(wide)
	if slim, err := model.ForUse(good); err == nil {
		f.Add(slim)
	}
	f.Add([]byte("INESMODL"))
	f.Fuzz(func(t *testing.T, file []byte) {
		if len(file) >= 24 {
			file = resealed(bytes.Clone(file)) // or the checksum would catch everything
		}
		trusted, err := model.Trust(file)
		if err != nil {
			if _, err := model.Open(file); err == nil {
				t.Error("opened, and not to be trusted")
			}
			return
		}
		asked(t, trusted)
		if m, err := model.Open(file); err == nil {
			asked(t, m)
		}
	})
}

// asked has a model answer; that it does is all that can be known of it.
func asked(t *testing.T, m *model.Model) {
	t.Helper()
	var r feature.Reader
	var s model.Scratch
	r.Read("", "aaa bab and more")
	m.Score(r.Features(), &s)
	if a := m.Answer(r.Features(), &s); a.Label < 0 || a.Label >= len(m.Labels) {
		t.Errorf("answer %+v", a)
	}
}

// TestTrustIsAsSafe: a model whose tables are anything answers, if wrongly.
func TestTrustIsAsSafe(t *testing.T) {
	good, _ := made(t, 9)
	opened, err := model.Open(good)
	if err != nil {
		t.Fatal(err)
	}
	trusted, err := model.Trust(good)
	if err != nil || !reflect.DeepEqual(opened, trusted) {
		t.Fatalf("trusted it is another: %v", err)
	}
	random := rand.New(rand.NewPCG(3, 4))
	for round := range 400 {
		file := bytes.Clone(good)
		for at := tables(file); at < len(file); at++ {
			switch round % 4 {
			case 0:
				file[at] = byte(random.Uint32())
			case 1:
				file[at] = 0xFF
			case 2:
				file[at] |= byte(random.Uint32())
			case 3:
				if random.IntN(8) == 0 {
					file[at] ^= 1 << random.IntN(8)
				}
			}
		}
		m, err := model.Trust(file)
		if err != nil {
			t.Fatal(err)
		}
		asked(t, m)
		if _, err := model.Open(file); !errors.Is(err, model.ErrDamaged) {
			t.Fatalf("opened: %v", err)
		}
	}
	// Without what training reads it is the same but for that.
	h := opened.Header
	h.Frozen, h.Settings.C, h.Data.Rows, h.Metrics.Accuracy = []byte("what the training answered"), 1, 2, 0.5
	for k := range h.Labels {
		h.Levels = append(h.Levels, model.Level{Precision: 1 / float64(3+k), Thresholds: h.Bias})
	}
	h.Slope, h.Offset, h.Rarest, h.Precision, h.Thresholds = 0.5, 0.25, 3, 0.75, h.Bias
	full, err := model.Encode(h, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	slim, err := model.ForUse(full)
	if err != nil || len(slim) >= len(full) {
		t.Fatalf("%d bytes of %d: %v", len(slim), len(full), err)
	}
	want, _ := model.Open(full)
	want.Frozen, want.Settings, want.Data, want.Metrics = nil, model.Settings{}, model.Data{}, model.Metrics{}
	if got, err := model.Open(slim); err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("for use it is another: %v\n%+v\n%+v", err, got, want)
	}
	for i, v := 0, reflect.ValueOf(want.Header); i < v.NumField(); i++ {
		if name := v.Type().Field(i).Name; v.Field(i).IsZero() && !slices.Contains([]string{"Rows", "Unit", "Frozen", "Settings", "Data", "Metrics"}, name) {
			t.Errorf("nothing shows that %s is packed", name)
		}
	}
	used, err := model.ForUse(good)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := model.Open(used); err != nil || !reflect.DeepEqual(got, opened) || got.Rows == 0 || got.Unit == 0 {
		t.Fatalf("for use it is another: %v", err)
	}
	for n := 24; n < tables(slim); n++ { // a header that is cut off, or wrong
		wrong := bytes.Clone(slim)
		clear(wrong[n:tables(slim)])
		if m, err := model.Trust(wrong); err == nil {
			asked(t, m)
		}
		wrong = bytes.Clone(slim)
		wrong[n] ^= 0xFF
		if m, err := model.Trust(wrong); err == nil {
			asked(t, m)
		}
	}
	if _, err := model.ForUse(full[:len(full)-1]); !errors.Is(err, model.ErrDamaged) {
		t.Errorf("a damaged one: %v", err)
	}
	for n := range len(good) {
		if _, err := model.Trust(good[:n]); err == nil {
			t.Fatalf("the first %d bytes of %d are taken", n, len(good))
		}
	}
}
