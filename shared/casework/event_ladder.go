package casework

import "time"

// What the timers say before a deadline and after it.
type (
	// DeadlineNear warns whose it is before a deadline. For is first_answer,
	// next_answer, resolution, promise or approval, ID that of the promise or
	// approval.
	DeadlineNear struct {
		For  string    `json:"for"`
		ID   string    `json:"id,omitempty"`
		What string    `json:"what"`
		Due  time.Time `json:"due"`
		Who  []string  `json:"who,omitempty"` // colleagues; empty: the department
	}
	// Escalated is a step of the policy's ladder after a missed deadline: Who is
	// told, or, for hand_over, From loses the case to its Department. Do is ""
	// where the policy has lost the step since.
	Escalated struct {
		For        string    `json:"for"`
		ID         string    `json:"id,omitempty"`
		What       string    `json:"what"`
		Due        time.Time `json:"due"`
		Step       int       `json:"step"` // 1, 2, …
		Do         string    `json:"do"`
		Who        []string  `json:"who,omitempty"`
		From       string    `json:"from,omitempty"`
		Department string    `json:"department,omitempty"`
		Next       time.Time `json:"next,omitzero"` // when the next step is due
	}
)

func (DeadlineNear) Kind() string { return "deadline_near" }
func (Escalated) Kind() string    { return "escalated" }
