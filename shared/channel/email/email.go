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

// maxText is what a case keeps of a text and a signature below it, in bytes: the
// strictest provider takes a hundred times as much.
const maxText = message.MaxText + 1<<10

// provider is what a mail service's file gives. Implementations hold no state.
type provider interface {
	// verify's errors wrap channel.ErrSignature or channel.ErrNotNow.
	verify(s channel.Secrets, r channel.Request, now time.Time) error
	sign(s channel.Secrets, r channel.Request, now time.Time) (channel.Request, error)
	freshen(r channel.Request, now time.Time) (channel.Request, error)
	// read gives the mail that a delivery carries, or else (false) the items of
	// what it is about.
	read(in channel.Inbox, e message.Envelope) (incoming, bool, []message.Item)
	send(ctx context.Context, o channel.Outlet, m outgoing) (taken, error)
	// lookup gives the Message-ID of a mail sent earlier. The error may be
	// channel.ErrNoLookup.
	lookup(ctx context.Context, o channel.Outlet, m outgoing) (id string, found bool, err error)
	emulate(call channel.Call, earlier []channel.Call) (channel.CallAnswer, bool)
}

// taken is a provider's word that it took a mail.
type taken struct {
	id    string        // the Message-ID that it went out with, without brackets
	pause time.Duration // see channel.Receipt
}

var providers = map[string]provider{
	"mailgun":  mailgun{},
	"postmark": postmark{},
	"sendgrid": sendgrid{},
	"ses":      ses{},
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

// Channel implements channel.Channel, Opener, Lookuper, Fetcher, Encloser, Depositor,
// Confirmer, Saved and Emulator.
type Channel struct{}

var (
	_ channel.Opener    = Channel{}
	_ channel.Lookuper  = Channel{}
	_ channel.Fetcher   = Channel{}
	_ channel.Encloser  = Channel{}
	_ channel.Depositor = Channel{}
	_ channel.Confirmer = Channel{}
	_ channel.Saved     = Channel{}
	_ channel.Emulator  = Channel{}
)

// Name implements channel.Channel.
func (Channel) Name() string { return name }

// Handshake implements channel.Channel. No provider here has one.
func (Channel) Handshake(channel.Inbox, channel.Secrets, channel.Request) (channel.Response, bool) {
	return channel.Response{}, false
}

// Verify implements channel.Channel.
func (Channel) Verify(in channel.Inbox, s channel.Secrets, r channel.Request, now time.Time) error {
	p, err := providerOf(in)
	if err != nil {
		return fmt.Errorf("%w: %w", channel.ErrSignature, err)
	}
	return p.verify(s, r, now)
}

// Confirm implements channel.Confirmer for SES: SNS wants to be told that a topic
// may deliver here.
func (Channel) Confirm(in channel.Inbox, s channel.Secrets, r channel.Request) (*http.Request, error) {
	if in.Provider != "ses" {
		return nil, nil
	}
	return confirmation(s, r)
}

// Accepted implements channel.Channel: 200, empty.
func (Channel) Accepted() channel.Response { return channel.Response{Status: http.StatusOK} }

// Read implements channel.Channel.
func (Channel) Read(in channel.Inbox, e message.Envelope) []message.Item {
	p, err := providerOf(in)
	if err != nil {
		return []message.Item{unrecognised("", "%v", err)}
	}
	m, is, items := p.read(in, e)
	if is {
		items = m.items(in, e)
	}
	return items
}

// Enclosed implements channel.Encloser.
func (Channel) Enclosed(in channel.Inbox, e message.Envelope) func(message.Attachment) ([]byte, error) {
	p, err := providerOf(in)
	if err != nil {
		return func(message.Attachment) ([]byte, error) { return nil, err }
	}
	m, is, _ := p.read(in, e)
	return func(a message.Attachment) ([]byte, error) {
		n, ok := partNumber(a.Ref)
		switch {
		case !is || !ok || n >= len(m.parts):
			return nil, fmt.Errorf("the delivery has no file %q", a.Ref)
		case m.verdicts["virus"] == "fail":
			return nil, fmt.Errorf("the mail service found a virus in this mail; its file %q is not handed out", a.Ref)
		case m.parts[n].content == nil:
			return nil, fmt.Errorf("the file %q is not within the delivery", a.Ref)
		}
		content := m.parts[n].content()
		if content == nil {
			return nil, fmt.Errorf("the file %q can't be decoded", a.Ref)
		}
		return content, nil
	}
}

// Locate implements channel.Fetcher for what a provider keeps in its own store.
func (Channel) Locate(ctx context.Context, o channel.Outlet, a message.Attachment) (*http.Request, error) {
	if o.Inbox.Provider == "mailgun" && a.URL != "" {
		return mailgunFile(ctx, o, a)
	}
	return nil, refuse("file", fmt.Sprintf("%s keeps no file %q", o.Inbox.Provider, a.Ref+a.URL))
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
	t, err := p.send(ctx, o, m)
	if err != nil {
		return channel.Receipt{}, err
	}
	rc := receipt(r, t.id)
	rc.Pause = t.pause
	return rc, nil
}

// Lag implements channel.Lookuper: providers list a mail within a minute.
func (Channel) Lag() time.Duration { return time.Minute }

// Lookup implements channel.Lookuper. Postmark lists a mail some seconds after it
// took it: ask a minute after sending or later. Mailgun's list may lag by half an
// hour, so it only ever says yes; SES and SendGrid can't be asked.
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

// Limits are the bounds of a body, in bytes.
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
func (Channel) Sign(in channel.Inbox, s channel.Secrets, r channel.Request, now time.Time) (channel.Request, error) {
	p, err := providerOf(in)
	if err != nil {
		return channel.Request{}, err
	}
	return p.sign(s, r, now)
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
