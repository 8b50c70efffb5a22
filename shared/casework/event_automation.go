package casework

import (
	"time"

	"ines/shared/policy"
)

// What the machine said by itself, or why it did not, and what came of it.
type (
	// AutomaticAnswer says that the reply is one that no person wrote.
	AutomaticAnswer struct {
		Answer   string             `json:"answer"` // its id in the policy
		Thread   string             `json:"thread"`
		Message  string             `json:"message"` // what it answers
		Reply    string             `json:"reply"`
		Topic    string             `json:"topic"`
		Language string             `json:"language"`
		Deflect  string             `json:"deflect,omitempty"` // where it sends the customer: a channel or an address
		Quiet    time.Time          `json:"quiet"`             // when it counts as solved without another word
		Why      policy.Explanation `json:"why"`
	}
	// AnswerWithheld says why a message got no automatic answer.
	AnswerWithheld struct {
		Message string             `json:"message"`
		Answer  string             `json:"answer,omitempty"` // the one that it would have been
		Why     policy.Explanation `json:"why"`
	}
	// PersonAskedFor is a customer's wish to talk to a person. From then on no
	// machine answers in the case.
	PersonAskedFor struct {
		Thread  string `json:"thread"`
		Message string `json:"message"`
		Found   string `json:"found"` // the words that say so
	}
	// AutomationOutcome ends the measuring of an automatic answer: see the
	// outcomes' names.
	AutomationOutcome struct {
		Answer  string             `json:"answer"`
		Reply   string             `json:"reply"`
		Outcome string             `json:"outcome"`
		Message string             `json:"message,omitempty"` // the customer's next, if that decided it
		Why     policy.Explanation `json:"why"`
	}
)

func (AutomaticAnswer) Kind() string   { return "automatic_answer" }
func (AnswerWithheld) Kind() string    { return "answer_withheld" }
func (PersonAskedFor) Kind() string    { return "person_asked_for" }
func (AutomationOutcome) Kind() string { return "automation_outcome" }
