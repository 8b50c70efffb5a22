package reply

import (
	"strings"
	"testing"
	"time"
)

// An automatic answer makes sense now or never: an archive that is replayed, or a
// queue that stood, must not make a machine speak of yesterday.
func TestAnAutomaticAnswerIsSentFreshOrNotAtAll(t *testing.T) {
	for _, tc := range []struct {
		automatic bool
		late      time.Duration
		calls     int
	}{{true, 59 * time.Minute, 1}, {true, 61 * time.Minute, 0}, {false, 61 * time.Minute, 1}} {
		b := newBench(t, false)
		job := b.job()
		job.Reply.Automatic = tc.automatic
		b.Advance(tc.late)
		b.deliver(t, job)
		if len(b.platform.calls) != tc.calls {
			t.Errorf("%+v: %d calls", tc, len(b.platform.calls))
		}
		if l := b.ledger(t); tc.calls == 0 && (l.State != "failed" || !strings.Contains(l.Detail, "too late")) {
			t.Errorf("%+v: ledger %+v", tc, l)
		}
	}
	// One that may have been taken is looked after as ever.
	b := newBench(t, true, "taken, answer lost", "no look-ups")
	job := b.job()
	job.Reply.Automatic = true
	b.deliver(t, job)
	b.Advance(2 * time.Hour)
	for range 10 {
		b.deliver(t, job)
		b.Advance(2 * time.Minute)
	}
	if l := b.ledger(t); l.State != "sent" && l.State != "unconfirmed" || len(b.platform.calls) != 1 {
		t.Errorf("ledger %+v after %d calls", l, len(b.platform.calls))
	}
}
