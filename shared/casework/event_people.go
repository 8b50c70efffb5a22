package casework

import (
	"time"
)

// What colleagues do with a case among themselves.
type (
	Claimed struct {
		Lease time.Duration `json:"lease"`
		Until time.Time     `json:"until"`
		Why   string        `json:"why,omitempty"`
	}
	ClaimExpired struct {
		Colleague string    `json:"colleague"`
		Idle      time.Time `json:"idle_since"`
	}
	Released struct {
		Colleague string `json:"colleague"`
	}
	TakenOver struct {
		From  string        `json:"from"`
		Why   string        `json:"why"`
		Lease time.Duration `json:"lease"`
		Until time.Time     `json:"until"`
	}
	Assigned struct {
		Colleague string        `json:"colleague"`
		From      string        `json:"from,omitempty"`
		Lease     time.Duration `json:"lease"`
		Until     time.Time     `json:"until"`
	}
	Transferred struct {
		From       string `json:"from"`
		Department string `json:"department"`
		Why        string `json:"why"`
	}
	NoteAdded struct {
		Text     string   `json:"text"`
		Mentions []string `json:"mentions,omitempty"`
	}
	CallLogged struct {
		Number    string `json:"number"`
		Direction string `json:"direction"`
		Outcome   string `json:"outcome"`
		Text      string `json:"text,omitempty"`
	}
	Snoozed struct {
		Until time.Time `json:"until"`
	}
	Woken struct {
		Why string `json:"why"`
	}
	Resolved struct {
		Text string `json:"text,omitempty"`
		// Solvers are the colleagues who count as having solved it, Topic and
		// Language what.
		Solvers  []string `json:"solvers,omitempty"`
		Topic    string   `json:"topic,omitempty"`
		Language string   `json:"language,omitempty"`
	}
	Reopened struct {
		Why string `json:"why"`
	}
)

func (Claimed) Kind() string      { return "claimed" }
func (ClaimExpired) Kind() string { return "claim_expired" }
func (Released) Kind() string     { return "released" }
func (TakenOver) Kind() string    { return "taken_over" }
func (Assigned) Kind() string     { return "assigned" }
func (Transferred) Kind() string  { return "transferred" }
func (NoteAdded) Kind() string    { return "note_added" }
func (CallLogged) Kind() string   { return "call_logged" }
func (Snoozed) Kind() string      { return "snoozed" }
func (Woken) Kind() string        { return "woken" }
func (Resolved) Kind() string     { return "resolved" }
func (Reopened) Kind() string     { return "reopened" }
