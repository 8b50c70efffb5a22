package telegram

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"ines/shared/channel"
	"ines/shared/channel/lenient"
	"ines/shared/message"
)

// Kinds of update that say nothing to us. The outcome is ignored:<kind>.
var otherUpdates = []string{
	"business_connection", "chat_boost", "chat_join_request", "chat_member", "chosen_inline_result", "inline_query",
	"managed_bot", "message_reaction", "message_reaction_count", "poll", "poll_answer", "pre_checkout_query",
	"purchased_paid_media", "removed_chat_boost", "shipping_query",
}

type reader struct {
	in  channel.Inbox
	e   message.Envelope
	key string // the update's id
}

// Read implements channel.Channel. An update is one item, but for deleted business
// messages, each of which is one.
func (Channel) Read(in channel.Inbox, e message.Envelope) []message.Item {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(e.Body, &fields); err != nil {
		return []message.Item{lenient.Unrecognised("", "The body is not an update: %v", err)}
	}
	var id text
	if raw, ok := fields["update_id"]; !ok || json.Unmarshal(raw, &id) != nil || id == "" {
		return []message.Item{lenient.Unrecognised("", "The body has no update_id.")}
	}
	delete(fields, "update_id")
	r := reader{in: in, e: e, key: string(id)}
	var out []message.Item
	for _, kind := range slices.Sorted(maps.Keys(fields)) {
		out = append(out, r.update(kind, fields[kind])...)
	}
	if len(out) == 0 {
		return []message.Item{lenient.Unrecognised(r.key, "The update holds nothing.")}
	}
	return out
}

func (r reader) update(kind string, raw json.RawMessage) []message.Item {
	switch kind {
	case "message", "channel_post", "business_message":
		return one(r.message(kind, raw, false))
	case "edited_message", "edited_channel_post", "edited_business_message":
		return one(r.message(kind, raw, true))
	case "my_chat_member":
		return one(r.member(raw))
	case "callback_query":
		return one(r.callback(raw))
	case "deleted_business_messages":
		return r.deleted(raw)
	}
	if slices.Contains(otherUpdates, kind) {
		return one(lenient.Ignored(r.key, kind))
	}
	return one(lenient.Unrecognised(r.key, "Updates of kind %.80q are unknown.", kind))
}

func one(it message.Item) []message.Item { return []message.Item{it} }

func (r reader) message(kind string, raw json.RawMessage, edited bool) message.Item {
	var m inbound
	if err := json.Unmarshal(raw, &m); err != nil {
		return lenient.Unrecognised(r.key, "A message can't be read: %v", err)
	}
	if m.ID == "" || m.Chat.ID == "" {
		return lenient.Unrecognised(r.key, "A message has no id or no chat.")
	}
	author := authorOf(m)
	switch id := author.Handle.ID; {
	case id == "":
		return lenient.Unrecognised(r.key, "A message does not say who wrote it.")
	case id == r.in.Account, m.From != nil && string(m.From.ID) == r.in.Account, m.BusinessBot != nil:
		return message.Item{Kind: message.KindEcho, Key: r.key}
	case strings.HasSuffix(kind, "business_message") && m.Chat.Type == "private" && id != string(m.Chat.ID):
		// In a business account's chat whoever is not the customer is us.
		return message.Item{Kind: message.KindEcho, Key: r.key}
	case m.AutomaticForward: // the channel's own post, shown in its discussion group
		return lenient.Ignored(r.key, "automatic_forward")
	case m.From != nil && m.From.IsBot && m.SenderChat == nil:
		return lenient.Ignored(r.key, "bot")
	}
	said := read(m)
	if said.empty() {
		return nothingSaid(r.key, raw)
	}
	id := messageID(m.Chat.ID, m.ID)
	if edited {
		if said.live {
			return lenient.Ignored(r.key, "live_location")
		}
		at := m.EditDate
		if at == "" {
			at = m.Date
		}
		return message.Item{Kind: message.KindEdit, Key: r.key, Edit: &message.Edit{
			Channel: name, Inbox: r.in.ID, Thread: threadOf(m), ID: id, Text: said.text, At: at.Seconds(r.e), Author: author,
		}}
	}
	out := &message.Message{
		Channel: name, Inbox: r.in.ID, ID: id, Thread: threadOf(m), Author: author, Visibility: visibility(m.Chat),
		SentAt: m.Date.Seconds(r.e), Text: said.text, Quoted: string(m.Quote.Text), Attachments: said.files, Extra: extra(m),
	}
	if m.ReplyTo != nil && m.ReplyTo.ID != "" {
		out.Parent = messageID(m.Chat.ID, m.ReplyTo.ID)
	}
	if payload, ok := strings.CutPrefix(out.Text, "/start "); ok && visibility(m.Chat) == message.Private {
		out.Token, out.Text = strings.TrimSpace(payload), "/start" // t.me/<bot>?start=<payload>
	}
	return message.Item{Kind: message.KindMessage, Key: r.key, Message: out}
}

// extra is what the way back needs.
func extra(m inbound) map[string]string {
	out := map[string]string{}
	if m.IsTopic && m.ThreadID != "" {
		out["topic"] = string(m.ThreadID)
	}
	if m.Direct != nil && m.Direct.ID != "" {
		out["direct_topic"] = string(m.Direct.ID)
	}
	if m.Business != "" {
		out["business_connection_id"] = string(m.Business)
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// authorOf: who writes in the name of a chat (an anonymous admin, a channel) is
// that chat; From then is one of Telegram's stand-ins.
func authorOf(m inbound) message.Author {
	switch {
	case m.SenderChat != nil && m.SenderChat.ID != "":
		return chatAuthor(*m.SenderChat)
	case m.From != nil && m.From.ID != "":
		return userAuthor(*m.From)
	case m.From == nil && m.Chat.Type == "channel":
		return chatAuthor(m.Chat)
	}
	return message.Author{}
}

func userAuthor(u user) message.Author {
	return message.Author{Handle: message.Handle{Channel: name, ID: string(u.ID)}, Name: joined(u.First, u.Last), Username: string(u.Username), Locale: string(u.Language)}
}

func chatAuthor(c chat) message.Author {
	return message.Author{Handle: message.Handle{Channel: name, ID: string(c.ID)}, Name: joined(c.Title, c.First, c.Last), Username: string(c.Username)}
}

func visibility(c chat) message.Visibility {
	if c.Type == "private" || c.Direct {
		return message.Private
	}
	return message.Public
}

func messageID(chat, id text) string { return string(chat) + "/" + string(id) }

func threadOf(m inbound) string {
	switch {
	case m.Direct != nil && m.Direct.ID != "":
		return string(m.Chat.ID) + ":" + string(m.Direct.ID)
	case m.ThreadID != "":
		return string(m.Chat.ID) + ":" + string(m.ThreadID)
	}
	return string(m.Chat.ID)
}

// member: in a private chat it says whether the person lets us write.
func (r reader) member(raw json.RawMessage) message.Item {
	var m member
	if err := json.Unmarshal(raw, &m); err != nil || m.Chat.ID == "" {
		return lenient.Unrecognised(r.key, "A change of membership can't be read: %v", err)
	}
	if m.Chat.Type != "private" {
		return lenient.Ignored(r.key, "my_chat_member")
	}
	why := map[text]string{"kicked": "blocked the bot", "member": "unblocked the bot"}[m.New.Status]
	if why == "" {
		return lenient.Unrecognised(r.key, "The status %.40q of a private chat is unknown.", m.New.Status)
	}
	author := userAuthor(m.From)
	if author.Handle.ID == "" || author.Handle.ID == r.in.Account {
		author = chatAuthor(m.Chat)
	}
	return message.Item{Kind: message.KindConsent, Key: r.key, Consent: &message.Consent{
		Channel: name, Inbox: r.in.ID, Thread: string(m.Chat.ID), ID: r.key, Author: author,
		Refused: m.New.Status == "kicked", At: m.Date.Seconds(r.e), Why: why,
	}}
}

// callback is a press of a button under one of our messages: it says what the
// button says. Telegram gives it no time.
func (r reader) callback(raw json.RawMessage) message.Item {
	var c callback
	var p pressed
	if err := json.Unmarshal(raw, &c); err != nil || c.ID == "" || c.From.ID == "" {
		return lenient.Unrecognised(r.key, "A press of a button can't be read: %v", err)
	}
	if len(c.Message) == 0 || json.Unmarshal(c.Message, &p) != nil || p.Chat.ID == "" || c.Data == "" {
		return lenient.Ignored(r.key, "callback_query") // a game, or a button in a chat without us
	}
	said := string(c.Data)
	for _, row := range p.Markup.Rows {
		for _, b := range row {
			if b.Data == c.Data && b.Text != "" {
				said = string(b.Text)
			}
		}
	}
	author := userAuthor(c.From)
	if author.Handle.ID == r.in.Account {
		return message.Item{Kind: message.KindEcho, Key: r.key}
	}
	return message.Item{Kind: message.KindMessage, Key: r.key, Message: &message.Message{
		Channel: name, Inbox: r.in.ID, ID: string(p.Chat.ID) + "/callback/" + string(c.ID), Thread: threadOf(p.inbound), Parent: messageID(p.Chat.ID, p.ID),
		Author: author, Visibility: visibility(p.Chat), SentAt: r.e.ReceivedAt.UTC(), Text: said, Extra: extra(p.inbound),
	}}
}

func (r reader) deleted(raw json.RawMessage) []message.Item {
	var d deleted
	if err := json.Unmarshal(raw, &d); err != nil || d.Chat.ID == "" || len(d.IDs) == 0 {
		return one(lenient.Unrecognised(r.key, "A deletion can't be read: %v", err))
	}
	var out []message.Item
	for _, id := range d.IDs {
		if id == "" {
			out = append(out, lenient.Unrecognised(r.key, "A deletion does not say of what."))
			continue
		}
		out = append(out, message.Item{Kind: message.KindDelete, Key: r.key + "/" + string(id), Delete: &message.Delete{
			Channel: name, Inbox: r.in.ID, ID: messageID(d.Chat.ID, id), At: r.e.ReceivedAt.UTC(), Author: chatAuthor(d.Chat),
		}})
	}
	return out
}
