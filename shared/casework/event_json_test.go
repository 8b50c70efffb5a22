package casework

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"ines/shared/policy"
)

func goldenCommits(t testing.TB) (lines [][]byte) {
	t.Helper()
	names, err := filepath.Glob(goldenLogs + "/*.ndjson")
	if err != nil || len(names) == 0 {
		t.Fatalf("no golden logs: %v", err)
	}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(raw) {
			lines = append(lines, bytes.TrimSpace(line))
		}
	}
	return lines
}

// sameCommit holds DecodeCommit and Encode against what json makes of a commit.
func sameCommit(t *testing.T, data []byte) {
	t.Helper()
	var want Commit
	wrong := json.Unmarshal(data, &want)
	got, err := DecodeCommit(data)
	if (err == nil) != (wrong == nil) {
		t.Fatalf("%q: error %v, json's %v", data, err, wrong)
	}
	if err != nil {
		return
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%q: read %+v, json %+v", data, got, want)
	}
	text, err := json.Marshal(want)
	if err != nil {
		return // an hour that no date has
	}
	if encoded, err := want.Encode(); err != nil || !bytes.Equal(encoded, text) {
		t.Fatalf("%v: written %s, json %s", err, encoded, text)
	}
}

func TestCommitsAreWhatJSONMakesOfThem(t *testing.T) {
	apiece := 0
	for _, line := range goldenCommits(t) {
		sameCommit(t, line)
		var cm Commit
		if err := json.Unmarshal(line, &cm); err != nil {
			t.Fatal(err)
		}
		text, err := cm.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, raws, ok := apart(text); ok && len(raws) == len(cm.Events) {
			apiece++
		}
	}
	if apiece == 0 {
		t.Error("no commit was taken apart")
	}
	sameCommit(t, []byte(`{"case":"c","seq":1,"at":"2026-01-02T03:04:05Z","cause":{"kind":"x"},"events":[]}`))
}

func FuzzCommit(f *testing.F) {
	for _, line := range goldenCommits(f)[:20] {
		f.Add(line)
	}
	for _, text := range []string{`{"case":"a","events":[{"kind":"released"}]}`, `{"case":"a\\","events":[{"kind":"released","why":"\\\""}]}`, `{"a":{"x":1,"events":[{"kind":"released"}]}`,
		`{"case":"a","events":[{"kind":"released"},]}`, `{"case":"a","events":[{"kind":"released"}]} `, `{"case":"a","events":[{"kind":"released"}`, `,"events":[{}]}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) { sameCommit(t, data) })
}

func BenchmarkCommit(b *testing.B) {
	line := goldenCommits(b)[0]
	cm, err := DecodeCommit(line)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(line)))
		for b.Loop() {
			_, _ = DecodeCommit(line)
		}
	})
	b.Run("decode/json", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(line)))
		for b.Loop() {
			var cm Commit
			_ = json.Unmarshal(line, &cm)
		}
	})
	b.Run("encode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = cm.Encode()
		}
	})
	b.Run("encode/json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = json.Marshal(cm)
		}
	})
}

// Policies ask for events by their kinds, and package policy may not import this one.
func TestPoliciesKnowEveryEvent(t *testing.T) {
	if got, want := policy.Events, slices.Sorted(maps.Keys(eventTypes())); !slices.Equal(got, want) {
		t.Errorf("policy.Events are\n%q\nand there are\n%q", got, want)
	}
}
