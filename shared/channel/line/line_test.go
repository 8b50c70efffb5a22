package line_test

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"ines/shared/channel"
	"ines/shared/channel/channeltest"
	"ines/shared/channel/line"
	"ines/shared/message"
)

const token = "made-up-line-channel-access-token"

var (
	noon  = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	inbox = channel.Inbox{ID: "northline-line", Channel: "line", Account: "Uba5e0000000000000000000000000001", Name: "Northline"}
	live  = channel.Secrets{Sign: []string{"made-up-line-channel-secret", "made-up-former-channel-secret"}}
	mara  = message.Handle{Channel: "line", ID: "U4af4980629000000000000000000a7a7"}
	dirs  = []string{"testdata", "../../../events/line"}
)

// reply answers a message that came so long before noon.
func reply(id, with, token string, ago time.Duration, words string) channel.Reply {
	r := channel.Reply{ID: id, Thread: channel.Thread{Channel: "line", Inbox: inbox.ID, Key: inbox.Account + ":" + with, Visibility: message.Private, With: mara, LastInbound: noon.Add(-ago)},
		To: mara, Parent: "5910011223344", Text: words}
	if token != "" {
		r.Thread.Extra = map[string]string{"reply_token": token}
	}
	return r
}

func talk(with string) channel.Thread {
	return channel.Thread{Channel: "line", Inbox: inbox.ID, Key: inbox.Account + ":" + with, Visibility: message.Private}
}

func TestConformance(t *testing.T) {
	type errorCase = channeltest.ErrorCase
	words := func(s string) string { return `{"message":"` + s + `"}` }
	channeltest.Run(t, line.Channel{}, channeltest.Config{Elsewhere: "Uba5e0000000000000000000000000099",
		Inbox: inbox, Secrets: live, Dirs: dirs, Token: token, Credential: token,
		Sends: []channeltest.Send{
			{Name: "push", Reply: reply("r1", mara.ID, "", time.Hour, "It comes with NL862 tonight. ^Ines")},
			{Name: "by the token", Reply: reply("r2", mara.ID, "t-2", 20*time.Second, "One moment. ^Ines")},
			{Name: "token too old", Reply: reply("r3", mara.ID, "t-3", 50*time.Second, "Here it is. ^Ines")},
			{Name: "to a group", Reply: reply("r4", "C0ffee00000000000000000000000001", "", time.Hour, "All of you fly. ^Ines")},
		},
		Check: checkCall,
		Errors: []errorCase{
			{Name: "too many", Status: 429, Header: map[string]string{"Retry-After": "2"}, Body: words("The API rate limit has been exceeded. Try again later."), Class: channel.Throttled, Wait: 2 * time.Second, Code: "429"},
			{Name: "quota", Status: 429, Body: words("You have reached your monthly limit."), Class: channel.Permanent, Code: "monthly_limit"},
			{Name: "bad request", Status: 400, Body: `{"message":"The request body has 1 error(s)","details":[{"message":"May not be empty","property":"messages[0].text"}]}`, Class: channel.Permanent, Code: "400"},
			{Name: "token", Status: 401, Body: words("Authentication failed " + token), Class: channel.Blocked},
			{Name: "forbidden", Status: 403, Body: words("Not authorized"), Class: channel.Blocked},
			{Name: "not found", Status: 404, Body: words("Not found"), Class: channel.Blocked},
			{Name: "gone", Status: 410, Class: channel.Permanent},
			{Name: "internal", Status: 500, Body: words("Internal error"), Class: channel.Unknown},
			{Name: "5xx, a page", Status: 503, Body: "<html>", Class: channel.Unknown},
		},
		Names: []channeltest.NameCase{
			{Name: "emulated", Thread: talk(mara.ID), Who: mara, URL: "https://api.line.me/v2/bot/profile/" + mara.ID},
			{Name: "a friend", Thread: talk(mara.ID), Who: mara, URL: "https://api.line.me/v2/bot/profile/" + mara.ID,
				Body: `{"userId":"` + mara.ID + `","displayName":"まら","language":"ja"}`, Says: message.Author{Name: "まら"}},
			{Name: "in a group", Thread: talk("C0ffee"), Who: mara, URL: "https://api.line.me/v2/bot/group/C0ffee/member/" + mara.ID},
			{Name: "in a room", Thread: talk("R00m"), Who: mara, URL: "https://api.line.me/v2/bot/room/R00m/member/" + mara.ID},
			{Name: "who did not agree, in a group", Thread: talk("C0ffee"), Who: message.Handle{Channel: "line", ID: "C0ffee"}},
			{Name: "nobody", Thread: talk(mara.ID), Who: message.Handle{Channel: "line"}},
		},
		NameErrors: []errorCase{
			{Name: "too many", Status: 429, Header: map[string]string{"Retry-After": "2"}, Body: words("The API rate limit has been exceeded. Try again later."), Class: channel.Throttled, Wait: 2 * time.Second},
			{Name: "no friend", Status: 404, Body: words("Not found"), Class: channel.Permanent, Code: "404"},
			{Name: "no user id", Status: 400, Body: words("The value for the 'userId' parameter is invalid"), Class: channel.Permanent},
			{Name: "token", Status: 401, Body: words("Authentication failed " + token), Class: channel.Blocked},
			{Name: "forbidden", Status: 403, Body: words("Access to this API is not available for your account"), Class: channel.Blocked},
			{Name: "internal", Status: 500, Body: words("Internal error"), Class: channel.Unknown},
		},
		Opens: []channeltest.OpenCase{
			{Name: "known", Known: mara, Key: inbox.Account + ":" + mara.ID, With: mara},
			{Name: "typed", Address: mara.ID, Key: inbox.Account + ":" + mara.ID, With: mara},
			{Name: "a LINE id", Address: "mara_quill", Refused: true},
			{Name: "a group", Address: "C0ffee00000000000000000000000001", Refused: true},
			{Name: "known elsewhere", Known: message.Handle{Channel: "sms", ID: "+447700900123"}, Refused: true},
		},
	})
}

func FuzzRead(f *testing.F) { channeltest.FuzzRead(f, line.Channel{}, inbox, dirs...) }

var uuid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

func checkCall(t *testing.T, r channel.Reply, c channel.Call) {
	var m struct{ ReplyToken, To string }
	if err := json.Unmarshal(c.Body, &m); err != nil {
		t.Fatal(err)
	}
	key := c.Header.Get("X-Line-Retry-Key")
	if r.Thread.Extra["reply_token"] != "" && noon.Sub(r.Thread.LastInbound) < 50*time.Second {
		if !strings.HasSuffix(c.URL, "/reply") || m.ReplyToken != r.Thread.Extra["reply_token"] || m.To != "" || key != "" {
			t.Errorf("%s %s, key %q", c.URL, c.Body, key)
		}
		return
	}
	if !strings.HasSuffix(c.URL, "/push") || r.Thread.Key != inbox.Account+":"+m.To || m.ReplyToken != "" || !uuid.MatchString(key) {
		t.Errorf("%s %s, key %q", c.URL, c.Body, key)
	}
}

// emulator is LINE, with one answer lost after it was made if told so.
type emulator struct {
	t     *testing.T
	calls []channel.Call
	next  string // an answer to give in place of the emulator's
}

func (p *emulator) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	call := channel.Call{At: noon, Inbox: inbox.ID, Method: r.Method, URL: r.URL.String(), Header: r.Header.Clone(), Body: body}
	a := channel.CallAnswer{Status: 400, Body: []byte(p.next)}
	if p.next == "" {
		var known bool
		if a, known = (line.Channel{}).Emulate(call, p.calls); !known {
			p.t.Fatalf("unknown call %s", call.URL)
		}
	}
	p.next, call.Answer = "", a
	p.calls = append(p.calls, call)
	return &http.Response{StatusCode: a.Status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(string(a.Body))), Request: r}, nil
}

func outlet(p *emulator) channel.Outlet {
	return channel.Outlet{Inbox: inbox, Token: token, Now: noon, HTTP: &http.Client{Transport: p}}
}

func methods(p *emulator) string {
	var out []string
	for _, c := range p.calls {
		out = append(out, c.URL[strings.LastIndex(c.URL, "/")+1:])
	}
	return strings.Join(out, " ")
}

// A spent token costs one push; a push that fails is not tried a second time here.
func TestSpentTokenFallsBackToPushOnce(t *testing.T) {
	p := &emulator{t: t, next: `{"message":"Invalid reply token"}`}
	got, err := line.Channel{}.Send(t.Context(), outlet(p), reply("r1", mara.ID, "t-1", time.Second, "Hello. ^Ines"))
	if err != nil || got.ID == "" || methods(p) != "reply push" {
		t.Fatalf("%+v, %v after %s", got, err, methods(p))
	}
	p = &emulator{t: t, next: `{"message":"The request body has 1 error(s)"}`}
	if _, err := (line.Channel{}).Send(t.Context(), outlet(p), reply("r1", mara.ID, "t-1", time.Second, "Hello. ^Ines")); channel.AsSendError(err).Class != channel.Permanent || methods(p) != "reply" {
		t.Errorf("another refusal: %v after %s", err, methods(p))
	}
	// Two messages under one token: the second is pushed.
	p = &emulator{t: t}
	for _, id := range []string{"r1", "r2"} {
		if _, err := (line.Channel{}).Send(t.Context(), outlet(p), reply(id, mara.ID, "t-1", time.Second, "Hello "+id)); err != nil {
			t.Fatal(err)
		}
	}
	if methods(p) != "reply reply push" {
		t.Errorf("two messages: %s", methods(p))
	}
	// Where it is known that the token is spent, or is older than it lives, nobody tries it.
	for name, r := range map[string]channel.Reply{"spent": reply("r3", mara.ID, "t-1", time.Second, "And this."), "old": reply("r4", mara.ID, "t-1", time.Minute, "And that.")} {
		p, r.Again = &emulator{t: t}, name == "spent"
		if _, err := (line.Channel{}).Send(t.Context(), outlet(p), r); err != nil || methods(p) != "push" {
			t.Errorf("%s: %v after %s", name, err, methods(p))
		}
		if !(line.Channel{}).Repeats(r, noon, noon.Add(time.Hour)) {
			t.Errorf("%s: a push may be sent again", name)
		}
	}
}

// The second try of a push that LINE has is the first one's receipt.
func TestConflictMeansSent(t *testing.T) {
	p := &emulator{t: t}
	r := reply("r1", mara.ID, "", time.Hour, "Hello. ^Ines")
	first, err := line.Channel{}.Send(t.Context(), outlet(p), r)
	if err != nil {
		t.Fatal(err)
	}
	again, err := line.Channel{}.Send(t.Context(), outlet(p), r)
	if err != nil || again != first || p.calls[1].Answer.Status != 409 {
		t.Errorf("%+v, then %+v, %v", first, again, err)
	}
	r.ID = "r2"
	if other, err := (line.Channel{}).Send(t.Context(), outlet(p), r); err != nil || other == first || p.calls[2].Answer.Status != 200 {
		t.Errorf("another reply is %+v, %v", other, err)
	}
}

func TestRepeats(t *testing.T) {
	for name, c := range map[string]struct {
		r          channel.Reply
		first, now time.Time
		want       bool
	}{
		"a push":                      {reply("r", mara.ID, "", time.Hour, "x"), noon, noon.Add(time.Minute), true},
		"by the token":                {reply("r", mara.ID, "t", time.Second, "x"), noon, noon.Add(time.Hour), false},
		"after the token":             {reply("r", mara.ID, "t", time.Minute, "x"), noon, noon.Add(time.Hour), true},
		"the retry key has died":      {reply("r", mara.ID, "", time.Hour, "x"), noon, noon.Add(24 * time.Hour), false},
		"a token that came meanwhile": {reply("r", mara.ID, "t", -time.Minute, "x"), noon, noon.Add(2 * time.Minute), false},
	} {
		if got := (line.Channel{}).Repeats(c.r, c.first, c.now); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestWindow(t *testing.T) {
	th := reply("r", mara.ID, "", 400*24*time.Hour, "x").Thread
	if w := (line.Channel{}).Window(th, noon); w.State != channel.WindowOpen {
		t.Errorf("after a year: %+v", w)
	}
	th.Extra = map[string]string{"mode": "standby"}
	if w := (line.Channel{}).Window(th, noon); w.State != channel.WindowClosed || w.Why == "" {
		t.Errorf("standby: %+v", w)
	}
}

func TestLocate(t *testing.T) {
	for _, c := range []struct{ ref, url, auth string }{
		{"5910011223305", "https://api-data.line.me/v2/bot/message/5910011223305/content", "Bearer " + token},
		{"../evil", "https://api-data.line.me/v2/bot/message/..%2Fevil/content", "Bearer " + token},
		{"sticker/1988", "https://stickershop.line-scdn.net/stickershop/v1/sticker/1988/android/sticker.png", ""},
	} {
		req, err := line.Channel{}.Locate(t.Context(), outlet(&emulator{t: t}), message.Attachment{Ref: c.ref})
		if err != nil || req.URL.String() != c.url || req.Header.Get("Authorization") != c.auth {
			t.Errorf("%s: %+v, %v", c.ref, req, err)
		}
	}
	if _, err := (line.Channel{}).Locate(t.Context(), outlet(&emulator{t: t}), message.Attachment{URL: "geo:1,2"}); channel.AsSendError(err).Class != channel.Permanent {
		t.Errorf("a place: %v", err)
	}
}
