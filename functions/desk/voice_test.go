package desk_test

import (
	"net/http"
	"strings"
	"testing"

	"ines/shared/casework"
	"ines/shared/message"
)

// TestPraiseFeedbackAndRatings: thanks reach the colleague who is named or helped last,
// a rule that stops somebody is counted, and a case is rated once.
func TestPraiseFeedbackAndRatings(t *testing.T) {
	b := newBench(t)
	thanks := casework.About{Kind: "praise", Tone: "positive", Urgency: "normal", Language: "en", Topic: "baggage"}
	wrote := func(text string, about casework.About) string {
		return b.file(message.Message{Channel: "x", Inbox: "northline-x", Visibility: message.Private, Thread: "100-leo", Text: text,
			Author: message.Author{Handle: message.Handle{Channel: "x", ID: "leo"}}}, about)
	}
	id := wrote("My bag is gone", casework.About{Kind: "complaint", Tone: "negative", Urgency: "normal", Language: "en", Topic: "baggage"})
	at := "/api/cases/" + id
	wrote("thank you so much", thanks) // nobody has helped yet
	b.must(b.post("ines", at+"/replies", `{"text":"It is on its way."}`), http.StatusAccepted)
	wrote("thank you so much!", thanks)
	wrote("And thanks to Tom, he was wonderful", thanks)
	wrote("Ines and Tom, you two!", thanks)
	b.must(b.post("ines", at+"/feedback", `{"rule":"Refund-Limit","text":"ten pounds more would have mended it"}`), http.StatusOK)
	b.must(b.post("tom", at+"/feedback", `{"text":"the form asks three times"}`), http.StatusOK)
	b.problem(b.post("tom", at+"/feedback", `{"rule":"ask Mia Winter about it","text":"x"}`), http.StatusUnprocessableEntity, "invalid")
	b.must(b.post("ines", at+"/resolve", `{}`), http.StatusOK)
	for _, bad := range []string{`{}`, `{"score":0}`, `{"score":6}`, `{"score":4.5}`, `{"score":"many"}`} {
		b.problem(b.post("ines", at+"/rating", bad), http.StatusUnprocessableEntity, "invalid")
	}
	b.must(b.post("ines", at+"/rating", `{"score":4,"text":"quick"}`), http.StatusOK)
	b.problem(b.post("ines", at+"/rating", `{"score":1}`), http.StatusUnprocessableEntity, "invalid")
	b.CatchUp()
	a := b.must(b.get("/api/reports/voice"), http.StatusOK)
	if a.text("customers", 0, "topic") != "baggage" || a.at("customers", 0, "cases") != 1.0 || a.at("customers", 0, "negative") != 1.0 {
		t.Errorf("customers: %s", a.Body)
	}
	if a.text("employees", 0, "rule") != "" || a.text("employees", 1, "rule") != "refund-limit" || a.at("employees", 1, "count") != 1.0 {
		t.Errorf("employees: %s", a.Body)
	}
	if a.text("praise", 0, "colleague") != "ines" || a.at("praise", 0, "count") != 2.0 || a.text("praise", 1, "name") != "Tom Reed" || a.at("praise", 1, "count") != 1.0 {
		t.Errorf("praise: %s", a.Body)
	}
	if a.at("ratings", 3, "count") != 1.0 || a.at("ratings", 0, "count") != 0.0 {
		t.Errorf("ratings: %s", a.Body)
	}
	a = b.must(b.get("/api/reports/ratings"), http.StatusOK)
	if a.at("count") != 1.0 || a.at("average") != 4.0 || a.at("asked") != 0.0 || a.at("scores", 3) != 1.0 || a.text("departments", 0, "name") != "Baggage" ||
		a.at("departments", 0, "average") != 4.0 || a.text("topics", 0, "id") != "baggage" || a.at("brands", 0, "count") != 1.0 || strings.Contains(a.Body, "ines") {
		t.Errorf("ratings: %s", a.Body)
	}
	if a := b.must(b.get(at), http.StatusOK); a.at("case", "rating") != 4.0 {
		t.Errorf("the case doesn't show its rating: %s", a.Body)
	}
	if a := b.must(b.get("/api/colleagues/ines"), http.StatusOK); a.at("praise") != 2.0 || a.text("name") != "Ines Silva" {
		t.Errorf("ines sees %s", a.Body)
	}
	b.problem(b.get("/api/colleagues/nobody"), http.StatusNotFound, "not-found")
}
