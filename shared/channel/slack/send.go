package slack

import (
	"bytes"
	"cmp"
	"context"
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

const api = "https://slack.com/api/"

type outbound struct {
	Channel  string `json:"channel"`
	Text     string `json:"text"`
	ThreadTS string `json:"thread_ts,omitempty"`
	// Markup is off: what a colleague types is shown as typed.
	Markup   bool     `json:"mrkdwn"`
	Metadata metadata `json:"metadata"`
}

// metadata is what a look-up recognises our reply by.
type metadata struct {
	Type    string `json:"event_type"`
	Payload struct {
		Reply string `json:"reply_id"`
	} `json:"event_payload"`
}

const metadataType = "ines_reply"

// place is where a reply goes: into the thread of ts, or to a conversation, or to a
// person whose conversation only sending reveals.
type place struct{ team, channel, ts string }

func placeOf(r channel.Reply) (place, error) {
	parts := strings.SplitN(r.Thread.Key, ":", 3)
	p := place{team: r.Thread.With.Scope}
	switch {
	case len(parts) == 3:
		p = place{parts[0], parts[1], parts[2]}
	case len(parts) == 2:
		p = place{team: parts[0], channel: parts[1]}
	case r.Thread.Key == "" && r.To.ID != "":
		p.channel = r.To.ID
	}
	if p.channel == "" {
		return place{}, lenient.Refuse("channel", "the reply does not say to which conversation it goes")
	}
	return p, nil
}

// Send posts one message.
func (Channel) Send(ctx context.Context, o channel.Outlet, r channel.Reply) (channel.Receipt, error) {
	if strings.TrimSpace(r.Text) == "" {
		return channel.Receipt{}, lenient.Refuse("no_text", "there is no text to send")
	}
	if n := measure(r.Text); n > maxText {
		return channel.Receipt{}, lenient.Refuse("msg_too_long", "the text has %d characters, Slack takes %d", n, maxText)
	}
	p, err := placeOf(r)
	if err != nil {
		return channel.Receipt{}, err
	}
	m := outbound{Channel: p.channel, Text: escape(r.Text), ThreadTS: p.ts, Metadata: metadata{Type: metadataType}}
	m.Metadata.Payload.Reply = r.ID
	var sent struct {
		Channel text `json:"channel"`
		TS      text `json:"ts"`
	}
	if err := call(ctx, o, "chat.postMessage", nil, m, &sent); err != nil {
		return channel.Receipt{}, err
	}
	if sent.TS == "" {
		return channel.Receipt{}, &channel.SendError{Class: channel.Unknown, Detail: "the answer names no message"}
	}
	return p.receipt(string(sent.Channel), string(sent.TS)), nil
}

func (p place) receipt(where, ts string) channel.Receipt {
	if where == "" {
		where = p.channel
	}
	r := channel.Receipt{ID: p.team + ":" + where + ":" + ts}
	if p.ts == "" {
		r.Thread = r.ID
	}
	return r
}

// call makes one call of the Web API: a POST of body, or without one a GET.
func call(ctx context.Context, o channel.Outlet, method string, query url.Values, body, result any) error {
	if o.Token == "" {
		return &channel.SendError{Class: channel.Blocked, Code: "not_authed", Detail: "inbox " + o.Inbox.ID + " has no bot token"}
	}
	address, verb := api+method, http.MethodGet
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	var raw []byte
	if body != nil {
		verb = http.MethodPost
		var err error
		if raw, err = json.Marshal(body); err != nil {
			return lenient.Refuse("body", "the call can't be put into JSON: %v", err)
		}
	}
	req, err := http.NewRequestWithContext(ctx, verb, address, bytes.NewReader(raw))
	if err != nil {
		return lenient.Refuse("body", "the call makes no request")
	}
	req.Header.Set("Authorization", "Bearer "+o.Token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	resp, err := o.HTTP.Do(req)
	if err != nil {
		return channel.NetworkError(err)
	}
	got, err := channel.ReadAnswer(resp)
	if err != nil {
		return err
	}
	var a struct {
		OK     bool `json:"ok"`
		Error  text `json:"error"`
		Needed text `json:"needed"`
	}
	parseErr := json.Unmarshal(got, &a)
	if resp.StatusCode == http.StatusOK && parseErr == nil && a.OK {
		if err := json.Unmarshal(got, result); err != nil {
			return &channel.SendError{Class: channel.Unknown, Detail: "the answer can't be read", Err: err}
		}
		return nil
	}
	if parseErr != nil {
		a.Error = ""
	}
	se := classify(resp.StatusCode, resp.Header, strings.ReplaceAll(string(a.Error), o.Token, "…"))
	if a.Needed != "" {
		se.Detail += ", needs " + string(a.Needed)
	}
	se.Detail = strings.ReplaceAll(se.Detail, o.Token, "…")
	return se
}

// Slack's words for what is wrong with us rather than with the message.
var stops = words(`accesslimited access_denied account_inactive ekm_access_denied enterprise_is_restricted invalid_auth
	missing_scope no_permission not_allowed_token_type not_authed org_login_required team_access_not_granted token_expired
	token_revoked two_factor_setup_required`)

// classify follows CHANNELS.md, section 7.1, but for internal_error and fatal_error:
// Slack says of both that part of the work may have been done. They are looked up.
func classify(status int, h http.Header, code string) *channel.SendError {
	se := &channel.SendError{Code: code, Detail: "Slack says " + code}
	if code == "" {
		se.Code, se.Detail = fmt.Sprint(status), fmt.Sprintf("Slack answered %d without words", status)
	}
	switch {
	case status == http.StatusTooManyRequests, code == "ratelimited", code == "rate_limited", code == "message_limit_exceeded":
		// One message a second to a channel is the limit that bites.
		se.Class, se.Wait, se.Narrow = channel.Throttled, channel.RetryAfter(h), code != "message_limit_exceeded"
	case stops()[text(code)]:
		se.Class = channel.Blocked
	case code == "service_unavailable", code == "team_added_to_org":
		se.Class = channel.Retry
	case code == "internal_error", code == "fatal_error", status >= 500:
		se.Class = channel.Unknown
	case code != "": // the request was understood and refused
		se.Class = channel.Permanent
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
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

const (
	lookupPages = 5
	clockSlack  = time.Minute // Slack's clock may be behind ours
)

// Lookup implements channel.Lookuper: it reads the thread back, or what was lately
// said to the person, and looks for the reply's metadata; where an old message has
// none, for the same words of ours.
func (Channel) Lookup(ctx context.Context, o channel.Outlet, r channel.Reply, since time.Time) (channel.Receipt, bool, error) {
	p, err := placeOf(r)
	if err != nil {
		return channel.Receipt{}, false, err
	}
	where, method := p.channel, "conversations.replies"
	query := url.Values{"limit": {"200"}, "include_all_metadata": {"true"}, "oldest": {fmt.Sprintf("%d.000000", since.Add(-clockSlack).Unix())}}
	if p.ts == "" {
		method = "conversations.history"
		if strings.HasPrefix(where, "U") || strings.HasPrefix(where, "W") {
			var opened struct {
				Channel struct {
					ID text `json:"id"`
				} `json:"channel"`
			}
			if err := call(ctx, o, "conversations.open", nil, map[string]string{"users": where}, &opened); err != nil {
				return channel.Receipt{}, false, err
			}
			where = string(opened.Channel.ID)
		}
	} else {
		query.Set("ts", p.ts)
	}
	query.Set("channel", where)
	for range lookupPages {
		var page struct {
			Messages []struct {
				post
				Metadata metadata `json:"metadata"`
			} `json:"messages"`
			Next struct {
				Cursor text `json:"next_cursor"`
			} `json:"response_metadata"`
		}
		if err := call(ctx, o, method, query, nil, &page); err != nil {
			return channel.Receipt{}, false, err
		}
		for _, m := range page.Messages {
			at, ok := parseTS(string(m.TS))
			if !ok || at.Before(since.Add(-clockSlack)) {
				continue
			}
			named := m.Metadata.Type == metadataType
			same := m.Bot != "" && string(m.Text) == escape(r.Text)
			if named && m.Metadata.Payload.Reply == r.ID || !named && same {
				return p.receipt(where, string(m.TS)), true, nil
			}
		}
		if page.Next.Cursor == "" {
			return channel.Receipt{}, false, nil
		}
		query.Set("cursor", string(page.Next.Cursor))
	}
	return channel.Receipt{}, false, &channel.SendError{Class: channel.Unknown, Detail: "too much was said since then to look through it all"}
}

// Lag implements channel.Lookuper.
func (Channel) Lag() time.Duration { return 10 * time.Second }

// Named implements channel.Namer.
func (Channel) Named(ctx context.Context, o channel.Outlet, _ channel.Thread, who message.Handle) (message.Author, error) {
	if who.ID == "" {
		return message.Author{}, lenient.Refuse("user_not_found", "nobody is asked for")
	}
	var info struct {
		User struct {
			Name    text `json:"name"`
			Real    text `json:"real_name"`
			Profile struct {
				Display text `json:"display_name"`
				Real    text `json:"real_name"`
			} `json:"profile"`
		} `json:"user"`
	}
	if err := call(ctx, o, "users.info", url.Values{"user": {who.ID}}, nil, &info); err != nil {
		return message.Author{}, err
	}
	u := info.User
	return message.Author{Handle: who, Name: string(cmp.Or(u.Profile.Display, u.Profile.Real, u.Real)), Username: string(u.Name)}, nil
}

// Locate implements channel.Fetcher: Slack's files need the bot's token, others'
// (a file that only lives elsewhere) must not get it.
func (Channel) Locate(ctx context.Context, o channel.Outlet, a message.Attachment) (*http.Request, error) {
	address := a.URL
	if a.Ref != "" {
		var info struct {
			File file `json:"file"`
		}
		if err := call(ctx, o, "files.info", url.Values{"file": {a.Ref}}, nil, &info); err != nil {
			return nil, err
		}
		if address = string(info.File.Download); address == "" {
			address = string(info.File.Private)
		}
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return nil, lenient.Refuse("no_file", "the attachment has no https address")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, lenient.Refuse("no_file", "the attachment's address makes no request")
	}
	if host := u.Hostname(); host == "slack.com" || strings.HasSuffix(host, ".slack.com") {
		if o.Token == "" {
			return nil, &channel.SendError{Class: channel.Blocked, Code: "not_authed", Detail: "inbox " + o.Inbox.ID + " has no bot token"}
		}
		req.Header.Set("Authorization", "Bearer "+o.Token)
	}
	return req, nil
}
