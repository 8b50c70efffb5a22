package x

import (
	"encoding/json"
	"slices"

	"ines/shared/message"
)

// directMessage is a DM in the older shape, which the Activity API wraps.
type directMessage struct {
	ID        id     `json:"id"`
	Type      string `json:"type"`
	Timestamp id     `json:"created_timestamp"`
	Create    *struct {
		Sender id `json:"sender_id"`
		Target struct {
			Recipient id `json:"recipient_id"`
		} `json:"target"`
		Data *struct {
			Text       words    `json:"text"`
			Entities   entities `json:"entities"`
			Attachment *struct {
				Media media `json:"media"`
			} `json:"attachment"`
		} `json:"message_data"`
	} `json:"message_create"`
}

// directMessages reads dm.received and dm.sent: wrapping the older shape, or flat
// in the v2 one.
func (r reader) directMessages(ev event) []message.Item {
	key, own := string(ev.UUID), r.own(ev.Filter.UserID)
	var p struct {
		Events json.RawMessage   `json:"direct_message_events"`
		Users  map[string]person `json:"users"`
	}
	if !decode(ev.Payload, &p) {
		return []message.Item{unrecognised(key, ev.Type+" without a payload")}
	}
	if ev.Type == "dm.sent" {
		return []message.Item{{Kind: message.KindEcho, Key: key}}
	}
	if p.Events == nil {
		return []message.Item{r.newDirectMessage(key, ev, own)}
	}
	var raws []json.RawMessage
	if json.Unmarshal(p.Events, &raws) != nil || len(raws) == 0 {
		return []message.Item{unrecognised(key, ev.Type+" without a message")}
	}
	var items []message.Item
	for _, raw := range raws {
		items = append(items, r.oldDirectMessage(key, raw, own, p.Users, ev.Includes))
	}
	return items
}

func (r reader) oldDirectMessage(key string, raw json.RawMessage, own []string, people map[string]person, in includes) message.Item {
	var d directMessage
	if !decode(raw, &d) || d.ID == "" {
		return unrecognised(key, "a direct message without an id")
	}
	if key == "" {
		key = string(d.ID)
	}
	if d.Create == nil {
		if d.Type != "" && d.Type != "message_create" {
			return unrecognised(key, "unknown kind of direct message "+quoted(d.Type))
		}
		return unrecognised(key, "a direct message without its content")
	}
	sender, to := string(d.Create.Sender), string(d.Create.Target.Recipient)
	if slices.Contains(own, sender) {
		return message.Item{Kind: message.KindEcho, Key: key}
	}
	if sender == "" || to == "" || d.Create.Data == nil || !d.Create.Data.Text.ok {
		return unrecognised(key, "a direct message without sender, recipient or text")
	}
	who, ok := people[sender]
	if who = who.flat(); !ok || who.ID == "" {
		if inc := in.user(id(sender)); !ok {
			who = inc
		}
		who.ID = id(sender)
	}
	data := d.Create.Data
	s := said{
		id: string(d.ID), thread: pair(sender, to), author: who, visibility: message.Private,
		at: millis(d.Timestamp), text: readable(data.Text.s, nil, data.Entities),
	}
	if data.Attachment != nil {
		s.text = cutLink(s.text, data.Attachment.Media.URL)
		s.attachments = appendMedia(nil, data.Attachment.Media)
	}
	return r.item(key, s, own)
}

func (r reader) newDirectMessage(key string, ev event, own []string) message.Item {
	var d struct {
		ID           id          `json:"id"`
		Sender       id          `json:"sender_id"`
		Conversation id          `json:"dm_conversation_id"`
		Type         string      `json:"event_type"`
		Text         words       `json:"text"`
		CreatedAt    string      `json:"created_at"`
		Participants many[id]    `json:"participant_ids"`
		Entities     entities    `json:"entities"`
		Attachments  attachments `json:"attachments"`
	}
	if !decode(ev.Payload, &d) || d.ID == "" || d.Sender == "" {
		return unrecognised(key, ev.Type+" without a message")
	}
	if slices.Contains(own, string(d.Sender)) {
		return message.Item{Kind: message.KindEcho, Key: key}
	}
	if d.Type != "" && d.Type != "MessageCreate" {
		return ignored(key, "dm_membership")
	}
	if !d.Text.ok {
		return unrecognised(key, "a direct message without a text")
	}
	thread := string(d.Conversation)
	if thread == "" && len(own) > 0 {
		thread = pair(string(d.Sender), own[0])
	}
	return r.item(key, said{
		id: string(d.ID), thread: thread, author: ev.Includes.user(d.Sender), visibility: message.Private,
		at: ownTime(d.CreatedAt), text: readable(d.Text.s, nil, d.Entities), attachments: ev.Includes.attachments(d.Attachments.Keys),
	}, own)
}
