// Package channeltest is the conformance suite that every channel's folder runs
// in its tests. It reads saved events (the HTTP API events that API Gateway would
// deliver), from the channel's testdata and from events/<channel>, and holds the
// channel against the contract of package channel. Tests import it, nothing else.
//
// A fixture's name may say what is special about it:
//
//	busted_*   is unreadable: Read must give unrecognised items and nothing else
//	*echo*     is our own words coming back: Read must give no message
//	*no_message_id*  has no id but what it says, its date included: with its
//	           times moved it is another message
//
// What Read makes of the other fixtures is kept in <golden>/<name>.items.json.
// With -update the suite writes these anew, and puts right the signature headers
// of the fixtures, made from the current secret at the event's own time.
package channeltest

import (
	"flag"
	"net/http"
	"testing"
	"time"

	"ines/shared/channel"
	"ines/shared/message"
)

var update = flag.Bool("update", false, "rewrite golden items and the fixtures' signatures")

// Config says what the suite can't find out by itself.
type Config struct {
	Inbox channel.Inbox
	// Secrets need two Sign values: the fixtures are signed with the first,
	// the second is the one before a rotation.
	Secrets channel.Secrets
	// WrongSecret is well-formed and not one of them; "" means that any
	// string will do.
	WrongSecret string
	// BodyUnsigned: the scheme authenticates the sender only (basic auth, a
	// shared token), so a changed body passes.
	BodyUnsigned bool
	// InBody: the signature is a part of the body (SNS, Mailgun), which Sign
	// changes then.
	InBody bool

	// Dirs hold the fixtures; default "testdata". Fixtures of other inboxes,
	// by the last part of their path, are left out.
	Dirs []string
	// Elsewhere is another account of ours there: no delivery may be filed under it.
	// "": deliveries don't say whose they are, their address alone does.
	Elsewhere string
	// Nameless are the fixtures that don't say it although others do.
	Nameless []string
	// Golden is the folder of the expected items; default "testdata".
	Golden string

	// Token is a sending credential, and Credential the part of it that must
	// be seen in a header or the URL of each call. For channels that sign
	// instead, leave Credential empty and set Check.
	Token      string
	Credential string
	// Check looks at a call more closely. Optional.
	Check func(t *testing.T, r channel.Reply, c channel.Call)
	// Sends are replies that the emulator must take, at least one, with
	// plain ASCII texts. Errors are tried with the first.
	Sends  []Send
	Errors []ErrorCase
	// NeverMissing: a look-up may fail for what was not sent, because the
	// platform's list is no proof of that.
	NeverMissing bool
	// Mute: the channel only listens. It takes no Sends, Errors and credentials;
	// the suite makes sure that it says so instead.
	Mute bool
	// Names and NameErrors are tried if the channel is a Namer; errors with the first.
	Names      []NameCase
	NameErrors []ErrorCase
	// Opens are tried if the channel is an Opener.
	Opens []OpenCase
	// Now is the time the tests take place; default noon on 20 November 2026.
	Now time.Time
}

// Send is a reply that works.
type Send struct {
	Name  string
	Reply channel.Reply
}

// ErrorCase is an answer of the platform and what Send must make of it.
type ErrorCase struct {
	Name   string
	Status int
	Header map[string]string
	Body   string
	Class  channel.Class
	Wait   time.Duration
	Code   string // compared if not ""
}

// OpenCase is an attempt to write first. Refused: the channel must say no.
type OpenCase struct {
	Name    string
	Address string
	Known   message.Handle
	Key     string
	With    message.Handle
	Refused bool
}

// Run holds the channel against the contract.
func Run(t *testing.T, ch channel.Channel, c Config) {
	c = c.complete(t)
	fixtures := loadFixtures(t, ch, c)
	if len(fixtures) == 0 {
		t.Fatalf("no saved events for inbox %q in %v", c.Inbox.ID, c.Dirs)
	}
	saved, ok := ch.(channel.Saved)
	if !ok {
		t.Fatalf("channel %q does not implement channel.Saved", ch.Name())
	}
	for _, f := range fixtures {
		t.Run(f.name, func(t *testing.T) {
			if resp, ok := ch.Handshake(c.Inbox, c.Secrets, f.request); ok {
				handshake(t, ch, c, f, resp)
				return
			}
			if *update {
				f.resign(t, saved, c)
			}
			t.Run("verify", func(t *testing.T) { verification(t, ch, saved, c, f) })
			t.Run("read", func(t *testing.T) { reading(t, ch, c, f) })
			t.Run("elsewhere", func(t *testing.T) { elsewhere(t, ch, c, f) })
			t.Run("noise", func(t *testing.T) { noise(t, ch, c, f) })
			t.Run("freshen", func(t *testing.T) { freshening(t, ch, saved, c, f) })
			t.Run("deposit", func(t *testing.T) { depositing(t, ch, c, f) })
		})
	}
	t.Run("accepted", func(t *testing.T) {
		if r := ch.Accepted(); r.Status < 200 || r.Status > 299 {
			t.Errorf("a durable delivery is answered with %d", r.Status)
		}
	})
	t.Run("empty", func(t *testing.T) { emptiness(t, ch, c) })
	t.Run("window", func(t *testing.T) { windows(t, ch, c, fixtures) })
	if c.Mute {
		t.Run("mute", func(t *testing.T) { muteness(t, ch, c) })
		return
	}
	t.Run("limits", func(t *testing.T) { limits(t, ch, c) })
	t.Run("send", func(t *testing.T) { sending(t, ch, c) })
	t.Run("errors", func(t *testing.T) { failing(t, ch, c) })
	t.Run("open", func(t *testing.T) { opening(t, ch, c) })
	t.Run("names", func(t *testing.T) { naming(t, ch, c) })
}

func (c Config) complete(t *testing.T) Config {
	t.Helper()
	if len(c.Secrets.Sign) < 2 || len(c.Sends) == 0 && !c.Mute || c.Inbox.ID == "" {
		t.Fatal("channeltest.Config needs an inbox, two signing secrets and a reply to send")
	}
	if c.Credential == "" && c.Check == nil && !c.Mute {
		t.Fatal("channeltest.Config needs Credential or Check: a call without credentials would pass")
	}
	if c.WrongSecret == "" {
		c.WrongSecret = "not:" + c.Secrets.Sign[0] + "-at-all"
	}
	if len(c.Dirs) == 0 {
		c.Dirs = []string{"testdata"}
	}
	if c.Golden == "" {
		c.Golden = "testdata"
	}
	if c.Now.IsZero() {
		c.Now = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	}
	return c
}

// handshake: what one secret answers, none answers differently, and without a
// secret nothing good is said.
func handshake(t *testing.T, ch channel.Channel, c Config, f fixture, resp channel.Response) {
	if resp.Status != http.StatusOK {
		t.Errorf("the handshake is answered with %d", resp.Status)
	}
	none := channel.Secrets{Sign: []string{""}}
	if len(c.Secrets.Verify) > 0 {
		none = channel.Secrets{Sign: c.Secrets.Sign}
	}
	if r, ok := ch.Handshake(c.Inbox, none, f.request); ok && r.Status < 400 && len(c.Secrets.Verify) > 0 {
		t.Errorf("without a handshake token the answer is %d", r.Status)
	} else if ok && r.Status < 400 && string(r.Body) == string(resp.Body) {
		t.Errorf("an empty secret gives the right answer")
	}
	if items := ch.Read(c.Inbox, f.envelope(c.Inbox)); len(items) > 0 && items[0].Kind == message.KindMessage {
		t.Errorf("the handshake reads as a message")
	}
}
