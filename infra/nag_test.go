package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestNag: cdk-nag's AwsSolutions rules have looked at every stack, found nothing
// that is not accepted, and each acceptance says why.
func TestNag(t *testing.T) {
	compliant, accepted := 0, map[string]int{}
	for name := range templates {
		file, err := os.Open(filepath.Join(assembly, "AwsSolutions--"+name+"-NagReport.csv"))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(file).ReadAll()
		file.Close()
		if err != nil {
			t.Fatal(err)
		}
		if want := []string{"Rule ID", "Resource ID", "Compliance", "Exception Reason"}; !slices.Equal(rows[0][:4], want) {
			t.Fatalf("%s: the report's columns are %v", name, rows[0])
		}
		for _, row := range rows[1:] {
			rule, resource, state, reason := row[0], row[1], row[2], row[3]
			switch state {
			case "Compliant":
				compliant++
			case "Suppressed":
				accepted[rule]++
				if len(strings.Fields(reason)) < 5 {
					t.Errorf("%s: %s is accepted because %q", resource, rule, reason)
				}
			default:
				t.Errorf("%s: %s: %s", resource, rule, state)
			}
		}
	}
	// If these were not found, nothing looked.
	for _, rule := range []string{"AwsSolutions-S1", "AwsSolutions-APIG4", "AwsSolutions-IAM5", "AwsSolutions-CFR3"} {
		if accepted[rule] == 0 {
			t.Errorf("%s was not even considered: %v", rule, accepted)
		}
	}
	if compliant < 100 {
		t.Errorf("only %d checks passed", compliant)
	}
}
