package reply

import (
	"slices"
	"testing"
	"time"

	"ines/shared/channel"
	"ines/shared/docket"
)

// keyed is a platform that takes a reply once, however often it is sent, as long as
// its key lives.
type keyed struct{ *platform }

func (keyed) Repeats(_ channel.Reply, first, now time.Time) bool { return now.Sub(first) < time.Hour }

// A platform that knows our key is asked by sending again; without an answer to the
// end, a person decides.
func TestUnknownRepliesAreSentAgainUnderTheirKey(t *testing.T) {
	for name, c := range map[string]struct {
		verdicts []string
		want     string
	}{
		"the answer got lost":   {[]string{"taken, answer lost"}, docket.LedgerSent},
		"it never arrived":      {[]string{"lost", "error 503, not taken"}, docket.LedgerSent},
		"nothing ever comes of": {slices.Repeat([]string{"lost"}, maxAttempts), docket.LedgerUnconfirmed},
	} {
		b := newBench(t, false, c.verdicts...)
		b.Reply.Find = func(string) (channel.Channel, bool) { return keyed{b.platform}, true }
		for range maxAttempts + 1 {
			b.deliver(t, b.job())
			b.Advance(2 * time.Minute)
		}
		l, _, err := b.Docket.Ledger(t.Context(), b.job().Reply.Reply)
		if err != nil {
			t.Fatal(err)
		}
		if l.State != c.want {
			t.Errorf("%s: %v after %d calls, %s", name, l.State, len(b.platform.calls), l.Detail)
		}
		if n := len(b.platform.calls); c.want == docket.LedgerSent && n != len(c.verdicts)+1 {
			t.Errorf("%s: %d calls", name, n)
		}
	}
	// The key has died: nothing is sent again blindly.
	b := newBench(t, false, "lost", "lost")
	b.Reply.Find = func(string) (channel.Channel, bool) { return keyed{b.platform}, true }
	b.deliver(t, b.job())
	b.Advance(2 * time.Hour)
	b.deliver(t, b.job())
	l, _, err := b.Docket.Ledger(t.Context(), b.job().Reply.Reply)
	if err != nil || l.State != docket.LedgerUnconfirmed {
		t.Errorf("after the key's life: %+v, %v", l, err)
	}
}
