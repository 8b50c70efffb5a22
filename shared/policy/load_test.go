package policy

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"
)

func TestWorkingFilesLoad(t *testing.T) {
	files, _ := filepath.Glob("testdata/working_*.yaml")
	if len(files) < 3 {
		t.Fatalf("found %d working files", len(files))
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			if _, err := Load(name); err != nil {
				t.Error(err)
			}
		})
	}
}

// A busted file says on the line of each problem what the problem must say, after
// "# want: "; several are joined by " && ". Nothing else may be reported.
func TestBustedFilesAreRefused(t *testing.T) {
	files, _ := filepath.Glob("testdata/busted_*.yaml")
	if len(files) < 30 {
		t.Fatalf("found %d busted files", len(files))
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			desk, err := Load(name)
			var problems Problems
			if !errors.As(err, &problems) || desk != nil {
				t.Fatalf("Load: %v, %v", desk, err)
			}
			wanted := wants(data)
			if len(wanted) == 0 {
				t.Fatal("the file wants nothing")
			}
			for i, p := range problems {
				if i > 0 && p.Line < problems[i-1].Line {
					t.Errorf("not in the order of the file: %v", p)
				}
				if !take(wanted, p) {
					t.Errorf("not wanted: %v", p)
				}
			}
			for line, rest := range wanted {
				for _, w := range rest {
					t.Errorf("line %d: nothing says %q", line, w)
				}
			}
			if first, _, _ := strings.Cut(err.Error(), "\n"); !strings.HasPrefix(first, name+":") {
				t.Errorf("the message doesn't begin with the file: %s", first)
			}
		})
	}
}

func wants(data []byte) map[int][]string {
	wanted := map[int][]string{}
	for i, line := range strings.Split(string(data), "\n") {
		if _, want, ok := strings.Cut(line, "# want: "); ok {
			wanted[i+1] = strings.Split(strings.TrimSpace(want), " && ")
		}
	}
	return wanted
}

func take(wanted map[int][]string, p Problem) bool {
	for i, w := range wanted[p.Line] {
		if strings.Contains(p.String(), w) {
			wanted[p.Line] = append(wanted[p.Line][:i:i], wanted[p.Line][i+1:]...)
			return true
		}
	}
	return false
}

func TestFilesThatAreNoPolicy(t *testing.T) {
	for name, tt := range map[string]struct {
		data string
		want string
	}{
		"empty":            {"", "desk.yaml:1: the policy is empty"},
		"comments only":    {"# nothing\n\n", "desk.yaml:1: the policy is empty"},
		"null":             {"~\n", "desk.yaml:1: the policy is empty"},
		"not UTF-8":        {"brands:\n  - id: \xff\n", "desk.yaml:2: the file is not UTF-8 text"},
		"UTF-16":           {"\xff\xfeb\x00", "desk.yaml:1: the file is not UTF-8 text"},
		"too large":        {strings.Repeat("#\n", 1<<19+1), "desk.yaml:1: the file is larger than 1 MB"},
		"control":          {"brands: \x01\n", "desk.yaml:1: YAML: control characters"},
		"text":             {"hello\n", "desk.yaml:1: the policy must be sections"},
		"not closed":       {"brands: [", "desk.yaml:1: YAML: "},
		"broken second":    {"brands: []\n---\n[", "YAML: "},
		"deep":             {strings.Repeat("[", 20_000), "YAML: "},
		"deep rule":        {segmentWith(strings.Repeat("(", 5_000)), "the rule is longer than 4096 characters"},
		"deep short rule":  {segmentWith(strings.Repeat("(", 4_000)), "segments[0].when: unexpected token EOF"},
		"large rule":       {segmentWith("1 in [" + strings.Repeat("1,", 1_500) + "1]"), "segments[0].when: "},
		"nothing but null": {"brands:\ncommunities:\ninboxes:\ndepartments:\ncolleagues:\n", `desk.yaml:3: "inboxes" is empty`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("desk.yaml", []byte(tt.data))
			var problems Problems
			if !errors.As(err, &problems) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v\nwant %s", err, tt.want)
			}
		})
	}
}

func segmentWith(source string) string {
	return "segments: [{id: a, when: '" + source + "'}]\n"
}

func TestAFileThatCannotBeRead(t *testing.T) {
	_, err := Load(filepath.Join(t.TempDir(), "none.yaml"))
	var problems Problems
	if !errors.Is(err, fs.ErrNotExist) || errors.As(err, &problems) {
		t.Errorf("got %v", err)
	}
	if err == nil || !strings.Contains(err.Error(), "INES_DESK") {
		t.Errorf("the error doesn't say what to do: %v", err)
	}
}

func TestDefaults(t *testing.T) {
	d := load(t, "testdata/working_smallest.yaml")
	if b, ok := d.Brand("northline"); !ok || b.Name != "Northline" || b.Sign != DefaultSign || b.Retention != DefaultRetention {
		t.Errorf("brand: %+v", b)
	}
	if !reflect.DeepEqual(d.Cases, DefaultCases) {
		t.Errorf("cases: %+v", d.Cases)
	}
	ines, ok := d.Colleague("ines")
	if !ok || !ines.Has("agent") || ines.Has("lead") || len(ines.Departments) != 1 || ines.Departments[0] != "care" {
		t.Errorf("colleague: %+v", ines)
	}
	if c, ok := d.InboxCommunity("northline-x"); !ok || c.Hours != nil || !c.Hours.Open(time.Unix(0, 0)) {
		t.Errorf("community: %+v", c)
	}
	a := d.Assess(Facts{Inbox: "northline-x"})
	if a.Segment != "" || a.Service != DefaultTargets || a.Department != "care" || len(a.Why) != 3 {
		t.Errorf("assessment: %+v", a)
	}
	if got := d.Wanting(Facts{Reach: 1 << 40}); got != nil {
		t.Errorf("wanting: %v", got)
	}
}

func TestEveryKeyArrives(t *testing.T) {
	d := load(t, "testdata/working_every_key.yaml")
	want := CaseSettings{20 * time.Minute, 5 * 24 * time.Hour, 14 * 24 * time.Hour, 90 * time.Minute, time.Hour, "Europe/Lisbon", []string{"lead", "admin"}}
	if !reflect.DeepEqual(d.Cases, want) {
		t.Errorf("cases: %+v", d.Cases)
	}
	if topic, ok := d.Topic("baggage_lost"); !ok || topic.Name != "Lost baggage" || topic.Words["pt-BR"][0] != "mala" {
		t.Errorf("topic: %+v", topic)
	}
	if b, ok := d.InboxBrand("southline-x"); !ok || b.ID != "southline" {
		t.Errorf("brand of southline-x: %+v", b)
	}
	if in, ok := d.Inbox("northline-mail"); !ok || in.Provider != "ses" || in.Account != "help@northline.example" {
		t.Errorf("inbox: %+v", in)
	}
	if s := d.Service[0]; s.FirstAnswer != 15*time.Minute || s.NextAnswer != DefaultTargets.NextAnswer {
		t.Errorf("service[0]: %+v", s)
	}
	if w := d.Brands[0].Wording; w.Wants(CheckShouting) || !w.Wants(CheckTicketNumber) || !w.TicketNumbers()[0].MatchString("NL-123456") {
		t.Errorf("wording: %+v", w)
	}
	if i := d.Brands[0].Identity; i.Wants(EvidencePhone) || !i.Wants(EvidenceEmail) || !i.Numbers()[0].MatchString("NLX-123456") {
		t.Errorf("identity: %+v", i)
	}
	if got := d.Ladder(OnPromise); len(got) != 2 || got[0].Do != StepRemind || got[1].After != time.Hour {
		t.Errorf("ladder of promises: %+v", got)
	}
	if r := d.Authority[0]; r.UpTo[3] != (Money{50, "BHD"}) || r.AnswerWithin != 30*time.Minute || d.Authority[1].ApprovedBy[0] != "admin" {
		t.Errorf("authority: %+v", d.Authority)
	}
	if got := d.Day(time.Date(2026, 7, 1, 23, 30, 0, 0, time.UTC)); got != "2026-07-02" {
		t.Errorf("the day in Lisbon is %s", got)
	}
	hours := d.Communities[0].Hours
	friday := time.Date(2026, 11, 20, 12, 30, 0, 0, time.UTC)
	if !hours.Open(friday) || hours.Open(friday.Add(time.Hour)) || hours.Open(friday.AddDate(0, 0, 1)) {
		t.Error("hours are not those of the file")
	}
	if hours.Open(time.Date(2026, 12, 25, 12, 0, 0, 0, time.UTC)) {
		t.Error("open on a holiday")
	}
	if p, ok := d.Department("press"); !ok || p.Wants.String() == "" || strings.Join(p.Wants.Mentions(), " ") != "reach segment verified" {
		t.Errorf("press wants %v", p.Wants.Mentions())
	}
}

func TestUnknownIDsAreNotFound(t *testing.T) {
	for _, d := range []*Desk{{}, load(t, "testdata/working_every_key.yaml")} {
		_, brand := d.Brand("none")
		_, community := d.Community("")
		_, inbox := d.Inbox("none")
		_, of := d.InboxBrand("none")
		_, department := d.Department("none")
		_, colleague := d.Colleague("none")
		if brand || community || inbox || of || department || colleague {
			t.Error("found something that is not there")
		}
	}
	if got := (&Desk{}).DefaultDepartment(); got.ID != "" {
		t.Errorf("default department of nothing: %+v", got)
	}
}

func TestHashIsOfTheBytes(t *testing.T) {
	data, err := os.ReadFile("testdata/working_smallest.yaml")
	if err != nil {
		t.Fatal(err)
	}
	a, b := parse(t, string(data)), parse(t, string(data))
	c := parse(t, string(bytes.Replace(data, []byte("Silva"), []byte("Souza"), 1)))
	if a.Hash() != b.Hash() || a.Hash() == c.Hash() || len(a.Hash()) != 24 {
		t.Errorf("hashes %s, %s, %s", a.Hash(), b.Hash(), c.Hash())
	}
}

func TestTheSampleDeskLoads(t *testing.T) {
	d := load(t, "../../infra/desk.yaml")
	secrets, err := os.ReadFile("../../infra/desk.secrets.env")
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range d.Inboxes {
		name := strings.ReplaceAll(strings.ToUpper(in.ID), "-", "_")
		for _, use := range []string{"SECRET", "TOKEN"} {
			if !bytes.Contains(secrets, []byte("\nINES_"+use+"_"+name+"=")) {
				t.Errorf("desk.secrets.env has no INES_%s_%s", use, name)
			}
		}
	}
	stranded := d.Assess(Facts{Inbox: "northline-mail", Urgency: "now", Topic: "disruption"})
	if stranded.Segment != "stranded" || stranded.Service.FirstAnswer != 15*time.Minute || stranded.Department != "care" {
		t.Errorf("stranded: %+v", stranded)
	}
	if got := d.Wanting(Facts{Inbox: "northline-x", Visibility: "public", Reach: 100_000}); len(got) != 1 || got[0] != "press" {
		t.Errorf("wanting: %v", got)
	}
}

func load(t *testing.T, path string) *Desk {
	t.Helper()
	d, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func parse(t *testing.T, text string) *Desk {
	t.Helper()
	d, err := Parse("desk.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}
