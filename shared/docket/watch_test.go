package docket_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ines/shared/casework"
	"ines/shared/docket/dockettest"
)

// TestWhoeverHasAnOpenCaseIsStruckToo: after a day of history many customers whose
// cases are about something else write about one thing. That is a surge, though no
// case opens; the same from one loud author is none.
func TestWhoeverHasAnOpenCaseIsStruckToo(t *testing.T) {
	b := openStorm(t, storm)
	refund := casework.About{Topic: "refund", Language: "en", Kind: "complaint", Urgency: "normal"}
	at := morning
	var cases []string
	for range 13 { // one every two hours
		b.watch(at)
		cases = append(cases, b.stranded(1, refund, at)...)
		at = at.Add(2 * time.Hour)
	}
	again := func(n int, id string) {
		t.Helper()
		at = at.Add(time.Minute)
		thread := fmt.Sprint("s", n)
		b.MustFile(b.Deliver(dockettest.Post(id, thread, "author-"+thread, "and now it snows", at), snow, at))
		b.CatchUp()
	}
	for i := range 10 {
		again(0, fmt.Sprint("loud", i))
	}
	b.watch(at)
	if got := b.incidents(); len(got) != 0 {
		t.Fatalf("one loud author makes %+v", got)
	}
	for i := 1; i < 8; i++ {
		again(i, fmt.Sprint("late", i))
	}
	b.watch(at)
	got := b.incidents()
	if len(got) != 1 || got[0].Topic != "disruption" || !strings.HasPrefix(got[0].Why, "8 customers wrote about disruption within 1h,") {
		t.Fatalf("%+v", got)
	}
	for _, id := range cases {
		if c := b.MustLoad(id); c.About.Topic != "refund" {
			t.Errorf("%s is about %s now", id, c.About.Topic)
		}
	}
}
