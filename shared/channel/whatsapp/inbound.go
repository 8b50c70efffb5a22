package whatsapp

import (
	"encoding/json"
	"strings"

	"ines/shared/channel/lenient"
	"ines/shared/channel/meta"
	"ines/shared/message"
)

// message reads one entry of messages[].
func (r reader) message(number string, v value, contacts book, raw json.RawMessage) message.Item {
	var m inbound
	if err := json.Unmarshal(raw, &m); err != nil {
		return lenient.Unrecognised(keyOf(raw), "A message can't be read: %v", err)
	}
	key := string(m.ID)
	if item, yes := r.foreign(number, key); yes {
		return item
	}
	if m.ID == "" {
		return lenient.Unrecognised("", "A message has no id.")
	}
	who := authorOf(m, contacts, len(*v.Messages) == 1)
	if who.phone != "" && (who.phone == digitsOf(v.Metadata.DisplayPhoneNumber) || who.phone == number) {
		return message.Item{Kind: message.KindEcho, Key: key}
	}
	switch m.Type {
	case "reaction":
		return lenient.Ignored(key, "reaction")
	case "request_welcome": // someone opened the chat and said nothing yet
		return lenient.Ignored(key, "request_welcome")
	case "system":
		if m.System.Type == "user_changed_user_id" || m.System.Type == "user_id_update" {
			return lenient.Ignored(key, "user_id_update")
		}
		return lenient.Ignored(key, "system")
	}
	if who.author.Handle.IsZero() {
		return lenient.Unrecognised(key, "A message does not say who wrote it.")
	}
	with := who.author.Handle.ID
	if m.GroupID != "" {
		with = string(m.GroupID)
	}
	thread := meta.ThreadKey(number, with)
	when := meta.When(r.Env, m.Timestamp)

	switch m.Type {
	case "revoke":
		original := string(m.Revoke.OriginalMessageID)
		if original == "" {
			return lenient.Unrecognised(key, "A revocation does not say of what.")
		}
		return message.Item{Kind: message.KindDelete, Key: key, Delete: &message.Delete{
			Channel: name, Inbox: r.In.ID, Thread: thread, ID: original, At: when, Author: who.author,
		}}
	case "edit":
		original := string(m.Edit.OriginalMessageID)
		said, reason := m.Edit.Message.read(original)
		if original == "" || reason != "" {
			return lenient.Unrecognised(key, "An edit can't be read: it names message %.80q. %s", original, reason)
		}
		return message.Item{Kind: message.KindEdit, Key: key, Edit: &message.Edit{
			Channel: name, Inbox: r.In.ID, Thread: thread, ID: original, Text: said.text, At: when, Author: who.author,
		}}
	}

	said, reason := m.read(key)
	if reason != "" {
		if ignore, ok := strings.CutPrefix(reason, ignoreMark); ok {
			return lenient.Ignored(key, ignore)
		}
		return lenient.Unrecognised(key, "%s", reason)
	}
	extra := said.extra
	set := func(k, v string) {
		if v == "" {
			return
		}
		if extra == nil {
			extra = map[string]string{}
		}
		extra[k] = v
	}
	set("user_id", who.userID)
	set("phone", who.phone)
	set("group_id", string(m.GroupID))
	if len(m.Errors) > 0 {
		set("error", string(m.Errors[0].Code))
	}
	return message.Item{Kind: message.KindMessage, Key: key, Message: &message.Message{
		Channel:     name,
		Inbox:       r.In.ID,
		ID:          key,
		Thread:      thread,
		Parent:      string(m.Context.ID),
		Author:      who.author,
		Also:        who.also,
		Visibility:  message.Private,
		SentAt:      when,
		Text:        said.text,
		Attachments: said.attachments,
		Extra:       extra,
	}}
}

type person struct {
	author        message.Author
	also          []message.Handle
	phone, userID string
}

// authorOf finds out who wrote m. The message is trusted before the contact:
// a contact's wa_id may be another spelling of the number, so that a lone contact
// counts as the author of a lone message whatever it says.
func authorOf(m inbound, contacts book, lone bool) person {
	p := person{phone: digitsOf(m.From), userID: string(m.FromUserID)}
	if p.phone == "" && m.From != "" && p.userID == "" {
		p.userID = string(m.From)
	}
	c := contacts.find(p, lone)
	if p.userID == "" {
		p.userID = string(c.UserID)
	}
	if p.phone == "" && m.From == "" && p.userID == "" {
		p.phone = digitsOf(c.WaID)
	}
	p.author = message.Author{Name: string(c.Profile.Name), Username: strings.TrimPrefix(string(c.Profile.Username), "@")}
	switch {
	case p.phone != "" && p.userID != "":
		p.author.Handle = message.Handle{Channel: name, ID: p.phone}
		p.also = []message.Handle{{Channel: name, ID: p.userID}}
	case p.phone != "":
		p.author.Handle = message.Handle{Channel: name, ID: p.phone}
	case p.userID != "":
		p.author.Handle = message.Handle{Channel: name, ID: p.userID}
	}
	return p
}

// book holds the contacts that came with a batch of messages, by both names.
type book struct {
	list              []contact
	byPhone, byUserID map[string]contact
}

// addressBook reads contacts. Names are a nicety: where they can't be read the
// messages still count.
func addressBook(raw json.RawMessage) book {
	var b book
	if len(raw) == 0 || json.Unmarshal(raw, &b.list) != nil {
		return book{}
	}
	b.byPhone, b.byUserID = make(map[string]contact, len(b.list)), make(map[string]contact, len(b.list))
	for _, c := range b.list {
		if phone := digitsOf(c.WaID); phone != "" {
			b.byPhone[phone] = c
		}
		if c.UserID != "" {
			b.byUserID[string(c.UserID)] = c
		}
	}
	return b
}

func (b book) find(p person, lone bool) contact {
	if c, ok := b.byUserID[p.userID]; ok {
		return c
	}
	if c, ok := b.byPhone[p.phone]; ok {
		return c
	}
	if lone && len(b.list) == 1 {
		return b.list[0]
	}
	return contact{}
}

// digitsOf is the number in t without "+" and blanks, or "" if t is something
// else (a user id).
func digitsOf(t text) string {
	s := typedNoise.Replace(strings.TrimPrefix(strings.TrimSpace(string(t)), "+"))
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return ""
		}
	}
	return s
}

// keyOf finds the id of a message that is broken elsewhere.
func keyOf(raw json.RawMessage) string {
	var m struct {
		ID any `json:"id"`
	}
	if json.Unmarshal(raw, &m) != nil {
		return ""
	}
	s, _ := m.ID.(string)
	return s
}
