package docket_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
	"ines/shared/policy"
)

const limits = `
authority:
  - {action: refund, role: agent, up_to: [150 GBP], per_day: [400 GBP], approved_by: [lead]}
  - {action: refund, role: lead, per_day: [1000 GBP]}
cases: {zone: Pacific/Auckland}
`

type tills struct {
	*dockettest.Register
	t     *testing.T
	cases []string
}

func openTills(t *testing.T, n int) *tills {
	b := &tills{Register: dockettest.Open(t, dockettest.Setup{Policy: dockettest.Policy(t, dockettest.Desk+limits), Channels: anything{}}), t: t}
	for i := range n {
		m := dockettest.Post(fmt.Sprint("m", i), fmt.Sprint("m", i), fmt.Sprint("author", i), "charged twice", morning)
		b.MustFile(b.Deliver(m, complaint, morning))
		b.cases = append(b.cases, casework.CaseID("x", "northline-x", fmt.Sprint("m", i), ""))
	}
	return b
}

func pounds(t *testing.T, amount string) policy.Money {
	m, err := policy.ParseMoney(amount, "GBP")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (b *tills) refund(id, by, amount string, at time.Time) (done bool, approval string, err error) {
	_, events, err := b.Faulty.Do(b.t.Context(), docket.Order{Case: id, By: by, Now: at,
		Command: casework.Act{By: by, Action: "refund", Amount: pounds(b.t, amount), Text: "charged twice"}})
	for _, e := range events {
		switch e := e.(type) {
		case casework.ActionTaken:
			done = true
		case casework.ApprovalRequested:
			approval = e.Approval
		}
	}
	return done, approval, err
}

func (b *tills) day(by string, at time.Time) policy.Money {
	b.t.Helper()
	got, err := b.Spent(b.t.Context(), by, at)
	if err != nil {
		b.t.Fatal(err)
	}
	return got["refund GBP"]
}

// TestParallelActionsCantOverrunADay: twelve refunds of 100 pounds at once, in
// twelve cases, by one colleague who may give 400 a day: four are done, and eight
// wait for a yes.
func TestParallelActionsCantOverrunADay(t *testing.T) {
	b := openTills(t, 12)
	var mu sync.Mutex
	var wg sync.WaitGroup
	done, approvals := 0, map[string]string{}
	for _, id := range b.cases {
		wg.Go(func() {
			ok, approval, err := b.refund(id, "ines", "100", morning)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err != nil:
				t.Error(err)
			case ok:
				done++
			default:
				approvals[approval] = id
			}
		})
	}
	wg.Wait()
	if done != 4 || len(approvals) != 8 || b.day("ines", morning) != pounds(t, "400") {
		t.Fatalf("%d done, %d wait, the day has had %s", done, len(approvals), b.day("ines", morning))
	}
	// Saying yes counts in the day of who says it; no gives everything back: nothing
	// was taken.
	n := 0
	for approval, id := range approvals {
		var cmd casework.Command = casework.Approve{By: "tom", Approval: approval}
		if n++; n > 3 {
			cmd = casework.Decline{By: "tom", Approval: approval}
		}
		if _, _, err := b.Do(t.Context(), docket.Order{Case: id, By: "tom", Now: morning, Command: cmd}); err != nil {
			t.Fatal(err)
		}
	}
	if b.day("tom", morning) != pounds(t, "300") || b.day("ines", morning) != pounds(t, "400") {
		t.Errorf("tom %s, ines %s", b.day("tom", morning), b.day("ines", morning))
	}
}

// The day is the desk's, wherever the customer is: it ends at midnight in its zone,
// which is eleven in the morning in Greenwich.
func TestADayEndsAtTheDesksMidnight(t *testing.T) {
	b := openTills(t, 6)
	before := time.Date(2026, 11, 20, 10, 59, 0, 0, time.UTC)
	for i, tt := range []struct {
		at   time.Time
		done bool
	}{{before, true}, {before, true}, {before, false}, {before.Add(time.Minute), true}, {before.Add(time.Minute), true}, {before.Add(23 * time.Hour), false}} {
		if done, _, err := b.refund(b.cases[i], "ines", "150", tt.at); err != nil || done != tt.done {
			t.Errorf("refund %d at %s: done is %v, %v", i, tt.at, done, err)
		}
	}
}

// Whichever call to the table fails, and whether it was done before it failed: the
// day has had what the case has.
func TestTheDayMovesWithTheCommitOnly(t *testing.T) {
	b := openTills(t, 1)
	failed := 0
	for calls := range 8 {
		for _, v := range []dockettest.Verdict{dockettest.Fails, dockettest.Lost} {
			b.Table.Plan(append(make([]dockettest.Verdict, calls), v)...)
			if _, _, err := b.refund(b.cases[0], "ines", "1", morning); err != nil {
				failed++
			}
			b.Table.Plan()
			c, err := b.Load(t.Context(), b.cases[0])
			if err != nil {
				t.Fatal(err)
			}
			if day := b.day("ines", morning); day.Units != c.Given["refund GBP"].Units {
				t.Fatalf("call %d, verdict %d: the day has had %s, the case %v", calls, v, day, c.Given)
			}
		}
	}
	if failed == 0 || b.day("ines", morning).IsZero() {
		t.Errorf("%d failed, the day has had %s: nothing was tested", failed, b.day("ines", morning))
	}
}
