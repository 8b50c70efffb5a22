package message

import "time"

// ItemKind says what one item of a delivery turned out to be.
type ItemKind string

const (
	KindMessage      ItemKind = "message"      // a person said something: Item.Message
	KindEdit         ItemKind = "edit"         // a message has new text: Item.Edit
	KindDelete       ItemKind = "delete"       // a message was withdrawn: Item.Delete
	KindReport       ItemKind = "report"       // the platform says what became of a reply: Item.Report
	KindConsent      ItemKind = "consent"      // somebody refuses to be written to, or allows it again: Item.Consent
	KindEcho         ItemKind = "echo"         // our own words coming back
	KindIgnored      ItemKind = "ignored"      // a known shape of no interest: Item.Reason says which
	KindUnrecognised ItemKind = "unrecognised" // a shape we don't know: visible, payload kept in the archive
)

// Item is one entry of a delivery (Meta, LINE and X batch several in one
// request). Every item ends in exactly one counted outcome.
type Item struct {
	Kind ItemKind `json:"kind"`
	// Key identifies the item for people who trace it: the event's own id
	// where there is one.
	Key string `json:"key,omitempty"`
	// Reason is a short snake_case word for ignored items (it becomes the
	// outcome ignored:<reason>) and a sentence for unrecognised ones.
	Reason  string   `json:"reason,omitempty"`
	Message *Message `json:"message,omitempty"`
	Edit    *Edit    `json:"edit,omitempty"`
	Delete  *Delete  `json:"delete,omitempty"`
	Report  *Report  `json:"report,omitempty"`
	Consent *Consent `json:"consent,omitempty"`
}

// Edit replaces the text of a message that was filed earlier. Thread is "" where
// the platform does not say it; the message is then found by its id.
type Edit struct {
	Channel string    `json:"channel"`
	Inbox   string    `json:"inbox"`
	Thread  string    `json:"thread,omitempty"`
	ID      string    `json:"id"` // of the edited message
	Text    string    `json:"text"`
	At      time.Time `json:"at"`
	Author  Author    `json:"author"`
}

// Delete withdraws a message: its text is removed, the fact remains.
type Delete struct {
	Channel string    `json:"channel"`
	Inbox   string    `json:"inbox"`
	Thread  string    `json:"thread,omitempty"`
	ID      string    `json:"id"`
	At      time.Time `json:"at"`
	Author  Author    `json:"author"`
}

// ReportState is what became of a reply after the platform took it.
type ReportState string

const (
	ReportSent      ReportState = "sent"
	ReportDelivered ReportState = "delivered"
	ReportRead      ReportState = "read"
	ReportFailed    ReportState = "failed"
)

// Report is a delivery receipt for something we sent. ID is the platform's id of
// our message; ReplyID is our own id where the platform echoes it back. With neither,
// all that we said in Thread up to At is meant (Messenger's watermarks).
type Report struct {
	Channel string      `json:"channel"`
	Inbox   string      `json:"inbox"`
	ID      string      `json:"id"`
	ReplyID string      `json:"reply_id,omitempty"`
	Thread  string      `json:"thread,omitempty"`
	State   ReportState `json:"state"`
	At      time.Time   `json:"at"`
	Code    string      `json:"code,omitempty"`   // the platform's error code
	Detail  string      `json:"detail,omitempty"` // the platform's words
}

// Consent is somebody's word on whether we may write to him: STOP by SMS, a bot
// that was blocked or unfollowed, and their opposites. It opens no case and is not
// answered. It holds for one person in one inbox.
type Consent struct {
	Channel string    `json:"channel"`
	Inbox   string    `json:"inbox"`
	Thread  string    `json:"thread,omitempty"` // the private conversation, where there is one
	ID      string    `json:"id"`               // the platform's id of what says so
	Author  Author    `json:"author"`
	Refused bool      `json:"refused"` // false: allowed again
	At      time.Time `json:"at"`
	Why     string    `json:"why,omitempty"` // the words or the event: "STOP", "blocked the bot"
}
