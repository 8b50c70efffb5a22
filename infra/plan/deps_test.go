package plan

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestOnlyTheStackKnowsTheCDK: who builds or tests functions, drivers or the
// operator's command neither downloads nor compiles the CDK.
func TestOnlyTheStackKnowsTheCDK(t *testing.T) {
	list := func(patterns ...string) []string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", "-deps", "-test"}, patterns...)...)
		cmd.Dir = "../.."
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		return strings.Fields(string(out))
	}
	cdk := []string{"github.com/aws/aws-cdk-go/", "github.com/aws/jsii-runtime-go", "github.com/aws/constructs-go/", "github.com/cdklabs/"}
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	heavy := func(pkg string) bool {
		for _, prefix := range cdk {
			if strings.HasPrefix(pkg, prefix) {
				return true
			}
		}
		return false
	}
	for _, prefix := range cdk {
		if !strings.Contains(string(mod), "\t"+prefix) {
			t.Errorf("go.mod has no %s: what is the CDK called now?", prefix)
		}
	}
	deps := list("./functions/...", "./shared/...", "./infra/cmd/...", "./infra/local/...", "./infra/plan/...")
	if len(deps) < 100 {
		t.Fatalf("only %d packages are looked at", len(deps))
	}
	for _, pkg := range deps {
		if heavy(pkg) {
			t.Errorf("%s is needed for what is not the stack: go list -deps -test … tells by whom", pkg)
		}
	}
}
