package dockettest

import (
	"fmt"
	"time"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/message"
)

// Complaint is what classify would say of most of the messages here.
var Complaint = casework.About{Kind: "complaint", Urgency: "normal", Language: "en"}

// Post is a public post to northline-x that summons us, so that we may answer.
func Post(id, thread, author, text string, at time.Time) message.Message {
	return message.Message{Channel: "x", Inbox: "northline-x", ID: id, Thread: thread, Visibility: message.Public, Text: text, SentAt: at,
		Author: message.Author{Handle: message.Handle{Channel: "x", ID: author}, Name: author}, Extra: map[string]string{"summoned": "true"}}
}

// DM is a direct message to northline-x. An author has one thread of them.
func DM(id, author, text string, at time.Time) message.Message {
	m := Post(id, "100-"+author, author, text, at)
	m.Visibility, m.Extra = message.Private, nil
	return m
}

// Mail is a mail to northline-mail; author is its address.
func Mail(id, thread, author, text string, at time.Time) message.Message {
	return message.Message{Channel: "email", Inbox: "northline-mail", ID: id, Thread: thread, Visibility: message.Private, Text: text, SentAt: at,
		Author: message.Author{Handle: message.Handle{Channel: "email", ID: author}}}
}

// CaseOf is the case that the first post of a thread opens.
func CaseOf(thread string) string { return casework.CaseID("x", "northline-x", thread, "") }

// Incoming is a message as classify passes it on, the only item of its envelope.
func Incoming(envelope string, m message.Message, about casework.About, at time.Time) docket.Incoming {
	return docket.Incoming{Envelope: envelope, Items: 1, At: at, About: about, Item: message.Item{Kind: message.KindMessage, Message: &m}}
}

// Deletion withdraws a post of northline-x in the Morning. Of the post only the id
// is known.
func Deletion(envelope, id string) docket.Incoming {
	return docket.Incoming{Envelope: envelope, Items: 1, At: Morning,
		Item: message.Item{Kind: message.KindDelete, Delete: &message.Delete{Channel: "x", Inbox: "northline-x", ID: id, At: Morning}}}
}

// Envelope names another delivery on each call.
func (r *Register) Envelope() string {
	r.n++
	return fmt.Sprint("envelope-", r.n)
}

// Deliver is Incoming in an envelope of its own.
func (r *Register) Deliver(m message.Message, about casework.About, at time.Time) docket.Incoming {
	return Incoming(r.Envelope(), m, about, at)
}
