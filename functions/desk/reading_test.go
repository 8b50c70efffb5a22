package desk_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"ines/shared/casework"
	"ines/shared/message"
)

func TestListFiltersAndCursors(t *testing.T) {
	b := newBench(t)
	var all []string
	for i := range 7 {
		about := casework.About{Language: "en"}
		if i%2 == 0 {
			about.Topic = "baggage"
		}
		all = append(all, b.file(message.Message{Text: fmt.Sprintf("matter %d", i)}, about))
		b.Advance(time.Minute)
	}
	b.must(b.post("tom", "/api/cases/"+all[1]+"/claim", ""), http.StatusOK)
	b.must(b.post("tom", "/api/cases/"+all[0]+"/resolve", ""), http.StatusOK)
	b.CatchUp()
	for query, want := range map[string][]string{
		"":                        append(slices.Clone(all[1:]), all[0]),
		"queue=baggage":           {all[2], all[4], all[6], all[0]},
		"queue=care":              {all[1], all[3], all[5]},
		"status=open":             all[1:],
		"status=resolved":         {all[0]},
		"status=snoozed":          nil,
		"owner=tom":               {all[1]},
		"owner=tom&status=open":   {all[1]},
		"channel=email":           nil,
		"community=northline-en":  append(slices.Clone(all[1:]), all[0]),
		"q=matter+3":              {all[3]},
		"queue=baggage&q=matter1": nil,
	} {
		for _, limit := range []string{"2", "200"} {
			var got []string
			cursor := ""
			for {
				a := b.must(b.get("/api/cases?"+query+"&limit="+limit+"&cursor="+url.QueryEscape(cursor)), http.StatusOK)
				if _, isList := a.at("cases").([]any); !isList {
					t.Fatalf("?%s: cases is no list: %s", query, a.Body)
				}
				for i := 0; a.at("cases", i) != nil; i++ {
					got = append(got, a.text("cases", i, "id"))
				}
				if cursor = a.text("cursor"); cursor == "" {
					break
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("?%s in pages of %s: %v, want %v", query, limit, got, want)
			}
		}
	}
	for _, query := range []string{"cursor=nonsense", "status=closed", "limit=0", "limit=x", "limit=1000", "owner=%00"} {
		b.problem(b.get("/api/cases?"+query), http.StatusBadRequest, "malformed")
	}
	for query, field := range map[string]string{"colour=red": "colour", "status=open&Queue=care": "Queue", "limit=2&offset=4&page=1": "offset", "colour": "colour"} {
		a := b.problem(b.get("/api/cases?"+query), http.StatusBadRequest, "malformed")
		if a.text("field") != field || !strings.Contains(a.text("detail"), field) {
			t.Errorf("?%s: %s", query, a.Body)
		}
	}
	for _, query := range []string{"queue=nothing", "owner=nobody", "community=nowhere", "channel=pigeon"} {
		if a := b.must(b.get("/api/cases?"+query), http.StatusOK); a.at("cases", 0) != nil {
			t.Errorf("?%s: %s", query, a.Body)
		}
	}
	b.must(b.send("GET", "/?colour=red", "", tom, "Accept: text/html"), http.StatusOK)
}

func TestCustomersAndQueues(t *testing.T) {
	b := newBench(t)
	id := b.open()
	customer := b.get("/api/cases/"+id).text("case", "customer", "id")
	a := b.must(b.get("/api/customers/"+customer), http.StatusOK)
	if a.text("customer", "id") != customer || a.text("customer", "handles", 0, "channel") != "x" || a.text("customer", "handles", 0, "id") != "author1" || a.text("cases", 0, "id") != id {
		t.Errorf("customer: %s", a.Body)
	}

	b.Advance(30 * time.Minute)
	gone := b.file(message.Message{Text: "where is my suitcase"}, casework.About{Topic: "baggage"})
	b.must(b.post("ines", "/api/cases/"+gone+"/resolve", ""), http.StatusOK)
	b.CatchUp()
	q := b.must(b.get("/api/queues"), http.StatusOK)
	care, _ := q.at("queues", 0).(map[string]any)
	baggage, _ := q.at("queues", 1).(map[string]any)
	if care["id"] != "care" || care["name"] != "Customer care" || care["waiting"] != 1.0 || care["oldest"] != "2026-11-20T09:00:00Z" ||
		care["predicted_wait"] != nil || care["bottleneck"] != true {
		t.Errorf("care: %v", care)
	}
	// One in and one out within the hour; the clock counts from 08:30.
	if baggage["waiting"] != 0.0 || baggage["oldest"] != nil || baggage["arrival_rate"] != 1.0 || baggage["service_rate"] != 1.0 ||
		baggage["predicted_wait"] != 0.0 || baggage["bottleneck"] != false {
		t.Errorf("baggage: %v", baggage)
	}
}

// What is described is there, and what is there is described.
func TestDescriptionAndRoutesAgree(t *testing.T) {
	b := newBench(t)
	var doc struct {
		OpenAPI string                                `json:"openapi"`
		Paths   map[string]map[string]json.RawMessage `json:"paths"`
		Parts   struct {
			Schemas map[string]json.RawMessage `json:"schemas"`
		} `json:"components"`
	}
	raw := b.must(b.send("GET", "/openapi.json", ""), http.StatusOK).Body
	if err := json.Unmarshal([]byte(raw), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.OpenAPI != "3.1.0" {
		t.Errorf("openapi is %q", doc.OpenAPI)
	}
	id := b.open()
	fill := strings.NewReplacer("{id}", id, "{pid}", "p1", "{aid}", "a1", "{qid}", "q1")
	for path, methods := range doc.Paths {
		for method := range methods {
			a := b.send(strings.ToUpper(method), fill.Replace(path), `{"no such field":1}`, "Authorization: Bearer ines")
			if a.StatusCode == http.StatusMethodNotAllowed || a.StatusCode == http.StatusNotFound && !strings.Contains(path, "customers") && !strings.Contains(path, "inboxes") && !strings.Contains(path, "files") && !strings.Contains(path, "feeds") && !strings.Contains(path, "colleagues") && !strings.Contains(path, "incidents") {
				t.Errorf("%s %s is described and answers %d", method, path, a.StatusCode)
			}
		}
	}
	// Every route of the contract as far as this issue goes, and nothing beyond.
	want := []string{"/api/cases", "/api/cases/{id}", "/api/cases/{id}/files/{sha256}", "/api/customers/{id}", "/api/experts", "/api/feeds/{department}", "/api/inboxes", "/api/inboxes/{id}/resume", "/api/customers/{id}/profile", "/api/customers/{id}/erase", "/api/queues", "/api/reports/outcomes", "/api/simulate", "/healthz", "/openapi.json"}
	want = append(want, "/api/cases/next", "/api/me", "/api/me/presence")
	for _, act := range []string{"claim", "release", "takeover", "assign", "transfer", "notes", "replies", "private", "calls", "promises", "correct", "snooze",
		"resolve", "reopen", "split", "promises/{pid}/keep", "promises/{pid}/move", "promises/{pid}/accept", "promises/{pid}/dismiss",
		"wake", "merge", "unmerge", "actions", "approvals/{aid}/approve", "approvals/{aid}/decline", "experts", "experts/{qid}/answer", "experts/{qid}/release"} {
		want = append(want, "/api/cases/{id}/"+act)
	}
	want = append(want, "/api/reports/voice", "/api/reports/ratings", "/api/colleagues/{id}", "/api/cases/{id}/feedback", "/api/cases/{id}/rating", "/api/reports/parity", "/api/reports/promises", "/api/reports/service")
	want = append(want, "/api/incidents", "/api/customers/{id}/merge", "/api/customers/{id}/unmerge", "/api/customers/{id}/decline")
	for _, do := range []string{"confirm", "broadcast", "approve", "close"} {
		want = append(want, "/api/incidents/{id}/"+do)
	}
	slices.Sort(want)
	if got := slices.Sorted(maps.Keys(doc.Paths)); !slices.Equal(got, want) {
		t.Errorf("described are %v, want %v", got, want)
	}
	for _, ref := range strings.Split(raw, `"$ref": "#/components/schemas/`)[1:] {
		name, _, _ := strings.Cut(ref, `"`)
		if _, ok := doc.Parts.Schemas[name]; !ok {
			t.Errorf("the schema %s is referred to and not there", name)
		}
	}
	if !strings.Contains(string(doc.Paths["/api/cases/{id}/transfer"]["post"]), `"required":["department","why"]`) &&
		!strings.Contains(strings.Join(strings.Fields(string(doc.Paths["/api/cases/{id}/transfer"]["post"])), ""), `"required":["department","why"]`) {
		t.Error("the body of transfer has no schema")
	}
}
