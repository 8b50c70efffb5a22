package relay

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
)

// A free case of a department that pushes is offered, and who gave one up gets
// another; elsewhere people take the next one themselves.
func TestDepartmentsThatPushOfferTheirCases(t *testing.T) {
	b := newBench(t)
	offered := func(text string) (cases, refilled []string) {
		t.Helper()
		b.Relay.Policy = dockettest.Policy(t, text)
		b.twice(t)
		for _, w := range b.work() {
			switch {
			case w.Offer != nil:
				cases = append(cases, w.Case)
			case w.Refill != nil:
				refilled = append(refilled, w.Refill.Colleague)
			}
		}
		return cases, refilled
	}
	push := strings.Replace(listening, "default: true", "default: true, push: true", 1)
	b.say("1", "1", "leo", "complaint", morning)
	if cases, _ := offered(push); !slices.Equal(cases, []string{caseOf("1")}) {
		t.Errorf("opened: offered %v", cases)
	}
	b.do(caseOf("1"), casework.Claim{By: "ines"}, morning.Add(time.Minute))
	if cases, _ := offered(push); cases != nil {
		t.Errorf("claimed: offered %v", cases)
	}
	b.do(caseOf("1"), casework.Release{By: "ines"}, morning.Add(2*time.Minute))
	if cases, refilled := offered(push); !slices.Equal(cases, []string{caseOf("1")}) || !slices.Equal(refilled, []string{"ines"}) {
		t.Errorf("released: offered %v, more for %v", cases, refilled)
	}
	b.do(caseOf("1"), casework.Claim{By: "ines"}, morning.Add(3*time.Minute))
	b.do(caseOf("1"), casework.Resolve{By: "ines"}, morning.Add(4*time.Minute))
	if cases, refilled := offered(push); cases != nil || !slices.Equal(refilled, []string{"ines"}) {
		t.Errorf("resolved: offered %v, more for %v", cases, refilled)
	}
	b.say("2", "2", "mia", "complaint", morning)
	b.do(caseOf("2"), casework.Resolve{By: "ines"}, morning.Add(5*time.Minute))
	b.say("3", "3", "bo", "complaint", morning)
	if cases, refilled := offered(listening); cases != nil || refilled != nil {
		t.Errorf("no push: offered %v, more for %v", cases, refilled)
	}
	// One offer a commit, however often the stream brings it.
	a, err := docket.Work{Case: "c", Offer: &docket.Offer{Seq: 3}}.Message()
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := (docket.Work{Case: "c", Offer: &docket.Offer{Seq: 3}}).Message(); again.Dedupe != a.Dedupe {
		t.Error("the offer has two ids")
	}
}
