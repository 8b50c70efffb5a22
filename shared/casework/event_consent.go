package casework

import (
	"time"

	"ines/shared/message"
)

// ConsentChanged records the word of somebody outside on whether we may write to
// him in an inbox: STOP, a blocked bot, and their opposites.
type ConsentChanged struct {
	Channel string         `json:"channel"`
	Inbox   string         `json:"inbox"`
	Handle  message.Handle `json:"handle"`
	Refused bool           `json:"refused"`
	At      time.Time      `json:"said_at"`
	Why     string         `json:"why,omitempty"`
}

func (ConsentChanged) Kind() string { return "consent_changed" }
