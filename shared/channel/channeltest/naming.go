package channeltest

import (
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"

	"ines/shared/channel"
	"ines/shared/message"
)

// NameCase is somebody whom the platform is asked for: the call's URL, what the
// platform answers, and what that says. Without a Body the emulator answers; without a
// URL nothing may be asked and the answer is Permanent.
type NameCase struct {
	Name   string
	Thread channel.Thread
	Who    message.Handle
	URL    string
	Body   string
	Says   message.Author // without the handle
}

// naming: a platform is asked once, by a call that changes nothing, as the one whom
// the credential lets in; and whatever it answers is a name, or an error of the right
// class.
func naming(t *testing.T, ch channel.Channel, c Config) {
	namer, ok := ch.(channel.Namer)
	if ok != (len(c.Names) > 0) || !ok && len(c.NameErrors) > 0 {
		t.Fatalf("a channel.Namer is %t, and there are %d names and %d errors to try", ok, len(c.Names), len(c.NameErrors))
	}
	if !ok {
		return
	}
	for _, n := range c.Names {
		t.Run(n.Name, func(t *testing.T) { named(t, ch, namer, c, n) })
	}
	first := c.Names[0]
	ask := func(t *testing.T, answer channel.CallAnswer, failure error) (message.Author, *channel.SendError) {
		t.Helper()
		n := 0
		s := &sink{now: c.Now, inbox: c.Inbox.ID, answer: func(channel.Call, []channel.Call) (channel.CallAnswer, error) {
			n++
			return answer, failure
		}}
		a, err := namer.Named(t.Context(), outlet(c, s), first.Thread, first.Who)
		if n != 1 {
			t.Errorf("%d calls were made; trying again is the caller's decision", n)
		}
		if err == nil {
			return a, nil
		}
		se := channel.AsSendError(err)
		if strings.Contains(se.Error(), c.Credential) {
			t.Errorf("the error shows the credential: %v", se)
		}
		return a, se
	}
	for _, e := range c.NameErrors {
		t.Run(e.Name, func(t *testing.T) {
			h := http.Header{}
			for name, v := range e.Header {
				h.Set(name, v)
			}
			_, got := ask(t, channel.CallAnswer{Status: e.Status, Header: h, Body: []byte(e.Body)}, nil)
			if got == nil || got.Class != e.Class || got.Wait != e.Wait || e.Code != "" && got.Code != e.Code {
				t.Errorf("answer %d is %v; want %s, wait %s, code %q", e.Status, got, e.Class, e.Wait, e.Code)
			}
		})
	}
	t.Run("connection refused", func(t *testing.T) {
		if _, got := ask(t, channel.CallAnswer{}, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}); got == nil || got.Class != channel.Retry {
			t.Errorf("got %v", got)
		}
	})
	t.Run("redirect", func(t *testing.T) {
		if a, got := ask(t, channel.CallAnswer{Status: http.StatusFound, Header: http.Header{"Location": {"https://elsewhere.example/"}}}, nil); got == nil {
			t.Errorf("a redirect says that it is %+v", a)
		}
	})
	for _, body := range []string{"", "null", "[]", "not json", `{"id":`, "\xff", `{"displayName":7,"name":[],"ok":true,"user":{"profile":{"display_name":null}}}`} {
		t.Run("2xx with a strange body", func(t *testing.T) {
			a, got := ask(t, channel.CallAnswer{Status: http.StatusOK, Body: []byte(body)}, nil)
			if got != nil && got.Class != channel.Unknown || got == nil && strings.ContainsAny(a.Name+a.Username, "[]{}") {
				t.Errorf("body %q is %+v, %v", body, a, got)
			}
		})
	}
	t.Run("no credential", func(t *testing.T) {
		bare := c
		bare.Token = ""
		s := emulated(t, ch, c)
		_, err := namer.Named(t.Context(), outlet(bare, s), first.Thread, first.Who)
		if err == nil || channel.AsSendError(err).Class != channel.Blocked || len(s.calls) != 0 {
			t.Errorf("without a token: %v, %d calls; want blocked and none", err, len(s.calls))
		}
	})
}

func named(t *testing.T, ch channel.Channel, namer channel.Namer, c Config, n NameCase) {
	s := emulated(t, ch, c)
	if n.Body != "" {
		s.answer = func(channel.Call, []channel.Call) (channel.CallAnswer, error) {
			return channel.CallAnswer{Status: http.StatusOK, Body: []byte(n.Body)}, nil
		}
	}
	got, err := namer.Named(t.Context(), outlet(c, s), n.Thread, n.Who)
	if n.URL == "" {
		if err == nil || channel.AsSendError(err).Class != channel.Permanent || len(s.calls) != 0 {
			t.Errorf("%+v, %v after %d calls; want permanent and none", got, err, len(s.calls))
		}
		return
	}
	if err != nil || len(s.calls) != 1 {
		t.Fatalf("%v after %d calls", err, len(s.calls))
	}
	call := s.calls[0]
	if call.URL != n.URL || call.Method != http.MethodGet || len(call.Body) > 0 || !bears(call, c.Credential) {
		t.Errorf("asked by %s %s with %q and %v", call.Method, call.URL, call.Body, call.Header)
	}
	if got.Handle != n.Who {
		t.Errorf("it says who %+v is", got.Handle)
	}
	if n.Body != "" {
		if got.Handle = (message.Handle{}); got != n.Says {
			t.Errorf("it says %+v, want %+v", got, n.Says)
		}
		return
	}
	again, err := namer.Named(t.Context(), outlet(c, s), n.Thread, n.Who)
	if got.Name == "" || again != got || err != nil {
		t.Errorf("the emulator calls them %+v and then %+v, %v", got, again, err)
	}
}
