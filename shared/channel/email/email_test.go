package email_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"ines/shared/channel"
	"ines/shared/channel/channeltest"
	"ines/shared/channel/email"
	"ines/shared/message"
)

var (
	noon  = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	inbox = channel.Inbox{ID: "northline-mail", Channel: "email", Provider: "postmark", Account: "help@northline.example", Name: "Northline"}
	live  = channel.Secrets{Sign: []string{"postmark:made-up-password", "postmark:made-up-former-password"}}
	mara  = message.Handle{Channel: "email", ID: "mara.quill@mail.example"}
)

// answer is a reply to Mara's first mail.
func answer(id string) channel.Reply {
	return channel.Reply{
		ID: id, To: mara, Parent: "1001.mail@mail.example", Text: "You are booked on NL208 at 18:40.",
		Thread: channel.Thread{
			Channel: "email", Inbox: inbox.ID, Key: "1001.mail@mail.example", Visibility: message.Private, With: mara,
			LastInbound: noon.Add(-time.Hour), LastID: "1001.mail@mail.example", Subject: "Cancelled flight NL204",
		},
	}
}

func TestConformance(t *testing.T) {
	first := channel.Reply{
		ID: "00000000000000r2", To: mara, Text: "About your call.", Subject: "Your call this morning",
		Thread: channel.Thread{Channel: "email", Inbox: inbox.ID, Visibility: message.Private, With: mara},
	}
	automatic := answer("00000000000000r3")
	automatic.Automatic = true
	automatic.ReplyTo = "help+7hd2k0qrm4v9x1za.kq3.0a1b2c@northline.example"
	automatic.Refs = []string{"1001.mail@mail.example", "00000000000000r1@northline.example", "1002.mail@mail.example"}
	automatic.Parent = "1002.mail@mail.example"
	says := func(code, words string) string { return `{"ErrorCode":` + code + `,"Message":"` + words + `"}` }
	channeltest.Run(t, email.Channel{}, channeltest.Config{
		Inbox: inbox, Secrets: live, BodyUnsigned: true, WrongSecret: "postmark:guess",
		Dirs:  []string{"testdata", "../../../events/email"},
		Token: "made-up-server-token", Credential: "made-up-server-token",
		Sends: []channeltest.Send{
			{Name: "answer", Reply: answer("00000000000000r1")},
			{Name: "first mail", Reply: first},
			{Name: "automatic answer", Reply: automatic},
		},
		Check: checkCall,
		Errors: []channeltest.ErrorCase{
			{Name: "suppressed", Status: 422, Body: says("406", "inactive"), Class: channel.Permanent, Code: "406"},
			{Name: "invalid", Status: 422, Body: says("300", "Invalid 'To' address"), Class: channel.Permanent, Code: "300"},
			{Name: "invalid sender", Status: 422, Body: says("300", "Invalid 'From' address"), Class: channel.Blocked},
			{Name: "no signature", Status: 422, Body: says("400", "Sender Signature not found"), Class: channel.Blocked},
			{Name: "no credits", Status: 422, Body: says("405", "Not allowed to send"), Class: channel.Blocked},
			{Name: "pending account", Status: 422, Body: says("412", "Account is Pending"), Class: channel.Blocked},
			{Name: "token", Status: 401, Body: says("10", "Bad token"), Class: channel.Blocked, Code: "10"},
			{Name: "too often", Status: 429, Body: says("429", "Rate Limit Exceeded"), Header: map[string]string{"Retry-After": "30"}, Class: channel.Throttled, Wait: 30 * time.Second},
			{Name: "too often, silent", Status: 429, Class: channel.Throttled, Code: "429"},
			{Name: "maintenance", Status: 503, Body: says("100", "Maintenance"), Class: channel.Retry, Code: "100"},
			{Name: "server error that names itself", Status: 500, Body: says("1234", "Sorry"), Class: channel.Retry},
			{Name: "server error", Status: 500, Class: channel.Unknown, Code: "500"},
			{Name: "gateway's page", Status: 503, Body: "<html>", Class: channel.Unknown},
			{Name: "too large", Status: 413, Class: channel.Permanent},
			{Name: "code in a 200", Status: 200, Body: says("406", "inactive"), Class: channel.Permanent, Code: "406"},
		},
		Opens: []channeltest.OpenCase{
			{Name: "typed", Address: " Mara.Quill@Mail.example ", With: mara},
			{Name: "with a name", Address: "Mara Quill <mara.quill@mail.example>", With: mara},
			{Name: "known", Known: mara, With: mara},
			{Name: "no address", Address: "Mara", Refused: true},
			{Name: "no end", Address: "Mara <mara.quill@mail.example", Refused: true},
			{Name: "more behind it", Address: "<mara.quill@mail.example> Mara", Refused: true},
			{Name: "two in one", Address: "mara@quill@mail.example", Refused: true},
			{Name: "no host", Address: "mara.quill@.example", Refused: true},
			{Name: "nobody", Address: "@mail.example", Refused: true},
			{Name: "a letter of none", Address: "mara\x01@mail.example", Refused: true},
			{Name: "a link", Address: "mailto:mara.quill@mail.example", Refused: true},
			{Name: "a quote that does not end", Address: `"mara.quill@mail.example`, Refused: true},
			{Name: "a remark", Address: "mara.quill(home)@mail.example", Refused: true},
			{Name: "no beginning", Address: "mara.quill@mail.example>", Refused: true},
			{Name: "brackets in brackets", Address: "<<mara.quill@mail.example>>", Refused: true},
			{Name: "something invisible", Address: "mara.quill@mail.example\u200b", Refused: true},
			{Name: "two addresses", Address: "a@mail.example, b@mail.example", Refused: true},
			{Name: "a line more", Address: "a@mail.example\r\nBcc: b@mail.example", Refused: true},
			{Name: "ourselves", Address: "Help+x@northline.example", Refused: true},
			{Name: "known elsewhere", Known: message.Handle{Channel: "x", ID: "1"}, Refused: true},
		},
	})
}

type sent struct {
	From, To, ReplyTo, Subject string
	Headers                    []struct{ Name, Value string }
	Metadata                   map[string]string
}

func (s sent) header(name string) string {
	for _, h := range s.Headers {
		if h.Name == name {
			return h.Value
		}
	}
	return ""
}

func checkCall(t *testing.T, r channel.Reply, c channel.Call) {
	var s sent
	if err := json.Unmarshal(c.Body, &s); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"Message-ID": "<" + r.ID + "@northline.example>", "X-PM-KeepID": "true"}
	switch r.ID {
	case "00000000000000r1":
		want["In-Reply-To"] = "<1001.mail@mail.example>"
		want["References"] = "<1001.mail@mail.example>"
	case "00000000000000r2":
		want["In-Reply-To"], want["References"] = "", ""
	case "00000000000000r3":
		want["In-Reply-To"] = "<1002.mail@mail.example>"
		want["References"] = "<1001.mail@mail.example> <00000000000000r1@northline.example> <1002.mail@mail.example>"
	}
	if r.Automatic {
		want["Auto-Submitted"], want["X-Auto-Response-Suppress"] = "auto-replied", "All"
	}
	for _, name := range []string{"Message-ID", "X-PM-KeepID", "In-Reply-To", "References", "Auto-Submitted", "X-Auto-Response-Suppress"} {
		if got := s.header(name); got != want[name] {
			t.Errorf("%s is %q, want %q", name, got, want[name])
		}
	}
	subject := "Re: Cancelled flight NL204"
	if r.Thread.Key == "" {
		subject = r.Subject
	}
	if s.Subject != subject || s.From != `"Northline" <help@northline.example>` || s.To != mara.ID || s.ReplyTo != r.ReplyTo || s.Metadata["ines_reply"] != r.ID {
		t.Errorf("sent %+v", s)
	}
}

func FuzzRead(f *testing.F) {
	channeltest.FuzzRead(f, email.Channel{}, inbox, "testdata", "../../../events/email")
}

func TestUnbuiltProvider(t *testing.T) {
	in := inbox
	in.Provider = "pigeon"
	if slices.Contains(email.Providers(), in.Provider) || !slices.Contains(email.Providers(), "postmark") {
		t.Fatalf("providers %v", email.Providers())
	}
	ch := email.Channel{}
	if err := ch.Verify(in, live, channel.Request{}, noon); err == nil {
		t.Error("verified")
	}
	items := ch.Read(in, message.Envelope{Body: []byte(`{}`), ReceivedAt: noon})
	if len(items) != 1 || items[0].Kind != message.KindUnrecognised || !strings.Contains(items[0].Reason, "pigeon") {
		t.Errorf("items %+v", items)
	}
	_, err := ch.Send(t.Context(), channel.Outlet{Inbox: in, Token: "made-up"}, answer("00000000000000r1"))
	if se := channel.AsSendError(err); se.Class != channel.Blocked || !strings.Contains(se.Error(), "postmark") {
		t.Errorf("Send: %v", se)
	}
	if _, _, err := ch.Lookup(t.Context(), channel.Outlet{Inbox: in}, answer("00000000000000r1"), noon); err == nil {
		t.Error("looked up")
	}
}
