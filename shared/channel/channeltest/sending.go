package channeltest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"ines/shared/channel"
)

// sink is the platform: an http.RoundTripper over the channel's emulator, or over
// one fixed answer.
type sink struct {
	now    time.Time
	inbox  string
	answer func(call channel.Call, earlier []channel.Call) (channel.CallAnswer, error)
	calls  []channel.Call
}

func (s *sink) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body.Close()
		body = b
	}
	call := channel.Call{At: s.now, Inbox: s.inbox, Method: r.Method, URL: r.URL.String(), Header: r.Header.Clone(), Body: body}
	answer, err := s.answer(call, s.calls)
	if err != nil {
		return nil, err
	}
	call.Answer = answer
	if answer.Status < 300 {
		s.calls = append(s.calls, call)
	}
	header := answer.Header
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{
		StatusCode: answer.Status, Status: http.StatusText(answer.Status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: io.NopCloser(bytes.NewReader(answer.Body)), ContentLength: int64(len(answer.Body)), Request: r,
	}, nil
}

// emulated is a sink over the channel's emulator.
func emulated(t *testing.T, ch channel.Channel, c Config) *sink {
	t.Helper()
	em, ok := ch.(channel.Emulator)
	if !ok {
		t.Fatalf("channel %q does not implement channel.Emulator", ch.Name())
	}
	return &sink{now: c.Now, inbox: c.Inbox.ID, answer: func(call channel.Call, earlier []channel.Call) (channel.CallAnswer, error) {
		a, known := em.Emulate(call, earlier)
		if !known {
			t.Errorf("the emulator does not know %s %s", call.Method, call.URL)
			return channel.CallAnswer{Status: http.StatusNotFound}, nil
		}
		return a, nil
	}}
}

func outlet(c Config, s *sink) channel.Outlet {
	return channel.Outlet{Inbox: c.Inbox, Token: c.Token, Now: c.Now, HTTP: &http.Client{
		Transport: s, Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// sending: the emulator takes each reply, the call carries the credential and the
// text, and a look-up finds what was taken and nothing else.
func sending(t *testing.T, ch channel.Channel, c Config) {
	em := ch.(channel.Emulator)
	if _, known := em.Emulate(channel.Call{At: c.Now, Inbox: c.Inbox.ID, Method: "PATCH", URL: "https://nobody.example/nothing"}, nil); known {
		t.Error("the emulator claims to know PATCH https://nobody.example/nothing")
	}
	s := emulated(t, ch, c)
	ids := map[string]string{}
	look, looks := ch.(channel.Lookuper)
	for _, send := range c.Sends {
		t.Run(send.Name, func(t *testing.T) {
			if looks {
				// A list that says nothing about what it lacks is an error, and never "not found".
				if _, found, err := look.Lookup(t.Context(), outlet(c, s), send.Reply, c.Now.Add(-time.Minute)); found || err != nil && !c.NeverMissing && !errors.Is(err, channel.ErrNoLookup) {
					t.Errorf("look-up before sending: found %t, %v", found, err)
				}
			}
			before := len(s.calls)
			receipt, err := ch.Send(t.Context(), outlet(c, s), send.Reply)
			if err != nil {
				t.Fatalf("Send: %v", err)
			}
			if receipt.ID == "" {
				t.Error("the receipt has no id")
			}
			if other := ids[receipt.ID]; other != "" {
				t.Errorf("the receipt's id %s is that of %s too", receipt.ID, other)
			}
			ids[receipt.ID] = send.Name
			if len(s.calls) == before {
				t.Fatal("no call was made")
			}
			call := s.calls[len(s.calls)-1]
			if !strings.HasPrefix(call.URL, "https://") {
				t.Errorf("the call goes to %s", call.URL)
			}
			if c.Credential != "" && !bears(call, c.Credential) {
				t.Error("the credential is neither in a header nor in the URL")
			}
			if !carries(call, send.Reply.Text) {
				t.Errorf("the text is not in the call: %s", call.Body)
			}
			if c.Check != nil {
				c.Check(t, send.Reply, call)
			}
			if looks {
				found, ok, err := look.Lookup(t.Context(), outlet(c, s), send.Reply, c.Now.Add(-time.Minute))
				if errors.Is(err, channel.ErrNoLookup) {
					return
				}
				if err != nil || !ok || found.ID != receipt.ID {
					t.Errorf("look-up after sending: %+v, found %t, %v; the receipt is %+v", found, ok, err, receipt)
				}
			}
		})
	}
}

func bears(call channel.Call, credential string) bool {
	if strings.Contains(call.URL, credential) {
		return true
	}
	for _, values := range call.Header {
		for _, v := range values {
			if strings.Contains(v, credential) {
				return true
			}
		}
	}
	return false
}

// carries looks for the text in a JSON, form or plain body.
func carries(call channel.Call, text string) bool {
	if bytes.Contains(call.Body, []byte(text)) {
		return true
	}
	var v any
	if json.Unmarshal(call.Body, &v) == nil {
		return within(v, text)
	}
	if form, err := url.ParseQuery(string(call.Body)); err == nil {
		for _, values := range form {
			if strings.Contains(strings.Join(values, "\n"), text) {
				return true
			}
		}
	}
	return false
}

func within(v any, text string) bool {
	switch v := v.(type) {
	case string:
		return strings.Contains(v, text)
	case []any:
		for _, e := range v {
			if within(e, text) {
				return true
			}
		}
	case map[string]any:
		for _, e := range v {
			if within(e, text) {
				return true
			}
		}
	}
	return false
}
