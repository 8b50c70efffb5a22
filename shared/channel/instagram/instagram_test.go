package instagram_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"ines/shared/channel"
	"ines/shared/channel/channeltest"
	"ines/shared/channel/instagram"
	"ines/shared/message"
)

const account = "17841405793187218"

var (
	noon  = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	inbox = channel.Inbox{ID: "northline-instagram", Channel: "instagram", Account: account, Name: "northline"}
	live  = channel.Secrets{
		Sign:   []string{"made-up-instagram-app-secret", "made-up-former-app-secret"},
		Verify: []string{"made-up-instagram-verify-token"},
	}
	bea = message.Handle{Channel: "instagram", Scope: account, ID: "5614879045272581"}
)

var beaURL = "https://graph.instagram.com/v25.0/" + bea.ID + "?fields=name%2Cusername"

func public(id, parent string) channel.Reply {
	return channel.Reply{ID: id, Parent: parent, To: bea, Text: "We are on it. ^Ines " + id, Thread: channel.Thread{
		Channel: "instagram", Inbox: inbox.ID, Key: "17918195224117851", Visibility: message.Public, With: bea, LastInbound: noon.Add(-time.Hour), LastID: parent,
		Extra: map[string]string{"private": "comment_id"}}}
}

func config() channeltest.Config {
	dm := channel.Reply{ID: "00000000000000i3", To: bea, Text: "Yes, as cabin baggage. ^Ines", Thread: channel.Thread{
		Channel: "instagram", Inbox: inbox.ID, Key: account + ":" + bea.ID, Visibility: message.Private, With: bea, LastInbound: noon.Add(-time.Hour)}}
	graph := func(code string) string { return `{"error":{"message":"words","code":` + code + `}}` }
	return channeltest.Config{
		Inbox: inbox, Secrets: live,
		Dirs:  []string{"testdata", "../../../events/instagram"},
		Token: "IGAAmadeupinstagramtoken", Credential: "IGAAmadeupinstagramtoken",
		Sends: []channeltest.Send{
			{Name: "to a comment", Reply: public("00000000000000i1", "17865799348100001")},
			{Name: "under the media", Reply: public("00000000000000i2", "")},
			{Name: "direct", Reply: dm},
		},
		Names: []channeltest.NameCase{
			{Name: "emulated", Who: bea, URL: beaURL},
			{Name: "both", Who: bea, URL: beaURL, Body: `{"name":"Bea Moreau","username":"bea.m","id":"` + bea.ID + `"}`, Says: message.Author{Name: "Bea Moreau", Username: "bea.m"}},
			{Name: "no name set", Who: bea, URL: beaURL, Body: `{"name":null,"username":"bea.m","id":"` + bea.ID + `"}`, Says: message.Author{Username: "bea.m"}},
			{Name: "nobody", Who: message.Handle{Channel: "instagram"}},
		},
		NameErrors: []channeltest.ErrorCase{
			{Name: "only commented", Status: 403, Body: `{"error":{"message":"(#230) User consent is required to access user profile","type":"IGApiException","code":230}}`, Class: channel.Permanent},
			{Name: "permission", Status: 400, Body: graph("10"), Class: channel.Blocked},
			{Name: "no such person", Status: 400, Body: `{"error":{"code":100,"error_subcode":33}}`, Class: channel.Permanent},
			{Name: "account limit", Status: 400, Body: graph("4"), Class: channel.Throttled},
			{Name: "service", Status: 500, Body: graph("2"), Class: channel.Retry},
		},
		Errors: []channeltest.ErrorCase{
			{Name: "account limit", Status: 400, Body: graph("80002"), Class: channel.Throttled, Wait: time.Minute, Header: map[string]string{
				"X-Business-Use-Case-Usage": `{"1":[{"type":"instagram","estimated_time_to_regain_access":1}]}`}},
			{Name: "outside the window", Status: 400, Body: `{"error":{"code":10,"error_subcode":2534022}}`, Class: channel.Permanent},
			{Name: "comment deleted", Status: 400, Body: `{"error":{"code":100,"error_subcode":33}}`, Class: channel.Permanent},
			{Name: "token", Status: 401, Body: graph("190"), Class: channel.Blocked},
			{Name: "capability", Status: 400, Body: graph("3"), Class: channel.Blocked},
			{Name: "too many requests", Status: 429, Class: channel.Throttled},
			{Name: "service", Status: 500, Body: graph("2"), Class: channel.Retry},
			{Name: "no body", Status: 500, Class: channel.Unknown},
		},
	}
}

func TestConformance(t *testing.T) {
	c := config()
	c.Elsewhere = "900100"
	c.Check = func(t *testing.T, r channel.Reply, call channel.Call) {
		want := "https://graph.instagram.com/v25.0/" + account + "/messages"
		switch {
		case r.Thread.Visibility == message.Public && r.Parent != "":
			want = "https://graph.instagram.com/v25.0/" + r.Parent + "/replies"
		case r.Thread.Visibility == message.Public:
			want = "https://graph.instagram.com/v25.0/" + r.Thread.Key + "/comments"
		}
		if call.URL != want {
			t.Errorf("%s, want %s", call.URL, want)
		}
	}
	channeltest.Run(t, instagram.Channel{}, c)
}

// With a Page's token everything goes to Facebook's host, and the conversations are
// the Page's.
func TestFacebookLogin(t *testing.T) {
	var seen []string
	client := &http.Client{Transport: roundTrip(func(r *http.Request) (int, string) {
		seen = append(seen, r.URL.Host+r.URL.Path)
		return 200, `{"id":"1","message_id":"2","recipient_id":"3"}`
	})}
	o := channel.Outlet{HTTP: client, Inbox: inbox, Token: "EAAmadeup", Now: noon}
	for _, s := range config().Sends {
		if _, err := (instagram.Channel{}).Send(t.Context(), o, s.Reply); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := (instagram.Channel{}).Named(t.Context(), o, channel.Thread{}, bea); err != nil {
		t.Fatal(err)
	}
	want := "graph.facebook.com/v25.0/17865799348100001/replies graph.facebook.com/v25.0/17918195224117851/comments graph.facebook.com/v25.0/me/messages graph.facebook.com/v25.0/" + bea.ID
	if got := strings.Join(seen, " "); got != want {
		t.Errorf("calls go to %s, want %s", got, want)
	}
}

type roundTrip func(*http.Request) (int, string)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) {
	status, body := f(r)
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: readCloser{strings.NewReader(body)}, Request: r}, nil
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }

func FuzzRead(f *testing.F) {
	channeltest.FuzzRead(f, instagram.Channel{}, inbox, "testdata", "../../../events/instagram")
}

// A mention is on somebody else's media: it is answered by way of our own account.
func TestAnswerToMention(t *testing.T) {
	for parent, commentID := range map[string]string{"17887498072083521": "17887498072083521", "17918195224117999": ""} {
		var form url.Values
		var path string
		client := &http.Client{Transport: roundTrip(func(r *http.Request) (int, string) {
			path = r.URL.Path
			if err := r.ParseForm(); err != nil {
				t.Error(err)
			}
			form = r.PostForm
			return 200, `{"id":"17"}`
		})}
		r := public("00000000000000i4", parent)
		r.Thread.Extra = map[string]string{"mentioned_on": "17918195224117999"}
		o := channel.Outlet{HTTP: client, Inbox: inbox, Token: "IGAA", Now: noon}
		receipt, err := instagram.Channel{}.Send(t.Context(), o, r)
		if err != nil || receipt.ID != "17" || path != "/v25.0/"+account+"/mentions" {
			t.Errorf("%+v, %v, %s", receipt, err, path)
		}
		if form.Get("media_id") != "17918195224117999" || form.Get("comment_id") != commentID || form.Get("message") != r.Text {
			t.Errorf("form %v", form)
		}
		if _, _, err := (instagram.Channel{}).Lookup(t.Context(), o, r, noon); err == nil {
			t.Error("a look-up of an answer to a mention claims to know")
		}
		if _, err := (instagram.Channel{}).Invite(inbox, r.Thread); err == nil {
			t.Error("a mention can be answered privately")
		}
	}
}

func TestLimitIsInBytes(t *testing.T) {
	l := instagram.Channel{}.Limits(message.Private)
	for text, want := range map[string]int{"abc": 3, "é": 2, "😟": 4} {
		if got := l.Measure(text); got != want {
			t.Errorf("%q measures %d, want %d", text, got, want)
		}
	}
	if l.Max != 1000 || l.Parts < 2 {
		t.Errorf("limits %+v", l)
	}
}

func TestLiveCommentIsAnsweredPrivately(t *testing.T) {
	th := public("", "17865799348100006").Thread
	th.Extra["live"] = "true"
	if w := (instagram.Channel{}).Window(th, noon); w.State != channel.WindowClosed || w.Why == "" {
		t.Errorf("public: %+v", w)
	}
	private, err := instagram.Channel{}.Invite(inbox, th)
	if err != nil || private.With != bea || private.Extra["comment_id"] != "17865799348100006" {
		t.Errorf("%+v, %v", private, err)
	}
}
