package meta

import (
	"encoding/json"
	"strings"

	"ines/shared/message"
)

// EchoPrefix begins the metadata of what we send: the echo brings it back, and our
// reply's id after it.
const EchoPrefix = "ines:"

// ExtraStandby is "true" in the Extra of a message that came while another app held
// the conversation.
const ExtraStandby = "standby"

// event is one member of messaging or standby.
type event struct {
	Sender    party     `json:"sender"`
	Recipient party     `json:"recipient"`
	Timestamp Text      `json:"timestamp"`
	Message   *said     `json:"message"`
	Edit      *edited   `json:"message_edit"`
	Postback  *postback `json:"postback"`
	Read      *receipt  `json:"read"`
	Delivery  *receipt  `json:"delivery"`
}

type party struct {
	ID Text `json:"id"`
}

type edited struct {
	MID   Text  `json:"mid"`
	Text  *Text `json:"text"`
	Count Text  `json:"num_edit"`
}

type postback struct {
	MID     Text `json:"mid"`
	Title   Text `json:"title"`
	Payload Text `json:"payload"`
}

// receipt says up to where, or which of our messages, somebody got or read.
type receipt struct {
	MID       Text   `json:"mid"`
	MIDs      []Text `json:"mids"`
	Watermark Text   `json:"watermark"`
}

// Events that say nothing a desk could answer, by the field that names them. The
// outcome is ignored:<reason>. Consent to marketing is among them: stopping adverts
// is no refusal of an answer.
var uninteresting = []struct{ field, reason string }{
	{"reaction", "reaction"},
	{"message_reactions", "reaction"},
	{"referral", "referral"},
	{"optin", "optin"},
	{"typing", "typing"},
	{"account_linking", "account_linking"},
	{"app_roles", "app_roles"},
	{"pass_thread_control", "thread_control"},
	{"take_thread_control", "thread_control"},
	{"request_thread_control", "thread_control"},
	{"policy_enforcement", "policy_enforcement"},
	{"policy-enforcement", "policy_enforcement"},
	{"payment", "payment"},
	{"pre_checkout", "payment"},
	{"checkout_update", "payment"},
	{"game_play", "game_play"},
	{"messaging_customer_information", "customer_information"},
	{"messaging_feedback", "feedback_form"},
	{"order", "order"},
}

// Conversations reads an entry's messaging and standby.
func (r *Reader) Conversations(en Entry) {
	Each(en.Messaging, func(raw json.RawMessage) { r.Event(en, raw, false) })
	Each(en.Standby, func(raw json.RawMessage) { r.Event(en, raw, true) })
}

// MessagingField reports whether a change holds one event of a conversation: the
// newer Instagram API and the dashboard's test button wrap them so.
func MessagingField(field Text) bool {
	return strings.HasPrefix(string(field), "messag") || field == "standby"
}

// Event reads one event of a conversation.
func (r *Reader) Event(en Entry, raw json.RawMessage, standby bool) {
	var ev event
	if err := json.Unmarshal(raw, &ev); err != nil {
		r.Unrecognised(midOf(raw), "An event can't be read: %v", err)
		return
	}
	talk := talk{Reader: r, entry: en, event: ev, standby: standby}
	switch {
	case ev.Message != nil:
		talk.message(*ev.Message)
	case ev.Postback != nil:
		talk.postback(*ev.Postback)
	case ev.Edit != nil:
		talk.edit(*ev.Edit)
	case ev.Read != nil:
		talk.receipt(*ev.Read, message.ReportRead)
	case ev.Delivery != nil:
		talk.receipt(*ev.Delivery, message.ReportDelivered)
	default:
		var fields map[string]json.RawMessage
		if !decoded(raw, &fields) {
			fields = nil
		}
		for _, u := range uninteresting {
			if fields[u.field] != nil {
				r.Ignored(midOf(fields[u.field]), u.reason)
				return
			}
		}
		r.Unrecognised("", "An event is neither a message nor anything else we know.")
	}
}

// talk is one event on its way to becoming items.
type talk struct {
	*Reader
	entry   Entry
	event   event
	standby bool
}

// own reports whether we are the sender.
func (t talk) own() bool {
	return t.event.Sender.ID != "" && (t.event.Sender.ID == t.entry.ID || string(t.event.Sender.ID) == t.In.Account)
}

func (t talk) author() message.Author {
	return message.Author{Handle: Handle(t.In.Channel, string(t.entry.ID), string(t.event.Sender.ID))}
}

// Handle names a person on one of our accounts: ids are scoped to the account.
func Handle(channel, account, id string) message.Handle {
	if id == "" {
		return message.Handle{}
	}
	return message.Handle{Channel: channel, Scope: account, ID: id}
}

// ThreadKey is the conversation of one of our accounts with one person.
func ThreadKey(account, with string) string { return account + ":" + with }

func (t talk) thread() string { return ThreadKey(string(t.entry.ID), string(t.event.Sender.ID)) }

func (t talk) message(m said) {
	key := string(m.MID)
	if m.IsEcho || t.own() {
		t.echo(m)
		return
	}
	switch {
	case m.MID == "":
		t.Unrecognised("", "A message has no id.")
		return
	case t.event.Sender.ID == "":
		t.Unrecognised(key, "A message does not say who wrote it.")
		return
	}
	when := When(t.Env, t.event.Timestamp, t.entry.Time)
	if m.IsDeleted {
		t.Add(message.Item{Kind: message.KindDelete, Key: key + "/deleted", Delete: &message.Delete{
			Channel: t.In.Channel, Inbox: t.In.ID, Thread: t.thread(), ID: key, At: when, Author: t.author(),
		}})
		return
	}
	out := message.Message{
		Channel:     t.In.Channel,
		Inbox:       t.In.ID,
		ID:          key,
		Thread:      t.thread(),
		Parent:      string(m.ReplyTo.MID),
		Author:      t.author(),
		Visibility:  message.Private,
		SentAt:      when,
		Text:        string(m.Text),
		Language:    m.language(),
		Attachments: m.files(),
	}
	if out.Text == "" && len(out.Attachments) == 0 {
		if decoded(m.Referral, new(map[string]any)) {
			t.Ignored(key, "referral")
			return
		}
		t.Unrecognised(key, "A message says nothing.")
		return
	}
	out.Token = m.ref()
	out.Extra = t.extra("payload", string(m.QuickReply.Payload), "ref", m.ref())
	t.Add(message.Item{Kind: message.KindMessage, Key: key, Message: &out})
}

// extra is a message's Extra from pairs of which some are empty; nil if all are.
func (t talk) extra(pairs ...string) map[string]string {
	if t.standby {
		pairs = append(pairs, ExtraStandby, "true")
	}
	return Extra(pairs...)
}

// Extra makes a map of pairs of which some values are empty; nil if all are.
func Extra(pairs ...string) map[string]string {
	var out map[string]string
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		out[pairs[i]] = pairs[i+1]
	}
	return out
}

// echo: what we said comes back. Where it bears one of our replies' ids it proves
// that the reply arrived, which may be the only word we get of it.
func (t talk) echo(m said) {
	key := string(m.MID)
	reply, ours := strings.CutPrefix(string(m.Metadata), EchoPrefix)
	if !ours || reply == "" || key == "" {
		t.Echo(key)
		return
	}
	t.Add(message.Item{Kind: message.KindReport, Key: key + "/sent", Report: &message.Report{
		Channel: t.In.Channel, Inbox: t.In.ID, ID: key, ReplyID: reply, State: message.ReportSent,
		At: When(t.Env, t.event.Timestamp, t.entry.Time),
	}})
}

func (t talk) edit(e edited) {
	key := string(e.MID) + "/edit/" + string(e.Count)
	switch {
	case t.own():
		t.Echo(key)
	case e.Text == nil && (e.Count == "0" || e.Count == ""):
		t.Ignored(key, "not_edited") // Instagram announces messages so, nobody edited anything
	case e.MID == "" || e.Text == nil || t.event.Sender.ID == "":
		t.Unrecognised(key, "An edit lacks the message's id, its text or its author.")
	default:
		t.Add(message.Item{Kind: message.KindEdit, Key: key, Edit: &message.Edit{
			Channel: t.In.Channel, Inbox: t.In.ID, Thread: t.thread(), ID: string(e.MID), Text: string(*e.Text),
			At: When(t.Env, t.event.Timestamp, t.entry.Time), Author: t.author(),
		}})
	}
}

func (t talk) postback(p postback) {
	key := string(p.MID)
	if key == "" {
		key = "postback/" + message.DeriveID(string(t.event.Sender.ID), string(t.event.Timestamp), string(p.Title), string(p.Payload))
	}
	text := string(p.Title)
	if text == "" {
		text = string(p.Payload)
	}
	switch {
	case t.own():
		t.Echo(key)
	case t.event.Sender.ID == "":
		t.Unrecognised(key, "A pressed button does not say who pressed it.")
	case text == "":
		t.Unrecognised(key, "A pressed button has neither a title nor a payload.")
	default:
		t.Add(message.Item{Kind: message.KindMessage, Key: key, Message: &message.Message{
			Channel: t.In.Channel, Inbox: t.In.ID, ID: key, Thread: t.thread(), Author: t.author(),
			Visibility: message.Private, SentAt: When(t.Env, t.event.Timestamp, t.entry.Time), Text: text,
			Extra: t.extra("payload", string(p.Payload)),
		}})
	}
}

// receipt: each message that is named gets its report. Where none is, everything in
// the conversation up to the watermark is meant.
func (t talk) receipt(rc receipt, state message.ReportState) {
	mids := rc.MIDs
	if rc.MID != "" {
		mids = append(mids, rc.MID)
	}
	when := When(t.Env, t.event.Timestamp, rc.Watermark, t.entry.Time)
	for _, mid := range mids {
		key := string(mid) + "/" + string(state)
		if mid == "" {
			t.Unrecognised(key, "A receipt does not say of which message.")
			continue
		}
		t.Add(message.Item{Kind: message.KindReport, Key: key, Report: &message.Report{
			Channel: t.In.Channel, Inbox: t.In.ID, ID: string(mid), State: state, At: when,
		}})
	}
	if len(mids) > 0 {
		return
	}
	if rc.Watermark == "" || t.event.Sender.ID == "" {
		t.Unrecognised("", "A receipt names neither messages nor a time.")
		return
	}
	t.Add(message.Item{Kind: message.KindReport, Key: t.thread() + "/" + string(state), Report: &message.Report{
		Channel: t.In.Channel, Inbox: t.In.ID, Thread: t.thread(), State: state, At: When(t.Env, rc.Watermark, t.event.Timestamp),
	}})
}

// midOf finds the message id in what is broken elsewhere.
func midOf(raw json.RawMessage) string {
	var m struct {
		MID     any `json:"mid"`
		Message struct {
			MID any `json:"mid"`
		} `json:"message"`
	}
	if json.Unmarshal(raw, &m) != nil {
		return ""
	}
	if s, ok := m.MID.(string); ok {
		return s
	}
	s, _ := m.Message.MID.(string)
	return s
}
