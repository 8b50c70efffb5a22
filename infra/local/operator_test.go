package local_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"ines/infra/plan"
)

func TestOperatorRefusesWhatMakesNoSense(t *testing.T) {
	d, _ := serve(t, t.TempDir())
	for _, tt := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"POST", "/local/clock", `{"advance":"2h","by":1}`, 400, `"by"`},
		{"POST", "/local/clock", `{"advance":"soon"}`, 400, "soon"},
		{"POST", "/local/clock", `{"advance":"-2h"}`, 400, "back"},
		{"POST", "/local/clock", `{"advance":7}`, 400, "advance"},
		{"POST", "/local/clock", `{"advance":"999999h"}`, 400, "more than"},
		{"POST", "/local/clock", `{}`, 400, "missing"},
		{"POST", "/local/clock", ``, 400, "body"},
		{"POST", "/local/clock", `{"advance":"1s"} {}`, 400, "more than one"},
		{"POST", "/local/clock", strings.Repeat(" ", 70<<10), 400, "longer"},
		{"POST", "/local/faults", `{"channel":"x","times":1,"status":429,"hangs":"1s"}`, 400, `"hangs"`},
		{"POST", "/local/faults", `{"channel":"pigeon","times":1,"status":429}`, 400, "pigeon"},
		{"POST", "/local/faults", `{"times":1,"status":429}`, 400, "channel"},
		{"POST", "/local/faults", `{"channel":"x","times":0,"status":429}`, 400, "times"},
		{"POST", "/local/faults", `{"channel":"x","times":1}`, 400, "exactly one"},
		{"POST", "/local/faults", `{"channel":"x","times":1,"status":429,"drop_after_accept":true}`, 400, "exactly one"},
		{"POST", "/local/faults", `{"channel":"x","times":1,"status":200}`, 400, "400 to 599"},
		{"POST", "/local/faults", `{"channel":"x","times":1,"hang":"forever"}`, 400, "forever"},
		{"POST", "/local/faults", `{"channel":"x","times":1,"hang":"3s","retry_after":"2s"}`, 400, "goes with status"},
		{"POST", "/local/faults", `{"channel":"x","times":"1","status":429}`, 400, "times"},
		{"GET", "/local/faults", "", 405, "POST"},
		{"POST", "/local/sent", "", 405, "GET"},
		{"DELETE", "/local/clock", "", 405, "GET and POST"},
		{"GET", "/local/nothing", "", 404, "/local/sent"},
	} {
		var p struct {
			Status        int
			Title, Detail string
		}
		status := d.call(tt.method, tt.path, tt.body, &p)
		if status != tt.status || p.Status != tt.status || !strings.Contains(p.Detail, tt.says) {
			t.Errorf("%s %s %.60s: %d %+v, want %d saying %q", tt.method, tt.path, tt.body, status, p, tt.status, tt.says)
		}
	}
}

func TestOperatorAnswers(t *testing.T) {
	d, _ := serve(t, t.TempDir())
	for path, want := range map[string][]string{
		"/local/sent":     {"sent"},
		"/local/outcomes": {"items", "outcomes", "queues"},
		"/local/clock":    {"now"},
	} {
		var answer map[string]json.RawMessage
		d.must("GET", path, "", &answer)
		for _, key := range want {
			if len(answer[key]) == 0 || string(answer[key]) == "null" {
				t.Errorf("%s has no %s: %v", path, key, answer)
			}
		}
	}
	o := d.outcomes()
	for _, q := range plan.Default().Queues {
		if _, ok := o.Queues[q.Name]; !ok {
			t.Errorf("outcomes without the queue %s", q.Name)
		}
	}
}

// Bad requests get a clear status, and the desk goes on.
func TestGateway(t *testing.T) {
	d, _ := serve(t, t.TempDir())
	good := d.sign("northline-app", `{"type":"message.created","timestamp":"2026-11-20T10:30:59Z","data":{"id":"m1","author":{"id":"u1"},"text":"Hi"}}`)
	for name, tt := range map[string]struct {
		method, path string
		body         []byte
		status       int
	}{
		"unknown inbox":   {"POST", "/webhooks/web/nobody", good.body, 404},
		"wrong channel":   {"POST", "/webhooks/x/northline-app", good.body, 404},
		"no inbox":        {"POST", "/webhooks/web", good.body, 404},
		"wrong method":    {"PUT", good.path, good.body, 405},
		"bad signature":   {"POST", good.path, []byte(`{}`), 401},
		"10 MB":           {"POST", good.path, bytes.Repeat([]byte("x"), 10<<20), 413},
		"invalid UTF-8":   {"POST", good.path, []byte("\xff\xfe"), 401},
		"unknown API":     {"GET", "/api/nothing", nil, 404},
		"health":          {"GET", "/healthz", nil, 200},
		"the good one":    {"POST", good.path, good.body, 200},
		"10 MB elsewhere": {"POST", "/api/cases/x/notes", bytes.Repeat([]byte("x"), 10<<20), 413},
	} {
		req, err := http.NewRequest(tt.method, d.url+tt.path, bytes.NewReader(tt.body))
		if err != nil {
			t.Fatal(err)
		}
		for name, v := range good.header {
			req.Header.Set(name, v)
		}
		if strings.HasPrefix(tt.path, "/api") {
			req.Header.Set("Authorization", "Bearer ines")
		}
		resp, err := d.http.Do(req)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		resp.Body.Close()
		if resp.StatusCode != tt.status {
			t.Errorf("%s: %d, want %d", name, resp.StatusCode, tt.status)
		}
	}
	d.settle()
	if o := d.balanced(); o.Items != 1 {
		t.Errorf("outcomes: %+v", o)
	}
}
