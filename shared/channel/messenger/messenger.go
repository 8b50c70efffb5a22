// Package messenger is the channel to the conversations of a Facebook Page. It
// imports the contract, message and meta; only the channel registry imports it.
//
// People are named by their page-scoped id, which means nothing on another Page.
package messenger

import (
	"context"
	"errors"
	"net/http"
	"time"

	"ines/shared/channel"
	"ines/shared/channel/lenient"
	"ines/shared/channel/meta"
	"ines/shared/message"
)

const name = "messenger"

// Channel is Messenger.
type Channel struct{ meta.App }

var (
	_ channel.Channel  = Channel{}
	_ channel.Inviter  = Channel{}
	_ channel.Lookuper = Channel{}
	_ channel.Namer    = Channel{}
	_ channel.Saved    = Channel{}
	_ channel.Emulator = Channel{}
)

// maxText is Messenger's limit, in characters.
const maxText = 2000

var limits = meta.DirectLimits(maxText, "characters (UTF-16)", lenient.UTF16)

// Name implements channel.Channel.
func (Channel) Name() string { return name }

// Read implements channel.Channel. What concerns the Page's feed is for a facebook
// inbox and ignored here.
func (Channel) Read(in channel.Inbox, e message.Envelope) []message.Item {
	return meta.Walk(in, e, "page", func(r *meta.Reader, en meta.Entry) {
		if r.Foreign(en) {
			return
		}
		r.Conversations(en)
		r.Changes(en, func(c meta.Change) {
			switch c.Field {
			case "feed", "mention", "ratings":
				r.Ignored(string(en.ID), "page_feed")
			default:
				if meta.MessagingField(c.Field) {
					r.Event(en, c.Value, c.Field == "standby")
					return
				}
				r.Unrecognised(string(en.ID), "The field %.80q is unknown.", c.Field)
			}
		})
	})
}

// Limits implements channel.Channel; there are only private threads.
func (Channel) Limits(message.Visibility) channel.Limits { return limits }

// Window implements channel.Channel.
func (Channel) Window(t channel.Thread, now time.Time) channel.Window {
	return meta.DirectWindow(t, now)
}

// Invite implements channel.Inviter: a comment or post on the same Page that came in
// through a facebook inbox may be answered here.
func (Channel) Invite(in channel.Inbox, public channel.Thread) (channel.Thread, error) {
	if public.Channel != "facebook" || public.With.Scope != in.Account {
		return channel.Thread{}, errors.New("on Messenger the customer has to write first, or comment on the Page")
	}
	return meta.Invite(in, public, public.Extra[meta.ExtraPrivate])
}

func mailbox(in channel.Inbox) meta.Mailbox {
	return meta.Mailbox{Platform: "messenger", Account: in.Account, Limits: limits}
}

// Send implements channel.Channel.
func (Channel) Send(ctx context.Context, o channel.Outlet, r channel.Reply) (channel.Receipt, error) {
	return mailbox(o.Inbox).Direct(ctx, o, r)
}

// Lookup implements channel.Lookuper.
func (Channel) Lookup(ctx context.Context, o channel.Outlet, r channel.Reply, since time.Time) (channel.Receipt, bool, error) {
	return mailbox(o.Inbox).LookupDirect(ctx, o, r, since)
}

// Lag implements channel.Lookuper.
func (Channel) Lag() time.Duration { return meta.Lag }

// Named implements channel.Namer.
func (Channel) Named(ctx context.Context, o channel.Outlet, _ channel.Thread, who message.Handle) (message.Author, error) {
	return meta.Named(ctx, o, meta.FacebookHost, who, "first_name", "last_name")
}

// Emulate implements channel.Emulator: sending a message, listing what was said, and
// telling who somebody is.
func (Channel) Emulate(call channel.Call, earlier []channel.Call) (channel.CallAnswer, bool) {
	e, refused, ok := meta.Emulate(call, earlier)
	switch {
	case !ok || e.Edge == "" && !e.Asks() || call.Method != http.MethodPost && call.Method != http.MethodGet:
		return channel.CallAnswer{}, false
	case refused != nil:
		return *refused, true
	}
	if e.Asks() {
		return e.Person(), true
	}
	return e.Conversations(limits)
}
