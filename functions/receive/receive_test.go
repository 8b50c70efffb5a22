package receive

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"ines/infra/plan"
	"ines/shared/archive/dir"
	"ines/shared/channel"
	"ines/shared/channel/registry"
	"ines/shared/lambdahttp"
	"ines/shared/message"
	"ines/shared/policy/policyfile"
	"ines/shared/queue"
	"ines/shared/secret"
)

var now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

var secrets = secret.Static{
	"secret/northline-x":        {"made-up-x-consumer-secret", "made-up-x-client-secret"},
	"secret/northline-whatsapp": {"made-up-whatsapp-app-secret"},
	"verify/northline-whatsapp": {"made-up-verify-token"},
	"secret/northline-mail":     {"postmark:made-up-password"},
	"secret/northline-telegram": {"made-up-telegram-secret_token"},
}

// taken is a queue that remembers, or refuses.
type taken struct {
	mu       sync.Mutex
	messages []queue.Message
	err      error
}

func (q *taken) Send(_ context.Context, name string, ms ...queue.Message) error {
	if q.err != nil {
		return q.err
	}
	if name != plan.Inbound {
		return errors.New("not the inbound queue: " + name)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.messages = append(q.messages, ms...)
	return nil
}

func door(t testing.TB, q queue.Sender, source secret.Source) *Receive {
	t.Helper()
	desk, err := policyfile.Load(filepath.FromSlash("../../infra/desk.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	arch, err := dir.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return New(Config{Policy: desk, Find: registry.Find, Secrets: source, Queue: q, Archive: arch,
		Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)})
}

// signed is a saved event with its signature made anew.
func signed(t testing.TB, f *Receive, file string, secrets []string) events.APIGatewayV2HTTPRequest {
	t.Helper()
	e, r, err := lambdahttp.Load(filepath.Join("../../events", file))
	if err != nil {
		t.Fatal(err)
	}
	in, ch, ok := f.inbox(e.RawPath)
	if !ok {
		t.Fatalf("no inbox at %s", e.RawPath)
	}
	req, err := ch.(channel.Saved).Sign(in, channel.Secrets{Sign: secrets}, channel.Request{Method: r.Method, Query: r.Query, Header: r.Header, Body: r.Body}, now)
	if err != nil {
		t.Fatal(err)
	}
	e.Headers, e.RawQueryString = req.Header, req.Query
	return e
}

func mention(t testing.TB, f *Receive) events.APIGatewayV2HTTPRequest {
	files, err := filepath.Glob("../../events/x/*mention*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no saved mention", err)
	}
	return signed(t, f, "x/"+filepath.Base(files[0]), secrets["secret/northline-x"])
}

func TestAnswers(t *testing.T) {
	q := &taken{}
	f := door(t, q, secrets)
	good := mention(t, f)
	edit := func(change func(*events.APIGatewayV2HTTPRequest)) events.APIGatewayV2HTTPRequest {
		e := good
		e.Headers = map[string]string{}
		for k, v := range good.Headers {
			e.Headers[k] = v
		}
		change(&e)
		return e
	}
	for _, tc := range []struct {
		name   string
		event  events.APIGatewayV2HTTPRequest
		want   int
		stored int
	}{
		{"signed", good, 200, 1},
		{"base64 body", edit(func(e *events.APIGatewayV2HTTPRequest) {
			e.Body, e.IsBase64Encoded = base64.StdEncoding.EncodeToString([]byte(e.Body)), true
		}), 200, 1},
		{"header names in capitals", edit(func(e *events.APIGatewayV2HTTPRequest) {
			for k, v := range good.Headers {
				delete(e.Headers, k)
				e.Headers[strings.ToUpper(k)] = v
			}
		}), 200, 1},
		{"one byte changed", edit(func(e *events.APIGatewayV2HTTPRequest) { e.Body = strings.Replace(e.Body, "a", "b", 1) }), 401, 0},
		{"no signature", edit(func(e *events.APIGatewayV2HTTPRequest) {
			e.Headers = map[string]string{"content-type": "application/json"}
		}), 401, 0},
		{"broken base64", edit(func(e *events.APIGatewayV2HTTPRequest) { e.IsBase64Encoded = true }), 400, 0},
		{"unknown inbox", edit(func(e *events.APIGatewayV2HTTPRequest) { e.RawPath = "/webhooks/x/nobody" }), 404, 0},
		{"another channel's inbox", edit(func(e *events.APIGatewayV2HTTPRequest) { e.RawPath = "/webhooks/x/northline-mail" }), 404, 0},
		{"no inbox", edit(func(e *events.APIGatewayV2HTTPRequest) { e.RawPath = "/webhooks/x" }), 404, 0},
		{"another path", edit(func(e *events.APIGatewayV2HTTPRequest) { e.RawPath = "/api/cases" }), 404, 0},
		{"wrong method", edit(func(e *events.APIGatewayV2HTTPRequest) { e.RequestContext.HTTP.Method = "PUT" }), 405, 0},
		{"GET that is no handshake", edit(func(e *events.APIGatewayV2HTTPRequest) {
			e.RequestContext.HTTP.Method, e.RawQueryString, e.Body = "GET", "", ""
		}), 405, 0},
		{"XML", edit(func(e *events.APIGatewayV2HTTPRequest) { e.Headers["content-type"] = "application/xml" }), 415, 0},
		{"ten megabytes", edit(func(e *events.APIGatewayV2HTTPRequest) { e.Body = strings.Repeat("x", 10<<20) }), 413, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			before := len(q.messages)
			resp, err := f.Handle(t.Context(), tc.event)
			if err != nil || resp.StatusCode != tc.want {
				t.Fatalf("status %d, error %v, want %d", resp.StatusCode, err, tc.want)
			}
			if got := len(q.messages) - before; got != tc.stored {
				t.Fatalf("%d envelopes were stored, want %d", got, tc.stored)
			}
			if tc.want == 401 && resp.Body != "" {
				t.Fatalf("the answer says %q about the signature", resp.Body)
			}
		})
	}
}

func TestNoSecretNoEntry(t *testing.T) {
	f := door(t, &taken{}, secret.Static{})
	signedBy := door(t, &taken{}, secrets)
	resp, _ := f.Handle(t.Context(), mention(t, signedBy))
	if resp.StatusCode != http.StatusUnauthorized {
		t.Fatalf("status %d for an inbox without a secret", resp.StatusCode)
	}
}

type down struct{}

func (down) Values(context.Context, secret.Use, string) ([]string, error) {
	return nil, secret.ErrUnavailable
}

func TestWhatIsNotStoredIsNotAcknowledged(t *testing.T) {
	q := &taken{}
	f := door(t, q, secrets)
	e := mention(t, f)
	q.err = queue.ErrUnavailable
	if resp, _ := f.Handle(t.Context(), e); resp.StatusCode != http.StatusServiceUnavailable {
		t.Fatalf("status %d when the queue is down", resp.StatusCode)
	}
	f.Secrets = down{}
	if resp, _ := f.Handle(t.Context(), e); resp.StatusCode != http.StatusServiceUnavailable {
		t.Fatalf("status %d when secrets can't be read", resp.StatusCode)
	}
}

func TestEnvelopeIsVerbatimAndWithoutCredentials(t *testing.T) {
	q := &taken{}
	f := door(t, q, secrets)
	files, _ := filepath.Glob("../../events/email/*.json")
	if len(files) == 0 {
		t.Fatal("no saved mail")
	}
	e := signed(t, f, "email/"+filepath.Base(files[0]), secrets["secret/northline-mail"])
	e.Headers[plan.OriginHeader] = "the edge's word"
	if resp, _ := f.Handle(t.Context(), e); resp.StatusCode != 200 {
		t.Fatalf("status %d", resp.StatusCode)
	}
	var env message.Envelope
	if err := json.Unmarshal([]byte(q.messages[0].Body), &env); err != nil {
		t.Fatal(err)
	}
	if string(env.Body) != e.Body || env.Inbox != "northline-mail" || !env.ReceivedAt.Equal(now) || q.messages[0].Group != "northline-mail" {
		t.Fatalf("envelope %+v", env)
	}
	if strings.Contains(q.messages[0].Body, "authorization") || strings.Contains(q.messages[0].Body, plan.OriginHeader) {
		t.Fatal("the envelope carries the credential")
	}
}

// Telegram's whole authentication is one header: it must not reach the archive.
func TestEnvelopeDoesNotKeepTelegramsToken(t *testing.T) {
	q := &taken{}
	f := door(t, q, secrets)
	e := signed(t, f, "telegram/private_text.json", secrets["secret/northline-telegram"])
	if resp, _ := f.Handle(t.Context(), e); resp.StatusCode != 200 || len(q.messages) != 1 {
		t.Fatalf("status %d, %d envelopes", resp.StatusCode, len(q.messages))
	}
	if body := q.messages[0].Body; strings.Contains(body, "made-up-telegram-secret_token") || strings.Contains(body, "secret-token") {
		t.Fatal("the envelope carries the credential")
	}
}

func TestLargeBodyGoesByTheArchive(t *testing.T) {
	q := &taken{}
	f := door(t, q, secrets)
	e := mention(t, f)
	body := `{"padding":"` + strings.Repeat("x", 2<<20) + `"}`
	in, ch, _ := f.inbox(e.RawPath)
	req, err := ch.(channel.Saved).Sign(in, channel.Secrets{Sign: secrets["secret/northline-x"]}, channel.Request{Method: "POST", Header: map[string]string{}, Body: []byte(body)}, now)
	if err != nil {
		t.Fatal(err)
	}
	e.Headers, e.Body = req.Header, body
	e.Headers[plan.OriginHeader] = "the edge's word"
	if resp, _ := f.Handle(t.Context(), e); resp.StatusCode != 200 {
		t.Fatalf("status %d", resp.StatusCode)
	}
	var env message.Envelope
	if err := json.Unmarshal([]byte(q.messages[0].Body), &env); err != nil {
		t.Fatal(err)
	}
	kept, err := f.Archive.Get(t.Context(), env.BodyRef)
	if err != nil || string(kept) != body || len(env.Body) != 0 {
		t.Fatalf("%d bytes in the archive (%v), %d in the envelope", len(kept), err, len(env.Body))
	}
}

func TestDeliveriesHaveTheirOwnIds(t *testing.T) {
	q := &taken{}
	f := door(t, q, secrets)
	e := mention(t, f)
	for _, id := range []string{"one", "two", "two"} {
		e.RequestContext.RequestID = id
		f.Handle(t.Context(), e)
	}
	var ids []string
	for _, m := range q.messages {
		var env message.Envelope
		if err := json.Unmarshal([]byte(m.Body), &env); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, env.ID)
	}
	if ids[0] == ids[1] || ids[1] != ids[2] {
		t.Fatalf("ids %v: one per delivery, the same for a retry of one", ids)
	}
}

// BenchmarkReceive is the handler alone, on a signed body of 1.3 KB.
func BenchmarkReceive(b *testing.B) {
	f := door(b, nothing{}, secrets)
	e := mention(b, f)
	e.Body = `{"data":{"filter":{"user_id":"2244994945"},"event_type":"post.mention.create","payload":{"id":"1","text":"` + strings.Repeat("a word ", 170) + `"}}}`
	in, ch, _ := f.inbox(e.RawPath)
	req, err := ch.(channel.Saved).Sign(in, channel.Secrets{Sign: secrets["secret/northline-x"]}, channel.Request{Method: "POST", Header: map[string]string{"content-type": "application/json"}, Body: []byte(e.Body)}, now)
	if err != nil {
		b.Fatal(err)
	}
	e.Headers = req.Header
	b.ReportAllocs()
	b.SetBytes(int64(len(e.Body)))
	for b.Loop() {
		if resp, _ := f.Handle(b.Context(), e); resp.StatusCode != 200 {
			b.Fatalf("status %d", resp.StatusCode)
		}
	}
}

type nothing struct{}

func (nothing) Send(context.Context, string, ...queue.Message) error { return nil }
