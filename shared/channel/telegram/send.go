package telegram

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ines/shared/channel"
	"ines/shared/channel/lenient"
	"ines/shared/message"
)

const api = "https://api.telegram.org"

type outbound struct {
	Chat     any         `json:"chat_id"` // a number, or a channel's "@name"
	Business string      `json:"business_connection_id,omitempty"`
	Topic    json.Number `json:"message_thread_id,omitempty"`
	Direct   json.Number `json:"direct_messages_topic_id,omitempty"`
	Text     string      `json:"text"`
	Reply    *replyTo    `json:"reply_parameters,omitempty"`
}

type replyTo struct {
	Message json.Number `json:"message_id"`
	// Anyway: the customer may have deleted what we answer.
	Anyway bool `json:"allow_sending_without_reply"`
}

// answer is what every method gives.
type answer struct {
	OK          bool            `json:"ok"`
	Result      json.RawMessage `json:"result"`
	Code        text            `json:"error_code"`
	Description text            `json:"description"`
	Parameters  struct {
		RetryAfter text `json:"retry_after"`
		MigrateTo  text `json:"migrate_to_chat_id"`
	} `json:"parameters"`
}

// Send makes one sendMessage. A group that became a supergroup has another id: the
// message is sent there, once, and the receipt names the new thread.
func (Channel) Send(ctx context.Context, o channel.Outlet, r channel.Reply) (channel.Receipt, error) {
	m, err := compose(r)
	if err != nil {
		return channel.Receipt{}, err
	}
	raw, migrated, err := call(ctx, o, "sendMessage", m)
	if err != nil && migrated != "" {
		m.Chat, m.Reply = chatID(string(migrated)), nil // message ids begin anew there
		raw, _, err = call(ctx, o, "sendMessage", m)
	}
	if err != nil {
		return channel.Receipt{}, err
	}
	var sent struct {
		ID   text `json:"message_id"`
		Chat chat `json:"chat"`
	}
	if err := json.Unmarshal(raw, &sent); err != nil || sent.ID == "" {
		return channel.Receipt{}, &channel.SendError{Class: channel.Unknown, Detail: "the answer names no message", Err: err}
	}
	old, rest, _ := strings.Cut(r.Thread.Key, ":")
	at := cmp.Or(string(sent.Chat.ID), string(migrated), old)
	receipt := channel.Receipt{ID: at + "/" + string(sent.ID)}
	if at != old && migrated != "" {
		receipt.Thread = at
		if rest != "" {
			receipt.Thread += ":" + rest
		}
	}
	return receipt, nil
}

func compose(r channel.Reply) (outbound, error) {
	if strings.TrimSpace(r.Text) == "" {
		return outbound{}, lenient.Refuse("empty", "there is no text to send")
	}
	if n := lenient.UTF16(r.Text); n > maxText {
		return outbound{}, lenient.Refuse("too_long", "the text has %d characters, Telegram takes %d", n, maxText)
	}
	to, _, _ := strings.Cut(r.Thread.Key, ":")
	if to == "" && r.Thread.Visibility == message.Private {
		to = cmp.Or(r.To.ID, r.Thread.With.ID)
	}
	if to == "" {
		return outbound{}, lenient.Refuse("chat", "the reply does not say to which chat it goes")
	}
	m := outbound{Chat: chatID(to), Business: r.Thread.Extra["business_connection_id"], Text: r.Text,
		Topic: number(r.Thread.Extra["topic"]), Direct: number(r.Thread.Extra["direct_topic"])}
	// What was said in another chat, or by a button, can't be answered as a message.
	if chat, id, ok := strings.Cut(r.Parent, "/"); ok && chat == to && number(id) != "" {
		m.Reply = &replyTo{Message: number(id), Anyway: true}
	}
	return m, nil
}

func chatID(id string) any {
	if n := number(id); n != "" {
		return n
	}
	return id
}

// number is s if it is a whole number, else "".
func number(s string) json.Number {
	if _, err := strconv.ParseInt(s, 10, 64); err != nil || strings.HasPrefix(s, "+") {
		return ""
	}
	return json.Number(s)
}

// call makes one method call. migrated is the chat's new id, if that is what is
// wrong.
func call(ctx context.Context, o channel.Outlet, method string, body any) (result json.RawMessage, migrated text, err error) {
	if o.Token == "" {
		return nil, "", &channel.SendError{Class: channel.Blocked, Code: "token", Detail: "inbox " + o.Inbox.ID + " has no bot token"}
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, "", lenient.Refuse("body", "the call can't be put into JSON: %v", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, api+"/bot"+url.PathEscape(o.Token)+"/"+method, bytes.NewReader(raw))
	if err != nil {
		return nil, "", &channel.SendError{Class: channel.Blocked, Code: "token", Detail: "the bot token makes no address"}
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := o.HTTP.Do(req)
	if err != nil {
		return nil, "", channel.NetworkError(err)
	}
	got, err := channel.ReadAnswer(resp)
	if err != nil {
		return nil, "", err
	}
	var a answer
	parseErr := json.Unmarshal(got, &a)
	if resp.StatusCode == http.StatusOK && parseErr == nil && a.OK {
		return a.Result, "", nil
	}
	se := classify(resp.StatusCode, resp.Header, a, parseErr)
	se.Detail = strings.ReplaceAll(se.Detail, o.Token, "…")
	if se.Code == "400" {
		migrated = a.Parameters.MigrateTo
	}
	return nil, migrated, se
}

// classify follows CHANNELS.md, section 6. Telegram's code repeats the HTTP status.
func classify(status int, h http.Header, a answer, parseErr error) *channel.SendError {
	told := parseErr == nil && a.Code.Int() > 0
	code := int64(status)
	if told {
		code = a.Code.Int()
	}
	se := &channel.SendError{Code: strconv.FormatInt(code, 10), Detail: string(a.Description)}
	if se.Detail == "" {
		se.Detail = fmt.Sprintf("Telegram answered %d without words", status)
	}
	switch {
	case code == http.StatusTooManyRequests:
		// One message a second to one chat, twenty a minute to a group: it is
		// nearly always the chat that is full. Were it the bot, the next chat's
		// call says so too.
		se.Class, se.Narrow = channel.Throttled, true
		if se.Wait = time.Duration(min(max(a.Parameters.RetryAfter.Int(), 0), 86400)) * time.Second; se.Wait == 0 {
			se.Wait = channel.RetryAfter(h)
		}
	case code == http.StatusUnauthorized || code == http.StatusNotFound:
		se.Class = channel.Blocked // the token
	case code == http.StatusForbidden || code/100 == 4: // 403: blocked, kicked, deactivated
		se.Class, se.Refused = channel.Permanent, code == http.StatusForbidden && strings.Contains(se.Detail, "blocked by the user")
	case told && (code == http.StatusInternalServerError || code == http.StatusServiceUnavailable), code/100 == 3:
		se.Class = channel.Retry
	default: // a gateway's 5xx, or a 200 that says nothing: it may have been sent
		se.Class = channel.Unknown
	}
	return se
}

// Locate implements channel.Fetcher: getFile turns a file's id into a path, whose
// link works for an hour at least. Telegram gives bots files up to 20 MB.
func (Channel) Locate(ctx context.Context, o channel.Outlet, a message.Attachment) (*http.Request, error) {
	if a.Ref == "" {
		return nil, lenient.Refuse("no_file", "the attachment is no file of Telegram's")
	}
	raw, _, err := call(ctx, o, "getFile", map[string]string{"file_id": a.Ref})
	if err != nil {
		return nil, err
	}
	var f struct {
		Path text `json:"file_path"`
	}
	if err := json.Unmarshal(raw, &f); err != nil || f.Path == "" {
		return nil, &channel.SendError{Class: channel.Retry, Detail: "the answer names no path", Err: err}
	}
	at := (&url.URL{Path: "/file/bot" + o.Token + "/" + strings.TrimPrefix(string(f.Path), "/")}).EscapedPath()
	return http.NewRequestWithContext(ctx, http.MethodGet, api+at, nil)
}
