package casework

import (
	"time"

	"ines/shared/policy"
)

// Colleagues asking one another from inside a case.
type (
	// ExpertAsked asks a colleague who is likely to know. Why says how he was found.
	ExpertAsked struct {
		Question  string             `json:"question"` // its id
		Colleague string             `json:"colleague"`
		Topic     string             `json:"topic,omitempty"`
		Text      string             `json:"text"`
		Due       time.Time          `json:"due"`
		Warn      time.Time          `json:"warn,omitzero"`
		Why       policy.Explanation `json:"why"`
	}
	// ExpertAnswered says that the colleague who was asked has written a note. Who
	// are those who wait for it: who asked, and who has the case by now.
	ExpertAnswered struct {
		Question  string   `json:"question"`
		Colleague string   `json:"colleague"`
		What      string   `json:"what"`
		Who       []string `json:"who,omitempty"`
		Late      bool     `json:"late,omitempty"`
	}
	// ExpertOverdue says that nobody has answered in time. The ladder follows.
	ExpertOverdue struct {
		Question  string    `json:"question"`
		Colleague string    `json:"colleague"`
		What      string    `json:"what"`
		Due       time.Time `json:"due"`
		Next      time.Time `json:"next,omitzero"`
	}
	// ExpertReleased ends a question without an answer.
	ExpertReleased struct {
		Question  string `json:"question"`
		Colleague string `json:"colleague"`
		What      string `json:"what"`
		Why       string `json:"why"`
	}
)

func (ExpertAsked) Kind() string    { return "expert_asked" }
func (ExpertAnswered) Kind() string { return "expert_answered" }
func (ExpertOverdue) Kind() string  { return "expert_overdue" }
func (ExpertReleased) Kind() string { return "expert_released" }
