package docket_test

import (
	"strings"
	"testing"
	"time"

	"ines/shared/casework"
	"ines/shared/channel/registry"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
	"ines/shared/message"
)

// consent is leo's word on direct messages.
func (b *bench) consent(id string, refused bool, at time.Time) docket.Incoming {
	in := b.Deliver(message.Message{}, casework.About{}, at)
	in.Item = message.Item{Kind: message.KindConsent, Consent: &message.Consent{Channel: "x", Inbox: "northline-x", Thread: "100-leo", ID: id,
		Author: message.Author{Handle: message.Handle{Channel: "x", ID: "leo"}}, Refused: refused, At: at, Why: "STOP"}}
	return in
}

// window is what a colleague reads of the thread with leo.
func (b *bench) window(c *casework.Case) casework.Window {
	b.t.Helper()
	for _, t := range c.Threads {
		if t.Visibility == message.Private {
			return docket.NewChannels(b.Policy, registry.Find).Window(t, morning.Add(time.Hour))
		}
	}
	b.t.Fatal("no private thread")
	return casework.Window{}
}

func TestWhoRefusesIsNotWrittenToUntilHeAllowsItAgain(t *testing.T) {
	b := newBench(t, docket.DefaultSettings)
	b.MustFile(b.Deliver(dockettest.DM("1", "leo", "where is my bag", morning), complaint, morning))
	stop := b.consent("2", true, morning.Add(time.Minute))
	b.MustFile(stop)
	b.MustFile(stop) // the queue delivered it again
	c := b.only()
	if w := b.window(c); w.State != "closed" || !strings.Contains(w.Why, "refused") || !strings.Contains(w.Why, "STOP") {
		t.Errorf("window %+v", w)
	}
	no, err := b.Refused(b.ctx(), "northline-x", message.Handle{Channel: "x", ID: "leo"})
	if err != nil || no == nil {
		t.Errorf("refusal %v, %v", no, err)
	}
	b.MustFile(b.consent("3", false, morning.Add(2*time.Minute)))
	b.MustFile(b.consent("4", true, morning.Add(-time.Hour))) // an old word that arrives late
	if w := b.window(b.only()); w.State != "open" {
		t.Errorf("he allowed it again and the window is %+v", w)
	}
	if got := b.Balance(); got[docket.OutcomeOptOut] != 2 || got[docket.OutcomeOptIn] != 1 || got[docket.OutcomeFiled] != 1 {
		t.Errorf("outcomes %v", got)
	}
}

func TestARefusalOpensNoCaseAndHoldsForTheNext(t *testing.T) {
	b := newBench(t, docket.DefaultSettings)
	b.MustFile(b.consent("1", true, morning))
	b.CatchUp()
	if ids := b.cases(); len(ids) != 0 {
		t.Fatalf("a refusal opened %v", ids)
	}
	b.MustFile(b.Deliver(dockettest.DM("2", "leo", "where is my bag", morning.Add(time.Minute)), complaint, morning.Add(time.Minute)))
	if w := b.window(b.only()); w.State != "closed" {
		t.Errorf("window %+v", w)
	}
}

func TestARefusalSurvivesFailuresOfTheTable(t *testing.T) {
	b := newBench(t, docket.DefaultSettings)
	b.MustFile(b.Deliver(dockettest.DM("1", "leo", "where is my bag", morning), complaint, morning))
	for i, plan := range [][]dockettest.Verdict{{dockettest.Fails}, {dockettest.Lost}, {dockettest.Works, dockettest.Lost}} {
		in := b.consent("stop"+string(rune('a'+i)), i%2 == 0, morning.Add(time.Duration(i)*time.Minute))
		b.Table.Plan(plan...)
		for range 5 {
			if b.Faulty.File(b.ctx(), in) == nil {
				break
			}
		}
		b.Table.Plan()
		b.MustFile(in)
	}
	if got := b.Balance(); got[docket.OutcomeOptOut] != 2 || got[docket.OutcomeOptIn] != 1 {
		t.Errorf("outcomes %v", got)
	}
	if w := b.window(b.only()); w.State != "closed" {
		t.Errorf("window %+v", w)
	}
}

func TestWhatAPlatformSaysYieldsToWhatThePersonSaidSince(t *testing.T) {
	b := newBench(t, docket.DefaultSettings)
	leo := message.Handle{Channel: "x", ID: "leo"}
	b.MustFile(b.consent("1", false, morning))
	late := *b.consent("r", true, morning.Add(-time.Second)).Item.Consent
	if err := b.NoteRefusal(b.ctx(), late); err != nil {
		t.Fatal(err)
	}
	if no, err := b.Refused(b.ctx(), "northline-x", leo); no != nil || err != nil {
		t.Errorf("refusal %v, %v", no, err)
	}
	late.At = morning.Add(time.Second)
	if err := b.NoteRefusal(b.ctx(), late); err != nil {
		t.Fatal(err)
	}
	if no, err := b.Refused(b.ctx(), "northline-x", leo); no == nil || err != nil {
		t.Errorf("refusal %v, %v", no, err)
	}
}
