package email

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"ines/shared/channel"
	"ines/shared/channel/timeshift"
	"ines/shared/message"
	"ines/shared/pattern"
	"ines/shared/verify"
)

// sendgrid is the provider Twilio SendGrid. Inbound Parse posts mail as forms, with
// a user and a password in the URL (secrets "user:password"); the Event Webhook
// posts JSON, signed (secrets without a colon are its verification keys). Whatever
// comes with a signature is judged by that alone as soon as there is a key.
type sendgrid struct{}

// sendgridSecrets tells the two kinds of secret apart.
func sendgridSecrets(s channel.Secrets) (passwords, keys []string) {
	for _, v := range s.Sign {
		if strings.Contains(v, ":") {
			passwords = append(passwords, v)
		} else {
			keys = append(keys, v)
		}
	}
	return passwords, keys
}

func (sendgrid) verify(s channel.Secrets, r channel.Request, now time.Time) error {
	passwords, keys := sendgridSecrets(s)
	var err error
	if _, signed := r.Header[verify.SendGridSignature]; signed && len(keys) > 0 {
		err = verify.SendGrid(r.Header, r.Body, keys, now)
	} else {
		err = verify.BasicAuth(r.Header[authorization], passwords)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", channel.ErrSignature, err)
	}
	return nil
}

// sign makes a signature for events if the secret holds a private key, and the
// basic auth of the URL otherwise.
func (sendgrid) sign(s channel.Secrets, r channel.Request, now time.Time) (channel.Request, error) {
	passwords, keys := sendgridSecrets(s)
	_, signed := r.Header[verify.SendGridSignature]
	switch {
	case signed && len(keys) > 0:
		h, err := verify.SignSendGrid(now, r.Body, keys[0])
		return withHeaders(r, h), err
	case len(passwords) > 0:
		return withHeaders(r, map[string]string{authorization: verify.SignBasicAuth(passwords[0])}), nil
	}
	return channel.Request{}, errors.New(`the inbox has no secret "user:password" to sign with`)
}

func (sendgrid) freshen(r channel.Request, now time.Time) (channel.Request, error) {
	if isForm(r.Header["content-type"]) {
		return freshenForm(r, now)
	}
	var err error
	r.Body, err = timeshift.JSON(r.Body, now, "timestamp")
	return r, err
}

func (sendgrid) read(in channel.Inbox, e message.Envelope) (incoming, bool, []message.Item) {
	contentType := e.Header["content-type"]
	if !isForm(contentType) {
		return incoming{}, false, sendgridReports(in, e)
	}
	f, err := readForm(contentType, e.Body)
	if err != nil {
		return incoming{}, false, []message.Item{unrecognised("", "The body is not a form from SendGrid: %v", err)}
	}
	var m incoming
	switch {
	case f.has("email"):
		m = parseMail(f.fields["email"])
	case f.has("headers") || f.has("from") || f.has("envelope"):
		m = f.sendgridMail()
	default:
		return incoming{}, false, []message.Item{unrecognised("", "The form has neither a mail nor its headers.")}
	}
	var envelope struct {
		To   anyList[anyText] `json:"to"`
		From *string          `json:"from"`
	}
	if json.Unmarshal(f.fields["envelope"], &envelope) == nil {
		if envelope.From != nil && strings.Trim(*envelope.From, "<> ") == "" {
			m.sender = "<>"
		} else if envelope.From != nil {
			m.sender = *envelope.From
		}
		for _, to := range envelope.To {
			if m.recipient == "" || ours(in, string(to)) {
				m.recipient = string(to)
			}
		}
	}
	m.verdicts = map[string]string{}
	for field, key := range map[string]string{"SPF": "spf", "dkim": "dkim", "spam_score": "spam"} {
		if v := strings.ToLower(strings.TrimSpace(f.text(field))); v != "" {
			m.verdicts[key] = v
		}
	}
	m.verdicts["dkim"] = dkimOf(m.verdicts["dkim"])
	return m, true, nil
}

var dkimWord = pattern.Late{Expr: `:\s*"?([a-z]+)`}

// dkimOf is one word for SendGrid's "{@a.example : pass, @b.example : fail}": a pass
// of any signature is a pass. "none" stays.
func dkimOf(field string) string {
	result := ""
	for _, f := range dkimWord.FindAllStringSubmatch(field, 20) {
		if result = f[1]; result == "pass" {
			return result
		}
	}
	if result == "" && field == "none" {
		return field
	}
	return result
}

// sendgridMail reads the parsed mode. Each field has its own charset.
func (f form) sendgridMail() incoming {
	var labels map[string]anyText
	if json.Unmarshal(f.fields["charsets"], &labels) != nil {
		labels = nil
	}
	field := func(name string) string { return asUTF8(f.fields[name], string(labels[name])) }
	raw, _ := splitHeader(f.fields["headers"])
	m := incoming{header: raw.header(), subject: field("subject"), text: field("text"), html: field("html")}
	m.date = m.header.get("Date")
	if m.subject == "" {
		m.subject = m.header.get("Subject")
	}
	first := func(name string) []mailbox {
		if list := mailboxes(field(strings.ToLower(name))); len(list) > 0 {
			return list
		}
		return mailboxes(m.header.get(name))
	}
	if from := first("From"); len(from) > 0 {
		m.from = from[0]
	}
	m.to = append(first("To"), first("Cc")...)
	var info map[string]struct {
		Filename, Name, Type anyText
		ContentID            anyText `json:"content-id"`
	}
	if json.Unmarshal(f.fields["attachment-info"], &info) != nil {
		info = nil
	}
	for _, x := range f.files {
		about := info[x.field]
		p := part{name: string(about.Filename), mime: x.mime, contentID: string(about.ContentID), size: int64(len(x.content)), content: func() []byte { return x.content }}
		if at := strings.LastIndexAny(p.name, `/\`); at >= 0 {
			p.name = p.name[at+1:]
		}
		for _, other := range []string{string(about.Name), x.name} {
			if p.name == "" {
				p.name = other
			}
		}
		if p.mime == "" || p.mime == "application/octet-stream" && about.Type != "" {
			p.mime = string(about.Type)
		}
		m.parts = append(m.parts, p)
	}
	return m
}

// sendgridEvent is one of the events that a delivery lists.
type sendgridEvent struct {
	Email, Event, Reason, Response, Status, Type, Timestamp anyText
	ID                                                      anyText `json:"sg_event_id"`
	MessageID                                               anyText `json:"sg_message_id"`
	SMTPID                                                  anyText `json:"smtp-id"`
	Reply                                                   anyText `json:"ines_reply"` // replyMetadata
}

func sendgridReports(in channel.Inbox, e message.Envelope) []message.Item {
	var events []json.RawMessage
	if err := json.Unmarshal(e.Body, &events); err != nil || events == nil {
		return []message.Item{unrecognised("", "The body is neither a form nor a list of events from SendGrid.")}
	}
	var items []message.Item
	for _, raw := range events {
		var ev sendgridEvent
		if err := json.Unmarshal(raw, &ev); err != nil || raw[0] != '{' {
			items = append(items, unrecognised("", "An event can't be read."))
			continue
		}
		items = append(items, ev.item(in, e))
	}
	return items
}

func (ev sendgridEvent) item(in channel.Inbox, e message.Envelope) message.Item {
	key := string(ev.ID)
	at := e.ReceivedAt.UTC()
	if s, err := strconv.ParseInt(string(ev.Timestamp), 10, 64); err == nil && s > 6e8 && s < 2e11 {
		at = channel.Stamp(e, time.Unix(s, 0))
	}
	r := &message.Report{Channel: name, Inbox: in.ID, At: at, ReplyID: string(ev.Reply)}
	if ids := msgIDs(string(ev.SMTPID)); len(ids) > 0 {
		r.ID = ids[0]
	} else if id, _, _ := strings.Cut(string(ev.MessageID), "."); id != "" {
		r.ID = id // SendGrid's own
	}
	if r.ReplyID == "" {
		r.ReplyID = replyOf(in, r.ID)
	} else {
		r.ID = ownID(in, r.ReplyID)
	}
	switch event := string(ev.Event); {
	case event == "delivered":
		r.State, r.Detail = message.ReportDelivered, oneLine(string(ev.Response))
	case event == "bounce" || event == "dropped":
		r.State, r.Code, r.Detail = message.ReportFailed, string(ev.Status), oneLine(string(ev.Reason))
		if r.Code == "" {
			r.Code = event
		}
	case event == "deferred":
		return ignored(key, "delivery_delayed")
	case event == "spamreport":
		if item, ok := complaint(in, key, string(ev.Email), at); ok {
			return item
		}
		return unrecognised(key, "A complaint does not say whose it is.")
	case slices.Contains([]string{"unsubscribe", "group_unsubscribe", "group_resubscribe"}, event):
		if item, ok := consent(in, key, string(ev.Email), event != "group_resubscribe", event+" at SendGrid", at); ok {
			return item
		}
		return unrecognised(key, "The event %s does not say whose it is.", event)
	case slices.Contains([]string{"processed", "open", "click"}, event):
		return ignored(key, event)
	default:
		return unrecognised(key, "The event %.80q is unknown.", event)
	}
	if r.ID == "" {
		return unrecognised(key, "The event %s does not say which mail it is about.", ev.Event)
	}
	return message.Item{Kind: message.KindReport, Key: key, Report: r}
}
