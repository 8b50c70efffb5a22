package reply

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"ines/shared/channel"
	"ines/shared/docket"
	"ines/shared/policy"
	"ines/shared/secret"
)

// mute is a platform that took a reply, whose answer got lost, and which can't be
// asked.
type mute struct{ asked }

func (mute) Lookup(context.Context, channel.Outlet, channel.Reply, time.Time) (channel.Receipt, bool, error) {
	return channel.Receipt{}, false, fmt.Errorf("the provider: %w", channel.ErrNoLookup)
}

func TestPlatformThatCannotBeAsked(t *testing.T) {
	b := newBench(t, true, "taken, answer lost")
	b.Find = func(string) (channel.Channel, bool) { return mute{asked{b.platform}}, true }
	if b.deliver(t, b.job()) {
		t.Error("it comes again though nobody can be asked")
	}
	if l := b.ledger(t); l.State != docket.LedgerUnconfirmed || !strings.Contains(l.Detail, "can't be asked") || len(b.platform.calls) != 1 {
		t.Errorf("ledger %+v", l)
	}
}

func TestOwnRole(t *testing.T) {
	f := New(Config{Secrets: secret.Static{"token/keyed": {"AKIA1:own"}}, Role: func(context.Context) (string, error) { return "AKIA2:role:eu-west-1:session", nil }})
	for _, tc := range []struct{ inbox, provider, want string }{
		{"keyed", "ses", "AKIA1:own"},
		{"keyless", "ses", "AKIA2:role:eu-west-1:session"},
		{"keyless", "postmark", ""},
		{"keyless", "", ""},
	} {
		got, err := f.token(t.Context(), policy.Inbox{ID: tc.inbox, Provider: tc.provider})
		if got != tc.want || (err == nil) != (tc.want != "") {
			t.Errorf("%+v: %q, %v", tc, got, err)
		}
	}
	f.Role = nil
	if got, err := f.token(t.Context(), policy.Inbox{ID: "keyless", Provider: "ses"}); err == nil {
		t.Errorf("without a role: %q", got)
	}
}
