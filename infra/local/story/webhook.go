package story

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"ines/shared/channel"
	"ines/shared/docket"
	"ines/shared/lambdahttp"
	"ines/shared/secret"
)

// inboxOf takes /webhooks/{channel}/{inbox} apart.
func inboxOf(path string) (name, inbox string, ok bool) {
	rest, ok := strings.CutPrefix(path, "/webhooks/")
	if !ok {
		return "", "", false
	}
	name, inbox, ok = strings.Cut(rest, "/")
	return name, inbox, ok && name != "" && inbox != "" && !strings.Contains(inbox, "/")
}

// delivery is a webhook ready to be posted: freshened and signed.
type delivery struct {
	channel, inbox string
	path           string
	req            channel.Request
}

// prepare brings a saved event to life: placeholders first, then its times, then
// the signature over what came of it.
func (p *player) prepare(ctx context.Context, file string, now time.Time) (delivery, error) {
	e, saved, err := lambdahttp.Load(p.story.path(file))
	if err != nil {
		return delivery{}, err
	}
	name, id, _ := inboxOf(e.RawPath)
	d := delivery{channel: name, inbox: id, path: e.RawPath}
	ch, ok := p.Find(name)
	in, known := p.Desk.Inbox(id)
	if !ok || !known || in.Channel != name {
		return d, fmt.Errorf("%s: the desk has no %s inbox %q", file, name, id)
	}
	alive, ok := ch.(channel.Saved)
	if !ok {
		return d, fmt.Errorf("%s: the channel %s can't sign saved events", file, name)
	}
	body, err := fill(string(saved.Body), p.values)
	if err != nil {
		return d, fmt.Errorf("%s: %w", file, err)
	}
	d.req = channel.Request{Method: saved.Method, Query: saved.Query, Header: headers(saved.Header), Body: []byte(body)}
	at := docket.InboxAt(in, p.PublicURL)
	if d.req, err = alive.Freshen(at, d.req, now); err != nil {
		return d, fmt.Errorf("%s: %w", file, err)
	}
	keys, err := p.Secrets.Values(ctx, secret.Sign, id)
	if err != nil {
		return d, fmt.Errorf("%s: %w", file, err)
	}
	if d.req, err = alive.Sign(at, channel.Secrets{Sign: keys}, d.req, now); err != nil {
		return d, fmt.Errorf("%s: %w", file, err)
	}
	return d, nil
}

// headers are those that a platform sends itself; the rest is between us and it.
func headers(saved map[string]string) map[string]string {
	own := map[string]string{}
	for name, v := range saved {
		switch {
		case name == "host", name == "content-length", name == "connection", name == "accept-encoding":
		case strings.HasPrefix(name, "x-forwarded-"), strings.HasPrefix(name, "x-amzn-"):
		default:
			own[name] = v
		}
	}
	return own
}

func (p *player) post(ctx context.Context, d delivery) error {
	path := d.path
	if d.req.Query != "" {
		path += "?" + d.req.Query
	}
	a, err := p.api.do(ctx, d.req.Method, path, "", d.req.Header, d.req.Body)
	if err != nil {
		return err
	}
	if !a.ok() {
		return fmt.Errorf("the desk answered %d %s", a.status, http.StatusText(a.status))
	}
	return nil
}
