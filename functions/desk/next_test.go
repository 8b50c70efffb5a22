package desk_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"ines/functions/desk"
	"ines/shared/casework"
	"ines/shared/docket/dockettest"
	"ines/shared/message"
)

// Pull over HTTP: the first in the order of work, explained, once per key.
func TestNextCaseOverHTTP(t *testing.T) {
	b := newBench(t)
	first := b.file(message.Message{Text: "late"}, casework.About{Language: "en"})
	b.Advance(time.Minute)
	urgent := b.file(message.Message{Text: "at the gate"}, casework.About{Language: "en", Urgency: "now"})
	b.file(message.Message{Text: "my suitcase"}, casework.About{Language: "en", Topic: "baggage"})

	a := b.must(b.post("ines", "/api/cases/next", `{}`, "Idempotency-Key: n1"), http.StatusOK)
	if a.text("case", "id") != urgent || a.text("case", "owner") != "ines" || a.text("decision", "decision") != "people" || !strings.Contains(a.text("why"), "as the customer needs it now") || a.Headers["etag"] == "" {
		t.Errorf("next: %s", a.Body)
	}
	if again := b.must(b.post("ines", "/api/cases/next", `{}`, "Idempotency-Key: n1"), http.StatusOK); again.Body != a.Body || again.Headers["idempotency-replayed"] != "true" {
		t.Errorf("again: %s", again.Body)
	}
	b.problem(b.post("ines", "/api/cases/next", `{"queue":"care"}`, "Idempotency-Key: n1"), http.StatusUnprocessableEntity, "idempotency-key-reused")
	if kinds := strings.Join(b.get("/api/cases/"+urgent).kinds(), " "); !strings.HasSuffix(kinds, "matched claimed") {
		t.Errorf("timeline: %s", kinds)
	}
	// The order of the list is the order in which the next case is taken.
	b.CatchUp()
	if l := b.get("/api/cases?queue=care"); l.text("cases", 0, "id") != urgent || l.text("cases", 1, "id") != first || l.text("cases", 0, "order", "at") == "" {
		t.Errorf("list: %s", l.Body)
	}
	if a := b.must(b.post("tom", "/api/cases/next", `{"queue":"care"}`), http.StatusOK); a.text("case", "id") != first {
		t.Errorf("tom's: %s", a.Body)
	}
	if a := b.must(b.post("tom", "/api/cases/next", ""), http.StatusOK); a.at("case") != nil || a.text("why") == "" {
		t.Errorf("nothing: %s", a.Body)
	}
	b.problem(b.post("tom", "/api/cases/next", `{"queue":"baggage"}`), http.StatusForbidden, "not-allowed")
	b.problem(b.post("tom", "/api/cases/next", `{"queue":"nothing"}`), http.StatusUnprocessableEntity, "invalid")
	if me := b.must(b.send("GET", "/api/me", "", tom), http.StatusOK); me.at("held") != 1.0 || me.at("capacity") != 5.0 || me.text("state") != "away" {
		t.Errorf("me: %s", me.Body)
	}
	for range 4 {
		b.must(b.post("tom", "/api/cases/"+b.open()+"/claim", ""), http.StatusOK)
		b.CatchUp()
	}
	b.open()
	b.problem(b.post("tom", "/api/cases/next", ""), http.StatusConflict, "at-capacity")
}

// Push over HTTP: who says that he is there gets what waits.
func TestPresenceBringsCases(t *testing.T) {
	b := newBench(t)
	b.Register = dockettest.Open(t, dockettest.Setup{Policy: dockettest.Policy(t, strings.Replace(testDesk, "default: true", "default: true, push: true", 1)), Channels: rules{}})
	b.desk = desk.New(desk.Config{Docket: b.Faulty, Policy: b.Policy, Channels: rules{}, Now: b.Now})
	id := b.open()
	if a := b.simulated(`{"message":{"inbox":"northline-x","text":"hi"},"about":{"language":"en","topic":"","tone":"","kind":"","urgency":"normal"}}`); a.decision("people")["outcome"] != "nobody" {
		t.Errorf("nobody is there: %s", a.Body)
	}
	me := b.must(b.post("ines", "/api/me/presence", `{"state":"available"}`), http.StatusOK)
	if me.text("state") != "available" || me.at("held") != 1.0 {
		t.Errorf("me: %s", me.Body)
	}
	if a := b.get("/api/cases/" + id); a.text("case", "owner") != "ines" || !strings.HasSuffix(strings.Join(a.kinds(), " "), "matched assigned") {
		t.Errorf("case: %s", a.Body)
	}
	if a := b.simulated(`{"message":{"inbox":"northline-x","text":"hi"},"about":{"language":"en","topic":"","tone":"","kind":"","urgency":"normal"}}`); a.decision("people")["outcome"] != "ines" {
		t.Errorf("she would get it: %s", a.Body)
	}
	b.problem(b.post("ines", "/api/me/presence", `{"state":"busy"}`), http.StatusUnprocessableEntity, "invalid")
	b.problem(b.post("ines", "/api/me/presence", `{}`), http.StatusUnprocessableEntity, "invalid")
}

// The console has the buttons; a double click takes one case.
func TestConsoleTakesTheNextCase(t *testing.T) {
	b := newBench(t)
	id := b.open()
	b.open()
	page := b.must(b.send("GET", "/", "", tom, "Accept: text/html"), http.StatusOK)
	for _, want := range []string{"Take the next case", "I’m here: give me cases", "gives you none; you have 0 of 5"} {
		if !strings.Contains(page.Body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	form := url.Values{"token": {"form-1"}, "queue": {"baggage"}}.Encode()
	for range 2 {
		a := b.must(b.send("POST", "/next", form, tom, "Content-Type: application/x-www-form-urlencoded"), http.StatusSeeOther)
		if a.Headers["location"] != "/cases/"+id {
			t.Errorf("leads to %s", a.Headers["location"])
		}
	}
	b.must(b.post("ines", "/api/cases/next", ""), http.StatusOK)
	a := b.must(b.send("POST", "/next", "token=form-2", tom, "Content-Type: application/x-www-form-urlencoded"), http.StatusSeeOther)
	if page := b.must(b.send("GET", a.Headers["location"], "", tom), http.StatusOK); !strings.Contains(page.Body, "No case waits that is for you.") {
		t.Error("the page doesn't say that nothing waits")
	}
	a = b.must(b.send("POST", "/presence", "state=available", tom, "Content-Type: application/x-www-form-urlencoded"), http.StatusSeeOther)
	if page := b.must(b.send("GET", a.Headers["location"], "", tom), http.StatusOK); !strings.Contains(page.Body, "I’m going: give me no cases") {
		t.Error("the page doesn't say that he is there")
	}
	c := b.must(b.send("GET", "/cases/"+id, "", tom), http.StatusOK)
	if !strings.Contains(c.Body, "The first in the order of work that Tom Reed can take") {
		t.Error("the case doesn't say why it is his")
	}
}

// A thread that spreads: the list, the case and the API show it, and the proposal.
func TestSpreadingShows(t *testing.T) {
	b := newBench(t)
	id := b.open()
	for i := range 20 {
		b.n++
		m := message.Message{ID: "r" + string(rune('a'+i)), Thread: "m1", Channel: "x", Inbox: "northline-x", Visibility: message.Public, SentAt: b.Now(), Text: "me too",
			Author: message.Author{Handle: message.Handle{Channel: "x", ID: "friend" + string(rune('a'+i))}}}
		b.MustFile(b.Deliver(m, casework.About{Language: "en", Kind: "complaint"}, b.Now()))
	}
	b.CatchUp()
	a := b.must(b.get("/api/cases/"+id), http.StatusOK)
	if a.at("case", "spreading", "replies") != 20.0 || a.text("case", "spreading", "proposed") != "go_private" || !strings.Contains(strings.Join(a.kinds(), " "), "spreading") {
		t.Errorf("case: %s", a.Body)
	}
	if page := b.must(b.send("GET", "/", "", tom), http.StatusOK); !strings.Contains(page.Body, ">spreads<") {
		t.Error("the list doesn't show it")
	}
	page := b.must(b.send("GET", "/cases/"+id, "", tom), http.StatusOK)
	for _, want := range []string{"This thread spreads.", `href="#go-private"`, "This spreads: 20 others have answered within 1h", "Tom Reed is told"} {
		if !strings.Contains(page.Body, want) {
			t.Errorf("the case page lacks %q", want)
		}
	}
	b.must(b.post("tom", "/api/cases/"+id+"/private", `{"channel":"email","address":"leo@post.example","text":"Let us go on here."}`), http.StatusAccepted)
	if a := b.get("/api/cases/" + id); a.at("case", "spreading", "proposed") != nil {
		t.Errorf("still proposed: %s", a.Body)
	}
}
