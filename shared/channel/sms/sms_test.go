package sms_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"ines/shared/channel"
	"ines/shared/channel/channeltest"
	"ines/shared/channel/sms"
	"ines/shared/message"
	"ines/shared/verify"
)

const (
	token = "AC00000000000000000000000000000001:made-up-twilio-auth-token"
	hook  = "https://hooks.northline.example/webhooks/sms/northline-sms"
	basic = "Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTptYWRlLXVwLXR3aWxpby1hdXRoLXRva2Vu"
)

var (
	noon  = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	inbox = channel.Inbox{ID: "northline-sms", Channel: "sms", Account: "+442071838750", URL: hook}
	live  = channel.Secrets{Sign: []string{"made-up-twilio-auth-token", "made-up-former-auth-token"}}
	mara  = message.Handle{Channel: "sms", ID: "+447700900123"}
	dirs  = []string{"testdata", "../../../events/sms"}
)

func reply(id, key, words string) channel.Reply {
	return channel.Reply{ID: id, Thread: channel.Thread{Channel: "sms", Inbox: inbox.ID, Key: key, Visibility: message.Private, With: mara, LastInbound: noon.Add(-time.Hour)}, To: mara, Text: words}
}

func TestConformance(t *testing.T) {
	type errorCase = channeltest.ErrorCase
	says := func(code string) string { return `{"code":` + code + `,"message":"words","status":400}` }
	errors := []errorCase{
		{Name: "too many", Status: 429, Body: says("20429"), Header: map[string]string{"Retry-After": "4"}, Class: channel.Throttled, Wait: 4 * time.Second, Code: "20429"},
		{Name: "too many, a page", Status: 429, Class: channel.Throttled, Code: "429"},
		{Name: "today's messages are used up", Status: 429, Body: says("63038"), Class: channel.Throttled, Wait: time.Hour},
		{Name: "token quoted", Status: 401, Body: `{"code":20003,"message":"Authenticate made-up-twilio-auth-token"}`, Class: channel.Blocked},
		{Name: "401", Status: 401, Class: channel.Blocked},
		{Name: "404", Status: 404, Class: channel.Blocked},
		{Name: "code of tomorrow", Status: 400, Body: says("29999"), Class: channel.Permanent, Code: "29999"},
		{Name: "code as a string", Status: 400, Body: says(`"21610"`), Class: channel.Permanent, Code: "21610"},
		{Name: "5xx", Status: 500, Body: says("20500"), Class: channel.Unknown},
		{Name: "5xx, a page", Status: 503, Body: "<html>", Class: channel.Unknown, Code: "503"},
	}
	for class, codes := range map[channel.Class]string{
		channel.Throttled: "63017 63018 30001", channel.Blocked: "30002 20003 20005 20404",
		channel.Permanent: "21610 21211 21214 21217 21219 21408 21606 21612 21614 21617 30004 30005 30006 30007 63016", channel.Retry: "30003 30008 11200 11205",
	} {
		for code := range strings.FieldsSeq(codes) {
			errors = append(errors, errorCase{Name: code, Status: 400, Body: says(code), Class: class, Code: code})
		}
	}
	channeltest.Run(t, sms.Channel{}, channeltest.Config{Elsewhere: "+442071830000",
		Inbox: inbox, Secrets: live, Dirs: dirs, Token: token, Credential: basic,
		Sends: []channeltest.Send{
			{Name: "sms", Reply: reply("r1", "+442071838750/+447700900123", "You are booked on NL208 at 18:40. ^Ines")},
			{Name: "the same number again", Reply: reply("r2", "+442071838750/+447700900123", "Gate 9. ^Ines")},
			{Name: "whatsapp", Reply: reply("r3", "whatsapp:+442071838750/whatsapp:+447700900123", "Yes, there are seats. ^Ines")},
			{Name: "by a service", Reply: reply("r4", "MG00000000000000000000000000000001/+447700900123", "By the service. ^Ines")},
		},
		Check:  checkCall,
		Errors: errors,
		Opens: []channeltest.OpenCase{
			{Name: "typed", Address: "+44 (7700) 900-123", Key: "+442071838750/+447700900123", With: mara},
			{Name: "typed with 00", Address: "00447700900123", Key: "+442071838750/+447700900123", With: mara},
			{Name: "known", Known: mara, Key: "+442071838750/+447700900123", With: mara},
			{Name: "who called", Known: message.Handle{Channel: "voice", ID: "+447700900123"}, Key: "+442071838750/+447700900123", With: mara},
			{Name: "typed before known", Address: "+447700900999", Known: mara, Key: "+442071838750/+447700900999", With: message.Handle{Channel: "sms", ID: "+447700900999"}},
			{Name: "a withheld caller", Known: message.Handle{Channel: "voice", ID: "anonymous"}, Refused: true},
			{Name: "national form", Address: "07700 900123", Refused: true},
			{Name: "whatsapp on an sms sender", Address: "whatsapp:+447700900123", Refused: true},
			{Name: "a mail address", Address: "mara@mail.example", Refused: true},
			{Name: "known elsewhere", Known: message.Handle{Channel: "email", ID: "mara@mail.example"}, Refused: true},
		},
	})
}

func FuzzRead(f *testing.F) { channeltest.FuzzRead(f, sms.Channel{}, inbox, dirs...) }

func checkCall(t *testing.T, r channel.Reply, c channel.Call) {
	if c.Method != "POST" {
		return // a look-up
	}
	form, err := url.ParseQuery(string(c.Body))
	if err != nil {
		t.Fatal(err)
	}
	from, to, _ := strings.Cut(r.Thread.Key, "/")
	field := "From"
	if strings.HasPrefix(from, "MG") {
		field = "MessagingServiceSid"
	}
	want := url.Values{"To": {to}, field: {from}, "Body": {r.Text}, "StatusCallback": {hook}}
	if c.URL != "https://api.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages.json" || form.Encode() != want.Encode() || c.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		t.Errorf("%s %v, want %v", c.URL, form, want)
	}
}

// The address that Twilio signs is the configured one, with or without the default
// port, whatever the request's Host says.
func TestSignedAddress(t *testing.T) {
	_, r, err := channeltest.LoadEvent("../../../events/sms/text.json")
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]bool{
		hook: true, strings.Replace(hook, ".example/", ".example:443/", 1): true, strings.Replace(hook, ".example/", ".example:8443/", 1): false,
		strings.Replace(hook, "https", "http", 1): false, hook + "/": false, "https://elsewhere.example/webhooks/sms/northline-sms": false, "": false,
	} {
		in := inbox
		in.URL = address
		if err := (sms.Channel{}).Verify(in, live, r, noon); (err == nil) != want {
			t.Errorf("%q: %v", address, err)
		}
	}
	r.Header["host"] = "elsewhere.example"
	if err := (sms.Channel{}).Verify(inbox, live, r, noon); err != nil {
		t.Errorf("another Host: %v", err)
	}
	r.Query = "a=1"
	if (sms.Channel{}).Verify(inbox, live, r, noon) == nil {
		t.Error("a query that was not signed passed")
	}
	if r.Header["x-twilio-signature"], err = verify.SignTwilio(verify.TwilioRequest{URL: hook, Query: "a=1", ContentType: r.Header["content-type"], Body: r.Body}, live.Sign[0]); err != nil {
		t.Fatal(err)
	}
	if err := (sms.Channel{}).Verify(inbox, live, r, noon); err != nil {
		t.Errorf("with a signed query: %v", err)
	}
}

func TestAccepted(t *testing.T) {
	a := sms.Channel{}.Accepted()
	if a.Status != 200 || !strings.HasPrefix(a.ContentType, "text/xml") || string(a.Body) != "<Response/>" {
		t.Errorf("%d %s %q", a.Status, a.ContentType, a.Body)
	}
}

func TestWindow(t *testing.T) {
	plain := reply("r", "+442071838750/+447700900123", "x").Thread
	whatsapp := reply("r", "whatsapp:+442071838750/whatsapp:+447700900123", "x").Thread
	for name, c := range map[string]struct {
		t     channel.Thread
		after time.Duration
		want  channel.WindowState
	}{
		"sms after a year":  {plain, 9000 * time.Hour, channel.WindowOpen},
		"whatsapp at once":  {whatsapp, 0, channel.WindowOpen},
		"whatsapp, nearly":  {whatsapp, 24*time.Hour - time.Second, channel.WindowOpen},
		"whatsapp, a day":   {whatsapp, 24 * time.Hour, channel.WindowTemplate},
		"whatsapp, a month": {whatsapp, 720 * time.Hour, channel.WindowTemplate},
	} {
		if w := (sms.Channel{}).Window(c.t, c.t.LastInbound.Add(c.after)); w.State != c.want {
			t.Errorf("%s: %+v", name, w)
		}
	}
	whatsapp.LastInbound = time.Time{}
	if w := (sms.Channel{}).Window(whatsapp, noon); w.State != channel.WindowTemplate || w.Why == "" {
		t.Errorf("whatsapp, before the first message: %+v", w)
	}
}

// 160 letters are one SMS, and so are 70 of any other alphabet; in a chain each
// gives some up to its number.
func TestSegments(t *testing.T) {
	for _, c := range []struct {
		text string
		want int
	}{
		{"", 0}, {"a", 1}, {strings.Repeat("a", 160), 1}, {strings.Repeat("a", 161), 2}, {strings.Repeat("a", 306), 2}, {strings.Repeat("a", 307), 3},
		{strings.Repeat("€", 80), 1}, {strings.Repeat("€", 81), 2},
		// An escaped character is not cut: 152 letters and the pair don't fit 153.
		{strings.Repeat("a", 152) + strings.Repeat("€", 77), 3},
		{strings.Repeat("ж", 70), 1}, {strings.Repeat("ж", 71), 2}, {strings.Repeat("ж", 134), 2}, {strings.Repeat("ж", 135), 3},
		{strings.Repeat("😟", 35), 1}, {strings.Repeat("😟", 36), 2}, {strings.Repeat("😟", 67), 3}, // 33 of them fit 67 units
		{strings.Repeat("a", 1600), 11}, {strings.Repeat("a", 70) + "ç", 2}, {strings.Repeat("à", 160), 1},
	} {
		if got := sms.Segments(c.text); got != c.want {
			t.Errorf("%d characters of %.3q…: %d segments, want %d", len([]rune(c.text)), c.text, got, c.want)
		}
	}
}

// canned is a platform with one answer.
type canned struct {
	status int
	body   string
	asked  *http.Request
}

func (p *canned) RoundTrip(r *http.Request) (*http.Response, error) {
	p.asked = r
	return &http.Response{StatusCode: p.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(p.body)), Request: r}, nil
}

func outlet(p *canned, token string) channel.Outlet {
	return channel.Outlet{Inbox: inbox, Token: token, HTTP: &http.Client{Transport: p}}
}

// Opted out is the person's word, and is kept as that.
func TestOptedOutIsRefused(t *testing.T) {
	for code, want := range map[string]bool{"21610": true, "21211": false} {
		p := &canned{status: 400, body: `{"code":` + code + `,"message":"words"}`}
		_, err := sms.Channel{}.Send(t.Context(), outlet(p, token), reply("r1", "+442071838750/+447700900123", "Hello. ^Ines"))
		if se := channel.AsSendError(err); se.Class != channel.Permanent || se.Refused != want {
			t.Errorf("%s: %+v", code, se)
		}
	}
}

func TestCredentials(t *testing.T) {
	for token, want := range map[string]string{"AC1:auth": "AC1:auth", "AC1:SK2:secret": "SK2:secret", "AC1": "", "AC1:": "", ":auth": "", "a:b:c:d": ""} {
		p := &canned{status: 201, body: `{"sid":"SM1"}`}
		_, err := sms.Channel{}.Send(t.Context(), outlet(p, token), reply("r1", "+442071838750/+447700900123", "Hello. ^Ines"))
		if want == "" {
			if channel.AsSendError(err).Class != channel.Blocked || p.asked != nil {
				t.Errorf("%q: %v", token, err)
			}
			continue
		}
		user, password, _ := p.asked.BasicAuth()
		if err != nil || user+":"+password != want || p.asked.URL.Path != "/2010-04-01/Accounts/AC1/Messages.json" {
			t.Errorf("%q: %v, %s", token, err, p.asked.URL)
		}
	}
}

func TestLookup(t *testing.T) {
	r := reply("r1", "+442071838750/+447700900123", "Hello. ^Ines")
	row := func(body, at, direction string) string {
		return `{"messages":[{"sid":"SM7","body":"` + body + `","date_created":"` + at + `","direction":"` + direction + `"}],"next_page_uri":null}`
	}
	const at, early = "Fri, 20 Nov 2026 12:00:05 +0000", "Fri, 20 Nov 2026 11:58:00 +0000"
	for name, c := range map[string]struct {
		body  string
		found bool
	}{
		"there":             {row("Hello. ^Ines", at, "outbound-api"), true},
		"other words":       {row("Hello", at, "outbound-api"), false},
		"said before":       {row("Hello. ^Ines", early, "outbound-api"), false},
		"the customer's":    {row("Hello. ^Ines", at, "inbound"), false},
		"a time of no kind": {row("Hello. ^Ines", "today", "outbound-api"), false},
		"nothing":           {`{"messages":[],"next_page_uri":null}`, false},
	} {
		p := &canned{status: 200, body: c.body}
		got, found, err := sms.Channel{}.Lookup(t.Context(), outlet(p, token), r, noon)
		if err != nil || found != c.found || found && got.ID != "SM7" {
			t.Errorf("%s: %+v, %t, %v", name, got, found, err)
		}
		if q := p.asked.URL.Query(); q.Get("To") != "+447700900123" || q.Get("From") != "+442071838750" || q.Get("DateSent>") != "2026-11-20" {
			t.Errorf("%s: asked %v", name, q)
		}
	}
	p := &canned{status: 200, body: `{"messages":[],"next_page_uri":"/2010-04-01/next"}`}
	if _, found, err := (sms.Channel{}).Lookup(t.Context(), outlet(p, token), r, noon); found || err == nil {
		t.Errorf("more pages: %t, %v", found, err)
	}
}

// The credential goes to Twilio and to nobody else.
func TestLocate(t *testing.T) {
	for address, auth := range map[string]bool{"https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1": true, "https://media.example/1": false, "https://eviltwilio.com/1": false, "https://twilio.com.evil.example/1": false} {
		req, err := sms.Channel{}.Locate(t.Context(), outlet(&canned{}, token), message.Attachment{URL: address})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, ok := req.BasicAuth(); ok != auth {
			t.Errorf("%s gets the credential: %t", address, ok)
		}
	}
	for _, a := range []message.Attachment{{URL: "geo:1,2"}, {URL: "http://api.twilio.com/1"}, {}} {
		if _, err := (sms.Channel{}).Locate(t.Context(), outlet(&canned{}, token), a); channel.AsSendError(err).Class != channel.Permanent {
			t.Errorf("%+v: %v", a, err)
		}
	}
}
