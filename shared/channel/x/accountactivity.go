package x

import (
	"encoding/json"
	"slices"
	"strings"

	"ines/shared/channel/lenient"
	"ines/shared/message"
	"ines/shared/sorting"
)

// tweet is a post in the older (v1.1) shape.
type tweet struct {
	ID           id              `json:"id"`
	IDStr        id              `json:"id_str"`
	Text         words           `json:"text"`
	FullText     words           `json:"full_text"`
	Range        many[count]     `json:"display_text_range"`
	Entities     entities        `json:"entities"`
	MoreEntities entities        `json:"extended_entities"`
	Extended     *tweet          `json:"extended_tweet"` // the whole of a text over 140
	InReplyTo    id              `json:"in_reply_to_status_id_str"`
	InReplyToNum id              `json:"in_reply_to_status_id"`
	AnswersWhom  id              `json:"in_reply_to_user_id_str"`
	Conversation id              `json:"conversation_id_str"`
	QuotedID     id              `json:"quoted_status_id_str"`
	Quoted       *tweet          `json:"quoted_status"`
	Reposted     json.RawMessage `json:"retweeted_status"`
	User         person          `json:"user"`
	Lang         string          `json:"lang"`
	CreatedAt    string          `json:"created_at"`
	TimestampMS  id              `json:"timestamp_ms"`
}

func (t tweet) id() string { return string(either(t.IDStr, t.ID)) }

func either(a, b id) id {
	if a != "" {
		return a
	}
	return b
}

// Lists of the older shape that are no concern of a desk.
var uninterestingLists = map[string]string{
	"favorite_events": "like", "follow_events": "follow", "unfollow_events": "follow",
	"block_events": "block", "unblock_events": "block", "mute_events": "mute", "unmute_events": "mute",
	"direct_message_indicate_typing_events": "typing",
}

func (r reader) accountActivity(top map[string]json.RawMessage) []message.Item {
	var forUser id
	var people map[string]person
	if json.Unmarshal(top["for_user_id"], &forUser) != nil || forUser == "" {
		return []message.Item{unrecognised("", "for_user_id is not an id")}
	}
	if raw := top["users"]; raw != nil && !decode(raw, &people) {
		people = nil
	}
	var items []message.Item
	known := false
	// Posts and messages come before what withdraws them.
	names := sortedKeys(top)
	sorting.By(names, func(a, b string) int { return rank(a) - rank(b) })
	for _, name := range names {
		if name == "user_event" {
			known = true
			items = append(items, ignored("", "access_revoked"))
			continue
		}
		if !strings.HasSuffix(name, "_events") {
			continue // users, apps, user_has_blocked and the like accompany events
		}
		known = true
		var raws []json.RawMessage
		if json.Unmarshal(top[name], &raws) != nil {
			items = append(items, unrecognised("", name+" is not a list"))
			continue
		}
		for _, raw := range raws {
			items = append(items, r.listed(name, raw, forUser, people))
		}
	}
	if !known {
		return []message.Item{unrecognised("", "account activity without any list of events")}
	}
	if string(forUser) != r.in.Account {
		return lenient.Elsewhere(items)
	}
	return items
}

func rank(name string) int {
	if name == "tweet_delete_events" {
		return 1
	}
	return 0
}

func (r reader) listed(name string, raw json.RawMessage, forUser id, people map[string]person) message.Item {
	switch name {
	case "tweet_create_events":
		return r.tweet(raw, forUser)
	case "direct_message_events":
		return r.oldDirectMessage("", raw, r.own(forUser), people, includes{})
	case "direct_message_mark_read_events":
		return r.readUpTo("", raw, r.own(forUser))
	case "tweet_delete_events":
		var d struct {
			Status struct {
				ID     id `json:"id"`
				IDStr  id `json:"id_str"`
				UserID id `json:"user_id"`
			} `json:"status"`
			TimestampMS id `json:"timestamp_ms"`
		}
		if !decode(raw, &d) {
			return unrecognised("", "a deletion of an unknown shape")
		}
		post := string(either(d.Status.IDStr, d.Status.ID))
		return r.deleted(post, post, string(d.Status.UserID), millis(d.TimestampMS))
	}
	if reason, ok := uninterestingLists[name]; ok {
		return ignored("", reason)
	}
	return unrecognised("", "unknown list "+quoted(name))
}

// tweet: the older shape does not say the conversation. The thread is the post
// answered, so that direct answers to one post meet, or the post itself; answers
// to answers find their case by their parent.
func (r reader) tweet(raw json.RawMessage, forUser id) message.Item {
	var t tweet
	if !decode(raw, &t) || t.id() == "" {
		return unrecognised("", "a post without an id")
	}
	key, own := t.id(), r.own(forUser)
	who := t.User.flat()
	if slices.Contains(own, string(who.ID)) {
		return message.Item{Kind: message.KindEcho, Key: key}
	}
	if len(t.Reposted) > 0 && string(t.Reposted) != "null" {
		return ignored(key, "repost")
	}
	text, ent, rng, more := t.Text, t.Entities, t.Range, t.MoreEntities
	if t.FullText.ok {
		text = t.FullText
	}
	if x := t.Extended; x != nil && x.FullText.ok {
		text, ent, rng, more = x.FullText, x.Entities, x.Range, x.MoreEntities
	}
	if !text.ok {
		return unrecognised(key, "a post without a text")
	}
	parent := string(either(t.InReplyTo, t.InReplyToNum))
	s := said{
		id: key, thread: string(t.Conversation), parent: parent, author: who, visibility: message.Public,
		at: ownTime(t.CreatedAt), lang: t.Lang, text: readable(text.s, rng, ent, more),
	}
	if at := millis(t.TimestampMS); !at.IsZero() {
		s.at = at // finer
	}
	if s.thread == "" {
		s.thread = parent
	}
	if s.thread == "" {
		s.thread = key
	}
	for _, m := range more.Media {
		s.attachments = appendMedia(s.attachments, m)
	}
	s.summoned = ent.mention(own) || t.Entities.mention(own) || leadingMention(text.s, []string{r.in.Name}) ||
		slices.Contains(own, string(t.AnswersWhom))
	if q := t.Quoted; q != nil {
		s.summoned = s.summoned || slices.Contains(own, string(q.User.flat().ID))
	}
	if t.QuotedID != "" {
		s.refs = []string{string(t.QuotedID)}
	}
	return r.item(key, s, own)
}
