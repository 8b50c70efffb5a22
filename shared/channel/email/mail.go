package email

import (
	"crypto/sha256"
	"encoding/hex"
	"net/mail"
	"strings"
	"time"

	"ines/shared/channel"
	"ines/shared/message"
	"ines/shared/pattern"
)

// incoming is a mail as a provider's file understood it. Strings are UTF-8.
type incoming struct {
	header    headers
	from      mailbox
	to        []mailbox // To and Cc
	recipient string    // the envelope's, "" if the provider doesn't say
	subject   string
	text      string
	html      string
	stripped  string // the provider's idea of text without quotes, or ""
	date      string // RFC 5322
	tag       string // the plus part of the recipient, if the provider cut it out
	// serial is the provider's own id of this mail: the same in every attempt
	// to deliver it.
	serial string
	parts  []part
	// sender is who the envelope says sent it, "<>" for nobody; "" if the provider
	// doesn't say.
	sender string
	// verdicts are what the provider itself found (dmarc, spf, dkim, spam, virus);
	// nil: it writes them into the mail's header.
	verdicts map[string]string
}

// part is an attachment.
type part struct {
	name, mime, contentID string
	size                  int64 // bytes
	// content decodes it; nil if the delivery doesn't carry it. Then url or ref say
	// where it is.
	content  func() []byte
	url, ref string
	lost     string // why it will never be had, or ""
}

// bytes is the content, or nil.
func (p part) bytes() []byte {
	if p.content == nil {
		return nil
	}
	return p.content()
}

type headers []header

type header struct{ name, value string }

// get is the first header of that name, decoded, or "".
func (h headers) get(name string) string {
	for _, x := range h {
		if strings.EqualFold(x.name, name) {
			return decoded(x.value)
		}
	}
	return ""
}

func (h headers) has(name string) bool {
	for _, x := range h {
		if strings.EqualFold(x.name, name) {
			return true
		}
	}
	return false
}

// items turns the mail into the one item that it is.
func (m incoming) items(in channel.Inbox, e message.Envelope) []message.Item {
	return []message.Item{m.item(in, e)}
}

func (m incoming) item(in channel.Inbox, e message.Envelope) message.Item {
	from := normal(m.from.address)
	id := m.id() // of all that it says
	m.text, m.stripped = message.Clip(m.text, longestBody), message.Clip(m.stripped, longestBody)
	if from == "" {
		return unrecognised(id, "The mail does not say who sent it.")
	}
	if ours(in, from) {
		return message.Item{Kind: message.KindEcho, Key: id}
	}
	at := sentAt(m.date, e)
	if item, ok := m.report(in, id, at); ok {
		return item
	}
	if item, ok := m.bounceInWords(in, id, from, at); ok {
		return item
	}
	answers, refs := msgIDs(m.header.get("In-Reply-To")), msgIDs(m.header.get("References"))
	chain := newestFirst(id, answers, refs)
	msg := &message.Message{
		Channel:     name,
		Inbox:       in.ID,
		ID:          id,
		Thread:      rootOf(id, answers, refs),
		Refs:        chain,
		Author:      message.Author{Handle: message.Handle{Channel: name, ID: from}, Name: displayName(m.from.name, from)},
		Visibility:  message.Private,
		SentAt:      at,
		Subject:     oneLine(decoded(m.subject)),
		Attachments: m.attachments(),
		Token:       m.token(in),
		Automatic:   m.automatic(in, from),
		Extra:       m.extra(id, refs),
	}
	if len(chain) > 0 {
		msg.Parent = chain[0]
	}
	if lang := m.header.get("Content-Language"); len(lang) <= 35 && !strings.ContainsAny(lang, ", ") {
		msg.Author.Locale = lang // of the client, says little about the text
	}
	msg.Text, msg.Quoted = m.words(msg.Subject)
	return message.Item{Kind: message.KindMessage, Key: id, Message: msg}
}

// words is what the sender wrote and what was quoted below it.
func (m incoming) words(subject string) (text, quoted string) {
	body := tidy(m.text)
	if strings.TrimSpace(body) == "" {
		return htmlWords(subject, m.html)
	}
	if stripped := tidy(m.stripped); strings.TrimSpace(stripped) != "" && !forwards(subject, body) {
		// Providers leave signatures and now and then a quote.
		text, _ = splitReply(subject, stripped)
		if i := strings.Index(body, text); i >= 0 {
			return text, strings.TrimSpace(body[:i] + body[i+len(text):])
		}
		_, quoted = splitReply(subject, body)
		return text, quoted
	}
	return splitReply(subject, body)
}

func (m incoming) attachments() []message.Attachment {
	var out []message.Attachment
	for n, p := range m.parts {
		mimeType, _, _ := strings.Cut(strings.ToLower(strings.ToValidUTF8(p.mime, "?")), ";")
		kind, _, _ := strings.Cut(strings.TrimSpace(mimeType), "/")
		if kind != "image" && kind != "video" && kind != "audio" {
			kind = "file"
		}
		a := message.Attachment{Type: kind, MIME: strings.TrimSpace(mimeType), Name: strings.ToValidUTF8(decoded(p.name), "\ufffd"), Size: max(p.size, 0), URL: p.url, Ref: p.ref, Lost: p.lost}
		if a.URL == "" && a.Ref == "" {
			a.Ref = partRef(n)
		}
		out = append(out, a)
	}
	return out
}

func (m incoming) token(in channel.Inbox) string {
	if m.tag != "" {
		return m.tag
	}
	recipients := []string{m.recipient}
	for _, t := range m.to {
		recipients = append(recipients, t.address)
	}
	return tokenFrom(in, recipients)
}

var (
	dmarcResult = pattern.Late{Expr: `(?i)\bdmarc=([a-z]+)`}
	spfResult   = pattern.Late{Expr: `(?i)\bspf=([a-z]+)`}
	dkimResult  = pattern.Late{Expr: `(?i)\bdkim=([a-z]+)`}
)

func (m incoming) extra(id string, refs []string) map[string]string {
	extra := map[string]string{"message_id": id}
	set := func(k, v string) {
		if v != "" {
			extra[k] = v
		}
	}
	set("references", strings.Join(bounded(refs), " "))
	set("subject", oneLine(decoded(m.subject)))
	if m.verdicts != nil {
		for k, v := range m.verdicts {
			set(k, v)
		}
	} else {
		// Anyone can write this header; the topmost is the last server's.
		results := m.header.get("Authentication-Results")
		set("dmarc", verdict(&dmarcResult, results))
		set("spf", verdict(&spfResult, results))
		set("dkim", verdict(&dkimResult, results))
		if word, _, _ := strings.Cut(strings.TrimSpace(m.header.get("Received-SPF")), " "); word != "" {
			set("spf", strings.ToLower(word))
		}
	}
	if reply := m.header.get("Reply-To"); reply != "" {
		if a, err := mail.ParseAddress(reply); err == nil && normal(a.Address) != normal(m.from.address) {
			set("reply_to", normal(a.Address))
		}
	}
	return extra
}

func verdict(word *pattern.Late, results string) string {
	if f := word.FindStringSubmatch(results); f != nil {
		return strings.ToLower(f[1])
	}
	return ""
}

// id is the Message-ID, else one made of the provider's serial, else one made of
// what the mail says: each the same however often the mail is delivered.
func (m incoming) id() string {
	if ids := msgIDs(m.header.get("Message-ID")); len(ids) > 0 {
		return ids[0]
	}
	causes := []string{m.date, m.from.address, m.subject, m.text, m.html}
	if m.serial != "" {
		causes = []string{"serial", m.serial}
	}
	sum := sha256.Sum256([]byte(strings.Join(causes, "\x00")))
	// .invalid names nobody (RFC 2606), and it may stand in References.
	return hex.EncodeToString(sum[:12]) + "@no-message-id.invalid"
}

// sentAt reads the Date header. What is no date, or an absurd one, becomes the
// time the mail reached us.
func sentAt(date string, e message.Envelope) time.Time {
	t, err := parseDate(date)
	if err != nil || t.Year() < 1990 || t.Year() > 9990 {
		return e.ReceivedAt.UTC()
	}
	return channel.Stamp(e, t)
}

func parseDate(date string) (time.Time, error) {
	date = strings.TrimSpace(date)
	t, err := mail.ParseDate(date)
	if err == nil {
		return t, nil
	}
	if t, isoErr := time.Parse(time.RFC3339Nano, date); isoErr == nil {
		return t, nil
	}
	return time.Time{}, err
}

func displayName(n, address string) string {
	n = strings.Trim(oneLine(decoded(n)), `"'`)
	if strings.EqualFold(n, address) {
		return ""
	}
	return n
}

// oneLine folds all white space and drops control characters.
func oneLine(s string) string { return strings.Join(strings.Fields(strings.Map(printable, s)), " ") }

func printable(r rune) rune {
	if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f {
		return -1
	}
	return r
}
