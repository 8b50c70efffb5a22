// Package facebook is the channel to a Facebook Page: comments, visitors' posts,
// mentions and reviews in, comments and private replies out. It imports the contract,
// message and meta; only the channel registry imports it.
//
// Meta gives an app one webhook address for all that concerns its Pages. So this
// channel reads a Page's conversations too: an inbox of channel messenger is for
// desks whose Messenger traffic comes through an app of its own.
package facebook

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"ines/shared/channel"
	"ines/shared/channel/lenient"
	"ines/shared/channel/meta"
	"ines/shared/message"
)

const name = "facebook"

// Channel is a Facebook Page.
type Channel struct{ meta.App }

var (
	_ channel.Channel  = Channel{}
	_ channel.Inviter  = Channel{}
	_ channel.Lookuper = Channel{}
	_ channel.Namer    = Channel{}
	_ channel.Saved    = Channel{}
	_ channel.Emulator = Channel{}
)

// Limits in characters: of a comment, and of Messenger.
const (
	maxComment = 8000
	maxDirect  = 2000
)

var (
	commentLimits = channel.Limits{Max: maxComment, Unit: "characters (UTF-16)", Measure: lenient.UTF16}
	directLimits  = meta.DirectLimits(maxDirect, "characters (UTF-16)", lenient.UTF16)
)

// Name implements channel.Channel.
func (Channel) Name() string { return name }

// Limits implements channel.Channel.
func (Channel) Limits(v message.Visibility) channel.Limits {
	if v == message.Private {
		return directLimits
	}
	return commentLimits
}

// Window implements channel.Channel: comments may be answered at any time.
func (Channel) Window(t channel.Thread, now time.Time) channel.Window {
	if t.Visibility == message.Private {
		return meta.DirectWindow(t, now)
	}
	return channel.Window{State: channel.WindowOpen}
}

// Invite implements channel.Inviter.
func (Channel) Invite(in channel.Inbox, public channel.Thread) (channel.Thread, error) {
	if public.Channel != name || public.Inbox != in.ID {
		return channel.Thread{}, errors.New("on Facebook the customer has to write first, or comment on the Page")
	}
	return meta.Invite(in, public, public.Extra[meta.ExtraPrivate])
}

func mailbox(in channel.Inbox) meta.Mailbox {
	return meta.Mailbox{Platform: "messenger", Account: in.Account, Limits: directLimits}
}

// answered is what a public reply is put under: the comment or post that it answers,
// else the thread's post.
func answered(r channel.Reply) string {
	if r.Parent != "" {
		return r.Parent
	}
	return r.Thread.Key
}

// Send implements channel.Channel.
func (Channel) Send(ctx context.Context, o channel.Outlet, r channel.Reply) (channel.Receipt, error) {
	if r.Thread.Visibility == message.Private {
		return mailbox(o.Inbox).Direct(ctx, o, r)
	}
	if err := meta.Fits(commentLimits, r.Text); err != nil {
		return channel.Receipt{}, err
	}
	under := answered(r)
	if under == "" {
		return channel.Receipt{}, lenient.Refuse("parent", "the reply does not say what it answers")
	}
	return meta.Accepts(ctx, o, meta.Call{Method: http.MethodPost, Path: []string{under, "comments"}, Form: url.Values{"message": {r.Text}}})
}

// Lookup implements channel.Lookuper: it looks among the newest comments under what
// was answered.
func (Channel) Lookup(ctx context.Context, o channel.Outlet, r channel.Reply, since time.Time) (channel.Receipt, bool, error) {
	if r.Thread.Visibility == message.Private {
		return mailbox(o.Inbox).LookupDirect(ctx, o, r, since)
	}
	return meta.LookupComment(ctx, o, meta.Call{Method: http.MethodGet, Path: []string{answered(r), "comments"}, Query: url.Values{
		"fields": {"id,message,from,created_time"}, "order": {"reverse_chronological"}, "limit": {"100"},
	}}, r.Text, since)
}

// Lag implements channel.Lookuper.
func (Channel) Lag() time.Duration { return meta.Lag }

// Named implements channel.Namer: comments come with names, messages don't.
func (Channel) Named(ctx context.Context, o channel.Outlet, _ channel.Thread, who message.Handle) (message.Author, error) {
	return meta.Named(ctx, o, meta.FacebookHost, who, "first_name", "last_name")
}

// Emulate implements channel.Emulator: comments and messages, and their lists; and who
// somebody is.
func (Channel) Emulate(call channel.Call, earlier []channel.Call) (channel.CallAnswer, bool) {
	e, refused, ok := meta.Emulate(call, earlier)
	switch {
	case !ok || e.Edge == "" && !e.Asks():
		return channel.CallAnswer{}, false
	case refused != nil:
		return *refused, true
	case e.Asks():
		return e.Person(), true
	}
	if a, ok := e.Comments("comments", commentLimits, func(n string) string { return "900000000000001_" + n }); ok {
		return a, true
	}
	return e.Conversations(directLimits)
}
