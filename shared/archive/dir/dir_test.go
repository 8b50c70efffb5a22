package dir_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ines/shared/archive"
	"ines/shared/archive/archivetest"
	"ines/shared/archive/dir"
)

func open(t testing.TB) (*dir.Archive, string) {
	t.Helper()
	root := filepath.Join(t.TempDir(), "deep", "archive")
	a, err := dir.New(root)
	if err != nil {
		t.Fatal(err)
	}
	return a, root
}

func TestConformance(t *testing.T) {
	archivetest.Run(t, func(t testing.TB) archive.Archive {
		a, _ := open(t)
		return a
	})
}

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func TestDamage(t *testing.T) {
	a, root := open(t)
	for i := range 4 {
		var records []archive.Record
		for j := range 500 {
			records = append(records, archive.Record{ID: fmt.Sprintf("%d.%d", i, j), At: noon.Add(time.Duration(i) * time.Minute), Data: fmt.Appendf(nil, `"%x"`, j*j*j*7919)})
		}
		key, err := a.Append(t.Context(), records...)
		if err != nil {
			t.Fatal(err)
		}
		if i == 1 {
			path := filepath.Join(root, filepath.FromSlash(key))
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Truncate(path, info.Size()*3/4); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, content := range map[string]string{
		"notes.txt":                     "a file at the top",
		"2026/03/04/12/.unfinished-123": "left by a crash",
		"2026/03/04/12/0001.500-" + strings.Repeat("0", 32) + ".ndjson.gz": "not gzip",
		"2026/03/04/12/readme.md": "foreign",
		"2026/13/x":               "a month that is none",
	} {
		path := filepath.Join(root, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(content), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	whole := map[string]int{}
	var problems []string
	truncated := false
	for r, err := range a.Read(t.Context(), noon, noon.Add(time.Hour)) {
		if err != nil {
			problems = append(problems, err.Error())
			truncated = truncated || errors.Is(err, io.ErrUnexpectedEOF)
			continue
		}
		whole[r.ID[:1]]++
	}
	if whole["0"] != 500 || whole["2"] != 500 || whole["3"] != 500 || whole["1"] == 0 || whole["1"] >= 500 || !truncated {
		t.Errorf("records %v, truncation seen: %v", whole, truncated)
	}
	if len(problems) != 5 {
		t.Errorf("%d problems, want 5: %q", len(problems), problems)
	}
	for _, name := range []string{"notes.txt", "0001.500-", "readme.md", "2026/13"} {
		if !slices.ContainsFunc(problems, func(p string) bool { return strings.Contains(p, name) }) {
			t.Errorf("no problem names %s: %q", name, problems)
		}
	}
}

func TestChangedBody(t *testing.T) {
	a, root := open(t)
	key, err := a.Put(t.Context(), []byte("body"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, key), []byte("b0dy"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Get(t.Context(), key); !errors.Is(err, archive.ErrUnavailable) {
		t.Errorf("got %v, want an error about the change", err)
	}
}

func TestUnwritable(t *testing.T) {
	root := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(root, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	a, err := dir.New(root)
	if err == nil {
		_, err = a.Put(t.Context(), []byte("body"))
	}
	if !errors.Is(err, archive.ErrUnavailable) {
		t.Errorf("got %v, want ErrUnavailable", err)
	}
}

func BenchmarkAppend10(b *testing.B) {
	a, _ := open(b)
	data := []byte(`"` + strings.Repeat("a body of some length, ", 60) + `"`)
	n := 0
	for b.Loop() {
		records := make([]archive.Record, 10)
		for i := range records {
			n++
			records[i] = archive.Record{ID: fmt.Sprint(n), At: noon, Data: data}
		}
		if _, err := a.Append(b.Context(), records...); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "records/s")
}

func TestDropClearsWhatCrashesLeft(t *testing.T) {
	a, root := open(t)
	if _, err := a.Append(t.Context(), archive.Record{ID: "1", At: noon, Data: []byte(`1`)}); err != nil {
		t.Fatal(err)
	}
	old, fresh := filepath.Join(root, "2026/03/04/12/.unfinished-1"), filepath.Join(root, "2026/03/04/12/.unfinished-2")
	for _, path := range []string{old, fresh} {
		if err := os.WriteFile(path, []byte("words"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chtimes(old, noon, noon); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Drop(t.Context(), noon, noon.Add(time.Hour), func(archive.Record) bool { return false }); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old); !os.IsNotExist(err) {
		t.Errorf("the old one is still there: %v", err)
	}
	if _, err := os.Stat(fresh); err != nil {
		t.Errorf("one that is being written went, too: %v", err)
	}
}
