package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"ines/shared/channel"
	"ines/shared/message"
)

// extraEmail is the mail address that a form's visitor gave.
const extraEmail = "email"

// id is an id as string or whole number.
type id string

func (v *id) UnmarshalJSON(b []byte) error {
	switch {
	case len(b) > 0 && b[0] == '"':
		return json.Unmarshal(b, (*string)(v))
	case strings.Trim(string(b), "-0123456789") == "":
		*v = id(b)
		return nil
	case string(b) == "null":
		*v = ""
		return nil
	}
	return &json.UnmarshalTypeError{Value: string(b[:min(len(b), 20)]), Field: "id"}
}

// delivery is the body of a webhook.
type delivery struct {
	Type      string          `json:"type"`
	Timestamp string          `json:"timestamp"`
	Data      json.RawMessage `json:"data"`
}

// said is the data of message.created, message.updated and message.deleted.
type said struct {
	ID     id `json:"id"`
	Author struct {
		ID     id     `json:"id"`
		Name   string `json:"name"`
		Email  string `json:"email"`
		Locale string `json:"locale"`
		Reach  int64  `json:"reach"`
	} `json:"author"`
	Conversation id      `json:"conversation"`
	Parent       id      `json:"parent"`
	Text         *string `json:"text"`
	HTML         string  `json:"html"`
	Lang         string  `json:"lang"`
	Visibility   string  `json:"visibility"`
	SentAt       string  `json:"sent_at"`
	Token        string  `json:"token"`
	Attachments  []struct {
		Type loose[string] `json:"type"`
		MIME loose[string] `json:"mime"`
		Name loose[string] `json:"name"`
		Size loose[int64]  `json:"size"`
		URL  loose[string] `json:"url"`
		Alt  loose[string] `json:"alt"`
	} `json:"attachments"`
}

// loose is a value whose wrong type is no reason to lose what a person wrote: it
// then counts as left out.
type loose[T any] struct{ v T }

func (l *loose[T]) UnmarshalJSON(b []byte) error {
	var v T
	if json.Unmarshal(b, &v) == nil {
		l.v = v
	}
	return nil
}

// Read implements channel.Channel. These are our own apps: a body that doesn't
// follow README.md is unrecognised, with the reason for the app's makers.
func (Channel) Read(in channel.Inbox, e message.Envelope) []message.Item {
	it := read(in, e)
	it.Key = strings.ToValidUTF8(webhookID(e.Header), "?")
	return []message.Item{it}
}

func read(in channel.Inbox, e message.Envelope) message.Item {
	var d delivery
	if err := json.Unmarshal(e.Body, &d); err != nil {
		return unrecognised("the body: %s", explain(err))
	}
	switch d.Type {
	case "message.created", "message.updated", "message.deleted":
	default:
		return unrecognised("type is %.60q, not message.created, message.updated or message.deleted", d.Type)
	}
	var s said
	if len(d.Data) == 0 || bytes.Equal(d.Data, []byte("null")) {
		return unrecognised("data is missing")
	}
	if err := json.Unmarshal(d.Data, &s); err != nil {
		return unrecognised("data: %s", explain(err))
	}
	if d.Type == "message.created" && s.ID == "" {
		s.ID = id(strings.ToValidUTF8(webhookID(e.Header), "?")) // as unique, and repeated with a repetition
	}
	if s.ID == "" {
		return unrecognised("data.id is missing")
	}
	if d.Type == "message.deleted" {
		return message.Item{Kind: message.KindDelete, Delete: &message.Delete{
			Channel: in.Channel, Inbox: in.ID, Thread: string(s.Conversation), ID: string(s.ID),
			At: when(e, d.Timestamp, s.SentAt), Author: s.author(in),
		}}
	}
	text, ok := s.words()
	if !ok {
		return unrecognised("data.text and data.html are missing")
	}
	if in.Account != "" && s.author(in).Handle.ID == in.Account {
		return message.Item{Kind: message.KindEcho}
	}
	if d.Type == "message.updated" {
		return message.Item{Kind: message.KindEdit, Edit: &message.Edit{
			Channel: in.Channel, Inbox: in.ID, Thread: string(s.Conversation), ID: string(s.ID), Text: text,
			At: when(e, d.Timestamp, s.SentAt), Author: s.author(in),
		}}
	}
	return s.created(in, e, d, text)
}

func (s said) created(in channel.Inbox, e message.Envelope, d delivery, text string) message.Item {
	author := s.author(in)
	if author.Handle.IsZero() {
		return unrecognised("data.author has neither id nor email")
	}
	visibility := message.Private
	switch s.Visibility {
	case "", string(message.Private):
	case string(message.Public):
		visibility = message.Public
	default:
		return unrecognised("data.visibility is %.60q, not public or private", s.Visibility)
	}
	m := &message.Message{
		Channel: in.Channel, Inbox: in.ID, ID: string(s.ID), Thread: string(s.Conversation), Parent: string(s.Parent),
		Author: author, Visibility: visibility, SentAt: when(e, s.SentAt, d.Timestamp), Text: text,
		Language: s.Lang, Token: s.Token,
	}
	if m.Thread == "" { // in private all of one person, in public what hangs together
		switch {
		case visibility == message.Private:
			m.Thread = author.Handle.ID
		case m.Parent != "":
			m.Thread = m.Parent
		default:
			m.Thread = m.ID
		}
	}
	if s.Author.Email != "" {
		m.Extra = map[string]string{extraEmail: s.Author.Email}
	}
	for n, a := range s.Attachments {
		att := message.Attachment{Type: a.Type.v, MIME: a.MIME.v, Name: a.Name.v, Size: max(a.Size.v, 0), URL: a.URL.v, Alt: a.Alt.v}
		switch att.Type {
		case "image", "video", "audio", "sticker", "location", "contact":
		default:
			att.Type = "file"
		}
		// An address that nobody should follow stays in the archived delivery.
		if u, err := url.Parse(att.URL); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
			att.URL, att.Ref = "", fmt.Sprint("attachment:", n)
		}
		m.Attachments = append(m.Attachments, att)
	}
	return message.Item{Kind: message.KindMessage, Message: m}
}

// author: ids belong to the app that sends them, so the inbox is their scope. A
// form's visitor without an id is known by the address.
func (s said) author(in channel.Inbox) message.Author {
	a := message.Author{Name: s.Author.Name, Locale: s.Author.Locale, Reach: max(s.Author.Reach, 0)}
	who := string(s.Author.ID)
	if who == "" {
		who = strings.ToLower(strings.TrimSpace(s.Author.Email))
	}
	if who != "" {
		a.Handle = message.Handle{Channel: in.Channel, Scope: in.ID, ID: who}
	}
	return a
}

func (s said) words() (string, bool) {
	switch {
	case s.Text != nil:
		return strings.TrimSpace(*s.Text), true
	case s.HTML != "":
		return plainText(s.HTML), true
	}
	return "", len(s.Attachments) > 0
}

// when is the first of the times that can be read, skewed, or ours.
func when(e message.Envelope, times ...string) time.Time {
	for _, s := range times {
		if t, err := time.Parse(time.RFC3339, s); err == nil && t.Year() >= 2000 && t.Year() < 3000 {
			return channel.Stamp(e, t)
		}
	}
	return e.ReceivedAt.UTC()
}

func unrecognised(format string, args ...any) message.Item {
	return message.Item{Kind: message.KindUnrecognised, Reason: strings.ToValidUTF8(fmt.Sprintf(format, args...), "?")}
}

// explain is a JSON error in words for the app's makers.
func explain(err error) string {
	var te *json.UnmarshalTypeError
	if errors.As(err, &te) && te.Field != "" {
		return fmt.Sprintf("%s may not be %s", te.Field, te.Value)
	}
	return "not the JSON object it should be"
}
