package meta

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ines/shared/channel"
	"ines/shared/channel/lenient"
)

// Version of the Graph API that we speak.
const Version = "v25.0"

// The hosts of the Graph API.
const (
	FacebookHost  = "graph.facebook.com"
	InstagramHost = "graph.instagram.com"
)

// Call is one call to the Graph API. Exactly one of Form and JSON may be set.
type Call struct {
	Host   string // default FacebookHost
	Method string
	Path   []string // segments after the version, unescaped
	Query  url.Values
	Form   url.Values
	JSON   any
	// Mailbox: the path names our own account.
	Mailbox bool
}

// Do makes the call with the outlet's token and decodes the answer. The duration is
// the pause that the answer's usage headers ask for. Errors are *channel.SendError.
func Do(ctx context.Context, o channel.Outlet, c Call, into any) (time.Duration, error) {
	if o.Token == "" {
		return 0, &channel.SendError{Class: channel.Blocked, Code: "token", Detail: "inbox " + o.Inbox.ID + " has no access token"}
	}
	req, err := c.request(ctx, o.Token)
	if err != nil {
		return 0, lenient.Refuse("call", "the call can't be written: %v", err)
	}
	answer, err := o.HTTP.Do(req)
	if err != nil {
		return 0, channel.NetworkError(err)
	}
	raw, err := channel.ReadAnswer(answer)
	if err != nil {
		return 0, err
	}
	var e struct {
		Error *Failure `json:"error"`
	}
	if json.Unmarshal(raw, &e) != nil {
		e.Error = nil
	}
	if answer.StatusCode/100 != 2 || e.Error != nil {
		se := Classify(answer.StatusCode, answer.Header, e.Error, c.Mailbox)
		se.Detail = strings.ReplaceAll(se.Detail, o.Token, "…") // Graph quotes malformed tokens
		return 0, se
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return 0, &channel.SendError{Class: channel.Unknown, Code: fmt.Sprint(answer.StatusCode), Detail: "the answer can't be read", Err: err}
	}
	return Pause(answer.Header), nil
}

func (c Call) request(ctx context.Context, token string) (*http.Request, error) {
	host := c.Host
	if host == "" {
		host = FacebookHost
	}
	address := "https://" + host + "/" + Version
	for _, segment := range c.Path {
		address += "/" + url.PathEscape(segment)
	}
	if len(c.Query) > 0 {
		address += "?" + c.Query.Encode()
	}
	var body []byte
	var kind string
	switch {
	case c.Form != nil:
		body, kind = []byte(c.Form.Encode()), "application/x-www-form-urlencoded"
	case c.JSON != nil:
		raw, err := json.Marshal(c.JSON)
		if err != nil {
			return nil, err
		}
		body, kind = raw, "application/json"
	}
	req, err := http.NewRequestWithContext(ctx, c.Method, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	return req, nil
}

// NoID is an answer of success that names nothing: it may still be one.
func NoID() *channel.SendError {
	return &channel.SendError{Class: channel.Unknown, Code: "200", Detail: "the answer names no message"}
}

// Fits refuses a text that is empty or too long before any call is made.
func Fits(l channel.Limits, text string) error {
	if strings.TrimSpace(text) == "" {
		return lenient.Refuse("empty", "there is no text to send")
	}
	if n := l.Measure(text); n > l.Max {
		return lenient.Refuse("too_long", "the text has %d %s, Meta takes %d", n, l.Unit, l.Max)
	}
	return nil
}

// decoded decodes what may be missing, of another type, or broken.
func decoded(raw json.RawMessage, into any) bool {
	return len(raw) > 0 && json.Unmarshal(raw, into) == nil
}
