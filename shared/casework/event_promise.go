package casework

import "time"

// What colleagues said they would do.
type (
	// PromiseProposed is a promise with a time that was heard in a reply. Promise
	// is the id that it has once somebody makes it one.
	PromiseProposed struct {
		Promise string    `json:"promise"`
		Reply   string    `json:"reply"`
		Text    string    `json:"text"` // the sentence
		Due     time.Time `json:"due"`
		Owner   string    `json:"owner"`
	}
	// ProposalDismissed says that it was none.
	ProposalDismissed struct {
		Promise string `json:"promise"`
		What    string `json:"what"`
	}
	PromiseMade struct {
		Promise string    `json:"promise"`
		Text    string    `json:"text"`
		Due     time.Time `json:"due"`
		Owner   string    `json:"owner"`
		Reply   string    `json:"reply,omitempty"` // the reply that it was heard in
		Warn    time.Time `json:"warn,omitzero"`   // when its owner is warned
	}
	PromiseKept struct {
		Promise string `json:"promise"`
		What    string `json:"what"`
		Text    string `json:"text,omitempty"`
		Late    bool   `json:"late,omitempty"`
	}
	PromiseMoved struct {
		Promise string    `json:"promise"`
		What    string    `json:"what"`
		From    time.Time `json:"from"`
		Due     time.Time `json:"due"`
		Why     string    `json:"why"`
		Warn    time.Time `json:"warn,omitzero"`
		// Reply is the message that tells the customer; where there is none,
		// Untold says why.
		Reply  string `json:"reply,omitempty"`
		Untold string `json:"untold,omitempty"`
	}
	PromiseBroken struct {
		Promise string    `json:"promise"`
		What    string    `json:"what"`
		Due     time.Time `json:"due"`
		Owner   string    `json:"owner"`
		Next    time.Time `json:"next,omitzero"` // the ladder's first step
	}
	// PromiseHandedOver says who has to keep a promise now that the case changed
	// hands.
	PromiseHandedOver struct {
		Promise string    `json:"promise"`
		What    string    `json:"what"`
		Due     time.Time `json:"due"`
		From    string    `json:"from"`
		To      string    `json:"to"`
	}
)

func (PromiseProposed) Kind() string   { return "promise_proposed" }
func (ProposalDismissed) Kind() string { return "proposal_dismissed" }
func (PromiseMade) Kind() string       { return "promise_made" }
func (PromiseKept) Kind() string       { return "promise_kept" }
func (PromiseMoved) Kind() string      { return "promise_moved" }
func (PromiseBroken) Kind() string     { return "promise_broken" }
func (PromiseHandedOver) Kind() string { return "promise_handed_over" }
