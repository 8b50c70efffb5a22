package casework

import (
	"encoding/json"
	"time"

	"ines/shared/message"
	"ines/shared/sorting"
)

// Entry is one line of a case's timeline: the event's own fields beside what all
// entries have in common. Its JSON is one flat object.
type Entry struct {
	Seq        int64
	At         time.Time
	Kind       string
	By         string // colleague id, a role (customer, bystander, participant) or "system"
	Channel    string
	Inbox      string
	Thread     string
	Visibility message.Visibility
	Direction  string // inbound, outbound
	Author     string // a name for people
	AuthorID   string // the handle's key: what split takes
	Text       string
	State      string // of a reply, as far as known by now
	Edited     bool
	Deleted    bool
	InCase     string // where it stands in the log of a case that was merged into this one
	Event      Event
}

// MarshalJSON flattens the event into the entry.
func (e Entry) MarshalJSON() ([]byte, error) {
	flat := map[string]any{}
	if e.Event != nil {
		raw, err := json.Marshal(e.Event)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(raw, &flat); err != nil {
			return nil, err
		}
	}
	delete(flat, "item") // ours, not people's
	flat["seq"], flat["at"], flat["kind"], flat["by"] = e.Seq, e.At, e.Kind, e.By
	set := func(name, v string) {
		if v != "" {
			flat[name] = v
		}
	}
	set("channel", e.Channel)
	set("inbox", e.Inbox)
	set("thread", e.Thread)
	set("visibility", string(e.Visibility))
	set("direction", e.Direction)
	set("author", e.Author)
	set("author_id", e.AuthorID)
	set("text", e.Text)
	set("state", e.State)
	set("in_case", e.InCase)
	if e.Edited {
		flat["edited"] = true
	}
	if e.Deleted {
		flat["deleted"] = true
	}
	return json.Marshal(flat)
}

// Timeline tells a case's log to people. Entries stand in the order of the log,
// but the messages received stand in the platforms' order among themselves,
// whatever order they arrived in. Edits and deletions are applied to the text of
// what they change.
func Timeline(log []Commit) []Entry {
	final, _ := Fold(nil, log)
	if final == nil {
		final = &Case{}
	}
	threads := map[string]Thread{}
	for _, cm := range log { // some have gone by now
		for _, ev := range cm.Events {
			if j, ok := ev.(ThreadJoined); ok && threads[j.Thread.ID].ID == "" {
				threads[j.Thread.ID] = j.Thread
			}
		}
	}
	for _, t := range final.Threads {
		threads[t.ID] = t
	}
	states := replyStates(log)
	var entries []Entry
	for _, cm := range log {
		for _, ev := range cm.Events {
			e := Entry{Seq: cm.Seq, At: cm.At, Kind: ev.Kind(), By: cm.By, Event: ev}
			if e.By == "" {
				e.By = "system"
			}
			e.introduce(final)
			switch ev := ev.(type) {
			case MessageReceived:
				e.inThread(threads, ev.Thread)
				e.received(final, ev)
			case ReplyRequested:
				e.inThread(threads, ev.Thread)
				e.Direction, e.Text, e.Author, e.State = "outbound", ev.Text, e.By, states[ev.Reply]
			case ThreadJoined:
				e.inThread(threads, ev.Thread.ID)
			case ReplySent, ReplyDelivered, ReplyRead, ReplyDelayed, ReplyUnconfirmed, ReplyFailed:
				e.Direction = "outbound"
				e.inThread(threads, threadOf(ev))
			case WentPrivate:
				e.inThread(threads, ev.Thread)
			case AttachmentKept:
				e.inThread(threads, ev.Thread)
			case AttachmentLost:
				e.inThread(threads, ev.Thread)
			case MessageEdited:
				e.inThread(threads, ev.Thread)
			case MessageDeleted:
				e.inThread(threads, ev.Thread)
			}
			entries = append(entries, e)
		}
	}
	rewrite(entries)
	inPlatformOrder(entries)
	return entries
}

// Together puts the timeline of a case that was merged into this one beside its
// own, by time. Within each the order stays.
func Together(own []Entry, other string, theirs []Entry) []Entry {
	for i := range theirs {
		if theirs[i].InCase == "" {
			theirs[i].InCase = other
		}
	}
	all := make([]Entry, 0, len(own)+len(theirs))
	for len(own) > 0 && len(theirs) > 0 {
		if theirs[0].At.Before(own[0].At) {
			all, theirs = append(all, theirs[0]), theirs[1:]
		} else {
			all, own = append(all, own[0]), own[1:]
		}
	}
	return append(append(all, own...), theirs...)
}

func threadOf(e Event) string {
	switch e := e.(type) {
	case ReplySent:
		return e.Thread
	case ReplyDelivered:
		return e.Thread
	case ReplyRead:
		return e.Thread
	case ReplyDelayed:
		return e.Thread
	case ReplyUnconfirmed:
		return e.Thread
	case ReplyFailed:
		return e.Thread
	}
	return ""
}

func (e *Entry) inThread(threads map[string]Thread, id string) {
	e.Thread = id
	if t, ok := threads[id]; ok {
		e.Channel, e.Inbox, e.Visibility = t.Channel, t.Inbox, t.Visibility
	}
}

func (e *Entry) received(final *Case, ev MessageReceived) {
	role, author := ev.Role, final.Known(ev.Message.Author)
	switch {
	case final.IsCustomer(author.Handle):
		role = RoleCustomer
	case role == RoleCustomer && ev.Message.Visibility == message.Public:
		role = RoleBystander // taken for the customer until the first post arrived
	}
	e.By, e.Direction, e.Text = string(role), "inbound", ev.Message.Text
	e.Author, e.AuthorID = author.Label(), author.Handle.Key()
	e.Visibility = ev.Message.Visibility
}

// replyStates follows each reply to where it stands by now.
func replyStates(log []Commit) map[string]string {
	states := map[string]string{}
	for _, cm := range log {
		for _, ev := range cm.Events {
			switch ev := ev.(type) {
			case ReplyRequested:
				states[ev.Reply] = "pending"
			case ReplySent:
				states[ev.Reply] = "sent"
			case ReplyDelivered:
				states[ev.Reply] = "delivered"
			case ReplyRead:
				states[ev.Reply] = "read"
			case ReplyDelayed:
				states[ev.Reply] = "delayed"
			case ReplyUnconfirmed:
				states[ev.Reply] = "unconfirmed"
			case ReplyFailed:
				states[ev.Reply] = "failed"
			}
		}
	}
	return states
}

// rewrite applies edits (the latest by the platform's time wins) and deletions.
func rewrite(entries []Entry) {
	at := map[string]int{}
	for i, e := range entries {
		if m, ok := e.Event.(MessageReceived); ok {
			at[m.Message.ID] = i
		}
	}
	latest := map[string]time.Time{}
	for i := range entries {
		switch ev := entries[i].Event.(type) {
		case MessageEdited:
			if j, ok := at[ev.Message]; ok && !ev.At.Before(latest[ev.Message]) && !entries[j].Deleted {
				latest[ev.Message] = ev.At
				entries[j].change(ev.Text, false)
			}
		case MessageDeleted:
			if j, ok := at[ev.Message]; ok {
				entries[j].change("", true)
			}
		case AttachmentKept:
			if j, ok := at[ev.Message]; ok {
				entries[j].file(ev.Index, func(a *message.Attachment) {
					a.URL, a.Ref, a.Archived, a.MIME, a.Size, a.SHA256 = "", "", ev.Key, ev.MIME, ev.Size, ev.SHA256
				})
			}
		case AttachmentLost:
			if j, ok := at[ev.Message]; ok {
				entries[j].file(ev.Index, func(a *message.Attachment) { a.Lost = ev.Why })
			}
		}
	}
}

func (e *Entry) change(text string, deleted bool) {
	m := e.Event.(MessageReceived)
	m.Message.Text = text
	if deleted {
		m.Message = Redacted(m.Message)
	}
	e.Event, e.Text, e.Edited, e.Deleted = m, text, !deleted, deleted
}

// Redacted is a message without anything that its author said.
func Redacted(m message.Message) message.Message {
	m.Text, m.Quoted, m.Subject, m.Attachments, m.Extra, m.Cut = "", "", "", nil, nil, false
	return m
}

// inPlatformOrder lets the received messages change places among themselves.
func inPlatformOrder(entries []Entry) {
	var places []int
	var messages []Entry
	for i, e := range entries {
		if _, ok := e.Event.(MessageReceived); ok {
			places, messages = append(places, i), append(messages, e)
		}
	}
	sorting.By(messages, func(a, b Entry) int {
		x, y := a.Event.(MessageReceived).Message, b.Event.(MessageReceived).Message
		switch {
		case message.Before(x.SentAt, x.ID, y.SentAt, y.ID):
			return -1
		case message.Before(y.SentAt, y.ID, x.SentAt, x.ID):
			return 1
		}
		return 0
	})
	for i, p := range places {
		entries[p] = messages[i]
	}
}
