package email

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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

func (postmark) verify(s channel.Secrets, r channel.Request) error {
	if err := verify.BasicAuth(r.Header[authorization], s.Sign); err != nil {
		return fmt.Errorf("%w: %w", channel.ErrSignature, err)
	}
	return nil
}

func (postmark) sign(s channel.Secrets, r channel.Request) (channel.Request, error) {
	if len(s.Sign) == 0 || s.Sign[0] == "" {
		return channel.Request{}, errors.New(`the inbox has no secret "user:password" to sign with`)
	}
	r.Header = maps.Clone(r.Header)
	if r.Header == nil {
		r.Header = map[string]string{}
	}
	r.Header[authorization] = verify.SignBasicAuth(s.Sign[0])
	return r, nil
}

// postmarkText is a string; a number counts as one, anything else as "".
type postmarkText string

func (t *postmarkText) UnmarshalJSON(b []byte) error {
	switch {
	case b[0] == '"':
		return json.Unmarshal(b, (*string)(t))
	case b[0] == '-' || b[0] >= '0' && b[0] <= '9':
		*t = postmarkText(b)
	}
	return nil
}

// postmarkList keeps the members that can be read.
type postmarkList[T any] []T

func (l *postmarkList[T]) UnmarshalJSON(b []byte) error {
	var raw []json.RawMessage
	if json.Unmarshal(b, &raw) != nil {
		return nil
	}
	for _, r := range raw {
		var v T
		if json.Unmarshal(r, &v) == nil {
			*l = append(*l, v)
		}
	}
	return nil
}

type postmarkAddress struct {
	Email       postmarkText
	Name        postmarkText
	MailboxHash postmarkText
}

type postmarkInbound struct {
	RecordType        postmarkText
	From              postmarkText
	FromName          postmarkText
	FromFull          json.RawMessage
	To                postmarkText
	ToFull            postmarkList[postmarkAddress]
	CcFull            postmarkList[postmarkAddress]
	OriginalRecipient postmarkText
	Subject           postmarkText
	MessageID         postmarkText // Postmark's own
	MailboxHash       postmarkText
	Date              postmarkText
	TextBody          postmarkText
	HtmlBody          postmarkText
	StrippedTextReply postmarkText
	Headers           postmarkList[struct{ Name, Value postmarkText }]
	Attachments       postmarkList[struct {
		Name, Content, ContentType, ContentID postmarkText
		ContentLength                         postmarkText
	}]
}

// postmarkSample is the id of what the console's "Check" button sends.
const postmarkSample = "00000000-0000-0000-0000-000000000000"

func (postmark) read(in channel.Inbox, e message.Envelope) []message.Item {
	var p postmarkInbound
	if err := json.Unmarshal(e.Body, &p); err != nil {
		return []message.Item{unrecognised("", "The body is not from Postmark: %v", err)}
	}
	switch p.RecordType {
	case "", "Inbound":
	default:
		return []message.Item{postmarkRecord(in, e)}
	}
	if p.MessageID == postmarkSample {
		return []message.Item{ignored(postmarkSample, "sample")}
	}
	return []message.Item{p.mail().item(in, e)}
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

// spot is a string in a JSON body: the bytes [start, end), quotes included.
type spot struct {
	start, end int
	value      string
}

// topLevel finds string members of the body's object, in order.
func topLevel(body []byte, names []string) ([]spot, error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	if tok, err := dec.Token(); err != nil || tok != json.Delim('{') {
		return nil, errors.Join(errors.New("no object"), err)
	}
	var spots []spot
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return nil, err
		}
		end := int(dec.InputOffset())
		var value string
		if slices.Contains(names, fmt.Sprint(key)) && json.Unmarshal(raw, &value) == nil && value != "" {
			spots = append(spots, spot{start: end - len(raw), end: end, value: value})
		}
	}
	if _, err := dec.Token(); err != nil && err != io.EOF {
		return nil, err
	}
	return spots, nil
}
