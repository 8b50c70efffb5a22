package telegram_test

import (
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ines/shared/channel"
	"ines/shared/channel/channeltest"
	"ines/shared/channel/telegram"
	"ines/shared/message"

	"github.com/go-telegram/bot/models"
)

const token = "7012345678:made-up-telegram-bot-token"

var (
	noon  = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	inbox = channel.Inbox{ID: "northline-telegram", Channel: "telegram", Account: "7012345678"}
	live  = channel.Secrets{Sign: []string{"made-up-telegram-secret_token", "made-up-former-secret_token"}}
	mara  = message.Handle{Channel: "telegram", ID: "5203344871"}
	dirs  = []string{"testdata", "../../../events/telegram"}
)

func reply(id, thread, parent, text string, extra map[string]string) channel.Reply {
	v := message.Private
	if strings.HasPrefix(thread, "-") {
		v = message.Public
	}
	return channel.Reply{ID: id, Thread: channel.Thread{Channel: "telegram", Inbox: inbox.ID, Key: thread, Visibility: v, With: mara, LastInbound: noon.Add(-time.Hour), Extra: extra},
		To: mara, Parent: parent, Text: text}
}

func refusal(code int, words, parameters string) string {
	raw, _ := json.Marshal(words)
	if parameters != "" {
		parameters = `,"parameters":` + parameters
	}
	return `{"ok":false,"error_code":` + json.Number(itoa(code)).String() + `,"description":` + string(raw) + parameters + `}`
}

func itoa(n int) string { raw, _ := json.Marshal(n); return string(raw) }

func TestConformance(t *testing.T) {
	type errorCase = channeltest.ErrorCase
	channeltest.Run(t, telegram.Channel{}, channeltest.Config{
		Inbox: inbox, Secrets: live, BodyUnsigned: true, Dirs: dirs, Token: token, Credential: token,
		Sends: []channeltest.Send{
			{Name: "answer", Reply: reply("r1", "5203344871", "5203344871/41", "It comes with NL208 tonight. ^Ines", nil)},
			{Name: "first", Reply: reply("r2", "5203344871", "", "We found it. ^Ines", nil)},
			{Name: "in a group", Reply: reply("r3", "-1002094417735", "-1002094417735/9120", "NL318 leaves at 21:40. ^Ines", nil)},
			{Name: "in a topic", Reply: reply("r4", "-1002094417735:31", "-1002094417735/9130", "Gate 9. ^Ines", map[string]string{"topic": "31"})},
			{Name: "in a channel's direct messages", Reply: reply("r5", "-1002555000222:6118820034", "-1002555000222/12", "Here. ^Ines", map[string]string{"direct_topic": "6118820034"})},
			{Name: "for a business", Reply: reply("r6", "5203344871", "5203344871/301", "Yes. ^Ines", map[string]string{"business_connection_id": "bc_9f31"})},
		},
		Check: checkCall,
		Errors: []errorCase{
			{Name: "flood", Status: 429, Body: refusal(429, "Too Many Requests: retry after 17", `{"retry_after":17}`), Class: channel.Throttled, Wait: 17 * time.Second, Code: "429"},
			{Name: "flood, by header", Status: 429, Header: map[string]string{"Retry-After": "3"}, Class: channel.Throttled, Wait: 3 * time.Second},
			{Name: "flood, for ever", Status: 429, Body: refusal(429, "Too Many Requests", `{"retry_after":99999999999}`), Class: channel.Throttled, Wait: 24 * time.Hour},
			{Name: "blocked by the user", Status: 403, Body: refusal(403, "Forbidden: bot was blocked by the user", ""), Class: channel.Permanent, Code: "403"},
			{Name: "kicked", Status: 403, Body: refusal(403, "Forbidden: bot was kicked from the supergroup chat", ""), Class: channel.Permanent},
			{Name: "deactivated", Status: 403, Body: refusal(403, "Forbidden: user is deactivated", ""), Class: channel.Permanent},
			{Name: "no chat", Status: 400, Body: refusal(400, "Bad Request: chat not found", ""), Class: channel.Permanent, Code: "400"},
			{Name: "too long", Status: 400, Body: refusal(400, "Bad Request: message is too long", ""), Class: channel.Permanent},
			{Name: "token", Status: 401, Body: refusal(401, "Unauthorized", ""), Class: channel.Blocked, Code: "401"},
			{Name: "no such bot", Status: 404, Body: refusal(404, "Not Found", ""), Class: channel.Blocked},
			{Name: "token quoted", Status: 401, Body: refusal(401, "Unauthorized: "+token, ""), Class: channel.Blocked},
			{Name: "internal", Status: 500, Body: refusal(500, "Internal Server Error", ""), Class: channel.Retry},
			{Name: "gateway", Status: 502, Body: refusal(502, "Bad Gateway", ""), Class: channel.Unknown},
			{Name: "5xx, a page", Status: 504, Body: "<html>", Class: channel.Unknown, Code: "504"},
			{Name: "refused in a 200", Status: 200, Body: refusal(400, "Bad Request: TOPIC_CLOSED", ""), Class: channel.Permanent},
			{Name: "gone elsewhere", Status: 409, Class: channel.Permanent},
		},
		Opens: []channeltest.OpenCase{
			{Name: "known", Known: mara, Key: "5203344871", With: mara},
			{Name: "typed", Address: " 5203344871 ", Key: "5203344871", With: mara},
			{Name: "a username", Address: "@maraquill", Refused: true},
			{Name: "a group", Address: "-1002094417735", Refused: true},
			{Name: "known elsewhere", Known: message.Handle{Channel: "x", ID: "5"}, Refused: true},
		},
	})
}

func FuzzRead(f *testing.F) { channeltest.FuzzRead(f, telegram.Channel{}, inbox, dirs...) }

func checkCall(t *testing.T, r channel.Reply, c channel.Call) {
	var m map[string]any
	dec := json.NewDecoder(strings.NewReader(string(c.Body)))
	dec.UseNumber()
	if err := dec.Decode(&m); err != nil {
		t.Fatal(err)
	}
	if c.URL != "https://api.telegram.org/bot"+token+"/sendMessage" || m["parse_mode"] != nil {
		t.Errorf("%s %s", c.URL, c.Body)
	}
	chat, _, _ := strings.Cut(r.Thread.Key, ":")
	if m["chat_id"] != json.Number(chat) {
		t.Errorf("chat %v", m["chat_id"])
	}
	to, _ := m["reply_parameters"].(map[string]any)
	if _, id, ok := strings.Cut(r.Parent, "/"); ok != (to != nil) || ok && to["message_id"] != json.Number(id) {
		t.Errorf("reply_parameters %v for parent %q", to, r.Parent)
	}
	for field, key := range map[string]string{"message_thread_id": "topic", "direct_messages_topic_id": "direct_topic", "business_connection_id": "business_connection_id"} {
		want := r.Thread.Extra[key]
		got, _ := m[field].(json.Number)
		if s, ok := m[field].(string); ok {
			got = json.Number(s)
		}
		if got.String() != want {
			t.Errorf("%s is %v, want %q", field, m[field], want)
		}
	}
}

// Our fixtures are what Telegram's types allow.
func TestFixturesAreUpdates(t *testing.T) {
	for _, dir := range dirs {
		paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			base := filepath.Base(path)
			if strings.HasSuffix(base, ".items.json") || strings.HasPrefix(base, "busted_") || base == "ids_as_strings.json" {
				continue
			}
			_, r, err := channeltest.LoadEvent(path)
			if err != nil {
				t.Fatal(err)
			}
			var u models.Update
			if err := json.Unmarshal(r.Body, &u); err != nil || u.ID == 0 {
				t.Errorf("%s: update %d, %v", base, u.ID, err)
			}
		}
	}
}

// roundTrip is a platform made of answers, one after the other.
type roundTrip struct {
	answers []string
	calls   []string
	urls    []string
}

func (p *roundTrip) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	p.calls, p.urls = append(p.calls, string(body)), append(p.urls, r.URL.String())
	next := p.answers[0]
	p.answers = p.answers[1:]
	status := http.StatusOK
	var a struct {
		Code int `json:"error_code"`
	}
	if json.Unmarshal([]byte(next), &a) == nil && a.Code > 0 {
		status = a.Code
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(next)), Request: r}, nil
}

func outlet(p *roundTrip) channel.Outlet {
	return channel.Outlet{Inbox: inbox, Token: token, HTTP: &http.Client{Transport: p}}
}

// A group that became a supergroup: the message goes to the new chat, once, and
// answers to it will come under the new key.
func TestGroupMigrated(t *testing.T) {
	moved := refusal(400, "Bad Request: group chat was upgraded to a supergroup chat", `{"migrate_to_chat_id":-1002999888777}`)
	p := &roundTrip{answers: []string{moved, `{"ok":true,"result":{"message_id":5,"chat":{"id":-1002999888777}}}`}}
	got, err := telegram.Channel{}.Send(t.Context(), outlet(p), reply("r1", "-4012345", "-4012345/77", "Hello. ^Ines", nil))
	if err != nil || got.ID != "-1002999888777/5" || got.Thread != "-1002999888777" {
		t.Fatalf("%+v, %v", got, err)
	}
	if len(p.calls) != 2 || strings.Contains(p.calls[1], "reply_parameters") || !strings.Contains(p.calls[1], `"chat_id":-1002999888777`) {
		t.Errorf("calls %v", p.calls)
	}
	p = &roundTrip{answers: []string{moved, moved}}
	if _, err := (telegram.Channel{}).Send(t.Context(), outlet(p), reply("r1", "-4012345", "", "Hello. ^Ines", nil)); channel.AsSendError(err).Class != channel.Permanent || len(p.calls) != 2 {
		t.Errorf("moved twice: %v after %d calls", err, len(p.calls))
	}
}

// Telegram counts UTF-16 units: 2,048 faces are the most.
func TestCountsUTF16(t *testing.T) {
	for n, good := range map[int]bool{2048: true, 2049: false} {
		p := &roundTrip{answers: []string{`{"ok":true,"result":{"message_id":5,"chat":{"id":5203344871}}}`}}
		_, err := telegram.Channel{}.Send(t.Context(), outlet(p), reply("r1", "5203344871", "", strings.Repeat("😟", n), nil))
		if (err == nil) != good || (len(p.calls) == 1) != good {
			t.Errorf("%d faces: %v, %d calls", n, err, len(p.calls))
		}
	}
}

// Only the conversation that is full has to wait.
func TestFloodIsNarrow(t *testing.T) {
	p := &roundTrip{answers: []string{refusal(429, "Too Many Requests: retry after 17", `{"retry_after":17}`)}}
	_, err := telegram.Channel{}.Send(t.Context(), outlet(p), reply("r1", "5203344871", "", "Hello. ^Ines", nil))
	if se := channel.AsSendError(err); !se.Narrow || se.Wait != 17*time.Second {
		t.Errorf("%+v", se)
	}
}

// Who blocks the bot refuses its messages; who left a group or Telegram does not.
func TestBlockedIsRefused(t *testing.T) {
	for words, want := range map[string]bool{"Forbidden: bot was blocked by the user": true, "Forbidden: user is deactivated": false, "Forbidden: bot was kicked from the group chat": false} {
		p := &roundTrip{answers: []string{refusal(403, words, "")}}
		_, err := telegram.Channel{}.Send(t.Context(), outlet(p), reply("r1", "5203344871", "", "Hello. ^Ines", nil))
		if se := channel.AsSendError(err); se.Class != channel.Permanent || se.Refused != want {
			t.Errorf("%s: %+v", words, se)
		}
	}
}

func TestLocate(t *testing.T) {
	p := &roundTrip{answers: []string{`{"ok":true,"result":{"file_id":"A","file_path":"photos/file 7.jpg"}}`}}
	req, err := telegram.Channel{}.Locate(t.Context(), outlet(p), message.Attachment{Type: "image", Ref: "A"})
	if err != nil || req.Method != "GET" || req.URL.String() != "https://api.telegram.org/file/bot"+token+"/photos/file%207.jpg" {
		t.Fatalf("%+v, %v", req, err)
	}
	if p.urls[0] != "https://api.telegram.org/bot"+token+"/getFile" || p.calls[0] != `{"file_id":"A"}` {
		t.Errorf("asked %v %v", p.urls, p.calls)
	}
	p = &roundTrip{answers: []string{refusal(400, "Bad Request: file is too big", "")}}
	if _, err := (telegram.Channel{}).Locate(t.Context(), outlet(p), message.Attachment{Type: "video", Ref: "B"}); channel.AsSendError(err).Class != channel.Permanent {
		t.Errorf("too big: %v", err)
	}
	if _, err := (telegram.Channel{}).Locate(t.Context(), outlet(&roundTrip{}), message.Attachment{Type: "location", URL: "geo:1,2"}); channel.AsSendError(err).Class != channel.Permanent {
		t.Errorf("a place: %v", err)
	}
}
