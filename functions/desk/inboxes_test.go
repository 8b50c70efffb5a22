package desk_test

import (
	"net/http"
	"strings"
	"testing"

	"ines/shared/docket"
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
	if !strings.Contains(page.Body, "The inbox northline-x can't send since") || strings.Contains(page.Body, "Try again now") {
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
