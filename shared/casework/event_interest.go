package casework

import "ines/shared/policy"

// Interested says that a department wants to hear of a case that another owns, or
// may come to own: from now on it is told of everything that happens in it.
type Interested struct {
	Department string `json:"department"`
	Message    string `json:"message"` // the one that it wants
	Rule       string `json:"rule"`    // as the policy has it
	// Why has the facts that the rule saw.
	Why policy.Explanation `json:"why,omitzero"`
}

func (Interested) Kind() string { return "interested" }
