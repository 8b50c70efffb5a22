package policy

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The rules that a desk rests on, and a word of each that a test's name has.
var rules = []struct{ rule, word string }{
	{"Service clocks", "ServiceClock"}, {"Promises", "Promise"}, {"Authority", "Authority"}, {"Segments", "Segments"}, {"Routing", "Routing"},
	{"Containment", "Containment"}, {"Multiplexing", "Multiplexing"}, {"Automation", "Automation"}, {"Going private", "GoingPrivate"}, {"Identity", "Identity"},
	{"Signature and wording", "Signature Wording"}, {"Praise, feedback and ratings", "Praise Feedback Rating"},
	{"Merge, split, snooze, transfer, follow-up, reopen", "Merge Split Snooze Transfer FollowUp Reopen"}, {"Retention and erasure", "Retention Erasure"},
}

// TestEveryRuleHasItsTestsAndItsReference: each rule has a line that says where the
// policy sets it and names tests that there are.
func TestEveryRuleHasItsTestsAndItsReference(t *testing.T) {
	text := readme(t)
	var headings []string
	for _, m := range regexp.MustCompile(`(?m)^##+ (.+)$`).FindAllStringSubmatch(text, -1) {
		headings = append(headings, strings.ReplaceAll(strings.ToLower(m[1]), ".", ""))
	}
	groups := regexp.MustCompile("((?:`\\w+`(?:, )?)+) in \\[[^\\]]*\\]\\(([^)]+)\\)")
	names := regexp.MustCompile("`(\\w+)`")
	anchors := regexp.MustCompile(`\(#([^)]+)\)`)
	var rows []string
	for line := range strings.SplitSeq(chapter(text, "## What holds the rules"), "\n") {
		cells := strings.Split(line, " | ")
		if len(cells) != 3 || strings.HasPrefix(line, "| Rule ") {
			continue
		}
		rule := strings.TrimPrefix(cells[0], "| ")
		rows = append(rows, rule)
		set := anchors.FindAllStringSubmatch(cells[1], -1)
		if len(set) == 0 {
			t.Errorf("%s is set nowhere", rule)
		}
		for _, a := range set {
			if !slices.Contains(headings, a[1]) {
				t.Errorf("%s: there is no section %q", rule, a[1])
			}
		}
		var held []string
		for _, g := range groups.FindAllStringSubmatch(cells[2], -1) {
			for _, name := range names.FindAllStringSubmatch(g[1], -1) {
				held = append(held, name[1])
				if !declares(t, g[2], name[1]) {
					t.Errorf("%s: there is no %s in %s", rule, name[1], g[2])
				}
			}
		}
		if said := len(names.FindAllString(cells[2], -1)); said != len(held) {
			t.Errorf("%s: of %d tests %d are named with their folder", rule, said, len(held))
		}
		for _, r := range rules {
			for word := range strings.FieldsSeq(r.word) {
				if r.rule == rule && !strings.Contains(strings.Join(held, " "), word) {
					t.Errorf("%s: no test names %s", rule, word)
				}
			}
		}
	}
	var want []string
	for _, r := range rules {
		want = append(want, r.rule)
	}
	if !slices.Equal(rows, want) {
		t.Errorf("the table has %q, the rules are %q", rows, want)
	}
}

// declares reports whether a test file of a folder has a test.
func declares(t *testing.T, dir, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		source, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(source), "func "+name+"(") {
			return true
		}
	}
	return false
}
