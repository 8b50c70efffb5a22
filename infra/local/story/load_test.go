package story

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Every story in the repository loads, and all its files are used.
func TestStoriesLoad(t *testing.T) {
	dirs, err := filepath.Glob("../../../events/stories/*")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, dir := range dirs {
		s, err := Load(dir)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		if s.Title == "" || Duration(s) < time.Hour {
			t.Errorf("%s: title %q, %s long", dir, s.Title, Duration(s))
		}
		desk := filepath.Base(s.Desk) // its own, or the sample's, which is elsewhere
		used := map[string]bool{FileName: true, desk: true, strings.TrimSuffix(desk, ".yaml") + ".secrets.env": true}
		for _, step := range s.Steps {
			used[step.Webhook] = true
		}
		files, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if !used[f.Name()] {
				t.Errorf("%s/%s is in no step", dir, f.Name())
			}
		}
	}
}

const hook = `{"version":"2.0","rawPath":"/webhooks/x/shop","headers":{},"requestContext":{"http":{"method":"POST"}},"body":"{\"id\":\"{{hello}}\"}","isBase64Encoded":false}`

func write(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{FileName: text, "hook.json": hook, "odd.json": `{"Records":[]}`,
		"away.json": strings.Replace(hook, "/webhooks/x/shop", "/elsewhere", 1)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const head = "title: A\ndesk: d.yaml\nsteps:\n"

// Each mistake is said with its line.
func TestLoadRefuses(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"empty":               {"", ":1: the story is empty"},
		"not YAML":            {"title: [", ":1: YAML"},
		"a list":              {"- a", ":1: the story must be keys with values"},
		"no title":            {"desk: a\nsteps: []\n", ":1: a story has a title"},
		"unknown key":         {head + "  - wait: 1m\n    whait: 2m\n", `:5: this step has no "whait"`},
		"unknown top key":     {head + "  - wait: 1m\nstep: 1\n", `:5: the story has no "step"`},
		"twice":               {head + "  - wait: 1m\n    wait: 2m\n", `:5: "wait" is given twice`},
		"two things":          {head + "  - wait: 1m\n    webhook: hook.json\n", ":4: one step is one thing"},
		"nothing":             {head + "  - about: a\n", ":4: a step is a webhook"},
		"no duration":         {head + "  - wait: soon\n", ":4: a wait is a duration"},
		"unknown deed":        {head + "  - as: ines\n    does: dance\n", `:4: "dance" is nothing that colleagues do`},
		"missing field":       {head + "  - as: ines\n    does: takeover\n", `:4: who does "takeover" says why`},
		"foreign field":       {head + "  - as: ines\n    does: claim\n    text: a\n", `:6: this step has no "text"`},
		"idle name":           {head + "  - as: ines\n    does: claim\n    name: a\n", ":6: only a promise"},
		"absent file":         {head + "  - webhook: none.json\n", ":4: saved event"},
		"no HTTP event":       {head + "  - webhook: odd.json\n", ":4: saved event"},
		"no webhook":          {head + "  - webhook: away.json\n", ":4: away.json posts to"},
		"repeat":              {head + "  - webhook: hook.json\n    repeat: 0\n", ":5: this must be a whole number from 1"},
		"unknown placeholder": {head + "  - webhook: hook.json\n", ":4: no earlier step gives {{hello}}; there is case"},
		"unknown promise":     {head + "  - as: ines\n    does: keep\n    promise: touch\n", ":4: no earlier step gives {{touch}}"},
		"taken name": {head + "  - as: ines\n    does: promise\n    name: a\n    text: b\n    due: 1h\n  - as: ines\n    does: promise\n    name: a\n    text: b\n    due: 1h\n",
			`:9: the name "a" is taken`},
		"unknown expectation": {head + "  - wait: 1m\n    then:\n      - statuss: open\n", `:6: an expectation has no "statuss"`},
		"two expectations":    {head + "  - wait: 1m\n    then:\n      - {status: open, cases: 1}\n", ":6: an expectation is one thing"},
		"refused wait":        {head + "  - wait: 1m\n    then:\n      - refused: {code: a}\n", ":6: only what a colleague does"},
		"unnamed refusal":     {head + "  - as: ines\n    does: claim\n    then:\n      - refused: {names: a}\n", ":7: a refusal has a code"},
		"unknown entry field": {head + "  - wait: 1m\n    then:\n      - timeline: {kinds: a}\n", `:6: a timeline's entry has no "kinds"`},
		"empty match":         {head + "  - wait: 1m\n    then:\n      - sent: {times: 1}\n", ":6: this says nothing about a call"},
		"expectation's name":  {head + "  - wait: 1m\n    then:\n      - sent: {text: '{{a}}'}\n", ":6: no earlier step gives {{a}}"},
		"empty value":         {head + "  - wait:\n", `:4: "wait" is empty`},
		"empty step":          {head + "  -\n", ":4: a step is a webhook"},
		"no list":             {head + "  - wait: 1m\n    then: {status: open}\n", ":5: this must be a list"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Load(write(t, c.text))
			if err == nil {
				t.Fatalf("it was taken: %+v", s)
			}
			if !strings.Contains(err.Error(), FileName+c.want) {
				t.Errorf("got %v, want …%s%s", err, FileName, c.want)
			}
		})
	}
	if _, err := Load(t.TempDir()); err == nil || !strings.Contains(err.Error(), FileName) {
		t.Errorf("a folder without a story: %v", err)
	}
}

// All mistakes come at once, in the order of the file.
func TestLoadSaysEverything(t *testing.T) {
	_, err := Load(write(t, head+"  - wait: soon\n  - as: ines\n    does: dance\n    text: a\n  - webhook: none.json\n"))
	if err == nil {
		t.Fatal("it was taken")
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 3 || !strings.Contains(lines[0], ":4: ") || !strings.Contains(lines[1], ":5: ") || !strings.Contains(lines[2], ":8: ") {
		t.Errorf("got\n%v", err)
	}
}

func TestLoadReads(t *testing.T) {
	s, err := Load(write(t, head+`  - {as: ines, does: reply, name: hello, text: "Hi  there"}
  - webhook: hook.json
    repeat: 3
    about: Again and again
  - wait: 1h30m
  - as: ines
    does: note
    text: |
      two
      lines
    mentions: [tom]
    then:
      - {owner: nobody, threads: 2}
      - timeline: {kind: note_added, times: 0}
`))
	if err != nil {
		t.Fatal(err)
	}
	if Duration(s) != 90*time.Minute || len(s.Steps) != 4 {
		t.Errorf("%d steps, %s", len(s.Steps), Duration(s))
	}
	if h := s.Steps[1]; h.Webhook != "hook.json" || h.Repeat != 3 || h.About == "" {
		t.Errorf("webhook %+v", h)
	}
	n := s.Steps[3]
	if n.Fields["text"] != "two\nlines" || len(n.Fields["mentions"].([]string)) != 1 || *n.Then[1].Timeline.Times != 0 || n.Then[0].Is["owner"] != "nobody" {
		t.Errorf("note %+v", n)
	}
}

// The reference names everything that a story may say, and its example loads.
func TestReferenceIsComplete(t *testing.T) {
	raw, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	_, example, _ := strings.Cut(text, "```yaml\n")
	example, _, _ = strings.Cut(example, "```")
	dir := write(t, example)
	if err := os.WriteFile(filepath.Join(dir, "01-mia-asks.json"), []byte(strings.Replace(hook, "{{hello}}", "1", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := Load(dir); err != nil || len(s.Steps) != 4 {
		t.Errorf("the example: %v", err)
	}
	for name, a := range acts {
		for _, word := range append([]string{name}, a.fields...) {
			if !strings.Contains(text, "`"+word+"`") {
				t.Errorf("%s: %q is not in the reference", name, word)
			}
		}
	}
	for _, word := range caseFields {
		if !strings.Contains(text, "`"+word+"`") {
			t.Errorf("%q is not in the reference", word)
		}
	}
}

// Whatever stands in the file, it loads or says on which line it doesn't.
func FuzzLoad(f *testing.F) {
	raw, err := os.ReadFile("../../../events/stories/ticket-never-booked/" + FileName)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(raw))
	f.Add(head + "  - {wait: , then: [{}, cases: , refused: 1, timeline: [], outcomes: {a: b}]}\n")
	f.Add("# nothing\n---\n")
	f.Add("&a [*a]")
	f.Add(head + "  - &s {as: &n a, does: note, text: *n, mentions: [*n, [*s]]}\n")
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(filepath.Join(dir, FileName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(dir); err != nil && !strings.Contains(err.Error(), FileName+":") {
			t.Errorf("no line in %v", err)
		}
	})
}
