package email

import (
	"bytes"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"

	"ines/shared/channel"
	"ines/shared/lambdahttp"
	"ines/shared/message"
	"ines/shared/verify"
)

const northlineTopic = "arn:aws:sns:eu-west-1:123456789012:northline-mail"

// saved is a request of the folder ses.
func saved(t testing.TB, name string) channel.Request {
	t.Helper()
	_, r, err := lambdahttp.Load("testdata/ses/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return channel.Request{Method: r.Method, Query: r.Query, Header: r.Header, Body: r.Body}
}

// certified is a certificate over the key that the folder's fixtures are signed with.
func certified(t testing.TB) string {
	t.Helper()
	raw, err := os.ReadFile("testdata/ses/current.pem")
	if err != nil {
		t.Fatal(err)
	}
	_, key, err := verify.RSAKey(string(raw))
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "sns.amazonaws.com"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// snsHosts answers for SNS's hosts.
type snsHosts struct {
	status int
	body   string
	err    error
	calls  []string
}

func (a *snsHosts) RoundTrip(r *http.Request) (*http.Response, error) {
	a.calls = append(a.calls, r.Method+" "+r.URL.String())
	if a.err != nil {
		return nil, a.err
	}
	return &http.Response{StatusCode: a.status, Body: io.NopCloser(strings.NewReader(a.body)), Request: r}, nil
}

func secretsOf(values ...string) channel.Secrets { return channel.Secrets{Sign: values} }

func TestSNSCertificates(t *testing.T) {
	cert := certified(t)
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	body := saved(t, "ses_reply_gmail").Body
	swap := func(old, new string) []byte { return bytes.Replace(body, []byte(old), []byte(new), 1) }
	fetch := &snsHosts{status: http.StatusOK, body: cert}
	store := &certificates{client: &http.Client{Transport: fetch}, now: func() time.Time { return now }}
	check := func(what string, s channel.Secrets, body []byte, calls int, want error) {
		t.Helper()
		before := len(fetch.calls)
		if err := verifySNS(s, body, store); want == nil && err != nil || want != nil && !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", what, err, want)
		}
		if n := len(fetch.calls) - before; n != calls {
			t.Errorf("%s: %d fetches, want %d", what, n, calls)
		}
	}
	ours := secretsOf(northlineTopic)
	check("another topic", secretsOf("arn:aws:sns:eu-west-1:123456789012:other"), body, 0, verify.ErrMismatch)
	check("a certificate elsewhere", ours, swap("https://sns.eu-west-1.amazonaws.com/Simple", "https://sns.evil.example/Simple"), 0, channel.ErrSignature)
	check("pinned", secretsOf(cert), body, 0, nil)
	check("pinned, and the topic", secretsOf(northlineTopic, cert), body, 0, nil)
	check("pinned, and another topic", secretsOf("arn:aws:sns:eu-west-1:123456789012:other", cert), body, 0, verify.ErrMismatch)
	check("neither topic nor certificate", secretsOf("hunter2"), body, 0, verify.ErrNoSecret)
	check("none", secretsOf(), body, 0, verify.ErrNoSecret)
	fetch.err = errors.New("no route")
	check("fetched, out of reach", ours, body, 1, channel.ErrNotNow)
	fetch.err, fetch.status = nil, 404
	check("fetched, not there", ours, body, 1, channel.ErrNotNow)
	fetch.status, fetch.body = 200, "<html>"
	check("fetched, no certificate", ours, body, 1, channel.ErrNotNow)
	fetch.body = cert
	check("fetched", ours, body, 1, nil)
	check("kept", ours, body, 0, nil)
	check("kept, another message", ours, swap("Yes, that works", "No, that fails"), 0, verify.ErrMismatch)
	now = now.Add(13 * time.Hour)
	check("too old", ours, body, 1, nil)
	for _, c := range fetch.calls {
		if c != "GET https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem" {
			t.Errorf("fetched %s", c)
		}
	}
}

// A certificate that can't be had now is no refusal: the delivery is to come again.
func TestSESVerifyErrors(t *testing.T) {
	err := ses{}.verify(secretsOf("hunter2"), saved(t, "ses_delivery"), time.Time{})
	if !errors.Is(err, channel.ErrSignature) || errors.Is(err, channel.ErrNotNow) {
		t.Errorf("%v", err)
	}
}

func TestConfirm(t *testing.T) {
	r := saved(t, "ses_subscription")
	in := channel.Inbox{ID: "northline-ses", Channel: name, Provider: "ses"}
	call, err := Channel{}.Confirm(in, secretsOf(northlineTopic), r)
	if err != nil || call.Method != http.MethodGet || call.URL.Host != "sns.eu-west-1.amazonaws.com" || call.URL.Query().Get("Action") != "ConfirmSubscription" {
		t.Fatalf("%v, %v", call, err)
	}
	if a, ok := (Channel{}).Emulate(channel.Call{Method: http.MethodGet, URL: call.URL.String()}, nil); !ok || a.Status != 200 {
		t.Errorf("the emulator answers %v, %t", a, ok)
	}
	for what, s := range map[string]channel.Secrets{"another topic": secretsOf("arn:aws:sns:eu-west-1:123456789012:other"), "no topic": secretsOf(certified(t)), "no secret": secretsOf()} {
		if call, err := (Channel{}).Confirm(in, s, r); call != nil || err == nil {
			t.Errorf("%s: %v, %v", what, call, err)
		}
	}
	r.Body = bytes.Replace(r.Body, []byte(`"SubscribeURL": "https://sns.eu-west-1.amazonaws.com/`), []byte(`"SubscribeURL": "https://10.0.0.1/`), 1)
	if call, err := (Channel{}).Confirm(in, secretsOf(northlineTopic), r); call != nil || err == nil {
		t.Errorf("an address that is not SNS's: %v, %v", call, err)
	}
	for _, other := range []string{"ses_delivery", "busted_ses_unsubscribed"} {
		if call, err := (Channel{}).Confirm(in, secretsOf(northlineTopic), saved(t, other)); call != nil || err != nil {
			t.Errorf("%s asks for %v, %v", other, call, err)
		}
	}
	in.Provider = "postmark"
	if call, err := (Channel{}).Confirm(in, secretsOf(northlineTopic), saved(t, "ses_subscription")); call != nil || err != nil {
		t.Errorf("at Postmark: %v, %v", call, err)
	}
}

// envelope is a saved request as classify sees it.
func envelope(t testing.TB, path string) message.Envelope {
	t.Helper()
	_, r, err := lambdahttp.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return message.Envelope{ID: "e", Channel: name, ReceivedAt: time.Date(2026, 11, 20, 10, 0, 3, 0, time.UTC), Method: r.Method, Header: r.Header, Body: r.Body}
}

// The files of a mail come out of the delivery as they went in, whoever brings it.
func TestEnclosed(t *testing.T) {
	const pdf = "%PDF-1.4\n%%EOF\n"
	for _, tt := range []struct{ provider, path, last string }{
		{"postmark", "../../../events/email/first_mail.json", "%PDF-1.4 made up"},
		{"mailgun", "testdata/mailgun/mailgun_attachments.json", pdf},
		{"mailgun", "testdata/mailgun/mailgun_raw_mime.json", pdf},
		{"sendgrid", "testdata/sendgrid/sendgrid_attachments.json", pdf},
		{"sendgrid", "testdata/sendgrid/sendgrid_raw_mode.json", pdf},
		{"ses", "testdata/ses/ses_nested_parts.json", pdf},
	} {
		in := channel.Inbox{ID: "i", Channel: name, Provider: tt.provider, Account: "help@northline.example"}
		e := envelope(t, tt.path)
		items := Channel{}.Read(in, e)
		if len(items) != 1 || items[0].Message == nil || len(items[0].Message.Attachments) == 0 {
			t.Fatalf("%s: %+v", tt.path, items)
		}
		give := Channel{}.Enclosed(in, e)
		for n, a := range items[0].Message.Attachments {
			content, err := give(a)
			if err != nil || int64(len(content)) != a.Size {
				t.Errorf("%s: %q has %d bytes, not %d: %v", tt.path, a.Name, len(content), a.Size, err)
			}
			if a.Type == "image" && !bytes.HasPrefix(content, []byte("\x89PNG\r\n\x1a\n")) || n == len(items[0].Message.Attachments)-1 && string(content) != tt.last {
				t.Errorf("%s: %q is %q", tt.path, a.Name, content)
			}
		}
		for _, ref := range []string{"", "part:99", "part:-1", "part:x", "media"} {
			if _, err := give(message.Attachment{Ref: ref}); err == nil {
				t.Errorf("%s: there is a file %q", tt.path, ref)
			}
		}
	}
	in := channel.Inbox{ID: "i", Channel: name, Provider: "ses", Account: "help@northline.example"}
	if _, err := (Channel{}).Enclosed(in, envelope(t, "testdata/ses/ses_virus.json"))(message.Attachment{Ref: "part:1"}); err == nil || !strings.Contains(err.Error(), "virus") {
		t.Errorf("a virus is handed out: %v", err)
	}
}

// Keys go to the providers' own stores only.
func TestLocate(t *testing.T) {
	outlet := func(provider, token string) channel.Outlet {
		return channel.Outlet{Inbox: channel.Inbox{ID: "i", Channel: name, Provider: provider, Account: "help@northline.example"}, Token: token}
	}
	bill := message.Attachment{URL: "https://storage-us-east4.api.mailgun.net/v3/domains/northline.example/messages/AwABB/attachments/0"}
	r, err := Channel{}.Locate(t.Context(), outlet("mailgun", "eu:key-1"), bill)
	if err != nil || r.URL.String() != bill.URL {
		t.Fatalf("%v, %v", r, err)
	}
	if user, key, _ := r.BasicAuth(); user != "api" || key != "key-1" {
		t.Errorf("asked as %s:%s", user, key)
	}
	for _, url := range []string{"https://elsewhere.example/x", "http://storage.mailgun.net/x", "https://mailgun.net.evil.example/x", "https://u:p@storage.mailgun.net/x",
		"https://storage.mailgun.net:8443/x", "https://b.s3.eu-west-1.amazonaws.com/x", "https://169.254.169.254/latest/meta-data/", "::", ""} {
		for _, provider := range []string{"mailgun", "ses", "sendgrid", "postmark"} {
			if r, err := (Channel{}).Locate(t.Context(), outlet(provider, "AKIAMADEUP:secret"), message.Attachment{URL: url}); err == nil {
				t.Errorf("%s gets a key for %s: %v", provider, url, r.URL)
			}
		}
	}
	if _, err := (Channel{}).Locate(t.Context(), outlet("mailgun", ""), bill); channel.AsSendError(err).Class != channel.Blocked {
		t.Errorf("without a key: %v", err)
	}
}
