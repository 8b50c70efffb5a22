package whatsapp_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"ines/shared/channel"
	"ines/shared/channel/channeltest"
	"ines/shared/channel/whatsapp"
	"ines/shared/message"
)

var (
	noon  = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	inbox = channel.Inbox{ID: "northline-whatsapp", Channel: "whatsapp", Account: "106540352242922"}
	live  = channel.Secrets{
		Sign:   []string{"made-up-whatsapp-app-secret", "made-up-former-app-secret"},
		Verify: []string{"made-up-verify-token"},
	}
	mara = message.Handle{Channel: "whatsapp", ID: "447700900123"}
	rui  = message.Handle{Channel: "whatsapp", ID: "PT.90817263544536271809"}
)

func thread(with message.Handle) channel.Thread {
	return channel.Thread{
		Channel: "whatsapp", Inbox: inbox.ID, Key: inbox.Account + ":" + with.ID,
		Visibility: message.Private, With: with, LastInbound: noon.Add(-time.Hour),
	}
}

func reply(id string, with message.Handle, text string) channel.Reply {
	return channel.Reply{ID: id, Thread: thread(with), To: with, Parent: "wamid.AAAA", Text: text}
}

func TestConformance(t *testing.T) {
	first := reply("00000000000000r3", mara, "We are looking for seats for four. ^Ines")
	first.Parent = ""
	group := reply("00000000000000r4", mara, "Yes, all of you fly with NL208. ^Ines")
	group.Thread.Extra = map[string]string{"group_id": "HBgLMTY1MDM4Nzk0Mzk"}
	graph := func(code string) string {
		return `{"error":{"message":"words","type":"OAuthException","code":` + code + `,"fbtrace_id":"x"}}`
	}
	type errorCase = channeltest.ErrorCase
	channeltest.Run(t, whatsapp.Channel{}, channeltest.Config{Elsewhere: "900100",
		Inbox: inbox, Secrets: live,
		Dirs:  []string{"testdata", "../../../events/whatsapp"},
		Token: "made-up-graph-token", Credential: "made-up-graph-token",
		Sends: []channeltest.Send{
			{Name: "to a number", Reply: reply("00000000000000r1", mara, "You are booked on NL208 at 18:40. ^Ines")},
			{Name: "to a user id", Reply: reply("00000000000000r2", rui, "Your bag is in Porto. ^Ines")},
			{Name: "first", Reply: first},
			{Name: "to a group", Reply: group},
		},
		Check: checkCall,
		Errors: []errorCase{
			{Name: "application limit", Status: 400, Body: graph("4"), Class: channel.Throttled, Code: "4"},
			{Name: "business limit", Status: 400, Body: graph("80007"), Class: channel.Throttled, Wait: 12 * time.Minute, Header: map[string]string{
				"X-Business-Use-Case-Usage": `{"102290129340398":[{"type":"whatsapp","call_count":100,"estimated_time_to_regain_access":12}]}`,
			}},
			{Name: "usage header is nonsense", Status: 400, Body: graph("17"), Class: channel.Throttled, Header: map[string]string{
				"X-Business-Use-Case-Usage": `[`,
			}},
			{Name: "throughput", Status: 400, Body: graph("130429"), Class: channel.Throttled, Wait: 5 * time.Second},
			{Name: "throughput, longer", Status: 429, Body: graph("130429"), Class: channel.Throttled, Wait: 90 * time.Second, Header: map[string]string{"Retry-After": "90"}},
			{Name: "pair", Status: 400, Body: graph("131056"), Class: channel.Throttled, Wait: 6 * time.Second},
			{Name: "spam", Status: 400, Body: graph("131048"), Class: channel.Throttled, Wait: time.Hour},
			{Name: "unknown error", Status: 500, Body: graph("131000"), Class: channel.Retry, Code: "131000"},
			{Name: "unavailable", Status: 503, Body: graph("131016"), Class: channel.Retry},
			{Name: "API unknown", Status: 500, Body: graph("1"), Class: channel.Retry},
			{Name: "API service", Status: 503, Body: graph("2"), Class: channel.Retry},
			{Name: "transient", Status: 500, Body: `{"error":{"code":999,"is_transient":true}}`, Class: channel.Retry},
			{Name: "new code on 5xx", Status: 500, Body: graph("999"), Class: channel.Unknown},
			{Name: "5xx, no body", Status: 502, Class: channel.Unknown, Code: "502"},
			{Name: "5xx, a page", Status: 504, Body: "<html>", Class: channel.Unknown},
			{Name: "window", Status: 400, Body: graph("131047"), Class: channel.Permanent, Code: "131047"},
			{Name: "undeliverable", Status: 400, Body: graph("131026"), Class: channel.Permanent},
			{Name: "opted out", Status: 400, Body: graph("131050"), Class: channel.Permanent},
			{Name: "user id not allowed", Status: 400, Body: graph("131062"), Class: channel.Permanent},
			{Name: "parameter", Status: 400, Body: graph("131009"), Class: channel.Permanent},
			{Name: "identity changed", Status: 400, Body: graph("137000"), Class: channel.Permanent},
			{Name: "code as a string", Status: 400, Body: graph(`"131026"`), Class: channel.Permanent, Code: "131026"},
			{Name: "token", Status: 401, Body: graph("190"), Class: channel.Blocked, Code: "190"},
			{Name: "token quoted", Status: 400, Body: `{"error":{"code":190,"message":"Malformed access token made-up-graph-token"}}`, Class: channel.Blocked},
			{Name: "permission", Status: 403, Body: graph("200"), Class: channel.Blocked},
			{Name: "number unknown", Status: 400, Body: `{"error":{"code":100,"error_subcode":33}}`, Class: channel.Blocked},
			{Name: "locked", Status: 400, Body: graph("131031"), Class: channel.Blocked},
			{Name: "payment", Status: 400, Body: graph("131042"), Class: channel.Blocked},
			{Name: "no code, 401", Status: 401, Class: channel.Blocked},
			{Name: "no code, 429", Status: 429, Class: channel.Throttled, Wait: 7 * time.Second, Header: map[string]string{"Retry-After": "7"}},
			{Name: "no code, 404", Status: 404, Class: channel.Permanent},
			{Name: "error in a 200", Status: 200, Body: graph("131026"), Class: channel.Permanent},
		},
		Opens: []channeltest.OpenCase{
			{Name: "typed", Address: "+44 (7700) 900-123", Key: "106540352242922:447700900123", With: mara},
			{Name: "typed with 00", Address: "00447700900123", Key: "106540352242922:447700900123", With: mara},
			{Name: "digits", Address: "447700900123", Key: "106540352242922:447700900123", With: mara},
			{Name: "known", Known: rui, Key: "106540352242922:" + rui.ID, With: rui},
			{Name: "user id typed", Address: rui.ID, Key: "106540352242922:" + rui.ID, With: rui},
			{Name: "typed before known", Address: "+447700900123", Known: rui, Key: "106540352242922:447700900123", With: mara},
			{Name: "national form", Address: "07700 900123", Refused: true},
			{Name: "too short", Address: "+4477", Refused: true},
			{Name: "a mail address", Address: "mara@mail.example", Refused: true},
			{Name: "known elsewhere", Known: message.Handle{Channel: "email", ID: "mara@mail.example"}, Refused: true},
		},
	})
}

func checkCall(t *testing.T, r channel.Reply, c channel.Call) {
	var m map[string]any
	if err := json.Unmarshal(c.Body, &m); err != nil {
		t.Fatal(err)
	}
	if c.URL != "https://graph.facebook.com/v25.0/106540352242922/messages" {
		t.Errorf("URL %s", c.URL)
	}
	if m["biz_opaque_callback_data"] != r.ID || m["messaging_product"] != "whatsapp" || m["type"] != "text" {
		t.Errorf("body %s", c.Body)
	}
	want := map[string]any{"to": nil, "recipient": nil, "recipient_type": "individual"}
	switch group := r.Thread.Extra["group_id"]; {
	case group != "":
		want["to"], want["recipient_type"] = group, "group"
	case r.To == mara:
		want["to"] = mara.ID
	default:
		want["recipient"] = r.To.ID
	}
	for k, v := range want {
		if m[k] != v {
			t.Errorf("%s is %v, want %v", k, m[k], v)
		}
	}
	if context, _ := m["context"].(map[string]any); r.Parent == "" && context != nil || r.Parent != "" && context["message_id"] != r.Parent {
		t.Errorf("context %v for parent %q", context, r.Parent)
	}
}

func FuzzRead(f *testing.F) {
	channeltest.FuzzRead(f, whatsapp.Channel{}, inbox, "testdata", "../../../events/whatsapp")
}

func TestHandshake(t *testing.T) {
	query := func(mode, token, challenge string) string {
		return url.Values{"hub.mode": {mode}, "hub.verify_token": {token}, "hub.challenge": {challenge}}.Encode()
	}
	token := live.Verify[0]
	tests := []struct {
		name, method, query string
		verify              []string
		is                  bool
		status              int
	}{
		{"right", "GET", query("subscribe", token, "42"), live.Verify, true, 200},
		{"rotating", "GET", query("subscribe", token, "42"), []string{"newer", token}, true, 200},
		{"wrong token", "GET", query("subscribe", "guess", "42"), live.Verify, true, 403},
		{"no token given", "GET", query("subscribe", "", "42"), live.Verify, true, 403},
		{"no token configured", "GET", query("subscribe", token, "42"), nil, true, 403},
		{"empty against empty", "GET", query("subscribe", "", "42"), []string{""}, true, 403},
		{"other mode", "GET", query("unsubscribe", token, "42"), live.Verify, true, 403},
		{"no challenge", "GET", query("subscribe", token, ""), live.Verify, true, 403},
		{"broken query", "GET", "hub.mode=%zz", live.Verify, true, 403},
		{"a delivery", "POST", query("subscribe", token, "42"), live.Verify, false, 0},
		{"a visitor", "GET", "", live.Verify, false, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := channel.Secrets{Sign: live.Sign, Verify: tt.verify}
			got, is := whatsapp.Channel{}.Handshake(inbox, s, channel.Request{Method: tt.method, Query: tt.query})
			if is != tt.is || got.Status != tt.status {
				t.Fatalf("answer %d, %t; want %d, %t", got.Status, is, tt.status, tt.is)
			}
			if (got.Status == 200) != (string(got.Body) == "42") {
				t.Errorf("body %q with status %d", got.Body, got.Status)
			}
		})
	}
}

func TestSignHandshake(t *testing.T) {
	saved := channel.Request{Method: "GET", Query: "hub.mode=subscribe&hub.challenge=7&hub.verify_token=old"}
	signed, err := whatsapp.Channel{}.Sign(inbox, live, saved, noon)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := (whatsapp.Channel{}).Handshake(inbox, live, signed); got.Status != 200 || string(got.Body) != "7" {
		t.Errorf("newly signed, the handshake is answered with %d %q", got.Status, got.Body)
	}
	if _, err := (whatsapp.Channel{}).Sign(inbox, channel.Secrets{}, saved, noon); err == nil {
		t.Error("signed without a verify token")
	}
}

func TestWindow(t *testing.T) {
	th := thread(mara)
	tests := []struct {
		after time.Duration
		want  channel.WindowState
	}{
		{0, channel.WindowOpen},
		{24*time.Hour - time.Second, channel.WindowOpen},
		{24 * time.Hour, channel.WindowTemplate},
		{9 * 24 * time.Hour, channel.WindowTemplate},
	}
	for _, tt := range tests {
		w := whatsapp.Channel{}.Window(th, th.LastInbound.Add(tt.after))
		if w.State != tt.want {
			t.Errorf("%s after the last message the window is %s, want %s", tt.after, w.State, tt.want)
		}
		if w.State == channel.WindowOpen && !w.Until.Equal(th.LastInbound.Add(24*time.Hour)) {
			t.Errorf("open until %s", w.Until)
		}
	}
	if w := (whatsapp.Channel{}).Window(channel.Thread{}, noon); w.State != channel.WindowTemplate || w.Why == "" {
		t.Errorf("before the customer's first message: %+v", w)
	}
}

// A character beyond the basic plane counts as the two units it takes.
func TestMeasure(t *testing.T) {
	measure := whatsapp.Channel{}.Limits(message.Private).Measure
	for text, want := range map[string]int{"": 0, "abc": 3, "é": 1, "😟": 2, "\xff": 1} {
		if got := measure(text); got != want {
			t.Errorf("%q measures %d, want %d", text, got, want)
		}
	}
}

// One person, first with the number alone, then with both names, then hidden:
// the handle stays with the number, and Also ties the user id to it.
func TestOnePersonTwoNames(t *testing.T) {
	body := func(from, userID string) string {
		var m []string
		if from != "" {
			m = append(m, `"from":"`+from+`"`)
		}
		if userID != "" {
			m = append(m, `"from_user_id":"`+userID+`"`)
		}
		return `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{
			"metadata":{"phone_number_id":"106540352242922"},
			"messages":[{` + strings.Join(m, ",") + `,"id":"wamid.1","timestamp":"1795168800","type":"text","text":{"body":"hi"}}]}}]}]}`
	}
	read := func(from, userID string) message.Message {
		t.Helper()
		items := whatsapp.Channel{}.Read(inbox, message.Envelope{Body: []byte(body(from, userID)), ReceivedAt: noon})
		if len(items) != 1 || items[0].Message == nil {
			t.Fatalf("items %+v", items)
		}
		return *items[0].Message
	}
	phone, both, hidden := read("447700900123", ""), read("447700900123", "GB.1"), read("", "GB.1")
	if phone.Author.Handle != both.Author.Handle || phone.Thread != both.Thread {
		t.Errorf("with the user id beside the number the person is another: %v, %v", phone.Author.Handle, both.Author.Handle)
	}
	if len(both.Also) != 1 || both.Also[0] != hidden.Author.Handle {
		t.Errorf("%v is not tied to %v", both.Also, hidden.Author.Handle)
	}
	if both.Extra["user_id"] != "GB.1" || both.Extra["phone"] != "447700900123" || hidden.Extra["phone"] != "" {
		t.Errorf("extra %v, %v", both.Extra, hidden.Extra)
	}
}

// A stamp from the future must not keep the 24 hours open for longer.
func TestStampsFarAheadGiveWayToArrival(t *testing.T) {
	for ahead, want := range map[time.Duration]time.Time{
		-time.Hour: noon.Add(-time.Hour), channel.MaxAhead: noon.Add(channel.MaxAhead), channel.MaxAhead + time.Second: noon, 9000 * time.Hour: noon,
	} {
		body := fmt.Sprintf(`{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":%q},
			"messages":[{"id":"wamid.A","from":"447700900123","timestamp":"%d","type":"text","text":{"body":"hello"}}]}}]}]}`, inbox.Account, noon.Add(ahead).Unix())
		items := whatsapp.Channel{}.Read(inbox, message.Envelope{Channel: "whatsapp", Inbox: inbox.ID, ReceivedAt: noon, Body: []byte(body)})
		if len(items) != 1 || items[0].Message == nil || !items[0].Message.SentAt.Equal(want) {
			t.Errorf("%s ahead: %+v, want %s", ahead, items, want)
			continue
		}
		th := thread(mara)
		th.LastInbound = items[0].Message.SentAt
		if w := (whatsapp.Channel{}).Window(th, noon); w.State != channel.WindowOpen || w.Until.After(noon.Add(24*time.Hour+channel.MaxAhead)) {
			t.Errorf("%s ahead: the window is %+v", ahead, w)
		}
	}
}
