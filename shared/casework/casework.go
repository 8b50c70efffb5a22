// Package casework is the language of the business: the case as a log of events,
// the commands that people and machines give it, and the rules that turn one into
// the other. Everything here is pure: no I/O, no clock, no randomness. Time and
// the channels' word come in through Env.
//
// It imports nothing of ours but message, policy, wording and mask. Package docket keeps logs on
// the table; the functions give commands.
package casework

import (
	"fmt"
	"time"

	"ines/shared/message"
	"ines/shared/policy"
)

// Env is what a decision may look at beside the case.
type Env struct {
	Policy   *policy.Desk
	Channels Channels
	Now      time.Time
	// Today is what the commanding colleague has done for customers today, by
	// SpentKey. Only Act and Approve look at it.
	Today map[string]policy.Money
	// Token is a link token of the case, "" where there is none. Only GoPrivate has
	// one: what is said by itself in public must not carry it.
	Token string
	// AutomaticToday is how many automatic answers the writing customer has had
	// today. Only Receive looks at it.
	AutomaticToday int
	// Solved is what colleagues have solved of the topic that an expert is asked
	// about. Only AskExpert without a colleague looks at it.
	Solved []Solved
	// Matches is what a message says of who its author is. Only Receive looks at it.
	Matches *Matches
	// GoesOn is the open case that follows up this one, "" if there is none. Only
	// Reopen looks at it.
	GoesOn string
	// Incidents are those that are confirmed. Only Receive looks at them.
	Incidents []ActiveIncident
}

// Channels is what the platforms say about writing to them. Its methods must be
// pure.
type Channels interface {
	// Window says whether a thread may be answered now.
	Window(t Thread, now time.Time) Window
	// Measure gives a text's length by the platform's counting, the longest
	// allowed, and what is counted.
	Measure(t Thread, text string) (length, limit int, unit string)
	// Split cuts a text that is too long for one message into several, if the
	// platform's people are used to that.
	Split(t Thread, text string) (parts []string, ok bool)
	// Open prepares a private thread to an address that a colleague typed, or
	// to the handle known on that channel. The error is a sentence for the
	// colleague. public is the case's public thread where the customer wrote last,
	// or zero: some platforms let us answer privately what was said there, though
	// not write first.
	Open(in policy.Inbox, address string, known message.Handle, public Thread) (Thread, error)
}

// Window says whether a thread may be answered: State is open, template or
// closed, Until when an open window ends (zero: never), Why a sentence when it
// is not open.
type Window struct {
	State string    `json:"state"`
	Until time.Time `json:"until,omitzero"`
	Why   string    `json:"why,omitempty"`
	// Machines is until when a machine may write, where that is sooner than Until.
	Machines time.Time `json:"machines,omitzero"`
}

// WindowOpen is the State in which text may be sent.
const WindowOpen = "open"

// Refusal is a command that a rule forbids: what Decide returns instead of
// events. Code is stable and kebab-case; Detail is a sentence for the person;
// More holds machine-readable facts (the holder of a claim, the open promises).
type Refusal struct {
	Code   string
	Detail string
	More   map[string]any
}

func (r *Refusal) Error() string { return r.Code + ": " + r.Detail }

// The refusals' codes.
const (
	CodeInvalid      = "invalid" // the command itself makes no sense
	CodeClaimed      = "already-claimed"
	CodeNotClaimed   = "not-claimed"
	CodeOpenPromise  = "open-promise"
	CodeOpenApproval = "open-approval"
	CodeAnswered     = "already-answered" // the approval: somebody was quicker
	CodeClosed       = "case-closed"
	CodeMerged       = "merged"      // the case is part of another one
	CodeFollowedUp   = "followed-up" // the matter goes on in another case
	CodeErased       = "erased"      // nothing of the case is left
	CodeNotFound     = "not-found"   // a thread, promise or reply that the case doesn't have
	CodeWindow       = "window-closed"
	CodeTooLong      = "too-long"
	CodeUnreachable  = "unreachable" // no way to write to the customer there
	CodeNotAllowed   = "not-allowed"
	CodeThreadInUse  = "thread-in-use"
	CodeVersionStale = "version-stale"
	CodeAtCapacity   = "at-capacity"  // he has as many cases as he can
	CodeOneCustomer  = "one-customer" // two customers are one already
)

func refuse(code, format string, args ...any) *Refusal {
	return &Refusal{Code: code, Detail: fmt.Sprintf(format, args...)}
}

func (r *Refusal) with(key string, value any) *Refusal {
	if r.More == nil {
		r.More = map[string]any{}
	}
	r.More[key] = value
	return r
}

// CaseID derives the id of the case that a conversation opens: the same
// conversation gives the same case whichever of its messages came first. after
// is the case that a follow-up follows, or "".
func CaseID(channel, inbox, thread, after string) string {
	return message.DeriveID("case", channel, inbox, thread, after)
}

// CustomerID derives a customer's id from the first handle known of him.
func CustomerID(h message.Handle) string { return message.DeriveID("customer", h.Key()) }
