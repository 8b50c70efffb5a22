package desk_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestReportsOfServiceParityAndPromises(t *testing.T) {
	b := newBench(t)
	id := b.open()
	at := "/api/cases/" + id
	b.Advance(2 * time.Minute)
	b.must(b.post("ines", at+"/promises", `{"text":"ring back","due":"2h"}`), http.StatusCreated)
	b.must(b.post("ines", at+"/notes", `{"text":"rang"}`), http.StatusOK)
	b.CatchUp()
	if a := b.must(b.get("/api/reports/promises"), http.StatusOK); a.text("promises", 0, "department") != "care" || a.at("promises", 0, "made") != 1.0 {
		t.Errorf("promises %s", a.Body)
	}
	for _, report := range []string{"service", "parity"} {
		if a := b.must(b.get("/api/reports/"+report+"?from=2026-11-19&to=2026-11-20"), http.StatusOK); strings.Contains(a.Body, "null") != (report == "parity") {
			t.Errorf("%s %s", report, a.Body)
		}
	}
	for query, field := range map[string]string{"from=yesterday": "from", "from=2026-11-20&to=2026-11-19": "from", "from=2026-01-01&to=2026-11-20": "from", "days=3": "days"} {
		if a := b.problem(b.get("/api/reports/service?"+query), http.StatusBadRequest, "malformed"); a.text("field") != field {
			t.Errorf("%s: %s", query, a.Body)
		}
	}
	b.must(b.post("ines", at+"/promises/"+b.get(at).text("case", "promises", 0, "id")+"/keep", "{}"), http.StatusOK)
	b.must(b.post("ines", at+"/resolve", "{}"), http.StatusOK)
	b.CatchUp()
	a := b.must(b.get("/api/reports/service"), http.StatusOK)
	if a.text("service", 0, "community") != "northline-en" || a.text("service", 0, "channel") != "x" || a.at("service", 0, "met") != 1.0 {
		t.Errorf("service %s", a.Body)
	}
}
