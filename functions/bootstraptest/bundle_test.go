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

// flags are a bootstrap's build flags, as the Makefile has them.
func flags(t testing.TB, function string) []string {
	t.Helper()
	out, err := exec.Command("make", "-s", "--no-print-directory", "-C", filepath.FromSlash("../.."), "bin/"+function+"/flags").Output()
	line, ld, ok := strings.Cut(strings.TrimSpace(string(out)), "-ldflags=")
	if err != nil || !ok {
		t.Fatalf("the Makefile has no flags for %s: %v\n%s", function, err, out)
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
	cmd := exec.Command("go", slices.Concat([]string{"build"}, flags(t, function), []string{"-o", to, "ines/functions/" + function + "/bootstrap"})...)
	cmd.Env = append(os.Environ(), append(env, "CGO_ENABLED=0")...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", function, err, out)
	}
}

// largest is how many bytes an arm64 bootstrap may have.
const largest = 9_000_000

// TestBundle: no function is too large, and the same sources give the same bytes.
func TestBundle(t *testing.T) {
	folder := t.TempDir()
	for _, f := range plan.Default().Functions {
		to := filepath.Join(folder, f.Name)
		build(t, f.Name, to, "GOOS=linux", "GOARCH=arm64")
		size := len(read(t, to))
		t.Logf("%s: %.2f MB", f.Name, float64(size)/1e6)
		if size > largest {
			t.Errorf("%s has %d bytes, more than %d", f.Name, size, largest)
		}
	}
	again := filepath.Join(folder, "again")
	build(t, plan.Desk, again, "GOOS=linux", "GOARCH=arm64", "GOFLAGS=")
	if a, b := sha256.Sum256(read(t, filepath.Join(folder, plan.Desk))), sha256.Sum256(read(t, again)); a != b {
		t.Errorf("built as %s and as %s", hex.EncodeToString(a[:6]), hex.EncodeToString(b[:6]))
	}
}

// TestNoCDK: neither the functions nor the operator's command needs the CDK, which
// is 80 MB to download and minutes to compile; nor the expr library, which the rules
// are only tested against (it makes a bundle 4 MB larger); and no function needs an
// embedded driver or one of the SDK's service clients, reads YAML, or carries the
// models, which are files in its bundle, or what trains them.
func TestNoCDK(t *testing.T) {
	for root, barred := range map[string][]string{
		"ines/infra/cmd/...": {"aws-cdk-go", "constructs-go", "jsii", "expr-lang"},
		"ines/functions/...": {"aws-cdk-go", "constructs-go", "jsii", "expr-lang", "sqlite", "aws-sdk-go-v2/service", "aws-sdk-go-v2/config",
			"classify/heads", "classify/train", "yaml", "policyfile"},
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
		for _, name := range []string{plan.BundledDesk, plan.BundledPolicy, plan.BundledZones} {
			if _, err := os.Stat(filepath.Join(hosted, f.Name, name)); err != nil {
				t.Errorf("the Makefile does not lay all of the bundle: %v", err)
			}
		}
	}
}
