package casework

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ines/shared/policy"
)

const limits = `
authority:
  - {action: refund, role: agent, up_to: [150 GBP], per_day: [400 GBP], approved_by: [lead]}
  - {action: refund, role: lead, up_to: [1000 GBP], per_day: [1200 GBP]}
  - {action: rebook, role: agent}
`

func pounds(t testing.TB, amount string) policy.Money {
	m, err := policy.ParseMoney(amount, "GBP")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func limited(t testing.TB) *file {
	f := open(t)
	f.desk = deskWith(t, limits)
	return f
}

func TestAuthorityWithinTheLimitIsJustDone(t *testing.T) {
	f := limited(t)
	e, _ := f.has(f.do("ines", Act{By: "ines", Action: "refund", Amount: pounds(t, "80"), Text: "charged twice"}), "action_taken").(ActionTaken)
	if e.ID == "" || e.Action != "refund" || e.Amount != "80.00" || e.Currency != "GBP" || e.Charged != "ines" || e.Day != "2026-11-20" ||
		e.Customer != f.c.Customer.ID || e.Approval != "" || e.Why.Rule != "authority[0]" || f.c.Owner != "ines" {
		t.Errorf("%+v", e)
	}
	second, _ := f.has(f.do("ines", Act{By: "ines", Action: "refund", Amount: pounds(t, "70"), Text: "and the seat"}), "action_taken").(ActionTaken)
	if second.ID == e.ID {
		t.Error("an id is used twice")
	}
	f.has(f.do("ines", Act{By: "ines", Action: "refund", Amount: pounds(t, "0.01"), Text: "a penny more"}), "approval_requested")
	rebooked, _ := f.has(f.do("ines", Act{By: "ines", Action: "rebook", Text: "on the 18:10"}), "action_taken").(ActionTaken)
	if rebooked.Charged != "" || rebooked.Amount != "" {
		t.Errorf("%+v", rebooked)
	}
	f.refused(CodeInvalid, "ines", Act{By: "ines", Action: "refund", Text: "some"})
	f.refused(CodeInvalid, "ines", Act{By: "ines", Action: "refnud", Amount: pounds(t, "1"), Text: "x"})
	f.refused(CodeInvalid, "ines", Act{By: "ines", Action: "rebook"})
	f.refused(CodeClaimed, "noor", Act{By: "noor", Action: "rebook", Text: "x"})
}

func TestAuthorityAboveTheLimitIsAnApprovalWithItsOwnClock(t *testing.T) {
	f := limited(t)
	f.do("ines", SendReply{By: "ines", Text: "on it"})
	for id := range f.c.Sendings {
		f.do("", ReportReply{Reply: id, State: "sent", At: f.now})
	}
	a, _ := f.has(f.do("ines", Act{By: "ines", Action: "refund", Amount: pounds(t, "200"), Text: "never booked"}), "approval_requested").(ApprovalRequested)
	if !slices.Equal(a.Approvers, []string{"tom"}) || !a.Due.Equal(f.now.Add(time.Hour)) || a.Why.Outcome != "needs approval" {
		t.Fatalf("%+v", a)
	}
	if f.c.Resolution.Paused {
		t.Error("the resolution clock stands still while we have something to decide")
	}
	f.refused(CodeOpenApproval, "ines", Resolve{By: "ines"})
	f.refused(CodeNotAllowed, "ines", Approve{By: "ines", Approval: a.Approval})
	f.refused(CodeNotAllowed, "noor", Approve{By: "noor", Approval: a.Approval})
	f.refused(CodeNotAllowed, "noor", Decline{By: "noor", Approval: a.Approval})
	f.refused(CodeNotFound, "tom", Approve{By: "tom", Approval: "none"})
	said := f.fire(f.now.Add(2 * time.Hour))
	for _, want := range []string{"09:50 near approval tom", "10:00 approval_overdue", "10:00 remind approval tom,", "11:00 tell_lead approval tom,"} {
		if !slices.Contains(said, want) {
			t.Errorf("%q is not among %q", want, said)
		}
	}
	events := f.do("tom", Approve{By: "tom", Approval: a.Approval, Text: "of course"})
	granted, _ := f.has(events, "approval_granted").(ApprovalGranted)
	taken, _ := f.has(events, "action_taken").(ActionTaken)
	if !granted.Late || granted.Asked != "ines" || taken.Approval != a.Approval || taken.Charged != "tom" || taken.Amount != "200.00" {
		t.Errorf("%+v %+v", granted, taken)
	}
	late := f.refused(CodeAnswered, "noor", Decline{By: "noor", Approval: a.Approval})
	if !strings.Contains(late.Detail, "Tom Reed has approved refund 200.00 GBP at ") {
		t.Error(late.Detail)
	}
	if len(f.c.Approvals) != 0 || f.c.given("refund", "GBP") != pounds(t, "200") {
		t.Errorf("%+v %v", f.c.Approvals, f.c.Given)
	}
	f.do("ines", Resolve{By: "ines"})
}

func TestDeclinedApprovalGivesNothing(t *testing.T) {
	f := limited(t)
	for _, by := range []string{"tom", "ines"} {
		a, _ := f.has(f.do("ines", Act{By: "ines", Action: "refund", Amount: pounds(t, "200"), Text: "x"}), "approval_requested").(ApprovalRequested)
		e, _ := f.has(f.do(by, Decline{By: by, Approval: a.Approval, Text: "no"}), "approval_declined").(ApprovalDeclined)
		if e.Withdrawn != (by == "ines") {
			t.Errorf("%+v", e)
		}
		f.refused(CodeAnswered, "tom", Approve{By: "tom", Approval: a.Approval})
	}
	if len(f.c.Given) != 0 {
		t.Errorf("given %v", f.c.Given)
	}
	f.has(f.do("ines", Act{By: "ines", Action: "refund", Amount: pounds(t, "150"), Text: "what I may"}), "action_taken")
}

func TestAuthorityCountsTheDayOfWhoSaysYes(t *testing.T) {
	f := limited(t)
	try := func(by string, cmd Command, today string) ([]Event, error) {
		env := f.env()
		env.Today = map[string]policy.Money{SpentKey("refund", "GBP"): pounds(t, today)}
		return Decide(f.c, cmd, env)
	}
	events, err := try("ines", Act{By: "ines", Action: "refund", Amount: pounds(t, "100"), Text: "x"}, "300.01")
	if err != nil {
		t.Fatal(err)
	}
	f.has(events, "approval_requested")
	a, _ := f.has(f.do("ines", Act{By: "ines", Action: "refund", Amount: pounds(t, "900"), Text: "x"}), "approval_requested").(ApprovalRequested)
	if _, err := try("tom", Approve{By: "tom", Approval: a.Approval}, "300.01"); err == nil || err.(*Refusal).Code != CodeNotAllowed {
		t.Errorf("beyond his day: %v", err)
	}
	if _, err := try("tom", Approve{By: "tom", Approval: a.Approval}, "300"); err != nil {
		t.Error(err)
	}
}

func TestWhatNobodyMayApproveIsRefused(t *testing.T) {
	f := limited(t)
	r := f.refused(CodeNotAllowed, "ines", Act{By: "ines", Action: "refund", Amount: pounds(t, "1000.01"), Text: "x"})
	if len(f.c.Approvals) != 0 || r.More["why"] == nil {
		t.Errorf("%+v", r)
	}
}
