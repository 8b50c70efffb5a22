package meta

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"ines/shared/channel"
	"ines/shared/channel/lenient"
	"ines/shared/message"
)

// How long after the customer's last message we may write, and after a comment one
// private reply is possible.
const (
	ResponseWindow = 24 * time.Hour
	HumanWindow    = 7 * 24 * time.Hour
	InviteWindow   = 7 * 24 * time.Hour
)

// Mailbox is one of our accounts on a platform with conversations.
type Mailbox struct {
	Platform string // as the Graph API calls it: messenger, instagram
	Host     string
	// Account is the path of the account: its id or "me".
	Account string
	Limits  channel.Limits
}

// The Extra of a thread that we may begin with one private reply: what it answers,
// and until when (RFC 3339).
const (
	ExtraComment = "comment_id"
	ExtraPost    = "post_id"
	ExtraUntil   = "until"
)

// ExtraPrivate is in the Extra of a public message that can be answered privately:
// ExtraComment or ExtraPost.
const ExtraPrivate = "private"

// invited reports whether a thread begins with a private reply to something public.
func invited(t channel.Thread) (recipient map[string]string, ok bool) {
	if !t.LastInbound.IsZero() {
		return nil, false
	}
	for _, kind := range []string{ExtraComment, ExtraPost} {
		if id := t.Extra[kind]; id != "" {
			return map[string]string{kind: id}, true
		}
	}
	return nil, false
}

// Invite is the private thread that a private reply to the last post of a public
// thread begins; in is the inbox that sends it. kind says what the post is, "" if it
// can't be answered privately.
func Invite(in channel.Inbox, public channel.Thread, kind string) (channel.Thread, error) {
	if kind == "" || public.LastID == "" || public.LastInbound.IsZero() {
		return channel.Thread{}, errors.New("Meta passes on a private answer only to a comment or a post on our own page")
	}
	return channel.Thread{
		Channel:    in.Channel,
		Inbox:      in.ID,
		Visibility: message.Private,
		With:       Handle(in.Channel, in.Account, public.With.ID),
		Extra:      Extra(kind, public.LastID, ExtraUntil, public.LastInbound.Add(InviteWindow).UTC().Format(time.RFC3339)),
	}, nil
}

// DirectWindow says whether a conversation may be continued. It stays open for seven
// days because people may answer so long; what nobody wrote goes out in the first
// day only (Direct refuses it afterwards).
func DirectWindow(t channel.Thread, now time.Time) channel.Window {
	closed := func(why string) channel.Window { return channel.Window{State: channel.WindowClosed, Why: why} }
	if _, ok := invited(t); ok {
		until, err := time.Parse(time.RFC3339, t.Extra[ExtraUntil])
		switch {
		case t.Key != "":
			return closed("Meta takes one private answer to a comment. The conversation goes on when the customer answers it.")
		case err != nil || !now.Before(until):
			return closed("The comment is more than 7 days old: Meta takes no private answer to it any more. Answer in public.")
		}
		return channel.Window{State: channel.WindowOpen, Until: until}
	}
	switch {
	case t.LastInbound.IsZero():
		return closed("The customer has not written here yet, and Meta does not let us write first.")
	case t.Extra[ExtraStandby] == "true":
		return closed("Another app holds this conversation. Take it over in Meta's inbox, then answer.")
	case !now.Before(t.LastInbound.Add(HumanWindow)):
		return closed("The customer's last message is more than 7 days old: Meta takes no answer any more.")
	}
	return channel.Window{State: channel.WindowOpen, Until: t.LastInbound.Add(HumanWindow), Machines: t.LastInbound.Add(ResponseWindow)}
}

// direct is the body of a message.
type direct struct {
	Recipient map[string]string `json:"recipient"`
	Type      string            `json:"messaging_type,omitempty"`
	Tag       string            `json:"tag,omitempty"`
	Message   directMessage     `json:"message"`
}

type directMessage struct {
	Text     string `json:"text"`
	Metadata string `json:"metadata,omitempty"` // comes back with the echo
}

// Direct sends a message into a conversation, or the private reply that begins one.
func (m Mailbox) Direct(ctx context.Context, o channel.Outlet, r channel.Reply) (channel.Receipt, error) {
	if o.Token == "" {
		return channel.Receipt{}, &channel.SendError{Class: channel.Blocked, Code: "token", Detail: "inbox " + o.Inbox.ID + " has no access token"}
	}
	if err := Fits(m.Limits, r.Text); err != nil {
		return channel.Receipt{}, err
	}
	body := direct{Message: directMessage{Text: r.Text, Metadata: EchoPrefix + r.ID}}
	private := false
	if body.Recipient, private = invited(r.Thread); !private {
		to := r.To.ID
		if to == "" {
			to = r.Thread.With.ID
		}
		if to == "" {
			return channel.Receipt{}, lenient.Refuse("recipient", "the reply does not say to whom it goes")
		}
		body.Recipient, body.Type = map[string]string{"id": to}, "RESPONSE"
		if age := o.Time().Sub(r.Thread.LastInbound); !r.Thread.LastInbound.IsZero() && age >= ResponseWindow {
			if r.Automatic {
				return channel.Receipt{}, lenient.Refuse("window", "the customer's last message is more than 24 hours old: only people may answer it now")
			}
			body.Type, body.Tag = "MESSAGE_TAG", "HUMAN_AGENT"
		}
	}
	var a struct {
		Recipient Text `json:"recipient_id"`
		Message   Text `json:"message_id"`
		ID        Text `json:"id"`
	}
	pause, err := Do(ctx, o, Call{Host: m.Host, Method: http.MethodPost, Path: []string{m.Account, "messages"}, JSON: body, Mailbox: true}, &a)
	if err != nil {
		if se := channel.AsSendError(err); private && se.Code == CodeReplied {
			// Only one can have arrived: ours, when its answer got lost.
			return channel.Receipt{ID: "private_reply/" + body.Recipient[ExtraComment] + body.Recipient[ExtraPost]}, nil
		}
		return channel.Receipt{}, err
	}
	receipt := channel.Receipt{ID: string(a.Message), Pause: pause}
	if receipt.ID == "" {
		receipt.ID = string(a.ID)
	}
	if receipt.ID == "" {
		return channel.Receipt{}, NoID()
	}
	if key := ThreadKey(o.Inbox.Account, string(a.Recipient)); a.Recipient != "" && key != r.Thread.Key {
		receipt.Thread = key
	}
	if private && a.Recipient != "" && string(a.Recipient) != r.Thread.With.ID {
		receipt.With = Handle(o.Inbox.Channel, o.Inbox.Account, string(a.Recipient))
	}
	return receipt, nil
}

// LookupDirect searches the conversation for a message of ours. A private reply
// can't be looked for, and need not: Meta refuses the second one.
func (m Mailbox) LookupDirect(ctx context.Context, o channel.Outlet, r channel.Reply, since time.Time) (channel.Receipt, bool, error) {
	to := r.To.ID
	if to == "" {
		to = r.Thread.With.ID
	}
	if _, private := invited(r.Thread); private || to == "" {
		return channel.Receipt{}, false, nil
	}
	var list struct {
		Data []struct {
			Messages struct {
				Data []Spoken `json:"data"`
			} `json:"messages"`
		} `json:"data"`
	}
	_, err := Do(ctx, o, Call{Host: m.Host, Method: http.MethodGet, Path: []string{m.Account, "conversations"}, Mailbox: true, Query: map[string][]string{
		"platform": {m.Platform}, "user_id": {to}, "fields": {"messages.limit(20){id,message,from,created_time}"},
	}}, &list)
	if err != nil {
		return channel.Receipt{}, false, err
	}
	for _, c := range list.Data {
		if id, ok := find(c.Messages.Data, o.Inbox.Account, r.Text, since); ok {
			return channel.Receipt{ID: id}, true, nil
		}
	}
	return channel.Receipt{}, false, nil
}

// Spoken is a message or comment as the Graph API lists it.
type Spoken struct {
	ID      Text `json:"id"`
	Message Text `json:"message"`
	Text    Text `json:"text"` // Instagram's comments
	From    struct {
		ID Text `json:"id"`
	} `json:"from"`
	Created   Text `json:"created_time"`
	Timestamp Text `json:"timestamp"` // Instagram's comments
}

// LookupComment searches the answers to a post or comment for one of ours.
func LookupComment(ctx context.Context, o channel.Outlet, c Call, text string, since time.Time) (channel.Receipt, bool, error) {
	var list struct {
		Data []Spoken `json:"data"`
	}
	if _, err := Do(ctx, o, c, &list); err != nil {
		return channel.Receipt{}, false, err
	}
	id, ok := find(list.Data, o.Inbox.Account, text, since)
	if !ok {
		return channel.Receipt{}, false, nil
	}
	return channel.Receipt{ID: id}, true, nil
}

// clockSlack allows for Meta's clock being behind ours.
const clockSlack = time.Minute

// find looks for what we said at or after since. Meta trims texts.
func find(list []Spoken, account, text string, since time.Time) (string, bool) {
	want := strings.Join(strings.Fields(text), " ")
	for _, s := range list {
		at, err := time.Parse("2006-01-02T15:04:05-0700", string(s.Created+s.Timestamp))
		if err == nil && at.Before(since.Add(-clockSlack)) {
			continue
		}
		ours := s.From.ID == "" || string(s.From.ID) == account
		if s.ID != "" && ours && strings.Join(strings.Fields(string(s.Message+s.Text)), " ") == want {
			return string(s.ID), true
		}
	}
	return "", false
}

// Lag is how long Meta may take to list what it took. Our own choice; Meta names no
// figure.
const Lag = 30 * time.Second

// Accepts reads the answer of a call that makes a comment.
func Accepts(ctx context.Context, o channel.Outlet, c Call) (channel.Receipt, error) {
	var a struct {
		ID Text `json:"id"`
	}
	pause, err := Do(ctx, o, c, &a)
	if err != nil {
		return channel.Receipt{}, err
	}
	if a.ID == "" {
		return channel.Receipt{}, NoID()
	}
	return channel.Receipt{ID: string(a.ID), Pause: pause}, nil
}

// DirectLimits bound a message of a conversation: its text may be split, since both
// apps show short messages one below the other.
func DirectLimits(most int, unit string, measure func(string) int) channel.Limits {
	return channel.Limits{Max: most, Unit: unit, Measure: measure, Parts: directParts}
}

const directParts = 4

// Bytes counts the bytes of a text in UTF-8.
func Bytes(text string) int { return len(text) }
