package policy

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// goodPolicies are all of the repository, by their paths.
func goodPolicies(t testing.TB) map[string]*Desk {
	t.Helper()
	all := map[string]*Desk{}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && strings.HasPrefix(d.Name(), ".") && d.Name() != ".." {
			return fs.SkipDir
		}
		if filepath.Ext(path) == ".yaml" {
			if desk, err := Load(path); err == nil {
				all[path] = desk
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 5 || all["../../infra/desk.yaml"] == nil || all["../../shared/policy/testdata/working_every_key.yaml"] == nil {
		t.Fatalf("the repository has %d good policies only", len(all))
	}
	return all
}

// reopened is a policy after it was compiled and read again.
func reopened(t testing.TB, path string, d *Desk) *Desk {
	t.Helper()
	compiled := filepath.Join(t.TempDir(), "desk.compiled")
	if err := os.WriteFile(compiled, d.Compiled(nil), 0o644); err != nil {
		t.Fatal(err)
	}
	again, err := Open(path, compiled)
	if err != nil {
		t.Fatal(err)
	}
	return again
}

// TestCompiledIsTheSame: value by value, what is not exported included.
func TestCompiledIsTheSame(t *testing.T) {
	for path, d := range goodPolicies(t) {
		again := reopened(t, path, d)
		if !bytes.Equal(d.Compiled(nil), again.Compiled(nil)) {
			t.Errorf("%s: compiled again it is another", path)
		}
		for _, desk := range []*Desk{d, again} {
			for _, r := range rulesOf(desk) {
				if r.program == nil {
					t.Errorf("%s: the rule %s is not ready", path, r)
				}
				// The places of what is wrong, and what runs: compared by what it answers, below.
				r.block, r.shape, r.constant, r.always, r.program = false, "", false, false, nil
			}
		}
		if !reflect.DeepEqual(d, again) {
			t.Errorf("%s:\n%+v\n%+v", path, d, again)
		}
	}
}

func rulesOf(d *Desk) (all []*Rule) {
	for _, s := range d.Segments {
		all = append(all, s.When)
	}
	for _, s := range d.Service {
		all = append(all, s.When)
	}
	for _, r := range d.Routing {
		all = append(all, r.When)
	}
	for _, a := range d.Automation {
		all = append(all, a.When)
	}
	for _, p := range d.Departments {
		all = append(all, p.Wants)
	}
	return slices.DeleteFunc(all, func(r *Rule) bool { return r == nil })
}

// TestCompiledDecidesTheSame: whatever is asked of it.
func TestCompiledDecidesTheSame(t *testing.T) {
	type pair struct{ read, opened *Desk }
	var all []pair
	for path, d := range goodPolicies(t) {
		all = append(all, pair{d, reopened(t, path, d)})
	}
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SampledFrom(all).Draw(t, "policy")
		f := Facts{
			Inbox: rapid.SampledFrom(p.read.Inboxes).Draw(t, "inbox").ID, Visibility: rapid.SampledFrom(Visibilities).Draw(t, "visibility"),
			Language: rapid.SampledFrom([]string{"", "en", "fr", "de-AT"}).Draw(t, "language"), Kind: rapid.SampledFrom(Kinds).Draw(t, "kind"),
			Tone: rapid.SampledFrom(Tones).Draw(t, "tone"), Urgency: rapid.SampledFrom(Urgencies).Draw(t, "urgency"), Anger: rapid.Float64Range(0, 1).Draw(t, "anger"),
			Text:     rapid.SampledFrom([]string{"", "my bag at the gate", "refund, please", "NL-123456"}).Draw(t, "text"),
			Customer: CustomerFacts{Known: rapid.Bool().Draw(t, "known"), Cases: rapid.IntRange(0, 9).Draw(t, "cases"), Tags: []string{rapid.SampledFrom([]string{"fan", "vulnerable"}).Draw(t, "tag")}},
			Reach:    rapid.Int64Range(0, 1<<20).Draw(t, "reach"), Verified: rapid.Bool().Draw(t, "verified"),
		}
		if len(p.read.Topics) > 0 {
			f.Topic = rapid.SampledFrom(p.read.Topics).Draw(t, "topic").ID
		}
		a, b := p.read.Assess(f), p.opened.Assess(f)
		if !reflect.DeepEqual(a, b) {
			t.Fatalf("assessed\n%+v\n%+v", a, b)
		}
		if a, b := p.read.Wanting(f), p.opened.Wanting(f); !reflect.DeepEqual(a, b) {
			t.Fatalf("wanted\n%+v\n%+v", a, b)
		}
		one, ok, why := p.read.Answering(f, a.Segment)
		two, ok2, why2 := p.opened.Answering(f, a.Segment)
		if one.ID != two.ID || ok != ok2 || !reflect.DeepEqual(why, why2) {
			t.Fatalf("answered\n%+v\n%+v", why, why2)
		}
		at := begin.Add(time.Duration(rapid.IntRange(0, 3*365*24*60).Draw(t, "minute")) * time.Minute)
		for i, c := range p.read.Communities {
			if due, again := c.Hours.Add(at, 5*time.Hour), p.opened.Communities[i].Hours.Add(at, 5*time.Hour); !due.Equal(again) || due.Location().String() != again.Location().String() {
				t.Fatalf("five hours after %s: %s and %s", at, due, again)
			}
		}
	})
}

// TestOpenRefuses: what is missing, damaged or not of this policy or this ines.
func TestOpenRefuses(t *testing.T) {
	const path = "testdata/working_design_example.yaml"
	d := load(t, path)
	good := d.Compiled(nil)
	body := func(change func([]byte) []byte) []byte {
		file := bytes.Clone(good)
		file = append(file[:compiledPreamble], change(file[compiledPreamble:])...)
		binary.LittleEndian.PutUint32(file[len(compiledMagic)+8:], checksum(file[compiledPreamble:]))
		return file
	}
	at := filepath.Join(t.TempDir(), "desk.compiled")
	refused := func(what string, file []byte, want error) {
		t.Helper()
		if err := os.WriteFile(at, file, 0o644); err != nil {
			t.Fatal(err)
		}
		if d, err := Open(path, at); d != nil || !errors.Is(err, want) || !strings.Contains(err.Error(), "make build") || !strings.Contains(err.Error(), at) {
			t.Errorf("%s: %v, %v", what, d, err)
		}
	}
	for i := range good {
		wrong := bytes.Clone(good)
		wrong[i] ^= 0x10
		want := ErrDamaged
		switch {
		case i < len(compiledMagic):
			want = ErrNotCompiled
		case i < len(compiledMagic)+8:
			want = ErrOtherInes
		}
		refused("a byte", wrong, want)
	}
	for n := range len(good) - compiledPreamble {
		refused("cut off", good[:compiledPreamble+n], ErrDamaged)
	}
	refused("empty", nil, ErrNotCompiled)
	refused("the YAML itself", []byte("brands:\n  - id: northline\n    sign: me\n"), ErrNotCompiled)
	refused("more behind it", body(func(b []byte) []byte { return append(b, 0) }), ErrDamaged)
	refused("less, and the sum is right", body(func(b []byte) []byte { return b[:len(b)-1] }), ErrDamaged)
	refused("another policy", load(t, "testdata/working_smallest.yaml").Compiled(nil), ErrOtherPolicy)
	refused("a rule that is none", body(func(b []byte) []byte { return bytes.Replace(b, []byte("reach >="), []byte("reach =>"), 1) }), ErrDamaged)
	if _, err := Open(path, filepath.Join(t.TempDir(), "absent")); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "make build") {
		t.Errorf("nothing compiled: %v", err)
	}
	if _, err := Open("testdata/absent.yaml", at); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "absent.yaml") {
		t.Errorf("no policy: %v", err)
	}
}

// TestWhatIsNotWritten: a field that is not exported has to be made anew when a
// compiled policy is read.
func TestWhatIsNotWritten(t *testing.T) {
	known := map[string][]string{
		"Desk": {"hash", "dir", "brands", "communities", "inboxes", "departments", "colleagues", "topics", "fallback", "zone"},
		"Rule": {"source", "block", "names", "constant", "always", "shape", "program"}, "Calendar": {"zone", "week", "holidays"},
		"Wording": {"tickets"}, "Identity": {"references"},
	}
	seen := map[reflect.Type]bool{}
	var walk func(reflect.Type)
	walk = func(of reflect.Type) {
		switch of.Kind() {
		case reflect.Slice, reflect.Map, reflect.Pointer:
			walk(of.Elem())
		case reflect.Struct:
			if seen[of] {
				return
			}
			seen[of] = true
			var hidden []string
			for i := range of.NumField() {
				if f := of.Field(i); f.IsExported() {
					walk(f.Type)
				} else {
					hidden = append(hidden, f.Name)
				}
			}
			if !slices.Equal(hidden, known[of.Name()]) {
				t.Errorf("%s has %v: does settle make them?", of, hidden)
			}
		}
	}
	walk(reflect.TypeFor[Desk]())
}

// FuzzDecode: whatever is in a compiled file, it is a policy that works or an error.
func FuzzDecode(f *testing.F) {
	for _, d := range goodPolicies(f) {
		f.Add(d.Compiled(nil)[compiledPreamble:])
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		file := binary.LittleEndian.AppendUint64([]byte(compiledMagic), shape())
		file = binary.LittleEndian.AppendUint32(file, checksum(body))
		d, err := decode(string(append(file, body...)))
		if err != nil {
			if d != nil {
				t.Fatalf("a policy and %v", err)
			}
			return
		}
		d.Assess(Facts{Inbox: "northline-x", Text: "help", Urgency: "now"})
		d.DefaultDepartment()
	})
}
