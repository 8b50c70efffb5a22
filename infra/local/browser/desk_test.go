//go:build !onlygo

package browser

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"ines/infra/local"
	"ines/infra/local/story"
	"ines/shared/channel/registry"
	"ines/shared/policy/policyfile"
	"ines/shared/secret/env"
)

const stories = "../../../events/stories/"

// desk is one that serves, with cases in every standing.
type desk struct {
	*testing.T
	host *local.Host
	how  story.Player
}

// serve has everything on it that a page has trouble with.
func serve(t *testing.T) *desk {
	t.Helper()
	d := empty(t)
	d.play(stories+"one-bag-three-ways", "")
	d.play(stories+"ticket-never-booked", "")
	// Up to where somebody waits for a yes, with a promise that is still open.
	d.play(stories+"more-than-she-may", "act")
	d.play("testdata", "")
	return d
}

func empty(t *testing.T) *desk {
	t.Helper()
	const path = "../../desk.yaml"
	p, err := policyfile.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	secrets, err := env.New(func(string) (string, bool) { return "", false }, "../../desk.secrets.env")
	if err != nil {
		t.Fatal(err)
	}
	host, err := local.Open(local.Config{Data: t.TempDir(), Desk: p, Secrets: secrets, Addr: "127.0.0.1:0",
		StartAt: time.Date(2026, 11, 16, 10, 5, 0, 0, time.UTC)})
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
	return &desk{t, host, story.Player{BaseURL: host.URL(), PublicURL: host.PublicURL(), Desk: p, Secrets: secrets, Find: registry.Find, Patience: longest}}
}

// play plays a story, to the first time that a colleague does what until names.
func (d *desk) play(dir, until string) {
	d.Helper()
	s, err := story.Load(filepath.FromSlash(dir))
	if err != nil {
		d.Fatal(err)
	}
	if until != "" {
		last := slices.IndexFunc(s.Steps, func(step story.Step) bool { return step.Does == until })
		if last < 0 {
			d.Fatalf("nobody does %q in %s", until, dir)
		}
		s.Steps = s.Steps[:last+1]
	}
	if err := story.Play(d.Context(), d.how, s); err != nil {
		d.Fatal(err)
	}
}

// settle waits until all that was asked for is done.
func (d *desk) settle() {
	d.Helper()
	for busy := true; busy; {
		var rest struct{ Busy string }
		d.api("ines", http.MethodPost, "/local/clock", `{"advance":"0s"}`, &rest)
		busy = rest.Busy != ""
	}
}

// api asks the desk, as a colleague, and reads the answer into what is given.
func (d *desk) api(who, method, path, body string, into any) {
	d.Helper()
	r, err := http.NewRequestWithContext(d.Context(), method, d.host.URL()+path, bytes.NewBufferString(body))
	if err != nil {
		d.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+who)
	r.Header.Set("Idempotency-Key", who+path+body)
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		d.Fatal(err)
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	if err != nil || a.StatusCode >= 300 {
		d.Fatalf("%s %s: %d %s %v", method, path, a.StatusCode, text, err)
	}
	if err := json.Unmarshal(text, into); into != nil && err != nil {
		d.Fatalf("%s %s: %v in %s", method, path, err, text)
	}
}

// caseOf is the address of the page of the customer's newest case that stands so.
func (d *desk) caseOf(customer, status string) string {
	d.Helper()
	var list struct{ Cases []story.Case }
	d.api("ruth", http.MethodGet, "/api/cases?limit=200&status="+status, "", &list)
	for _, c := range list.Cases {
		if c.Customer.Name == customer {
			return "/cases/" + c.ID
		}
	}
	d.Fatalf("%s has no case that is %s among %+v", customer, status, list.Cases)
	return ""
}

// block makes the platform refuse our reply in the case as one that we may not
// send, so that its inbox is held and the console says so.
func (d *desk) block(page, channel string) {
	d.Helper()
	d.api("ines", http.MethodPost, "/local/faults", `{"channel":"`+channel+`","status":401,"times":9}`, nil)
	d.api("ines", http.MethodPost, "/api"+page+"/replies", `{"text":"We look into it."}`, nil)
	d.settle()
}
