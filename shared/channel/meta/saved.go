package meta

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"time"

	"ines/shared/channel"
	"ines/shared/channel/timeshift"
	"ines/shared/verify"
)

// Sign implements channel.Saved. It replaces a saved event's signature, or the verify token of a saved
// handshake, by one made from the current secret.
func (App) Sign(_ channel.Inbox, s channel.Secrets, r channel.Request, _ time.Time) (channel.Request, error) {
	if r.Method == http.MethodGet {
		return signHandshake(s, r)
	}
	if len(s.Sign) == 0 || s.Sign[0] == "" {
		return channel.Request{}, errors.New("the inbox has no app secret to sign with")
	}
	r.Header = maps.Clone(r.Header)
	if r.Header == nil {
		r.Header = map[string]string{}
	}
	r.Header[SignatureHeader] = verify.SignHub256(r.Body, s.Sign[0])
	return r, nil
}

func signHandshake(s channel.Secrets, r channel.Request) (channel.Request, error) {
	q, err := url.ParseQuery(r.Query)
	if err != nil {
		return channel.Request{}, fmt.Errorf("the handshake's query can't be read: %w", err)
	}
	if !q.Has("hub.verify_token") {
		return r, nil
	}
	if len(s.Verify) == 0 || s.Verify[0] == "" {
		return channel.Request{}, errors.New("the inbox has no verify token for the handshake")
	}
	q.Set("hub.verify_token", s.Verify[0])
	r.Query = q.Encode()
	return r, nil
}

// Freshen implements channel.Saved. It moves the times of a saved delivery of the page or Instagram object.
func (App) Freshen(_ channel.Inbox, r channel.Request, now time.Time) (channel.Request, error) {
	if len(r.Body) == 0 {
		return r, nil
	}
	body, err := timeshift.JSON(r.Body, now, "time", "timestamp", "created_time", "watermark")
	if err != nil {
		return channel.Request{}, fmt.Errorf("the saved body is not JSON: %w", err)
	}
	r.Body = body
	return r, nil
}
