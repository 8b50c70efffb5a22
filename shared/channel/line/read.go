package line

import (
	"cmp"
	"encoding/json"
	"strings"

	"ines/shared/channel"
	"ines/shared/channel/lenient"
	"ines/shared/message"
)

type text = lenient.Text

type delivery struct {
	Destination text               `json:"destination"`
	Events      *[]json.RawMessage `json:"events"`
}

type event struct {
	Type      text `json:"type"`
	Mode      text `json:"mode"`
	Timestamp text `json:"timestamp"`
	ID        text `json:"webhookEventId"`
	Reply     text `json:"replyToken"`
	Source    struct {
		Type  text `json:"type"`
		User  text `json:"userId"`
		Group text `json:"groupId"`
		Room  text `json:"roomId"`
	} `json:"source"`
	Message  *content `json:"message"`
	Postback *struct {
		Data   text                       `json:"data"`
		Params map[string]json.RawMessage `json:"params"`
	} `json:"postback"`
	Unsend struct {
		ID text `json:"messageId"`
	} `json:"unsend"`
	Follow struct {
		Unblocked bool `json:"isUnblocked"`
	} `json:"follow"`
}

type content struct {
	ID       text `json:"id"`
	Type     text `json:"type"`
	Text     text `json:"text"`
	Quoted   text `json:"quotedMessageId"`
	Provider struct {
		Type text `json:"type"`
		URL  text `json:"originalContentUrl"`
	} `json:"contentProvider"`
	FileName  text   `json:"fileName"`
	FileSize  text   `json:"fileSize"`
	Title     text   `json:"title"`
	Address   text   `json:"address"`
	Latitude  text   `json:"latitude"`
	Longitude text   `json:"longitude"`
	Package   text   `json:"packageId"`
	Sticker   text   `json:"stickerId"`
	Keywords  []text `json:"keywords"`
}

// Events that say nothing to us, and their outcome ignored:<reason>.
var otherEvents = map[text]string{
	"accountLink": "account_link", "activated": "activated", "beacon": "beacon", "botResumed": "bot_resumed", "botSuspended": "bot_suspended",
	"deactivated": "deactivated", "delivery": "notification_delivery", "join": "join", "leave": "leave", "memberJoined": "member_joined",
	"memberLeft": "member_left", "membership": "membership", "module": "module", "things": "things", "videoPlayComplete": "video_play_complete",
}

// Read implements channel.Channel: every event is an item of its own.
func (Channel) Read(in channel.Inbox, e message.Envelope) []message.Item {
	var d delivery
	if err := json.Unmarshal(e.Body, &d); err != nil {
		return []message.Item{lenient.Unrecognised("", "The body is not a delivery: %v", err)}
	}
	if d.Events == nil {
		return []message.Item{lenient.Unrecognised("", "The delivery has no events.")}
	}
	r := reader{in: in, e: e, bot: string(d.Destination)}
	if r.bot == "" {
		r.bot = in.Account
	}
	var out []message.Item
	for _, raw := range *d.Events {
		out = append(out, r.event(raw))
	}
	if r.bot != in.Account {
		return lenient.Elsewhere(out)
	}
	return out
}

type reader struct {
	in  channel.Inbox
	e   message.Envelope
	bot string
}

func (r reader) event(raw json.RawMessage) message.Item {
	var ev event
	if err := json.Unmarshal(raw, &ev); err != nil {
		var id struct {
			ID string `json:"webhookEventId"`
		}
		_ = json.Unmarshal(raw, &id) // best effort: the event is unreadable anyway
		return lenient.Unrecognised(id.ID, "An event can't be read: %v", err)
	}
	key := string(ev.ID)
	if reason := otherEvents[ev.Type]; reason != "" {
		return lenient.Ignored(key, reason)
	}
	with := cmp.Or(ev.Source.Group, ev.Source.Room, ev.Source.User)
	// In a group somebody who hasn't agreed to it is shown without an id.
	who := cmp.Or(ev.Source.User, with)
	author := message.Author{Handle: message.Handle{Channel: name, ID: string(who)}}
	thread := r.bot + ":" + string(with)
	at := ev.Timestamp.Millis(r.e)
	switch ev.Type {
	case "message", "postback", "unsend", "follow", "unfollow":
		switch {
		case who == "":
			return lenient.Unrecognised(key, "An event does not say where it comes from.")
		case string(who) == r.in.Account || string(who) == r.bot:
			return message.Item{Kind: message.KindEcho, Key: key}
		}
	}
	switch ev.Type {
	case "unsend":
		if ev.Unsend.ID == "" {
			return lenient.Unrecognised(key, "Something was unsent, and nobody says what.")
		}
		return message.Item{Kind: message.KindDelete, Key: key, Delete: &message.Delete{
			Channel: name, Inbox: r.in.ID, Thread: thread, ID: string(ev.Unsend.ID), At: at, Author: author}}
	case "follow", "unfollow":
		why := map[bool]string{false: "followed the account", true: "unblocked the account"}[ev.Follow.Unblocked]
		if ev.Type == "unfollow" {
			why = "blocked the account"
		}
		return message.Item{Kind: message.KindConsent, Key: key, Consent: &message.Consent{
			Channel: name, Inbox: r.in.ID, Thread: thread, ID: r.eventID(ev), Author: author, Refused: ev.Type == "unfollow", At: at, Why: why}}
	case "message", "postback":
	default:
		return lenient.Unrecognised(key, "Events of type %.80q are unknown.", ev.Type)
	}
	m := &message.Message{Channel: name, Inbox: r.in.ID, Thread: thread, Author: author, Visibility: message.Private, SentAt: at, Extra: extra(ev)}
	if ev.Type == "postback" {
		return r.postback(ev, m)
	}
	if ev.Message == nil || ev.Message.ID == "" {
		return lenient.Unrecognised(key, "A message has no id.")
	}
	if reason := ev.Message.into(m); reason != "" {
		return lenient.Unrecognised(key, "%s", reason)
	}
	return message.Item{Kind: message.KindMessage, Key: key, Message: m}
}

// eventID is the event's id; deliveries recorded before there were any name what
// they are about.
func (r reader) eventID(ev event) string {
	return string(cmp.Or(ev.ID, ev.Type+"/"+ev.Source.User+"/"+cmp.Or(ev.Reply, ev.Timestamp)))
}

// extra is what answering needs.
func extra(ev event) map[string]string {
	out := map[string]string{}
	if ev.Reply != "" {
		out["reply_token"] = string(ev.Reply)
	}
	if ev.Mode == "standby" {
		out["mode"] = "standby"
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// postback is a pressed button: it says what the button's maker put behind it.
func (r reader) postback(ev event, m *message.Message) message.Item {
	if ev.Postback == nil {
		return lenient.Unrecognised(string(ev.ID), "A postback holds nothing.")
	}
	if _, ok := ev.Postback.Params["newRichMenuAliasId"]; ok {
		return lenient.Ignored(string(ev.ID), "rich_menu_switch")
	}
	said := []string{string(ev.Postback.Data)}
	for _, picked := range []string{"date", "time", "datetime"} {
		var v text
		if json.Unmarshal(ev.Postback.Params[picked], &v) == nil && v != "" {
			said = append(said, string(v))
		}
	}
	m.ID, m.Text = r.eventID(ev), strings.TrimSpace(strings.Join(said, " "))
	if m.Text == "" {
		return lenient.Unrecognised(string(ev.ID), "A postback holds nothing.")
	}
	return message.Item{Kind: message.KindMessage, Key: string(ev.ID), Message: m}
}

var fileTypes = map[text]string{"image": "image", "video": "video", "audio": "audio", "file": "file"}

// into puts what was said into m; the reason is "" if that worked. LINE emojis and
// mentions need nothing: the text has their names, "(love)" and "@Rui".
func (c content) into(m *message.Message) (reason string) {
	m.ID, m.Parent = string(c.ID), string(c.Quoted)
	switch c.Type {
	case "text":
		m.Text = string(c.Text)
	case "image", "video", "audio", "file":
		a := message.Attachment{Type: fileTypes[c.Type], Name: string(c.FileName), Size: max(c.FileSize.Int(), 0), Ref: string(c.ID)}
		if c.Provider.Type == "external" && c.Provider.URL != "" {
			a.Ref, a.URL = "", string(c.Provider.URL)
		}
		m.Attachments = []message.Attachment{a}
	case "location":
		if geo := lenient.Geo(c.Latitude, c.Longitude); geo != "" {
			m.Attachments = []message.Attachment{{Type: "location", Name: string(c.Title), Alt: string(c.Address), URL: geo}}
		}
	case "sticker":
		words := make([]string, 0, len(c.Keywords))
		for _, k := range c.Keywords {
			words = append(words, string(k))
		}
		m.Text = string(c.Text) // message stickers carry words of the sender's
		if c.Sticker != "" {
			m.Attachments = []message.Attachment{{Type: "sticker", MIME: "image/png", Ref: stickerRef + string(c.Sticker), Alt: strings.Join(words, ", ")}}
		}
	default:
		return "Messages of type \"" + string(c.Type) + "\" are unknown."
	}
	if m.Text == "" && len(m.Attachments) == 0 {
		return "A message holds neither words nor a file."
	}
	return ""
}
