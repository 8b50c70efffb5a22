package desk

import (
	"net/http"
	"time"

	"ines/shared/casework"
	"ines/shared/policy"
)

// actionAnswer says that an action is done (Action) or waits for a yes (Approval).
type actionAnswer struct {
	Action   *actionJSON   `json:"action,omitempty"`
	Approval *approvalJSON `json:"approval,omitempty"`
	Why      string        `json:"why"`
	Case     caseJSON      `json:"case"`
}

// actionJSON is what was done. ID is for the company's systems: they carry it out
// once.
type actionJSON struct {
	ID       string `json:"id"`
	Action   string `json:"action"`
	State    string `json:"state"` // done
	Amount   string `json:"amount,omitempty"`
	Currency string `json:"currency,omitempty"`
	Approval string `json:"approval,omitempty"`
}

type approvalJSON struct {
	ID        string    `json:"id"`
	Action    string    `json:"action"`
	State     string    `json:"state"` // waiting, approved, declined, withdrawn
	Amount    string    `json:"amount,omitempty"`
	Currency  string    `json:"currency,omitempty"`
	By        string    `json:"by"` // who asked
	Approvers []string  `json:"approvers,omitempty"`
	Due       time.Time `json:"due,omitzero"`
}

func acted(o outcome) (any, int) {
	a, status := actionAnswer{Case: o.Case}, 0
	for _, e := range o.events {
		switch e := e.(type) {
		case casework.ActionTaken:
			a.Action = &actionJSON{ID: e.ID, Action: e.Action, State: "done", Amount: e.Amount, Currency: e.Currency, Approval: e.Approval}
			a.Why = e.Why.Text
		case casework.ApprovalRequested:
			for _, w := range o.Case.Approvals {
				if w.ID == e.Approval {
					a.Approval = &approvalJSON{ID: w.ID, Action: w.Action, State: "waiting", Amount: w.Amount, Currency: w.Currency, By: w.By, Approvers: w.Approvers, Due: w.Due}
				}
			}
			a.Why, status = e.Why.Text, http.StatusAccepted
		case casework.ApprovalGranted:
			a.Approval = &approvalJSON{ID: e.Approval, State: "approved", By: e.Asked}
		case casework.ApprovalDeclined:
			a.Approval = &approvalJSON{ID: e.Approval, State: "declined", By: e.Asked}
			if e.Withdrawn {
				a.Approval.State = "withdrawn"
			}
		}
	}
	if a.Approval != nil && a.Action != nil {
		a.Approval.Action, a.Approval.Amount, a.Approval.Currency = a.Action.Action, a.Action.Amount, a.Action.Currency
	}
	return a, status
}

// authorityActions are what is done for the customer beyond words.
var authorityActions = []action{
	{path: "actions", summary: "Do something for the customer: within your limits at once (201), above them it becomes an approval (202).",
		done: "It is done.", status: http.StatusCreated, also: http.StatusAccepted, answer: acted, shape: actionAnswer{},
		fields: []field{{name: "action", kind: text, required: true, doc: "one of the desk policy's actions, such as refund"},
			{name: "amount", kind: text, doc: "exact decimals, such as 200 or 199.99; needed where the action has limits"},
			{name: "currency", kind: text, doc: "ISO 4217, such as GBP; with the amount"},
			{name: "text", kind: text, required: true, doc: "why; who carries it out or approves it reads this"}},
		command: func(in input) (casework.Command, error) {
			cmd := casework.Act{By: in.by, Action: in.body.text("action"), Text: in.body.text("text")}
			amount, currency := in.body.text("amount"), in.body.text("currency")
			switch {
			case amount == "" && currency == "":
				return cmd, nil
			case amount == "":
				return cmd, invalid("amount", "How much? There is a currency and no amount.")
			case currency == "":
				return cmd, invalid("currency", "%s of what? Give the currency's three capitals, such as GBP.", amount)
			}
			m, err := policy.ParseMoney(amount, currency)
			if err != nil {
				return cmd, invalid("amount", "%s.", err)
			}
			cmd.Amount = m
			return cmd, nil
		}},
	{path: "approvals/{aid}/approve", summary: "Say yes to what a colleague asked for. It is done at once.", done: "Approved.", guarded: true,
		answer: acted, shape: actionAnswer{},
		fields: []field{{name: "text", kind: text, doc: "a word to go with it"}},
		command: func(in input) (casework.Command, error) {
			return casework.Approve{By: in.by, Approval: in.part, Text: in.body.text("text")}, nil
		}},
	{path: "approvals/{aid}/decline", summary: "Say no to what a colleague asked for, or take back what you asked for.", done: "Declined.",
		answer: acted, shape: actionAnswer{},
		fields: []field{{name: "text", kind: text, doc: "why not; who asked reads this"}},
		command: func(in input) (casework.Command, error) {
			return casework.Decline{By: in.by, Approval: in.part, Text: in.body.text("text")}, nil
		}},
}
