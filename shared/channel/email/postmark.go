package email

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"ines/shared/channel"
	"ines/shared/message"
	"ines/shared/verify"
)

// postmark is the provider Postmark. It signs nothing: the webhook's URL carries
// a user and a password (secret "user:password"), which arrive as basic auth.
type postmark struct{}

const authorization = "authorization"

func (postmark) verify(s channel.Secrets, r channel.Request, _ time.Time) error {
	if err := verify.BasicAuth(r.Header[authorization], s.Sign); err != nil {
		return fmt.Errorf("%w: %w", channel.ErrSignature, err)
	}
	return nil
}

func (postmark) sign(s channel.Secrets, r channel.Request, _ time.Time) (channel.Request, error) {
	if len(s.Sign) == 0 || s.Sign[0] == "" {
		return channel.Request{}, errors.New(`the inbox has no secret "user:password" to sign with`)
	}
	return withHeaders(r, map[string]string{authorization: verify.SignBasicAuth(s.Sign[0])}), nil
}

// withHeaders is the request with headers set.
func withHeaders(r channel.Request, set map[string]string) channel.Request {
	h := maps.Clone(r.Header)
	if h == nil {
		h = map[string]string{}
	}
	maps.Copy(h, set)
	r.Header = h
	return r
}

type postmarkAddress struct {
	Email       anyText
	Name        anyText
	MailboxHash anyText
}

type postmarkInbound struct {
	RecordType        anyText
	From              anyText
	FromName          anyText
	FromFull          json.RawMessage
	To                anyText
	ToFull            anyList[postmarkAddress]
	CcFull            anyList[postmarkAddress]
	OriginalRecipient anyText
	Subject           anyText
	MessageID         anyText // Postmark's own
	MailboxHash       anyText
	Date              anyText
	TextBody          anyText
	HtmlBody          anyText
	StrippedTextReply anyText
	Headers           anyList[struct{ Name, Value anyText }]
	Attachments       anyList[struct {
		Name, Content, ContentType, ContentID anyText
		ContentLength                         anyText
	}]
}

// postmarkSample is the id of what the console's "Check" button sends.
const postmarkSample = "00000000-0000-0000-0000-000000000000"

func (postmark) read(in channel.Inbox, e message.Envelope) (incoming, bool, []message.Item) {
	var p postmarkInbound
	if err := json.Unmarshal(e.Body, &p); err != nil {
		return incoming{}, false, []message.Item{unrecognised("", "The body is not from Postmark: %v", err)}
	}
	switch {
	case p.RecordType != "" && p.RecordType != "Inbound":
		return incoming{}, false, []message.Item{postmarkRecord(in, e)}
	case p.MessageID == postmarkSample:
		return incoming{}, false, []message.Item{ignored(postmarkSample, "sample")}
	}
	return p.mail(), true, nil
}

func (p postmarkInbound) mail() incoming {
	var from postmarkAddress
	if len(p.FromFull) > 0 && json.Unmarshal(p.FromFull, &from) != nil {
		from = postmarkAddress{}
	}
	m := incoming{
		from:      mailbox{name: string(from.Name), address: string(from.Email)},
		recipient: string(p.OriginalRecipient),
		subject:   string(p.Subject),
		text:      string(p.TextBody),
		html:      string(p.HtmlBody),
		stripped:  string(p.StrippedTextReply),
		date:      string(p.Date),
		tag:       string(p.MailboxHash),
		serial:    string(p.MessageID),
	}
	if m.from.address == "" {
		m.from = mailbox{name: string(p.FromName), address: string(p.From)}
	}
	for _, a := range slices.Concat(p.ToFull, p.CcFull) {
		m.to = append(m.to, mailbox{name: string(a.Name), address: string(a.Email)})
	}
	if len(m.to) == 0 && strings.Contains(string(p.To), "@") {
		m.to = []mailbox{{address: string(p.To)}}
	}
	for _, h := range p.Headers {
		m.header = append(m.header, header{name: string(h.Name), value: string(h.Value)})
	}
	for _, a := range p.Attachments {
		size, err := strconv.ParseInt(string(a.ContentLength), 10, 64)
		if err != nil || size < 0 {
			size = int64(base64.StdEncoding.DecodedLen(len(a.Content)))
		}
		m.parts = append(m.parts, part{
			name: string(a.Name), mime: string(a.ContentType), contentID: string(a.ContentID), size: size,
			content: func() []byte {
				b, err := base64.StdEncoding.DecodeString(string(a.Content))
				if err != nil {
					return nil
				}
				return b
			},
		})
	}
	return m
}

// postmarkTimes are the fields of its webhooks that hold times.
var postmarkTimes = []string{"Date", "DeliveredAt", "BouncedAt", "ReceivedAt", "ChangedAt"}

func (postmark) freshen(r channel.Request, now time.Time) (channel.Request, error) {
	spots, err := topLevel(r.Body, postmarkTimes)
	if err != nil {
		return channel.Request{}, fmt.Errorf("the saved body is not JSON: %w", err)
	}
	var newest time.Time
	for _, s := range spots {
		if t, err := parseDate(s.value); err == nil && t.After(newest) {
			newest = t
		}
	}
	var out []byte
	done := 0
	for _, s := range spots {
		t, err := parseDate(s.value)
		if err != nil {
			continue
		}
		layout := time.RFC1123Z
		if strings.Contains(s.value, "T") && !strings.Contains(s.value, ",") {
			layout = time.RFC3339
		}
		moved := now.Add(t.Sub(newest)).In(t.Location()).Format(layout)
		out = append(out, r.Body[done:s.start]...)
		out = strconv.AppendQuote(out, moved)
		done = s.end
	}
	r.Body = append(out, r.Body[done:]...)
	return r, nil
}
