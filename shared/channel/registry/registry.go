// Package registry lists the channels that Ines speaks, one line each. Functions,
// the local host and tools import it; a channel's folder never does.
package registry

import (
	"slices"

	"ines/shared/channel"
	"ines/shared/channel/email"
	"ines/shared/channel/facebook"
	"ines/shared/channel/instagram"
	"ines/shared/channel/line"
	"ines/shared/channel/messenger"
	"ines/shared/channel/slack"
	"ines/shared/channel/sms"
	"ines/shared/channel/telegram"
	"ines/shared/channel/voice"
	"ines/shared/channel/web"
	"ines/shared/channel/whatsapp"
	"ines/shared/channel/x"
)

var channels = []channel.Channel{
	email.Channel{},
	facebook.Channel{},
	instagram.Channel{},
	line.Channel{},
	messenger.Channel{},
	slack.Channel{},
	sms.Channel{},
	telegram.Channel{},
	voice.Channel{},
	web.Channel{},
	whatsapp.Channel{},
	x.Channel{},
}

// All lists the channels, by name.
func All() []channel.Channel { return slices.Clone(channels) }

// Find gives the channel of a name, as it stands in the policy and in the webhook's
// URL.
func Find(name string) (channel.Channel, bool) {
	for _, ch := range channels {
		if ch.Name() == name {
			return ch, true
		}
	}
	return nil, false
}
