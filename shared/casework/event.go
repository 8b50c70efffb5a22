package casework

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"ines/shared/message"
	"ines/shared/policy"
)

// Event is one fact about a case. Kind is its name in logs and on timelines.
//
// Logs outlive code: a released event may gain fields with a good zero value and
// never loses or renames one. If you add an event you must also add it to
// newEvent, to apply, and, if people should read it, see how Timeline shows it.
type Event interface{ Kind() string }

// Commit is one command's events: one entry of a case's log.
type Commit struct {
	Case   string    `json:"case"`
	Seq    int64     `json:"seq"` // 1, 2, …
	At     time.Time `json:"at"`
	By     string    `json:"by,omitempty"` // colleague id; "" is the desk itself
	Cause  Cause     `json:"cause"`
	Events Events    `json:"events"`
}

// Cause says what made a commit.
type Cause struct {
	Kind string `json:"kind"` // delivery, command, timer, reply, case
	// ID is the delivery item ("<envelope>#<index>"), the command's
	// idempotency key, or the reply that was reported.
	ID string `json:"id,omitempty"`
	// Outcome is the counted outcome of a delivery item that this commit ends,
	// and Items, on an envelope's first item, how many the envelope had.
	Outcome string `json:"outcome,omitempty"`
	Items   int    `json:"items,omitempty"`
}

// Events is a list that knows its own JSON: each event is an object with "kind".
type Events []Event

type (
	// CaseOpened begins every log.
	CaseOpened struct {
		Brand      string `json:"brand"`
		Community  string `json:"community"`
		Customer   Person `json:"customer"`
		FollowsUp  string `json:"follows_up,omitempty"`
		LinkedFrom string `json:"linked_from,omitempty"`
		Message    string `json:"message"` // the id of the message it opens with
		Why        string `json:"why"`
	}
	// ThreadJoined makes a conversation the case's own.
	ThreadJoined struct {
		Thread Thread `json:"thread"`
		Via    string `json:"via"` // opened, token, known, sent, customer, private
	}
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
	// CustomerChanged corrects who the matter belongs to when an earlier post
	// of the thread arrives late.
	CustomerChanged struct {
		From    Person    `json:"from"`
		To      Person    `json:"to"`
		Message string    `json:"message"`
		Sent    time.Time `json:"sent"`
		Why     string    `json:"why"`
	}
	// BystanderSplit gives somebody in the thread a case of his own.
	BystanderSplit struct {
		Author Person `json:"bystander"`
		Case   string `json:"new_case"`
		Why    string `json:"why"`
	}
	// ThreadTaken says that a conversation which another case began is this
	// one's: the customer's first post in it arrived late. Relay makes the other
	// case give up what belongs here.
	ThreadTaken struct {
		Thread string `json:"thread"`
		From   string `json:"from_case"`
	}
	// MergedInto ends a case that turned out to be part of another.
	MergedInto struct {
		Case string `json:"into"`
		Why  string `json:"why"`
	}
	// Assessed records what the case is about and what follows from it.
	Assessed struct {
		About      About                `json:"about"`
		Segment    string               `json:"segment,omitempty"`
		Department string               `json:"department"`
		Targets    policy.Targets       `json:"targets"`
		Why        []policy.Explanation `json:"why"`
	}
	ClockSet struct {
		Clock   string    `json:"clock"`
		Started time.Time `json:"started"`
		Due     time.Time `json:"due"`
		Why     string    `json:"why"`
	}
	ClockPaused struct {
		Clock string        `json:"clock"`
		Left  time.Duration `json:"left"`
	}
	ClockMet struct {
		Clock string    `json:"clock"`
		Due   time.Time `json:"due"`
		Late  bool      `json:"late,omitempty"`
	}
	ClockMissed struct {
		Clock string    `json:"clock"`
		Due   time.Time `json:"due"`
	}
)

// Role is who somebody is in a case.
type Role string

const (
	RoleCustomer    Role = "customer"
	RoleBystander   Role = "bystander"   // someone else in a public thread
	RoleParticipant Role = "participant" // someone else in a private one
)

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
	}
	ReplySent struct {
		Reply    string    `json:"reply"`
		Thread   string    `json:"thread"`
		Platform string    `json:"platform_id"`
		Key      string    `json:"thread_key,omitempty"`
		At       time.Time `json:"sent_at"`
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
	HandleLinked struct {
		Person Person `json:"person"`
		Source string `json:"source"`
	}
	CallLogged struct {
		Number    string `json:"number"`
		Direction string `json:"direction"`
		Outcome   string `json:"outcome"`
		Text      string `json:"text,omitempty"`
	}
	PromiseMade struct {
		Promise string    `json:"promise"`
		Text    string    `json:"text"`
		Due     time.Time `json:"due"`
		Owner   string    `json:"owner"`
	}
	PromiseKept struct {
		Promise string `json:"promise"`
		What    string `json:"what"`
		Text    string `json:"text,omitempty"`
		Late    bool   `json:"late,omitempty"`
	}
	PromiseMoved struct {
		Promise string    `json:"promise"`
		What    string    `json:"what"`
		From    time.Time `json:"from"`
		Due     time.Time `json:"due"`
		Why     string    `json:"why"`
	}
	PromiseBroken struct {
		Promise string    `json:"promise"`
		What    string    `json:"what"`
		Due     time.Time `json:"due"`
		Owner   string    `json:"owner"`
	}
	Snoozed struct {
		Until time.Time `json:"until"`
	}
	Woken struct {
		Why string `json:"why"`
	}
	Resolved struct {
		Text string `json:"text,omitempty"`
	}
	Reopened struct {
		Why string `json:"why"`
	}
	// FollowedUp points from a closed case to the one that goes on.
	FollowedUp struct {
		Case string `json:"follow_up"`
	}
)

func (CaseOpened) Kind() string       { return "case_opened" }
func (ThreadJoined) Kind() string     { return "thread_joined" }
func (MessageReceived) Kind() string  { return "message_received" }
func (MessageEdited) Kind() string    { return "message_edited" }
func (MessageDeleted) Kind() string   { return "message_deleted" }
func (CustomerChanged) Kind() string  { return "customer_changed" }
func (BystanderSplit) Kind() string   { return "bystander_split" }
func (ThreadTaken) Kind() string      { return "thread_taken" }
func (MergedInto) Kind() string       { return "merged" }
func (Assessed) Kind() string         { return "assessed" }
func (ClockSet) Kind() string         { return "clock_set" }
func (ClockPaused) Kind() string      { return "clock_paused" }
func (ClockMet) Kind() string         { return "clock_met" }
func (ClockMissed) Kind() string      { return "clock_missed" }
func (Claimed) Kind() string          { return "claimed" }
func (ClaimExpired) Kind() string     { return "claim_expired" }
func (Released) Kind() string         { return "released" }
func (TakenOver) Kind() string        { return "taken_over" }
func (Assigned) Kind() string         { return "assigned" }
func (Transferred) Kind() string      { return "transferred" }
func (NoteAdded) Kind() string        { return "note_added" }
func (ReplyRequested) Kind() string   { return "reply_requested" }
func (ReplySent) Kind() string        { return "reply_sent" }
func (ReplyDelivered) Kind() string   { return "reply_delivered" }
func (ReplyRead) Kind() string        { return "reply_read" }
func (ReplyDelayed) Kind() string     { return "reply_delayed" }
func (ReplyUnconfirmed) Kind() string { return "reply_unconfirmed" }
func (ReplyFailed) Kind() string      { return "reply_failed" }
func (WentPrivate) Kind() string      { return "went_private" }
func (HandleLinked) Kind() string     { return "handle_linked" }
func (CallLogged) Kind() string       { return "call_logged" }
func (PromiseMade) Kind() string      { return "promise_made" }
func (PromiseKept) Kind() string      { return "promise_kept" }
func (PromiseMoved) Kind() string     { return "promise_moved" }
func (PromiseBroken) Kind() string    { return "promise_broken" }
func (Snoozed) Kind() string          { return "snoozed" }
func (Woken) Kind() string            { return "woken" }
func (Resolved) Kind() string         { return "resolved" }
func (Reopened) Kind() string         { return "reopened" }
func (FollowedUp) Kind() string       { return "followed_up" }

// newEvent maps a kind to its decoder.
var newEvent = func() map[string]func([]byte) (Event, error) {
	m := map[string]func([]byte) (Event, error){}
	register[CaseOpened](m)
	register[ThreadJoined](m)
	register[MessageReceived](m)
	register[MessageEdited](m)
	register[MessageDeleted](m)
	register[CustomerChanged](m)
	register[BystanderSplit](m)
	register[ThreadTaken](m)
	register[MergedInto](m)
	register[Assessed](m)
	register[ClockSet](m)
	register[ClockPaused](m)
	register[ClockMet](m)
	register[ClockMissed](m)
	register[Claimed](m)
	register[ClaimExpired](m)
	register[Released](m)
	register[TakenOver](m)
	register[Assigned](m)
	register[Transferred](m)
	register[NoteAdded](m)
	register[ReplyRequested](m)
	register[ReplySent](m)
	register[ReplyDelivered](m)
	register[ReplyRead](m)
	register[ReplyDelayed](m)
	register[ReplyUnconfirmed](m)
	register[ReplyFailed](m)
	register[WentPrivate](m)
	register[HandleLinked](m)
	register[CallLogged](m)
	register[PromiseMade](m)
	register[PromiseKept](m)
	register[PromiseMoved](m)
	register[PromiseBroken](m)
	register[Snoozed](m)
	register[Woken](m)
	register[Resolved](m)
	register[Reopened](m)
	register[FollowedUp](m)
	return m
}()

func register[E Event](m map[string]func([]byte) (Event, error)) {
	var zero E
	m[zero.Kind()] = func(data []byte) (Event, error) {
		var e E
		err := json.Unmarshal(data, &e)
		return e, err
	}
}

// MarshalJSON writes [{"kind":…, …}, …].
func (es Events) MarshalJSON() ([]byte, error) {
	out := []byte{'['}
	for i, e := range es {
		if i > 0 {
			out = append(out, ',')
		}
		body, err := json.Marshal(e)
		if err != nil {
			return nil, fmt.Errorf("event %s: %w", e.Kind(), err)
		}
		out = append(out, `{"kind":"`+e.Kind()+`"`...)
		if len(body) > 2 {
			out = append(out, ',')
		}
		out = append(out, body[1:]...)
	}
	return append(out, ']'), nil
}

// UnmarshalJSON reads what MarshalJSON wrote. A kind that this version doesn't
// know is an error: folding a log without it would give a wrong state.
func (es *Events) UnmarshalJSON(data []byte) error {
	var raws []json.RawMessage
	if err := json.Unmarshal(data, &raws); err != nil {
		return err
	}
	*es = make(Events, 0, len(raws))
	for _, raw := range raws {
		kind, err := kindOf(raw)
		if err != nil {
			return err
		}
		decode, ok := newEvent[kind]
		if !ok {
			return fmt.Errorf("this version does not know the event %q: it was written by a newer one", kind)
		}
		e, err := decode(raw)
		if err != nil {
			return fmt.Errorf("event %s: %w", kind, err)
		}
		*es = append(*es, e)
	}
	return nil
}

// kindOf reads an event's kind: where MarshalJSON puts it, without parsing the
// rest, else wherever it is.
func kindOf(raw []byte) (string, error) {
	if rest, ok := bytes.CutPrefix(raw, []byte(`{"kind":"`)); ok {
		if i := bytes.IndexAny(rest, `"\`); i >= 0 && rest[i] == '"' {
			return string(rest[:i]), nil
		}
	}
	var k struct {
		Kind string `json:"kind"`
	}
	err := json.Unmarshal(raw, &k)
	return k.Kind, err
}
