package desk

import (
	"slices"
	"strings"
	"time"

	"ines/shared/casework"
	"ines/shared/policy"
)

// action is one thing that a colleague can do to a case. The tables of them are the
// only way from a request to a command, for the API and the console alike.
type action struct {
	path    string // below /api/cases/{id}/ and /cases/{id}/
	summary string
	done    string // what the console says when it worked
	status  int
	also    int // another status that an answer may have, 0 if none
	fields  []field
	command func(input) (casework.Command, error)
	// answer makes the response's body of what happened; nil: {case}. A status
	// other than 0 replaces the action's.
	answer func(outcome) (body any, status int)
	shape  any // an example of what answer returns
	// guarded: the console sends the version along, because the decision rests
	// on what the page showed.
	guarded bool
	// onward: the case needs its colleague no more for now.
	onward bool
}

// at reports whether a form is the action's, the ids in its path filled in.
func (a action) at(form string) bool {
	of, is := strings.Split(a.path, "/"), strings.Split(form, "/")
	return slices.EqualFunc(of, is, func(of, is string) bool { return of == is || of[0] == '{' })
}

// input is what a command is made of.
type input struct {
	by   string
	part string // from the path: a promise's or an approval's id
	body body
	now  time.Time
	zone *time.Location // the console's: local times are understood
}

// outcome is what a command brought about, or would.
type outcome struct {
	Case     caseJSON
	events   []casework.Event
	reply    replyAnswer // what goes out, zero if nothing does
	proposed []casework.Proposal
}

type caseAnswer struct {
	Case caseJSON `json:"case"`
}

func why(doc string) field { return field{name: "why", kind: text, required: true, doc: doc} }

// actions are all of them.
var actions = slices.Concat(caseActions, replyActions, promiseActions, authorityActions, expertActions, voiceActions)

// caseActions are about the case itself.
var caseActions = []action{
	{path: "claim", summary: "Take a free case on. It stays yours while you work on it.", done: "The case is yours.",
		command: func(in input) (casework.Command, error) { return casework.Claim{By: in.by}, nil }},
	{path: "release", summary: "Give your case back to the queue.", done: "The case is free again.", onward: true,
		command: func(in input) (casework.Command, error) { return casework.Release{By: in.by}, nil }},
	{path: "takeover", summary: "Take a case from the colleague who has it.", done: "The case is yours now.", guarded: true,
		fields: []field{why("why you take it; the colleague who had it reads this")},
		command: func(in input) (casework.Command, error) {
			return casework.TakeOver{By: in.by, Why: in.body.text("why")}, nil
		}},
	{path: "assign", summary: "Give a case to a colleague.", done: "The case has been handed on.", onward: true,
		fields: []field{{name: "colleague", kind: text, required: true, doc: "the colleague's id"}},
		command: func(in input) (casework.Command, error) {
			return casework.Assign{By: in.by, Colleague: in.body.text("colleague")}, nil
		}},
	{path: "transfer", summary: "Move a case to another department.", done: "The case has moved.", guarded: true, onward: true,
		fields: []field{{name: "department", kind: text, required: true, doc: "the department's id"}, why("why it moves; they read this first")},
		command: func(in input) (casework.Command, error) {
			return casework.Transfer{By: in.by, Department: in.body.text("department"), Why: in.body.text("why")}, nil
		}},
	{path: "notes", summary: "Write a note that only colleagues see.", done: "The note is there.",
		fields: []field{{name: "text", kind: text, required: true, doc: "the note"}, {name: "mentions", kind: texts, doc: "ids of colleagues who should see it"}},
		command: func(in input) (casework.Command, error) {
			return casework.Note{By: in.by, Text: in.body.text("text"), Mentions: in.body.texts("mentions")}, nil
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
	{path: "correct", summary: "Say what a case is really about; the classifier learns from it.", done: "Thank you: it is corrected.",
		fields: []field{{name: "topic", kind: text, doc: "a topic's id"}, {name: "kind", kind: text, doc: "what kind of message it is", oneOf: policy.Kinds},
			{name: "urgency", kind: text, doc: "how urgent it is", oneOf: policy.Urgencies}},
		command: func(in input) (casework.Command, error) {
			b := in.body
			return casework.Correct{By: in.by, Topic: b.text("topic"), Kind: b.text("kind"), Urgency: b.text("urgency")}, nil
		}},
	{path: "snooze", summary: "Put a case aside until a time; it wakes when the customer writes.", done: "The case sleeps until then.", onward: true,
		fields: []field{{name: "until", kind: when, required: true, doc: "until when: RFC 3339, or a duration from now such as 3d"}},
		command: func(in input) (casework.Command, error) {
			until, err := in.body.time("until", in.now, in.zone)
			return casework.Snooze{By: in.by, Until: until}, err
		}},
	{path: "resolve", summary: "Close a case. Refused while a promise is open.", done: "The case is resolved.", guarded: true, onward: true,
		fields: []field{{name: "text", kind: text, doc: "what solved it"}},
		command: func(in input) (casework.Command, error) {
			return casework.Resolve{By: in.by, Text: in.body.text("text")}, nil
		}},
	{path: "reopen", summary: "Open a resolved case again.", done: "The case is open again.",
		fields: []field{why("why it opens again")},
		command: func(in input) (casework.Command, error) {
			return casework.Reopen{By: in.by, Why: in.body.text("why")}, nil
		}},
	{path: "wake", summary: "Take up again what was put aside.", done: "The case is open again.",
		command: func(in input) (casework.Command, error) { return casework.Wake{By: in.by}, nil }},
	{path: "merge", summary: "Make the case a part of another one: both are one matter. Both ids go on working, and it can be undone.",
		done: "The two cases are one now.", guarded: true,
		fields: []field{{name: "into", kind: text, required: true, doc: "the id of the case that goes on"}},
		command: func(in input) (casework.Command, error) {
			into := in.body.text("into")
			if !plausible(into) {
				return nil, invalid("into", "That is no case's id.")
			}
			return casework.Merge{By: in.by, Into: into}, nil
		}},
	{path: "unmerge", summary: "Undo a merge: the case is one of its own again, with its threads and the promises that came with it.", done: "The cases have parted again.",
		fields: []field{why("why they part")},
		command: func(in input) (casework.Command, error) {
			return casework.Unmerge{By: in.by, Why: in.body.text("why")}, nil
		}},
	{path: "split", summary: "Give a bystander a case of his own.", done: "They get a case of their own.",
		fields: []field{{name: "author", kind: text, required: true, doc: "the author_id from the timeline, or the bystander's name"}},
		command: func(in input) (casework.Command, error) {
			return casework.Split{By: in.by, Author: in.body.text("author")}, nil
		}},
}
