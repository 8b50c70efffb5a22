package web_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"ines/shared/channel"
	"ines/shared/channel/channeltest"
	"ines/shared/channel/web"
	"ines/shared/message"
	"ines/shared/verify"
)

const (
	events = "../../../events/web"
	secret = "whsec_bm9ydGhsaW5lLW1hZGUtdXAtc2FtcGxlLWtleS0zMmI="
	other  = "whsec_YW5vdGhlci1tYWRlLXVwLXNhbXBsZS1rZXktMzI="
	token  = "https://app.northline.example/hooks/ines " + secret
)

var (
	inbox = channel.Inbox{ID: "northline-app", Channel: "web", Account: "northline-app"}
	noon  = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	ch    = web.Channel{Now: func() time.Time { return noon }}
)

func TestChannel(t *testing.T) {
	member := message.Handle{Channel: "web", Scope: inbox.ID, ID: "member-50731"}
	private := channel.Reply{ID: "reply-1", Thread: channel.Thread{Channel: "web", Inbox: inbox.ID, Key: "chat-50731-17", Visibility: message.Private, With: member}, To: member, Parent: "app-88120", Text: "At the desk in hall 2. ^Ines"}
	public := channel.Reply{ID: "reply-2", Thread: channel.Thread{Channel: "web", Inbox: inbox.ID, Key: "review-7781", Visibility: message.Public}, Parent: "review-7781", Text: "You are right, and I passed it on. ^Ines", Automatic: true}
	answer := func(name string, status int, header map[string]string, class channel.Class, wait time.Duration) channeltest.ErrorCase {
		return channeltest.ErrorCase{Name: name, Status: status, Header: header, Body: "no", Class: class, Wait: wait}
	}
	channeltest.Run(t, ch, channeltest.Config{
		Inbox:       inbox,
		Secrets:     channel.Secrets{Sign: []string{secret, other}},
		WrongSecret: "whsec_eWV0LWFub3RoZXItbWFkZS11cC1zYW1wbGUta2V5",
		Dirs:        []string{events, "testdata"},
		Token:       token,
		Check: func(t *testing.T, r channel.Reply, c channel.Call) {
			h := map[string]string{}
			for name := range c.Header {
				h[strings.ToLower(name)] = c.Header.Get(name)
			}
			if err := verify.StandardWebhooks(h, c.Body, []string{secret}, noon); err != nil {
				t.Errorf("the app refuses our webhook: %v", err)
			}
			if h["webhook-id"] != r.ID {
				t.Errorf("webhook-id is %q, not the reply's id %q", h["webhook-id"], r.ID)
			}
			if c.URL != "https://app.northline.example/hooks/ines" {
				t.Errorf("it goes to %s", c.URL)
			}
		},
		Sends: []channeltest.Send{{Name: "private", Reply: private}, {Name: "public", Reply: public}},
		Errors: []channeltest.ErrorCase{
			answer("slow down", 429, map[string]string{"Retry-After": "7"}, channel.Throttled, 7*time.Second),
			answer("slow down until", 502, map[string]string{"Retry-After": "Fri, 20 Nov 2026 12:01:00 GMT", "Date": "Fri, 20 Nov 2026 12:00:00 GMT"}, channel.Throttled, time.Minute),
			answer("slow down, no time", 504, nil, channel.Throttled, 0),
			answer("gone", 410, nil, channel.Blocked, 0),
			answer("no", 400, nil, channel.Permanent, 0),
			answer("bad signature", 401, nil, channel.Permanent, 0),
			answer("broken", 500, nil, channel.Unknown, 0),
			answer("away", 503, nil, channel.Unknown, 0),
			answer("moved", 301, map[string]string{"Location": "https://elsewhere.example/"}, channel.Blocked, 0),
		},
	})
}

func FuzzRead(f *testing.F) {
	channeltest.FuzzRead(f, ch, inbox, events, "testdata")
}

// taker takes everything and remembers where it went.
type taker struct{ url, body string }

func (tk *taker) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	tk.url, tk.body = r.URL.String(), string(body)
	return &http.Response{StatusCode: 202, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

func TestCredential(t *testing.T) {
	private := "whsk_bm9ydGhsaW5lLW1hZGUtdXAtc2FtcGxlLWtleS0zMmI="
	tests := []struct {
		name, token, account, url string
		refused                   bool
	}{
		{"endpoint and key", token, "", "https://app.northline.example/hooks/ines", false},
		{"asymmetric key", "https://app.northline.example/a " + private, "", "https://app.northline.example/a", false},
		{"endpoint from the policy", secret, "https://app.northline.example/b", "https://app.northline.example/b", false},
		{"on this machine", "http://localhost:9000/c " + secret, "", "http://localhost:9000/c", false},
		{"on this machine, by number", "http://127.0.0.1:9000/c " + secret, "", "http://127.0.0.1:9000/c", false},
		{"key alone", secret, "northline-app", "", true},
		{"endpoint alone", "https://app.northline.example/d", "", "", true},
		{"http over the network", "http://app.northline.example/e " + secret, "", "", true},
		{"wrong way round", secret + " https://app.northline.example/f", "", "", true},
		{"three parts", token + " x", "", "", true},
		{"short key", "https://app.northline.example/g whsec_c2hvcnQ=", "", "", true},
		{"public key", "https://app.northline.example/h whpk_A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=", "", "", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tk := &taker{}
			o := channel.Outlet{HTTP: &http.Client{Transport: tk}, Token: tt.token, Inbox: channel.Inbox{ID: "northline-app", Channel: "web", Account: tt.account}}
			_, err := ch.Send(t.Context(), o, channel.Reply{ID: "r1", Text: "hello", Thread: channel.Thread{Key: "k", Visibility: message.Private}})
			if tk.url != tt.url || (err != nil) != tt.refused {
				t.Errorf("went to %q, %v", tk.url, err)
			}
			if tt.refused {
				if channel.AsSendError(err).Class != channel.Blocked {
					t.Errorf("%v is not blocked", err)
				}
				if strings.Contains(err.Error(), "bm9ydGhsaW5l") {
					t.Errorf("the error shows the key: %v", err)
				}
			}
		})
	}
}

func TestSendNamesTheVariable(t *testing.T) {
	_, err := ch.Send(t.Context(), channel.Outlet{HTTP: http.DefaultClient, Inbox: inbox}, channel.Reply{ID: "r1", Text: "hello"})
	var se *channel.SendError
	if !errors.As(err, &se) || se.Class != channel.Blocked || !strings.Contains(se.Error(), "INES_TOKEN_NORTHLINE_APP") {
		t.Errorf("got %v", err)
	}
}

func TestSendBody(t *testing.T) {
	tk := &taker{}
	o := channel.Outlet{HTTP: &http.Client{Transport: tk}, Token: token, Inbox: inbox}
	r := channel.Reply{ID: "r1", Text: "Ça va <3", Parent: "p", To: message.Handle{ID: "m"}, Automatic: true, Thread: channel.Thread{Key: "k", Visibility: message.Private}}
	if _, err := ch.Send(t.Context(), o, r); err != nil {
		t.Fatal(err)
	}
	want := `{"type":"message.created","timestamp":"2026-11-20T12:00:00Z","data":{"id":"r1","conversation":"k","parent":"p","recipient":"m","text":"Ça va \u003c3","visibility":"private","automatic":true}}`
	if tk.body != want {
		t.Errorf("sent %s\nwant %s", tk.body, want)
	}
	r.ID = "a.b" // can't be a webhook-id
	if _, err := ch.Send(t.Context(), o, r); err == nil || channel.AsSendError(err).Class != channel.Permanent {
		t.Errorf("got %v", err)
	}
}

func TestHTMLAlone(t *testing.T) {
	tests := map[string]string{
		`<p>One<br>two &amp; three</p><p>four</p>`:                     "One\ntwo & three\nfour",
		`<style>p{}</style>a<script>alert("<b>")</script>b<!-- c -->d`: "abd",
		"  a <b>bold</b>\n word ":                                      "a bold word",
		`1 < 2`:                                                        "1 < 2",
		`<ul><li>x</li><li>y</li></ul>`:                                "x\ny",
		`a < b and c > b`:                                              "a < b and c > b",
		`unfinished <b`:                                                "unfinished <b",
		`<script>never closed`:                                         "",
		`&lt;b&gt;`:                                                    "<b>",
		`<DIV CLASS="a">Shouted</DIV>`:                                 "Shouted",
	}
	for in, want := range tests {
		body := []byte(`{"type":"message.created","data":{"id":"1","author":{"id":"2"},"html":` + quote(in) + `}}`)
		items := ch.Read(inbox, message.Envelope{Channel: "web", Inbox: inbox.ID, ReceivedAt: noon, Body: body})
		if len(items) != 1 || items[0].Message == nil || items[0].Message.Text != want {
			t.Errorf("%q: %+v, want %q", in, items, want)
		}
	}
}

// An attachment that can't be used costs nobody his words.
func TestAttachmentsThatCantBeUsed(t *testing.T) {
	for in, want := range map[string]message.Attachment{
		`{"type":"image","url":"javascript:alert(1)","name":"a.png","alt":"my ticket"}`: {Type: "image", Ref: "attachment:0", Name: "a.png", Alt: "my ticket"},
		`{"url":"/files/1","size":20}`:                                     {Type: "file", Ref: "attachment:0", Size: 20},
		`{"url":"//app.example/1"}`:                                        {Type: "file", Ref: "attachment:0"},
		`{"url":"data:text/html,x"}`:                                       {Type: "file", Ref: "attachment:0"},
		`{"url":["https://app.example/1"],"mime":"image/png"}`:             {Type: "file", Ref: "attachment:0", MIME: "image/png"},
		`{"name":"no address"}`:                                            {Type: "file", Ref: "attachment:0", Name: "no address"},
		`{"url":"https://app.example/1","size":"20 KB"}`:                   {Type: "file", URL: "https://app.example/1"},
		`{"url":"https://app.example/1","size":1.5,"name":7,"type":false}`: {Type: "file", URL: "https://app.example/1"},
		`{"url":"https://app.example/1","size":-3}`:                        {Type: "file", URL: "https://app.example/1"},
	} {
		body := []byte(`{"type":"message.created","data":{"id":"1","author":{"id":"2"},"text":"Look.","attachments":[` + in + `]}}`)
		items := ch.Read(inbox, message.Envelope{Channel: "web", Inbox: inbox.ID, ReceivedAt: noon, Body: body})
		if len(items) != 1 || items[0].Message == nil {
			t.Errorf("%s: %+v", in, items)
			continue
		}
		if m := items[0].Message; m.Text != "Look." || len(m.Attachments) != 1 || m.Attachments[0] != want {
			t.Errorf("%s: %q, %+v, want %+v", in, m.Text, m.Attachments, want)
		}
	}
}

func TestStampsFarAheadGiveWayToArrival(t *testing.T) {
	for stamp, want := range map[string]time.Time{
		"2026-11-20T12:10:00Z": noon.Add(channel.MaxAhead), "2026-11-20T12:10:01Z": noon, "2027-11-20T12:00:00Z": noon,
	} {
		body := []byte(`{"type":"message.created","data":{"id":"1","author":{"id":"2"},"text":"Look.","sent_at":"` + stamp + `"}}`)
		items := ch.Read(inbox, message.Envelope{Channel: "web", Inbox: inbox.ID, ReceivedAt: noon, Body: body})
		if len(items) != 1 || items[0].Message == nil || !items[0].Message.SentAt.Equal(want) {
			t.Errorf("%s: %+v, want %s", stamp, items, want)
		}
	}
}

func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}
