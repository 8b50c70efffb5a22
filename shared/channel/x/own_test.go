package x_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"ines/shared/channel"
	"ines/shared/channel/x"
	"ines/shared/message"
	"ines/shared/verify"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func TestHandshake(t *testing.T) {
	s := channel.Secrets{Sign: []string{"not-a-real-consumer-secret", "another"}}
	resp, ok := x.Channel{}.Handshake(inbox, s, channel.Request{Method: "GET", Query: "crc_token=challenge-0001&nonce=1"})
	want := `{"response_token":"sha256=pVovN+RyRA0MqC5uGWIQH5Dlz1Wo32Dfa2PJ1sLpyy8="}`
	if !ok || resp.Status != 200 || resp.ContentType != "application/json" || string(resp.Body) != want {
		t.Errorf("%t %d %s %s", ok, resp.Status, resp.ContentType, resp.Body)
	}
	for query, status := range map[string]int{"crc_token=": 401, "crc_token": 401} {
		if resp, ok := (x.Channel{}).Handshake(inbox, s, channel.Request{Method: "GET", Query: query}); !ok || resp.Status != status {
			t.Errorf("%q: %t %d", query, ok, resp.Status)
		}
	}
	for _, r := range []channel.Request{{Method: "GET"}, {Method: "GET", Query: "%zz"}, {Method: "POST", Query: "crc_token=a"}} {
		if _, ok := (x.Channel{}).Handshake(inbox, s, r); ok {
			t.Errorf("%+v is taken for a handshake", r)
		}
	}
}

// While X goes from one secret to the other, both are live; the newer header, if
// it is there, decides alone.
func TestVerifyNoDowngrade(t *testing.T) {
	body := []byte(`{"data":{}}`)
	s := channel.Secrets{Sign: []string{"consumer", "client"}}
	sig := func(secret string) string { return verify.SignHMACSHA256Base64("sha256=", body, secret) }
	const older, newer = "x-twitter-webhooks-signature", "x-twitter-webhooks-signature-oauth2"
	tests := []struct {
		name   string
		header map[string]string
		good   bool
	}{
		{"older, consumer", map[string]string{older: sig("consumer")}, true},
		{"older, client", map[string]string{older: sig("client")}, true},
		{"newer, client", map[string]string{newer: sig("client")}, true},
		{"both", map[string]string{older: sig("consumer"), newer: sig("client")}, true},
		{"newer good, older bad", map[string]string{older: "sha256=", newer: sig("client")}, true},
		{"newer bad, older good", map[string]string{older: sig("consumer"), newer: sig("thief")}, false},
		{"newer empty, older good", map[string]string{older: sig("consumer"), newer: ""}, false},
		{"neither", nil, false},
	}
	for _, tt := range tests {
		err := x.Channel{}.Verify(inbox, s, channel.Request{Method: "POST", Header: tt.header, Body: body}, noon)
		if (err == nil) != tt.good {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestWindow(t *testing.T) {
	summoned := channel.Thread{Visibility: message.Public, Extra: map[string]string{"summoned": "true"}}
	if w := (x.Channel{}).Window(summoned, noon); w.State != channel.WindowOpen || !w.Until.IsZero() {
		t.Errorf("summoned: %+v", w)
	}
	if w := (x.Channel{}).Window(channel.Thread{Visibility: message.Public}, noon); w.State != channel.WindowClosed || !strings.Contains(w.Why, "direct message") {
		t.Errorf("not summoned: %+v", w)
	}
	if w := (x.Channel{}).Window(channel.Thread{Visibility: message.Private}, noon); w.State != channel.WindowOpen {
		t.Errorf("private: %+v", w)
	}
}

// answers is a platform that gives one answer after the other.
type answers []string

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	if len(*a) == 0 {
		return nil, errors.New("asked once too often: " + r.URL.String())
	}
	body := (*a)[0]
	*a = (*a)[1:]
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

func TestLookup(t *testing.T) {
	found := func(id, text, parent, at string) string {
		raw, err := json.Marshal(map[string]any{"id": id, "text": text, "created_at": at, "referenced_tweets": []any{map[string]string{"type": "replied_to", "id": parent}}})
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	page := func(next string, posts ...string) string {
		return fmt.Sprintf(`{"data":[%s],"meta":{"next_token":%q}}`, strings.Join(posts, ","), next)
	}
	now, before := "2026-11-20T12:00:01.000Z", "2026-11-20T10:00:00.000Z"
	reply := channel.Reply{Parent: "7", Text: "Sorry & thanks:  https://northline.com/help ^Ines", Thread: channel.Thread{Visibility: message.Public}}
	asX := "@marek_on_rails Sorry &amp; thanks: https://t.co/abc ^Ines"
	tests := []struct {
		name  string
		pages answers
		id    string
		fails bool
	}{
		{"as X shows it", answers{page("", found("9", "hello", "7", now), found("10", asX, "7", now))}, "10", false},
		{"on the second page", answers{page("n", found("9", "hello", "7", now)), page("", found("10", asX, "7", now))}, "10", false},
		{"answers another post", answers{page("", found("10", asX, "8", now))}, "", false},
		{"an older twin", answers{page("n", found("10", asX, "7", before))}, "", false},
		{"nothing", answers{`{"meta":{"result_count":0}}`}, "", false},
		{"never an end", answers{page("n"), page("n"), page("n"), page("n"), page("n")}, "", true},
		{"no JSON", answers{"<html>"}, "", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := channel.Outlet{HTTP: &http.Client{Transport: &tt.pages}, Inbox: inbox, Token: "t"}
			got, ok, err := x.Channel{}.Lookup(t.Context(), o, reply, noon)
			if got.ID != tt.id || ok != (tt.id != "") || (err != nil) != tt.fails {
				t.Errorf("%+v, %t, %v", got, ok, err)
			}
			if len(tt.pages) > 0 {
				t.Errorf("%d pages were not asked for", len(tt.pages))
			}
		})
	}
}

func TestSendCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o := channel.Outlet{HTTP: &http.Client{}, Inbox: inbox, Token: "t"}
	_, err := x.Channel{}.Send(ctx, o, channel.Reply{Parent: "7", Text: "hello", Thread: channel.Thread{Visibility: message.Public}})
	if err == nil || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkRead(b *testing.B) {
	body := []byte(`{"data":{"event_uuid":"1","filter":{"user_id":"2244994945"},"event_type":"post.mention.create","payload":{"id":"10","author_id":"11","conversation_id":"10","text":"@northline hello","lang":"en","created_at":"2026-11-20T12:00:00.000Z","display_text_range":[0,16]},"includes":{"users":[{"id":"11","name":"Marek","username":"marek","public_metrics":{"followers_count":4}}]}}}`)
	e := message.Envelope{Channel: "x", Inbox: inbox.ID, ReceivedAt: noon, Body: body}
	b.ReportAllocs()
	for b.Loop() {
		if items := (x.Channel{}).Read(inbox, e); len(items) != 1 || items[0].Message == nil {
			b.Fatal(items)
		}
	}
}

func TestStampsFarAheadGiveWayToArrival(t *testing.T) {
	for stamp, want := range map[string]time.Time{
		"2026-11-20T12:10:00.000Z": noon.Add(channel.MaxAhead), "2026-11-20T12:10:01.000Z": noon, "2031-01-01T00:00:00.000Z": noon,
	} {
		body := `{"data":{"event_uuid":"7","event_type":"post.mention.create","filter":{"user_id":"2244994945"},
			"payload":{"id":"20","author_id":"30","conversation_id":"20","text":"hello","created_at":"` + stamp + `"}}}`
		items := x.Channel{}.Read(inbox, message.Envelope{Channel: "x", Inbox: inbox.ID, ReceivedAt: noon, Body: []byte(body)})
		if len(items) != 1 || items[0].Message == nil || !items[0].Message.SentAt.Equal(want) {
			t.Errorf("%s: %+v, want %s", stamp, items, want)
		}
	}
}

// The last call of a window is answered with "none left": the inbox is then quiet
// until the window ends, and hears no refusal.
func TestPauseWhenNothingIsLeft(t *testing.T) {
	at := func(d time.Duration) string { return fmt.Sprint(noon.Add(d).Unix()) }
	tests := []struct {
		name   string
		header map[string]string
		want   time.Duration
	}{
		{"some left", map[string]string{"X-Rate-Limit-Remaining": "1", "X-Rate-Limit-Reset": at(time.Minute)}, 0},
		{"none left", map[string]string{"X-Rate-Limit-Remaining": "0", "X-Rate-Limit-Reset": at(7 * time.Minute)}, 7 * time.Minute},
		{"none left of the day", map[string]string{"X-Rate-Limit-Remaining": "0", "X-Rate-Limit-Reset": at(time.Minute), "X-App-Limit-24hour-Remaining": "0", "X-App-Limit-24hour-Reset": at(3 * time.Hour)}, 3 * time.Hour},
		{"over already", map[string]string{"X-Rate-Limit-Remaining": "0", "X-Rate-Limit-Reset": at(-time.Minute)}, 0},
		{"not said when", map[string]string{"X-Rate-Limit-Remaining": "0"}, 0},
		{"nothing said", nil, 0},
	}
	for _, private := range []bool{false, true} {
		for _, tt := range tests {
			r := channel.Reply{Parent: "7", Text: "hello", To: message.Handle{Channel: "x", ID: "9"}, Thread: channel.Thread{Visibility: message.Public}}
			if private {
				r.Thread.Visibility = message.Private
			}
			h := http.Header{"Date": {noon.Format(http.TimeFormat)}}
			for k, v := range tt.header {
				h.Set(k, v)
			}
			o := channel.Outlet{HTTP: &http.Client{Transport: headed(h)}, Inbox: inbox, Token: "t"}
			got, err := x.Channel{}.Send(t.Context(), o, r)
			if err != nil || got.Pause != tt.want {
				t.Errorf("%s: pause %s, %v; want %s", tt.name, got.Pause, err, tt.want)
			}
		}
	}
}

type headed http.Header

func (h headed) RoundTrip(r *http.Request) (*http.Response, error) {
	body := `{"data":{"id":"1","dm_event_id":"2","dm_conversation_id":"1-2"}}`
	return &http.Response{StatusCode: 201, Header: http.Header(h), Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}
