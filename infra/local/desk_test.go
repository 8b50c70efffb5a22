package local_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"ines/infra/local"
	"ines/shared/channel"
	"ines/shared/channel/registry"
	"ines/shared/docket"
	"ines/shared/policy"
	"ines/shared/policy/policyfile"
	"ines/shared/secret"
	"ines/shared/secret/env"
)

const (
	deskFile    = "../desk.yaml"
	secretsFile = "../desk.secrets.env"
)

func sampleDesk(t testing.TB) (*policy.Desk, secret.Source) {
	t.Helper()
	desk, err := policyfile.Load(deskFile)
	if err != nil {
		t.Fatal(err)
	}
	secrets, err := env.New(func(string) (string, bool) { return "", false }, secretsFile)
	if err != nil {
		t.Fatal(err)
	}
	return desk, secrets
}

// target is a desk that a test talks to by HTTP.
type target struct {
	testing.TB
	url     string
	desk    *policy.Desk
	secrets secret.Source
	http    *http.Client
}

// serve runs a desk over the folder until stop is called or the test ends.
func serve(t testing.TB, dir string, change ...func(*local.Config)) (desk target, stop func()) {
	t.Helper()
	policy, secrets := sampleDesk(t)
	c := local.Config{Data: dir, Desk: policy, Secrets: secrets, Addr: "127.0.0.1:0",
		Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))}
	for _, f := range change {
		f(&c)
	}
	host, err := local.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- host.Run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := host.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(stop)
	return talkTo(t, host.URL()), stop
}

func talkTo(t testing.TB, base string) target {
	desk, secrets := sampleDesk(t)
	return target{TB: t, url: base, desk: desk, secrets: secrets,
		http: &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
}

// delivery is a signed webhook, ready to be posted.
type delivery struct {
	path   string
	header map[string]string
	body   []byte
}

// sign makes a delivery for an inbox of the sample desk, signed with its secret.
func (d target) sign(inbox, body string) delivery {
	d.Helper()
	in, ok := d.desk.Inbox(inbox)
	if !ok {
		d.Fatalf("the sample desk has no inbox %s", inbox)
	}
	ch, ok := registry.Find(in.Channel)
	if !ok {
		d.Fatalf("no channel %s", in.Channel)
	}
	keys, err := d.secrets.Values(d.Context(), secret.Sign, inbox)
	if err != nil {
		d.Fatal(err)
	}
	r, err := ch.(channel.Saved).Sign(docket.InboxAt(in, d.url), channel.Secrets{Sign: keys},
		channel.Request{Method: "POST", Header: map[string]string{"content-type": "application/json"}, Body: []byte(body)}, time.Now())
	if err != nil {
		d.Fatal(err)
	}
	return delivery{path: "/webhooks/" + in.Channel + "/" + inbox, header: r.Header, body: r.Body}
}

// post delivers and returns the status; an error means that nobody answered.
func (d target) post(ctx context.Context, w delivery) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.url+w.path, bytes.NewReader(w.body))
	if err != nil {
		return 0, err
	}
	for name, v := range w.header {
		req.Header.Set(name, v)
	}
	resp, err := d.http.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, err
}

// deliver posts webhooks that must be accepted.
func (d target) deliver(all ...delivery) {
	d.Helper()
	for _, w := range all {
		if status, err := d.post(d.Context(), w); err != nil || status != http.StatusOK {
			d.Fatalf("%s: %d %v", w.path, status, err)
		}
	}
}

// call makes one request as a colleague and decodes the answer.
func (d target) call(method, path, body string, into any) (status int) {
	d.Helper()
	req, err := http.NewRequestWithContext(d.Context(), method, d.url+path, strings.NewReader(body))
	if err != nil {
		d.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer ines")
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := d.http.Do(req)
	if err != nil {
		d.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		d.Fatal(err)
	}
	if into != nil {
		if err := json.Unmarshal(raw, into); err != nil {
			d.Fatalf("%s %s: %d %s: %v", method, path, resp.StatusCode, raw, err)
		}
	}
	return resp.StatusCode
}

// must makes one request that must succeed.
func (d target) must(method, path, body string, into any) {
	d.Helper()
	var answer json.RawMessage
	if status := d.call(method, path, body, &answer); status > 299 {
		d.Fatalf("%s %s: %d %s", method, path, status, answer)
	}
	if into != nil {
		if err := json.Unmarshal(answer, into); err != nil {
			d.Fatal(err)
		}
	}
}

// advance moves the desk's clock and waits until the desk is at rest.
func (d target) advance(by string) {
	d.Helper()
	for {
		var answer struct {
			Now  time.Time
			Busy string
		}
		d.must("POST", "/local/clock", fmt.Sprintf(`{"advance":%q}`, by), &answer)
		if answer.Busy == "" {
			return
		}
		by = "0s"
	}
}

// settle waits until the desk is at rest.
func (d target) settle() { d.Helper(); d.advance("0s") }

type (
	caseView struct {
		ID       string
		Status   string
		Owner    string
		Customer struct{ ID, Name string }
		Threads  []struct{ ID, Channel, Key string }
	}
	entry map[string]any
	sent  struct {
		Channel, Inbox, Method, URL, Body string
		Headers                           map[string]string
		Status                            int
	}
	outcomes struct {
		Items    int
		Outcomes map[string]int
		Queues   map[string]struct {
			Visible int `json:"visible"`
			Flight  int `json:"in_flight"`
			Delayed int `json:"delayed"`
			Dead    int `json:"dead"`
		}
	}
)

// cases lists all cases.
func (d target) cases() []caseView {
	d.Helper()
	var all []caseView
	for cursor := ""; ; {
		var page struct {
			Cases  []caseView
			Cursor string
		}
		d.must("GET", "/api/cases?limit=100&cursor="+url.QueryEscape(cursor), "", &page)
		all = append(all, page.Cases...)
		if cursor = page.Cursor; cursor == "" {
			return all
		}
	}
}

// only is the one case there is.
func (d target) only() caseView {
	d.Helper()
	all := d.cases()
	if len(all) != 1 {
		d.Fatalf("%d cases, want 1: %+v", len(all), all)
	}
	return all[0]
}

func (d target) timeline(id string) []entry {
	d.Helper()
	var answer struct{ Timeline []entry }
	d.must("GET", "/api/cases/"+id, "", &answer)
	return answer.Timeline
}

// kinds are a timeline's kinds, in order.
func kinds(timeline []entry) []string {
	var list []string
	for _, e := range timeline {
		list = append(list, fmt.Sprint(e["kind"]))
	}
	return list
}

func (d target) sent() []sent {
	d.Helper()
	var answer struct{ Sent []sent }
	d.must("GET", "/local/sent", "", &answer)
	return answer.Sent
}

func (d target) outcomes() outcomes {
	d.Helper()
	var o outcomes
	d.must("GET", "/local/outcomes", "", &o)
	return o
}

// balanced checks that every item read has one outcome and that nothing is left.
func (d target) balanced() outcomes {
	d.Helper()
	o := d.outcomes()
	sum := 0
	for _, n := range o.Outcomes {
		sum += n
	}
	if sum != o.Items {
		d.Errorf("%d items were read, their outcomes are %d: %v", o.Items, sum, o.Outcomes)
	}
	for name, q := range o.Queues {
		if q.Dead+q.Visible+q.Flight+q.Delayed != 0 {
			d.Errorf("queue %s: %+v, want it empty", name, q)
		}
	}
	return o
}

// said is what somebody says on a channel of the sample desk.
type said struct {
	inbox  string // northline-app, northline-x
	id     string
	by     string // the author's id, digits on X
	thread string
	text   string
	at     time.Time
}

// deliveryOf writes the platform's payload.
func (d target) deliveryOf(s said) delivery {
	d.Helper()
	stamp := s.at.UTC().Format("2006-01-02T15:04:05.000Z")
	var payload any
	switch s.inbox {
	case "northline-app":
		payload = map[string]any{"type": "message.created", "timestamp": stamp, "data": map[string]any{
			"id": s.id, "author": map[string]string{"id": s.by, "name": "Member " + s.by}, "conversation": s.thread, "text": s.text, "lang": "en", "sent_at": stamp}}
	case "northline-x":
		payload = map[string]any{"data": map[string]any{"event_uuid": "-" + s.id, "filter": map[string]string{"user_id": "2244994945"}, "event_type": "post.mention.create",
			"payload":  map[string]any{"id": s.id, "author_id": s.by, "conversation_id": s.thread, "text": s.text, "lang": "en", "created_at": stamp},
			"includes": map[string]any{"users": []any{map[string]string{"id": s.by, "name": "Person " + s.by, "username": "p" + s.by}}}}}
	default:
		d.Fatalf("no payloads for %s", s.inbox)
	}
	body, err := json.Marshal(payload)
	if err != nil {
		d.Fatal(err)
	}
	return d.sign(s.inbox, string(body))
}

// texts are what people said in a timeline, in order.
func texts(timeline []entry) []string {
	var list []string
	for _, e := range timeline {
		if e["kind"] == "message_received" {
			list = append(list, fmt.Sprint(e["text"]))
		}
	}
	return list
}

func contains(list []string, want string) bool { return slices.Contains(list, want) }
