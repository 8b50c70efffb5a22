// Package sms is the channel to SMS, MMS and WhatsApp through Twilio. It imports the
// contract, message, lenient and twilio; only the channel registry imports it.
//
// An inbox is one sender: a phone number ("+44…"), a WhatsApp sender
// ("whatsapp:+44…") or a messaging service ("MG…"). People are named by the address
// that Twilio gives; a thread is "<our sender>/<their address>".
package sms

import (
	"fmt"
	"strings"
	"time"

	"ines/shared/channel"
	"ines/shared/channel/lenient"
	"ines/shared/channel/twilio"
	"ines/shared/message"
	"ines/shared/pattern"
)

const (
	name = "sms"
	// maxText is Twilio's limit on a Body; it sends it in segments.
	maxText  = 1600
	maxParts = 3
	// sessionLength is WhatsApp's window for free text.
	sessionLength = 24 * time.Hour
	whatsApp      = "whatsapp:"
)

// Channel implements channel.Channel, Opener, Lookuper, Fetcher, Saved and Emulator.
type Channel struct{ twilio.Hook }

// Name implements channel.Channel.
func (Channel) Name() string { return name }

// Window is always open for SMS. WhatsApp takes free text for 24 hours after the
// customer's last message.
func (Channel) Window(t channel.Thread, now time.Time) channel.Window {
	if !strings.Contains(t.Key, "/"+whatsApp) {
		return channel.Window{State: channel.WindowOpen}
	}
	if t.LastInbound.IsZero() {
		return channel.Window{State: channel.WindowTemplate, Why: "The customer has not written here yet: WhatsApp takes only approved templates for a first message."}
	}
	if until := t.LastInbound.Add(sessionLength); now.Before(until) {
		return channel.Window{State: channel.WindowOpen, Until: until}
	}
	return channel.Window{State: channel.WindowTemplate, Why: "The customer's last message is more than 24 hours old: WhatsApp takes only approved templates now."}
}

// Limits are 1,600 characters, which is Twilio's counting; see Segments for what
// they cost.
func (Channel) Limits(message.Visibility) channel.Limits {
	return channel.Limits{Max: maxText, Unit: "characters", Measure: lenient.UTF16, Parts: maxParts}
}

var (
	e164       = pattern.Late{Expr: `^\+[1-9][0-9]{6,14}$`}
	typedNoise = strings.NewReplacer(" ", "", "\u00a0", "", "-", "", "(", "", ")", "", ".", "", "/", "")
)

// Open takes a phone number in international form. On a WhatsApp sender it is
// somebody's WhatsApp. A customer who has only called can be written to as well: known
// may be a handle of the channel voice.
func (Channel) Open(in channel.Inbox, address string, known message.Handle) (channel.Thread, error) {
	onWhatsApp := strings.HasPrefix(in.Account, whatsApp)
	to := known.ID
	if known.Channel != name && known.Channel != "voice" {
		to = ""
	}
	if typed := strings.TrimSpace(address); typed != "" {
		to = typedNoise.Replace(strings.TrimPrefix(typed, whatsApp))
		if rest, ok := strings.CutPrefix(to, "00"); ok {
			to = "+" + rest
		}
		if strings.HasPrefix(typed, whatsApp) != onWhatsApp && strings.HasPrefix(typed, whatsApp) {
			return channel.Thread{}, fmt.Errorf("this sender is for SMS: give the number without %q", whatsApp)
		}
	}
	number := strings.TrimPrefix(to, whatsApp)
	switch {
	case to == "":
		return channel.Thread{}, fmt.Errorf("no phone number of the customer is known: give one in international form, such as +44 7700 900123")
	case !e164.MatchString(number):
		return channel.Thread{}, fmt.Errorf("%q is no phone number in international form, such as +44 7700 900123", number)
	}
	to = number
	if onWhatsApp {
		to = whatsApp + number
	}
	return channel.Thread{Channel: name, Inbox: in.ID, Key: threadKey(in.Account, to), Visibility: message.Private, With: message.Handle{Channel: name, ID: to}}, nil
}

// threadKey is the conversation of one of our senders with one address.
func threadKey(ours, theirs string) string { return ours + "/" + theirs }

// sender is which of our addresses a conversation runs over. A messaging service
// chooses among several numbers, and keeps each customer's.
func sender(in channel.Inbox, to string) string {
	if strings.HasPrefix(in.Account, "MG") || to == "" {
		return in.Account
	}
	return to
}
