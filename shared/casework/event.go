package casework

import "time"

// Event is one fact about a case. Kind is its name in logs and on timelines.
//
// Logs outlive code: a released event may gain fields with a good zero value and
// never loses or renames one. If you add an event you must also add it to
// events (event_registry.go), to apply, and, if people should read it, see how Timeline shows it.
type Event interface{ Kind() string }

// Commit is one command's events: one entry of a case's log.
type Commit struct {
	Case   string    `json:"case"`
	Seq    int64     `json:"seq"` // 1, 2, …
	At     time.Time `json:"at"`
	By     string    `json:"by,omitempty"` // colleague id; "" is the desk itself
	Cause  Cause     `json:"cause"`
	Events Events    `json:"events"`
}

// Cause says what made a commit.
type Cause struct {
	Kind string `json:"kind"` // delivery, command, timer, reply, case
	// ID is the delivery item ("<envelope>#<index>"), the command's
	// idempotency key, or the reply that was reported.
	ID string `json:"id,omitempty"`
	// Outcome is the counted outcome of a delivery item that this commit ends,
	// and Items, on an envelope's first item, how many the envelope had.
	Outcome string `json:"outcome,omitempty"`
	Items   int    `json:"items,omitempty"`
}

// Events is a list that knows its own JSON: each event is an object with "kind".
type Events []Event
