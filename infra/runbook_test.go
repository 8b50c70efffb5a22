package main

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestTheRunbookKnowsEveryAlarm: whoever is woken by an alarm finds it in README.md,
// and nothing is there that no stack has. A name in angle brackets stands for any.
func TestTheRunbookKnowsEveryAlarm(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[*regexp.Regexp]int{}
	_, section, _ := strings.Cut(string(text), "## Alarms")
	section, _, _ = strings.Cut(section, "\n## ")
	for _, m := range regexp.MustCompile("(?m)^\\| (`[^|]+`) \\|").FindAllStringSubmatch(section, -1) {
		for name := range strings.SplitSeq(m[1], ", ") {
			pattern := regexp.MustCompile(`<[a-z]+>`).ReplaceAllString(strings.Trim(name, "`"), "[A-Za-z0-9]+")
			rows[regexp.MustCompile("^"+pattern+"$")] = 0
		}
	}
	for _, tpl := range templates {
		_, stage, _ := strings.Cut(tpl.stack, "-")
		stage, _, _ = strings.Cut(stage, "-")
		for _, a := range tpl.of("AWS::CloudWatch::Alarm") {
			name, known := strings.TrimPrefix(a.text("AlarmName"), "ines-"+stage+"-"), false
			for row := range rows {
				if row.MatchString(name) {
					rows[row]++
					known = true
				}
			}
			if !known {
				t.Errorf("README.md does not say what to do about %s", name)
			}
		}
	}
	for row, n := range rows {
		if n == 0 {
			t.Errorf("README.md describes %s, which no stack has", row)
		}
	}
}

// TestTheRunbookKnowsEverySetting: the settings that cdk.json may have are those of
// the table, neither more nor fewer.
func TestTheRunbookKnowsEverySetting(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "## Settings")
	section, _, _ = strings.Cut(section, "\n## ")
	described := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| (`[^|]+`) \\|").FindAllStringSubmatch(section, -1) {
		for name := range strings.SplitSeq(m[1], ", ") {
			described[strings.Trim(name, "`")] = true
		}
	}
	_, err = ReadStage(json.RawMessage(`{"x": {"regions": ["eu-west-1"], "nonsense": 1}}`), "x")
	_, list, ok := strings.Cut(err.Error(), "known are ")
	if !ok {
		t.Fatal(err)
	}
	for name := range strings.SplitSeq(list, ", ") {
		if !described[name] {
			t.Errorf("README.md does not describe the setting %s", name)
		}
		delete(described, name)
	}
	for name := range described {
		t.Errorf("README.md describes the setting %s, which there is not", name)
	}
}
