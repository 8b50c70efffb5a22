package desk_test

import (
	"net/http"
	"strings"
	"testing"

	"ines/shared/casework"
	"ines/shared/message"
)

func TestExpertsAreFoundByWhatTheySolvedAndAskedFromInsideTheCase(t *testing.T) {
	b := newBench(t)
	about := casework.About{Topic: "baggage", Language: "en", Kind: "complaint", Urgency: "normal"}
	for _, nothing := range []string{"%00", strings.Repeat("x", 5000), strings.Repeat("x", 1020)} { // what can be nobody's topic
		if a := b.must(b.get("/api/experts?topic="+nothing), http.StatusOK); !strings.Contains(a.Body, `"experts":[]`) {
			t.Errorf("%q: %s", nothing, a.Body)
		}
	}
	if a := b.must(b.get("/api/experts?topic=baggage"), http.StatusOK); a.at("experts", 0) != nil || !strings.Contains(a.Body, `"experts":[]`) {
		t.Errorf("before anything was solved: %s", a.Body)
	}
	solved := b.file(message.Message{Text: "my suitcase"}, about)
	b.must(b.post("tom", "/api/cases/"+solved+"/resolve", "{}"), http.StatusOK)
	b.CatchUp()
	a := b.must(b.send("GET", "/api/experts?topic=baggage&language=en", "", "Authorization: Bearer ines"), http.StatusOK)
	if a.text("experts", 0, "colleague") != "tom" || a.at("experts", 0, "solved") != 1.0 || !strings.Contains(a.text("experts", 0, "why"), "Tom Reed has solved 1 case about baggage") {
		t.Errorf("experts %s", a.Body)
	}
	if a := b.must(b.send("GET", "/api/experts?topic=baggage", "", tom), http.StatusOK); a.at("experts", 0) != nil {
		t.Errorf("he is shown to himself: %s", a.Body)
	}
	b.problem(b.get("/api/experts?about=bags"), http.StatusBadRequest, "malformed")

	at := "/api/cases/" + b.file(message.Message{Text: "where is my bag"}, about)
	q := b.must(b.post("ines", at+"/experts", `{"text":"Which hall?"}`), http.StatusCreated)
	if q.text("question", "colleague") != "tom" || q.text("question", "id") == "" || !strings.Contains(q.text("why"), "has solved") || q.text("case", "questions", 0, "text") != "Which hall?" {
		t.Errorf("asked %s", q.Body)
	}
	b.problem(b.post("ines", at+"/experts", `{}`), http.StatusUnprocessableEntity, "invalid")
	b.problem(b.post("ines", at+"/experts", `{"text":"x","colleague":"ines"}`), http.StatusUnprocessableEntity, "invalid")
	if a := b.must(b.get("/api/cases?asked=tom"), http.StatusOK); a.text("cases", 0, "questions", 0, "text") != "Which hall?" || a.at("cases", 1) != nil {
		t.Errorf("asked of Tom: %s", a.Body)
	}
	for _, page := range []string{b.must(b.send("GET", "/", "", tom, "Accept: text/html"), http.StatusOK).Body,
		b.must(b.send("GET", strings.TrimPrefix(at, "/api"), "", tom, "Accept: text/html"), http.StatusOK).Body} {
		if !strings.Contains(page, "asks you something") && !strings.Contains(page, "Ines Silva asks you") {
			t.Error("the console doesn't tell him")
		}
	}
	b.problem(b.post("ines", at+"/experts/"+q.text("question", "id")+"/answer", `{"text":"hall 2"}`), http.StatusForbidden, "not-allowed")
	b.must(b.post("tom", at+"/experts/"+q.text("question", "id")+"/answer", `{"text":"hall 2"}`), http.StatusOK)
	b.must(b.post("ines", at+"/experts", `{"text":"And when?","colleague":"tom"}`), http.StatusCreated)
	b.must(b.post("tom", at+"/notes", `{"text":"at noon"}`), http.StatusOK)
	kinds := strings.Join(b.must(b.get(at), http.StatusOK).kinds(), " ")
	if !strings.Contains(kinds, "expert_asked note_added expert_answered expert_asked note_added expert_answered") {
		t.Errorf("timeline %s", kinds)
	}
	if a := b.must(b.get("/api/cases?asked=tom"), http.StatusOK); a.at("cases", 0) != nil {
		t.Errorf("answered and still listed: %s", a.Body)
	}
}
