package desk

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ines/shared/casework"
	"ines/shared/policy/policyfile"
)

// No event is told by its kind's bare name: it has a sentence, is something that was
// said, or is shown elsewhere.
func TestEveryEventIsTold(t *testing.T) {
	p, err := policyfile.Load("../../infra/desk.yaml")
	if err != nil {
		t.Fatal(err)
	}
	golden := "../../shared/casework/testdata/golden/events"
	files, err := filepath.Glob(golden + "/*.ndjson")
	if err != nil || len(files) < 50 {
		t.Fatalf("%d kinds of events in %s (%v)", len(files), golden, err)
	}
	c := &casework.Case{ID: "c1"}
	told := &telling{d: &Desk{policy: p}, now: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC), zone: time.UTC, c: c}
	for _, f := range files {
		kind := strings.TrimSuffix(filepath.Base(f), ".ndjson")
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var events casework.Events
		if err := json.Unmarshal([]byte("["+strings.Join(strings.Split(strings.TrimSpace(string(raw)), "\n"), ",")+"]"), &events); err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		for _, e := range events {
			entry := casework.Entry{Event: e, Kind: kind}
			if _, said := told.said(entry); said {
				continue
			}
			if words, _ := told.happened(entry); words == strings.ReplaceAll(kind, "_", " ") {
				t.Errorf("%s is told as %q", kind, words)
			}
		}
	}
}

func TestWhatCameWithoutWords(t *testing.T) {
	known := []string{"image", "video", "audio", "file", "sticker", "location", "contact", "link"} // see message.Attachment
	var all []string
	for _, kind := range append(known, "", "unsupported") {
		all = append(all, wordless(kind))
	}
	if slices.Sort(all); len(slices.Compact(slices.Clone(all))) != len(all) {
		t.Errorf("two are called the same: %q", all)
	}
	list := row{caseJSON: caseJSON{LastFile: "image"}}.html().String()
	if !strings.Contains(list, ">sent a picture<") {
		t.Errorf("a picture is listed as %s", list)
	}
}
