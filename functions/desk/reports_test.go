package desk_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"ines/functions/desk"
	"ines/shared/casework"
	"ines/shared/channel/registry"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
	"ines/shared/message"
)

func TestOutcomesOfAutomaticAnswersAreReportedAndTold(t *testing.T) {
	b := newBench(t)
	b.Register = dockettest.Open(t, dockettest.Setup{Policy: dockettest.Policy(t, testDesk+`
topics: [{id: baggage}, {id: seat}]
automation:
  - {id: seat, topic: seat, text: {en: "Seats are chosen online."}}
  - {id: bag, topic: baggage, text: {en: "Bags are looked for."}}
`)})
	b.desk = desk.New(desk.Config{Docket: b.Docket, Policy: b.Policy, Channels: docket.NewChannels(b.Policy, registry.Find), Now: b.Now})
	sure := casework.About{Kind: "question", Urgency: "normal", Language: "en", Topic: "seat", TopicP: 0.97, TopicSure: true}
	ask := func(author, text string, about casework.About) string {
		m := message.Message{Channel: "x", Inbox: "northline-x", Visibility: message.Private, Thread: "100-" + author, Text: text,
			Author: message.Author{Handle: message.Handle{Channel: "x", ID: author}}}
		return b.file(m, about)
	}
	ask("leo", "window seat?", sure)
	ask("mia", "aisle seat?", sure)
	thanks := sure
	thanks.Kind, thanks.Tone = "praise", "positive"
	ask("leo", "lovely, thanks", thanks)
	id := ask("mia", "That is no answer. A human please", sure)
	ask("sam", "any seat?", sure)
	b.Advance(time.Minute)
	b.CatchUp()

	a := b.must(b.get("/api/reports/outcomes"), http.StatusOK)
	seat, _ := a.at("automation", 0).(map[string]any)
	if seat["id"] != "seat" || seat["answered"] != 3.0 || seat["solved"] != 1.0 || seat["asked_person"] != 1.0 || seat["open"] != 1.0 || seat["success"] != 0.5 {
		t.Errorf("reported %v", seat)
	}
	if bag, _ := a.at("automation", 1).(map[string]any); bag["id"] != "bag" || bag["answered"] != 0.0 || bag["success"] != nil {
		t.Errorf("reported %v", bag)
	}
	b.Advance(24 * time.Hour)
	ask("sam", "thanks, found it", thanks)
	b.CatchUp()
	on := func(days string) any {
		return b.must(b.get("/api/reports/outcomes?"+days), http.StatusOK).at("automation", 0)
	}
	// Each outcome belongs to the day of its answer.
	if seat, _ := on("from=2026-11-20&to=2026-11-20").(map[string]any); seat["answered"] != 3.0 || seat["solved"] != 2.0 || seat["open"] != 0.0 {
		t.Errorf("on the day: %v", seat)
	}
	if seat, _ := on("from=2026-11-21").(map[string]any); seat["answered"] != 0.0 || seat["solved"] != 0.0 || seat["open"] != 0.0 {
		t.Errorf("the day after: %v", seat)
	}
	b.problem(b.get("/api/reports/outcomes?from=soon"), http.StatusBadRequest, "malformed")
	if list := b.must(b.send("GET", "/", "", tom, "Accept: text/html"), http.StatusOK).Body; !strings.Contains(list, "automatic answer did not help") || !strings.Contains(list, "answered automatically") {
		t.Error("the list doesn't say what the machine did")
	}
	page := b.must(b.send("GET", "/cases/"+id, "", tom, "Accept: text/html"), http.StatusOK).Body
	for _, want := range []string{"Answered automatically.", "Ines, automatically", "wants to talk to a person", "The customer asks for a person", "urgent"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page of the case says nothing of %q", want)
		}
	}
	if a := b.must(b.get("/api/cases/"+id), http.StatusOK); a.text("case", "urgency") != "high" || a.text("case", "automatic") != "asked_person" || !strings.Contains(a.Body, "a person answers, and sooner") {
		t.Errorf("the case: %s", a.Body)
	}
}
