package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestClassifyOneText(t *testing.T) {
	code, out, errs := said(t, "classify", "--desk", "../../desk.yaml", "I'm at the gate and my suitcase is gone, please help me!")
	if code != 0 {
		t.Fatalf("code %d %s", code, errs)
	}
	for _, want := range []string{"language  en", "topic     baggage", "in scope: yes", "kind      request", "urgency   now", "at the gate +6", "suitcase +"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not said:\n%s", want, out)
		}
	}
}

// TestNothingIsSaidOfNoWords: a number or a face alone is about none of the topics.
func TestNothingIsSaidOfNoWords(t *testing.T) {
	model := filepath.Join(t.TempDir(), "m.model")
	if code, _, errs := said(t, "train", examplesFile(t, nil), "-o", model); code != 0 {
		t.Fatal(errs)
	}
	for _, from := range [][]string{{"--desk", "../../desk.yaml"}, {"--model", model}} {
		for _, text := range []string{"", " ", "123", "😀😀", "£40.00!"} {
			code, out, errs := said(t, append([]string{"classify", text}, from...)...)
			if code != 0 || !strings.Contains(out, "topic     (not sure)") || !strings.Contains(out, "in scope: no") {
				t.Errorf("%v %q: code %d %s\n%s", from, text, code, errs, out)
			}
		}
	}
}

func TestClassifyRows(t *testing.T) {
	dir := t.TempDir()
	model, rows := filepath.Join(dir, "m.model"), filepath.Join(dir, "in.csv")
	if code, _, errs := said(t, "train", examplesFile(t, nil), "-o", model); code != 0 {
		t.Fatal(errs)
	}
	if err := os.WriteFile(rows, []byte("id,text\n1,\"where is my suitcase, please\"\n2,give me my money back\n3,qwz xkcd vbnm plok\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errs := said(t, "classify", "--model", model, "--csv", rows)
	if code != 0 {
		t.Fatalf("code %d %s", code, errs)
	}
	got, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if head := strings.Join(got[0], ","); head != "id,text,topic,probability,in_scope,language,tone,anger,kind,urgency" {
		t.Errorf("columns %s", head)
	}
	for i, want := range [][2]string{{"baggage", "true"}, {"refund", "true"}, {"", "false"}} {
		row := got[i+1]
		if want[0] != "" && row[2] != want[0] || row[4] != want[1] {
			t.Errorf("row %v, want %v", row, want)
		}
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"classify"}, 2, "give a text"},
		{[]string{"classify", "--csv", rows, "text"}, 2, "either"},
		{[]string{"classify", "--model", rows, "text"}, 1, "not a model file"},
		{[]string{"classify", "--csv", examplesFile(t, func(r []string) []string { r[0] = "words,label"; return r })}, 1, "column text"},
	} {
		if code, _, errs := said(t, c.args...); code != c.code || !strings.Contains(errs, c.want) {
			t.Errorf("%v: code %d, %s", c.args, code, errs)
		}
	}
}

// TestFreshSentences asks the sample desk what sentences are about that nobody trained
// on, in its three languages.
func TestFreshSentences(t *testing.T) {
	code, out, errs := said(t, "classify", "--desk", "../../desk.yaml", "--csv", "testdata/fresh.csv")
	if code != 0 {
		t.Fatal(errs)
	}
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	right, n := 0, len(rows)-1
	for _, row := range rows[1:] {
		text, label, language, topic := row[0], row[1], row[2], row[3]
		if topic == label {
			right++
		} else {
			t.Logf("%q is about %s, not %s", text, label, topic)
		}
		if row[6] != language {
			t.Errorf("%q is in %s, not %s", text, language, row[6])
		}
	}
	if n < 80 || right*100 < n*92 {
		t.Errorf("%d of %d topics", right, n)
	}
}

// TestTheSampleModelIsTheExamples: who changes the examples trains again.
func TestTheSampleModelIsTheExamples(t *testing.T) {
	made := filepath.Join(t.TempDir(), "desk.topics.model")
	if code, _, errs := said(t, "train", "../../desk.examples.csv", "-o", made); code != 0 {
		t.Fatal(errs)
	}
	got, err := os.ReadFile(made)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("../../desk.topics.model")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Error("infra/desk.topics.model is not what `ines train infra/desk.examples.csv -o infra/desk.topics.model` makes")
	}
}
