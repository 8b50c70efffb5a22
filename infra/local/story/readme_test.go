package story_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../../.."

var (
	// "`TestA`, `TestB` in [dir](dir)", and "`TestA`" alone.
	heldBy   = regexp.MustCompile("((?:`(?:Test|Fuzz|Benchmark)\\w+`(?:, )?)+) in \\[[^\\]]*\\]\\(([^)]+)\\)")
	testName = regexp.MustCompile("`((?:Test|Fuzz|Benchmark)\\w+)`")
	link     = regexp.MustCompile(`\]\(([^)#]+)\)`)
	// Paths that stand in commands and in words.
	path = regexp.MustCompile(`\b(?:events|infra|functions|shared)/[\w./-]*\w`)
)

// The README names only tests and files that there are, each test where it says.
func TestReadme(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for _, m := range heldBy.FindAllStringSubmatch(text, -1) {
		for _, name := range testName.FindAllStringSubmatch(m[1], -1) {
			if !declares(t, filepath.Join(root, m[2]), name[1]) {
				t.Errorf("there is no %s in %s", name[1], m[2])
			}
		}
	}
	placed := heldBy.ReplaceAllString(text, "")
	for _, name := range testName.FindAllStringSubmatch(placed, -1) {
		t.Errorf("%s is named without the folder it is in", name[1])
	}
	var paths []string
	for _, m := range link.FindAllStringSubmatch(text, -1) {
		if !strings.Contains(m[1], "://") {
			paths = append(paths, m[1])
		}
	}
	if len(paths) < 20 {
		t.Fatalf("only %d links were found: the test does not read the README", len(paths))
	}
	for _, p := range append(paths, path.FindAllString(text, -1)...) {
		if _, err := os.Stat(filepath.Join(root, p)); err != nil {
			t.Errorf("the README names %s: %v", p, err)
		}
	}
}

// Every promise of the table has its test, or says which issue brings it.
func TestReadmeHoldsItsPromises(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile(`(?m)^\| \d+ \|.*$`).FindAllString(string(raw), -1)
	if len(rows) != 14 {
		t.Fatalf("%d promises, the design has 14", len(rows))
	}
	for _, row := range rows {
		if !testName.MatchString(row) && !strings.Contains(row, "comes with issue") {
			t.Errorf("nothing holds: %s", row)
		}
	}
}

// declares reports whether a test file of the folder has the function.
func declares(t *testing.T, dir, name string) bool {
	t.Helper()
	found := false
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || found {
			return err
		}
		if d.IsDir() && p != dir {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(p, "_test.go") {
			return nil
		}
		source, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		found = bytes.Contains(source, []byte("func "+name+"("))
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	return found
}
