package docket_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
)

var automaticDesk = func() string {
	var brands, communities, inboxes strings.Builder
	for n := range 5 {
		fmt.Fprintf(&brands, "\n  - {id: brand-%d}", n)
		fmt.Fprintf(&communities, "\n  - {id: brand-%d-en, brand: brand-%d, languages: [en]}", n, n)
		fmt.Fprintf(&inboxes, "\n  - {id: brand-%d-x, channel: x, account: \"20%d\", community: brand-%d-en}", n, n, n)
	}
	return strings.NewReplacer(`brands: [{id: northline, sign: "^{first_name}"}]`, "brands:\n  - {id: northline}"+brands.String(),
		"communities: [{id: northline-en, brand: northline, languages: [en]}]", "communities:\n  - {id: northline-en, brand: northline, languages: [en]}"+communities.String(),
		"inboxes:", "inboxes:"+inboxes.String()).Replace(dockettest.Desk) + answersDesk
}()

const answersDesk = `
topics: [{id: seat}]
automation: [{id: seat, topic: seat, text: {en: "Hi {first_name}, seats are chosen online."}}]
`

var sure = casework.About{Kind: "question", Urgency: "normal", Language: "en", Topic: "seat", TopicP: 0.97, TopicSure: true}

func automatic(t *testing.T) *bench {
	t.Helper()
	s := docket.DefaultSettings
	return &bench{dockettest.Open(t, dockettest.Setup{Policy: dockettest.Policy(t, automaticDesk), Settings: s, Channels: anything{}}), t, s}
}

// answers counts the automatic answers in the logs of some cases.
func (b *bench) answers(ids ...string) (n int) {
	b.t.Helper()
	for _, id := range ids {
		log, err := b.Log(b.ctx(), id, 0)
		if err != nil {
			b.t.Fatal(err)
		}
		for _, cm := range log {
			for _, e := range cm.Events {
				if _, ok := e.(casework.AutomaticAnswer); ok {
					n++
				}
			}
		}
	}
	return n
}

// One customer asks five brands of the company at once: no more is answered by the
// machine on a day than each of them says, however the five interleave.
func TestAutomaticAnswersADayAreBoundedForAPerson(t *testing.T) {
	b := automatic(t)
	var all sync.WaitGroup
	var ids []string
	ask := func(n int, at time.Time) docket.Incoming {
		m := dockettest.DM(fmt.Sprintf("%d-%d", n, at.Unix()), "leo", "window seat?", at)
		m.Inbox, m.Thread = fmt.Sprintf("brand-%d-x", n), fmt.Sprintf("%d-leo", n)
		return b.Deliver(m, sure, at)
	}
	for n := range 5 {
		in := ask(n, morning)
		ids = append(ids, casework.CaseID("x", fmt.Sprintf("brand-%d-x", n), fmt.Sprintf("%d-leo", n), ""))
		all.Go(func() {
			for range 2 { // and the queue delivers twice
				if err := b.File(b.ctx(), in); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if n := b.answers(ids...); n != 3 {
		t.Errorf("%d automatic answers on one day, want 3", n)
	}
	tomorrow := morning.Add(24 * time.Hour)
	for n := range 5 {
		b.MustFile(ask(n, tomorrow))
	}
	// Of the five, three come back to what was said: those are for people.
	if n := b.answers(ids...); n != 5 {
		t.Errorf("%d automatic answers after the next day, want 5", n)
	}
	b.CatchUp()
	counts, err := b.Automation(b.ctx(), docket.Period{})
	if got := counts["seat"]; err != nil || got.Answered != 5 || got.Outcomes[casework.OutcomeCameBack] != 3 {
		t.Errorf("counted %+v, %v", counts, err)
	}
}

// What moves to another case was answered where it was filed first.
func TestWhatIsFiledAgainIsNotAnsweredAgain(t *testing.T) {
	b := automatic(t)
	b.MustFile(b.Deliver(dockettest.DM("1", "leo", "seat?", morning), sure, morning))
	first := b.only()
	request := sure
	request.Kind = "request"
	b.MustFile(b.Deliver(post("10", "mia", "nobody answers", morning), complaint, morning))
	b.MustFile(b.Deliver(post("11", "sam", "I want another seat too", morning.Add(time.Minute)), request, morning.Add(time.Minute)))
	if err := b.OpenSplit(b.ctx(), "case-of-sam", docket.Split{From: dockettest.CaseOf("1"), Author: casework.Person{ID: "sam", Handle: post("", "sam", "", morning).Author.Handle}}); err != nil {
		t.Fatal(err)
	}
	if n := b.answers(first.ID); n != 1 {
		t.Errorf("%d answers, want 1", n)
	}
	if own := b.MustLoad("case-of-sam"); !own.Exists() || b.answers("case-of-sam") != 0 {
		t.Errorf("the split case: %+v", own)
	}
}
