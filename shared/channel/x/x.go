// Package x is the channel to X: posts and direct messages by the X Activity API
// or the older Account Activity API in, and the v2 API out. README.md tells an
// operator how to connect it; package registry lists it.
package x

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"ines/shared/channel"
	"ines/shared/channel/timeshift"
	"ines/shared/message"
	"ines/shared/verify"
)

const (
	name       = "x"
	sigHeader  = "x-twitter-webhooks-signature"
	sigHeader2 = "x-twitter-webhooks-signature-oauth2"
	sigPrefix  = "sha256="
)

// Channel is X.
type Channel struct{}

var (
	_ channel.Channel  = Channel{}
	_ channel.Opener   = Channel{}
	_ channel.Lookuper = Channel{}
	_ channel.Saved    = Channel{}
	_ channel.Emulator = Channel{}
)

// Name implements channel.Channel.
func (Channel) Name() string { return name }

// Handshake answers the challenge-response check with the current secret.
func (Channel) Handshake(_ channel.Inbox, s channel.Secrets, r channel.Request) (channel.Response, bool) {
	if r.Method != http.MethodGet {
		return channel.Response{}, false
	}
	query, err := url.ParseQuery(r.Query)
	if err != nil || !query.Has("crc_token") {
		return channel.Response{}, false
	}
	if len(s.Sign) == 0 {
		return channel.Response{Status: http.StatusUnauthorized}, true
	}
	token, err := verify.CRC(query.Get("crc_token"), s.Sign[0])
	if err != nil {
		return channel.Response{Status: http.StatusUnauthorized}, true
	}
	body, err := json.Marshal(map[string]string{"response_token": token})
	if err != nil { // a map of strings always marshals
		return channel.Response{Status: http.StatusInternalServerError}, true
	}
	return channel.Response{Status: http.StatusOK, ContentType: "application/json", Body: body}, true
}

// Verify tries each live secret: while X moves from the consumer secret to the
// OAuth 2 client secret, an inbox has both. If the newer header is there it alone
// decides; otherwise whoever knows the older secret could leave it out.
func (Channel) Verify(_ channel.Inbox, s channel.Secrets, r channel.Request, _ time.Time) error {
	header, newer := r.Header[sigHeader2]
	if !newer {
		header = r.Header[sigHeader]
	}
	if err := verify.HMACSHA256Base64(header, sigPrefix, r.Body, s.Sign); err != nil {
		return fmt.Errorf("%w: x: %w", channel.ErrSignature, err)
	}
	return nil
}

// Accepted implements channel.Channel.
func (Channel) Accepted() channel.Response { return channel.Response{Status: http.StatusOK} }

// Window: X lets self-serve apps answer in public only who mentioned the account
// or quoted one of its posts; direct messages have no window.
func (Channel) Window(t channel.Thread, _ time.Time) channel.Window {
	switch {
	case t.Visibility == message.Private, t.Extra[extraSummoned] == "true":
		return channel.Window{State: channel.WindowOpen}
	}
	return channel.Window{State: channel.WindowClosed,
		Why: "X allows a public answer only to somebody who mentioned us or quoted one of our posts. Write a direct message instead."}
}

// Freshen implements channel.Saved.
func (Channel) Freshen(_ channel.Inbox, r channel.Request, now time.Time) (channel.Request, error) {
	body, err := timeshift.JSON(r.Body, now, "created_at", "created_timestamp", "timestamp_ms", "event_at", "deleted_at", "last_read_event_id_timestamp")
	if err != nil {
		return r, fmt.Errorf("x: %w", err)
	}
	r.Body = body
	return r, nil
}

// Sign implements channel.Saved. Of the two signature headers it replaces those
// that are there, and adds the older one if none is.
func (Channel) Sign(_ channel.Inbox, s channel.Secrets, r channel.Request, _ time.Time) (channel.Request, error) {
	if len(s.Sign) == 0 {
		return r, fmt.Errorf("x: signing: %w", verify.ErrNoSecret)
	}
	if r.Method == http.MethodGet { // a handshake has no signature
		return r, nil
	}
	sig := verify.SignHMACSHA256Base64(sigPrefix, r.Body, s.Sign[0])
	header := make(map[string]string, len(r.Header)+1)
	for k, v := range r.Header {
		header[k] = v
	}
	_, newer := header[sigHeader2]
	_, older := header[sigHeader]
	if newer {
		header[sigHeader2] = sig
	}
	if older || !newer {
		header[sigHeader] = sig
	}
	r.Header = header
	return r, nil
}
