package telegram

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf16"

	"ines/shared/channel/lenient"
	"ines/shared/message"
	"ines/shared/sorting"
)

// said is what a message says.
type said struct {
	text  string
	files []message.Attachment
	live  bool // nothing but a position, which moves by edits
}

func (s said) empty() bool { return s.text == "" && len(s.files) == 0 }

func read(m inbound) said {
	out := said{text: withLinks(string(m.Text), m.Entities)}
	if m.Text == "" {
		out.text = withLinks(string(m.Caption), m.CaptionEntities)
	}
	add := func(kind, mime string, f *file, alt text) {
		if f == nil || f.ID == "" {
			return
		}
		if f.MIME != "" {
			mime = string(f.MIME)
		}
		out.files = append(out.files, message.Attachment{Type: kind, MIME: mime, Name: string(f.Name), Size: max(f.Size.Int(), 0), Ref: string(f.ID), Alt: string(alt)})
	}
	if n := len(m.Photo); n > 0 {
		add("image", "image/jpeg", &m.Photo[n-1], "") // the last is the largest
	}
	add("video", "", m.Video, "")
	add("video", "video/mp4", m.VideoNote, "")
	add("audio", "", m.Audio, "")
	add("audio", "audio/ogg", m.Voice, "")
	if m.Animation != nil { // Document then repeats it
		add("video", "", m.Animation, "")
	} else {
		add("file", "", m.Document, "")
	}
	if s := m.Sticker; s != nil {
		mime := "image/webp"
		if s.Animated {
			mime = "application/x-tgsticker"
		} else if s.Video {
			mime = "video/webm"
		}
		add("sticker", mime, &s.file, s.Emoji)
	}
	switch {
	case m.Venue != nil:
		out.place(m.Venue.Location, joined(m.Venue.Title), joined(m.Venue.Address))
	case m.Location != nil:
		out.place(*m.Location, "", "")
		out.live = out.text == "" && len(out.files) <= 1
	}
	if c := m.Contact; c != nil && c.Phone != "" {
		out.files = append(out.files, message.Attachment{Type: "contact", Name: joined(c.First, c.Last), URL: lenient.Tel(c.Phone)})
	}
	switch {
	case out.text != "":
	case m.Poll != nil:
		lines := []string{string(m.Poll.Question)}
		for _, o := range m.Poll.Options {
			lines = append(lines, "- "+string(o.Text))
		}
		out.text = strings.Join(lines, "\n")
	case m.Checklist != nil:
		lines := []string{string(m.Checklist.Title)}
		for _, o := range m.Checklist.Tasks {
			lines = append(lines, "- "+string(o.Text))
		}
		out.text = strings.Join(lines, "\n")
	case m.Dice != nil:
		out.text = joined(m.Dice.Emoji, m.Dice.Value)
	}
	return out
}

func (s *said) place(p place, title, address string) {
	if geo := lenient.Geo(p.Latitude, p.Longitude); geo != "" {
		s.files = append(s.files, message.Attachment{Type: "location", Name: title, Alt: address, URL: geo})
	}
}

// withLinks puts the address of a link that hides behind words after the words.
func withLinks(s string, entities []entity) string {
	links := slices.DeleteFunc(slices.Clone(entities), func(e entity) bool { return e.Type != "text_link" || e.URL == "" })
	if len(links) == 0 {
		return s
	}
	units := utf16.Encode([]rune(s))
	end := func(e entity) int64 { return e.Offset.Int() + e.Length.Int() }
	sorting.By(links, func(a, b entity) int { return cmp.Compare(end(a), end(b)) })
	var out strings.Builder
	done := 0
	for _, l := range links {
		from, to := l.Offset.Int(), end(l)
		if from < 0 || to < from || to > int64(len(units)) || int(to) < done {
			continue
		}
		label := string(utf16.Decode(units[from:to]))
		if label == string(l.URL) {
			continue
		}
		out.WriteString(string(utf16.Decode(units[done:to])))
		out.WriteString(" (" + string(l.URL) + ")")
		done = int(to)
	}
	out.WriteString(string(utf16.Decode(units[done:])))
	return out.String()
}

// Messages that the platform writes into a chat, and content that carries no words
// and no file. The outcome is ignored:<field>.
var wordless = []string{
	"boost_added", "channel_chat_created", "chat_background_set", "chat_owner_changed", "chat_owner_left", "chat_shared",
	"checklist_tasks_added", "checklist_tasks_done", "connected_website", "delete_chat_photo", "direct_message_price_changed",
	"forum_topic_closed", "forum_topic_created", "forum_topic_edited", "forum_topic_reopened", "game", "general_forum_topic_hidden",
	"general_forum_topic_unhidden", "gift", "gift_upgrade_sent", "giveaway", "giveaway_completed", "giveaway_created", "giveaway_winners",
	"group_chat_created", "invoice", "left_chat_member", "message_auto_delete_timer_changed", "migrate_from_chat_id", "migrate_to_chat_id",
	"new_chat_members", "new_chat_photo", "new_chat_title", "paid_media", "paid_message_price_changed", "passport_data", "pinned_message",
	"proximity_alert_triggered", "refunded_payment", "story", "successful_payment", "suggested_post_approval_failed",
	"suggested_post_approved", "suggested_post_declined", "suggested_post_paid", "suggested_post_refunded", "supergroup_chat_created",
	"unique_gift", "users_shared", "video_chat_ended", "video_chat_participants_invited", "video_chat_scheduled", "video_chat_started",
	"voice_chat_ended", "voice_chat_participants_invited", "voice_chat_scheduled", "voice_chat_started", "web_app_data", "write_access_allowed",
}

func nothingSaid(key string, raw json.RawMessage) message.Item {
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) == nil {
		for _, f := range wordless {
			if _, ok := fields[f]; ok {
				return lenient.Ignored(key, f)
			}
		}
	}
	return lenient.Unrecognised(key, "A message holds neither words nor a file that we know.")
}
