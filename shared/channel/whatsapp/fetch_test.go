package whatsapp_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"ines/shared/channel"
	"ines/shared/channel/whatsapp"
	"ines/shared/message"
)

// graph answers the question for a file's address.
type graph struct {
	status int
	body   string
	asked  []*http.Request
}

func (g *graph) RoundTrip(r *http.Request) (*http.Response, error) {
	g.asked = append(g.asked, r)
	return &http.Response{StatusCode: g.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(g.body)), Request: r}, nil
}

func TestLocate(t *testing.T) {
	picture := message.Attachment{Type: "image", Ref: "1037543291543636"}
	file := func(address string) string {
		return `{"url":"` + address + `","mime_type":"image/jpeg","id":"1037543291543636"}`
	}
	tests := []struct {
		name   string
		a      message.Attachment
		status int
		body   string
		url    string // "" means refused
		class  channel.Class
	}{
		{"a picture", picture, 200, file("https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&ext=2&hash=A"), "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&ext=2&hash=A", ""},
		{"another host of Meta's", picture, 200, file("https://mmg.whatsapp.net/a"), "https://mmg.whatsapp.net/a", ""},
		{"somebody else's host", picture, 200, file("https://fbsbx.com.thief.example/a"), "", channel.Permanent},
		{"a host that ends alike", picture, 200, file("https://notfbsbx.com/a"), "", channel.Permanent},
		{"in the clear", picture, 200, file("http://lookaside.fbsbx.com/a"), "", channel.Permanent},
		{"no address", picture, 200, `{"id":"1"}`, "", channel.Permanent},
		{"expired", picture, 404, `{"error":{"code":100,"error_subcode":33}}`, "", channel.Permanent},
		{"too many", picture, 400, `{"error":{"code":80007}}`, "", channel.Throttled},
		{"token", picture, 401, `{"error":{"code":190}}`, "", channel.Blocked},
		{"a place", message.Attachment{Type: "location", URL: "geo:1,2"}, 500, "", "", channel.Permanent},
		{"nothing to fetch", message.Attachment{Type: "unsupported", Ref: "wamid.A"}, 500, "", "", channel.Permanent},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := &graph{status: tt.status, body: tt.body}
			o := channel.Outlet{HTTP: &http.Client{Transport: g}, Inbox: inbox, Token: "made-up-token"}
			req, err := whatsapp.Channel{}.Locate(t.Context(), o, tt.a)
			if tt.url == "" {
				if err == nil || channel.AsSendError(err).Class != tt.class {
					t.Fatalf("%v, %v; want %s", req, err, tt.class)
				}
				return
			}
			if err != nil || req.URL.String() != tt.url || req.Header.Get("Authorization") != "Bearer made-up-token" {
				t.Fatalf("%+v, %v", req, err)
			}
			if q := g.asked[0].URL; q.Path != "/v25.0/"+tt.a.Ref || q.Query().Get("phone_number_id") != inbox.Account {
				t.Errorf("asked %s", q)
			}
		})
	}
}

// The emulator knows both halves, and only with a token.
func TestEmulatedFile(t *testing.T) {
	var calls []channel.Call
	client := &http.Client{Transport: emulated(func(r *http.Request) channel.CallAnswer {
		c := channel.Call{Inbox: inbox.ID, Method: r.Method, URL: r.URL.String(), Header: r.Header}
		a, known := whatsapp.Channel{}.Emulate(c, calls)
		if !known {
			t.Fatalf("unknown: %s", c.URL)
		}
		calls = append(calls, c)
		return a
	})}
	o := channel.Outlet{HTTP: client, Inbox: inbox, Token: "t"}
	req, err := whatsapp.Channel{}.Locate(t.Context(), o, message.Attachment{Type: "image", Ref: "77"})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 || !strings.HasPrefix(string(body), "\x89PNG") {
		t.Errorf("%d %q %v", resp.StatusCode, body, err)
	}
	req.Header.Del("Authorization")
	if resp, err := client.Do(req); err != nil || resp.StatusCode != 401 {
		t.Errorf("without a token: %+v, %v", resp, err)
	}
}

type emulated func(*http.Request) channel.CallAnswer

func (e emulated) RoundTrip(r *http.Request) (*http.Response, error) {
	a := e(r)
	return &http.Response{StatusCode: a.Status, Header: a.Header, Body: io.NopCloser(strings.NewReader(string(a.Body))), Request: r}, nil
}
