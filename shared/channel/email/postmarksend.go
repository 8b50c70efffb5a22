package email

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ines/shared/channel"
)

const (
	postmarkAPI   = "https://api.postmarkapp.com"
	postmarkToken = "X-Postmark-Server-Token"
	// replyMetadata is the key under which a mail carries our reply's id.
	replyMetadata = "ines_reply"
)

type postmarkHeader struct{ Name, Value string }

type postmarkOutbound struct {
	From, To string
	ReplyTo  string `json:",omitempty"`
	Subject  string
	TextBody string
	Headers  []postmarkHeader
	Metadata map[string]string
}

type postmarkAnswer struct {
	ErrorCode *int
	Message   string
	MessageID string
}

func (postmark) send(ctx context.Context, o channel.Outlet, m outgoing) (taken, error) {
	// Without KeepID Postmark puts a Message-ID of its own.
	h := []postmarkHeader{{"Message-ID", "<" + m.messageID + ">"}, {"X-PM-KeepID", "true"}}
	for _, x := range m.headers() {
		h = append(h, postmarkHeader{x.name, x.value})
	}
	body, err := json.Marshal(postmarkOutbound{
		From: m.from, To: m.to, ReplyTo: m.replyTo, Subject: m.subject, TextBody: m.text, Headers: h,
		Metadata: map[string]string{replyMetadata: m.replyID},
	})
	if err != nil {
		return taken{}, refuse("body", "the mail can't be put into JSON: "+err.Error())
	}
	status, header, raw, err := postmarkCall(ctx, o, http.MethodPost, "/email", body)
	if err != nil {
		return taken{}, err
	}
	var a postmarkAnswer
	parseErr := json.Unmarshal(raw, &a)
	if status/100 == 2 && (parseErr != nil || a.ErrorCode == nil) {
		return taken{}, &channel.SendError{Class: channel.Unknown, Code: fmt.Sprint(status), Detail: "the answer does not say whether the mail was taken", Err: parseErr}
	}
	if status/100 != 2 || *a.ErrorCode != 0 {
		return taken{}, postmarkError(status, header, a)
	}
	return taken{id: m.messageID}, nil
}

func postmarkCall(ctx context.Context, o channel.Outlet, method, path string, body []byte) (int, http.Header, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, postmarkAPI+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil, refuse("request", err.Error())
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set(postmarkToken, o.Token)
	if len(body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := o.HTTP.Do(req)
	if err != nil {
		return 0, nil, nil, channel.NetworkError(err)
	}
	raw, err := channel.ReadAnswer(resp)
	return resp.StatusCode, resp.Header, raw, err
}

// postmarkError judges an answer that is not a success. A code in the body means
// that Postmark looked at the mail and did not take it; a 5xx without one may hide
// a mail that went out.
func postmarkError(status int, h http.Header, a postmarkAnswer) *channel.SendError {
	se := &channel.SendError{Class: channel.Permanent, Code: fmt.Sprint(status), Detail: a.Message}
	code := 0
	if a.ErrorCode != nil && *a.ErrorCode != 0 {
		code = *a.ErrorCode
		se.Code = fmt.Sprint(code)
	}
	switch {
	case status == http.StatusTooManyRequests || code == 429:
		se.Class, se.Wait = channel.Throttled, channel.RetryAfter(h)
	case status == http.StatusUnauthorized || status == http.StatusForbidden || code == 10:
		se.Class = channel.Blocked // the server token
	case code == 400 || code == 401 || code == 405 || code == 412 || code == 413:
		se.Class = channel.Blocked // sender signature, credits, account
	case code == 300 && strings.Contains(a.Message, "'From'"):
		se.Class = channel.Blocked // the sender's address, so every mail fails
	case code == 100: // maintenance
		se.Class = channel.Retry
	case status >= 500 && code != 0, status == http.StatusRequestTimeout, status/100 == 3:
		se.Class = channel.Retry
	case status >= 500:
		se.Class = channel.Unknown
	}
	return se
}

// lookup asks Postmark for mail with our reply's id in its metadata.
func (postmark) lookup(ctx context.Context, o channel.Outlet, m outgoing) (string, bool, error) {
	q := url.Values{"count": {"1"}, "offset": {"0"}, "metadata_" + replyMetadata: {m.replyID}}
	status, header, raw, err := postmarkCall(ctx, o, http.MethodGet, "/messages/outbound?"+q.Encode(), nil)
	if err != nil {
		return "", false, err
	}
	var found struct {
		postmarkAnswer
		TotalCount *int
		Messages   []struct{ Metadata map[string]string }
	}
	parseErr := json.Unmarshal(raw, &found)
	if status != http.StatusOK {
		return "", false, postmarkError(status, header, found.postmarkAnswer)
	}
	if parseErr != nil || found.TotalCount == nil {
		return "", false, &channel.SendError{Class: channel.Unknown, Detail: "the list of sent mail can't be read", Err: parseErr}
	}
	for _, f := range found.Messages {
		if id := f.Metadata[replyMetadata]; id == m.replyID {
			return m.messageID, true, nil
		}
	}
	if len(found.Messages) > 0 {
		return "", false, &channel.SendError{Class: channel.Unknown, Detail: "the list of sent mail holds other mail than was asked for"}
	}
	return "", false, nil
}

// emulate implements channel.Emulator for sending and for listing sent mail.
func (postmark) emulate(call channel.Call, earlier []channel.Call) (channel.CallAnswer, bool) {
	u, err := url.Parse(call.URL)
	if err != nil || u.Scheme+"://"+u.Host != postmarkAPI {
		return channel.CallAnswer{}, false
	}
	send := call.Method == http.MethodPost && u.Path == "/email"
	list := call.Method == http.MethodGet && u.Path == "/messages/outbound"
	switch {
	case !send && !list:
		return channel.CallAnswer{}, false
	case call.Header.Get(postmarkToken) == "":
		return postmarkSays(http.StatusUnauthorized, 10, "No Server token."), true
	case list:
		return postmarkSent(u.Query().Get("metadata_"+replyMetadata), earlier), true
	}
	var m postmarkOutbound
	if json.Unmarshal(call.Body, &m) != nil {
		return postmarkSays(http.StatusUnprocessableEntity, 402, "The JSON is not valid."), true
	}
	if m.From == "" || normal(m.To) == "" || m.TextBody == "" {
		return postmarkSays(http.StatusUnprocessableEntity, 300, "'To' and 'TextBody' are required."), true
	}
	return answerJSON(http.StatusOK, map[string]any{
		"To": m.To, "SubmittedAt": call.At.UTC().Format(time.RFC3339), "MessageID": postmarkSerial(len(earlier)),
		"ErrorCode": 0, "Message": "OK",
	}), true
}

// postmarkSent lists what was sent for one reply.
func postmarkSent(replyID string, earlier []channel.Call) channel.CallAnswer {
	sent := []map[string]any{}
	for n, c := range earlier {
		var m postmarkOutbound
		if c.Method != http.MethodPost || json.Unmarshal(c.Body, &m) != nil || m.Metadata[replyMetadata] != replyID {
			continue
		}
		sent = append(sent, map[string]any{
			"MessageID": postmarkSerial(n), "Metadata": m.Metadata, "Subject": m.Subject,
			"ReceivedAt": c.At.UTC().Format(time.RFC3339), "Status": "Sent",
		})
	}
	return answerJSON(http.StatusOK, map[string]any{"TotalCount": len(sent), "Messages": sent})
}

// postmarkSerial is the id of the n-th call's mail.
func postmarkSerial(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n+1) }

func postmarkSays(status, code int, words string) channel.CallAnswer {
	return answerJSON(status, map[string]any{"ErrorCode": code, "Message": words})
}
