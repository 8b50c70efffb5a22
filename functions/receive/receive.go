// Package receive is the front door: it answers the platforms' handshakes, verifies
// each webhook over its raw bytes, makes the raw envelope durable and only then
// says yes. It parses nothing beyond what verifying needs.
package receive

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"ines/infra/plan"
	"ines/shared/archive"
	"ines/shared/attachment"
	"ines/shared/channel"
	"ines/shared/docket"
	"ines/shared/lambdahttp"
	"ines/shared/message"
	"ines/shared/policy"
	"ines/shared/queue"
	"ines/shared/secret"
)

// Config is what the function works with. All of it is shared by concurrent
// invocations.
type Config struct {
	Policy  *policy.Desk
	Find    func(name string) (channel.Channel, bool)
	Secrets secret.Source
	Queue   queue.Sender
	Archive archive.Archive
	Now     func() time.Time     // the desk's clock
	Wall    func() time.Time     // the world's clock, for signed timestamps; nil = Now
	Skew    func() time.Duration // what time travel adds to platform times; nil = none
	// PublicURL is the address under which platforms reach us, for the schemes
	// that sign it.
	PublicURL string
	// HTTP makes the calls that a delivery asks for (channel.Confirmer); nil is a
	// client that reaches public addresses only. It follows no redirects.
	HTTP *http.Client
	Log  *slog.Logger
}

// Receive is the function.
type Receive struct{ Config }

// New makes the function.
func New(c Config) *Receive {
	if c.Wall == nil {
		c.Wall = c.Now
	}
	if c.Skew == nil {
		c.Skew = func() time.Duration { return 0 }
	}
	if c.HTTP == nil {
		c.HTTP = attachment.Client()
		c.HTTP.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	return &Receive{c}
}

// maxInQueue is how large a body may be inside a queue message: base64 and the
// headers around it must fit SQS's 1 MiB.
const maxInQueue = 700 << 10

// Handle answers one webhook request. It never returns an error: what goes wrong
// is a status that makes the platform send again or not.
func (f *Receive) Handle(ctx context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	return f.handle(ctx, &e), nil
}

func (f *Receive) handle(ctx context.Context, e *events.APIGatewayV2HTTPRequest) events.APIGatewayV2HTTPResponse {
	in, ch, ok := f.inbox(e.RawPath)
	if !ok {
		return status(http.StatusNotFound)
	}
	r, err := lambdahttp.Read(e)
	if err != nil {
		return status(http.StatusBadRequest)
	}
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodPost:
		resp := status(http.StatusMethodNotAllowed)
		resp.Headers = map[string]string{"allow": "GET, POST"}
		return resp
	case len(r.Body) > plan.MaxRequestBody:
		return status(http.StatusRequestEntityTooLarge)
	case r.Method == http.MethodPost && !understood(r.Header["content-type"]):
		return status(http.StatusUnsupportedMediaType)
	}
	secrets, refusal := f.secrets(ctx, in.ID)
	if refusal != 0 {
		return status(refusal)
	}
	req := channel.Request{Method: r.Method, Query: r.Query, Header: r.Header, Body: r.Body}
	if answer, isHandshake := ch.Handshake(in, secrets, req); isHandshake {
		return respond(answer)
	}
	if r.Method != http.MethodPost {
		resp := status(http.StatusMethodNotAllowed)
		resp.Headers = map[string]string{"allow": "POST"}
		return resp
	}
	if err := ch.Verify(in, secrets, req, f.Wall()); err != nil {
		f.Log.Warn("webhook refused", "inbox", in.ID, "error", err.Error())
		if errors.Is(err, channel.ErrNotNow) {
			return status(http.StatusServiceUnavailable)
		}
		return status(http.StatusUnauthorized)
	}
	if err := f.store(ctx, e, in, r); err != nil {
		f.Log.Error("webhook not stored", "inbox", in.ID, "error", err.Error())
		return status(http.StatusServiceUnavailable)
	}
	if err := f.confirm(ctx, ch, in, secrets, req); err != nil {
		f.Log.Error("delivery not confirmed to the platform", "inbox", in.ID, "error", err.Error())
		return status(http.StatusServiceUnavailable)
	}
	return respond(ch.Accepted())
}

// confirmTime is how long a platform may take to hear a confirmation: it is itself
// waiting for our answer.
const confirmTime = 4 * time.Second

// confirm makes the call that a delivery asks for. What it may not be asked for is
// logged, and no error: asking again would change nothing.
func (f *Receive) confirm(ctx context.Context, ch channel.Channel, in channel.Inbox, s channel.Secrets, r channel.Request) error {
	confirmer, ok := ch.(channel.Confirmer)
	if !ok {
		return nil
	}
	call, err := confirmer.Confirm(in, s, r)
	if err != nil {
		f.Log.Error("delivery asks for a confirmation and gets none", "inbox", in.ID, "error", err.Error())
	}
	if call == nil || err != nil {
		return nil
	}
	ctx, hangUp := context.WithTimeout(channel.WithInbox(ctx, in), confirmTime)
	defer hangUp()
	resp, err := f.HTTP.Do(call.WithContext(ctx))
	if err != nil {
		return channel.NetworkError(err)
	}
	resp.Body.Close()
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("%s answered %d", call.URL.Host, resp.StatusCode)
	}
	f.Log.Info("delivery confirmed to the platform", "inbox", in.ID, "host", call.URL.Host)
	return nil
}

// inbox finds what /webhooks/{channel}/{inbox} names.
func (f *Receive) inbox(path string) (channel.Inbox, channel.Channel, bool) {
	rest, ok := strings.CutPrefix(path, "/webhooks/")
	if !ok {
		return channel.Inbox{}, nil, false
	}
	name, id, ok := strings.Cut(strings.TrimSuffix(rest, "/"), "/")
	if !ok {
		return channel.Inbox{}, nil, false
	}
	in, ok := f.Policy.Inbox(id)
	if !ok || in.Channel != name {
		return channel.Inbox{}, nil, false
	}
	ch, ok := f.Find(name)
	return docket.InboxAt(in, f.PublicURL), ch, ok
}

// secrets fetches what verifying needs; without a signing secret an inbox refuses
// everything.
func (f *Receive) secrets(ctx context.Context, inbox string) (s channel.Secrets, refusal int) {
	var err error
	if s.Sign, err = f.Secrets.Values(ctx, secret.Sign, inbox); err != nil {
		f.Log.Error("webhook refused", "inbox", inbox, "error", err.Error())
		if errors.Is(err, secret.ErrMissing) {
			return s, http.StatusUnauthorized
		}
		return s, http.StatusServiceUnavailable
	}
	if s.Verify, err = f.Secrets.Values(ctx, secret.Verify, inbox); err != nil && !errors.Is(err, secret.ErrMissing) {
		return s, http.StatusServiceUnavailable
	}
	return s, 0
}

// store makes the envelope durable: in the archive first when it is too large for
// a queue message.
func (f *Receive) store(ctx context.Context, e *events.APIGatewayV2HTTPRequest, in channel.Inbox, r lambdahttp.Request) error {
	env := message.Envelope{
		ID:         message.EnvelopeID(e.RequestContext.RequestID, e.RequestContext.TimeEpoch, in.Channel, in.ID, r.Body),
		Channel:    in.Channel,
		Inbox:      in.ID,
		ReceivedAt: f.Now().UTC(),
		Method:     r.Method,
		Query:      r.Query,
		Header:     kept(r.Header),
		Body:       r.Body,
		Skew:       f.Skew(),
	}
	if len(r.Body) > maxInQueue {
		key, err := f.Archive.Put(ctx, r.Body)
		if err != nil {
			return err
		}
		env.Body, env.BodyRef = nil, key
	}
	body, err := json.Marshal(env)
	if err != nil {
		return err
	}
	return f.Queue.Send(ctx, plan.Inbound, queue.Message{Body: string(body), Group: in.ID})
}

// kept are the headers that go into the archive: none that carries a credential.
func kept(h map[string]string) map[string]string {
	out := make(map[string]string, len(h))
	for name, v := range h {
		switch name {
		case "authorization", "cookie", "x-telegram-bot-api-secret-token", plan.OriginHeader:
		default:
			out[name] = v
		}
	}
	return out
}

// understood reports whether a body of this type may be one of a platform's.
func understood(contentType string) bool {
	media, _, _ := strings.Cut(contentType, ";")
	media = strings.ToLower(strings.TrimSpace(media))
	switch media {
	case "", "application/json", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain", "application/octet-stream":
		return true
	}
	return strings.HasSuffix(media, "+json")
}

func status(code int) events.APIGatewayV2HTTPResponse {
	return events.APIGatewayV2HTTPResponse{StatusCode: code}
}

func respond(r channel.Response) events.APIGatewayV2HTTPResponse {
	resp := events.APIGatewayV2HTTPResponse{StatusCode: r.Status, Body: string(r.Body)}
	if r.ContentType != "" {
		resp.Headers = map[string]string{"content-type": r.ContentType}
	}
	return resp
}
