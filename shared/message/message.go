// Package message is the normal form: what every channel's payloads are read
// into and what everything behind the channels understands. It imports nothing
// of ours and may be imported by everything.
//
// Ids are strings throughout (X, Telegram and Meta ids pass 2^53) and are
// opaque: nothing may parse them.
package message

import (
	"strings"
	"time"
)

// Visibility says who can read a thread.
type Visibility string

const (
	Public  Visibility = "public"
	Private Visibility = "private"
)

// Handle is how a platform names a person. It is opaque: a WhatsApp user may
// have no phone number, a Messenger id differs per page. Scope narrows ID to
// the realm in which it is unique (a page id, a workspace) and is empty where
// ID is unique on the whole channel.
type Handle struct {
	Channel string `json:"channel"`
	Scope   string `json:"scope,omitempty"`
	ID      string `json:"id"`
}

// Key is the handle as one string, unique over all channels and stable for ever:
// customer ids derive from it.
func (h Handle) Key() string {
	return h.Channel + ":" + h.Scope + ":" + h.ID
}

// IsZero reports whether the handle names nobody.
func (h Handle) IsZero() bool { return h.ID == "" }

// ParseHandle reads what Key wrote.
func ParseHandle(key string) (Handle, bool) {
	channel, rest, ok := strings.Cut(key, ":")
	if !ok {
		return Handle{}, false
	}
	scope, id, ok := strings.Cut(rest, ":")
	if !ok || channel == "" || id == "" {
		return Handle{}, false
	}
	return Handle{Channel: channel, Scope: scope, ID: id}, true
}

// Author is who wrote a message, as far as the platform says.
type Author struct {
	Handle   Handle `json:"handle"`
	Name     string `json:"name,omitempty"`     // display name
	Username string `json:"username,omitempty"` // without a leading @
	Locale   string `json:"locale,omitempty"`   // BCP 47, a client setting and not the text's language
	// Reach is the follower count. It is recorded to contain a spreading
	// matter and never enters the order of work.
	Reach    int64 `json:"reach,omitempty"`
	Verified bool  `json:"verified,omitempty"`
}

// Label is the author's name for people: display name, else username, else id.
func (a Author) Label() string {
	switch {
	case a.Name != "":
		return a.Name
	case a.Username != "":
		return a.Username
	}
	return a.Handle.ID
}

// Attachment is a file that came with a message. Exactly one of URL, Ref or
// Archived says where it is: a link that may expire, the platform's media id,
// or the key of our own copy.
type Attachment struct {
	// Type is image, video, audio, file, sticker, location, contact, link (what
	// others published: it is not copied) or unsupported (the platform does not
	// hand it out).
	Type     string `json:"type"`
	MIME     string `json:"mime,omitempty"`
	Name     string `json:"name,omitempty"`
	Size     int64  `json:"size,omitempty"` // bytes
	URL      string `json:"url,omitempty"`
	Ref      string `json:"ref,omitempty"`
	Archived string `json:"archived,omitempty"`
	Alt      string `json:"alt,omitempty"`
	SHA256   string `json:"sha256,omitempty"` // hex
	// Lost says why there is no copy of ours and will be none.
	Lost string `json:"lost,omitempty"`
}

// Message is one thing that a person said on a channel.
type Message struct {
	Channel string `json:"channel"`
	Inbox   string `json:"inbox"`
	// ID is the platform's id of the message, unique within channel and
	// inbox. It is what makes a second delivery a duplicate.
	ID string `json:"id"`
	// Thread is the platform's conversation: the same string for every
	// message of one conversation in one inbox.
	Thread string `json:"thread"`
	// Parent is the id of the message answered, or "".
	Parent string `json:"parent,omitempty"`
	// Refs are further ids that this message answers, nearest first (mail's
	// References). Each is looked up as "a reply to something we sent".
	Refs   []string `json:"refs,omitempty"`
	Author Author   `json:"author"`
	// Also are further handles that the platform itself says are the author's
	// (a WhatsApp user id beside a phone number): facts, not guesses.
	Also       []Handle   `json:"also,omitempty"`
	Visibility Visibility `json:"visibility"`
	SentAt     time.Time  `json:"sent_at"` // the platform's time
	Subject    string     `json:"subject,omitempty"`
	// Text is what a person would read: entities and escapes resolved,
	// quoted mail and signatures cut away into Quoted.
	Text   string `json:"text"`
	Quoted string `json:"quoted,omitempty"`
	// Language is the platform's hint (BCP 47, "" if none or undetermined).
	Language    string       `json:"language,omitempty"`
	Attachments []Attachment `json:"attachments,omitempty"`
	// Token is the link token that came with the message (mail plus-address,
	// deep link), unverified.
	Token string `json:"token,omitempty"`
	// Cut marks a message too long to be kept whole here; the archive has it.
	Cut bool `json:"cut,omitempty"`
	// Automatic marks machines' mail (RFC 3834, bounces): filed, never
	// answered by a machine.
	Automatic bool `json:"automatic,omitempty"`
	// Extra holds what the reply needs and nobody else reads (a LINE reply
	// token, a mail's Message-ID). Keys are the channel's own.
	Extra map[string]string `json:"extra,omitempty"`
}

// Key identifies the message over all inboxes.
func (m *Message) Key() string { return Key(m.Channel, m.Inbox, m.ID) }

// Key identifies a message over all inboxes.
func Key(channel, inbox, id string) string { return channel + "/" + inbox + "/" + id }

// OrderKey is the FIFO group a message travels in (DESIGN.md, section 2): the
// conversation for private threads, the author for public posts.
func (m *Message) OrderKey() string {
	if m.Visibility == Public {
		return "author/" + m.Inbox + "/" + m.Author.Handle.Key()
	}
	return "thread/" + m.Channel + "/" + m.Inbox + "/" + m.Thread
}

// Before is the platform's order of two messages: by time, ties by id. Ids that
// are numbers compare as numbers (snowflakes of unequal length) and come before
// all others: in between, 9 < 10 < 1a < 9 would be no order.
func Before(aAt time.Time, aID string, bAt time.Time, bID string) bool {
	if !aAt.Equal(bAt) {
		return aAt.Before(bAt)
	}
	a, b := digits(aID), digits(bID)
	switch {
	case a != b:
		return a
	case a && len(aID) != len(bID):
		return len(aID) < len(bID)
	}
	return aID < bID
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
