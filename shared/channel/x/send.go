package x

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ines/shared/channel"
	"ines/shared/message"
)

const api = "https://api.x.com"

// Send posts a reply, or sends a direct message. Links in public posts cost more
// than ten times as much (README.md); that is for the policy to forbid, not for us.
func (c Channel) Send(ctx context.Context, o channel.Outlet, r channel.Reply) (channel.Receipt, error) {
	if o.Token == "" {
		return channel.Receipt{}, &channel.SendError{Class: channel.Blocked, Detail: "inbox " + o.Inbox.ID + " has no X user token to send with"}
	}
	if l := c.Limits(r.Thread.Visibility); l.Measure(r.Text) > l.Max {
		return channel.Receipt{}, &channel.SendError{Class: channel.Permanent, Code: "too_long",
			Detail: fmt.Sprintf("the text measures %d %s, X takes %d", l.Measure(r.Text), l.Unit, l.Max)}
	}
	if r.Thread.Visibility == message.Private {
		return sendMessage(ctx, o, r)
	}
	body := map[string]any{"text": r.Text}
	if r.Parent != "" {
		body["reply"] = map[string]string{"in_reply_to_tweet_id": r.Parent}
	}
	var out struct {
		Data struct {
			ID id `json:"id"`
		} `json:"data"`
	}
	pause, err := call(ctx, o, http.MethodPost, "/2/tweets", body, &out)
	if err != nil {
		return channel.Receipt{}, err
	}
	receipt := channel.Receipt{ID: string(out.Data.ID), Pause: pause}
	if r.Parent == "" {
		receipt.Thread = receipt.ID // a new post is a conversation of its own
	}
	return receipt, took(receipt)
}

func sendMessage(ctx context.Context, o channel.Outlet, r channel.Reply) (channel.Receipt, error) {
	path, err := conversation(r)
	if err != nil {
		return channel.Receipt{}, err
	}
	var out struct {
		Data struct {
			ID           id `json:"dm_event_id"`
			Conversation id `json:"dm_conversation_id"`
		} `json:"data"`
	}
	pause, err := call(ctx, o, http.MethodPost, path+"/messages", map[string]any{"text": r.Text}, &out)
	if err != nil {
		return channel.Receipt{}, err
	}
	receipt := channel.Receipt{ID: string(out.Data.ID), Thread: string(out.Data.Conversation), Pause: pause}
	return receipt, took(receipt)
}

// conversation is the path of the conversation: with one person, or of a group,
// whose key is one number.
func conversation(r channel.Reply) (string, error) {
	if key := r.Thread.Key; key != "" && !strings.Contains(key, "-") {
		return "/2/dm_conversations/" + url.PathEscape(key), nil
	}
	if r.To.ID == "" {
		return "", &channel.SendError{Class: channel.Permanent, Code: "nobody", Detail: "the direct message has no addressee"}
	}
	return "/2/dm_conversations/with/" + url.PathEscape(r.To.ID), nil
}

// took: an answer of success without an id may still be a success.
func took(r channel.Receipt) error {
	if r.ID == "" {
		return &channel.SendError{Class: channel.Unknown, Detail: "X said yes without an id"}
	}
	return nil
}

// call makes one call and decodes the answer. The duration is how long X wants quiet
// after it. All errors are *channel.SendError.
func call(ctx context.Context, o channel.Outlet, method, path string, body, into any) (time.Duration, error) {
	var payload []byte
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return 0, &channel.SendError{Class: channel.Permanent, Detail: "the call cannot be written", Err: err}
		}
		payload = raw
	}
	req, err := http.NewRequestWithContext(ctx, method, api+path, bytes.NewReader(payload))
	if err != nil {
		return 0, &channel.SendError{Class: channel.Permanent, Detail: "the call cannot be made", Err: err}
	}
	authorize(req, o.Token, o.Time())
	req.Header.Set("User-Agent", userAgent+o.Inbox.Account)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := o.HTTP.Do(req)
	if err != nil {
		return 0, channel.NetworkError(err)
	}
	raw, err := channel.ReadAnswer(resp)
	if err != nil {
		return 0, err
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return 0, refusal(resp.StatusCode, resp.Header, raw)
	}
	if !decode(raw, into) {
		return 0, &channel.SendError{Class: channel.Unknown, Detail: fmt.Sprintf("X answered %d with what is not JSON", resp.StatusCode)}
	}
	return spent(resp.Header), nil
}

// userAgent names us and, after it, our account: X's support asks for it.
const userAgent = "ines/1 account "

// refusal classifies an answer that is not a success.
func refusal(status int, h http.Header, body []byte) *channel.SendError {
	var p struct {
		Type   string `json:"type"`
		Title  string `json:"title"`
		Detail string `json:"detail"`
		Errors many[struct {
			Code    count  `json:"code"`
			Message string `json:"message"`
			Type    string `json:"type"`
			Detail  string `json:"detail"`
		}] `json:"errors"`
	}
	if !decode(body, &p) {
		p.Detail = "" // HTML of something between us, perhaps
	}
	e := &channel.SendError{Code: p.Type[strings.LastIndexByte(p.Type, '/')+1:], Detail: p.Detail}
	throttled := status == http.StatusTooManyRequests
	for _, one := range p.Errors {
		if e.Code == "" {
			e.Code = one.Type[strings.LastIndexByte(one.Type, '/')+1:]
			if e.Code == "" && one.Code != 0 {
				e.Code = strconv.FormatInt(int64(one.Code), 10)
			}
		}
		if e.Detail == "" {
			e.Detail = one.Detail + one.Message
		}
		throttled = throttled || one.Code == 88
	}
	if e.Detail == "" {
		e.Detail = p.Title
	}
	if e.Code == "" {
		e.Code = strconv.Itoa(status)
	}
	switch {
	case e.Code == "usage-capped", status == http.StatusUnauthorized:
		e.Class = channel.Blocked
	case throttled:
		e.Class, e.Wait = channel.Throttled, wait(h)
	case status >= 500, status == http.StatusRequestTimeout:
		e.Class = channel.Unknown // ask the ledger before trying again
	case status >= 400:
		e.Class = channel.Permanent
	default:
		e.Class, e.Detail = channel.Blocked, "X does not redirect: something stands between us and it"
	}
	return e
}

// X counts calls in a quarter of an hour and in a day, the user's and the app's; for
// each count there is a header of what is left and one of when it begins anew.
var counts = []string{"X-Rate-Limit", "X-User-Limit-24hour", "X-App-Limit-24hour"}

// spent is how long until the longest of the counts that an answer says are used up
// begins anew, by X's clock; 0 if there is something left of each.
func spent(h http.Header) time.Duration {
	longest := time.Duration(0)
	for _, c := range counts {
		if left, err := strconv.ParseInt(h.Get(c+"-Remaining"), 10, 64); err == nil && left <= 0 {
			longest = max(longest, reset(h, c))
		}
	}
	return longest
}

func reset(h http.Header, count string) time.Duration {
	sec, err := strconv.ParseInt(h.Get(count+"-Reset"), 10, 64)
	if err != nil {
		return 0
	}
	return channel.SinceDate(h, time.Unix(sec, 0))
}

// wait is how long a refused call has to wait.
func wait(h http.Header) time.Duration {
	if w := channel.RetryAfter(h); w > 0 {
		return w
	}
	if w := spent(h); w > 0 {
		return w
	}
	return reset(h, "X-Rate-Limit")
}

// Open implements channel.Opener: a direct message to a numeric user id, or to the
// customer's known handle.
func (Channel) Open(in channel.Inbox, address string, known message.Handle) (channel.Thread, error) {
	who := strings.TrimSpace(address)
	if who == "" && known.Channel == name {
		who = known.ID
	}
	switch {
	case who == "":
		return channel.Thread{}, errors.New("we don't know this customer on X yet: give the numeric user id")
	case strings.Trim(who, "0123456789") != "":
		return channel.Thread{}, fmt.Errorf("X addresses people by their numeric user id, and %q is none: @names can change hands", who)
	case who == in.Account:
		return channel.Thread{}, fmt.Errorf("%s is our own account", who)
	}
	th := channel.Thread{Channel: name, Inbox: in.ID, Visibility: message.Private, With: message.Handle{Channel: name, ID: who}}
	if in.Account != "" {
		th.Key = pair(in.Account, who)
	}
	return th, nil
}
