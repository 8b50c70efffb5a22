// Package telegram is the channel to Telegram's Bot API. It imports the contract,
// message, verify, lenient and timeshift; only the channel registry imports it.
//
// An inbox is one bot; its account is the bot's numeric id (the part of the token
// before the colon). Telegram numbers messages per chat, so a message's id here is
// "<chat>/<message>", and a thread is "<chat>" or "<chat>:<topic>".
package telegram

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"ines/shared/channel"
	"ines/shared/channel/lenient"
	"ines/shared/channel/timeshift"
	"ines/shared/message"
	"ines/shared/pattern"
	"ines/shared/verify"
)

const (
	name        = "telegram"
	tokenHeader = "x-telegram-bot-api-secret-token"
	// maxText is in UTF-16 units, after entities are parsed. We send plain text:
	// there are none.
	maxText = 4096
	// maxParts bounds what one reply may become; Telegram has no bound of its own.
	maxParts = 4
)

// Channel implements channel.Channel, Opener, Fetcher, Saved and Emulator.
type Channel struct{}

// Name implements channel.Channel.
func (Channel) Name() string { return name }

// Handshake implements channel.Channel: setWebhook makes none.
func (Channel) Handshake(channel.Inbox, channel.Secrets, channel.Request) (channel.Response, bool) {
	return channel.Response{}, false
}

// Verify compares X-Telegram-Bot-Api-Secret-Token with the inbox's secrets. It
// says who sends, not what: Telegram signs no bodies.
func (Channel) Verify(_ channel.Inbox, s channel.Secrets, r channel.Request, _ time.Time) error {
	if err := verify.Token(tokenHeader, r.Header[tokenHeader], s.Sign); err != nil {
		return fmt.Errorf("%w: %w", channel.ErrSignature, err)
	}
	return nil
}

// Accepted is 200, empty. Telegram would take a method call in the answer, and we
// would never learn what became of it.
func (Channel) Accepted() channel.Response { return channel.Response{Status: 200} }

// Window implements channel.Channel: a bot may write at any time to whoever has
// not blocked it.
func (Channel) Window(channel.Thread, time.Time) channel.Window {
	return channel.Window{State: channel.WindowOpen}
}

// Limits are 4,096 UTF-16 units a message.
func (Channel) Limits(message.Visibility) channel.Limits {
	return channel.Limits{Max: maxText, Unit: "characters (UTF-16)", Measure: lenient.UTF16, Parts: maxParts}
}

var userID = pattern.Late{Expr: `^[1-9][0-9]{0,15}$`}

// Open addresses the private chat with a user, whose id is the chat's too. A bot
// can't find a person by name or number, nor write before it was written to.
func (Channel) Open(in channel.Inbox, address string, known message.Handle) (channel.Thread, error) {
	id := strings.TrimSpace(address)
	if id == "" && known.Channel == name {
		id = known.ID
	}
	if !userID.MatchString(id) {
		return channel.Thread{}, errors.New("Telegram lets a bot write only to somebody who has written to it: choose a customer whose Telegram id is known")
	}
	return channel.Thread{Channel: name, Inbox: in.ID, Key: id, Visibility: message.Private, With: message.Handle{Channel: name, ID: id}}, nil
}

// Sign implements channel.Saved.
func (Channel) Sign(_ channel.Inbox, s channel.Secrets, r channel.Request, _ time.Time) (channel.Request, error) {
	if len(s.Sign) == 0 || s.Sign[0] == "" {
		return channel.Request{}, errors.New("the inbox has no secret token to sign with")
	}
	r.Header = maps.Clone(r.Header)
	if r.Header == nil {
		r.Header = map[string]string{}
	}
	r.Header[tokenHeader] = s.Sign[0]
	return r, nil
}

// Freshen implements channel.Saved.
func (Channel) Freshen(_ channel.Inbox, r channel.Request, now time.Time) (channel.Request, error) {
	body, err := timeshift.JSON(r.Body, now, "date", "edit_date")
	if err != nil {
		return channel.Request{}, fmt.Errorf("the saved update: %w", err)
	}
	r.Body = body
	return r, nil
}
