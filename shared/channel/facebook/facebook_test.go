package facebook_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"ines/shared/channel"
	"ines/shared/channel/channeltest"
	"ines/shared/channel/facebook"
	"ines/shared/message"
)

const page = "108203348120555"

var (
	noon  = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	inbox = channel.Inbox{ID: "northline-facebook", Channel: "facebook", Account: page}
	live  = channel.Secrets{
		Sign:   []string{"made-up-facebook-app-secret", "made-up-former-app-secret"},
		Verify: []string{"made-up-facebook-verify-token"},
	}
	lena = message.Handle{Channel: "facebook", Scope: page, ID: "6033128845120077"}
)

func public(id, parent string) channel.Reply {
	return channel.Reply{ID: id, Parent: parent, To: lena, Text: "We are sorry, Lena. ^Ines " + id, Thread: channel.Thread{
		Channel: "facebook", Inbox: inbox.ID, Key: page + "_922417301144618", Visibility: message.Public, With: lena,
		LastInbound: noon.Add(-time.Hour), LastID: "922417301144618_100200300", Extra: map[string]string{"private": "comment_id"},
	}}
}

func TestConformance(t *testing.T) {
	dm := channel.Reply{ID: "00000000000000f4", To: lena, Text: "Here we are. ^Ines", Thread: channel.Thread{
		Channel: "facebook", Inbox: inbox.ID, Key: page + ":" + lena.ID, Visibility: message.Private, With: lena, LastInbound: noon.Add(-time.Hour)}}
	graph := func(code string) string { return `{"error":{"message":"words","code":` + code + `}}` }
	channeltest.Run(t, facebook.Channel{}, channeltest.Config{Elsewhere: "900100",
		Inbox: inbox, Secrets: live,
		Dirs:  []string{"testdata", "../../../events/facebook"},
		Token: "made-up-page-token", Credential: "made-up-page-token",
		Sends: []channeltest.Send{
			{Name: "to a comment", Reply: public("00000000000000f1", "922417301144618_100200300")},
			{Name: "again", Reply: public("00000000000000f2", "922417301144618_100200300")},
			{Name: "under the post", Reply: public("00000000000000f3", "")},
			{Name: "direct", Reply: dm},
		},
		Check: func(t *testing.T, r channel.Reply, c channel.Call) {
			want := "https://graph.facebook.com/v25.0/" + page + "/messages"
			if r.Thread.Visibility == message.Public {
				want = "https://graph.facebook.com/v25.0/" + r.Parent + "/comments"
				if r.Parent == "" {
					want = "https://graph.facebook.com/v25.0/" + page + "_922417301144618/comments"
				}
			}
			if c.URL != want || c.Method != http.MethodPost {
				t.Errorf("%s %s, want %s", c.Method, c.URL, want)
			}
		},
		Names: []channeltest.NameCase{
			{Name: "emulated", Who: lena, URL: "https://graph.facebook.com/v25.0/" + lena.ID + "?fields=first_name%2Clast_name"},
			{Name: "both names", Who: lena, URL: "https://graph.facebook.com/v25.0/" + lena.ID + "?fields=first_name%2Clast_name",
				Body: `{"first_name":"Lena","last_name":"Ferro"}`, Says: message.Author{Name: "Lena Ferro"}},
			{Name: "nobody", Who: message.Handle{Channel: "facebook"}},
		},
		NameErrors: []channeltest.ErrorCase{
			{Name: "not there", Status: 400, Body: `{"error":{"code":100,"error_subcode":33}}`, Class: channel.Permanent},
			{Name: "permission", Status: 403, Body: graph("10"), Class: channel.Blocked},
			{Name: "temporary", Status: 500, Body: graph("2"), Class: channel.Retry},
		},
		Errors: []channeltest.ErrorCase{
			{Name: "page limit", Status: 400, Body: graph("80001"), Class: channel.Throttled, Wait: 2 * time.Minute, Header: map[string]string{
				"X-Business-Use-Case-Usage": `{"1":[{"type":"pages","estimated_time_to_regain_access":2}]}`}},
			{Name: "app limit", Status: 400, Body: graph("4"), Class: channel.Throttled, Wait: 90 * time.Second, Header: map[string]string{"Retry-After": "90"}},
			{Name: "comment deleted", Status: 400, Body: `{"error":{"code":100,"error_subcode":33}}`, Class: channel.Permanent},
			{Name: "duplicate", Status: 400, Body: graph("506"), Class: channel.Permanent},
			{Name: "token", Status: 400, Body: graph("190"), Class: channel.Blocked},
			{Name: "permission", Status: 403, Body: graph("200"), Class: channel.Blocked},
			{Name: "capability", Status: 400, Body: graph("3"), Class: channel.Blocked},
			{Name: "spam block", Status: 400, Body: graph("368"), Class: channel.Blocked},
			{Name: "unknown", Status: 500, Body: graph("1"), Class: channel.Retry},
			{Name: "gateway", Status: 502, Body: "<html>", Class: channel.Unknown},
		},
	})
}

func FuzzRead(f *testing.F) {
	channeltest.FuzzRead(f, facebook.Channel{}, inbox, "testdata", "../../../events/facebook")
}

// platform stands over the emulator and keeps what it took.
type platform struct {
	calls  []channel.Call
	header http.Header
}

func (p *platform) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	call := channel.Call{At: noon, Inbox: inbox.ID, Method: r.Method, URL: r.URL.String(), Header: r.Header, Body: body}
	a, known := facebook.Channel{}.Emulate(call, p.calls)
	if !known {
		a = channel.CallAnswer{Status: 404}
	}
	call.Answer = a
	if a.Status < 300 {
		p.calls = append(p.calls, call)
	}
	h := a.Header.Clone()
	for k, v := range p.header {
		h[k] = v
	}
	return &http.Response{StatusCode: a.Status, Header: h, Body: io.NopCloser(strings.NewReader(string(a.Body))), Request: r}, nil
}

// From a comment into private: one message, by the comment's id. A second one is
// refused by Meta, and taken for the first.
func TestPrivateReply(t *testing.T) {
	comment := public("", "").Thread
	th, err := facebook.Channel{}.Invite(inbox, comment)
	if err != nil || th.Key != "" || th.With != lena || th.Visibility != message.Private {
		t.Fatalf("%+v, %v", th, err)
	}
	if w := (facebook.Channel{}).Window(th, noon); w.State != channel.WindowOpen || !w.Until.Equal(comment.LastInbound.Add(7*24*time.Hour)) {
		t.Errorf("window %+v", w)
	}
	p := &platform{}
	o := channel.Outlet{HTTP: &http.Client{Transport: p}, Inbox: inbox, Token: "t", Now: noon}
	r := channel.Reply{ID: "00000000000000f5", Thread: th, To: th.With, Text: "Please tell us your reference here. ^Ines"}
	receipt, err := facebook.Channel{}.Send(t.Context(), o, r)
	if err != nil || receipt.ID == "" || !strings.HasPrefix(receipt.Thread, page+":") {
		t.Fatalf("%+v, %v", receipt, err)
	}
	if receipt.With.Scope != page || receipt.Thread != page+":"+receipt.With.ID || receipt.With == lena {
		t.Errorf("the emulator gives the customer another id; receipt %+v", receipt)
	}
	var body map[string]any
	if err := json.Unmarshal(p.calls[0].Body, &body); err != nil {
		t.Fatal(err)
	}
	if to := body["recipient"].(map[string]any); to["comment_id"] != comment.LastID || len(to) != 1 || body["messaging_type"] != nil || body["tag"] != nil {
		t.Errorf("body %s", p.calls[0].Body)
	}
	again, err := facebook.Channel{}.Send(t.Context(), o, r)
	if err != nil || again.ID == "" || len(p.calls) != 1 {
		t.Errorf("the second time: %+v, %v, %d accepted", again, err, len(p.calls))
	}
	if _, found, err := (facebook.Channel{}).Lookup(t.Context(), o, r, noon); found || err != nil {
		t.Errorf("look-up of a private reply: %t, %v", found, err)
	}
	// The customer's answer comes in the thread that the receipt named.
	if th.Key = receipt.Thread; (facebook.Channel{}).Window(th, noon).State != channel.WindowClosed {
		t.Error("a second private reply is allowed")
	}
}

func TestInviteRefused(t *testing.T) {
	for name, change := range map[string]func(*channel.Thread){
		"a mention":     func(t *channel.Thread) { t.Extra = nil },
		"nothing said":  func(t *channel.Thread) { t.LastID = "" },
		"another inbox": func(t *channel.Thread) { t.Inbox = "other" },
		"elsewhere":     func(t *channel.Thread) { t.Channel = "instagram" },
	} {
		th := public("", "").Thread
		change(&th)
		if got, err := (facebook.Channel{}).Invite(inbox, th); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// An answer's usage headers ask for quiet before Meta refuses anything.
func TestPause(t *testing.T) {
	for usage, want := range map[string]time.Duration{
		`{"call_count":28,"total_time":25,"total_cputime":25}`: 0,
		`{"call_count":94.9}`:                   0,
		`{"call_count":95,"total_time":25}`:     time.Minute,
		`{"call_count":10,"total_cputime":100}`: 5 * time.Minute,
		`nonsense`:                              0,
		`{"call_count":1,"estimated_time_to_regain_access":1000000}`: 24 * time.Hour,
	} {
		p := &platform{header: http.Header{"X-App-Usage": {usage}}}
		o := channel.Outlet{HTTP: &http.Client{Transport: p}, Inbox: inbox, Token: "t", Now: noon}
		got, err := facebook.Channel{}.Send(t.Context(), o, public("00000000000000f6", "1_2"))
		if err != nil || got.Pause != want {
			t.Errorf("%s: pause %s, %v; want %s", usage, got.Pause, err, want)
		}
	}
}

// The text travels in the form's body and never in the address.
func TestTextIsInTheForm(t *testing.T) {
	p := &platform{}
	o := channel.Outlet{HTTP: &http.Client{Transport: p}, Inbox: inbox, Token: "t", Now: noon}
	r := public("00000000000000f7", "1_2")
	r.Text = "Grüße & 100% <3 = mehr +"
	if _, err := (facebook.Channel{}).Send(t.Context(), o, r); err != nil {
		t.Fatal(err)
	}
	form, err := url.ParseQuery(string(p.calls[0].Body))
	if err != nil || form.Get("message") != r.Text || strings.Contains(p.calls[0].URL, "?") {
		t.Errorf("%s %s", p.calls[0].URL, p.calls[0].Body)
	}
}
