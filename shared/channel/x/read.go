package x

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"ines/shared/channel"
	"ines/shared/message"
)

// extraSummoned is "true" in the Extra of a message whose author mentioned us or
// quoted one of our posts: X then allows a public answer.
const extraSummoned = "summoned"

// reader reads one envelope.
type reader struct {
	in  channel.Inbox
	env message.Envelope
}

// Read implements channel.Channel.
func (Channel) Read(in channel.Inbox, e message.Envelope) []message.Item {
	r := reader{in: in, env: e}
	var top map[string]json.RawMessage
	if err := json.Unmarshal(e.Body, &top); err != nil {
		return []message.Item{unrecognised("", "the body is not a JSON object")}
	}
	switch {
	case top["data"] != nil:
		return r.activity(top)
	case top["for_user_id"] != nil:
		return r.accountActivity(top)
	}
	return []message.Item{unrecognised("", "neither an activity (data) nor account activity (for_user_id)")}
}

// said is a post or direct message, whatever shape it came in.
type said struct {
	id, thread, parent string
	refs               []string
	author             person
	visibility         message.Visibility
	at                 time.Time
	text               string
	lang               string
	attachments        []message.Attachment
	summoned           bool
}

// item makes the message, or the echo if we are the author. own holds our ids.
func (r reader) item(key string, s said, own []string) message.Item {
	who := s.author.flat()
	switch {
	case s.id == "" || who.ID == "" || s.thread == "":
		return unrecognised(key, "a message without id or author")
	case slices.Contains(own, string(who.ID)):
		return message.Item{Kind: message.KindEcho, Key: key}
	}
	m := &message.Message{
		Channel: r.in.Channel, Inbox: r.in.ID, ID: s.id, Thread: s.thread, Parent: s.parent, Refs: s.refs,
		Author: r.author(who), Visibility: s.visibility, SentAt: r.when(s.at), Text: s.text,
		Language: language(s.lang), Attachments: s.attachments,
	}
	if s.summoned {
		m.Extra = map[string]string{extraSummoned: "true"}
	}
	return message.Item{Kind: message.KindMessage, Key: key, Message: m}
}

func (r reader) author(p person) message.Author {
	p = p.flat()
	return message.Author{
		Handle: message.Handle{Channel: r.in.Channel, ID: string(p.ID)},
		Name:   p.Name, Username: p.Username, Reach: int64(p.Followers), Verified: p.Verified,
	}
}

// deleted makes the item of a withdrawn post.
func (r reader) deleted(key, post, author string, at time.Time) message.Item {
	if post == "" {
		return unrecognised(key, "a deletion without the post's id")
	}
	d := &message.Delete{Channel: r.in.Channel, Inbox: r.in.ID, ID: post, At: r.when(at)}
	if author != "" {
		d.Author.Handle = message.Handle{Channel: r.in.Channel, ID: author}
	}
	return message.Item{Kind: message.KindDelete, Key: key, Delete: d}
}

// when is the platform's time, skewed, or ours where X sent none or a wrong one.
func (r reader) when(at time.Time) time.Time {
	if at.IsZero() {
		return r.env.ReceivedAt.UTC()
	}
	return channel.Stamp(r.env, at)
}

// own lists the ids that are us: the policy's account, and the one that X says the
// event was subscribed for.
func (r reader) own(subscribed id) []string {
	out := []string{r.in.Account, string(subscribed)}
	return slices.DeleteFunc(out, func(s string) bool { return s == "" })
}

// pair is the key of a conversation between two: the smaller number first.
func pair(a, b string) string {
	if len(a) > len(b) || len(a) == len(b) && a > b {
		a, b = b, a
	}
	return a + "-" + b
}

func unrecognised(key, why string) message.Item {
	return message.Item{Kind: message.KindUnrecognised, Key: key, Reason: why}
}

func ignored(key, reason string) message.Item {
	return message.Item{Kind: message.KindIgnored, Key: key, Reason: reason}
}

// language drops X's codes for "no telling" and puts two old ones right.
func language(code string) string {
	switch {
	case code == "und", code == "zxx", code == "art", len(code) == 3 && strings.HasPrefix(code, "q"):
		return ""
	case code == "in":
		return "id"
	case code == "iw":
		return "he"
	}
	return code
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
