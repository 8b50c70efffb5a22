// Package slack is the channel to a Slack workspace: the Events API, slash commands
// and shortcuts in, chat.postMessage out. It imports the contract, message, verify,
// lenient and timeshift; only the channel registry imports it.
//
// An inbox is one app's bot in one workspace; its account is the bot's user id. A
// post is named by workspace, conversation and its ts together, "T…:C…:1531431954.000073",
// and a thread by the post that it hangs from. "T…:U…" is a conversation with a person
// that has no channel yet.
package slack

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"ines/shared/channel"
	"ines/shared/channel/lenient"
	"ines/shared/channel/timeshift"
	"ines/shared/message"
	"ines/shared/pattern"
	"ines/shared/verify"
)

const (
	name            = "slack"
	signatureHeader = "x-slack-signature"
	timestampHeader = "x-slack-request-timestamp"
	// maxText is what Slack advises for a message's text; it cuts at ten times
	// that. Escaped characters count as they are sent.
	maxText  = 4000
	maxParts = 4
)

// Channel implements channel.Channel, Opener, Lookuper, Namer, Fetcher, Saved and
// Emulator.
type Channel struct{}

// Name implements channel.Channel.
func (Channel) Name() string { return name }

// Handshake answers url_verification with the challenge. Slack signs it like any
// delivery; how old it is does not matter.
func (Channel) Handshake(_ channel.Inbox, s channel.Secrets, r channel.Request) (channel.Response, bool) {
	if r.Method != http.MethodPost || !bytes.Contains(r.Body, []byte("url_verification")) {
		return channel.Response{}, false
	}
	signed := lenient.Text(r.Header[timestampHeader]).Int()
	if verify.Slack(r.Header[signatureHeader], r.Header[timestampHeader], r.Body, s.Sign, time.Unix(signed, 0)) != nil {
		return channel.Response{}, false // Verify refuses it
	}
	var v struct {
		Type      text `json:"type"`
		Challenge text `json:"challenge"`
	}
	if json.Unmarshal(r.Body, &v) != nil || v.Type != "url_verification" || v.Challenge == "" {
		return channel.Response{}, false
	}
	return channel.Response{Status: http.StatusOK, ContentType: "text/plain; charset=utf-8", Body: []byte(v.Challenge)}, true
}

// Verify checks X-Slack-Signature over the body as it was sent.
func (Channel) Verify(_ channel.Inbox, s channel.Secrets, r channel.Request, now time.Time) error {
	if err := verify.Slack(r.Header[signatureHeader], r.Header[timestampHeader], r.Body, s.Sign, now); err != nil {
		return fmt.Errorf("%w: %w", channel.ErrSignature, err)
	}
	return nil
}

// Accepted is 200, empty: a slash command is then shown as sent, a form closes.
func (Channel) Accepted() channel.Response { return channel.Response{Status: http.StatusOK} }

// Window implements channel.Channel: Slack sets no time.
func (Channel) Window(channel.Thread, time.Time) channel.Window {
	return channel.Window{State: channel.WindowOpen}
}

// Limits are 4,000 characters a message, as escaped for Slack.
func (Channel) Limits(message.Visibility) channel.Limits {
	return channel.Limits{Max: maxText, Unit: "characters (escaped)", Measure: measure, Parts: maxParts}
}

func measure(s string) int { return utf8.RuneCountInString(escape(s)) }

var address = pattern.Late{Expr: `^(T[A-Z0-9]+)[:/]([UW][A-Z0-9]+)$`}

// Open addresses a person of the workspace. Only sending reveals the conversation.
func (Channel) Open(in channel.Inbox, typed string, known message.Handle) (channel.Thread, error) {
	with := known
	if typed = strings.TrimSpace(typed); typed != "" {
		m := address.FindStringSubmatch(typed)
		if m == nil {
			return channel.Thread{}, errors.New("give the Slack workspace and member, such as T0123ABCD:U0456EFGH (profile, three dots, copy member ID)")
		}
		with = message.Handle{Channel: name, Scope: m[1], ID: m[2]}
	}
	if with.Channel != name || with.ID == "" {
		return channel.Thread{}, errors.New("no member of the Slack workspace is known for this customer")
	}
	return channel.Thread{Channel: name, Inbox: in.ID, Key: with.Scope + ":" + with.ID, Visibility: message.Private, With: with}, nil
}

// Sign implements channel.Saved.
func (Channel) Sign(_ channel.Inbox, s channel.Secrets, r channel.Request, now time.Time) (channel.Request, error) {
	if len(s.Sign) == 0 || s.Sign[0] == "" {
		return channel.Request{}, errors.New("the inbox has no signing secret to sign with")
	}
	r.Header = maps.Clone(r.Header)
	if r.Header == nil {
		r.Header = map[string]string{}
	}
	r.Header[signatureHeader], r.Header[timestampHeader] = verify.SignSlack(now, r.Body, s.Sign[0])
	return r, nil
}

// Freshen moves event_time. ts names the message and stays; Read takes the later
// of the two for the time.
func (Channel) Freshen(_ channel.Inbox, r channel.Request, now time.Time) (channel.Request, error) {
	if isForm(r.Header["content-type"]) {
		return r, nil // commands and shortcuts: the time is that of the arrival
	}
	body, err := timeshift.JSON(r.Body, now, "event_time")
	if err != nil {
		return channel.Request{}, fmt.Errorf("the saved event: %w", err)
	}
	r.Body = body
	return r, nil
}

func isForm(contentType string) bool {
	media, _, _ := strings.Cut(contentType, ";")
	return strings.EqualFold(strings.TrimSpace(media), "application/x-www-form-urlencoded")
}
