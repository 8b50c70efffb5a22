package desk_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ines/functions/desk"
	"ines/shared/casework"
	"ines/shared/docket/dockettest"
	"ines/shared/message"
)

const segmentDesk = testDesk + `
segments:
  - {id: vulnerable, when: '"vulnerable" in customer.tags'}
  - {id: stranded, when: 'urgency == "now" || "at the gate" in points'}
  - {id: fan, when: '"fan" in customer.tags || customer.praised >= 2'}
  - {id: frequent, when: 'customer.cases >= 3'}
  - {id: first-timer, when: '!customer.known'}
service:
  - {when: 'segment in ["vulnerable", "stranded"]', first_answer: 10m, next_answer: 10m, resolution: 2h}
topics: [{id: baggage}]
`

func newSegmentBench(t *testing.T, about ...casework.About) *bench {
	t.Helper()
	b := &bench{TB: t, log: &bytes.Buffer{}}
	b.Register = dockettest.Open(t, dockettest.Setup{Policy: dockettest.Policy(t, segmentDesk), Channels: rules{}})
	c := desk.Config{Docket: b.Faulty, Policy: b.Policy, Channels: rules{}, Now: b.Now}
	if len(about) > 0 {
		c.About = func(*message.Message) (casework.About, error) { return about[0], nil }
	}
	b.desk = desk.New(c)
	return b
}

// simulated asks and checks that nothing at all was written.
func (b *bench) simulated(body string) answer {
	b.Helper()
	before := b.Bytes()
	a := b.must(b.post("ines", "/api/simulate", body), http.StatusOK)
	if !bytes.Equal(before, b.Bytes()) {
		b.Fatal("a simulation wrote something")
	}
	return a
}

func (a answer) decision(name string) map[string]any {
	list, _ := a.at("decisions").([]any)
	for _, x := range list {
		if m, _ := x.(map[string]any); m["decision"] == name {
			return m
		}
	}
	return nil
}

// POST /api/simulate foretells what filing then does, to the last decision and
// event, and writes nothing.
func TestSimulateTellsWhatARealMessageGets(t *testing.T) {
	about := casework.About{Language: "en", Topic: "baggage", Kind: "request", Tone: "negative", Urgency: "now", Anger: 0.5, Points: []string{"at the gate"}}
	b := newSegmentBench(t, about)
	for i, m := range []message.Message{
		{ID: "s1", Thread: "s1", Text: "My suitcase is at the wrong airport."},                                                                                // opens
		{ID: "s2", Thread: "s1", Parent: "s1", Text: "Anybody?"},                                                                                              // joins
		{ID: "s3", Thread: "s1", Parent: "s1", Text: "Mine too, please find it.", Author: message.Author{Handle: message.Handle{Channel: "x", ID: "friend"}}}, // a bystander's own
	} {
		m.Channel, m.Inbox, m.Visibility, m.SentAt = "x", "northline-x", message.Public, b.Now()
		if m.Author.Handle.ID == "" {
			m.Author.Handle = message.Handle{Channel: "x", ID: "leo"}
		}
		raw, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		s := b.simulated(`{"message":` + string(raw) + `}`)
		id := s.text("joins", "case")
		if s.at("joins", "opens") != (i == 0) || s.text("case", "id") != id {
			t.Errorf("message %d: %s", i, s.Body)
		}
		b.MustFile(b.Deliver(m, about, b.Now()))
		b.CatchUp()
		real := b.must(b.get("/api/cases/"+id), http.StatusOK)
		want, _ := real.at("timeline").([]any)
		got, _ := s.at("events").([]any)
		if !reflect.DeepEqual(got, want[len(want)-len(got):]) || len(got) == 0 {
			t.Errorf("message %d: events\n%v\nthe timeline has\n%v", i, got, want)
		}
		if !reflect.DeepEqual(s.at("case"), real.at("case")) {
			t.Errorf("message %d: case\n%v\nis then\n%v", i, s.at("case"), real.at("case"))
		}
		again := b.simulated(`{"message":` + string(raw) + `}`)
		if again.at("joins", "duplicate") != true {
			t.Errorf("filed already: %s", again.Body)
		}
		if i == 0 {
			for name, rule := range map[string]string{"case": "default", "segment": "segments[1]", "service": "service[0]", "department": "routing[0]", "priority": "order", "automation": "default"} {
				if d := s.decision(name); d["rule"] != rule || d["text"] == "" {
					t.Errorf("decision %s: %v", name, d)
				}
			}
			if facts, _ := s.decision("segment")["facts"].(map[string]any); facts["points"] != "at the gate" || facts["urgency"] != "now" {
				t.Errorf("segment saw %v", facts)
			}
			if s.text("wants", 0) != "baggage" || s.text("order", "at") != "2026-11-20T08:10:00Z" || s.at("order", "ahead") != 0.0 {
				t.Errorf("wants and order: %s", s.Body)
			}
		}
		if i == 2 && (s.text("joins", "role") != "bystander" || s.text("own", "case", "department") != "baggage") {
			t.Errorf("bystander: %s", s.Body)
		}
	}
}

// A message, customer and time by hand.
func TestSimulateByHand(t *testing.T) {
	b := newSegmentBench(t)
	id := b.open()
	leo := b.get("/api/cases/"+id).text("case", "customer", "id")
	about := `"about":{"language":"en","topic":"","tone":"","kind":"question","urgency":"normal"}`
	for body, want := range map[string]string{
		`{"message":{"inbox":"northline-mail","text":"hello"},` + about + `}`:                                                                           "first-timer",
		`{"message":{"inbox":"northline-mail","text":"hello"},"customer":{"known":true},` + about + `}`:                                                 "",
		`{"message":{"inbox":"northline-mail","text":"hello"},"customer":{"known":true,"tags":["Fan"]},` + about + `}`:                                  "fan",
		`{"message":{"inbox":"northline-mail","text":"hello"},"customer":{"cases":4,"praised":1},` + about + `}`:                                        "frequent",
		`{"message":{"inbox":"northline-mail","text":"hello"},"customer":{"cases":4,"praised":2},` + about + `}`:                                        "fan",
		`{"message":{"inbox":"northline-mail","text":"hello"},"customer":{"tags":["vulnerable"]},"at":"2026-11-21T03:00:00Z",` + about + `}`:            "vulnerable",
		`{"message":{"inbox":"northline-x","text":"hello","author":{"handle":{"channel":"x","id":"9"},"reach":9000000,"verified":true}},` + about + `}`: "first-timer",
	} {
		a := b.simulated(body)
		if a.text("case", "segment") != want {
			t.Errorf("%s: %q, want %q", body, a.text("case", "segment"), want)
		}
		if strings.Contains(body, "03:00") && a.text("case", "opened_at") != "2026-11-21T03:00:00Z" {
			t.Errorf("at: %s", a.Body)
		}
	}
	// A customer's id: his open case takes the message.
	if a := b.simulated(`{"message":{"inbox":"northline-x","text":"hello again"},"customer":"` + leo + `",` + about + `}`); a.text("joins", "case") != id || a.text("joins", "via") != "customer" {
		t.Errorf("by id: %s", a.Body)
	}
	if a := b.simulated(`{"message":{"inbox":"northline-mail","text":"hello again"},"customer":{"id":"` + leo + `"},` + about + `}`); a.text("joins", "case") != id {
		t.Errorf("by id on another channel: %s", a.Body)
	}
	for body, status := range map[string]int{
		`{}`: 422, `{"message":"x"}`: 400, `{"message":{"txt":"x"}}`: 400, `{"message":{"text":"x"},` + about + `}`: 422,
		`{"message":{"inbox":"nowhere"},` + about + `}`: 422, `{"message":{"inbox":"northline-x","channel":"email"},` + about + `}`: 422,
		`{"message":{"inbox":"northline-x"},"customer":7,` + about + `}`: 400, `{"message":{"inbox":"northline-x"},"customer":{"fame":1},` + about + `}`: 400,
		`{"message":{"inbox":"northline-x","text":"x"},"about":{"kind":"hm"}}`: 422, `{"message":{"inbox":"northline-x","text":"x"},"about":{"urgency":"urgent"}}`: 422,
		`{"message":{"inbox":"northline-x","text":"x"},"about":{"topic":"nowhere"}}`: 422, `{"message":{"inbox":"northline-x","text":"x"},"about":{"anger":7}}`: 422,
		`{"message":{"inbox":"northline-x","text":"x"},"customer":{"cases":-3},` + about + `}`:     422,
		`{"message":{"inbox":"northline-x","text":"x"},"at":"9999-12-31T23:59:59Z",` + about + `}`: 422, `{"message":{"inbox":"northline-x","text":"x"},"at":"0000-01-01T00:00:00Z",` + about + `}`: 422,
		`{"message":{"inbox":"northline-x"},"at":"soon",` + about + `}`: 422, `{"message":{"inbox":"northline-x","text":"x"}}`: 422,
	} {
		if a := b.post("ines", "/api/simulate", body); a.StatusCode != status {
			t.Errorf("%s: %d %s, want %d", body, a.StatusCode, a.Body, status)
		}
	}
}

// Segments from profile, history and message: tags that a colleague wrote, cases
// and praise counted, what the message says.
func TestSegmentsFromProfileHistoryAndMessage(t *testing.T) {
	b := newSegmentBench(t)
	n := 0
	// write files a private message of somebody and says which segment his case got.
	write := func(who string, about casework.About) (segment, id string) {
		t.Helper()
		n++
		about.Language = "en"
		m := message.Message{ID: fmt.Sprint("w", n), Channel: "email", Inbox: "northline-mail", Visibility: message.Private, Thread: fmt.Sprint("w", n), SentAt: b.Now(),
			Author: message.Author{Handle: message.Handle{Channel: "email", ID: who + "@post.example"}}}
		b.MustFile(b.Deliver(m, about, b.Now()))
		b.CatchUp()
		a := b.must(b.get("/api/cases?q="+who+"@post.example"), http.StatusOK)
		return a.text("cases", 0, "segment"), a.text("cases", 0, "id")
	}
	resolve := func(id string) {
		t.Helper()
		b.must(b.post("ines", "/api/cases/"+id+"/resolve", ""), http.StatusOK)
		b.CatchUp()
		b.Advance(100 * time.Hour)
	}
	if s, _ := write("gate", casework.About{Urgency: "now"}); s != "stranded" {
		t.Errorf("now: %q", s)
	}
	var got []string
	for range 4 {
		s, id := write("often", casework.About{Kind: "question"})
		got = append(got, s)
		resolve(id)
	}
	if !slices.Equal(got, []string{"first-timer", "", "", "frequent"}) {
		t.Errorf("four cases one after the other: %q", got)
	}
	got = nil
	for range 3 {
		s, id := write("thanks", casework.About{Kind: "praise"})
		got = append(got, s)
		resolve(id)
	}
	if !slices.Equal(got, []string{"first-timer", "", "fan"}) {
		t.Errorf("two praises before: %q", got)
	}
	_, id := write("frail", casework.About{Kind: "question"})
	customer := b.get("/api/cases/"+id).text("case", "customer", "id")
	at := "/api/customers/" + customer + "/profile"
	a := b.must(b.post("ines", at, `{"tags":["Vulnerable","fan","fan"],"name":"Mr Frail","language":"en"}`, "Idempotency-Key: k1"), http.StatusOK)
	if !reflect.DeepEqual(a.at("tags"), []any{"fan", "vulnerable"}) || a.text("name") != "Mr Frail" {
		t.Errorf("profile: %s", a.Body)
	}
	if again := b.must(b.post("ines", at, `{"tags":["Vulnerable","fan","fan"],"name":"Mr Frail","language":"en"}`, "Idempotency-Key: k1"), http.StatusOK); again.Headers["idempotency-replayed"] != "true" || again.Body != a.Body {
		t.Errorf("again: %s", again.Body)
	}
	b.problem(b.post("ines", at, `{"tags":[]}`, "Idempotency-Key: k1"), http.StatusUnprocessableEntity, "idempotency-key-reused")
	if s, _ := write("frail", casework.About{Kind: "question"}); s != "vulnerable" {
		t.Errorf("tagged: %q", s)
	}
	if a := b.get("/api/customers/" + customer); a.text("customer", "tags", 1) != "vulnerable" || a.text("customer", "language") != "en" {
		t.Errorf("customer: %s", a.Body)
	}
	b.must(b.post("ines", at, `{"name":""}`), http.StatusOK)
	if a := b.get("/api/customers/" + customer); a.text("customer", "tags", 0) != "fan" || a.text("customer", "called") != "" {
		t.Errorf("what is left out stays: %s", a.Body)
	}
	b.problem(b.post("ines", "/api/customers/nobody/profile", `{"tags":["fan"]}`), http.StatusNotFound, "not-found")
	b.problem(b.post("ines", at, `{"tags":[" "]}`), http.StatusUnprocessableEntity, "invalid")
	b.problem(b.post("ines", at, `{"language":"English"}`), http.StatusUnprocessableEntity, "invalid")
}
