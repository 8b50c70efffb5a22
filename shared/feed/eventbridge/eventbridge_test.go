package eventbridge

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"ines/shared/aws/awstest"
	"ines/shared/casework"
	"ines/shared/feed"
	"ines/shared/message"
)

// bus is what PutEvents does, as far as we use it. refuse names details that it
// does not take, and how often.
type bus struct {
	calls  [][]entry
	took   []string
	refuse map[string]int
	status int
}

func (b *bus) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in struct{ Entries []entry }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || r.Header.Get("X-Amz-Target") != "AWSEvents.PutEvents" || len(in.Entries) > maxEntries {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if b.status != 0 {
		w.WriteHeader(b.status)
		b.status = 0
		fmt.Fprint(w, `{"__type":"InternalException"}`)
		return
	}
	b.calls = append(b.calls, in.Entries)
	out := []map[string]string{}
	for _, e := range in.Entries {
		var d feed.Entry
		if err := json.Unmarshal([]byte(e.Detail), &d); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if b.refuse[d.ID] > 0 {
			b.refuse[d.ID]--
			out = append(out, map[string]string{"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"})
			continue
		}
		b.took = append(b.took, d.ID)
		out = append(out, map[string]string{"EventId": d.ID})
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"Entries": out})
}

func start(t *testing.T, b *bus) Bus {
	t.Helper()
	s := httptest.NewServer(b)
	t.Cleanup(s.Close)
	return Bus{AWS: awstest.Config(t, s.URL), Name: "ines-dev-departments", Source: "ines"}
}

func entries(n int) (es []feed.Entry) {
	for i := range n {
		es = append(es, feed.Entry{ID: fmt.Sprint("c/", i), At: time.Unix(1_700_000_000, 0), Departments: []string{"press"}, Events: casework.Events{casework.NoteAdded{Text: "n"}}})
	}
	return es
}

func TestEventsGoOutInFullCallsAndInOrder(t *testing.T) {
	b := &bus{}
	if err := start(t, b).Publish(t.Context(), entries(23)...); err != nil {
		t.Fatal(err)
	}
	if len(b.calls) != 3 || len(b.took) != 23 || b.took[0] != "c/0" || b.took[22] != "c/22" {
		t.Errorf("%d calls, took %v", len(b.calls), b.took)
	}
	e := b.calls[0][0]
	if e.EventBusName != "ines-dev-departments" || e.Source != "ines" || e.DetailType != "note_added" || e.Time != 1_700_000_000 || !strings.Contains(e.Detail, `"departments":["press"]`) {
		t.Errorf("event %+v", e)
	}
}

func TestWhatTheBusDoesNotTakeIsGivenToItAgain(t *testing.T) {
	b := &bus{refuse: map[string]int{"c/1": 2, "c/3": 1}, status: http.StatusInternalServerError}
	if err := start(t, b).Publish(t.Context(), entries(5)...); err != nil {
		t.Fatal(err)
	}
	slices.Sort(b.took)
	if !slices.Equal(b.took, []string{"c/0", "c/1", "c/2", "c/3", "c/4"}) {
		t.Errorf("took %v", b.took)
	}
	b = &bus{refuse: map[string]int{"c/1": 99}}
	if err := start(t, b).Publish(t.Context(), entries(2)...); err == nil || !strings.Contains(err.Error(), "slow down") {
		t.Errorf("a bus that never takes it: %v", err)
	}
}

func TestALargeEntryFitsTheBus(t *testing.T) {
	b := &bus{}
	es := entries(3)
	for i := range es {
		es[i].Events = casework.Events{casework.MessageReceived{Message: message.Message{ID: "m", Text: strings.Repeat("\u0001", 60_000)}}}
	}
	if err := start(t, b).Publish(t.Context(), es...); err != nil {
		t.Fatal(err)
	}
	for _, call := range b.calls {
		size := 0
		for _, e := range call {
			size += len(e.Detail)
		}
		if size > maxBytes {
			t.Errorf("a call of %d bytes", size)
		}
	}
	if len(b.took) != 3 || !strings.Contains(b.calls[0][0].Detail, `"cut":true`) {
		t.Errorf("took %v: %.200s", b.took, b.calls[0][0].Detail)
	}
}
