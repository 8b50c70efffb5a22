package casework

import (
	"time"

	"ines/shared/policy"
)

// What a case is about, and how long an answer may take.
type (
	// Assessed records what the case is about and what follows from it.
	Assessed struct {
		About      About                `json:"about"`
		Segment    string               `json:"segment,omitempty"`
		Department string               `json:"department"`
		Skills     []string             `json:"skills,omitempty"`
		Targets    policy.Targets       `json:"targets"`
		Why        []policy.Explanation `json:"why"`
	}
	ClockSet struct {
		Clock   string    `json:"clock"`
		Started time.Time `json:"started"`
		Due     time.Time `json:"due"`
		Warn    time.Time `json:"warn,omitzero"` // when whose it is gets warned
		Why     string    `json:"why"`
	}
	ClockPaused struct {
		Clock string        `json:"clock"`
		Left  time.Duration `json:"left"`
	}
	ClockMet struct {
		Clock string    `json:"clock"`
		Due   time.Time `json:"due"`
		Late  bool      `json:"late,omitempty"`
		// Missed says that the clock's miss was told before: see ClockMissed.
		Missed  bool   `json:"missed,omitempty"`
		Channel string `json:"channel,omitempty"` // that the customer waited on
		// Took is how long he waited for an answer, 0 where none went out.
		Took time.Duration `json:"took,omitempty"`
	}
	ClockMissed struct {
		Clock string    `json:"clock"`
		Due   time.Time `json:"due"`
		Next  time.Time `json:"next,omitzero"` // the ladder's first step
		// Channel is where the customer waits.
		Channel string `json:"channel,omitempty"`
	}
)

func (Assessed) Kind() string    { return "assessed" }
func (ClockSet) Kind() string    { return "clock_set" }
func (ClockPaused) Kind() string { return "clock_paused" }
func (ClockMet) Kind() string    { return "clock_met" }
func (ClockMissed) Kind() string { return "clock_missed" }
