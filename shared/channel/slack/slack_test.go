package slack_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"ines/shared/channel"
	"ines/shared/channel/channeltest"
	"ines/shared/channel/slack"
	"ines/shared/message"
	"ines/shared/verify"
)

const token = "xoxb-made-up-slack-bot-token"

var (
	noon  = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	inbox = channel.Inbox{ID: "northline-slack", Channel: "slack", Account: "U0NORTHBOT", Name: "Northline"}
	live  = channel.Secrets{Sign: []string{"made-up-slack-signing-secret", "made-up-former-signing-secret"}}
	mara  = message.Handle{Channel: "slack", Scope: "T024BE7LD", ID: "U02MARAQ7"}
	dirs  = []string{"testdata", "../../../events/slack"}
)

func reply(id, key string, v message.Visibility, text string) channel.Reply {
	return channel.Reply{ID: id, Thread: channel.Thread{Channel: "slack", Inbox: inbox.ID, Key: key, Visibility: v, With: mara, LastInbound: noon.Add(-time.Hour)}, To: mara, Parent: key, Text: text}
}

func TestConformance(t *testing.T) {
	type errorCase = channeltest.ErrorCase
	said := func(code string) string { return `{"ok":false,"error":"` + code + `"}` }
	errors := []errorCase{
		{Name: "too many", Status: 429, Header: map[string]string{"Retry-After": "30"}, Body: said("ratelimited"), Class: channel.Throttled, Wait: 30 * time.Second, Code: "ratelimited"},
		{Name: "too many, a page", Status: 429, Header: map[string]string{"Retry-After": "1"}, Class: channel.Throttled, Wait: time.Second, Code: "429"},
		{Name: "too many, in a 200", Status: 200, Body: said("ratelimited"), Class: channel.Throttled},
		{Name: "unavailable", Status: 200, Body: said("service_unavailable"), Class: channel.Retry},
		{Name: "part may be done", Status: 200, Body: said("internal_error"), Class: channel.Unknown, Code: "internal_error"},
		{Name: "part may be done, fatal", Status: 500, Body: said("fatal_error"), Class: channel.Unknown},
		{Name: "5xx, a page", Status: 503, Body: "<html>", Class: channel.Unknown},
		{Name: "401", Status: 401, Class: channel.Blocked},
		{Name: "404", Status: 404, Class: channel.Permanent},
		{Name: "token quoted", Status: 200, Body: said("invalid_auth " + token), Class: channel.Permanent},
		{Name: "code of tomorrow", Status: 200, Body: said("moon_in_the_wrong_phase"), Class: channel.Permanent},
	}
	for _, code := range []string{"channel_not_found", "not_in_channel", "is_archived", "msg_too_long", "no_text", "restricted_action", "user_not_found"} {
		errors = append(errors, errorCase{Name: code, Status: 200, Body: said(code), Class: channel.Permanent, Code: code})
	}
	for _, code := range []string{"invalid_auth", "account_inactive", "token_revoked", "token_expired", "missing_scope", "not_authed"} {
		errors = append(errors, errorCase{Name: code, Status: 200, Body: said(code), Class: channel.Blocked, Code: code})
	}
	channeltest.Run(t, slack.Channel{}, channeltest.Config{Elsewhere: "U0OTHERBOT",
		Nameless: []string{"button_pressed", "command_without_words", "menu_chosen", "shortcut_on_a_post", "shortcut_on_our_echo", "slash_command"},
		Inbox:    inbox, Secrets: live, Dirs: dirs, Token: token, Credential: token,
		Sends: []channeltest.Send{
			{Name: "in a thread", Reply: reply("r1", "T024BE7LD:C061NORTH1:1795168800.000200", message.Public, "It comes with NL208 tonight. ^Ines")},
			{Name: "again in the thread", Reply: reply("r2", "T024BE7LD:C061NORTH1:1795168800.000200", message.Public, "It is here. ^Ines")},
			{Name: "in a conversation", Reply: reply("r3", "T024BE7LD:D0MARAQ7:1795168800.000200", message.Private, "Yes, please. ^Ines")},
			{Name: "to a person", Reply: reply("r4", "T024BE7LD:U02MARAQ7", message.Private, "You asked by command. ^Ines")},
		},
		Check:  checkCall,
		Errors: errors,
		Names: []channeltest.NameCase{
			{Name: "emulated", Who: mara, URL: "https://slack.com/api/users.info?user=U02MARAQ7"},
			{Name: "chosen name", Who: mara, URL: "https://slack.com/api/users.info?user=U02MARAQ7",
				Body: `{"ok":true,"user":{"id":"U02MARAQ7","name":"mara.q","real_name":"Mara Quill-Ruiz","profile":{"display_name":"Mara Q.","real_name":"Mara Quill"}}}`,
				Says: message.Author{Name: "Mara Q.", Username: "mara.q"}},
			{Name: "none chosen", Who: mara, URL: "https://slack.com/api/users.info?user=U02MARAQ7",
				Body: `{"ok":true,"user":{"id":"U02MARAQ7","name":"mara.q","profile":{"display_name":"","real_name":"Mara Quill"}}}`,
				Says: message.Author{Name: "Mara Quill", Username: "mara.q"}},
			{Name: "of another workspace", Who: mara, URL: "https://slack.com/api/users.info?user=U02MARAQ7",
				Body: `{"ok":true,"user":{"id":"U02MARAQ7","real_name":"Mara Quill","is_stranger":true,"profile":{"display_name":null}}}`,
				Says: message.Author{Name: "Mara Quill"}},
			{Name: "nobody", Who: message.Handle{Channel: "slack"}},
		},
		NameErrors: []errorCase{
			{Name: "too many", Status: 429, Header: map[string]string{"Retry-After": "30"}, Body: said("ratelimited"), Class: channel.Throttled, Wait: 30 * time.Second},
			{Name: "users:read is missing", Status: 200, Body: `{"ok":false,"error":"missing_scope","needed":"users:read","provided":"chat:write"}`, Class: channel.Blocked, Code: "missing_scope"},
			{Name: "token", Status: 200, Body: said("invalid_auth"), Class: channel.Blocked},
			{Name: "unknown", Status: 200, Body: said("user_not_found"), Class: channel.Permanent},
			{Name: "not visible", Status: 200, Body: said("user_not_visible"), Class: channel.Permanent},
			{Name: "unavailable", Status: 200, Body: said("service_unavailable"), Class: channel.Retry},
			{Name: "5xx, a page", Status: 503, Body: "<html>", Class: channel.Unknown},
		},
		Opens: []channeltest.OpenCase{
			{Name: "known", Known: mara, Key: "T024BE7LD:U02MARAQ7", With: mara},
			{Name: "typed", Address: "T024BE7LD:U02MARAQ7", Key: "T024BE7LD:U02MARAQ7", With: mara},
			{Name: "typed with a slash", Address: " T024BE7LD/U02MARAQ7 ", Key: "T024BE7LD:U02MARAQ7", With: mara},
			{Name: "without the workspace", Address: "U02MARAQ7", Refused: true},
			{Name: "a name", Address: "@mara", Refused: true},
			{Name: "known elsewhere", Known: message.Handle{Channel: "x", ID: "5"}, Refused: true},
		},
	})
}

func FuzzRead(f *testing.F) { channeltest.FuzzRead(f, slack.Channel{}, inbox, dirs...) }

func checkCall(t *testing.T, r channel.Reply, c channel.Call) {
	var m map[string]any
	if err := json.Unmarshal(c.Body, &m); err != nil {
		t.Fatal(err)
	}
	parts := strings.SplitN(r.Thread.Key, ":", 3)
	if c.URL != "https://slack.com/api/chat.postMessage" || c.Header.Get("Authorization") != "Bearer "+token || m["channel"] != parts[1] || m["mrkdwn"] != false {
		t.Errorf("%s %v %s", c.URL, c.Header, c.Body)
	}
	if ts, _ := m["thread_ts"].(string); len(parts) == 3 && ts != parts[2] || len(parts) == 2 && ts != "" {
		t.Errorf("thread_ts %q", ts)
	}
}

func load(t *testing.T, name string) channel.Request {
	t.Helper()
	_, r, err := channeltest.LoadEvent("../../../events/slack/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The challenge is answered to whoever can sign, and to nobody else.
func TestHandshake(t *testing.T) {
	saved := load(t, "url_verification")
	signed := func(body string) channel.Request {
		r := channel.Request{Method: "POST", Body: []byte(body), Header: map[string]string{}}
		r.Header["x-slack-signature"], r.Header["x-slack-request-timestamp"] = verify.SignSlack(noon, r.Body, live.Sign[1])
		return r
	}
	good := signed(`{"type":"url_verification","challenge":"c-1"}`)
	unsigned := signed(string(good.Body))
	unsigned.Header["x-slack-signature"] = "v0=" + strings.Repeat("0", 64)
	get := signed(string(good.Body))
	get.Method = "GET"
	for name, c := range map[string]struct {
		r    channel.Request
		want string
	}{
		"as saved":              {saved, "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"},
		"by the former secret":  {good, "c-1"},
		"unsigned":              {unsigned, ""},
		"a GET":                 {get, ""},
		"only words":            {signed(`{"type":"event_callback","event":{"text":"url_verification","challenge":"x"}}`), ""},
		"without a challenge":   {signed(`{"type":"url_verification"}`), ""},
		"challenge of no sense": {signed(`{"type":"url_verification","challenge":{"a":1}}`), ""},
	} {
		got, is := slack.Channel{}.Handshake(inbox, live, c.r)
		if is != (c.want != "") || string(got.Body) != c.want {
			t.Errorf("%s: %d %q, %t", name, got.Status, got.Body, is)
		}
	}
}

// A post that mentions us comes as two events and is one message.
func TestMentionAndMessageAreOne(t *testing.T) {
	read := func(name string) message.Message {
		r := load(t, name)
		items := slack.Channel{}.Read(inbox, message.Envelope{Header: r.Header, Body: r.Body, ReceivedAt: noon})
		if len(items) != 1 || items[0].Message == nil {
			t.Fatalf("%s: %+v", name, items)
		}
		return *items[0].Message
	}
	a, b := read("app_mention"), read("app_mention_as_message")
	if a.Key() != b.Key() || a.Thread != b.Thread || a.Visibility != b.Visibility || a.Text != b.Text || a.OrderKey() != b.OrderKey() {
		t.Errorf("%+v\n%+v", a, b)
	}
	if a.Text != "@Northline NL204 was cancelled & I am stuck in Lisbon <3 hours" {
		t.Errorf("text %q", a.Text)
	}
}

// answers is a platform made of answers, one after the other.
type answers struct {
	list  []string
	calls []*http.Request
	sent  []string
}

func (p *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	body := []byte{}
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	p.calls, p.sent = append(p.calls, r), append(p.sent, string(body))
	next := p.list[0]
	p.list = p.list[1:]
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(next)), Request: r}, nil
}

func outlet(p *answers) channel.Outlet {
	return channel.Outlet{Inbox: inbox, Token: token, HTTP: &http.Client{Transport: p}}
}

func TestTextIsEscapedAndCountedSo(t *testing.T) {
	p := &answers{list: []string{`{"ok":true,"channel":"C061NORTH1","ts":"1795176000.000100"}`}}
	r := reply("r1", "T024BE7LD:C061NORTH1:1795168800.000200", message.Public, "1 < 2 & <@U02MARAQ7> *no bold*")
	if _, err := (slack.Channel{}).Send(t.Context(), outlet(p), r); err != nil {
		t.Fatal(err)
	}
	var m struct{ Text string }
	if json.Unmarshal([]byte(p.sent[0]), &m) != nil || m.Text != "1 &lt; 2 &amp; &lt;@U02MARAQ7&gt; *no bold*" {
		t.Errorf("sent %s", p.sent[0])
	}
	l := slack.Channel{}.Limits(message.Public)
	if n := l.Measure("a&b"); n != 7 {
		t.Errorf("a&b measures %d", n)
	}
	r.Text = strings.Repeat("&", 801)
	if _, err := (slack.Channel{}).Send(t.Context(), outlet(&answers{}), r); channel.AsSendError(err).Class != channel.Permanent {
		t.Errorf("4,005 characters on the wire: %v", err)
	}
}

// Only sending reveals the conversation with a person; answers come under its key.
func TestReceiptNamesTheThread(t *testing.T) {
	p := &answers{list: []string{`{"ok":true,"channel":"D0MARAQ7","ts":"1795176000.000100"}`}}
	got, err := slack.Channel{}.Send(t.Context(), outlet(p), reply("r1", "T024BE7LD:U02MARAQ7", message.Private, "Hello. ^Ines"))
	if want := "T024BE7LD:D0MARAQ7:1795176000.000100"; err != nil || got.ID != want || got.Thread != want {
		t.Errorf("%+v, %v", got, err)
	}
	p = &answers{list: []string{`{"ok":true,"channel":"C061NORTH1","ts":"1795176000.000100"}`}}
	got, err = slack.Channel{}.Send(t.Context(), outlet(p), reply("r1", "T024BE7LD:C061NORTH1:1795168800.000200", message.Public, "Hello. ^Ines"))
	if err != nil || got.ID != "T024BE7LD:C061NORTH1:1795176000.000100" || got.Thread != "" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestLookup(t *testing.T) {
	r := reply("r1", "T024BE7LD:C061NORTH1:1795168800.000200", message.Public, "Hello & bye. ^Ines")
	page := func(messages string) string { return `{"ok":true,"messages":[` + messages + `]}` }
	ours := `{"user":"U0NORTHBOT","bot_id":"B1","text":"x","ts":"1795176000.000100","metadata":{"event_type":"ines_reply","event_payload":{"reply_id":"r1"}}}`
	other := `{"user":"U0NORTHBOT","bot_id":"B1","text":"Hello &amp; bye. ^Ines","ts":"1795176000.000200","metadata":{"event_type":"ines_reply","event_payload":{"reply_id":"r2"}}}`
	bare := `{"user":"U0NORTHBOT","bot_id":"B1","text":"Hello &amp; bye. ^Ines","ts":"1795176000.000300"}`
	echoed := `{"user":"U02MARAQ7","text":"Hello &amp; bye. ^Ines","ts":"1795176000.000400"}`
	early := `{"user":"U0NORTHBOT","bot_id":"B1","text":"Hello &amp; bye. ^Ines","ts":"1795168000.000300"}`
	for name, c := range map[string]struct {
		answers []string
		ts      string
	}{
		"by its metadata":        {[]string{page(echoed + "," + other + "," + ours)}, "1795176000.000100"},
		"by its words":           {[]string{page(bare)}, "1795176000.000300"},
		"another reply":          {[]string{page(other)}, ""},
		"the customer's words":   {[]string{page(echoed)}, ""},
		"said before":            {[]string{page(early)}, ""},
		"on the second page":     {[]string{`{"ok":true,"messages":[],"response_metadata":{"next_cursor":"n"}}`, page(ours)}, "1795176000.000100"},
		"nothing in the thread":  {[]string{page("")}, ""},
		"a message without time": {[]string{page(`{"bot_id":"B1","text":"Hello &amp; bye. ^Ines"}`)}, ""},
	} {
		p := &answers{list: c.answers}
		got, found, err := slack.Channel{}.Lookup(t.Context(), outlet(p), r, noon)
		if err != nil || found != (c.ts != "") || found && got.ID != "T024BE7LD:C061NORTH1:"+c.ts {
			t.Errorf("%s: %+v, %t, %v", name, got, found, err)
		}
		if q := p.calls[0].URL.Query(); q.Get("channel") != "C061NORTH1" || q.Get("ts") != "1795168800.000200" || q.Get("include_all_metadata") != "true" {
			t.Errorf("%s: asked %v", name, q)
		}
	}
	p := &answers{list: []string{`{"ok":false,"error":"missing_scope","needed":"channels:history"}`}}
	if _, found, err := (slack.Channel{}).Lookup(t.Context(), outlet(p), r, noon); found || channel.AsSendError(err).Class != channel.Blocked || !strings.Contains(err.Error(), "channels:history") {
		t.Errorf("without the scope: %t, %v", found, err)
	}
}

// The token goes to Slack and to nobody else.
func TestLocate(t *testing.T) {
	locate := func(p *answers, a message.Attachment) (*http.Request, error) {
		return slack.Channel{}.Locate(t.Context(), outlet(p), a)
	}
	req, err := locate(&answers{}, message.Attachment{Type: "image", URL: "https://files.slack.com/files-pri/T1-F1/wheel.jpg"})
	if err != nil || req.Header.Get("Authorization") != "Bearer "+token {
		t.Errorf("a file of Slack's: %+v, %v", req, err)
	}
	for _, address := range []string{"https://docs.example/plan", "https://slack.com.evil.example/x", "https://evilslack.com/x"} {
		if req, err := locate(&answers{}, message.Attachment{URL: address}); err != nil || req.Header.Get("Authorization") != "" {
			t.Errorf("%s gets the token: %v", address, err)
		}
	}
	for _, address := range []string{"http://files.slack.com/x", "ftp://files.slack.com/x", ""} {
		if _, err := locate(&answers{}, message.Attachment{URL: address}); channel.AsSendError(err).Class != channel.Permanent {
			t.Errorf("%q: %v", address, err)
		}
	}
	p := &answers{list: []string{`{"ok":true,"file":{"id":"F0CONNECT","url_private":"https://files.slack.com/files-pri/T1-F0/a.png"}}`}}
	req, err = locate(p, message.Attachment{Ref: "F0CONNECT"})
	if err != nil || req.URL.Path != "/files-pri/T1-F0/a.png" || req.Header.Get("Authorization") == "" || p.calls[0].URL.String() != "https://slack.com/api/files.info?file=F0CONNECT" {
		t.Errorf("of a shared channel: %+v, %v", req, err)
	}
}
