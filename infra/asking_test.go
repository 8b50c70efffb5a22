package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"ines/infra/plan"
)

// TestTheRightToAskAModelComesFromThePolicy: a stage whose policy names a model may
// ask that one; others ask none.
func TestTheRightToAskAModelComesFromThePolicy(t *testing.T) {
	file, err := os.ReadFile("desk.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for bedrock, want := range map[string][]plan.Call{
		"": nil,
		"\n  bedrock: {model: \"amazon.nova-micro-v1:0\"}": {{Resource: "foundation-model/amazon.nova-micro-v1:0", Shared: true}},
		"\n  bedrock: {model: eu.amazon.nova-micro-v1:0, region: eu-central-1}": {
			{Resource: "inference-profile/eu.amazon.nova-micro-v1:0", Region: "eu-central-1"},
			{Resource: "foundation-model/amazon.nova-micro-v1:0", Region: "*", Shared: true}},
	} {
		const at = "  model: desk.topics.model"
		text := bytes.Replace(file, []byte(at), []byte(at+bedrock), 1)
		if bedrock != "" && bytes.Equal(text, file) {
			t.Fatalf("the sample policy has no line %q", at)
		}
		bundles := t.TempDir()
		desk := filepath.Join(bundles, "desk.yaml")
		if err := lay(bundles, text); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(desk, text, 0o644); err != nil {
			t.Fatal(err)
		}
		a, err := Load(Stage{Name: "dev", Desk: desk}, bundles)
		if err != nil {
			t.Fatal(err)
		}
		f, _ := a.Plan.Function(plan.Classify)
		for i := range f.Calls {
			if f.Calls[i].Action != "bedrock:InvokeModel" || f.Calls[i].Why == "" {
				t.Errorf("%s: %+v", bedrock, f.Calls[i])
			}
			f.Calls[i].Action, f.Calls[i].Why = "", ""
		}
		if !slices.Equal(f.Calls, want) {
			t.Errorf("%s: %+v, want %+v", bedrock, f.Calls, want)
		}
	}
}
