package desk_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"ines/shared/casework"
	"ines/shared/message"
)

func TestIncidentsAreConfirmedAnsweredAndClosed(t *testing.T) {
	b := newBench(t)
	watch := func() {
		t.Helper()
		if err := b.Docket.Watch(t.Context(), b.Now()); err != nil {
			t.Fatal(err)
		}
	}
	watch()
	var ids []string
	for range 10 {
		ids = append(ids, b.file(message.Message{Text: "nothing flies"}, casework.About{Topic: "disruption", Language: "en", Kind: "complaint", Urgency: "normal"}))
		b.Advance(time.Minute)
	}
	if a := b.must(b.get("/api/incidents"), http.StatusOK); !strings.Contains(a.Body, `"incidents":[]`) {
		t.Fatalf("incidents %s", a.Body)
	}
	watch()
	a := b.must(b.get("/api/incidents?status=proposed"), http.StatusOK)
	at := "/api/incidents/" + a.text("incidents", 0, "id")
	if a.text("incidents", 0, "topic") != "disruption" || a.text("incidents", 0, "status") != "proposed" {
		t.Fatalf("incidents %s", a.Body)
	}
	b.problem(b.get("/api/incidents?status=open"), http.StatusBadRequest, "malformed")
	b.problem(b.post("ines", at+"/confirm", "{}"), http.StatusForbidden, "not-allowed")
	b.problem(b.post("tom", "/api/incidents/nothing/confirm", "{}"), http.StatusNotFound, "not-found")
	if page := b.must(b.send("GET", "/", "", tom, "Accept: text/html"), http.StatusOK).Body; !strings.Contains(page, "Is something going on with disruption?") || !strings.Contains(page, "link the cases") {
		t.Error("the console doesn't tell the lead")
	}
	b.problem(b.post("tom", at+"/broadcast", `{"text":"We fly again."}`), http.StatusUnprocessableEntity, "invalid")
	b.must(b.post("tom", at+"/confirm", "{}"), http.StatusOK)
	b.problem(b.post("tom", at+"/broadcast", `{"text":"x","texts":["fr"]}`), http.StatusBadRequest, "malformed")
	said := b.must(b.post("tom", at+"/broadcast", `{"text":"We fly again.","texts":{"fr":"Nous repartons."}}`, "Idempotency-Key: i1"), http.StatusAccepted)
	if again := b.must(b.post("tom", at+"/broadcast", `{"text":"We fly again.","texts":{"fr":"Nous repartons."}}`, "Idempotency-Key: i1"), http.StatusAccepted); again.Body != said.Body || again.Headers["idempotency-replayed"] != "true" {
		t.Errorf("the same key: %s, then %s", said.Body, again.Body)
	}
	b.problem(b.post("tom", at+"/broadcast", `{"text":"We do not fly."}`, "Idempotency-Key: i1"), http.StatusUnprocessableEntity, "idempotency-key-reused")
	b.problem(b.post("tom", at+"/confirm", `{}`, "Idempotency-Key: i1"), http.StatusUnprocessableEntity, "idempotency-key-reused")
	for range 2 { // what is so already is remembered, too
		b.must(b.post("tom", at+"/confirm", `{}`, "Idempotency-Key: i2"), http.StatusOK)
	}
	b.CatchUp()
	if a := b.must(b.get("/api/incidents"), http.StatusOK); a.at("incidents", 0, "linked") != 10.0 || a.at("incidents", 0, "answered") != 10.0 {
		t.Errorf("incidents %s", a.Body)
	}
	for _, id := range ids {
		one := b.must(b.get("/api/cases/"+id), http.StatusOK)
		kinds := strings.Join(one.kinds(), " ")
		if one.text("case", "incident") == "" || strings.Count(kinds, "reply_requested") != 1 || !strings.Contains(kinds, "linked_to_incident") || !strings.Contains(kinds, "incident_answered") {
			t.Errorf("%s: %s", id, kinds)
		}
	}
	// Each can still be answered by itself.
	b.must(b.post("ines", "/api/cases/"+ids[0]+"/replies", `{"text":"And your bag is here."}`), http.StatusAccepted)
	if page := b.must(b.send("GET", "/", "", tom, "Accept: text/html"), http.StatusOK).Body; !strings.Contains(page, "10 answered") || !strings.Contains(page, "It is over") {
		t.Error("the console doesn't tell how far it is")
	}
	b.must(b.post("tom", at+"/close", `{"why":"thaw"}`), http.StatusOK)
	b.problem(b.post("tom", at+"/confirm", `{}`), http.StatusConflict, "case-closed")
	if a := b.must(b.get("/api/incidents?status=closed"), http.StatusOK); a.text("incidents", 0, "closed_why") != "thaw" {
		t.Errorf("incidents %s", a.Body)
	}
}
