// Package whatsapp is the channel to Meta's WhatsApp Cloud API. It imports the
// contract, message and verify; only the channel registry imports it.
//
// An inbox is one business phone number; its account is the phone number's id.
// A person is named by the digits of the phone number where WhatsApp tells it,
// else by the business-scoped user id (people may hide their number). When both
// are known the message says so in Also, and in Extra "user_id" and "phone": a
// person who shows both once can be recognised by either later. Someone who
// first wrote with the number alone and then with the user id alone can not be
// recognised, because nothing in the two payloads connects them.
package whatsapp

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf16"

	"ines/shared/channel"
	"ines/shared/message"
	"ines/shared/verify"
)

const (
	name = "whatsapp"
	// sessionLength is how long after the customer's last message free text may
	// be sent.
	sessionLength = 24 * time.Hour
	maxText       = 4096
)

// Channel implements channel.Channel, Opener, Saved and Emulator.
type Channel struct{}

// Name implements channel.Channel.
func (Channel) Name() string { return name }

// Handshake answers hub.challenge: 200 with the bare challenge if the token is
// one of s.Verify, else 403. Without a verify token it refuses.
func (Channel) Handshake(_ channel.Inbox, s channel.Secrets, r channel.Request) (channel.Response, bool) {
	if r.Method != http.MethodGet || !strings.Contains(r.Query, "hub.") {
		return channel.Response{}, false
	}
	refused := channel.Response{Status: http.StatusForbidden}
	q, err := url.ParseQuery(r.Query)
	if err != nil {
		return refused, true
	}
	challenge := q.Get("hub.challenge")
	if !known(q.Get("hub.verify_token"), s.Verify) || q.Get("hub.mode") != "subscribe" || challenge == "" {
		return refused, true
	}
	return channel.Response{Status: http.StatusOK, ContentType: "text/plain; charset=utf-8", Body: []byte(challenge)}, true
}

// known compares token with every live one, in a time that depends on neither.
func known(token string, live []string) bool {
	got := sha256.Sum256([]byte(token))
	match := 0
	for _, l := range live {
		if l == "" {
			continue
		}
		want := sha256.Sum256([]byte(l))
		match |= subtle.ConstantTimeCompare(got[:], want[:])
	}
	return match == 1
}

// Verify checks X-Hub-Signature-256 against the app secrets.
func (Channel) Verify(_ channel.Inbox, s channel.Secrets, r channel.Request, _ time.Time) error {
	if err := verify.Hub256(r.Header[signatureHeader], r.Body, s.Sign); err != nil {
		return fmt.Errorf("%w: %w", channel.ErrSignature, err)
	}
	return nil
}

// Accepted implements channel.Channel: 200, empty.
func (Channel) Accepted() channel.Response { return channel.Response{Status: http.StatusOK} }

// Window is open for 24 hours after the customer's last message; before the
// first and after that only approved templates may be sent.
func (Channel) Window(t channel.Thread, now time.Time) channel.Window {
	if t.LastInbound.IsZero() {
		return channel.Window{
			State: channel.WindowTemplate,
			Why:   "The customer has not written here yet: WhatsApp takes only approved templates for a first message.",
		}
	}
	until := t.LastInbound.Add(sessionLength)
	if now.Before(until) {
		return channel.Window{State: channel.WindowOpen, Until: until}
	}
	return channel.Window{
		State: channel.WindowTemplate,
		Why:   "The customer's last message is more than 24 hours old: WhatsApp takes only approved templates now.",
	}
}

// Limits allow 4,096 characters. Meta does not say what a character is; UTF-16
// units are the strictest reading, so what fits here is never refused.
func (Channel) Limits(message.Visibility) channel.Limits {
	return channel.Limits{Max: maxText, Unit: "characters (UTF-16)", Measure: measure}
}

func measure(text string) int {
	n := 0
	for _, r := range text {
		n += max(utf16.RuneLen(r), 1)
	}
	return n
}
