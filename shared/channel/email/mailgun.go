package email

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"ines/shared/channel"
	"ines/shared/message"
	"ines/shared/verify"
)

// mailgun is the provider Mailgun. Routes post mail as forms, parsed or raw;
// webhooks post events as JSON. Both carry a signature in the body, made with the
// webhook signing key.
type mailgun struct{}

// mailgunEvent is a webhook's body.
type mailgunEvent struct {
	Signature struct {
		Timestamp, Token, Signature anyText
		Parent                      anyText `json:"parent-signature"`
	} `json:"signature"`
	Data json.RawMessage `json:"event-data"`
}

// mailgunStamp finds the signature in a body.
func mailgunStamp(contentType string, body []byte) (verify.MailgunStamp, error) {
	if isForm(contentType) {
		f, err := readForm(contentType, body)
		return verify.MailgunStamp{
			Timestamp: f.text("timestamp"), Token: f.text("token"), Signature: f.text("signature"), Parent: f.text("parent-signature"),
		}, err
	}
	var e mailgunEvent
	err := json.Unmarshal(body, &e)
	s := e.Signature
	return verify.MailgunStamp{Timestamp: string(s.Timestamp), Token: string(s.Token), Signature: string(s.Signature), Parent: string(s.Parent)}, err
}

func (mailgun) verify(s channel.Secrets, r channel.Request, now time.Time) error {
	stamp, err := mailgunStamp(r.Header["content-type"], r.Body)
	if err != nil {
		return fmt.Errorf("%w: the signature can't be found: %w", channel.ErrSignature, err)
	}
	if err := verify.Mailgun(stamp, s.Sign, now); err != nil {
		return fmt.Errorf("%w: %w", channel.ErrSignature, err)
	}
	return nil
}

func (mailgun) sign(s channel.Secrets, r channel.Request, now time.Time) (channel.Request, error) {
	if len(s.Sign) == 0 || s.Sign[0] == "" {
		return channel.Request{}, errors.New("the inbox has no webhook signing key to sign with")
	}
	stamp, err := mailgunStamp(r.Header["content-type"], r.Body)
	if err != nil {
		return channel.Request{}, fmt.Errorf("the saved body has no signature to replace: %w", err)
	}
	at := strconv.FormatInt(now.Unix(), 10)
	for _, f := range []header{{"timestamp", at}, {"signature", verify.SignMailgun(at, stamp.Token, s.Sign[0])}} {
		if r.Body, err = setField(r.Header["content-type"], r.Body, f.name, f.value); err != nil {
			return channel.Request{}, err
		}
	}
	return r, nil
}

func (mailgun) freshen(r channel.Request, now time.Time) (channel.Request, error) {
	if isForm(r.Header["content-type"]) {
		return freshenForm(r, now)
	}
	r.Body = shiftSeconds(r.Body, now)
	return r, nil
}

func (mailgun) read(in channel.Inbox, e message.Envelope) (incoming, bool, []message.Item) {
	none := func(it message.Item) (incoming, bool, []message.Item) { return incoming{}, false, []message.Item{it} }
	contentType := e.Header["content-type"]
	if !isForm(contentType) {
		return none(mailgunReport(in, e))
	}
	f, err := readForm(contentType, e.Body)
	if err != nil {
		return none(unrecognised("", "The body is not a form from Mailgun: %v", err))
	}
	if f.has("body-mime") {
		m := parseMail(f.fields["body-mime"])
		f.envelope(&m)
		return m, true, nil
	}
	if !f.has("message-headers") && !f.has("body-plain") {
		if event := f.text("event"); event != "" {
			return none(unrecognised(f.text("token"), "This is an event of Mailgun's old webhooks (%.40q); set up the new ones, which post JSON.", event))
		}
		return none(unrecognised(f.text("token"), "The form has neither a mail's headers nor a body."))
	}
	m := f.mailgunMail()
	f.envelope(&m)
	return m, true, nil
}

// envelope adds what Mailgun says besides the mail.
func (f form) envelope(m *incoming) {
	m.recipient, m.serial = f.text("recipient"), ""
	if f.has("sender") {
		m.sender = f.text("sender")
		if strings.Trim(m.sender, "<> ") == "" {
			m.sender = "<>"
		}
	}
	m.verdicts = map[string]string{}
	for header, key := range map[string]string{"X-Mailgun-Spf": "spf", "X-Mailgun-Dkim-Check-Result": "dkim", "X-Mailgun-Sscore": "spam"} {
		v := m.header.get(header)
		if v == "" {
			v = f.text(header) // Mailgun posts each header as a field besides
		}
		if v != "" {
			m.verdicts[key] = strings.ToLower(v)
		}
	}
}

func (f form) mailgunMail() incoming {
	var pairs anyList[[]anyText]
	var m incoming
	if json.Unmarshal(f.fields["message-headers"], &pairs) == nil {
		for _, p := range pairs {
			if len(p) >= 2 {
				m.header = append(m.header, header{name: string(p[0]), value: string(p[1])})
			}
		}
	}
	first := func(header, field string) string {
		if v := m.header.get(header); v != "" {
			return v
		}
		return f.text(field)
	}
	if from := mailboxes(first("From", "from")); len(from) > 0 {
		m.from = from[0]
	} else if from := mailboxes(f.text("sender")); len(from) > 0 {
		m.from = from[0]
	}
	m.to = append(mailboxes(first("To", "To")), mailboxes(first("Cc", "Cc"))...)
	m.subject, m.date = first("Subject", "subject"), first("Date", "Date")
	m.text, m.html, m.stripped = f.text("body-plain"), f.text("body-html"), f.text("stripped-text")
	for _, name := range []string{"Message-Id", "In-Reply-To", "References"} {
		if !m.header.has(name) && f.has(name) {
			m.header = append(m.header, header{name: name, value: f.text(name)})
		}
	}
	inline := map[string]anyText{}
	if json.Unmarshal(f.fields["content-id-map"], &inline) != nil {
		inline = nil
	}
	for _, x := range f.files {
		p := part{name: x.name, mime: x.mime, size: int64(len(x.content)), content: func() []byte { return x.content }}
		for id, field := range inline {
			if string(field) == x.field {
				p.contentID = max(p.contentID, strings.Trim(id, "<>"))
			}
		}
		m.parts = append(m.parts, p)
	}
	// A stored mail's files are links.
	var stored anyList[struct {
		URL  anyText `json:"url"`
		Type anyText `json:"content-type"`
		Name anyText `json:"name"`
		Size anyText `json:"size"`
	}]
	if json.Unmarshal(f.fields["attachments"], &stored) == nil {
		for n, s := range stored {
			size, _ := strconv.ParseInt(string(s.Size), 10, 64)
			p := part{name: string(s.Name), mime: string(s.Type), size: size, url: string(s.URL)}
			if mailgunHost(p.url) == nil {
				p.url, p.ref = "", fmt.Sprint("stored:", n) // visible, and nobody follows it
			}
			m.parts = append(m.parts, p)
		}
	}
	return m
}

// mailgunReport reads an event about a mail that we sent.
func mailgunReport(in channel.Inbox, e message.Envelope) message.Item {
	var body mailgunEvent
	if err := json.Unmarshal(e.Body, &body); err != nil {
		return unrecognised("", "The body is neither a form nor JSON from Mailgun: %v", err)
	}
	var d struct {
		ID        anyText         `json:"id"`
		Event     anyText         `json:"event"`
		Severity  anyText         `json:"severity"`
		Reason    anyText         `json:"reason"`
		Recipient anyText         `json:"recipient"`
		Timestamp anyText         `json:"timestamp"`
		Variables json.RawMessage `json:"user-variables"`
		Message   struct {
			Headers struct {
				ID anyText `json:"message-id"`
			} `json:"headers"`
		} `json:"message"`
		Status struct {
			Code, Message, Description anyText
		} `json:"delivery-status"`
	}
	key := string(body.Signature.Token)
	if err := json.Unmarshal(body.Data, &d); err != nil {
		return unrecognised(key, "The event-data can't be read: %v", err)
	}
	if d.ID != "" {
		key = string(d.ID)
	}
	at := e.ReceivedAt.UTC()
	if seconds, err := strconv.ParseFloat(string(d.Timestamp), 64); err == nil && seconds > 6e8 && seconds < 2e11 {
		whole, part := math.Modf(seconds)
		at = channel.Stamp(e, time.Unix(int64(whole), int64(part*1e6)*1e3))
	}
	r := &message.Report{Channel: name, Inbox: in.ID, At: at}
	if ids := msgIDs(string(d.Message.Headers.ID)); len(ids) > 0 {
		r.ID = ids[0]
	}
	var variables map[string]anyText
	if json.Unmarshal(d.Variables, &variables) == nil {
		r.ReplyID = string(variables[replyMetadata])
	}
	if r.ReplyID == "" {
		r.ReplyID = replyOf(in, r.ID)
	}
	if r.ID == "" && r.ReplyID != "" {
		r.ID = ownID(in, r.ReplyID)
	}
	words := oneLine(string(d.Status.Message))
	if words == "" {
		words = oneLine(string(d.Status.Description))
	}
	switch event := string(d.Event); event {
	case "delivered":
		r.State, r.Detail = message.ReportDelivered, words
	case "failed":
		if d.Severity == "temporary" {
			return ignored(key, "delivery_delayed")
		}
		r.State, r.Code, r.Detail = message.ReportFailed, string(d.Status.Code), words
	case "rejected":
		r.State, r.Code, r.Detail = message.ReportFailed, "rejected", oneLine(string(d.Reason))
	case "complained":
		if item, ok := complaint(in, key, string(d.Recipient), at); ok {
			return item
		}
		return unrecognised(key, "A complaint does not say whose it is.")
	case "unsubscribed":
		if item, ok := consent(in, key, string(d.Recipient), true, "unsubscribed at Mailgun", at); ok {
			return item
		}
		return unrecognised(key, "An unsubscription does not say whose it is.")
	case "accepted", "stored", "opened", "clicked":
		return ignored(key, event)
	default:
		return unrecognised(key, "The event %.80q is unknown.", event)
	}
	if r.Code == "0" {
		r.Code = ""
	}
	if r.ID == "" {
		return unrecognised(key, "The event %s does not say which mail it is about.", d.Event)
	}
	return message.Item{Kind: message.KindReport, Key: key, Report: r}
}
