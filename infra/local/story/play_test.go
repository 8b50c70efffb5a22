package story_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ines/infra/local"
	"ines/infra/local/story"
	"ines/shared/channel/registry"
	"ines/shared/policy/policyfile"
	"ines/shared/secret/env"
)

// open serves a desk over a new folder whose clock begins at start, and says how to
// play on it.
func open(t *testing.T, desk string, start time.Time, change ...func(*local.Config)) story.Player {
	t.Helper()
	p, err := policyfile.Load(desk)
	if err != nil {
		t.Fatal(err)
	}
	nothing := func(string) (string, bool) { return "", false }
	secrets, err := env.New(nothing, strings.TrimSuffix(desk, ".yaml")+".secrets.env")
	if err != nil {
		t.Fatal(err)
	}
	c := local.Config{Data: t.TempDir(), Desk: p, Secrets: secrets, Addr: "127.0.0.1:0", StartAt: start}
	for _, f := range change {
		f(&c)
	}
	host, err := local.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- host.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := host.Close(); err != nil {
			t.Error(err)
		}
	})
	return story.Player{BaseURL: host.URL(), PublicURL: host.PublicURL(), Desk: p, Secrets: secrets, Find: registry.Find, Patience: 5 * time.Minute}
}

// Every story in events/stories comes true on an embedded engine, in a working
// day's middle, and at night and at the weekend, when no service clock runs.
func TestStories(t *testing.T) {
	dirs, err := filepath.Glob("../../../events/stories/*")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, dir := range dirs {
		s, err := story.Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		for name, start := range map[string]time.Time{
			"day":     time.Date(2026, 11, 20, 10, 5, 0, 0, time.UTC),
			"night":   time.Date(2026, 11, 21, 1, 30, 0, 0, time.UTC),
			"weekend": time.Date(2026, 11, 21, 22, 25, 0, 0, time.UTC),
		} {
			t.Run(filepath.Base(dir)+" by "+name, func(t *testing.T) {
				how := open(t, s.Desk, start)
				var account bytes.Buffer
				how.Out = &account
				if err := story.Play(t.Context(), how, s); err != nil {
					t.Fatalf("%v\n%s", err, account.String())
				}
				if n := strings.Count(account.String(), "\n"); n < len(s.Steps) {
					t.Errorf("the account has %d lines for %d steps:\n%s", n, len(s.Steps), account.String())
				}
				var told bytes.Buffer
				if err := story.Tell(t.Context(), how, &told); err != nil {
					t.Fatal(err)
				}
				for line := range strings.Lines(told.String()) {
					if n := len([]rune(line)); n > 112 {
						t.Errorf("%d characters are too many for a terminal: %s", n, line)
					}
				}
				if os.Getenv("STORY_SHOW") != "" {
					t.Logf("\n%s\n%s", account.String(), told.String())
				}
			})
		}
	}
}

// What must be true and isn't is said with the story's line; so is a step that is
// refused, or should be and isn't.
func TestUntrueStories(t *testing.T) {
	const dir = "../../../events/stories/ticket-never-booked"
	desk, err := filepath.Abs("../../desk.yaml")
	if err != nil {
		t.Fatal(err)
	}
	how := open(t, desk, time.Time{})
	how.Patience = time.Millisecond
	post, err := os.ReadFile(filepath.Join(dir, "01-owen-post.json"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ steps, want string }{
		"cases":        {"  - webhook: post.json\n    then: [{cases: 7}]\n", `:4: line 5 is not true: there are 1 cases, not 7`},
		"field":        {"  - webhook: post.json\n    then: [{status: resolved, owner: ines}]\n", `status is "open", not "resolved"`},
		"timeline":     {"  - webhook: post.json\n    then: [timeline: {kind: resolved}]\n", `no entries of the timeline with kind "resolved"`},
		"times":        {"  - webhook: post.json\n    then: [timeline: {kind: case_opened, times: 2}]\n", "1 entries of the timeline"},
		"sent":         {"  - webhook: post.json\n    then: [sent: {channel: x}]\n", "no calls went out"},
		"outcomes":     {"  - webhook: post.json\n    then: [outcomes: {echo: 1}]\n", "0 items ended as echo, not 1"},
		"refused":      {"  - webhook: post.json\n  - {as: ines, does: reopen, why: a}\n  - {as: ines, does: reply, text: b, thread: sms}\n", ":6: 0 threads of the case are"},
		"not refused":  {"  - webhook: post.json\n  - {as: ines, does: claim, then: [refused: {code: already-claimed}]}\n", `ines could claim; it must be refused with "already-claimed"`},
		"unexpected":   {"  - webhook: post.json\n  - {as: ines, does: claim}\n  - {as: tom, does: claim}\n", ":6: tom can't claim: 409 already-claimed"},
		"other reason": {"  - webhook: post.json\n  - {as: ines, does: claim}\n  - {as: tom, does: claim, then: [refused: {code: open-promise}]}\n", "for another reason"},
		"no case":      {"  - {as: ines, does: claim}\n", ":4: the story has 0 cases"},
		"nobody":       {"  - {as: karl, does: claim}\n", `:4: "karl" is no colleague`},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			// A conversation of its own for each, so that each has its case.
			own := strings.NewReplacer("2080811400234500097", "20808114"+digits(name), "1690318827745910784", "16903188"+digits(name)).Replace(string(post))
			for file, text := range map[string]string{"post.json": own, story.FileName: "title: A\ndesk: " + desk + "\nsteps:\n" + c.steps} {
				if err := os.WriteFile(filepath.Join(folder, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			s, err := story.Load(folder)
			if err != nil {
				t.Fatal(err)
			}
			err = story.Play(t.Context(), how, s)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v\nwant …%s", err, c.want)
			}
		})
	}
}

// digits makes eleven digits of a word.
func digits(word string) string {
	n := uint64(17)
	for _, b := range []byte(word) {
		n = n*131 + uint64(b)
	}
	out := make([]byte, 11)
	for i := range out {
		out[i] = byte('1' + n%9)
		n /= 9
	}
	return string(out)
}
