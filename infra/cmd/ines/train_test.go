package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// examplesFile writes a CSV of two matters.
func examplesFile(t *testing.T, change func(rows []string) []string) string {
	t.Helper()
	rows := []string{"text,label"}
	for i := range 40 {
		rows = append(rows,
			fmt.Sprintf("where is my suitcase number %c%c,baggage", 'a'+i%26, 'b'+i%25),
			fmt.Sprintf("give me my money back %c%c please,refund", 'a'+i%26, 'c'+i%23))
	}
	if change != nil {
		rows = change(rows)
	}
	name := filepath.Join(t.TempDir(), "examples.csv")
	if err := os.WriteFile(name, []byte(strings.Join(rows, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func said(t *testing.T, args ...string) (code int, out, err string) {
	t.Helper()
	var o, e bytes.Buffer
	code = dispatch(t.Context(), terminal{&o, &e}, args)
	return code, o.String(), e.String()
}

func TestTrainWritesTheSameModelTwice(t *testing.T) {
	examples, dir := examplesFile(t, nil), t.TempDir()
	var models [2][]byte
	for i := range models {
		name, page := filepath.Join(dir, fmt.Sprint(i, ".model")), filepath.Join(dir, "report.html")
		code, out, errs := said(t, "train", examples, "-o", name, "--report", page)
		if code != 0 || !strings.Contains(out, "macro-F1") || !strings.Contains(errs, "fitting: ") {
			t.Fatalf("code %d\n%s%s", code, out, errs)
		}
		models[i], _ = os.ReadFile(name)
		if html, _ := os.ReadFile(page); !bytes.Contains(html, []byte("<svg")) {
			t.Error("the page has no plots")
		}
	}
	if len(models[0]) == 0 || !bytes.Equal(models[0], models[1]) {
		t.Error("two trainings differ")
	}
}

func TestTrainComplains(t *testing.T) {
	good := examplesFile(t, nil)
	one := examplesFile(t, func(rows []string) []string {
		for i := range rows {
			rows[i] = strings.Replace(rows[i], ",refund", ",baggage", 1)
		}
		return rows
	})
	link := filepath.Join(t.TempDir(), "link.csv")
	if err := os.Symlink(good, link); err != nil {
		t.Fatal(err)
	}
	torn := examplesFile(t, func(rows []string) []string { rows[6] = "no label here"; return rows })
	model := filepath.Join(t.TempDir(), "x.model")
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"train"}, 2, "at least one CSV"},
		{[]string{"train", good}, 2, "-o"},
		{[]string{"train", good, "-o", model, "--precision", "95"}, 2, "between 0 and 1"},
		{[]string{"train", good, "-o", model, "--c", "0.5,zero"}, 2, `"zero"`},
		{[]string{"train", filepath.Join(t.TempDir(), "none.csv"), "-o", model}, 1, "none.csv"},
		{[]string{"train", one, "-o", model}, 1, "at least two labels"},
		{[]string{"train", torn, "-o", model}, 1, "examples.csv:7: 1 columns, want 2"},
		{[]string{"train", good, "-o", model, "--head", "urgency"}, 1, `examples.csv:2: "baggage" is no label of the urgency head; there are normal, high, now`},
		{[]string{"train", good, "-o", model, "--head", "kind"}, 1, `"baggage" is no label of the kind head`},
		{[]string{"train", good, "-o", t.TempDir()}, 1, "it is a directory"},
		{[]string{"train", good, "-o", good}, 1, "it is " + good + ", which is needed"},
		{[]string{"train", good, "-o", link}, 1, "it is " + good + ", which is needed"},
		{[]string{"train", good, "-o", model, "--report", good}, 1, "which is needed"},
		{[]string{"train", good, "-o", model, "--report", model}, 1, "which is needed"},
		{[]string{"train", good, "-o", model, "--report", filepath.Dir(model) + "/./" + filepath.Base(model)}, 1, "which is needed"},
		{[]string{"train", good, "-o", filepath.Join(t.TempDir(), "no", "such", "x.model")}, 1, "x.model can't be written"},
		{[]string{"train", good, "-o", model, "--report", filepath.Join(t.TempDir(), "no", "r.html")}, 1, "r.html can't be written"},
	} {
		code, _, errs := said(t, c.args...)
		if code != c.code || !strings.Contains(errs, c.want) {
			t.Errorf("%v: code %d, %s; want %d, %s", c.args, code, errs, c.code, c.want)
		}
		if strings.Contains(errs, "fitting") {
			t.Errorf("%v: trained before it complained: %s", c.args, errs)
		}
	}
	if _, err := os.Stat(model); err == nil {
		t.Error("a failed training left a model")
	}
}

// TestTheModelIsThereWhoeverReadsTheTables: their reader may be gone ("| head").
func TestTheModelIsThereWhoeverReadsTheTables(t *testing.T) {
	dir := t.TempDir()
	model, page := filepath.Join(dir, "x.model"), filepath.Join(dir, "x.html")
	gone, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()
	defer w.Close()
	var errs bytes.Buffer
	if code := dispatch(t.Context(), terminal{w, &errs}, []string{"train", examplesFile(t, nil), "-o", model, "--report", page}); code != 1 {
		t.Errorf("code %d %s", code, &errs)
	}
	for _, name := range []string{model, page} {
		if at, err := os.Stat(name); err != nil || at.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A file that others may not read stays one; a new one is as any other of its maker's.
func TestWhoMayReadAFileStaysAsItWas(t *testing.T) {
	dir := t.TempDir()
	private, fresh, other := filepath.Join(dir, "private"), filepath.Join(dir, "fresh"), filepath.Join(dir, "other")
	if err := errors.Join(os.WriteFile(private, nil, 0o600), os.WriteFile(other, nil, 0o666), replace(private, []byte("a")), replace(fresh, []byte("b"))); err != nil {
		t.Fatal(err)
	}
	mode := func(name string) os.FileMode {
		at, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		return at.Mode()
	}
	if mode(private) != 0o600 || mode(fresh) != mode(other) {
		t.Errorf("%v, and %v where others are %v", mode(private), mode(fresh), mode(other))
	}
}

func TestALinkToAModelStaysOne(t *testing.T) {
	dir := t.TempDir()
	model, link := filepath.Join(dir, "1.model"), filepath.Join(dir, "current.model")
	if err := errors.Join(os.WriteFile(model, []byte("old"), 0o600), os.Symlink(model, link)); err != nil {
		t.Fatal(err)
	}
	if err := replace(link, []byte("new")); err != nil {
		t.Fatal(err)
	}
	if to, err := os.Readlink(link); err != nil || to != model {
		t.Errorf("%q, %v", to, err)
	}
	if got, err := os.ReadFile(model); string(got) != "new" {
		t.Errorf("%q, %v", got, err)
	}
}

// TestWhatIsNoFileIsWrittenTo: whoever replaced a device would take it from everybody.
func TestWhatIsNoFileIsWrittenTo(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := writable(pipe); err != nil {
		t.Error(err)
	}
	got := make(chan []byte)
	go func() {
		all, _ := os.ReadFile(pipe)
		got <- all
	}()
	if err := replace(pipe, []byte("a model")); err != nil {
		t.Fatal(err)
	}
	if all := <-got; string(all) != "a model" {
		t.Errorf("%q", all)
	}
	if at, err := os.Lstat(pipe); err != nil || at.Mode().IsRegular() {
		t.Errorf("%v, %v", at, err)
	}
}

func TestAStoppedTrainingLeavesTheModel(t *testing.T) {
	model := filepath.Join(t.TempDir(), "x.model")
	if err := os.WriteFile(model, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	var out, errs bytes.Buffer
	if code := dispatch(ctx, terminal{&out, &errs}, []string{"train", examplesFile(t, nil), "-o", model}); code != 1 || !strings.Contains(errs.String(), "stopped; nothing was written to "+model) {
		t.Errorf("code %d %s", code, &errs)
	}
	if got, err := os.ReadFile(model); string(got) != "old" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestTrainKeepsToTheSizeThatIsAllowed(t *testing.T) {
	model := filepath.Join(t.TempDir(), "x.model")
	if code, _, errs := said(t, "train", examplesFile(t, nil), "-o", model, "--max-bytes", "100"); code != 1 || !strings.Contains(errs, "--max-bytes allows 100") {
		t.Errorf("code %d %s", code, errs)
	}
	if _, err := os.Stat(model); err == nil {
		t.Error("a model that is too big was written")
	}
}

func TestTrainAgainstAModel(t *testing.T) {
	dir := t.TempDir()
	old, new := filepath.Join(dir, "old.model"), filepath.Join(dir, "new.model")
	good := examplesFile(t, nil)
	if code, out, errs := said(t, "train", good, "-o", old, "--against", filepath.Join(dir, "none.model")); code != 1 || !strings.Contains(errs, "none.model") {
		t.Errorf("no old model: code %d\n%s%s", code, out, errs)
	}
	if code, out, errs := said(t, "train", good, "-o", old); code != 0 {
		t.Fatalf("code %d\n%s%s", code, out, errs)
	}
	if code, out, errs := said(t, "train", good, "-o", new, "--against", old); code != 0 || !strings.Contains(out, "frozen texts") {
		t.Errorf("the same examples: code %d\n%s%s", code, out, errs)
	}
	spoilt := examplesFile(t, func(rows []string) []string {
		for i := range rows {
			if i%2 == 1 {
				rows[i] = strings.Replace(rows[i], ",baggage", ",refund", 1)
			} else {
				rows[i] = strings.Replace(rows[i], ",refund", ",baggage", 1)
			}
		}
		return rows
	})
	before, _ := os.ReadFile(new)
	page := filepath.Join(dir, "report.html")
	frozen := examplesFile(t, func(rows []string) []string { return rows[:21] })
	code, out, errs := said(t, "train", spoilt, "-o", new, "--against", old, "--frozen", frozen, "--report", page)
	if code != 1 || !strings.Contains(errs, "is left as it is: ") {
		t.Errorf("labels swapped: code %d %s", code, errs)
	}
	html, _ := os.ReadFile(page)
	for name, report := range map[string]string{"tables": out, "page": string(html)} {
		if !strings.Contains(report, "The model in use stays: ") {
			t.Errorf("the report's %s don't say why the new model was not taken", name)
		}
	}
	if after, _ := os.ReadFile(new); !bytes.Equal(before, after) {
		t.Error("a worse model was written")
	}
}
