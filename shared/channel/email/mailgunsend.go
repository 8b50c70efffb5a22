package email

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"ines/shared/channel"
	"ines/shared/message"
)

// mailgunAPI are Mailgun's two regions.
var mailgunAPI = map[string]string{"us": "https://api.mailgun.net", "eu": "https://api.eu.mailgun.net"}

// mailgunAccount takes a sending credential apart: the API key, before it the sending
// domain if that is not the address's own, before that "eu" for the European region,
// with colons between.
func mailgunAccount(o channel.Outlet) (api, domain, key string) {
	parts := strings.Split(strings.TrimSpace(o.Token), ":")
	api, domain, key = mailgunAPI["us"], domainOf(o.Inbox.Account), parts[len(parts)-1]
	for _, p := range parts[:len(parts)-1] {
		if base, ok := mailgunAPI[strings.ToLower(p)]; ok {
			api = base
		} else if strings.Contains(p, ".") {
			domain = strings.ToLower(p)
		}
	}
	return api, domain, key
}

func (mailgun) send(ctx context.Context, o channel.Outlet, m outgoing) (taken, error) {
	api, domain, key := mailgunAccount(o)
	fields := headers{{"from", m.from}, {"to", m.to}, {"subject", m.subject}, {"text", m.text}, {"o:tracking", "no"},
		{"v:" + replyMetadata, m.replyID}, {"h:Message-Id", "<" + m.messageID + ">"}}
	if m.replyTo != "" {
		fields = append(fields, header{"h:Reply-To", m.replyTo})
	}
	for _, h := range m.headers() {
		fields = append(fields, header{"h:" + h.name, h.value})
	}
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, f := range fields {
		if err := w.WriteField(f.name, f.value); err != nil {
			return taken{}, refuse("body", err.Error())
		}
	}
	if err := w.Close(); err != nil {
		return taken{}, refuse("body", err.Error())
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, api+"/v3/"+url.PathEscape(domain)+"/messages", &body)
	if err != nil {
		return taken{}, refuse("request", err.Error())
	}
	req.SetBasicAuth("api", key)
	req.Header.Set("Content-Type", w.FormDataContentType())
	status, h, raw, err := apiCall(o, req)
	if err != nil {
		return taken{}, err
	}
	var a struct{ ID, Message string }
	parseErr := json.Unmarshal(raw, &a)
	if status/100 != 2 {
		return taken{}, mailgunError(status, h, a.Message)
	}
	ids := msgIDs(a.ID)
	if parseErr != nil || len(ids) == 0 {
		return taken{}, badAnswer(status, parseErr)
	}
	return taken{id: ids[0], pause: rest(h)}, nil
}

func mailgunError(status int, h http.Header, detail string) *channel.SendError {
	se := apiError(status, h, detail)
	if status == http.StatusNotFound || status == http.StatusBadRequest && strings.Contains(strings.ToLower(detail), "domain") && strings.Contains(strings.ToLower(detail), "not") {
		se.Class = channel.Blocked // our domain: every mail fails
	}
	return se
}

// lookup asks for the mail's events by its Message-ID. They may appear half an hour
// late, so an empty list says nothing: better a person looks than a mail goes twice.
func (mailgun) lookup(ctx context.Context, o channel.Outlet, m outgoing) (string, bool, error) {
	api, domain, key := mailgunAccount(o)
	q := url.Values{"message-id": {m.messageID}, "event": {"accepted OR delivered"}, "limit": {"1"}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, api+"/v3/"+url.PathEscape(domain)+"/events?"+q.Encode(), nil)
	if err != nil {
		return "", false, refuse("request", err.Error())
	}
	req.SetBasicAuth("api", key)
	status, h, raw, err := apiCall(o, req)
	if err != nil {
		return "", false, err
	}
	var found struct {
		Message string
		Items   []struct {
			Message struct {
				Headers struct {
					ID anyText `json:"message-id"`
				} `json:"headers"`
			} `json:"message"`
		} `json:"items"`
	}
	parseErr := json.Unmarshal(raw, &found)
	if status != http.StatusOK {
		return "", false, mailgunError(status, h, found.Message)
	}
	for _, it := range found.Items {
		if ids := msgIDs(string(it.Message.Headers.ID)); slices.Contains(ids, m.messageID) {
			return m.messageID, true, nil
		}
	}
	return "", false, &channel.SendError{Class: channel.Unknown, Detail: "Mailgun does not list the mail, and may be half an hour late", Err: parseErr}
}

// mailgunHost is nil unless an address is where Mailgun keeps mail: nobody else gets
// our key.
func mailgunHost(address string) *url.URL {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Port() != "" || u.User != nil {
		return nil
	}
	for _, domain := range []string{".mailgun.net", ".mailgun.org"} {
		if strings.HasSuffix(strings.ToLower(u.Host), domain) {
			return u
		}
	}
	return nil
}

// mailgunFile gets a stored mail's file with the API key.
func mailgunFile(ctx context.Context, o channel.Outlet, a message.Attachment) (*http.Request, error) {
	u := mailgunHost(a.URL)
	if u == nil {
		return nil, refuse("file", "the file is not at Mailgun")
	}
	if o.Token == "" {
		return nil, &channel.SendError{Class: channel.Blocked, Code: "token", Detail: "the inbox has no API key to get stored files with"}
	}
	_, _, key := mailgunAccount(o)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, refuse("request", err.Error())
	}
	req.SetBasicAuth("api", key)
	return req, nil
}

// emulate implements channel.Emulator for sending and for listing events.
func (mailgun) emulate(call channel.Call, earlier []channel.Call) (channel.CallAnswer, bool) {
	u, err := url.Parse(call.URL)
	if err != nil || u.Scheme+"://"+u.Host != mailgunAPI["us"] && u.Scheme+"://"+u.Host != mailgunAPI["eu"] {
		return channel.CallAnswer{}, false
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	if len(parts) != 3 || parts[0] != "v3" {
		return channel.CallAnswer{}, false
	}
	send := call.Method == http.MethodPost && parts[2] == "messages"
	list := call.Method == http.MethodGet && parts[2] == "events"
	user, key, _ := (&http.Request{Header: call.Header}).BasicAuth()
	switch {
	case !send && !list:
		return channel.CallAnswer{}, false
	case user != "api" || key == "":
		return channel.CallAnswer{Status: http.StatusUnauthorized, Body: []byte("Forbidden")}, true
	case list:
		items := []any{}
		for _, c := range earlier {
			if id := mailgunSent(c); id != "" && id == u.Query().Get("message-id") {
				items = append(items, map[string]any{"event": "accepted", "message": map[string]any{"headers": map[string]any{"message-id": id}}})
			}
		}
		return answerJSON(http.StatusOK, map[string]any{"items": items}), true
	}
	f, err := readForm(call.Header.Get("Content-Type"), call.Body)
	if err != nil || f.text("from") == "" || normal(f.text("to")) == "" || f.text("text") == "" {
		return answerJSON(http.StatusBadRequest, map[string]any{"message": "from, to and text are required"}), true
	}
	id := f.text("h:Message-Id")
	if id == "" {
		id = fmt.Sprintf("<2026.%d@%s>", len(earlier)+1, parts[1])
	}
	return answerJSON(http.StatusOK, map[string]any{"id": id, "message": "Queued. Thank you."}), true
}

// mailgunSent is the Message-ID of what a call sent, or "".
func mailgunSent(c channel.Call) string {
	if c.Method != http.MethodPost {
		return ""
	}
	f, err := readForm(c.Header.Get("Content-Type"), c.Body)
	if err != nil {
		return ""
	}
	return strings.Trim(f.text("h:Message-Id"), "<>")
}
