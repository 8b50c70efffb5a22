package twilio

import (
	"context"
	"net/http"
	"time"

	"ines/shared/channel"
	"ines/shared/message"
)

// Hook is the half of channel.Channel (and of Saved and Fetcher) that is the same
// on both channels, for them to embed.
type Hook struct{}

// Handshake implements channel.Channel: Twilio makes none.
func (Hook) Handshake(channel.Inbox, channel.Secrets, channel.Request) (channel.Response, bool) {
	return channel.Response{}, false
}

// Verify implements channel.Channel.
func (Hook) Verify(in channel.Inbox, s channel.Secrets, r channel.Request, _ time.Time) error {
	return Verify(in, s, r)
}

// Accepted implements channel.Channel.
func (Hook) Accepted() channel.Response { return Accepted() }

// Sign implements channel.Saved.
func (Hook) Sign(in channel.Inbox, s channel.Secrets, r channel.Request, _ time.Time) (channel.Request, error) {
	return Sign(in, s, r)
}

// Freshen implements channel.Saved.
func (Hook) Freshen(_ channel.Inbox, r channel.Request, now time.Time) (channel.Request, error) {
	return Freshen(r, now)
}

// Locate implements channel.Fetcher.
func (Hook) Locate(ctx context.Context, o channel.Outlet, a message.Attachment) (*http.Request, error) {
	return Locate(ctx, o, a)
}
