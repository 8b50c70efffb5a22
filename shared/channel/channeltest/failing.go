package channeltest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"

	"ines/shared/channel"
	"ines/shared/message"
)

// failing: each of the platform's refusals gets its class, and so does what every
// network can do.
func failing(t *testing.T, ch channel.Channel, c Config) {
	reply := c.Sends[0].Reply
	// send tries the first reply against one answer and gives the error.
	send := func(t *testing.T, answer func() (channel.CallAnswer, error)) (*channel.SendError, int) {
		t.Helper()
		n := 0
		s := &sink{now: c.Now, inbox: c.Inbox.ID, answer: func(channel.Call, []channel.Call) (channel.CallAnswer, error) {
			n++
			return answer()
		}}
		if _, err := ch.Send(t.Context(), outlet(c, s), reply); err != nil {
			se := channel.AsSendError(err)
			if secret := c.Credential; secret != "" && strings.Contains(se.Error(), secret) {
				t.Errorf("the error shows the credential: %v", se)
			}
			return se, n
		}
		return nil, n
	}
	for _, e := range c.Errors {
		t.Run(e.Name, func(t *testing.T) {
			got, n := send(t, func() (channel.CallAnswer, error) {
				h := http.Header{}
				for name, v := range e.Header {
					h.Set(name, v)
				}
				return channel.CallAnswer{Status: e.Status, Header: h, Body: []byte(e.Body)}, nil
			})
			if got == nil {
				t.Fatalf("answer %d counts as sent", e.Status)
			}
			if got.Class != e.Class || got.Wait != e.Wait || e.Code != "" && got.Code != e.Code {
				t.Errorf("answer %d is %s, wait %s, code %q (%v); want %s, wait %s, code %q", e.Status, got.Class, got.Wait, got.Code, got, e.Class, e.Wait, e.Code)
			}
			if n != 1 {
				t.Errorf("%d calls were made; trying again is the caller's decision", n)
			}
		})
	}
	network := []struct {
		name string
		err  error
		want channel.Class
	}{
		{"connection refused", &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}, channel.Retry},
		{"no such host", &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "x.example"}}, channel.Retry},
		{"timeout after sending", context.DeadlineExceeded, channel.Unknown},
		{"connection reset while reading", &net.OpError{Op: "read", Net: "tcp", Err: errors.New("connection reset by peer")}, channel.Unknown},
	}
	for _, e := range network {
		t.Run(e.name, func(t *testing.T) {
			got, _ := send(t, func() (channel.CallAnswer, error) { return channel.CallAnswer{}, e.err })
			if got == nil || got.Class != e.want {
				t.Errorf("got %v, want %s", got, e.want)
			}
		})
	}
	t.Run("redirect", func(t *testing.T) {
		got, _ := send(t, func() (channel.CallAnswer, error) {
			return channel.CallAnswer{Status: http.StatusFound, Header: http.Header{"Location": {"https://elsewhere.example/"}}}, nil
		})
		if got == nil {
			t.Error("a redirect counts as sent")
		}
	})
	for _, body := range []string{"", "null", "[]", "not json", `{"id":`, "\xff"} {
		t.Run("2xx with a strange body", func(t *testing.T) {
			got, _ := send(t, func() (channel.CallAnswer, error) {
				return channel.CallAnswer{Status: http.StatusOK, Body: []byte(body)}, nil
			})
			if got != nil && got.Class != channel.Unknown {
				t.Errorf("body %q after a 200 is %v: it may have been taken", body, got)
			}
		})
	}
	t.Run("no credential", func(t *testing.T) {
		bare := c
		bare.Token = ""
		s := emulated(t, ch, c)
		_, err := ch.Send(t.Context(), outlet(bare, s), reply)
		if err == nil || channel.AsSendError(err).Class != channel.Blocked || len(s.calls) != 0 {
			t.Errorf("without a token: %v, %d calls; want blocked and none", err, len(s.calls))
		}
	})
}

// limits: at the limit a text goes out, above it it is refused before any call.
func limits(t *testing.T, ch channel.Channel, c Config) {
	for _, v := range []message.Visibility{message.Public, message.Private} {
		l := ch.Limits(v)
		if l.Max == 0 {
			continue
		}
		if l.Unit == "" || l.Measure == nil || l.Measure("") != 0 {
			t.Errorf("%s: limits %+v", v, l)
			continue
		}
		most := strings.Repeat("a", l.Max)
		if l.Measure(most) != l.Max || l.Measure(most+"a") != l.Max+1 {
			t.Errorf("%s: %d letters measure %d", v, l.Max, l.Measure(most))
		}
		for _, send := range c.Sends {
			if send.Reply.Thread.Visibility != v {
				continue
			}
			s := emulated(t, ch, c)
			r := send.Reply
			r.Text = most
			if _, err := ch.Send(t.Context(), outlet(c, s), r); err != nil {
				t.Errorf("%s, at the limit: %v", send.Name, err)
			}
			s.calls, r.Text = nil, most+"a"
			if _, err := ch.Send(t.Context(), outlet(c, s), r); err == nil || channel.AsSendError(err).Class != channel.Permanent || len(s.calls) != 0 {
				t.Errorf("%s, above the limit: %v, %d calls; want permanent and none", send.Name, err, len(s.calls))
			}
		}
	}
}
