package channeltest

import (
	"testing"
	"time"

	"ines/shared/channel"
	"ines/shared/message"
)

// windows: whatever the thread, the answer is one of three, and says why when it
// is not "open".
func windows(t *testing.T, ch channel.Channel, c Config, fixtures []fixture) {
	threads := []channel.Thread{{}, {Channel: c.Inbox.Channel, Inbox: c.Inbox.ID, Key: "k", Visibility: message.Private}, {Channel: c.Inbox.Channel, Inbox: c.Inbox.ID, Key: "k", Visibility: message.Public}}
	for _, s := range c.Sends {
		threads = append(threads, s.Reply.Thread)
	}
	for _, f := range fixtures {
		for _, it := range ch.Read(c.Inbox, f.envelope(c.Inbox)) {
			if m := it.Message; m != nil {
				threads = append(threads, channel.Thread{Channel: m.Channel, Inbox: m.Inbox, Key: m.Thread, Visibility: m.Visibility, With: m.Author.Handle, LastInbound: m.SentAt, LastID: m.ID, Extra: m.Extra, Subject: m.Subject})
			}
		}
	}
	for _, th := range threads {
		for _, after := range []time.Duration{0, time.Hour, 400 * 24 * time.Hour} {
			now := th.LastInbound.Add(after)
			w := ch.Window(th, now)
			switch w.State {
			case channel.WindowOpen:
				if !w.Until.IsZero() && w.Until.Before(now) {
					t.Errorf("%s: open until %v, which is over at %v", th.Key, w.Until, now)
				}
			case channel.WindowTemplate, channel.WindowClosed:
				if w.Why == "" {
					t.Errorf("%s: %s, and nobody learns why", th.Key, w.State)
				}
			default:
				t.Errorf("%s: state %q", th.Key, w.State)
			}
		}
	}
}

// muteness: a channel that only listens is never open, says why, and calls nobody.
func muteness(t *testing.T, ch channel.Channel, c Config) {
	for _, v := range []message.Visibility{message.Public, message.Private} {
		th := channel.Thread{Channel: c.Inbox.Channel, Inbox: c.Inbox.ID, Key: "k", Visibility: v, LastInbound: c.Now}
		if w := ch.Window(th, c.Now); w.State != channel.WindowClosed || w.Why == "" {
			t.Errorf("%s: window %+v", v, w)
		}
		s := &sink{now: c.Now, inbox: c.Inbox.ID, answer: func(call channel.Call, _ []channel.Call) (channel.CallAnswer, error) {
			t.Errorf("%s: it calls %s", v, call.URL)
			return channel.CallAnswer{Status: 200}, nil
		}}
		if _, err := ch.Send(t.Context(), outlet(c, s), channel.Reply{ID: "r", Thread: th, Text: "words"}); err == nil || channel.AsSendError(err).Class != channel.Permanent {
			t.Errorf("%s: sending is %v", v, err)
		}
	}
}

// opening: writing first gives a private thread to somebody, or a sentence.
func opening(t *testing.T, ch channel.Channel, c Config) {
	opener, ok := ch.(channel.Opener)
	if !ok {
		if len(c.Opens) > 0 {
			t.Fatalf("channel %q is no channel.Opener", ch.Name())
		}
		return
	}
	if len(c.Opens) == 0 {
		t.Fatal("the channel is a channel.Opener and Config.Opens is empty")
	}
	if _, err := opener.Open(c.Inbox, "", message.Handle{}); err == nil {
		t.Error("opened a thread with nobody")
	}
	for _, o := range c.Opens {
		t.Run(o.Name, func(t *testing.T) {
			th, err := opener.Open(c.Inbox, o.Address, o.Known)
			if o.Refused {
				if err == nil || err.Error() == "" {
					t.Errorf("opened %+v, want a refusal", th)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if th.Channel != c.Inbox.Channel || th.Inbox != c.Inbox.ID || th.Visibility != message.Private || th.Key != o.Key || th.With != o.With {
				t.Errorf("opened %+v; want key %q with %+v", th, o.Key, o.With)
			}
		})
	}
}
