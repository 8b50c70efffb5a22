// Package whatsapp is the channel to Meta's WhatsApp Cloud API. It imports the
// contract, message and meta; only the channel registry imports it.
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
	"time"

	"ines/shared/channel"
	"ines/shared/channel/lenient"
	"ines/shared/channel/meta"
	"ines/shared/message"
)

const (
	name = "whatsapp"
	// sessionLength is how long after the customer's last message free text may
	// be sent.
	sessionLength = 24 * time.Hour
	maxText       = 4096
)

// Channel is WhatsApp.
type Channel struct{ meta.App }

var (
	_ channel.Channel  = Channel{}
	_ channel.Opener   = Channel{}
	_ channel.Fetcher  = Channel{}
	_ channel.Saved    = Channel{}
	_ channel.Emulator = Channel{}
)

// Name implements channel.Channel.
func (Channel) Name() string { return name }

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
func (Channel) Limits(message.Visibility) channel.Limits { return limits }

var limits = meta.DirectLimits(maxText, "characters (UTF-16)", lenient.UTF16)
