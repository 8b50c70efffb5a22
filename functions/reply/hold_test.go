package reply

import (
	"errors"
	"strings"
	"testing"
	"time"

	"ines/shared/docket"
	"ines/shared/message"
	"ines/shared/queue/consume"
	"ines/shared/secret"
)

// another is a reply in another conversation of the same inbox.
func (b *bench) another(id string) docket.ReplyJob {
	job := b.job()
	job.Reply.Reply, job.Thread.ID, job.Thread.Key = id, "t9", "9"
	return job
}

func TestABlockedInboxStopsAloneAndResumesByItself(t *testing.T) {
	b := newBench(t, false, "blocked")
	if !b.deliver(t, b.job()) || !b.deliver(t, b.another("r2")) {
		t.Fatal("a reply of a blocked inbox is not kept")
	}
	if len(b.platform.calls) != 1 {
		t.Fatalf("%d calls: the second reply tried a blocked inbox", len(b.platform.calls))
	}
	mail := b.another("r3")
	mail.Thread.Channel, mail.Thread.Inbox = "email", "northline-mail"
	if b.deliver(t, mail) {
		t.Fatal("another inbox stopped with it")
	}
	last := b.reports.got[len(b.reports.got)-2]
	if last.Reply != "r2" || last.State != "delayed" || !strings.Contains(last.Why, "northline-x is blocked") || last.Until.IsZero() {
		t.Errorf("the second reply's case was told %+v", last)
	}
	b.Advance(time.Minute)
	if b.deliver(t, b.another("r2")) || b.deliver(t, b.job()) {
		t.Fatal("the inbox works again and its replies still wait")
	}
	if h, err := b.Docket.Hold(t.Context(), "northline-x"); err != nil || h.State != "" {
		t.Errorf("hold %+v, %v", h, err)
	}
}

func TestABlockedInboxIsTriedByOneReplyAtATimeAndLessAndLessOften(t *testing.T) {
	b := newBench(t, false, "blocked", "blocked", "blocked", "blocked")
	b.deliver(t, b.job())
	for _, wait := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute} {
		before := len(b.platform.calls)
		b.Advance(wait - time.Second)
		b.deliver(t, b.job())
		b.deliver(t, b.another("r2"))
		if n := len(b.platform.calls) - before; n != 0 {
			t.Fatalf("%d tries before %v were over", n, wait)
		}
		b.Advance(time.Second)
		b.deliver(t, b.job())
		b.deliver(t, b.another("r2"))
		if n := len(b.platform.calls) - before; n != 1 {
			t.Fatalf("%d tries after %v, want one", n, wait)
		}
	}
}

func TestABlockedInboxResumesByHand(t *testing.T) {
	b := newBench(t, false, "blocked")
	b.deliver(t, b.job())
	if _, err := b.Docket.Resume(t.Context(), "northline-x"); err != nil {
		t.Fatal(err)
	}
	if b.deliver(t, b.job()) || len(b.platform.calls) != 2 {
		t.Fatal("it still waits")
	}
}

// A reply looks again often while the inbox has just been stopped, so that one that is
// let go by hand sends at once, and seldom after days.
func TestWaitingRepliesNoticeSoonThatAPersonLetTheInboxGo(t *testing.T) {
	b := newBench(t, false, "blocked", "blocked", "blocked", "blocked", "blocked", "blocked", "blocked", "blocked", "blocked", "blocked")
	stopped, looks := b.Now(), 0
	for b.Now().Sub(stopped) < 24*time.Hour {
		var later *consume.Later
		if err := b.send(t.Context(), b.job()); !errors.As(err, &later) {
			t.Fatalf("look %d: %v, want to be called later", looks, err)
		}
		if age := b.Now().Sub(stopped); later.After <= 0 || later.After > max(age/8, 5*time.Second) || later.After > 10*time.Minute {
			t.Fatalf("after %v it sleeps for %v", age, later.After)
		}
		b.platform.verdicts = append(b.platform.verdicts, "blocked")
		b.Advance(later.After)
		looks++
	}
	if looks > 250 {
		t.Errorf("%d looks in a day: the queue gives up on a message after 1000 deliveries", looks)
	}
}

func TestAnInboxWithoutCredentialWaitsForOneVisibly(t *testing.T) {
	b := newBench(t, false)
	with := b.Secrets
	b.Secrets = secret.Static{}
	if !b.deliver(t, b.job()) || len(b.platform.calls) != 0 {
		t.Fatal("the reply is not kept")
	}
	if got := b.reports.got[0]; got.State != "delayed" || !strings.Contains(got.Why, "no sending credential") {
		t.Fatalf("the case was told %+v", got)
	}
	b.Secrets = with
	b.Advance(time.Minute)
	if b.deliver(t, b.job()) || len(b.platform.calls) != 1 {
		t.Fatal("it was not sent when there was a credential")
	}
}

func TestARateLimitIsTheInboxsUnlessThePlatformSaysTheConversations(t *testing.T) {
	for verdict, calls := range map[string]int{"throttled": 1, "conversation throttled": 2} {
		b := newBench(t, false, verdict)
		b.deliver(t, b.job())
		b.deliver(t, b.another("r2"))
		if len(b.platform.calls) != calls {
			t.Errorf("%s: %d calls, want %d", verdict, len(b.platform.calls), calls)
		}
		b.Advance(90 * time.Second)
		if b.deliver(t, b.another("r2")) || b.deliver(t, b.job()) {
			t.Errorf("%s: they wait longer than they were told", verdict)
		}
	}
}

func TestNoPartGoesOutAfterOneThatFailed(t *testing.T) {
	for verdict, want := range map[string]string{"permanent": docket.LedgerFailed, "lost": docket.LedgerSent, "ok": docket.LedgerSent} {
		b := newBench(t, false, verdict)
		first, second := b.job(), b.job()
		first.Reply.Part, first.Reply.Parts = 1, 2
		second.Reply.Reply, second.Reply.Part, second.Reply.Parts, second.Reply.After = "r2", 2, 2, "r1"
		b.deliver(t, first)
		b.deliver(t, second)
		if l, _, err := b.Docket.Ledger(t.Context(), "r2"); err != nil || l.State != want {
			t.Errorf("after %q: %+v, %v, want %s", verdict, l, err, want)
		}
	}
}

func TestNobodyIsWrittenToWhoRefusedIt(t *testing.T) {
	b := newBench(t, false, "refused")
	job := b.job()
	job.Thread.Visibility = message.Private
	job.Reply.To = message.Handle{Channel: "x", ID: "77"}
	b.deliver(t, job) // the platform says so
	if len(b.reports.refusals) != 1 || !b.reports.refusals[0].Refused || b.reports.refusals[0].Author.Handle != job.Reply.To {
		t.Fatalf("the case was told %+v", b.reports.refusals)
	}
	next := job
	next.Reply.Reply, next.Thread.ID = "r2", "t9"
	if b.deliver(t, next) || len(b.platform.calls) != 1 {
		t.Fatal("he was written to all the same")
	}
	if got := b.reports.got[len(b.reports.got)-1]; got.State != "failed" || !strings.Contains(got.Why, "refused to be written to") {
		t.Errorf("the case was told %+v", got)
	}
}
