package docket_test

import (
	"fmt"
	"testing"
	"time"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
)

// What colleagues solved is counted with the commits: once, whatever the stream
// says again.
func TestSolvedIsCountedOncePerCommit(t *testing.T) {
	b := openTills(t, 3)
	for i, id := range b.cases {
		m := dockettest.Post(fmt.Sprint("again", i), fmt.Sprint("m", i), fmt.Sprint("author", i), "my bag", morning)
		b.MustFile(b.Deliver(m, casework.About{Topic: "baggage", Language: "en", Kind: "complaint", Urgency: "normal"}, morning))
		who := []string{"ines", "ines", "tom"}[i]
		b.MustDo(id, who, casework.Resolve{By: who}, morning.Add(time.Hour))
	}
	for range 3 {
		b.Rewind()
		b.CatchUp()
	}
	b.MustDo(b.cases[0], "ines", casework.Reopen{By: "ines", Why: "not yet"}, morning.Add(2*time.Hour))
	b.MustDo(b.cases[0], "ines", casework.Resolve{By: "ines"}, morning.Add(3*time.Hour))
	b.CatchUp()
	for _, topic := range []string{"baggage", ""} {
		got, err := b.Docket.Experts(t.Context(), casework.Wanted{Topic: topic, Language: "en", Now: morning})
		if err != nil || len(got) != 2 || got[0].Colleague != "ines" || got[0].Solved != 2 || got[1].Colleague != "tom" || got[1].Solved != 1 {
			t.Errorf("about %q: %+v, %v", topic, got, err)
		}
	}
	if got, err := b.Docket.Experts(t.Context(), casework.Wanted{Topic: "refund", Now: morning}); err != nil || len(got) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := b.Docket.Experts(t.Context(), casework.Wanted{Topic: "baggage", By: "ines", Now: morning}); err != nil || len(got) != 1 || got[0].Colleague != "tom" {
		t.Errorf("%+v, %v", got, err)
	}
}

// What a colleague is asked is found at once, and no more when it is answered.
func TestWhatAColleagueIsAskedIsListed(t *testing.T) {
	b := openTills(t, 2)
	asked := func(who string, want ...string) {
		t.Helper()
		views, next, err := b.Docket.List(t.Context(), docket.Filter{Asked: who}, "")
		if err != nil || next != "" || len(views) != len(want) {
			t.Fatalf("%d views, %q, %v", len(views), next, err)
		}
		for i, v := range views {
			if v.ID != want[i] {
				t.Errorf("%d is %s, want %s", i, v.ID, want[i])
			}
		}
	}
	at := morning.Add(time.Minute)
	b.MustDo(b.cases[1], "ines", casework.AskExpert{By: "ines", Colleague: "tom", Text: "Which form?"}, at)
	_, es := b.MustDo(b.cases[0], "ines", casework.AskExpert{By: "ines", Text: "Who is in charge?"}, at.Add(time.Minute))
	if e, ok := es[0].(casework.ExpertAsked); !ok || e.Colleague == "ines" {
		t.Fatalf("%+v", es)
	}
	b.MustDo(b.cases[0], "ines", casework.AskExpert{By: "ines", Colleague: "tom", Text: "And where?"}, at.Add(2*time.Minute))
	asked("tom", b.cases[1], b.cases[0])
	asked("ines")
	b.MustDo(b.cases[1], "tom", casework.Note{By: "tom", Text: "Form B"}, at.Add(3*time.Minute))
	asked("tom", b.cases[0])
	b.MustDo(b.cases[0], "ines", casework.Resolve{By: "ines"}, at.Add(4*time.Minute))
	asked("tom")
}
