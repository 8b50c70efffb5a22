package messenger_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"ines/shared/channel"
	"ines/shared/channel/channeltest"
	"ines/shared/channel/messenger"
	"ines/shared/message"
)

const page = "108203348120555"

var (
	noon  = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	inbox = channel.Inbox{ID: "northline-messenger", Channel: "messenger", Account: page}
	live  = channel.Secrets{
		Sign:   []string{"made-up-messenger-app-secret", "made-up-former-app-secret"},
		Verify: []string{"made-up-messenger-verify-token"},
	}
	ana = message.Handle{Channel: "messenger", Scope: page, ID: "7301945826110343"}
)

func thread(ago time.Duration) channel.Thread {
	return channel.Thread{Channel: "messenger", Inbox: inbox.ID, Key: page + ":" + ana.ID, Visibility: message.Private, With: ana, LastInbound: noon.Add(-ago)}
}

func reply(id string, ago time.Duration) channel.Reply {
	return channel.Reply{ID: id, Thread: thread(ago), To: ana, Parent: "m_Kq3vTextOne", Text: "You get £40 back. ^Ines " + id}
}

func ascii(r channel.Reply) channel.Reply {
	r.Text = strings.ReplaceAll(r.Text, "£", "GBP ")
	return r
}

func graph(code string) string {
	return `{"error":{"message":"words","type":"OAuthException","code":` + code + `,"fbtrace_id":"x"}}`
}

func TestConformance(t *testing.T) {
	type errorCase = channeltest.ErrorCase
	channeltest.Run(t, messenger.Channel{}, channeltest.Config{Elsewhere: "900100",
		Inbox: inbox, Secrets: live,
		Dirs:  []string{"testdata", "../../../events/messenger"},
		Token: "made-up-page-token", Credential: "made-up-page-token",
		Sends: []channeltest.Send{
			{Name: "within a day", Reply: ascii(reply("00000000000000m1", time.Hour))},
			{Name: "by a person on the third day", Reply: ascii(reply("00000000000000m2", 50*time.Hour))},
		},
		Check: func(t *testing.T, r channel.Reply, c channel.Call) {
			var m struct {
				Recipient map[string]string
				Type      string `json:"messaging_type"`
				Tag       string
				Message   map[string]string
			}
			if err := json.Unmarshal(c.Body, &m); err != nil {
				t.Fatal(err)
			}
			if c.URL != "https://graph.facebook.com/v25.0/"+page+"/messages" || len(m.Recipient) != 1 || m.Recipient["id"] != ana.ID || m.Message["metadata"] != "ines:"+r.ID {
				t.Errorf("%s %s", c.URL, c.Body)
			}
			kind, tag := "RESPONSE", ""
			if noon.Sub(r.Thread.LastInbound) >= 24*time.Hour {
				kind, tag = "MESSAGE_TAG", "HUMAN_AGENT"
			}
			if m.Type != kind || m.Tag != tag {
				t.Errorf("sent as %s %s, want %s %s", m.Type, m.Tag, kind, tag)
			}
		},
		Names: []channeltest.NameCase{
			{Name: "emulated", Who: ana, URL: "https://graph.facebook.com/v25.0/" + ana.ID + "?fields=first_name%2Clast_name"},
			{Name: "both names", Who: ana, URL: "https://graph.facebook.com/v25.0/" + ana.ID + "?fields=first_name%2Clast_name",
				Body: `{"first_name":"Ana","last_name":"Prado","id":"` + ana.ID + `"}`, Says: message.Author{Name: "Ana Prado"}},
			{Name: "one name", Who: ana, URL: "https://graph.facebook.com/v25.0/" + ana.ID + "?fields=first_name%2Clast_name",
				Body: `{"first_name":"Ana","id":"` + ana.ID + `"}`, Says: message.Author{Name: "Ana"}},
			{Name: "nobody", Who: message.Handle{Channel: "messenger"}},
		},
		NameErrors: []errorCase{
			{Name: "page limit", Status: 400, Body: graph("80006"), Class: channel.Throttled, Wait: 3 * time.Minute, Header: map[string]string{
				"X-Business-Use-Case-Usage": `{"` + page + `":[{"type":"messenger","call_count":100,"estimated_time_to_regain_access":3}]}`}},
			{Name: "no profile", Status: 400, Body: `{"error":{"message":"(#100) No profile available for this user.","code":100,"error_subcode":2018218}}`, Class: channel.Permanent, Code: "100"},
			{Name: "not there", Status: 400, Body: `{"error":{"message":"Unsupported get request.","code":100,"error_subcode":33}}`, Class: channel.Permanent},
			{Name: "the feature is missing", Status: 400, Body: `{"error":{"message":"(#100) Insufficient permission to access user profile.","code":100,"error_subcode":2018247}}`, Class: channel.Blocked},
			{Name: "permission", Status: 403, Body: graph("10"), Class: channel.Blocked},
			{Name: "token", Status: 401, Body: graph("190"), Class: channel.Blocked},
			{Name: "temporary", Status: 500, Body: graph("2"), Class: channel.Retry},
			{Name: "5xx, a page", Status: 503, Body: "<html>", Class: channel.Unknown},
		},
		Errors: []errorCase{
			{Name: "page limit", Status: 400, Body: graph("80006"), Class: channel.Throttled, Wait: 3 * time.Minute, Header: map[string]string{
				"X-Business-Use-Case-Usage": `{"` + page + `":[{"type":"messenger","call_count":100,"total_cputime":3,"total_time":3,"estimated_time_to_regain_access":3}]}`}},
			{Name: "calls", Status: 400, Body: graph("613"), Class: channel.Throttled, Code: "613"},
			{Name: "temporary", Status: 500, Body: graph("1200"), Class: channel.Retry},
			{Name: "service", Status: 500, Body: graph("2"), Class: channel.Retry},
			{Name: "sent all the same", Status: 500, Body: `{"error":{"code":1,"error_subcode":1357046,"message":"Received invalid JSON reply"}}`, Class: channel.Unknown},
			{Name: "outside the window", Status: 400, Body: `{"error":{"code":10,"error_subcode":2018278,"message":"outside of allowed window"}}`, Class: channel.Permanent, Code: "10"},
			{Name: "this person is not available", Status: 400, Body: graph("551"), Class: channel.Permanent},
			{Name: "takes no messages from us", Status: 400, Body: `{"error":{"code":200,"error_subcode":1545041}}`, Class: channel.Permanent},
			{Name: "no such person", Status: 400, Body: `{"error":{"code":100,"error_subcode":2018001}}`, Class: channel.Permanent, Code: "100"},
			{Name: "no such page", Status: 400, Body: `{"error":{"code":100,"error_subcode":33}}`, Class: channel.Blocked},
			{Name: "permission", Status: 403, Body: graph("10"), Class: channel.Blocked},
			{Name: "feature", Status: 403, Body: graph("230"), Class: channel.Blocked},
			{Name: "token", Status: 401, Body: graph("190"), Class: channel.Blocked},
			{Name: "token quoted", Status: 400, Body: `{"error":{"code":190,"message":"Malformed access token made-up-page-token"}}`, Class: channel.Blocked},
			{Name: "policy", Status: 400, Body: graph("368"), Class: channel.Blocked},
			{Name: "already replied, in a conversation", Status: 400, Body: graph("10900"), Class: channel.Permanent},
			{Name: "no body", Status: 503, Class: channel.Unknown, Code: "503"},
			{Name: "error_data as text", Status: 400, Body: `{"error":{"code":100,"error_data":"{\"a\":1}"}}`, Class: channel.Permanent, Code: "100"},
		},
	})
}

func FuzzRead(f *testing.F) {
	channeltest.FuzzRead(f, messenger.Channel{}, inbox, "testdata", "../../../events/messenger")
}

// What no person wrote never goes out with the tag that is for people.
func TestAutomaticNeverAsHuman(t *testing.T) {
	for ago, class := range map[time.Duration]channel.Class{23 * time.Hour: channel.Blocked, 24 * time.Hour: channel.Permanent, 30 * time.Hour: channel.Permanent} {
		r := reply("00000000000000m3", ago)
		r.Automatic = true
		o := channel.Outlet{Inbox: inbox, Now: noon}
		if _, err := (messenger.Channel{}).Send(t.Context(), o, r); channel.AsSendError(err).Class != channel.Blocked {
			t.Errorf("%s, no token: %v", ago, err)
		}
		if ago < 24*time.Hour {
			continue
		}
		o.Token = "t" // and no HTTP client: a call would panic
		if _, err := (messenger.Channel{}).Send(t.Context(), o, r); channel.AsSendError(err).Class != class || channel.AsSendError(err).Code != "window" {
			t.Errorf("%s: %v", ago, err)
		}
	}
}

func TestWindow(t *testing.T) {
	private := channel.Thread{Visibility: message.Private, Extra: map[string]string{"comment_id": "1_2", "until": noon.Format(time.RFC3339)}}
	used := private
	used.Key = page + ":1"
	standby := thread(time.Hour)
	standby.Extra = map[string]string{"standby": "true"}
	tests := []struct {
		name   string
		thread channel.Thread
		now    time.Time
		open   bool
		until  time.Time
	}{
		{"fresh", thread(time.Hour), noon, true, noon.Add(167 * time.Hour)},
		{"second day", thread(24 * time.Hour), noon, true, noon.Add(144 * time.Hour)},
		{"last second of the seventh day", thread(168*time.Hour - time.Second), noon, true, noon.Add(time.Second)},
		{"eighth day", thread(168 * time.Hour), noon, false, time.Time{}},
		{"nobody wrote", channel.Thread{Visibility: message.Private}, noon, false, time.Time{}},
		{"another app has it", standby, noon, false, time.Time{}},
		{"private reply", private, noon.Add(-time.Second), true, noon},
		{"private reply, too late", private, noon, false, time.Time{}},
		{"second private reply", used, noon.Add(-time.Second), false, time.Time{}},
	}
	for _, tt := range tests {
		w := messenger.Channel{}.Window(tt.thread, tt.now)
		if open := w.State == channel.WindowOpen; open != tt.open || !w.Until.Equal(tt.until) || open == (w.Why != "") {
			t.Errorf("%s: %+v", tt.name, w)
		}
	}
}

// A button of the older kind has no message id: sender, time and payload make one.
func TestPostbackWithoutID(t *testing.T) {
	id := func(sender, at, payload string) string {
		t.Helper()
		body := `{"object":"page","entry":[{"id":"` + page + `","time":1795168800900,"messaging":[{"sender":{"id":"` + sender + `"},"recipient":{"id":"` + page + `"},"timestamp":` + at + `,"postback":{"title":"Help","payload":"` + payload + `"}}]}]}`
		items := messenger.Channel{}.Read(inbox, message.Envelope{Channel: "messenger", Inbox: inbox.ID, ReceivedAt: noon, Body: []byte(body)})
		if len(items) != 1 || items[0].Message == nil || items[0].Message.Text != "Help" || items[0].Message.Extra["payload"] != payload {
			t.Fatalf("%+v", items)
		}
		return items[0].Message.ID
	}
	first := id("1", "1795168800412", "A")
	if id("1", "1795168800412", "A") != first {
		t.Error("delivered again, it is another message")
	}
	for _, other := range []string{id("2", "1795168800412", "A"), id("1", "1795168800413", "A"), id("1", "1795168800412", "B")} {
		if other == first {
			t.Error("another press is the same message")
		}
	}
}

// A thousand updates of one delivery are a thousand items with keys of their own.
func TestBatchOfThousand(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"object":"page","entry":[`)
	for i := range 1000 {
		if i > 0 {
			b.WriteByte(',')
		}
		n := string(rune('a'+i%26)) + strings.Repeat("x", i/26)
		if i == 500 {
			b.WriteString(`{"id":"` + page + `","messaging":[{"message":7}]}`)
			continue
		}
		b.WriteString(`{"id":"` + page + `","time":1795168800900,"messaging":[{"sender":{"id":"5"},"timestamp":1795168800412,"message":{"mid":"` + n + `","text":"hi"}}]}`)
	}
	b.WriteString(`]}`)
	items := messenger.Channel{}.Read(inbox, message.Envelope{Channel: "messenger", Inbox: inbox.ID, ReceivedAt: noon, Body: []byte(b.String())})
	keys := map[string]bool{}
	for i, it := range items {
		if (it.Kind == message.KindMessage) == (i == 500) {
			t.Errorf("item %d is %s", i, it.Kind)
		}
		keys[it.Key] = true
	}
	if len(items) != 1000 || len(keys) != 1000 {
		t.Errorf("%d items, %d keys", len(items), len(keys))
	}
}

func TestInvite(t *testing.T) {
	public := channel.Thread{Channel: "facebook", Inbox: "northline-facebook", Key: page + "_1", Visibility: message.Public,
		With: message.Handle{Channel: "facebook", Scope: page, ID: "603"}, LastID: "1_2", LastInbound: noon, Extra: map[string]string{"private": "comment_id"}}
	th, err := messenger.Channel{}.Invite(inbox, public)
	if err != nil || th.Channel != "messenger" || th.Inbox != inbox.ID || th.Key != "" || th.With != (message.Handle{Channel: "messenger", Scope: page, ID: "603"}) {
		t.Fatalf("%+v, %v", th, err)
	}
	public.With.Scope = "another page"
	if th, err := (messenger.Channel{}).Invite(inbox, public); err == nil {
		t.Errorf("a comment on another page: %+v", th)
	}
}
