package channeltest

import (
	"testing"
	"time"

	"ines/shared/channel"
)

// freshening: the newest time is now, the distances stay, and the rest too.
func freshening(t *testing.T, ch channel.Channel, saved channel.Saved, c Config, f fixture) {
	before := cloneRequest(f.request)
	fresh, err := saved.Freshen(c.Inbox, f.request, c.Now)
	if f.busted() {
		return // it need not make sense of it, only survive
	}
	if err != nil {
		t.Fatalf("Freshen: %v", err)
	}
	if !sameRequest(before, f.request) {
		t.Error("Freshen changed the request it was given")
	}
	signed, err := saved.Sign(c.Inbox, c.Secrets, fresh, c.Now)
	if err != nil {
		t.Fatalf("Sign: %v", err)
	}
	if err := ch.Verify(c.Inbox, c.Secrets, signed, c.Now); err != nil {
		t.Errorf("freshened and signed: %v", err)
	}
	then := ch.Read(c.Inbox, f.envelope(c.Inbox))
	e := envelope(c.Inbox, signed, c.Now)
	e.Content = f.deposit
	now := ch.Read(c.Inbox, e)
	if len(then) != len(now) {
		t.Fatalf("freshened, there are %d items, not %d", len(now), len(then))
	}
	was, is := times(then), times(now)
	if len(was) != len(is) {
		t.Fatalf("freshened, there are %d times, not %d", len(is), len(was))
	}
	for i := range then {
		if then[i].Kind != now[i].Kind {
			t.Errorf("freshened, item %d is %s, not %s", i, now[i].Kind, then[i].Kind)
			continue
		}
		if a, b := then[i].Message, now[i].Message; a != nil && (a.Text != b.Text || !f.nameless() && (a.ID != b.ID || a.Thread != b.Thread)) {
			t.Errorf("freshened, item %d is another message: %+v, was %+v", i, b, a)
		}
	}
	if len(is) == 0 {
		return
	}
	newest := *is[0]
	for i := range is {
		if is[i].After(newest) {
			newest = *is[i]
		}
		// Platforms that count in whole seconds can be off by one.
		if d := is[i].Sub(*is[0]) - was[i].Sub(*was[0]); d > time.Second || d < -time.Second {
			t.Errorf("freshened, time %d is %v, was %v; the first %v, was %v", i, is[i], was[i], is[0], was[0])
		}
	}
	// A payload may hold a time somewhat later than any item's (its own).
	if newest.After(c.Now) || newest.Before(c.Now.Add(-time.Minute)) {
		t.Errorf("freshened at %v, the newest time is %v", c.Now, newest)
	}
}
