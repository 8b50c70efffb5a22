package docket

import (
	"fmt"
	"time"

	"ines/shared/casework"
	"ines/shared/channel"
	"ines/shared/message"
	"ines/shared/policy"
)

// Channels lets casework ask the platforms' rules. It is pure as they are.
type Channels struct {
	policy *policy.Desk
	find   func(name string) (channel.Channel, bool)
}

// NewChannels makes the bridge; find is the registry's.
func NewChannels(desk *policy.Desk, find func(name string) (channel.Channel, bool)) Channels {
	return Channels{policy: desk, find: find}
}

var _ casework.Channels = Channels{}

// Window implements casework.Channels.
func (cs Channels) Window(t casework.Thread, now time.Time) casework.Window {
	ch, ok := cs.find(t.Channel)
	if !ok {
		return casework.Window{State: string(channel.WindowClosed), Why: "this desk does not speak " + t.Channel + " any more"}
	}
	if _, ok := cs.policy.Inbox(t.Inbox); !ok {
		return casework.Window{State: string(channel.WindowClosed), Why: "the inbox " + t.Inbox + " is not in the desk policy any more"}
	}
	if t.Refused != "" {
		return casework.Window{State: string(channel.WindowClosed), Why: "they refused to be written to here on " + t.ConsentAt.UTC().Format("2 January 2006") + ": " + t.Refused}
	}
	w := ch.Window(ThreadAt(t), now)
	return casework.Window{State: string(w.State), Until: w.Until, Why: w.Why, Machines: w.Machines}
}

// Measure implements casework.Channels.
func (cs Channels) Measure(t casework.Thread, text string) (length, limit int, unit string) {
	ch, ok := cs.find(t.Channel)
	if !ok {
		return 0, 0, ""
	}
	l := ch.Limits(t.Visibility)
	if l.Measure == nil {
		return 0, 0, ""
	}
	return l.Measure(text), l.Max, l.Unit
}

// Split implements casework.Channels.
func (cs Channels) Split(t casework.Thread, text string) ([]string, bool) {
	if t.Key == "" { // each part would begin a thread of its own
		return nil, false
	}
	ch, ok := cs.find(t.Channel)
	if !ok {
		return nil, false
	}
	return ch.Limits(t.Visibility).Split(text)
}

// Open implements casework.Channels.
func (cs Channels) Open(in policy.Inbox, address string, known message.Handle, public casework.Thread) (casework.Thread, error) {
	ch, ok := cs.find(in.Channel)
	if !ok {
		return casework.Thread{}, fmt.Errorf("this desk does not speak %s", in.Channel)
	}
	var t channel.Thread
	var err error
	opener, opens := ch.(channel.Opener)
	inviter, invites := ch.(channel.Inviter)
	switch {
	case opens:
		t, err = opener.Open(InboxAt(in, ""), address, known)
	case invites && address == "":
		t, err = inviter.Invite(InboxAt(in, ""), ThreadAt(public))
	default:
		err = fmt.Errorf("on %s the customer has to write first: ask for it in your reply", in.Channel)
	}
	if err != nil {
		return casework.Thread{}, err
	}
	return casework.Thread{Channel: in.Channel, Inbox: in.ID, Key: t.Key, Visibility: message.Private, With: t.With,
		Subject: t.Subject, Extra: t.Extra, LastInbound: t.LastInbound, LastID: t.LastID}, nil
}

// ThreadAt is a case's thread as its channel sees it.
func ThreadAt(t casework.Thread) channel.Thread {
	return channel.Thread{Channel: t.Channel, Inbox: t.Inbox, Key: t.Key, Visibility: t.Visibility, With: t.With,
		LastInbound: t.LastInbound, LastID: t.LastID, Extra: t.Extra, Subject: t.Subject}
}

// InboxAt is a policy's inbox as its channel sees it. publicURL is the address
// under which platforms reach us, without a slash at its end, or "".
func InboxAt(in policy.Inbox, publicURL string) channel.Inbox {
	c := channel.Inbox{ID: in.ID, Channel: in.Channel, Provider: in.Provider, Account: in.Account, Name: in.Name}
	if publicURL != "" {
		c.URL = publicURL + "/webhooks/" + in.Channel + "/" + in.ID
	}
	return c
}
