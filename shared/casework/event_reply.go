package casework

import (
	"time"

	"ines/shared/message"
)

// What we say to the customer, and what became of it.
type (
	// ReplyRequested asks for a reply to be sent. Relay carries it to the
	// reply function.
	ReplyRequested struct {
		Reply     string         `json:"reply"` // its id
		Thread    string         `json:"thread"`
		To        message.Handle `json:"to,omitzero"`
		Parent    string         `json:"parent,omitempty"`
		Text      string         `json:"text"` // as it goes out, signed
		Subject   string         `json:"subject,omitempty"`
		Refs      []string       `json:"refs,omitempty"`
		Automatic bool           `json:"automatic,omitempty"`
		// Notice is a word about our own affairs (a promise that moves): it
		// answers nothing that the customer waits for.
		Notice bool `json:"notice,omitempty"`
		// Again says that we have answered the customer's last message there before.
		Again bool `json:"again,omitempty"`
		// Warned are the wording checks that the colleague sent it in spite of.
		Warned []string `json:"warned,omitempty"`
		// A long text goes out in several parts, each a reply of its own: Part of
		// Parts. After is the reply before it: without that one it makes no sense.
		Part  int    `json:"part,omitempty"`
		Parts int    `json:"parts,omitempty"`
		After string `json:"after,omitempty"`
	}
	ReplySent struct {
		Reply    string `json:"reply"`
		Thread   string `json:"thread"`
		Platform string `json:"platform_id"`
		Key      string `json:"thread_key,omitempty"`
		// With is who got it, where the platform names somebody else than we did.
		With message.Handle `json:"with,omitzero"`
		At   time.Time      `json:"sent_at"`
	}
	ReplyDelivered struct {
		Reply  string `json:"reply"`
		Thread string `json:"thread"`
	}
	ReplyRead struct {
		Reply  string `json:"reply"`
		Thread string `json:"thread"`
	}
	ReplyDelayed struct {
		Reply  string    `json:"reply"`
		Thread string    `json:"thread"`
		Until  time.Time `json:"until,omitzero"`
		Why    string    `json:"why"`
	}
	ReplyUnconfirmed struct {
		Reply  string `json:"reply"`
		Thread string `json:"thread"`
		Why    string `json:"why"`
	}
	ReplyFailed struct {
		Reply  string `json:"reply"`
		Thread string `json:"thread"`
		Class  string `json:"class"`
		Code   string `json:"code,omitempty"`
		Why    string `json:"why"`
	}
	WentPrivate struct {
		Thread  string `json:"thread"`
		Address string `json:"address,omitempty"`
		Reused  bool   `json:"reused,omitempty"`
	}
)

func (ReplyRequested) Kind() string   { return "reply_requested" }
func (ReplySent) Kind() string        { return "reply_sent" }
func (ReplyDelivered) Kind() string   { return "reply_delivered" }
func (ReplyRead) Kind() string        { return "reply_read" }
func (ReplyDelayed) Kind() string     { return "reply_delayed" }
func (ReplyUnconfirmed) Kind() string { return "reply_unconfirmed" }
func (ReplyFailed) Kind() string      { return "reply_failed" }
func (WentPrivate) Kind() string      { return "went_private" }
