package desk_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ines/functions/desk"
	"ines/shared/casework"
	"ines/shared/docket/dockettest"
	"ines/shared/lambdahttp"
	"ines/shared/message"
	"ines/shared/policy"

	"github.com/aws/aws-lambda-go/events"
)

const testDesk = `
brands: [{id: northline, sign: "^{first_name}"}]
communities: [{id: northline-en, brand: northline, languages: [en], hours: {zone: Europe/London, mon-sun: ["00:00-24:00"]}}]
inboxes:
  - {id: northline-x, channel: x, account: "100", name: Northline, community: northline-en}
  - {id: northline-mail, channel: email, provider: postmark, account: help@northline.example, community: northline-en}
  - {id: northline-whatsapp, channel: whatsapp, account: "106540352242922", community: northline-en}
departments: [{id: care, name: Customer care, default: true}, {id: baggage, wants: 'topic == "baggage"'}]
colleagues:
  - {id: ines, name: Ines Silva, email: ines@northline.example}
  - {id: tom, name: Tom Reed, roles: [lead]}
routing: [{when: 'topic == "baggage"', department: baggage}]
`

var morning = dockettest.Morning

// rules are platforms that can be had by heart: WhatsApp is closed, X takes 60
// characters, and mail can be written to first.
type rules struct{}

func (rules) Window(t casework.Thread, _ time.Time) casework.Window {
	if t.Channel == "whatsapp" {
		return casework.Window{State: "template", Why: "more than 24 hours have passed since the customer wrote"}
	}
	return casework.Window{State: casework.WindowOpen}
}

func (rules) Measure(t casework.Thread, text string) (int, int, string) {
	if t.Channel == "x" {
		return len(text), 60, "characters"
	}
	return len(text), 0, "characters"
}

func (rules) Split(casework.Thread, string) ([]string, bool) { return nil, false }

func (rules) Open(in policy.Inbox, address string, known message.Handle, _ casework.Thread) (casework.Thread, error) {
	if in.Channel != "email" {
		return casework.Thread{}, errors.New("the customer has to write first there")
	}
	if address == "" {
		address = known.ID
	}
	if !strings.Contains(address, "@") {
		return casework.Thread{}, errors.New("that is not a mail address")
	}
	return casework.Thread{Channel: "email", Inbox: in.ID, Visibility: message.Private, With: message.Handle{Channel: "email", ID: address}}, nil
}

// bench is a desk over a real table.
type bench struct {
	testing.TB
	*dockettest.Register
	desk *desk.Desk
	log  *bytes.Buffer
	n    int // messages so far
}

func newBench(t testing.TB, change ...func(*desk.Config)) *bench {
	t.Helper()
	b := &bench{TB: t, log: &bytes.Buffer{}}
	b.Register = dockettest.Open(t, dockettest.Setup{Policy: dockettest.Policy(t, testDesk), Channels: rules{}})
	c := desk.Config{Docket: b.Faulty, Policy: b.Policy, Channels: rules{}, Now: b.Now, Log: slog.New(slog.NewTextHandler(b.log, nil))}
	for _, f := range change {
		f(&c)
	}
	b.desk = desk.New(c)
	return b
}

// file files a message, whose id and author are new unless said, and shows it in
// the lists.
func (b *bench) file(m message.Message, about casework.About) string {
	b.Helper()
	b.n++
	m.ID, m.SentAt = fmt.Sprint("m", b.n), b.Now()
	if m.Channel == "" {
		m.Channel, m.Inbox, m.Visibility = "x", "northline-x", message.Public
	}
	if m.Author.Handle.ID == "" {
		m.Author.Handle = message.Handle{Channel: m.Channel, ID: fmt.Sprint("author", b.n)}
	}
	if m.Thread == "" {
		m.Thread = m.ID
	}
	b.MustFile(b.Deliver(m, about, b.Now()))
	b.CatchUp()
	return casework.CaseID(m.Channel, m.Inbox, m.Thread, "")
}

// open opens a case with a public post.
func (b *bench) open() string {
	b.Helper()
	return b.file(message.Message{Text: "You charged me £200 for a ticket I never booked."}, casework.About{Language: "en", Kind: "complaint", Urgency: "normal"})
}

// answer is a response with its JSON.
type answer struct {
	events.APIGatewayV2HTTPResponse
	doc map[string]any
}

// at walks into the JSON: at("case", "threads", 0, "id").
func (a answer) at(path ...any) any {
	var v any = a.doc
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[p]
		case int:
			l, _ := v.([]any)
			if p >= len(l) {
				return nil
			}
			v = l[p]
		}
	}
	return v
}

func (a answer) text(path ...any) string { s, _ := a.at(path...).(string); return s }

// send sends one request through Handle, with headers given as "Name: value".
func (b *bench) send(method, target, body string, headers ...string) answer {
	b.Helper()
	r := httptest.NewRequest(method, "https://desk.example"+target, nil)
	for _, h := range headers {
		name, v, _ := strings.Cut(h, ": ")
		r.Header.Set(name, v)
	}
	resp, err := b.desk.Handle(b.Context(), lambdahttp.FromHTTP(r, []byte(body), "request-1", b.Now()))
	if err != nil {
		b.Fatalf("%s %s: %v", method, target, err)
	}
	a := answer{APIGatewayV2HTTPResponse: resp}
	if strings.Contains(resp.Headers["content-type"], "json") && resp.Body != "" {
		if err := json.Unmarshal([]byte(resp.Body), &a.doc); err != nil {
			b.Fatalf("%s %s: %v in %s", method, target, err, resp.Body)
		}
	}
	return a
}

func (b *bench) get(target string, headers ...string) answer {
	b.Helper()
	return b.send("GET", target, "", append(headers, "Authorization: Bearer ines")...)
}

// post acts as a colleague.
func (b *bench) post(who, target, body string, headers ...string) answer {
	b.Helper()
	return b.send("POST", target, body, append(headers, "Authorization: Bearer "+who)...)
}

// must fails the test unless the answer has the status.
func (b *bench) must(a answer, status int) answer {
	b.Helper()
	if a.StatusCode != status {
		b.Fatalf("status %d, want %d: %s", a.StatusCode, status, a.Body)
	}
	return a
}

// problem fails the test unless the answer is a problem with status and code.
func (b *bench) problem(a answer, status int, code string) answer {
	b.Helper()
	b.must(a, status)
	if a.Headers["content-type"] != "application/problem+json" || a.text("code") != code || a.text("type") != "urn:ines:problem:"+code ||
		a.at("status") != float64(status) || a.text("title") == "" || a.text("detail") == "" || a.text("instance") == "" {
		b.Fatalf("want a problem %d %s, got %s: %s", status, code, a.Headers["content-type"], a.Body)
	}
	return a
}

func TestWhoIsAsking(t *testing.T) {
	b := newBench(t)
	id := b.open()
	for _, headers := range [][]string{
		nil, {"Authorization: Bearer nobody"}, {"Authorization: Basic aW5lczo="}, {"Authorization: Bearer "},
		{"Cookie: ines_colleague=nobody"}, {"Cookie: ines_colleague=ines", "Authorization: Bearer nobody"},
	} {
		for _, target := range []string{"/api/cases", "/api/cases/" + id, "/api/queues"} {
			if a := b.problem(b.send("GET", target, "", headers...), http.StatusUnauthorized, "unauthenticated"); a.Headers["www-authenticate"] != "Bearer" {
				t.Errorf("%v: WWW-Authenticate is %q", headers, a.Headers["www-authenticate"])
			}
		}
	}
	b.must(b.send("GET", "/api/cases", "", "Cookie: other=1; ines_colleague=tom"), http.StatusOK)
	b.must(b.send("GET", "/api/cases", "", "authorization: bearer tom"), http.StatusOK)
	b.must(b.send("GET", "/healthz", ""), http.StatusOK)
	b.must(b.send("GET", "/openapi.json", ""), http.StatusOK)
}

func TestRoutesThatDontExist(t *testing.T) {
	b := newBench(t)
	id := b.open()
	for _, target := range []string{"/api", "/api/nothing", "/api/cases/" + id + "/nothing", "/api/nowhere", "/favicon.ico", "/assets/nothing.css"} {
		b.problem(b.get(target), http.StatusNotFound, "not-found")
	}
	for _, c := range []struct{ method, target, allow string }{
		{"DELETE", "/api/cases", "GET, HEAD"}, {"POST", "/api/cases/" + id, "GET, HEAD"}, {"GET", "/api/cases/" + id + "/claim", "POST"}, {"PUT", "/healthz", "GET, HEAD"},
	} {
		if a := b.problem(b.send(c.method, c.target, "", "Authorization: Bearer ines"), http.StatusMethodNotAllowed, "method-not-allowed"); a.Headers["allow"] != c.allow {
			t.Errorf("%s %s: Allow is %q, want %q", c.method, c.target, a.Headers["allow"], c.allow)
		}
	}
	for _, target := range []string{"/api/cases/nothing", "/api/cases/" + strings.Repeat("a", 5000), "/api/cases/%00", "/api/customers/nobody", "/api/customers/%ff"} {
		b.problem(b.get(target), http.StatusNotFound, "not-found")
	}
	b.problem(b.post("ines", "/api/cases/nothing/claim", ""), http.StatusNotFound, "not-found")
}

type panicking struct{ rules }

func (panicking) Window(casework.Thread, time.Time) casework.Window {
	panic("a channel is broken: s3cret")
}

func TestWhatGoesWrongInside(t *testing.T) {
	b := newBench(t)
	id := b.open()
	b.Table.Down(true)
	if a := b.problem(b.get("/api/cases/"+id), http.StatusServiceUnavailable, "unavailable"); a.Headers["retry-after"] == "" {
		t.Error("503 without Retry-After")
	}
	b.problem(b.post("ines", "/api/cases/"+id+"/claim", ""), http.StatusServiceUnavailable, "unavailable")
	b.Table.Down(false)
	b.must(b.get("/api/cases/"+id), http.StatusOK)

	broken := newBench(t, func(c *desk.Config) { c.Channels = panicking{} })
	a := broken.problem(broken.get("/api/cases/"+broken.open()), http.StatusInternalServerError, "internal")
	if strings.Contains(a.Body, "s3cret") || !strings.Contains(broken.log.String(), "s3cret") {
		t.Errorf("a panic belongs into the log and not into the answer: %s\nlog: %s", a.Body, broken.log)
	}
	if a.Headers["x-content-type-options"] != "nosniff" {
		t.Error("the answer to a panic has lost the security headers")
	}
}

func TestRequestsThatCantBeRead(t *testing.T) {
	b := newBench(t)
	id := b.open()
	b.problem(b.post("ines", "/api/cases/"+id+"/notes", `{"text":"`+strings.Repeat("a", 1<<20)+`"}`), http.StatusRequestEntityTooLarge, "too-large")
	e := lambdahttp.FromHTTP(httptest.NewRequest("POST", "/api/cases", nil), nil, "1", morning)
	e.Body, e.IsBase64Encoded = "!", true
	resp, err := b.desk.Handle(t.Context(), e)
	if err != nil || resp.StatusCode != http.StatusBadRequest {
		t.Errorf("base64 that is none: %d, %v", resp.StatusCode, err)
	}
	if resp, err := b.desk.Handle(t.Context(), events.APIGatewayV2HTTPRequest{}); err != nil || resp.StatusCode != http.StatusBadRequest {
		t.Errorf("an empty event: %d, %v", resp.StatusCode, err)
	}
	b.problem(b.post("ines", "/api/cases/"+id+"/claim", "", "Idempotency-Key: "+strings.Repeat("k", 201)), http.StatusBadRequest, "malformed")
}

// A cookie travels without anybody's will, a bearer token doesn't.
func TestOtherSitesCantActWithTheCookie(t *testing.T) {
	b := newBench(t)
	id := b.open()
	claim := "/api/cases/" + id + "/claim"
	cookie := "Cookie: ines_colleague=ines"
	for _, headers := range [][]string{
		{cookie, "Origin: https://elsewhere.example"}, {cookie, "Sec-Fetch-Site: cross-site"}, {cookie, "Sec-Fetch-Site: same-site"},
	} {
		b.problem(b.send("POST", claim, "", headers...), http.StatusForbidden, "cross-origin")
		if a := b.send("POST", "/cases/"+id+"/claim", "", append(headers, "Accept: text/html")...); a.StatusCode != http.StatusForbidden {
			t.Errorf("%v: the console's form is answered with %d", headers, a.StatusCode)
		}
		if a := b.send("POST", "/sign-in", "colleague=ines", append(headers, "Content-Type: application/x-www-form-urlencoded")...); a.StatusCode != http.StatusForbidden {
			t.Errorf("%v: sign-in is answered with %d", headers, a.StatusCode)
		}
	}
	b.must(b.post("ines", claim, "", "Origin: https://elsewhere.example"), http.StatusOK)
	b.must(b.send("POST", claim, "", cookie, "Sec-Fetch-Site: same-origin"), http.StatusOK)
	b.must(b.send("POST", claim, "", cookie, "Origin: https://desk.example"), http.StatusOK)
}

func TestSecurityHeaders(t *testing.T) {
	b := newBench(t)
	id := b.open()
	for _, target := range []string{"/", "/cases/" + id, "/sign-in", "/api/cases", "/api/nothing", "/healthz", "/assets/console.css"} {
		a := b.get(target, "Accept: text/html")
		csp := a.Headers["content-security-policy"]
		if !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: Content-Security-Policy is %q", target, csp)
		}
		for _, name := range []string{"x-content-type-options", "referrer-policy", "x-frame-options", "cache-control"} {
			if a.Headers[name] == "" {
				t.Errorf("%s has no %s", target, name)
			}
		}
	}
}
