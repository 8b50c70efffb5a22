package slack

import (
	"cmp"
	"encoding/json"
	"net/url"
	"strings"

	"ines/shared/channel/lenient"
	"ines/shared/message"
)

// interaction is a pressed button, a shortcut or a form.
type interaction struct {
	Type text `json:"type"`
	Team struct {
		ID text `json:"id"`
	} `json:"team"`
	User struct {
		ID       text `json:"id"`
		Username text `json:"username"`
		Name     text `json:"name"`
		Team     text `json:"team_id"`
	} `json:"user"`
	Channel struct {
		ID text `json:"id"`
	} `json:"channel"`
	Container struct {
		MessageTS text `json:"message_ts"`
		ThreadTS  text `json:"thread_ts"`
		Channel   text `json:"channel_id"`
	} `json:"container"`
	Message  *post    `json:"message"`
	Trigger  text     `json:"trigger_id"`
	Callback text     `json:"callback_id"`
	Actions  []action `json:"actions"`
}

type action struct {
	ID   text `json:"action_id"`
	TS   text `json:"action_ts"`
	Text struct {
		Text text `json:"text"`
	} `json:"text"`
	Value    text `json:"value"`
	Selected struct {
		Text struct {
			Text text `json:"text"`
		} `json:"text"`
	} `json:"selected_option"`
}

// Interactions that are about what we never show. The outcome is ignored:<type>.
var otherInteractions = words(`block_suggestion dialog_cancellation dialog_submission dialog_suggestion interactive_message
	shortcut view_closed view_submission workflow_step_edit`)

// form reads a slash command, or the interaction in the field payload.
func (r reader) form(body string) message.Item {
	f, err := url.ParseQuery(body)
	if err != nil {
		return lenient.Unrecognised("", "The form can't be read: %v", err)
	}
	field := func(name string) text { return text(strings.ToValidUTF8(f.Get(name), "\uFFFD")) }
	r.key = string(field("trigger_id"))
	switch {
	case f.Has("payload"):
		return r.interaction(string(field("payload")))
	case field("ssl_check") != "":
		return lenient.Ignored(r.key, "ssl_check")
	case field("command") == "":
		return lenient.Unrecognised(r.key, "The form is neither a command nor an interaction.")
	}
	r.team = string(field("team_id"))
	who := field("user_id")
	if who == "" || r.key == "" {
		return lenient.Unrecognised(r.key, "A command has no trigger_id or does not say who gave it.")
	}
	author := r.author(who)
	author.Username = string(field("user_name"))
	if author.Handle.ID == r.in.Account {
		return message.Item{Kind: message.KindEcho, Key: r.key}
	}
	// Nobody else in the channel sees a command: the answer goes to the person.
	return message.Item{Kind: message.KindMessage, Key: r.key, Message: &message.Message{
		Channel: name, Inbox: r.in.ID, ID: r.team + ":command:" + r.key, Thread: r.team + ":" + string(who), Author: author, Visibility: message.Private,
		SentAt: r.e.ReceivedAt.UTC(), Text: cmp.Or(readable(string(field("text")), r.in), string(field("command"))),
		Extra: map[string]string{"command": string(field("command"))},
	}}
}

func (r reader) interaction(payload string) message.Item {
	var i interaction
	if err := json.Unmarshal([]byte(payload), &i); err != nil {
		return lenient.Unrecognised(r.key, "An interaction can't be read: %v", err)
	}
	r.key = string(cmp.Or(i.Trigger, i.Callback))
	r.team = string(cmp.Or(i.Team.ID, i.User.Team))
	where := cmp.Or(i.Channel.ID, i.Container.Channel)
	switch {
	case i.Type == "message_action" && i.Message != nil && where != "":
		// Somebody hands us a post: that is filed, as its author's. Whether
		// the channel is public isn't said.
		item := r.message(where, "", *i.Message)
		if m := item.Message; m != nil {
			m.SentAt = r.e.ReceivedAt.UTC()
		}
		return item
	case i.Type == "block_actions":
		return r.pressed(i, where)
	case i.Type == "message_action" || otherInteractions()[i.Type]:
		return lenient.Ignored(r.key, string(i.Type))
	}
	return lenient.Unrecognised(r.key, "Interactions of type %.80q are unknown.", i.Type)
}

// pressed is what a person says by a button or a menu under a message.
func (r reader) pressed(i interaction, where text) message.Item {
	var says []string
	ts := text("")
	for _, a := range i.Actions {
		if s := cmp.Or(a.Selected.Text.Text, a.Text.Text, a.Value); s != "" {
			says, ts = append(says, readable(string(s), r.in)), cmp.Or(ts, a.TS)
		}
	}
	on := i.Container.MessageTS
	thread := cmp.Or(i.Container.ThreadTS, on)
	if i.Message != nil {
		on = cmp.Or(on, i.Message.TS)
		thread = cmp.Or(i.Container.ThreadTS, i.Message.ThreadTS, on)
	}
	if len(says) == 0 || ts == "" || on == "" || where == "" || i.User.ID == "" || string(i.User.ID) == r.in.Account {
		return lenient.Ignored(r.key, "block_actions") // on a form or the app's home, or wordless
	}
	author := r.author(i.User.ID)
	author.Username = string(cmp.Or(i.User.Username, i.User.Name))
	return message.Item{Kind: message.KindMessage, Key: r.key, Message: &message.Message{
		Channel: name, Inbox: r.in.ID, ID: r.id(where, ts), Thread: r.id(where, thread), Parent: r.id(where, on), Author: author,
		Visibility: visibility(where, ""), SentAt: r.e.ReceivedAt.UTC(), Text: strings.Join(says, "\n"),
	}}
}
