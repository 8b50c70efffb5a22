package casework

import (
	"slices"
	"time"

	"ines/shared/policy"
)

// Approval is an action that waits for somebody's yes.
type Approval struct {
	ID        string    `json:"id"`
	Action    string    `json:"action"`
	Amount    string    `json:"amount,omitempty"`
	Currency  string    `json:"currency,omitempty"`
	Text      string    `json:"text"`
	By        string    `json:"by"` // who asked
	At        time.Time `json:"at"`
	Approvers []string  `json:"approvers"` // who could say yes when it was asked
	Due       time.Time `json:"due"`
	Overdue   bool      `json:"overdue,omitempty"`
	Watch
}

// Answered is an approval that had its answer: whoever comes after learns who gave it.
type Answered struct {
	ID      string    `json:"id"`
	What    string    `json:"what"`
	By      string    `json:"by"`
	At      time.Time `json:"at"`
	Granted bool      `json:"granted,omitempty"`
}

// maxAnswered bounds how many a case keeps in mind.
const maxAnswered = 10

// Words names what is asked for: refund 200.00 GBP.
func (a *Approval) Words() string { return actionWords(a.Action, a.Money()) }

// Money is the amount, zero if there is none.
func (a *Approval) Money() policy.Money { return moneyOf(a.Amount, a.Currency) }

func actionWords(name string, amount policy.Money) string {
	if amount.IsZero() {
		return name
	}
	return name + " " + amount.String()
}

// Approval finds an approval that waits.
func (c *Case) Approval(id string) (Approval, bool) {
	i := slices.IndexFunc(c.Approvals, func(a Approval) bool { return a.ID == id })
	if i < 0 {
		return Approval{}, false
	}
	return c.Approvals[i], true
}

// AwaitsYesOf reports whether a colleague could say yes to one of the approvals.
func AwaitsYesOf(all []Approval, colleague string) bool {
	return slices.ContainsFunc(all, func(a Approval) bool { return slices.Contains(a.Approvers, colleague) })
}

// given is what the case has had of an action in a currency.
func (c *Case) given(name, currency string) policy.Money { return c.Given[givenKey(name, currency)] }

func givenKey(name, currency string) string { return name + " " + currency }

func (c *Case) applyAuthority(by string, at time.Time, e Event) {
	answered := func(id, what string, granted bool) {
		c.Approvals = slices.DeleteFunc(c.Approvals, func(a Approval) bool { return a.ID == id })
		c.Answered = append(c.Answered[max(0, len(c.Answered)+1-maxAnswered):], Answered{ID: id, What: what, By: by, At: at, Granted: granted})
	}
	switch e := e.(type) {
	case ActionTaken:
		amount := e.Money()
		if amount.IsZero() {
			return
		}
		if c.Given == nil {
			c.Given = map[string]policy.Money{}
		}
		k := givenKey(e.Action, amount.Currency)
		c.Given[k] = c.Given[k].Plus(amount)
	case ApprovalRequested:
		c.Approvals = append(c.Approvals, Approval{ID: e.Approval, Action: e.Action, Amount: e.Amount, Currency: e.Currency, Text: e.Text, By: by, At: at,
			Approvers: slices.Clone(e.Approvers), Due: e.Due, Watch: Watch{Warn: e.Warn}})
	case ApprovalGranted:
		answered(e.Approval, e.What, true)
	case ApprovalDeclined:
		answered(e.Approval, e.What, false)
	case ApprovalOverdue:
		for i := range c.Approvals {
			if a := &c.Approvals[i]; a.ID == e.Approval {
				a.Overdue, a.Warn, a.Next = true, time.Time{}, e.Next
			}
		}
	}
}
