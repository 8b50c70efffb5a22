package desk

import (
	"net/http"
	"time"

	"ines/shared/casework"
)

// action is one thing that a colleague can do to a case. The table below is the
// only way from a request to a command, for the API and the console alike.
type action struct {
	path    string // below /api/cases/{id}/ and /cases/{id}/
	summary string
	done    string // what the console says when it worked
	status  int
	fields  []field
	command func(input) (casework.Command, error)
	// answer makes the response's body of what happened; nil: {case}.
	answer func(outcome) any
	shape  any // an example of what answer returns
	// guarded: the console sends the version along, because the decision rests
	// on what the page showed.
	guarded bool
}

// input is what a command is made of.
type input struct {
	by      string
	promise string // from the path
	body    body
	now     time.Time
	zone    *time.Location // the console's: local times are understood
}

// outcome is what a command brought about.
type outcome struct {
	Case   caseJSON
	events []casework.Event
}

type caseAnswer struct {
	Case caseJSON `json:"case"`
}

type replyAnswer struct {
	ID     string   `json:"id"`
	State  string   `json:"state"`
	Thread string   `json:"thread"`
	Case   caseJSON `json:"case"`
}

type promiseJSON struct {
	ID    string    `json:"id"`
	Text  string    `json:"text"`
	Due   time.Time `json:"due"`
	Owner string    `json:"owner"`
}

type promiseAnswer struct {
	ID      string      `json:"id"`
	Promise promiseJSON `json:"promise"`
	Case    caseJSON    `json:"case"`
}

func replied(o outcome) any {
	for _, e := range o.events {
		if r, ok := e.(casework.ReplyRequested); ok {
			return replyAnswer{ID: r.Reply, State: "pending", Thread: r.Thread, Case: o.Case}
		}
	}
	return caseAnswer{o.Case}
}

func promised(o outcome) any {
	for _, e := range o.events {
		if p, ok := e.(casework.PromiseMade); ok {
			return promiseAnswer{ID: p.Promise, Promise: promiseJSON{ID: p.Promise, Text: p.Text, Due: p.Due, Owner: p.Owner}, Case: o.Case}
		}
	}
	return caseAnswer{o.Case}
}

func why(doc string) field { return field{name: "why", kind: text, required: true, doc: doc} }

var actions = []action{
	{path: "claim", summary: "Take a free case on. It stays yours while you work on it.", done: "The case is yours.",
		command: func(in input) (casework.Command, error) { return casework.Claim{By: in.by}, nil }},
	{path: "release", summary: "Give your case back to the queue.", done: "The case is free again.",
		command: func(in input) (casework.Command, error) { return casework.Release{By: in.by}, nil }},
	{path: "takeover", summary: "Take a case from the colleague who has it.", done: "The case is yours now.", guarded: true,
		fields: []field{why("why you take it; the colleague who had it reads this")},
		command: func(in input) (casework.Command, error) {
			return casework.TakeOver{By: in.by, Why: in.body.text("why")}, nil
		}},
	{path: "assign", summary: "Give a case to a colleague.", done: "The case has been handed on.",
		fields: []field{{name: "colleague", kind: text, required: true, doc: "the colleague's id"}},
		command: func(in input) (casework.Command, error) {
			return casework.Assign{By: in.by, Colleague: in.body.text("colleague")}, nil
		}},
	{path: "transfer", summary: "Move a case to another department.", done: "The case has moved.", guarded: true,
		fields: []field{{name: "department", kind: text, required: true, doc: "the department's id"}, why("why it moves; they read this first")},
		command: func(in input) (casework.Command, error) {
			return casework.Transfer{By: in.by, Department: in.body.text("department"), Why: in.body.text("why")}, nil
		}},
	{path: "notes", summary: "Write a note that only colleagues see.", done: "The note is there.",
		fields: []field{{name: "text", kind: text, required: true, doc: "the note"}, {name: "mentions", kind: texts, doc: "ids of colleagues who should see it"}},
		command: func(in input) (casework.Command, error) {
			return casework.Note{By: in.by, Text: in.body.text("text"), Mentions: in.body.texts("mentions")}, nil
		}},
	{path: "replies", summary: "Answer the customer. Your signature is added.", done: "Your reply is on its way.",
		status: http.StatusAccepted, answer: replied, shape: replyAnswer{},
		fields: []field{{name: "text", kind: text, required: true, doc: "what the customer reads"},
			{name: "thread", kind: text, doc: "the id of one of the case's threads; default the one the customer used last"}},
		command: func(in input) (casework.Command, error) {
			return casework.SendReply{By: in.by, Text: in.body.text("text"), Thread: in.body.text("thread")}, nil
		}},
	{path: "private", summary: "Open, or go on in, a private thread with the customer.", done: "Your private message is on its way.",
		status: http.StatusAccepted, answer: replied, shape: replyAnswer{},
		fields: []field{{name: "channel", kind: text, required: true, doc: "the channel to write on"},
			{name: "inbox", kind: text, doc: "which of the brand's inboxes writes; default the community's"},
			{name: "address", kind: text, doc: "whom to write to; default the handle known on that channel"},
			{name: "subject", kind: text, doc: "the subject, for mail"},
			{name: "text", kind: text, required: true, doc: "the first words there"}},
		command: func(in input) (casework.Command, error) {
			b := in.body
			return casework.GoPrivate{By: in.by, Channel: b.text("channel"), Inbox: b.text("inbox"), Address: b.text("address"), Subject: b.text("subject"), Text: b.text("text")}, nil
		}},
	{path: "calls", summary: "Log a phone call.", done: "The call is logged.",
		fields: []field{{name: "number", kind: text, required: true, doc: "the customer's number"},
			{name: "direction", kind: text, required: true, doc: "who phoned", oneOf: []string{"inbound", "outbound"}},
			{name: "outcome", kind: text, required: true, doc: "what came of it", oneOf: []string{"answered", "engaged", "no_answer", "voicemail"}},
			{name: "text", kind: text, doc: "what was said"}},
		command: func(in input) (casework.Command, error) {
			b := in.body
			return casework.LogCall{By: in.by, Number: b.text("number"), Direction: b.text("direction"), Outcome: b.text("outcome"), Text: b.text("text")}, nil
		}},
	{path: "promises", summary: "Record what you promised the customer, and by when.", done: "The promise is recorded. It will remind you.",
		status: http.StatusCreated, answer: promised, shape: promiseAnswer{},
		fields: []field{{name: "text", kind: text, required: true, doc: "what is promised"},
			{name: "due", kind: when, required: true, doc: "by when: RFC 3339, or a duration from now such as 2h"}},
		command: func(in input) (casework.Command, error) {
			due, err := in.body.time("due", in.now, in.zone)
			return casework.MakePromise{By: in.by, Text: in.body.text("text"), Due: due}, err
		}},
	{path: "promises/{pid}/keep", summary: "Say that a promise was kept.", done: "Promise kept.",
		fields: []field{{name: "text", kind: text, doc: "how it was kept"}},
		command: func(in input) (casework.Command, error) {
			return casework.KeepPromise{By: in.by, Promise: in.promise, Text: in.body.text("text")}, nil
		}},
	{path: "promises/{pid}/move", summary: "Move a promise to another time.", done: "The promise has moved.",
		fields: []field{{name: "due", kind: when, required: true, doc: "by when now: RFC 3339, or a duration from now such as 2h"}, why("why it moves")},
		command: func(in input) (casework.Command, error) {
			due, err := in.body.time("due", in.now, in.zone)
			return casework.MovePromise{By: in.by, Promise: in.promise, Due: due, Why: in.body.text("why")}, err
		}},
	{path: "snooze", summary: "Put a case aside until a time; it wakes when the customer writes.", done: "The case sleeps until then.",
		fields: []field{{name: "until", kind: when, required: true, doc: "until when: RFC 3339, or a duration from now such as 3d"}},
		command: func(in input) (casework.Command, error) {
			until, err := in.body.time("until", in.now, in.zone)
			return casework.Snooze{By: in.by, Until: until}, err
		}},
	{path: "resolve", summary: "Close a case. Refused while a promise is open.", done: "The case is resolved.", guarded: true,
		fields: []field{{name: "text", kind: text, doc: "what solved it"}},
		command: func(in input) (casework.Command, error) {
			return casework.Resolve{By: in.by, Text: in.body.text("text")}, nil
		}},
	{path: "reopen", summary: "Open a resolved case again.", done: "The case is open again.",
		fields: []field{why("why it opens again")},
		command: func(in input) (casework.Command, error) {
			return casework.Reopen{By: in.by, Why: in.body.text("why")}, nil
		}},
	{path: "split", summary: "Give a bystander a case of his own.", done: "They get a case of their own.",
		fields: []field{{name: "author", kind: text, required: true, doc: "the author_id from the timeline, or the bystander's name"}},
		command: func(in input) (casework.Command, error) {
			return casework.Split{By: in.by, Author: in.body.text("author")}, nil
		}},
}
