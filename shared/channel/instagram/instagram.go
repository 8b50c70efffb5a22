// Package instagram is the channel to an Instagram professional account: comments,
// mentions and direct messages in, answers and private replies out. It imports the
// contract, message and meta; only the channel registry imports it.
//
// The account is the Instagram account's id. People are named by the id that they
// have for this account; comments and direct messages give the same one.
package instagram

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ines/shared/channel"
	"ines/shared/channel/lenient"
	"ines/shared/channel/meta"
	"ines/shared/message"
)

const name = "instagram"

// Channel is Instagram.
type Channel struct{ meta.App }

var (
	_ channel.Channel  = Channel{}
	_ channel.Inviter  = Channel{}
	_ channel.Lookuper = Channel{}
	_ channel.Namer    = Channel{}
	_ channel.Saved    = Channel{}
	_ channel.Emulator = Channel{}
)

// Limits of a comment in characters, and of a direct message in bytes.
const (
	maxComment = 2200
	maxDirect  = 1000
)

var (
	commentLimits = channel.Limits{Max: maxComment, Unit: "characters (UTF-16)", Measure: lenient.UTF16}
	directLimits  = meta.DirectLimits(maxDirect, "bytes", meta.Bytes)
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

// Window implements channel.Channel: comments may be answered at any time, except
// under a live video.
func (Channel) Window(t channel.Thread, now time.Time) channel.Window {
	switch {
	case t.Visibility == message.Private:
		return meta.DirectWindow(t, now)
	case t.Extra[extraLive] == "true":
		return channel.Window{State: channel.WindowClosed,
			Why: "Instagram takes no public answer to a comment on a live video. Answer privately while it is on the air."}
	}
	return channel.Window{State: channel.WindowOpen}
}

// Invite implements channel.Inviter.
func (Channel) Invite(in channel.Inbox, public channel.Thread) (channel.Thread, error) {
	if public.Channel != name || public.Inbox != in.ID {
		return channel.Thread{}, errors.New("on Instagram the customer has to write first, or comment on our media")
	}
	return meta.Invite(in, public, public.Extra[meta.ExtraPrivate])
}

// host is where a token belongs: those of Instagram Login begin with IG and work on
// Instagram's own host, those of Facebook Login are a Page's.
func host(token string) string {
	if strings.HasPrefix(token, "IG") {
		return meta.InstagramHost
	}
	return meta.FacebookHost
}

// mailbox: with a Page's token the conversations are the Page's, which "me" names;
// the Instagram account's own node has none there.
func mailbox(o channel.Outlet) meta.Mailbox {
	m := meta.Mailbox{Platform: "instagram", Host: host(o.Token), Account: o.Inbox.Account, Limits: directLimits}
	if m.Host == meta.FacebookHost {
		m.Account = "me"
	}
	return m
}

// Send implements channel.Channel.
func (Channel) Send(ctx context.Context, o channel.Outlet, r channel.Reply) (channel.Receipt, error) {
	if r.Thread.Visibility == message.Private {
		return mailbox(o).Direct(ctx, o, r)
	}
	if err := meta.Fits(commentLimits, r.Text); err != nil {
		return channel.Receipt{}, err
	}
	c, err := under(o, r)
	if err != nil {
		return channel.Receipt{}, err
	}
	c.Method = http.MethodPost
	c.Form.Set("message", r.Text)
	return meta.Accepts(ctx, o, c)
}

// under is the place of a public reply: the comment's replies, or, where others
// mentioned us on media that are not ours, our mentions.
func under(o channel.Outlet, r channel.Reply) (meta.Call, error) {
	c := meta.Call{Host: host(o.Token), Form: url.Values{}}
	switch media := r.Thread.Extra[extraMentionedOn]; {
	case media != "":
		c.Path, c.Mailbox = []string{o.Inbox.Account, "mentions"}, true
		c.Form.Set("media_id", media)
		if r.Parent != "" && r.Parent != media {
			c.Form.Set("comment_id", r.Parent)
		}
	case r.Parent != "":
		c.Path = []string{r.Parent, "replies"}
	case r.Thread.Key != "":
		c.Path = []string{r.Thread.Key, "comments"} // a comment of our own under the media
	default:
		return c, lenient.Refuse("parent", "the reply does not say what it answers")
	}
	return c, nil
}

// Lookup implements channel.Lookuper: it looks among the answers to the comment.
// What we answered to a mention can't be listed.
func (Channel) Lookup(ctx context.Context, o channel.Outlet, r channel.Reply, since time.Time) (channel.Receipt, bool, error) {
	if r.Thread.Visibility == message.Private {
		return mailbox(o).LookupDirect(ctx, o, r, since)
	}
	c, err := under(o, r)
	if err != nil {
		return channel.Receipt{}, false, err
	}
	if c.Form.Has("media_id") {
		return channel.Receipt{}, false, &channel.SendError{Class: channel.Unknown, Detail: "Instagram does not list our answers to mentions"}
	}
	c.Method, c.Form = http.MethodGet, nil
	c.Query = url.Values{"fields": {"id,text,from,timestamp"}, "limit": {"100"}}
	return meta.LookupComment(ctx, o, c, r.Text, since)
}

// Lag implements channel.Lookuper.
func (Channel) Lag() time.Duration { return meta.Lag }

// Named implements channel.Namer. Instagram tells it of those who wrote to us in
// private.
func (Channel) Named(ctx context.Context, o channel.Outlet, _ channel.Thread, who message.Handle) (message.Author, error) {
	return meta.Named(ctx, o, host(o.Token), who, "name", "username")
}

// Emulate implements channel.Emulator: comments, answers to mentions, messages, and
// their lists; and who somebody is.
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
	for _, edge := range []string{"replies", "comments", "mentions"} {
		if a, ok := e.Comments(edge, commentLimits, func(n string) string { return n }); ok {
			return a, true
		}
	}
	return e.Conversations(directLimits)
}
