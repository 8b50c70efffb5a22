package slack

import (
	"cmp"
	"encoding/json"
	"strconv"
	"strings"
	"sync"
	"time"

	"ines/shared/channel"
	"ines/shared/channel/lenient"
	"ines/shared/message"
)

type text = lenient.Text

type outer struct {
	Type  text            `json:"type"`
	Team  text            `json:"team_id"`
	ID    text            `json:"event_id"`
	Time  text            `json:"event_time"`
	Event json.RawMessage `json:"event"`
	// Seen are the installations of the app that the event is for.
	Seen []struct {
		User text `json:"user_id"`
		Bot  bool `json:"is_bot"`
	} `json:"authorizations"`
}

// elsewhere reports whether the event is for other bots than the account alone.
func (o outer) elsewhere(account string) bool {
	other := false
	for _, a := range o.Seen {
		if string(a.User) == account || !a.Bot {
			return false
		}
		other = true
	}
	return other
}

type event struct {
	Type        text `json:"type"`
	Subtype     text `json:"subtype"`
	Channel     text `json:"channel"`
	ChannelType text `json:"channel_type"`
	EventTS     text `json:"event_ts"`
	DeletedTS   text `json:"deleted_ts"`
	post
	Message  *post `json:"message"`
	Previous *post `json:"previous_message"`
}

type post struct {
	Sub      text   `json:"subtype"`
	User     text   `json:"user"`
	Bot      text   `json:"bot_id"`
	App      text   `json:"app_id"`
	TS       text   `json:"ts"`
	ThreadTS text   `json:"thread_ts"`
	Text     text   `json:"text"`
	Files    []file `json:"files"`
	Profile  struct {
		Name    text `json:"name"`
		Real    text `json:"real_name"`
		Display text `json:"display_name"`
	} `json:"user_profile"`
	Shared []struct {
		IsShare  bool `json:"is_share"`
		IsUnfurl bool `json:"is_msg_unfurl"`
		Text     text `json:"text"`
		Fallback text `json:"fallback"`
	} `json:"attachments"`
}

type file struct {
	ID       text `json:"id"`
	Name     text `json:"name"`
	Title    text `json:"title"`
	MIME     text `json:"mimetype"`
	Size     text `json:"size"`
	Mode     text `json:"mode"`
	Alt      text `json:"alt_txt"`
	Private  text `json:"url_private"`
	Download text `json:"url_private_download"`
}

// Kinds of event that say nothing to us. The outcome is ignored:<type>.
var otherEvents = words(`app_deleted app_home_opened app_installed app_requested app_uninstalled app_uninstalled_team
	assistant_thread_context_changed assistant_thread_started call_rejected channel_archive channel_created channel_deleted
	channel_history_changed channel_id_changed channel_left channel_rename channel_shared channel_unarchive channel_unshared
	dnd_updated dnd_updated_user email_domain_changed emoji_changed entity_details_requested file_change file_comment_added
	file_comment_deleted file_comment_edited file_created file_deleted file_public file_shared file_unshared function_executed
	grid_migration_finished grid_migration_started group_archive group_close group_deleted group_history_changed group_left
	group_open group_rename group_unarchive im_close im_created im_history_changed im_open invite_requested link_shared
	member_joined_channel member_left_channel message_metadata_deleted message_metadata_posted message_metadata_updated
	pin_added pin_removed reaction_added reaction_removed resources_added resources_removed scope_denied scope_granted
	shared_channel_invite_accepted shared_channel_invite_approved shared_channel_invite_declined shared_channel_invite_received
	shared_channel_invite_requested star_added star_removed subteam_created subteam_members_changed subteam_self_added
	subteam_self_removed subteam_updated team_access_granted team_access_revoked team_domain_change team_join team_rename
	tokens_revoked user_change user_huddle_changed user_profile_changed user_resource_denied user_resource_granted
	user_resource_removed user_status_changed workflow_deleted workflow_published workflow_step_deleted workflow_step_execute
	workflow_unpublished`)

// What Slack itself writes into a conversation. The outcome is ignored:<subtype>.
var otherSubtypes = words(`assistant_app_thread bot_add bot_disable bot_enable bot_remove channel_archive
	channel_canvas_updated channel_convert_to_private channel_convert_to_public channel_join channel_leave channel_name
	channel_posting_permissions channel_purpose channel_topic channel_unarchive document_comment_root document_mention
	ekm_access_denied file_comment file_mention group_archive group_join group_leave group_name group_purpose group_topic
	group_unarchive huddle_thread joiner_notification joiner_notification_for_inviter message_replied pinned_item reminder_add
	reply_broadcast sh_room_created sh_room_shared slackbot_response tombstone unpinned_item`)

// words are made a set when one is first looked for: most functions never do.
func words(list string) func() map[text]bool {
	return sync.OnceValue(func() map[text]bool {
		out := map[text]bool{}
		for w := range strings.FieldsSeq(list) {
			out[text(w)] = true
		}
		return out
	})
}

// Read implements channel.Channel. A delivery is one item.
func (Channel) Read(in channel.Inbox, e message.Envelope) []message.Item {
	if isForm(e.Header["content-type"]) {
		return []message.Item{reader{in: in, e: e}.form(string(e.Body))}
	}
	var o outer
	if err := json.Unmarshal(e.Body, &o); err != nil {
		return []message.Item{lenient.Unrecognised("", "The body is not an event: %v", err)}
	}
	r := reader{in: in, e: e, team: string(o.Team), key: string(o.ID), time: o.Time}
	switch o.Type {
	case "event_callback":
		items := []message.Item{r.event(o.Event)}
		if o.elsewhere(in.Account) {
			return lenient.Elsewhere(items)
		}
		return items
	case "app_rate_limited", "url_verification":
		return []message.Item{lenient.Ignored(r.key, string(o.Type))}
	}
	return []message.Item{lenient.Unrecognised(r.key, "Deliveries of type %.80q are unknown.", o.Type)}
}

type reader struct {
	in   channel.Inbox
	e    message.Envelope
	team string
	key  string // the event's id
	time text
}

func (r reader) event(raw json.RawMessage) message.Item {
	var ev event
	if err := json.Unmarshal(raw, &ev); err != nil {
		return lenient.Unrecognised(r.key, "An event can't be read: %v", err)
	}
	switch {
	case ev.Type == "app_mention", ev.Type == "message":
	case otherEvents()[ev.Type]:
		return lenient.Ignored(r.key, string(ev.Type))
	default:
		return lenient.Unrecognised(r.key, "Events of type %.80q are unknown.", ev.Type)
	}
	if ev.Channel == "" {
		return lenient.Unrecognised(r.key, "A message does not say where it was posted.")
	}
	switch ev.Subtype {
	case "message_changed":
		return r.changed(ev)
	case "message_deleted":
		if ev.DeletedTS == "" {
			return lenient.Unrecognised(r.key, "A deletion does not say of what.")
		}
		was := post{}
		if ev.Previous != nil {
			was = *ev.Previous
		}
		return r.deleted(ev, ev.DeletedTS, was)
	case "bot_message":
		return message.Item{Kind: message.KindEcho, Key: r.key}
	case "", "file_share", "me_message", "thread_broadcast":
		return r.message(ev.Channel, ev.ChannelType, ev.post)
	}
	if otherSubtypes()[ev.Subtype] {
		return lenient.Ignored(r.key, string(ev.Subtype))
	}
	return lenient.Unrecognised(r.key, "Messages of subtype %.80q are unknown.", ev.Subtype)
}

// ours reports whether an app wrote p: ours, or one that is no customer either.
func (r reader) ours(p post) bool {
	return p.Bot != "" || p.App != "" || p.Sub == "bot_message" || p.User != "" && string(p.User) == r.in.Account
}

func (r reader) message(where, kind text, p post) message.Item {
	switch {
	case r.ours(p):
		return message.Item{Kind: message.KindEcho, Key: r.key}
	case p.TS == "" || p.User == "":
		return lenient.Unrecognised(r.key, "A message has no ts or does not say who wrote it.")
	}
	m := &message.Message{
		Channel: name, Inbox: r.in.ID, ID: r.id(where, p.TS), Thread: r.id(where, cmp.Or(p.ThreadTS, p.TS)), Author: r.author(p.User),
		Visibility: visibility(where, kind), SentAt: r.at(p.TS), Text: readable(string(p.Text), r.in), Attachments: attachments(p.Files),
	}
	m.Author.Name = cmp.Or(string(p.Profile.Display), string(p.Profile.Real))
	m.Author.Username = string(p.Profile.Name)
	if p.ThreadTS != "" && p.ThreadTS != p.TS {
		m.Parent = r.id(where, p.ThreadTS)
	}
	for _, s := range p.Shared { // a post passed on: somebody else's words
		if s.IsShare || s.IsUnfurl {
			m.Quoted = strings.TrimPrefix(m.Quoted+"\n\n"+readable(string(cmp.Or(s.Text, s.Fallback)), r.in), "\n\n")
		}
	}
	if m.Text == "" && m.Quoted == "" && len(m.Attachments) == 0 {
		return lenient.Unrecognised(r.key, "A message holds neither words nor a file.")
	}
	return message.Item{Kind: message.KindMessage, Key: r.key, Message: m}
}

func (r reader) changed(ev event) message.Item {
	if ev.Message == nil {
		return lenient.Unrecognised(r.key, "A change does not say of what.")
	}
	now, was := *ev.Message, post{}
	if ev.Previous != nil {
		was = *ev.Previous
	}
	now.TS, now.ThreadTS = cmp.Or(now.TS, was.TS), cmp.Or(now.ThreadTS, was.ThreadTS)
	switch {
	case now.TS == "":
		return lenient.Unrecognised(r.key, "A change does not say of what.")
	case now.Sub == "tombstone": // deleted, and answers still hang from it
		return r.deleted(ev, now.TS, was)
	case r.ours(now):
		return message.Item{Kind: message.KindEcho, Key: r.key}
	case now.User == "":
		return lenient.Unrecognised(r.key, "A change does not say whose message it is.")
	case ev.Previous != nil && was.Text == now.Text:
		return lenient.Ignored(r.key, "text_unchanged") // a preview came, a reply was counted
	}
	return message.Item{Kind: message.KindEdit, Key: r.key, Edit: &message.Edit{
		Channel: name, Inbox: r.in.ID, Thread: r.id(ev.Channel, cmp.Or(now.ThreadTS, now.TS)), ID: r.id(ev.Channel, now.TS),
		Text: readable(string(now.Text), r.in), At: r.at(cmp.Or(ev.TS, ev.EventTS)), Author: r.author(now.User),
	}}
}

func (r reader) deleted(ev event, ts text, was post) message.Item {
	if r.ours(was) {
		return message.Item{Kind: message.KindEcho, Key: r.key}
	}
	d := &message.Delete{Channel: name, Inbox: r.in.ID, ID: r.id(ev.Channel, ts), At: r.at(cmp.Or(ev.TS, ev.EventTS)), Author: r.author(was.User)}
	if was.TS != "" {
		d.Thread = r.id(ev.Channel, cmp.Or(was.ThreadTS, was.TS))
	}
	return message.Item{Kind: message.KindDelete, Key: r.key, Delete: d}
}

func (r reader) id(where, ts text) string { return r.team + ":" + string(where) + ":" + string(ts) }

func (r reader) author(user text) message.Author {
	return message.Author{Handle: message.Handle{Channel: name, Scope: r.team, ID: string(user)}}
}

// visibility: a mention says no channel_type; the id's first letter tells then,
// though new private channels have a C as well.
func visibility(where, kind text) message.Visibility {
	if kind == "channel" || kind == "" && strings.HasPrefix(string(where), "C") {
		return message.Public
	}
	return message.Private
}

// at is the time in ts. Slack tells of a post within seconds: an event_time that is
// much later is that of a replay, or of an old post that mentions us only now.
func (r reader) at(ts text) time.Time {
	said := r.time.Seconds(r.e)
	at, ok := parseTS(string(ts))
	if !ok {
		return said
	}
	at = channel.Stamp(r.e, at)
	if r.time.Int() > 0 && said.Sub(at) > time.Minute {
		return said
	}
	return at
}

// parseTS reads seconds and microseconds.
func parseTS(ts string) (time.Time, bool) {
	whole, part, _ := strings.Cut(ts, ".")
	sec, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || sec <= 0 || sec > 99999999999 {
		return time.Time{}, false
	}
	micro, err := strconv.ParseUint((part + "000000")[:6], 10, 32)
	if err != nil {
		return time.Time{}, false
	}
	return time.Unix(sec, int64(micro)*1000), true
}
