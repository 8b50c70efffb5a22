// Package line is the channel to LINE's Messaging API. It imports the contract,
// message, verify, lenient and timeshift; only the channel registry imports it.
//
// An inbox is one LINE official account; its account is the bot's user id. Threads
// are "<bot>:<group, room or user>" and always private.
package line

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
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
	name            = "line"
	signatureHeader = "x-line-signature"
	maxText         = 5000 // UTF-16 units
	maxParts        = 5
	// tokenLife is for how long after the message we answer by its reply token,
	// which is free of quota; LINE keeps it for about a minute.
	tokenLife = 50 * time.Second
	// keyLife is how long LINE knows a push by its retry key, less an hour.
	keyLife = 23 * time.Hour
)

// Channel implements channel.Channel, Opener, Repeater, Namer, Fetcher, Saved and
// Emulator.
type Channel struct{}

// Name implements channel.Channel.
func (Channel) Name() string { return name }

// Handshake implements channel.Channel: the console's Verify button sends a signed
// delivery without events.
func (Channel) Handshake(channel.Inbox, channel.Secrets, channel.Request) (channel.Response, bool) {
	return channel.Response{}, false
}

// Verify checks X-Line-Signature against the channel secrets.
func (Channel) Verify(_ channel.Inbox, s channel.Secrets, r channel.Request, _ time.Time) error {
	if err := verify.HMACSHA256Base64(r.Header[signatureHeader], "", r.Body, s.Sign); err != nil {
		return fmt.Errorf("%w: %w", channel.ErrSignature, err)
	}
	return nil
}

// Accepted implements channel.Channel.
func (Channel) Accepted() channel.Response { return channel.Response{Status: http.StatusOK} }

// Window is open, by push after the reply token is gone, unless another module
// holds the conversation.
func (Channel) Window(t channel.Thread, _ time.Time) channel.Window {
	if t.Extra["mode"] == "standby" {
		return channel.Window{State: channel.WindowClosed, Why: "Another service answers this LINE conversation at the moment; it comes back when the customer writes to us again."}
	}
	return channel.Window{State: channel.WindowOpen}
}

// Limits are 5,000 UTF-16 units a message.
func (Channel) Limits(message.Visibility) channel.Limits {
	return channel.Limits{Max: maxText, Unit: "characters (UTF-16)", Measure: lenient.UTF16, Parts: maxParts}
}

var userID = pattern.Late{Expr: `^U[0-9a-f]{32}$`}

// Open addresses a person who follows the account, by LINE's user id.
func (Channel) Open(in channel.Inbox, address string, known message.Handle) (channel.Thread, error) {
	id := strings.TrimSpace(address)
	if id == "" && known.Channel == name {
		id = known.ID
	}
	if !userID.MatchString(id) {
		return channel.Thread{}, errors.New("LINE reaches only people who follow the account, by their user id (U and 32 hexadecimal digits): choose a customer who has written here before")
	}
	return channel.Thread{Channel: name, Inbox: in.ID, Key: in.Account + ":" + id, Visibility: message.Private, With: message.Handle{Channel: name, ID: id}}, nil
}

// Sign implements channel.Saved.
func (Channel) Sign(_ channel.Inbox, s channel.Secrets, r channel.Request, _ time.Time) (channel.Request, error) {
	if len(s.Sign) == 0 || s.Sign[0] == "" {
		return channel.Request{}, errors.New("the inbox has no channel secret to sign with")
	}
	r.Header = maps.Clone(r.Header)
	if r.Header == nil {
		r.Header = map[string]string{}
	}
	r.Header[signatureHeader] = verify.SignHMACSHA256Base64("", r.Body, s.Sign[0])
	return r, nil
}

// Freshen implements channel.Saved.
func (Channel) Freshen(_ channel.Inbox, r channel.Request, now time.Time) (channel.Request, error) {
	body, err := timeshift.JSON(r.Body, now, "timestamp")
	if err != nil {
		return channel.Request{}, fmt.Errorf("the saved delivery: %w", err)
	}
	r.Body = body
	return r, nil
}
