package bundle

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"ines/infra/plan"
	"ines/shared/policy"
	"ines/shared/policy/policyfile"
)

const sample = "../desk.yaml"

// files are those below a folder, with when they were written.
func files(t *testing.T, folder string) map[string]time.Time {
	t.Helper()
	all := map[string]time.Time{}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		name, _ := filepath.Rel(folder, path)
		all[filepath.ToSlash(name)] = info.ModTime()
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return all
}

// lay lays a policy as the Makefile does.
func lay(t *testing.T, bundles, desk string) error {
	t.Helper()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	return Lay(bundles, desk, filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "zoneinfo.zip"))
}

// TestTheZonesAreLaidWithThePolicy: they are what Go knows of them, in any year.
func TestTheZonesAreLaidWithThePolicy(t *testing.T) {
	bundles := t.TempDir()
	if err := lay(t, bundles, sample); err != nil {
		t.Fatal(err)
	}
	read, err := policyfile.Load(sample)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := policy.Open(filepath.Join(bundles, plan.Clock, plan.BundledDesk), filepath.Join(bundles, plan.Clock, plan.BundledPolicy))
	if err != nil {
		t.Fatal(err)
	}
	zones := opened.Zones()
	if !slices.Equal(zones, []string{"Europe/Berlin", "Europe/London", "Europe/Paris"}) || !slices.Equal(zones, read.Zones()) {
		t.Errorf("zones %v", zones)
	}
	for i, c := range opened.Communities {
		for at := time.Date(1971, 1, 1, 0, 30, 0, 0, time.UTC); at.Year() < 2060; at = at.Add(67 * time.Hour) {
			name, offset := at.In(c.Hours.Zone()).Zone()
			if n, o := at.In(read.Communities[i].Hours.Zone()).Zone(); n != name || o != offset {
				t.Fatalf("%s at %s: %s %d, want %s %d", c.ID, at, name, offset, n, o)
			}
		}
	}
	if err := Lay(bundles, sample, sample); err == nil || !strings.Contains(err.Error(), "time zones") {
		t.Errorf("an archive that is none: %v", err)
	}
}

func TestEveryBundleHasWhatItsFunctionNeeds(t *testing.T) {
	bundles := t.TempDir()
	if err := lay(t, bundles, sample); err != nil {
		t.Fatal(err)
	}
	for _, f := range plan.Default().Functions {
		want := []string{plan.BundledDesk, plan.BundledPolicy, plan.BundledZones}
		if f.Classifies {
			want = append(want, plan.BundledWords, "desk.topics.model", "heads/kind.model", "heads/language.model", "heads/mood.model", "heads/spam.model")
		}
		slices.Sort(want)
		if got := slices.Sorted(maps.Keys(files(t, filepath.Join(bundles, f.Name)))); !slices.Equal(got, want) {
			t.Errorf("%s has %v, want %v", f.Name, got, want)
		}
		if _, err := policy.Open(filepath.Join(bundles, f.Name, plan.BundledDesk), filepath.Join(bundles, f.Name, plan.BundledPolicy)); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
	// Once more: nothing is written that is there, and a model of before goes.
	old := filepath.Join(bundles, plan.Classify, plan.BundledHeads, "smell.model")
	if err := os.WriteFile(old, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	bootstrap := filepath.Join(bundles, plan.Classify, "bootstrap")
	if err := os.WriteFile(bootstrap, []byte("x"), 0o755); err != nil {
		t.Fatal(err)
	}
	before := files(t, bundles)
	delete(before, "classify/heads/smell.model")
	if err := lay(t, bundles, sample); err != nil {
		t.Fatal(err)
	}
	if after := files(t, bundles); !maps.Equal(before, after) {
		t.Errorf("laid again:\n%v\n%v", before, after)
	}
}

// TestNothingIsLaidOfAPolicyThatIsWrong: its problems are said with their lines, as
// ines check does.
func TestNothingIsLaidOfAPolicyThatIsWrong(t *testing.T) {
	bundles := filepath.Join(t.TempDir(), "bin")
	busted, err := filepath.Glob("../../shared/policy/testdata/busted_*.yaml")
	if err != nil || len(busted) < 30 {
		t.Fatalf("%d busted files: %v", len(busted), err)
	}
	for _, name := range busted {
		var problems policy.Problems
		if err := lay(t, bundles, name); !errors.As(err, &problems) || problems[0].File != filepath.ToSlash(name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	desk := filepath.Join(t.TempDir(), "desk.yaml")
	text, err := os.ReadFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(desk, text, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := lay(t, bundles, desk); err == nil || !strings.Contains(err.Error(), "desk.topics.model") || !strings.Contains(err.Error(), "ines train") {
		t.Errorf("without the model that it names: %v", err)
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(desk), "desk.topics.model"), []byte("INESMODL"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := lay(t, bundles, desk); err == nil || !strings.Contains(err.Error(), "desk.topics.model") {
		t.Errorf("with a model that is none: %v", err)
	}
	if got := files(t, bundles); len(got) > 0 {
		t.Errorf("laid: %v", got)
	}
}

// withModel is the sample policy in a folder of its own, with its model under a name.
func withModel(t *testing.T, name string) (desk string) {
	t.Helper()
	desk = filepath.Join(t.TempDir(), "desk.yaml")
	text, err := os.ReadFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	model, err := os.ReadFile(filepath.Join(filepath.Dir(sample), "desk.topics.model"))
	if err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(filepath.Dir(desk), name)
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(text), "model: desk.topics.model", "model: "+name, 1)
	if err := errors.Join(os.WriteFile(desk, []byte(changed), 0o644), os.WriteFile(at, model, 0o644)); err != nil {
		t.Fatal(err)
	}
	return desk
}

// TestAModelIsLaidHoweverItIsNamed: where the function looks for it, but never in the
// place of one that ships with ines.
func TestAModelIsLaidHoweverItIsNamed(t *testing.T) {
	for _, name := range []string{"./topics.model", "models//topics.model", "models/../topics.model"} {
		bundles, desk := t.TempDir(), withModel(t, name)
		if _, err := policyfile.Load(desk); err != nil {
			continue // no policy may name it so
		}
		if err := lay(t, bundles, desk); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		opened, err := policy.Open(filepath.Join(bundles, plan.Classify, plan.BundledDesk), filepath.Join(bundles, plan.Classify, plan.BundledPolicy))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(opened.Beside(opened.Learning.Model)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := lay(t, t.TempDir(), withModel(t, "heads/kind.model")); err == nil || !strings.Contains(err.Error(), "kind.model") {
		t.Errorf("with the name of another: %v", err)
	}
}
