package line

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha1"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ines/shared/channel"
	"ines/shared/channel/lenient"
	"ines/shared/message"
)

const (
	api      = "https://api.line.me/v2/bot/message/"
	dataAPI  = "https://api-data.line.me/v2/bot/message/"
	stickers = "https://stickershop.line-scdn.net/stickershop/v1/sticker/"
	// stickerRef marks references to stickers, which are no message's content.
	stickerRef = "sticker/"
)

type outbound struct {
	ReplyToken string     `json:"replyToken,omitempty"`
	To         string     `json:"to,omitempty"`
	Messages   []textPart `json:"messages"`
}

type textPart struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

type answer struct {
	Message text `json:"message"`
	Details []struct {
		Message  text `json:"message"`
		Property text `json:"property"`
	} `json:"details"`
	Sent []struct {
		ID text `json:"id"`
	} `json:"sentMessages"`
}

// Send answers by the reply token while it lives and by push after that, or when
// LINE says that the token is spent. Pushes carry a retry key that follows from the
// reply's id: LINE takes each once.
func (Channel) Send(ctx context.Context, o channel.Outlet, r channel.Reply) (channel.Receipt, error) {
	if o.Token == "" {
		return channel.Receipt{}, &channel.SendError{Class: channel.Blocked, Code: "token", Detail: "inbox " + o.Inbox.ID + " has no channel access token"}
	}
	if strings.TrimSpace(r.Text) == "" {
		return channel.Receipt{}, lenient.Refuse("empty", "there is no text to send")
	}
	if n := lenient.UTF16(r.Text); n > maxText {
		return channel.Receipt{}, lenient.Refuse("too_long", "the text has %d characters, LINE takes %d", n, maxText)
	}
	m := outbound{Messages: []textPart{{Type: "text", Text: r.Text}}}
	if byToken(r, o.Now) {
		m.ReplyToken = r.Thread.Extra["reply_token"]
		receipt, err := post(ctx, o, "reply", "", m)
		if err == nil || channel.AsSendError(err).Code != codeSpent {
			return receipt, err
		}
		m.ReplyToken = ""
	}
	if _, m.To, _ = strings.Cut(r.Thread.Key, ":"); m.To == "" {
		m.To = cmp.Or(r.To.ID, r.Thread.With.ID)
	}
	if m.To == "" {
		return channel.Receipt{}, lenient.Refuse("to", "the reply does not say to whom it goes")
	}
	return post(ctx, o, "push", retryKey(r.ID), m)
}

// byToken reports whether a reply that is sent at now uses the reply token, which is
// good for one. If the time is not known it does: LINE says if that was too late.
func byToken(r channel.Reply, now time.Time) bool {
	return !r.Again && r.Thread.Extra["reply_token"] != "" && (now.IsZero() || now.Sub(r.Thread.LastInbound) < tokenLife)
}

// Repeats implements channel.Repeater: a push may be sent again for a day. A reply
// by token may not: LINE takes no retry key with it, and "spent" then means either.
func (Channel) Repeats(r channel.Reply, first, now time.Time) bool {
	return !byToken(r, first) && now.Sub(first) < keyLife
}

// retryKey is a name-based UUID (RFC 9562, version 5) of the reply's id.
func retryKey(id string) string {
	b := sha1.Sum([]byte("ines:line:" + id))
	b[6], b[8] = b[6]&0x0f|0x50, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

const codeSpent = "reply_token"

func post(ctx context.Context, o channel.Outlet, method, key string, m outbound) (channel.Receipt, error) {
	raw, err := json.Marshal(m)
	if err != nil {
		return channel.Receipt{}, lenient.Refuse("body", "the message can't be put into JSON: %v", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, api+method, bytes.NewReader(raw))
	if err != nil {
		return channel.Receipt{}, lenient.Refuse("body", "the call makes no request")
	}
	req.Header.Set("Authorization", "Bearer "+o.Token)
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set("X-Line-Retry-Key", key)
	}
	resp, err := o.HTTP.Do(req)
	if err != nil {
		return channel.Receipt{}, channel.NetworkError(err)
	}
	got, err := channel.ReadAnswer(resp)
	if err != nil {
		return channel.Receipt{}, err
	}
	var a answer
	parseErr := json.Unmarshal(got, &a)
	taken := resp.StatusCode == http.StatusConflict && key != "" // LINE had it already
	if resp.StatusCode != http.StatusOK && !taken {
		se := classify(resp.StatusCode, resp.Header, a)
		se.Detail = strings.ReplaceAll(se.Detail, o.Token, "…")
		return channel.Receipt{}, se
	}
	if len(a.Sent) > 0 && a.Sent[0].ID != "" {
		return channel.Receipt{ID: string(a.Sent[0].ID)}, nil
	}
	if id := resp.Header.Get("X-Line-Accepted-Request-Id"); taken && id != "" {
		return channel.Receipt{ID: "request/" + id}, nil
	}
	if taken {
		return channel.Receipt{ID: "retry/" + key}, nil
	}
	return channel.Receipt{}, &channel.SendError{Class: channel.Unknown, Code: fmt.Sprint(resp.StatusCode), Detail: "the answer names no message", Err: parseErr}
}

// classify follows CHANNELS.md, section 7.3.
func classify(status int, h http.Header, a answer) *channel.SendError {
	se := &channel.SendError{Code: fmt.Sprint(status), Detail: string(a.Message)}
	for _, d := range a.Details {
		se.Detail += fmt.Sprintf("; %s: %s", d.Property, d.Message)
	}
	if se.Detail == "" {
		se.Detail = fmt.Sprintf("LINE answered %d without words", status)
	}
	words := strings.ToLower(string(a.Message))
	switch {
	case status == http.StatusBadRequest && strings.Contains(words, "invalid reply token"):
		se.Class, se.Code = channel.Permanent, codeSpent
	case status == http.StatusTooManyRequests && strings.Contains(words, "monthly limit"):
		// Until next month. Answers by reply token are free and still go out:
		// the inbox isn't stopped.
		se.Class, se.Code = channel.Permanent, "monthly_limit"
	case status == http.StatusTooManyRequests:
		se.Class, se.Wait = channel.Throttled, channel.RetryAfter(h)
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusNotFound:
		se.Class = channel.Blocked
	case status/100 == 3:
		se.Class = channel.Retry
	case status/100 == 4:
		se.Class = channel.Permanent
	default:
		se.Class = channel.Unknown
	}
	return se
}

// Locate implements channel.Fetcher. What the customer sent is on LINE's data host
// for a while and needs the token; a sticker's picture is for everybody.
func (Channel) Locate(ctx context.Context, o channel.Outlet, a message.Attachment) (*http.Request, error) {
	if a.Ref == "" {
		return nil, lenient.Refuse("no_file", "the attachment is no file of LINE's")
	}
	if id, ok := strings.CutPrefix(a.Ref, stickerRef); ok {
		return http.NewRequestWithContext(ctx, http.MethodGet, stickers+url.PathEscape(id)+"/android/sticker.png", nil)
	}
	if o.Token == "" {
		return nil, &channel.SendError{Class: channel.Blocked, Code: "token", Detail: "inbox " + o.Inbox.ID + " has no channel access token"}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, dataAPI+url.PathEscape(a.Ref)+"/content", nil)
	if err != nil {
		return nil, lenient.Refuse("no_file", "the message's id makes no address")
	}
	req.Header.Set("Authorization", "Bearer "+o.Token)
	return req, nil
}
