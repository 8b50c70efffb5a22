// Package email is the mail channel. Mail comes and goes through a provider that
// each inbox names; what is common to mail (identity, threads, quoted text,
// machines' mail) is here, and a provider is one file that knows its payloads and
// its API. It imports the contract, message and verify; the channel registry and
// the policy (for Providers) import it.
//
// A message is identified by its Message-ID header, a person by the lower-cased
// address in From. That address proves nothing: the DMARC result is in Extra.
package email

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"ines/shared/channel"
	"ines/shared/message"
)

const name = "email"

// maxText is what the strictest provider takes as a plain-text body, in bytes.
const maxText = 5_000_000

// provider is what a mail service's file gives. Implementations hold no state.
type provider interface {
	// verify's errors wrap channel.ErrSignature.
	verify(s channel.Secrets, r channel.Request) error
	sign(s channel.Secrets, r channel.Request) (channel.Request, error)
	freshen(r channel.Request, now time.Time) (channel.Request, error)
	read(in channel.Inbox, e message.Envelope) []message.Item
	// send gives the Message-ID that the mail went out with, without brackets.
	send(ctx context.Context, o channel.Outlet, m outgoing) (string, error)
	// lookup gives the same for a mail sent earlier.
	lookup(ctx context.Context, o channel.Outlet, m outgoing) (id string, found bool, err error)
	emulate(call channel.Call, earlier []channel.Call) (channel.CallAnswer, bool)
}

var providers = map[string]provider{
	"postmark": postmark{},
}

// Providers lists the mail services that an inbox may name, sorted.
func Providers() []string { return slices.Sorted(maps.Keys(providers)) }

func providerOf(in channel.Inbox) (provider, error) {
	p, ok := providers[in.Provider]
	if !ok {
		return nil, fmt.Errorf("inbox %q names mail provider %q; there is %s", in.ID, in.Provider, strings.Join(Providers(), ", "))
	}
	return p, nil
}

// Channel implements channel.Channel, Opener, Lookuper, Saved and Emulator.
type Channel struct{}

// Name implements channel.Channel.
func (Channel) Name() string { return name }

// Handshake implements channel.Channel. No provider here has one.
func (Channel) Handshake(channel.Inbox, channel.Secrets, channel.Request) (channel.Response, bool) {
	return channel.Response{}, false
}

// Verify implements channel.Channel.
func (Channel) Verify(in channel.Inbox, s channel.Secrets, r channel.Request, _ time.Time) error {
	p, err := providerOf(in)
	if err != nil {
		return fmt.Errorf("%w: %w", channel.ErrSignature, err)
	}
	return p.verify(s, r)
}

// Accepted implements channel.Channel: 200, empty.
func (Channel) Accepted() channel.Response { return channel.Response{Status: http.StatusOK} }

// Read implements channel.Channel.
func (Channel) Read(in channel.Inbox, e message.Envelope) []message.Item {
	p, err := providerOf(in)
	if err != nil {
		return []message.Item{unrecognised("", "%v", err)}
	}
	return p.read(in, e)
}

// Send implements channel.Channel. The Message-ID derives from the reply's id, so
// a bounce and the customer's answer name it. A first mail's thread is that id.
func (Channel) Send(ctx context.Context, o channel.Outlet, r channel.Reply) (channel.Receipt, error) {
	p, err := providerOf(o.Inbox)
	if err != nil {
		return channel.Receipt{}, &channel.SendError{Class: channel.Blocked, Code: "provider", Err: err}
	}
	if o.Token == "" {
		return channel.Receipt{}, &channel.SendError{Class: channel.Blocked, Code: "token", Detail: "the inbox has no sending credential"}
	}
	m, err := compose(o.Inbox, r)
	if err != nil {
		return channel.Receipt{}, err
	}
	id, err := p.send(ctx, o, m)
	if err != nil {
		return channel.Receipt{}, err
	}
	return receipt(r, id), nil
}

// Lag implements channel.Lookuper: providers list a mail within a minute.
func (Channel) Lag() time.Duration { return time.Minute }

// Lookup implements channel.Lookuper. Providers list a mail some seconds after
// they took it: ask a minute after sending or later.
func (Channel) Lookup(ctx context.Context, o channel.Outlet, r channel.Reply, _ time.Time) (channel.Receipt, bool, error) {
	p, err := providerOf(o.Inbox)
	if err != nil {
		return channel.Receipt{}, false, err
	}
	m, err := compose(o.Inbox, r)
	if err != nil {
		return channel.Receipt{}, false, err
	}
	id, found, err := p.lookup(ctx, o, m)
	if err != nil || !found {
		return channel.Receipt{}, false, err
	}
	return receipt(r, id), true, nil
}

func receipt(r channel.Reply, id string) channel.Receipt {
	rc := channel.Receipt{ID: id}
	if r.Thread.Key == "" {
		rc.Thread = id
	}
	return rc
}

// Window is always open: mail may be answered at any time.
func (Channel) Window(channel.Thread, time.Time) channel.Window {
	return channel.Window{State: channel.WindowOpen}
}

// Limits are the providers' bounds on a body, in bytes.
func (Channel) Limits(message.Visibility) channel.Limits {
	return channel.Limits{Max: maxText, Unit: "bytes", Measure: func(text string) int { return len(text) }}
}

// Freshen implements channel.Saved.
func (Channel) Freshen(in channel.Inbox, r channel.Request, now time.Time) (channel.Request, error) {
	p, err := providerOf(in)
	if err != nil {
		return channel.Request{}, err
	}
	return p.freshen(r, now)
}

// Sign implements channel.Saved.
func (Channel) Sign(in channel.Inbox, s channel.Secrets, r channel.Request, _ time.Time) (channel.Request, error) {
	p, err := providerOf(in)
	if err != nil {
		return channel.Request{}, err
	}
	return p.sign(s, r)
}

// Emulate implements channel.Emulator for the provider that the URL belongs to.
func (Channel) Emulate(call channel.Call, earlier []channel.Call) (channel.CallAnswer, bool) {
	for _, n := range Providers() {
		if a, ok := providers[n].emulate(call, earlier); ok {
			return a, true
		}
	}
	return channel.CallAnswer{}, false
}

func ignored(key, reason string) message.Item {
	return message.Item{Kind: message.KindIgnored, Key: key, Reason: reason}
}

func unrecognised(key, format string, args ...any) message.Item {
	return message.Item{Kind: message.KindUnrecognised, Key: key, Reason: fmt.Sprintf(format, args...)}
}
