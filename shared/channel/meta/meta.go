// Package meta is what Meta's products have in common: the envelope of their
// webhooks, the signature and the handshake, conversations on Messenger and
// Instagram, and the Graph API with its errors and usage headers. The channels
// facebook, messenger, instagram and whatsapp import it, nobody else. It imports
// the contract, message, lenient, timeshift and verify.
package meta

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ines/shared/channel"
	"ines/shared/verify"
)

// SignatureHeader holds "sha256=" and the HMAC-SHA256 of the body, in hex.
const SignatureHeader = "x-hub-signature-256"

// App is what Meta's channels have in common as webhooks of one app; they embed it.
type App struct{}

// Handshake implements channel.Channel. It answers hub.challenge: 200 with the bare challenge if the token is one
// of s.Verify, else 403. Without a verify token it refuses.
func (App) Handshake(_ channel.Inbox, s channel.Secrets, r channel.Request) (channel.Response, bool) {
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

// Verify implements channel.Channel. It checks the signature against the app secrets, over the bytes as they came:
// Meta signs its bodies with every character beyond ASCII escaped, and so it sends
// them.
func (App) Verify(_ channel.Inbox, s channel.Secrets, r channel.Request, _ time.Time) error {
	if err := verify.Hub256(r.Header[SignatureHeader], r.Body, s.Sign); err != nil {
		return fmt.Errorf("%w: %w", channel.ErrSignature, err)
	}
	return nil
}

// Accepted implements channel.Channel: Meta wants to hear 200, empty.
func (App) Accepted() channel.Response { return channel.Response{Status: http.StatusOK} }
