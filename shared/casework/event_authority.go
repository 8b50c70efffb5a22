package casework

import (
	"time"

	"ines/shared/policy"
)

// What colleagues do for the customer beyond words.
type (
	// ActionTaken is for the company's systems: do this, once. ID is never given
	// twice.
	ActionTaken struct {
		ID       string             `json:"action_id"`
		Action   string             `json:"action"`           // refund, voucher, …
		Amount   string             `json:"amount,omitempty"` // exact decimals: 200.00
		Currency string             `json:"currency,omitempty"`
		Text     string             `json:"text"`
		Customer string             `json:"customer"`           // his id
		Approval string             `json:"approval,omitempty"` // by which it was allowed
		Asked    string             `json:"asked_by,omitempty"` // who asked for that
		Charged  string             `json:"charged,omitempty"`  // the colleague whose day it counts in
		Day      string             `json:"day,omitempty"`      // that day, 2006-01-02
		Why      policy.Explanation `json:"why"`
	}
	// ApprovalRequested asks those who may for a yes.
	ApprovalRequested struct {
		Approval  string             `json:"approval"`
		Action    string             `json:"action"`
		Amount    string             `json:"amount,omitempty"`
		Currency  string             `json:"currency,omitempty"`
		Text      string             `json:"text"`
		Approvers []string           `json:"approvers"`
		Due       time.Time          `json:"due"`
		Warn      time.Time          `json:"warn,omitzero"`
		Why       policy.Explanation `json:"why"`
	}
	ApprovalGranted struct {
		Approval string `json:"approval"`
		What     string `json:"what"`
		Asked    string `json:"asked_by"`
		Text     string `json:"text,omitempty"`
		Late     bool   `json:"late,omitempty"`
	}
	// ApprovalDeclined is also how who asked takes it back.
	ApprovalDeclined struct {
		Approval  string `json:"approval"`
		What      string `json:"what"`
		Asked     string `json:"asked_by"`
		Text      string `json:"text,omitempty"`
		Withdrawn bool   `json:"withdrawn,omitempty"`
		Late      bool   `json:"late,omitempty"`
	}
	ApprovalOverdue struct {
		Approval string    `json:"approval"`
		What     string    `json:"what"`
		Due      time.Time `json:"due"`
		Next     time.Time `json:"next,omitzero"` // the ladder's first step
	}
)

func (ActionTaken) Kind() string       { return "action_taken" }
func (ApprovalRequested) Kind() string { return "approval_requested" }
func (ApprovalGranted) Kind() string   { return "approval_granted" }
func (ApprovalDeclined) Kind() string  { return "approval_declined" }
func (ApprovalOverdue) Kind() string   { return "approval_overdue" }

// Money is the amount, zero if there is none.
func (e ActionTaken) Money() policy.Money { return moneyOf(e.Amount, e.Currency) }

// moneyOf reads an amount that an event keeps. What can't be read counts as none:
// events are facts.
func moneyOf(amount, currency string) policy.Money {
	m, err := policy.ParseMoney(amount, currency)
	if err != nil {
		return policy.Money{}
	}
	return m
}
