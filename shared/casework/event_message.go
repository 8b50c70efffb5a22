package casework

import (
	"time"

	"ines/shared/message"
)

// What people outside the company said.
type (
	// MessageReceived files what somebody said.
	MessageReceived struct {
		Thread  string          `json:"thread"`
		Role    Role            `json:"role"`
		Message message.Message `json:"message"`
		About   About           `json:"about"`
		Item    string          `json:"item"` // the delivery item that brought it
	}
	// MessageEdited and MessageDeleted change an earlier message. Docket removes
	// a deleted message's text from the log itself.
	MessageEdited struct {
		Thread  string    `json:"thread"`
		Message string    `json:"message"`
		Text    string    `json:"text"`
		At      time.Time `json:"edited_at"`
		Item    string    `json:"item"`
	}
	MessageDeleted struct {
		Thread  string    `json:"thread"`
		Message string    `json:"message"`
		At      time.Time `json:"deleted_at"`
		Item    string    `json:"item"`
	}
)

// Role is who somebody is in a case.
type Role string

const (
	RoleCustomer    Role = "customer"
	RoleBystander   Role = "bystander"   // someone else in a public thread
	RoleParticipant Role = "participant" // someone else in a private one
)

func (MessageReceived) Kind() string { return "message_received" }
func (MessageEdited) Kind() string   { return "message_edited" }
func (MessageDeleted) Kind() string  { return "message_deleted" }
