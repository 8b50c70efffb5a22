package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ines/shared/channel"
	"ines/shared/verify"
)

// outgoing is the body of what we send.
type outgoing struct {
	Type      string `json:"type"`
	Timestamp string `json:"timestamp"`
	Data      reply  `json:"data"`
}

type reply struct {
	ID           string `json:"id"` // webhook-id too
	Conversation string `json:"conversation"`
	Parent       string `json:"parent,omitempty"`
	Recipient    string `json:"recipient,omitempty"`
	Text         string `json:"text"`
	Visibility   string `json:"visibility"`
	Automatic    bool   `json:"automatic"`
}

// Send posts a signed webhook to the app. Its webhook-id is the reply's id, so an
// app that keeps the specification takes a repetition as such. There is nothing to
// look up, though, and a 5xx or a timeout is still Unknown: whether an app keeps
// the specification, only its makers know.
func (c Channel) Send(ctx context.Context, o channel.Outlet, r channel.Reply) (channel.Receipt, error) {
	if o.Token == "" {
		return channel.Receipt{}, &channel.SendError{Class: channel.Blocked, Detail: "inbox " + o.Inbox.ID + " has no sending credential: " + variable(o.Inbox.ID) + " is not set", Err: errEndpoint}
	}
	endpoint, key, err := credential(o)
	if err != nil {
		return channel.Receipt{}, &channel.SendError{Class: channel.Blocked, Detail: "sending credential of inbox " + o.Inbox.ID + " (" + variable(o.Inbox.ID) + ")", Err: err}
	}
	if l := c.Limits(r.Thread.Visibility); l.Measure(r.Text) > l.Max {
		return channel.Receipt{}, &channel.SendError{Class: channel.Permanent, Code: "too_long",
			Detail: fmt.Sprintf("the text has %d %s, an app gets at most %d", l.Measure(r.Text), l.Unit, l.Max)}
	}
	now := c.now()
	body, err := json.Marshal(outgoing{Type: "message.created", Timestamp: now.UTC().Format(time.RFC3339), Data: reply{
		ID: r.ID, Conversation: r.Thread.Key, Parent: r.Parent, Recipient: r.To.ID, Text: r.Text,
		Visibility: string(r.Thread.Visibility), Automatic: r.Automatic,
	}})
	if err != nil {
		return channel.Receipt{}, &channel.SendError{Class: channel.Permanent, Detail: "the reply cannot be written", Err: err}
	}
	signed, err := verify.SignStandardWebhooks(r.ID, now, body, key)
	if err != nil {
		class := channel.Permanent
		if errors.Is(err, verify.ErrNoSecret) {
			class = channel.Blocked
		}
		return channel.Receipt{}, &channel.SendError{Class: class, Detail: "signing the reply", Err: err}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, bytes.NewReader(body))
	if err != nil {
		return channel.Receipt{}, &channel.SendError{Class: channel.Blocked, Detail: "the app's endpoint", Err: err}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "ines/1")
	for k, v := range signed {
		req.Header.Set(k, v)
	}
	resp, err := o.HTTP.Do(req)
	if err != nil {
		return channel.Receipt{}, channel.NetworkError(err)
	}
	if resp.StatusCode >= 200 && resp.StatusCode <= 299 {
		resp.Body.Close() // the status says it all
		return channel.Receipt{ID: r.ID}, nil
	}
	words, err := channel.ReadAnswer(resp)
	if err != nil {
		return channel.Receipt{}, err
	}
	return channel.Receipt{}, refusal(resp.StatusCode, resp.Header, words)
}

func refusal(status int, h http.Header, body []byte) *channel.SendError {
	e := &channel.SendError{Code: strconv.Itoa(status), Detail: strings.ToValidUTF8(string(body[:min(len(body), 200)]), "?")}
	switch {
	case status == http.StatusTooManyRequests, status == http.StatusBadGateway, status == http.StatusGatewayTimeout:
		e.Class, e.Wait = channel.Throttled, channel.RetryAfter(h)
	case status == http.StatusGone:
		e.Class, e.Detail = channel.Blocked, "the app wants no more webhooks at this endpoint"
	case status >= 500:
		e.Class = channel.Unknown
	case status >= 400:
		e.Class = channel.Permanent
	default:
		e.Class, e.Detail = channel.Blocked, "the app's endpoint redirects; set the address it redirects to"
	}
	return e
}

// credential takes the token apart: `endpoint key`, or the key alone if the policy
// gives the endpoint as the inbox's account.
func credential(o channel.Outlet) (endpoint, key string, err error) {
	parts := strings.Fields(o.Token)
	switch {
	case len(parts) == 2:
		endpoint, key = parts[0], parts[1]
	case len(parts) == 1 && strings.HasPrefix(o.Inbox.Account, "https://"):
		endpoint, key = o.Inbox.Account, parts[0]
	default:
		return "", "", errEndpoint
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())) {
		return "", "", errEndpoint // quotes nothing: the two parts may be the wrong way round
	}
	return endpoint, key, nil
}

// loopback: while an app is being built, http on the same machine will do.
func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func variable(inbox string) string {
	return "INES_TOKEN_" + strings.ToUpper(strings.ReplaceAll(inbox, "-", "_"))
}

// Emulate implements channel.Emulator: an app that takes every webhook that looks
// like one.
func (Channel) Emulate(call channel.Call, _ []channel.Call) (channel.CallAnswer, bool) {
	if call.Method != http.MethodPost || call.Header.Get("Webhook-Id") == "" {
		return channel.CallAnswer{}, false
	}
	header := http.Header{"Date": {call.At.UTC().Format(http.TimeFormat)}}
	var b outgoing
	if json.Unmarshal(call.Body, &b) != nil || b.Data.Text == "" || call.Header.Get("Webhook-Signature") == "" || call.Header.Get("Webhook-Timestamp") == "" {
		return channel.CallAnswer{Status: http.StatusBadRequest, Header: header}, true
	}
	return channel.CallAnswer{Status: http.StatusNoContent, Header: header}, true
}
