package local_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ines/shared/channel"
	"ines/shared/channel/registry"
	"ines/shared/docket"
	"ines/shared/lambdahttp"
	"ines/shared/secret"
)

// saved is a saved event of a channel as the platform might send it now, with some
// words of its body in place of others.
func (d target) saved(name string, instead ...string) delivery {
	d.Helper()
	e, r, err := lambdahttp.Load(filepath.Join("../../events", name))
	if err != nil {
		d.Fatal(err)
	}
	inbox := filepath.Base(e.RawPath)
	in, ok := d.desk.Inbox(inbox)
	if !ok {
		d.Fatalf("the sample desk has no inbox %s", inbox)
	}
	ch, _ := registry.Find(in.Channel)
	alive := ch.(channel.Saved)
	keys, err := d.secrets.Values(d.Context(), secret.Sign, inbox)
	if err != nil {
		d.Fatal(err)
	}
	at := docket.InboxAt(in, d.url)
	req := channel.Request{Method: r.Method, Query: r.Query, Header: r.Header, Body: []byte(strings.NewReplacer(instead...).Replace(string(r.Body)))}
	if req, err = alive.Freshen(at, req, time.Now()); err != nil {
		d.Fatal(err)
	}
	if req, err = alive.Sign(at, channel.Secrets{Sign: keys}, req, time.Now()); err != nil {
		d.Fatal(err)
	}
	return delivery{path: e.RawPath, header: map[string]string{}, body: req.Body}.with(req.Header)
}

// with keeps the headers that the platform sets itself.
func (w delivery) with(header map[string]string) delivery {
	for name, v := range header {
		if name == "content-type" || name == "authorization" || strings.HasPrefix(name, "x-") && !strings.HasPrefix(name, "x-forwarded") && !strings.HasPrefix(name, "x-amzn") {
			w.header[name] = v
		}
	}
	return w
}

// answer claims a channel's only case and replies in it.
func (d target) answer(text string) (id string) {
	d.Helper()
	id = d.only().ID
	d.must("POST", "/api/cases/"+id+"/claim", "{}", nil)
	d.must("POST", "/api/cases/"+id+"/replies", `{"text":"`+text+`"}`, nil)
	d.settle()
	return id
}

// A message of each platform opens a case, and the answer goes out in the
// platform's own shape, to where the message came from.
func TestChatsAreAnswered(t *testing.T) {
	for event, want := range map[string]struct{ url, body string }{
		"telegram/private_text.json":  {"https://api.telegram.org/bot", `"reply_parameters":{"message_id":41`},
		"slack/channel_message.json":  {"https://slack.com/api/chat.postMessage", `"thread_ts":"1795168800.000100"`},
		"slack/slash_command.json":    {"https://slack.com/api/chat.postMessage", `"channel":"U02MARAQ7"`},
		"line/text.json":              {"https://api.line.me/v2/bot/message/reply", `"replyToken":"`},
		"sms/text.json":               {"https://api.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages.json", "To=%2B447700900123"},
		"sms/whatsapp_text.json":      {"https://api.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages.json", "To=whatsapp%3A%2B447700900123"},
		"telegram/group_mention.json": {"https://api.telegram.org/bot", `"chat_id":-1002094417735`},
	} {
		t.Run(event, func(t *testing.T) {
			d, _ := serve(t, t.TempDir())
			d.deliver(d.saved(event), d.saved(event))
			d.settle()
			id := d.answer("We are on it.")
			calls := d.sent()
			if len(calls) != 1 || calls[0].Method != http.MethodPost || !strings.HasPrefix(calls[0].URL, want.url) || calls[0].Status/100 != 2 || !strings.Contains(calls[0].Body, want.body) {
				t.Errorf("sent: %+v", calls)
			}
			if got := kinds(d.timeline(id)); !contains(got, "reply_sent") {
				t.Errorf("timeline: %v", got)
			}
			if o := d.balanced(); o.Outcomes["filed"] != 1 || o.Outcomes["duplicate"] != 1 {
				t.Errorf("outcomes: %v", o.Outcomes)
			}
		})
	}
}

// The platform took the answer and its word got lost. Slack and Twilio are asked;
// LINE gets a push again under its retry key and says that it had it. Telegram can't
// be asked: a person has to know.
func TestChatsSayItOnce(t *testing.T) {
	for event, want := range map[string]struct {
		channel, kind  string
		posts, lookups int
	}{
		"telegram/private_text.json": {"telegram", "reply_unconfirmed", 1, 0},
		"slack/channel_message.json": {"slack", "reply_sent", 1, 1},
		"line/text.json":             {"line", "reply_sent", 2, 0},
		"sms/text.json":              {"sms", "reply_sent", 1, 1},
	} {
		t.Run(want.channel, func(t *testing.T) {
			d, _ := serve(t, t.TempDir())
			d.deliver(d.saved(event))
			d.settle()
			d.advance("2m") // LINE's reply token is gone
			d.must("POST", "/local/faults", `{"channel":"`+want.channel+`","drop_after_accept":true}`, nil)
			id := d.answer("We are on it.")
			d.advance("2m")
			lookups, keys := 0, map[string]bool{}
			for _, c := range d.sent() {
				if c.Method == http.MethodGet {
					lookups++
				}
				keys[c.Headers["X-Line-Retry-Key"]] = true
			}
			if posts(d, -1) != want.posts || lookups < want.lookups || len(keys) != 1 {
				t.Errorf("sent: %+v", d.sent())
			}
			if got := kinds(d.timeline(id)); !contains(got, want.kind) {
				t.Errorf("timeline: %v", got)
			}
			d.balanced()
		})
	}
}

// STOP closes the conversation and opens no case; START opens it again. A blocked
// bot and an unfollowed account are the same.
func TestChatsHonourConsent(t *testing.T) {
	for said, events := range map[string][]string{
		"sms/text.json":              {"sms/stop.json", "sms/stop_and_start.json"},
		"telegram/private_text.json": {"telegram/blocked_the_bot.json", "telegram/unblocked_the_bot.json"},
		"line/text.json":             {"line/unfollow.json", "line/unfollow_and_back.json"},
	} {
		t.Run(filepath.Dir(said), func(t *testing.T) {
			d, _ := serve(t, t.TempDir())
			d.deliver(d.saved(said))
			d.settle()
			d.deliver(d.saved(events[0]))
			d.settle()
			id := d.only().ID
			d.must("POST", "/api/cases/"+id+"/claim", "{}", nil)
			var refusal struct{ Code string }
			if status := d.call("POST", "/api/cases/"+id+"/replies", `{"text":"Hello."}`, &refusal); status != http.StatusConflict || refusal.Code != "window-closed" {
				t.Errorf("after %s: %d %s", events[0], status, refusal.Code)
			}
			d.advance("1m")
			d.deliver(d.saved(events[1]))
			d.settle()
			d.must("POST", "/api/cases/"+id+"/replies", `{"text":"Hello."}`, nil)
			d.settle()
			if posts(d, -1) != 1 {
				t.Errorf("sent: %+v", d.sent())
			}
			d.balanced()
		})
	}
}

// A call can't be answered in writing; the caller's number can.
func TestACallerIsAnsweredBySMS(t *testing.T) {
	d, _ := serve(t, t.TempDir())
	d.deliver(d.saved("voice/incoming_call.json"), d.saved("voice/call_completed.json"), d.saved("voice/recording.json"), d.saved("voice/transcription.json"))
	d.settle()
	id := d.only().ID
	if got := texts(d.timeline(id)); len(got) != 4 || !strings.Contains(strings.Join(got, "|"), "my suitcase did not come off") {
		t.Errorf("timeline: %q", got)
	}
	d.must("POST", "/api/cases/"+id+"/claim", "{}", nil)
	var refusal struct {
		Code         string
		Alternatives []map[string]string
	}
	if status := d.call("POST", "/api/cases/"+id+"/replies", `{"text":"Hello."}`, &refusal); status != http.StatusConflict || len(refusal.Alternatives) == 0 ||
		refusal.Alternatives[0]["channel"] != "sms" || refusal.Alternatives[0]["address"] != "+447700900123" {
		t.Errorf("%d %+v", status, refusal)
	}
	d.must("POST", "/api/cases/"+id+"/private", `{"channel":"sms","text":"We have found your suitcase."}`, nil)
	d.settle()
	calls := d.sent()
	if len(calls) != 1 || !strings.Contains(calls[0].Body, "To=%2B447700900123") || !strings.Contains(calls[0].Body, "From=%2B442071838750") {
		t.Errorf("sent: %+v", calls)
	}
	d.balanced()
}
