package casework

import "ines/shared/policy"

// What colleagues do when two cases are one matter, and when they were not.
type (
	// MergedInto ends a case that turned out to be part of another. Where a
	// machine does it (the conversation was another case's from the beginning),
	// the messages are filed there too; where a colleague does, ByHand, they stay,
	// both timelines are read as one, and it can be undone.
	MergedInto struct {
		Case   string `json:"into"`
		Why    string `json:"why"`
		ByHand bool   `json:"by_hand,omitempty"`
		Was    Status `json:"was,omitempty"` // where the case stood
	}
	// CaseAbsorbed is the other side of it: from now on its threads are this
	// case's, and so is what was promised in it.
	CaseAbsorbed struct {
		Case     string                  `json:"from_case"`
		Customer Person                  `json:"customer"`
		Handles  []Person                `json:"handles,omitempty"`
		Threads  []Thread                `json:"threads"`
		Promises []Promise               `json:"promises,omitempty"`
		Given    map[string]policy.Money `json:"given,omitempty"` // what was done for the customer counts on
		Splits   map[string]Bystander    `json:"splits,omitempty"`
		Why      string                  `json:"why"`
	}
	// Unmerged makes a case its own again.
	Unmerged struct {
		From     string    `json:"from_case"`
		Why      string    `json:"why"`
		Promises []Promise `json:"promises,omitempty"` // those still open
		Resolved bool      `json:"resolved,omitempty"` // it was before it was merged
	}
	// AbsorptionUndone is the other side of it.
	AbsorptionUndone struct {
		Case     string   `json:"case"`
		Threads  []string `json:"threads"`
		Promises []string `json:"promises,omitempty"`
		Why      string   `json:"why"`
	}
)

func (MergedInto) Kind() string       { return "merged" }
func (CaseAbsorbed) Kind() string     { return "case_absorbed" }
func (Unmerged) Kind() string         { return "unmerged" }
func (AbsorptionUndone) Kind() string { return "absorption_undone" }
