package casework

import (
	"time"

	"ines/shared/policy"
)

// Who is told of a case and who gets it, as the desk's rules have it.
type (
	// Matched says why a colleague gets this case now, or why this case is the
	// next for a colleague. What follows in the same commit is the claim.
	Matched struct {
		Colleague string             `json:"colleague"`
		How       string             `json:"how"` // push: the desk gave it; pull: he asked for the next
		Why       policy.Explanation `json:"why"`
	}
	// Spreading says that a public thread grows fast. Who is told and what is
	// proposed are for people: nothing else follows.
	Spreading struct {
		Thread   string             `json:"thread"`
		Replies  int                `json:"replies"` // by others, within the policy's time
		Reach    int64              `json:"reach"`   // of those who joined within it
		Who      []string           `json:"who,omitempty"`
		Proposed string             `json:"proposed,omitempty"` // go_private, unless the case has gone already
		Until    time.Time          `json:"until"`              // not told again before
		Why      policy.Explanation `json:"why"`
	}
)

// The ways to a case.
const (
	HowPush = "push"
	HowPull = "pull"
)

func (Matched) Kind() string   { return "matched" }
func (Spreading) Kind() string { return "spreading" }
