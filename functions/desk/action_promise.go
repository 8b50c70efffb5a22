package desk

import (
	"net/http"
	"time"

	"ines/shared/casework"
)

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

// proposalJSON is a promise that was heard in a reply and is not made yet.
type proposalJSON struct {
	ID   string    `json:"id"`
	Text string    `json:"text"`
	Due  time.Time `json:"due"`
}

// moveAnswer says how the customer learns of it: by Reply, or, where he doesn't,
// Untold says why.
type moveAnswer struct {
	Promise promiseJSON  `json:"promise"`
	Reply   *replyAnswer `json:"reply"` // null: nothing goes out
	Untold  string       `json:"untold,omitempty"`
	Case    caseJSON     `json:"case"`
}

func promised(o outcome) (any, int) {
	for _, e := range o.events {
		if p, ok := e.(casework.PromiseMade); ok {
			return promiseAnswer{ID: p.Promise, Promise: promiseJSON{ID: p.Promise, Text: p.Text, Due: p.Due, Owner: p.Owner}, Case: o.Case}, 0
		}
	}
	return caseAnswer{o.Case}, 0
}

func moved(o outcome) (any, int) {
	for _, e := range o.events {
		p, ok := e.(casework.PromiseMoved)
		if !ok {
			continue
		}
		a := moveAnswer{Promise: promiseJSON{ID: p.Promise, Text: p.What, Due: p.Due}, Untold: p.Untold, Case: o.Case}
		for _, open := range o.Case.Promises {
			if open.ID == p.Promise {
				a.Promise.Owner = open.Owner
			}
		}
		if o.reply.State != "" {
			reply := o.reply
			reply.Case = o.Case
			a.Reply = &reply
		}
		return a, 0
	}
	return caseAnswer{o.Case}, 0
}

// promiseActions are about what colleagues said they would do.
var promiseActions = []action{
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
			return casework.KeepPromise{By: in.by, Promise: in.part, Text: in.body.text("text")}, nil
		}},
	{path: "promises/{pid}/move", summary: "Move a promise to another time. The customer is told.", done: "The promise has moved.",
		fields: []field{{name: "due", kind: when, required: true, doc: "by when now: RFC 3339, or a duration from now such as 2h"}, why("why it moves; for colleagues"),
			{name: "tell", kind: text, doc: "what the customer reads about it; default a sentence with the two times"},
			{name: "quiet", kind: flag, doc: "true: don't tell the customer"}},
		answer: moved, shape: moveAnswer{},
		command: func(in input) (casework.Command, error) {
			due, err := in.body.time("due", in.now, in.zone)
			return casework.MovePromise{By: in.by, Promise: in.part, Due: due, Why: in.body.text("why"), Tell: in.body.text("tell"), Quiet: in.body.flag("quiet")}, err
		}},
	{path: "promises/{pid}/accept", summary: "Make a promise of what was heard in a reply.", done: "It is a promise now. It will remind you.",
		status: http.StatusCreated, answer: promised, shape: promiseAnswer{},
		fields: []field{{name: "text", kind: text, doc: "what is promised; default the sentence that was heard"},
			{name: "due", kind: when, doc: "by when; default the time that was heard"}},
		command: func(in input) (casework.Command, error) {
			cmd := casework.AcceptPromise{By: in.by, Promise: in.part, Text: in.body.text("text")}
			if in.body.text("due") == "" {
				return cmd, nil
			}
			var err error
			cmd.Due, err = in.body.time("due", in.now, in.zone)
			return cmd, err
		}},
	{path: "promises/{pid}/dismiss", summary: "Say that what was heard in a reply is no promise.", done: "No promise, then.",
		command: func(in input) (casework.Command, error) {
			return casework.DismissPromise{By: in.by, Promise: in.part}, nil
		}},
}
