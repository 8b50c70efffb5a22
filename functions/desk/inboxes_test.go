package desk_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"ines/functions/desk"
	"ines/shared/docket"
	"ines/shared/feed"
)

func TestABlockedInboxIsSeenAndResumedByALead(t *testing.T) {
	b := newBench(t)
	h := docket.Hold{Inbox: "northline-x", State: docket.HoldBlocked, Since: b.Now(), Code: "401", Why: "blocked (401): token revoked"}
	if won, err := b.WriteHold(t.Context(), h.Probe(b.Now())); !won || err != nil {
		t.Fatal(won, err)
	}
	state := func() string {
		a := b.must(b.get("/api/inboxes"), http.StatusOK)
		for i := range 20 {
			if a.text("inboxes", i, "id") == "northline-x" {
				return a.text("inboxes", i, "state")
			}
		}
		return "not listed"
	}
	if got := state(); got != "blocked" {
		t.Fatalf("it is %s", got)
	}
	page := b.send("GET", "/", "", "Authorization: Bearer ines", "Accept: text/html")
	if !strings.Contains(page.Body, "The inbox northline-x can’t send since") || strings.Contains(page.Body, "Try again now") {
		t.Errorf("an agent's console: %s", page.Body)
	}
	b.problem(b.post("ines", "/api/inboxes/northline-x/resume", "{}"), http.StatusForbidden, "not-allowed")
	b.problem(b.post("tom", "/api/inboxes/nowhere/resume", "{}"), http.StatusNotFound, "not-found")
	if a := b.must(b.post("tom", "/api/inboxes/northline-x/resume", "{}"), http.StatusOK); a.text("state") != "open" {
		t.Errorf("after resuming: %s", a.Body)
	}
	if got := state(); got != "open" {
		t.Errorf("it is %s after it was resumed", got)
	}
}

// shelf is a feed of two entries.
type shelf struct{}

func (shelf) Read(_ context.Context, department, cursor string, limit int) ([]feed.Entry, string, error) {
	if cursor == "broken" {
		return nil, "", feed.ErrCursor
	}
	all := []feed.Entry{{ID: department + "/1"}, {ID: department + "/2"}}
	return all[:min(limit, 2)], "next", nil
}

func TestFeedsAreReadByTheDepartmentsThatListen(t *testing.T) {
	b := newBench(t, func(c *desk.Config) { c.Feeds = shelf{} })
	b.problem(b.get("/api/feeds/nowhere"), http.StatusNotFound, "not-found")
	quiet := b.problem(b.get("/api/feeds/care"), http.StatusNotFound, "not-found")
	if !strings.Contains(quiet.Body, "give it wants") {
		t.Errorf("a department that does not listen: %s", quiet.Body)
	}
	a := b.must(b.get("/api/feeds/baggage?limit=1"), http.StatusOK)
	if a.text("entries", 0, "id") != "baggage/1" || a.at("entries", 1) != nil || a.text("cursor") != "next" {
		t.Errorf("feed %s", a.Body)
	}
	if a := b.must(b.get("/api/feeds/actions"), http.StatusOK); a.text("entries", 0, "id") != "actions/1" {
		t.Errorf("actions %s", a.Body)
	}
	b.problem(b.get("/api/feeds/baggage?cursor=broken"), http.StatusBadRequest, "malformed")
	b.problem(b.get("/api/feeds/baggage?limit=0"), http.StatusBadRequest, "malformed")
	b = newBench(t)
	b.problem(b.get("/api/feeds/baggage"), http.StatusNotFound, "not-found")
}
