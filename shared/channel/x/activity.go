package x

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"ines/shared/channel/lenient"
	"ines/shared/message"
)

// event is one delivery of the X Activity API.
type event struct {
	UUID   id     `json:"event_uuid"` // may be negative
	Type   string `json:"event_type"`
	Filter struct {
		UserID id `json:"user_id"`
	} `json:"filter"`
	Payload  json.RawMessage `json:"payload"`
	Includes includes        `json:"includes"`
}

type includes struct {
	Users  many[person] `json:"users"`
	Tweets many[post]   `json:"tweets"`
	Media  many[media]  `json:"media"`
}

// post is a post in the v2 shape.
type post struct {
	ID           id          `json:"id"`
	AuthorID     id          `json:"author_id"`
	Conversation id          `json:"conversation_id"`
	InReplyTo    id          `json:"in_reply_to_tweet_id"`
	AnswersWhom  id          `json:"in_reply_to_user_id"`
	Text         words       `json:"text"`
	Lang         string      `json:"lang"`
	CreatedAt    string      `json:"created_at"`
	Range        many[count] `json:"display_text_range"`
	Entities     entities    `json:"entities"`
	Referenced   many[struct {
		Type string `json:"type"`
		ID   id     `json:"id"`
	}] `json:"referenced_tweets"`
	Attachments attachments `json:"attachments"`
	// Note is the whole text of a long post.
	Note struct {
		Text     words    `json:"text"`
		Entities entities `json:"entities"`
	} `json:"note_tweet"`
}

type attachments struct {
	Keys many[string] `json:"media_keys"`
}

// known event types that are no concern of a desk, by what they begin with.
var uninteresting = []struct{ prefix, reason string }{
	{"like.", "like"}, {"follow.", "follow"}, {"mute.", "mute"}, {"block.", "block"},
	{"profile.", "profile"}, {"spaces.", "spaces"}, {"news.", "news"},
	{"chat.", "encrypted_chat"}, {"dm.indicate_typing", "typing"},
	{"oauth.revoke", "access_revoked"}, {"post.repost", "repost"},
}

func (r reader) activity(top map[string]json.RawMessage) []message.Item {
	raws := []json.RawMessage{top["data"]}
	if bytes.HasPrefix(bytes.TrimSpace(top["data"]), []byte("[")) {
		raws = nil
		if json.Unmarshal(top["data"], &raws) != nil {
			return []message.Item{unrecognised("", "data is not an event")}
		}
	}
	var beside includes
	if raw := top["includes"]; raw != nil && !decode(raw, &beside) {
		beside = includes{}
	}
	var items []message.Item
	for _, raw := range raws {
		var ev event
		if !decode(raw, &ev) || ev.Type == "" {
			items = append(items, unrecognised(string(ev.UUID), "an event without a type"))
			continue
		}
		ev.Includes.Users = append(ev.Includes.Users, beside.Users...)
		ev.Includes.Tweets = append(ev.Includes.Tweets, beside.Tweets...)
		ev.Includes.Media = append(ev.Includes.Media, beside.Media...)
		read := r.event(ev)
		if whose := string(ev.Filter.UserID); whose != "" && whose != r.in.Account {
			read = lenient.Elsewhere(read)
		}
		items = append(items, read...)
	}
	return items
}

func (r reader) event(ev event) []message.Item {
	key := string(ev.UUID)
	switch ev.Type {
	case "post.mention.create", "post.reply.create", "post.quote.create", "post.create":
		return []message.Item{r.post(ev)}
	case "post.delete":
		return []message.Item{r.postDeleted(ev)}
	case "dm.received", "dm.sent":
		return r.directMessages(ev)
	case "dm.read":
		return r.readReceipts(ev)
	}
	for _, u := range uninteresting {
		if strings.HasPrefix(ev.Type, u.prefix) {
			return []message.Item{ignored(key, u.reason)}
		}
	}
	return []message.Item{unrecognised(key, "unknown event type "+quoted(ev.Type))}
}

func (r reader) post(ev event) message.Item {
	key, own := string(ev.UUID), r.own(ev.Filter.UserID)
	var p post
	if !decode(ev.Payload, &p) || p.ID == "" || p.AuthorID == "" {
		return unrecognised(key, ev.Type+" without a post in its payload")
	}
	if slices.Contains(own, string(p.AuthorID)) {
		return message.Item{Kind: message.KindEcho, Key: key}
	}
	if ev.Type == "post.create" {
		return ignored(key, "not_addressed")
	}
	text, ent := p.Text, p.Entities
	if p.Note.Text.ok {
		text, ent = p.Note.Text, p.Note.Entities
	}
	if !text.ok {
		return unrecognised(key, ev.Type+" without a text")
	}
	s := said{
		id: string(p.ID), thread: string(p.Conversation), parent: string(p.InReplyTo),
		author: ev.Includes.user(p.AuthorID), visibility: message.Public, at: ownTime(p.CreatedAt), lang: p.Lang,
		text: readable(text.s, p.Range, ent), attachments: ev.Includes.attachments(p.Attachments.Keys),
		summoned: ev.Type != "post.reply.create",
	}
	for _, ref := range p.Referenced {
		switch ref.Type {
		case "retweeted":
			return ignored(key, "repost")
		case "replied_to":
			if s.parent == "" {
				s.parent = string(ref.ID)
			}
		case "quoted":
			if ref.ID != "" {
				s.refs = append(s.refs, string(ref.ID))
			}
			if q, ok := ev.Includes.post(ref.ID); ok && slices.Contains(own, string(q.AuthorID)) {
				s.summoned = true
			}
		}
	}
	if s.thread == "" { // X always says it; should it stop, answers still meet
		s.thread = s.parent
	}
	if s.thread == "" {
		s.thread = s.id
	}
	names := []string{r.in.Name}
	for _, u := range ev.Includes.Users {
		if u = u.flat(); slices.Contains(own, string(u.ID)) {
			names = append(names, u.Username)
		}
	}
	// X writes our name before an answer to us, though not always into the event.
	s.summoned = s.summoned || ent.mention(own) || p.Entities.mention(own) || leadingMention(text.s, names) ||
		slices.Contains(own, string(p.AnswersWhom))
	return r.item(key, s, own)
}

func (r reader) postDeleted(ev event) message.Item {
	var p struct {
		ID        id     `json:"id"`
		PostID    id     `json:"post_id"`
		TweetID   id     `json:"tweet_id"`
		AuthorID  id     `json:"author_id"`
		CreatedAt string `json:"created_at"`
		DeletedAt string `json:"deleted_at"`
		EventAt   string `json:"event_at"`
		Delete    struct {
			Tweet struct {
				ID       id `json:"id"`
				AuthorID id `json:"author_id"`
			} `json:"tweet"`
			EventAt string `json:"event_at"`
		} `json:"delete"`
	}
	if !decode(ev.Payload, &p) {
		return unrecognised(string(ev.UUID), "post.delete without a payload")
	}
	first := func(of ...id) string {
		for _, v := range of {
			if v != "" {
				return string(v)
			}
		}
		return ""
	}
	at := ownTime(first(id(p.DeletedAt), id(p.EventAt), id(p.Delete.EventAt)))
	return r.deleted(string(ev.UUID), first(p.ID, p.PostID, p.TweetID, p.Delete.Tweet.ID), first(p.AuthorID, p.Delete.Tweet.AuthorID, ev.Filter.UserID), at)
}

// user finds an author in the includes; the reply and quote samples have none.
func (in includes) user(who id) person {
	for _, u := range in.Users {
		if u = u.flat(); u.ID == who {
			return u
		}
	}
	return person{ID: who}
}

func (in includes) post(which id) (post, bool) {
	i := slices.IndexFunc(in.Tweets, func(p post) bool { return p.ID == which && which != "" })
	if i < 0 {
		return post{}, false
	}
	return in.Tweets[i], true
}
