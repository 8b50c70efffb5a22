// Package web is the channel to a company's own apps, forms and back ends: signed
// webhooks by the Standard Webhooks specification, in and out. README.md tells an
// operator how to connect one; package registry lists it.
package web

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"time"
	"unicode/utf8"

	"ines/shared/channel"
	"ines/shared/channel/timeshift"
	"ines/shared/message"
	"ines/shared/verify"
)

const (
	name      = "web"
	maxLength = 10_000
)

// Channel is the company's own apps. The zero value is ready.
type Channel struct {
	// Now is the clock that outgoing webhooks are signed by; nil is time.Now.
	// It is the wall clock also after time travel: the receiver's didn't travel.
	Now func() time.Time
}

var (
	_ channel.Channel  = Channel{}
	_ channel.Saved    = Channel{}
	_ channel.Emulator = Channel{}
)

// Name implements channel.Channel.
func (Channel) Name() string { return name }

// Handshake implements channel.Channel: there is none.
func (Channel) Handshake(channel.Inbox, channel.Secrets, channel.Request) (channel.Response, bool) {
	return channel.Response{}, false
}

// Verify implements channel.Channel.
func (Channel) Verify(_ channel.Inbox, s channel.Secrets, r channel.Request, now time.Time) error {
	if err := verify.StandardWebhooks(r.Header, r.Body, s.Sign, now); err != nil {
		return fmt.Errorf("%w: web: %w", channel.ErrSignature, err)
	}
	return nil
}

// Accepted implements channel.Channel.
func (Channel) Accepted() channel.Response { return channel.Response{Status: http.StatusOK} }

// Window implements channel.Channel: it is our own app, and always open.
func (Channel) Window(channel.Thread, time.Time) channel.Window {
	return channel.Window{State: channel.WindowOpen}
}

// Limits implements channel.Channel. The specification advises bodies under 20 KB.
func (Channel) Limits(message.Visibility) channel.Limits {
	return channel.Limits{Max: maxLength, Unit: "characters", Measure: utf8.RuneCountInString}
}

// Freshen implements channel.Saved.
func (Channel) Freshen(_ channel.Inbox, r channel.Request, now time.Time) (channel.Request, error) {
	body, err := timeshift.JSON(r.Body, now, "timestamp", "sent_at")
	if err != nil {
		return r, fmt.Errorf("web: %w", err)
	}
	r.Body = body
	return r, nil
}

// Sign implements channel.Saved. The delivery keeps its id; one without gets an id
// that follows from the body.
func (Channel) Sign(_ channel.Inbox, s channel.Secrets, r channel.Request, now time.Time) (channel.Request, error) {
	if len(s.Sign) == 0 {
		return r, fmt.Errorf("web: signing: %w", verify.ErrNoSecret)
	}
	id := webhookID(r.Header)
	if id == "" {
		id = "msg_" + message.DeriveID("webhook", string(r.Body))
	}
	signed, err := verify.SignStandardWebhooks(id, now, r.Body, s.Sign[0])
	if err != nil {
		return r, fmt.Errorf("web: signing: %w", err)
	}
	header := maps.Clone(r.Header)
	if header == nil {
		header = map[string]string{}
	}
	for _, old := range []string{"svix-id", "svix-timestamp", "svix-signature"} {
		delete(header, old)
	}
	maps.Copy(header, signed)
	r.Header = header
	return r, nil
}

func webhookID(h map[string]string) string {
	if id := h["webhook-id"]; id != "" {
		return id
	}
	return h["svix-id"]
}

func (c Channel) now() time.Time {
	if c.Now == nil {
		return time.Now()
	}
	return c.Now()
}

// errEndpoint tells what the sending credential must look like.
var errEndpoint = errors.New("the token must be `https://… whsec_…`: the app's endpoint, a blank, the key to sign with")
