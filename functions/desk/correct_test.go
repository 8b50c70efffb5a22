package desk_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// TestCorrecting: a colleague's word replaces the classifier's, and the case tells
// who said so.
func TestCorrecting(t *testing.T) {
	b := newBench(t)
	at := "/api/cases/" + b.open()
	b.must(b.post("ines", at+"/correct", `{"kind":"praise","urgency":"high"}`), http.StatusOK)
	a := b.must(b.get(at, "Authorization: Bearer ines"), http.StatusOK)
	var got struct {
		Case     struct{ Kind, Urgency string }
		Timeline []struct {
			Kind, By, Field, To string
			Message             json.RawMessage
		}
	}
	if err := json.Unmarshal([]byte(a.Body), &got); err != nil {
		t.Fatal(err)
	}
	if got.Case.Kind != "praise" || got.Case.Urgency != "high" {
		t.Errorf("the case: %+v", got.Case)
	}
	told := map[string]string{}
	for _, e := range got.Timeline {
		if e.Kind == "corrected" && e.By == "ines" && len(e.Message) > 2 {
			told[e.Field] = e.To
		}
	}
	if told["kind"] != "praise" || told["urgency"] != "high" || len(told) != 2 {
		t.Errorf("the timeline tells %v", told)
	}
	for body, want := range map[string]string{`{}`: "topic", `{"topic":"cheese"}`: "cheese", `{"kind":"poem"}`: "kind", `{"urgency":"soon"}`: "urgency"} {
		if a := b.post("ines", at+"/correct", body); a.StatusCode < 400 || a.StatusCode >= 500 || !strings.Contains(a.Body, want) {
			t.Errorf("%s: %d %s", body, a.StatusCode, a.Body)
		}
	}
}

// TestCorrectingTheTopicSortsTheCaseAnew: the case goes where the right topic's rule
// sends it, and the case says why.
func TestCorrectingTheTopicSortsTheCaseAnew(t *testing.T) {
	b := newSegmentBench(t)
	at := "/api/cases/" + b.open()
	b.must(b.post("ines", at+"/correct", `{"topic":"baggage","urgency":"now"}`), http.StatusOK)
	a := b.must(b.get(at, "Authorization: Bearer ines"), http.StatusOK)
	if a.text("case", "topic") != "baggage" || a.text("case", "department") != "baggage" || a.text("case", "segment") != "stranded" {
		t.Errorf("topic %q, department %q, segment %q", a.text("case", "topic"), a.text("case", "department"), a.text("case", "segment"))
	}
	if !strings.Contains(a.Body, "A colleague says that the topic is baggage") {
		t.Errorf("it does not say why: %s", a.Body)
	}
}
