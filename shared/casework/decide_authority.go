package casework

import (
	"slices"
	"strings"

	"ines/shared/policy"
)

// Commands about what is done for the customer beyond words.
type (
	Act struct {
		By, Action, Text string
		Amount           policy.Money // zero: none
	}
	Approve struct{ By, Approval, Text string }
	Decline struct{ By, Approval, Text string }
)

func (Act) command()     {}
func (Approve) command() {}
func (Decline) command() {}

// act does what the colleague may do by himself, and asks for an approval of what
// he may not.
func (d *draft) act(cmd Act) error {
	desk := d.env.Policy
	switch known := desk.Actions(); {
	case !slices.Contains(known, cmd.Action):
		return refuse(CodeInvalid, "The desk policy knows no action %q. There are %s.", cmd.Action, strings.Join(known, ", ")).with("actions", known)
	case strings.TrimSpace(cmd.Text) == "":
		return refuse(CodeInvalid, "Say why: who carries this out, and who approves it, reads it.")
	case cmd.Amount.IsZero() && desk.Limited(cmd.Action):
		return refuse(CodeInvalid, "How much? %s has limits, so it needs an amount and a currency.", cmd.Action)
	case !cmd.Amount.IsZero() && cmd.Amount.Units < 0:
		return refuse(CodeInvalid, "An amount is above zero.")
	}
	if err := d.open(); err != nil {
		return err
	}
	if err := d.mine("acted on it"); err != nil {
		return err
	}
	ask := d.ask(d.by, cmd.Action, cmd.Amount)
	ask.Today = d.today(cmd.Action, cmd.Amount)
	may := desk.May(ask)
	switch {
	case may.Allowed:
		d.emit(d.taken(cmd.Amount, ActionTaken{Action: cmd.Action, Text: cmd.Text, Why: may.Why}))
		return nil
	case len(may.Approvers) == 0:
		return refuse(CodeNotAllowed, "%s Nobody at this desk may say yes to it.", may.Why.Text).with("why", may.Why)
	}
	due := d.calendar().Add(d.env.Now, may.Within)
	d.emit(ApprovalRequested{Approval: d.derive("approval"), Action: cmd.Action, Amount: written(cmd.Amount), Currency: cmd.Amount.Currency, Text: cmd.Text, Approvers: may.Approvers,
		Due: due, Warn: d.warning(due), Why: may.Why})
	d.turn()
	return nil
}

// ask is the question to the policy; what the case has had counts, whoever gave it.
func (d *draft) ask(who, action string, amount policy.Money) policy.Ask {
	return policy.Ask{Colleague: who, Action: action, Amount: amount, InCase: d.c.given(action, amount.Currency)}
}

// today is what the commanding colleague's day has had.
func (d *draft) today(action string, amount policy.Money) policy.Money {
	return d.env.Today[SpentKey(action, amount.Currency)]
}

// SpentKey is the key of Env.Today.
func SpentKey(action, currency string) string { return givenKey(action, currency) }

// taken completes an action: an id of its own, and the day that it counts in.
func (d *draft) taken(amount policy.Money, e ActionTaken) ActionTaken {
	e.ID, e.Customer, e.Amount, e.Currency = d.derive("action"), d.c.Customer.ID, written(amount), amount.Currency
	if !amount.IsZero() {
		e.Charged, e.Day = d.by, d.env.Policy.Day(d.env.Now)
	}
	return e
}

func written(m policy.Money) string {
	if m.IsZero() {
		return ""
	}
	return m.Amount()
}

func (d *draft) approval(id string) (Approval, error) {
	if a, ok := d.c.Approval(id); ok {
		return a, d.open()
	}
	if i := slices.IndexFunc(d.c.Answered, func(a Answered) bool { return a.ID == id }); i >= 0 {
		a, said := d.c.Answered[i], "declined"
		if a.Granted {
			said = "approved"
		}
		return Approval{}, refuse(CodeAnswered, "%s has %s %s at %s: it waits for nobody any more.", d.name(a.By), said, a.What, d.stamp(a.At)).
			with("answered", a)
	}
	return Approval{}, refuse(CodeNotFound, "The case has no approval %q that waits for an answer.", id)
}

func (d *draft) approve(cmd Approve) error {
	a, err := d.approval(cmd.Approval)
	if err != nil {
		return err
	}
	if d.by == a.By {
		return refuse(CodeNotAllowed, "You asked for this yourself: somebody else has to approve it.").with("approvers", a.Approvers)
	}
	ask := d.ask(a.By, a.Action, a.Money())
	desk := d.env.Policy
	if !desk.MayApprove(d.by, ask) {
		return refuse(CodeNotAllowed, "%s is more than you may approve.", a.Words()).with("approvers", d.approvers(ask))
	}
	today := d.today(a.Action, a.Money())
	if !desk.DayAllows(d.by, ask, today) {
		return refuse(CodeNotAllowed, "%s would go beyond what you may give in a day: today has had %s.", a.Words(), today).with("approvers", d.approvers(ask))
	}
	d.emit(ApprovalGranted{Approval: a.ID, What: a.Words(), Asked: a.By, Text: cmd.Text, Late: a.Overdue})
	d.emit(d.taken(a.Money(), ActionTaken{Action: a.Action, Text: a.Text, Approval: a.ID, Asked: a.By,
		Why: policy.Explanation{Decision: "authority", Outcome: "approved", Rule: "authority", Text: d.name(d.by) + " approved what " + d.name(a.By) + " asked for.",
			Facts: map[string]any{"action": a.Action, "asked_by": a.By}}}))
	d.turn()
	return nil
}

// approvers may say yes to an ask as things stand now.
func (d *draft) approvers(ask policy.Ask) []string {
	var all []string
	for _, c := range d.env.Policy.Colleagues {
		if c.ID != d.by && d.env.Policy.MayApprove(c.ID, ask) {
			all = append(all, c.ID)
		}
	}
	return all
}

func (d *draft) decline(cmd Decline) error {
	a, err := d.approval(cmd.Approval)
	if err != nil {
		return err
	}
	own := d.by == a.By
	if !own && !slices.Contains(a.Approvers, d.by) && !d.env.Policy.MayApprove(d.by, d.ask(a.By, a.Action, a.Money())) {
		return refuse(CodeNotAllowed, "Only who may approve %s can decline it.", a.Words()).with("approvers", a.Approvers)
	}
	d.emit(ApprovalDeclined{Approval: a.ID, What: a.Words(), Asked: a.By, Text: cmd.Text, Withdrawn: own, Late: a.Overdue})
	d.turn()
	return nil
}
