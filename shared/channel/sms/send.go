package sms

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ines/shared/channel"
	"ines/shared/channel/lenient"
	"ines/shared/channel/twilio"
)

const api = "https://api.twilio.com"

// resource is a message as the API shows it.
type resource struct {
	SID       lenient.Text `json:"sid"`
	Body      lenient.Text `json:"body"`
	Created   lenient.Text `json:"date_created"` // RFC 1123 with a numeric zone
	Direction lenient.Text `json:"direction"`
}

// Send creates one message. What becomes of it comes back to the inbox's own URL.
func (Channel) Send(ctx context.Context, o channel.Outlet, r channel.Reply) (channel.Receipt, error) {
	c, err := twilio.ParseCredential(o)
	if err != nil {
		return channel.Receipt{}, err
	}
	if strings.TrimSpace(r.Text) == "" {
		return channel.Receipt{}, lenient.Refuse("empty", "there is no text to send")
	}
	if n := lenient.UTF16(r.Text); n > maxText {
		return channel.Receipt{}, lenient.Refuse("21617", "the text has %d characters, Twilio takes %d", n, maxText)
	}
	form, err := addresses(o.Inbox, r)
	if err != nil {
		return channel.Receipt{}, err
	}
	form.Set("Body", r.Text)
	if o.Inbox.URL != "" {
		form.Set("StatusCallback", o.Inbox.URL)
	}
	var m resource
	if err := call(ctx, o, c, http.MethodPost, form, &m); err != nil {
		return channel.Receipt{}, err
	}
	if m.SID == "" {
		return channel.Receipt{}, &channel.SendError{Class: channel.Unknown, Detail: "the answer names no message"}
	}
	return channel.Receipt{ID: string(m.SID)}, nil
}

// addresses are From (or the messaging service) and To.
func addresses(in channel.Inbox, r channel.Reply) (url.Values, error) {
	from, to, _ := strings.Cut(r.Thread.Key, "/")
	if to == "" {
		to = r.To.ID
	}
	if from == "" {
		from = in.Account
	}
	if from == "" || to == "" {
		return nil, lenient.Refuse("21604", "the reply does not say from where and to whom it goes")
	}
	form := url.Values{"To": {to}}
	if strings.HasPrefix(from, "MG") {
		form.Set("MessagingServiceSid", from)
	} else {
		form.Set("From", from)
	}
	return form, nil
}

// call posts the form to the messages' address, or gets the list that it asks for.
func call(ctx context.Context, o channel.Outlet, c twilio.Credential, method string, form url.Values, result any) error {
	address := api + "/2010-04-01/Accounts/" + url.PathEscape(c.Account) + "/Messages.json"
	body := form.Encode()
	if method == http.MethodGet {
		address, body = address+"?"+body, ""
	}
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return lenient.Refuse("request", "the call makes no request")
	}
	req.SetBasicAuth(c.User, c.Password)
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := o.HTTP.Do(req)
	if err != nil {
		return channel.NetworkError(err)
	}
	raw, err := channel.ReadAnswer(resp)
	if err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		se := classify(resp.StatusCode, resp.Header, raw)
		se.Detail = c.Hide(se.Detail)
		return se
	}
	if err := json.Unmarshal(raw, result); err != nil {
		return &channel.SendError{Class: channel.Unknown, Code: fmt.Sprint(resp.StatusCode), Detail: "the answer can't be read", Err: err}
	}
	return nil
}

const clockSlack = time.Minute // Twilio's clock may be behind ours

// Lookup implements channel.Lookuper: it looks for the words among what we sent to
// the person since then. Twilio lists by day and newest first.
func (Channel) Lookup(ctx context.Context, o channel.Outlet, r channel.Reply, since time.Time) (channel.Receipt, bool, error) {
	c, err := twilio.ParseCredential(o)
	if err != nil {
		return channel.Receipt{}, false, err
	}
	query, err := addresses(o.Inbox, r)
	if err != nil {
		return channel.Receipt{}, false, err
	}
	query.Del("MessagingServiceSid") // lists don't filter by it
	since = since.Add(-clockSlack)
	query.Set("DateSent>", since.UTC().Format(time.DateOnly))
	query.Set("PageSize", "100")
	var page struct {
		Messages []resource `json:"messages"`
		Next     *string    `json:"next_page_uri"`
	}
	if err := call(ctx, o, c, http.MethodGet, query, &page); err != nil {
		return channel.Receipt{}, false, err
	}
	for _, m := range page.Messages {
		at, err := time.Parse(time.RFC1123Z, string(m.Created))
		if err != nil || at.Before(since) || !strings.HasPrefix(string(m.Direction), "outbound") {
			continue
		}
		if m.SID != "" && string(m.Body) == r.Text {
			return channel.Receipt{ID: string(m.SID)}, true, nil
		}
	}
	if page.Next != nil && *page.Next != "" {
		return channel.Receipt{}, false, &channel.SendError{Class: channel.Unknown, Detail: "too much was sent there since then to look through it all"}
	}
	return channel.Receipt{}, false, nil
}

// Lag implements channel.Lookuper.
func (Channel) Lag() time.Duration { return 10 * time.Second }
