package email_test

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"os"
	"strings"
	"testing"
	"time"

	"ines/shared/channel"
	"ines/shared/channel/channeltest"
	"ines/shared/channel/email"
	"ines/shared/message"
)

const topic = "arn:aws:sns:eu-west-1:123456789012:northline-mail"

var (
	mailgunInbox  = provided("mailgun", "northline-mailgun")
	sendgridInbox = provided("sendgrid", "northline-sendgrid")
	eventsInbox   = provided("sendgrid", "northline-sendgrid-events")
	sesInbox      = provided("ses", "northline-ses")
)

func provided(provider, id string) channel.Inbox {
	return channel.Inbox{ID: id, Channel: "email", Provider: provider, Account: "help@northline.example", Name: "Northline"}
}

// key is a made-up one of this folder.
func key(t testing.TB, file string) string {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func opens() []channeltest.OpenCase {
	return []channeltest.OpenCase{{Name: "typed", Address: "mara.quill@mail.example", With: mara}}
}

// sends are an answer, a first mail and an automatic answer from an inbox.
func sends(in channel.Inbox) []channeltest.Send {
	first := channel.Reply{
		ID: "00000000000000r2", To: mara, Text: "About your call.", Subject: "Your call this morning",
		Thread: channel.Thread{Channel: "email", Inbox: in.ID, Visibility: message.Private, With: mara},
	}
	automatic := answer("00000000000000r3")
	automatic.Automatic = true
	automatic.ReplyTo = "help+7hd2k0qrm4v9x1za.kq3.0a1b2c@northline.example"
	automatic.Refs = []string{"1001.mail@mail.example", "00000000000000r1@northline.example", "1002.mail@mail.example"}
	automatic.Parent = "1002.mail@mail.example"
	list := []channeltest.Send{{Name: "answer", Reply: answer("00000000000000r1")}, {Name: "first mail", Reply: first}, {Name: "automatic answer", Reply: automatic}}
	for i := range list {
		list[i].Reply.Thread.Inbox = in.ID
	}
	return list
}

// mailed is what any provider's call has to say.
type mailed struct {
	from, to, replyTo, subject, text, reply string
	header                                  map[string]string
}

func (m mailed) check(t *testing.T, r channel.Reply) {
	t.Helper()
	want := map[string]string{"X-Ines-Reply": r.ID}
	switch r.ID {
	case "00000000000000r1":
		want["In-Reply-To"], want["References"] = "<1001.mail@mail.example>", "<1001.mail@mail.example>"
	case "00000000000000r3":
		want["In-Reply-To"] = "<1002.mail@mail.example>"
		want["References"] = "<1001.mail@mail.example> <00000000000000r1@northline.example> <1002.mail@mail.example>"
		want["Auto-Submitted"], want["X-Auto-Response-Suppress"] = "auto-replied", "All"
	}
	for _, name := range []string{"In-Reply-To", "References", "Auto-Submitted", "X-Auto-Response-Suppress", "X-Ines-Reply"} {
		if m.header[name] != want[name] {
			t.Errorf("%s is %q, want %q", name, m.header[name], want[name])
		}
	}
	subject := "Re: Cancelled flight NL204"
	if r.Thread.Key == "" {
		subject = r.Subject
	}
	if m.from != `"Northline" <help@northline.example>` || m.to != mara.ID || m.subject != subject || m.text != r.Text || m.replyTo != r.ReplyTo || m.reply != r.ID {
		t.Errorf("sent %+v", m)
	}
}

func TestMailgun(t *testing.T) {
	says := func(words string) string { return `{"message":"` + words + `"}` }
	channeltest.Run(t, email.Channel{}, channeltest.Config{
		Inbox: mailgunInbox, Dirs: []string{"testdata/mailgun"}, Golden: "testdata/mailgun", Opens: opens(),
		Secrets: channel.Secrets{Sign: []string{"made-up-webhook-signing-key", "made-up-former-signing-key"}}, BodyUnsigned: true, InBody: true,
		Token: "eu:mg.northline.example:made-up-api-key", NeverMissing: true,
		Sends: sends(mailgunInbox),
		Check: func(t *testing.T, r channel.Reply, c channel.Call) {
			if c.URL != "https://api.eu.mailgun.net/v3/mg.northline.example/messages" || c.Header.Get("Authorization") != "Basic YXBpOm1hZGUtdXAtYXBpLWtleQ==" {
				t.Errorf("%s with %s", c.URL, c.Header.Get("Authorization"))
			}
			f := fields(t, c)
			m := mailed{from: f["from"], to: f["to"], subject: f["subject"], text: f["text"], replyTo: f["h:Reply-To"], reply: f["v:ines_reply"], header: map[string]string{}}
			for name, v := range f {
				if h, ok := strings.CutPrefix(name, "h:"); ok {
					m.header[h] = v
				}
			}
			if m.header["Message-Id"] != "<"+r.ID+"@northline.example>" || f["o:tracking"] != "no" {
				t.Errorf("fields %v", f)
			}
			m.check(t, r)
		},
		Errors: []channeltest.ErrorCase{
			{Name: "invalid", Status: 400, Body: says("'to' parameter is not a valid address"), Class: channel.Permanent, Code: "400"},
			{Name: "our domain", Status: 400, Body: says("Domain mg.northline.example is not allowed to send"), Class: channel.Blocked},
			{Name: "no such domain", Status: 404, Body: says("Domain not found"), Class: channel.Blocked},
			{Name: "key", Status: 401, Body: "Forbidden", Class: channel.Blocked, Code: "401"},
			{Name: "forbidden", Status: 403, Class: channel.Blocked},
			{Name: "payment", Status: 402, Class: channel.Blocked},
			{Name: "too large", Status: 413, Class: channel.Permanent},
			{Name: "too often", Status: 429, Header: map[string]string{"Retry-After": "20"}, Class: channel.Throttled, Wait: 20 * time.Second},
			{Name: "too often, by its window", Status: 429, Header: map[string]string{"Date": "Fri, 20 Nov 2026 12:00:00 GMT", "X-RateLimit-Reset": "1795176030000"}, Class: channel.Throttled, Wait: 30 * time.Second},
			{Name: "server error", Status: 500, Body: says("Internal Server Error"), Class: channel.Retry},
			{Name: "unavailable", Status: 503, Class: channel.Retry},
			{Name: "gateway", Status: 502, Body: "<html>", Class: channel.Unknown},
			{Name: "gateway's time", Status: 504, Class: channel.Unknown},
		},
	})
}

// fields are a multipart call's.
func fields(t *testing.T, c channel.Call) map[string]string {
	t.Helper()
	_, params, err := mime.ParseMediaType(c.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	r := multipart.NewReader(bytes.NewReader(c.Body), params["boundary"])
	for {
		p, err := r.NextPart()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		v, err := io.ReadAll(p)
		if err != nil {
			t.Fatal(err)
		}
		out[p.FormName()] = string(v)
	}
}

func sendgridCheck(t *testing.T, r channel.Reply, c channel.Call) {
	type address struct{ Email, Name string }
	var s struct {
		Personalizations []struct{ To []address }
		From             address
		ReplyTo          address `json:"reply_to"`
		Subject          string
		Content          []struct{ Type, Value string }
		Headers          map[string]string
		CustomArgs       map[string]string `json:"custom_args"`
	}
	if err := json.Unmarshal(c.Body, &s); err != nil || len(s.Personalizations) != 1 || len(s.Content) != 1 {
		t.Fatalf("%v: %s", err, c.Body)
	}
	if s.Content[0].Type != "text/plain" || s.Headers["Message-ID"] != "<"+r.ID+"@northline.example>" {
		t.Errorf("sent %s", c.Body)
	}
	mailed{from: `"` + s.From.Name + `" <` + s.From.Email + `>`, to: s.Personalizations[0].To[0].Email, replyTo: s.ReplyTo.Email, subject: s.Subject,
		text: s.Content[0].Value, reply: s.CustomArgs["ines_reply"], header: s.Headers}.check(t, r)
}

func sendgridErrors() []channeltest.ErrorCase {
	says := func(words string) string {
		return `{"errors":[{"message":"` + words + `","field":"from","help":null}]}`
	}
	return []channeltest.ErrorCase{
		{Name: "invalid", Status: 400, Body: says("Does not contain a valid address."), Class: channel.Permanent, Code: "400"},
		{Name: "key", Status: 401, Body: says("authorization required"), Class: channel.Blocked},
		{Name: "sender not verified", Status: 403, Body: says("The from address does not match a verified Sender Identity."), Class: channel.Blocked},
		{Name: "too large", Status: 413, Class: channel.Permanent},
		{Name: "too often", Status: 429, Header: map[string]string{"Date": "Fri, 20 Nov 2026 12:00:00 GMT", "X-RateLimit-Reset": "1795176007"}, Class: channel.Throttled, Wait: 7 * time.Second},
		{Name: "too often, silent", Status: 429, Class: channel.Throttled, Code: "429"},
		{Name: "server error", Status: 500, Class: channel.Retry},
		{Name: "unavailable", Status: 503, Class: channel.Retry},
		{Name: "gateway", Status: 502, Class: channel.Unknown},
	}
}

func TestSendGrid(t *testing.T) {
	channeltest.Run(t, email.Channel{}, channeltest.Config{
		Inbox: sendgridInbox, Dirs: []string{"testdata/sendgrid"}, Golden: "testdata/sendgrid", Opens: opens(),
		Secrets: channel.Secrets{Sign: []string{"sendgrid:made-up-password", "sendgrid:made-up-former-password"}}, BodyUnsigned: true, WrongSecret: "sendgrid:guess",
		Token: "SG.made-up-api-key", Credential: "SG.made-up-api-key", Sends: sends(sendgridInbox), Check: sendgridCheck, Errors: sendgridErrors(),
	})
}

func TestSendGridEvents(t *testing.T) {
	channeltest.Run(t, email.Channel{}, channeltest.Config{
		Inbox: eventsInbox, Dirs: []string{"testdata/sendgrid"}, Golden: "testdata/sendgrid", Opens: opens(),
		Secrets:     channel.Secrets{Sign: []string{key(t, "sendgrid/current.pem"), key(t, "sendgrid/previous.pem")}},
		WrongSecret: "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==",
		Token:       "SG.made-up-api-key", Credential: "SG.made-up-api-key", Sends: sends(eventsInbox), Check: sendgridCheck, Errors: sendgridErrors(),
	})
}

func TestSES(t *testing.T) {
	t.Setenv("AWS_REGION", "eu-central-1")
	says := func(words string) string { return `{"message":"` + words + `"}` }
	exception := func(name string) map[string]string { return map[string]string{"X-Amzn-Errortype": name} }
	channeltest.Run(t, email.Channel{}, channeltest.Config{
		Inbox: sesInbox, Dirs: []string{"testdata/ses"}, Golden: "testdata/ses", Opens: opens(),
		Secrets: channel.Secrets{Sign: []string{key(t, "ses/current.pem"), key(t, "ses/previous.pem")}}, InBody: true,
		WrongSecret: "arn:aws:sns:eu-west-1:123456789012:another-topic",
		Token:       "AKIAMADEUP0000000001:made-up-secret-access-key:eu-west-1", Credential: "AWS4-HMAC-SHA256 Credential=AKIAMADEUP0000000001/",
		Sends: sends(sesInbox),
		Check: func(t *testing.T, r channel.Reply, c channel.Call) {
			type pair struct{ Name, Value string }
			var s struct {
				FromEmailAddress string
				Destination      struct{ ToAddresses []string }
				ReplyToAddresses []string
				Content          struct {
					Simple struct {
						Subject struct{ Data string }
						Body    struct{ Text struct{ Data string } }
						Headers []pair
					}
				}
				EmailTags []pair
			}
			if err := json.Unmarshal(c.Body, &s); err != nil || c.URL != "https://email.eu-west-1.amazonaws.com/v2/email/outbound-emails" {
				t.Fatalf("%v: %s %s", err, c.URL, c.Body)
			}
			if strings.Contains(c.Header.Get("Authorization"), "made-up-secret") || !strings.Contains(c.Header.Get("Authorization"), "/eu-west-1/ses/aws4_request") {
				t.Errorf("signed %s", c.Header.Get("Authorization"))
			}
			m := mailed{from: s.FromEmailAddress, to: strings.Join(s.Destination.ToAddresses, ","), replyTo: strings.Join(s.ReplyToAddresses, ","),
				subject: s.Content.Simple.Subject.Data, text: s.Content.Simple.Body.Text.Data, reply: s.EmailTags[0].Value, header: map[string]string{}}
			for _, h := range s.Content.Simple.Headers {
				m.header[h.Name] = h.Value
			}
			m.check(t, r)
		},
		Errors: []channeltest.ErrorCase{
			{Name: "too often", Status: 429, Header: exception("TooManyRequestsException"), Body: says("Maximum sending rate exceeded."), Class: channel.Throttled, Code: "TooManyRequestsException"},
			{Name: "daily quota", Status: 429, Header: exception("TooManyRequestsException"), Body: says("Daily message quota exceeded."), Class: channel.Throttled, Wait: 15 * time.Minute},
			{Name: "limit", Status: 400, Header: exception("LimitExceededException"), Class: channel.Throttled},
			{Name: "their error", Status: 500, Header: exception("InternalServiceErrorException"), Class: channel.Retry},
			{Name: "unavailable", Status: 503, Class: channel.Retry},
			{Name: "their silent error", Status: 500, Class: channel.Unknown},
			{Name: "rejected", Status: 400, Header: exception("MessageRejected:http://internal.amazon.com/coral/"), Body: says("Message contains a virus"), Class: channel.Permanent, Code: "MessageRejected"},
			{Name: "recipient not verified", Status: 400, Header: exception("MessageRejected"), Body: says("Email address is not verified. The following identities failed the check in region EU-WEST-1: mara.quill@mail.example"), Class: channel.Permanent},
			{Name: "sender not verified", Status: 400, Header: exception("MessageRejected"), Body: says("Email address is not verified. The following identities failed the check in region EU-WEST-1: help@northline.example"), Class: channel.Blocked},
			{Name: "bad request", Status: 400, Header: exception("BadRequestException"), Body: says("Domain contains control or whitespace"), Class: channel.Permanent},
			{Name: "in the body", Status: 400, Body: `{"__type":"com.amazonaws.sesv2#SendingPausedException","Message":"paused"}`, Class: channel.Blocked, Code: "SendingPausedException"},
			{Name: "suspended", Status: 400, Header: exception("AccountSuspendedException"), Class: channel.Blocked},
			{Name: "mail from domain", Status: 400, Header: exception("MailFromDomainNotVerifiedException"), Class: channel.Blocked},
			{Name: "configuration", Status: 404, Header: exception("NotFoundException"), Class: channel.Blocked},
			{Name: "credential", Status: 403, Header: exception("SignatureDoesNotMatch"), Class: channel.Blocked},
		},
	})
}

func FuzzReadMailgun(f *testing.F) {
	channeltest.FuzzRead(f, email.Channel{}, mailgunInbox, "testdata/mailgun")
}
func FuzzReadSendGrid(f *testing.F) {
	channeltest.FuzzRead(f, email.Channel{}, sendgridInbox, "testdata/sendgrid")
}
func FuzzReadSendGridEvents(f *testing.F) {
	channeltest.FuzzRead(f, email.Channel{}, eventsInbox, "testdata/sendgrid")
}
func FuzzReadSES(f *testing.F) { channeltest.FuzzRead(f, email.Channel{}, sesInbox, "testdata/ses") }
