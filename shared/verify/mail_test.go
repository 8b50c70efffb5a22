package verify_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"maps"
	"os"
	"strings"
	"testing"
	"time"

	"ines/shared/verify"
)

const (
	mailgunKey   = "tbsy84uSV1Kt3ZJZELY2TmShPRs91E3yL4tzf96297vBCkDWgL"
	mailgunToken = "7VwW7k6Ak7zcTwoSoNm7aTtbk1g67MKAnsYLfUB7PdszbgR5Xi"
	mailgunGood  = "ef24c5225322217bb065b80bb54eb4f9206d764e3e16abab07f0a64d1cf477cc"
)

func TestMailgun(t *testing.T) {
	const at = 1539112500
	good := verify.MailgunStamp{Timestamp: "1539112500", Token: mailgunToken, Signature: mailgunGood}
	with := func(change func(*verify.MailgunStamp)) verify.MailgunStamp { m := good; change(&m); return m }
	ours := verify.MailgunStamp{Timestamp: "1700000000", Token: "0123456789abcdef0123456789abcdef0123456789abcdef01",
		Signature: "7e92e68182f006ab7434852ded4f0645423376eff28f3c4b71a8033292c519a7"}
	tests := []struct {
		name    string
		stamp   verify.MailgunStamp
		secrets []string
		now     int64
		want    error
	}{
		{"15, published", good, []string{mailgunKey}, at, nil},
		{"our own", ours, []string{"not-a-real-signing-key"}, 1700000000, nil},
		{"second secret", good, []string{"other", mailgunKey}, at, nil},
		{"by the parent alone", with(func(m *verify.MailgunStamp) { m.Parent, m.Signature = m.Signature, strings.Repeat("0", 64) }), []string{mailgunKey}, at, nil},
		{"nine hours of retries later", good, []string{mailgunKey}, at + 9*3600, nil},
		{"stale", good, []string{mailgunKey}, at + 24*3600 + 1, verify.ErrStale},
		{"future", good, []string{mailgunKey}, at - 301, verify.ErrStale},
		{"wrong secret", good, []string{"other"}, at, verify.ErrMismatch},
		{"no secret", good, nil, at, verify.ErrNoSecret},
		{"empty secret", good, []string{""}, at, verify.ErrNoSecret},
		{"another token", with(func(m *verify.MailgunStamp) { m.Token += "x" }), []string{mailgunKey}, at, verify.ErrMismatch},
		{"another time", with(func(m *verify.MailgunStamp) { m.Timestamp = "1539112501" }), []string{mailgunKey}, at, verify.ErrMismatch},
		{"digits moved to the time", with(func(m *verify.MailgunStamp) { m.Timestamp, m.Token = "15391125007", m.Token[1:] }), []string{mailgunKey}, at, verify.ErrMalformed},
		{"upper-case hex", with(func(m *verify.MailgunStamp) { m.Signature = strings.ToUpper(m.Signature) }), []string{mailgunKey}, at, verify.ErrMalformed},
		{"truncated", with(func(m *verify.MailgunStamp) { m.Signature = m.Signature[:62] }), []string{mailgunKey}, at, verify.ErrMalformed},
		{"no signature", with(func(m *verify.MailgunStamp) { m.Signature = "" }), []string{mailgunKey}, at, verify.ErrMissing},
		{"no token", with(func(m *verify.MailgunStamp) { m.Token = "" }), []string{mailgunKey}, at, verify.ErrMissing},
		{"no time", with(func(m *verify.MailgunStamp) { m.Timestamp = "" }), []string{mailgunKey}, at, verify.ErrMissing},
	}
	for _, tt := range tests {
		if err := verify.Mailgun(tt.stamp, tt.secrets, time.Unix(tt.now, 0)); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

const sendgridKey = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g=="

// sendgridBody is what the SDKs' tests sign; it ends with CRLF.
const sendgridBody = `[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]` + "\r\n"

func TestSendGrid(t *testing.T) {
	const at = 1600112502
	good := map[string]string{
		verify.SendGridSignature: "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=",
		verify.SendGridTimestamp: "1600112502",
	}
	with := func(name, value string) map[string]string {
		h := maps.Clone(good)
		h[name] = value
		return h
	}
	sig := good[verify.SendGridSignature]
	other := p256(t)
	der, err := base64.StdEncoding.DecodeString(sendgridKey)
	if err != nil {
		t.Fatal(err)
	}
	asPEM := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	tests := []struct {
		name    string
		header  map[string]string
		body    string
		secrets []string
		now     int64
		want    error
	}{
		{"16, published", good, sendgridBody, []string{sendgridKey}, at, nil},
		{"key as PEM", good, sendgridBody, []string{asPEM}, at, nil},
		{"key as PEM on one line", good, sendgridBody, []string{strings.ReplaceAll(asPEM, "\n", `\n`)}, at, nil},
		{"second key", good, sendgridBody, []string{other, sendgridKey}, at, nil},
		{"five minutes late", good, sendgridBody, []string{sendgridKey}, at + 300, nil},
		{"stale", good, sendgridBody, []string{sendgridKey}, at + 301, verify.ErrStale},
		{"future", good, sendgridBody, []string{sendgridKey}, at - 301, verify.ErrStale},
		{"without its line end", good, strings.TrimSuffix(sendgridBody, "\r\n"), []string{sendgridKey}, at, verify.ErrMismatch},
		{"a flipped byte", good, strings.Replace(sendgridBody, "hello", "Hello", 1), []string{sendgridKey}, at, verify.ErrMismatch},
		{"another time", with(verify.SendGridTimestamp, "1600112503"), sendgridBody, []string{sendgridKey}, at, verify.ErrMismatch},
		{"no time in seconds", with(verify.SendGridTimestamp, "yesterday"), sendgridBody, []string{sendgridKey}, at, verify.ErrMalformed},
		{"truncated", with(verify.SendGridSignature, sig[:40]), sendgridBody, []string{sendgridKey}, at, verify.ErrMismatch},
		{"not base64", with(verify.SendGridSignature, "!"+sig[1:]), sendgridBody, []string{sendgridKey}, at, verify.ErrMalformed},
		{"twice", with(verify.SendGridSignature, sig+", "+sig), sendgridBody, []string{sendgridKey}, at, verify.ErrMalformed},
		{"no signature", with(verify.SendGridSignature, ""), sendgridBody, []string{sendgridKey}, at, verify.ErrMissing},
		{"no time", with(verify.SendGridTimestamp, ""), sendgridBody, []string{sendgridKey}, at, verify.ErrMissing},
		{"wrong key", good, sendgridBody, []string{other}, at, verify.ErrMismatch},
		{"no key", good, sendgridBody, nil, at, verify.ErrNoSecret},
		{"empty key", good, sendgridBody, []string{sendgridKey, ""}, at, verify.ErrNoSecret},
		{"no key at all", good, sendgridBody, []string{"user:password"}, at, verify.ErrNoSecret},
	}
	for _, tt := range tests {
		if err := verify.SendGrid(tt.header, []byte(tt.body), tt.secrets, time.Unix(tt.now, 0)); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
	if _, err := verify.SignSendGrid(time.Unix(at, 0), nil, sendgridKey); !errors.Is(err, verify.ErrNoSecret) {
		t.Errorf("a public key signs: %v", err)
	}
}

// p256 is a new private key.
func p256(t testing.TB) string {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

func TestSendGridSigns(t *testing.T) {
	key, now := p256(t), time.Unix(1700000000, 0)
	h, err := verify.SignSendGrid(now, []byte("body\r\n"), key)
	if err != nil || verify.SendGrid(h, []byte("body\r\n"), []string{key}, now) != nil {
		t.Errorf("%v, %v", h, err)
	}
}

func snsFile(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// Vector 17, published with AWS's SDK for Ruby.
func TestSNSVectors(t *testing.T) {
	cert := string(snsFile(t, "sns.pem"))
	public, _, err := verify.RSAKey(cert)
	if err != nil {
		t.Fatal(err)
	}
	for _, folded := range []string{strings.ReplaceAll(cert, "\n", `\n`), strings.ReplaceAll(cert, "\n", " ")} {
		if k, _, err := verify.RSAKey(folded); err != nil || !k.Equal(public) {
			t.Errorf("on one line: %v", err)
		}
	}
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"sns_v1.json", "sns_v2.json", "sns_lambda.json"} {
		raw := snsFile(t, file)
		check := func(what string, body []byte, keys []*rsa.PublicKey, want error) {
			t.Helper()
			m, err := verify.ReadSNS(body)
			if err == nil {
				err = verify.SNS(m, keys)
			}
			if !errors.Is(err, want) {
				t.Errorf("%s, %s: %v, want %v", file, what, err, want)
			}
		}
		with := func(field string, value any) []byte {
			var m map[string]any
			if err := json.Unmarshal(raw, &m); err != nil {
				t.Fatal(err)
			}
			if m[field] = value; value == nil {
				delete(m, field)
			}
			out, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		ours := []*rsa.PublicKey{public}
		check("as published", raw, ours, nil)
		check("second certificate", raw, []*rsa.PublicKey{&stranger.PublicKey, public}, nil)
		check("another certificate", raw, []*rsa.PublicKey{&stranger.PublicKey}, verify.ErrMismatch)
		check("no certificate", raw, nil, verify.ErrNoSecret)
		for _, field := range []string{"Message", "MessageId", "TopicArn", "Timestamp"} {
			check("another "+field, with(field, "other"), ours, verify.ErrMismatch)
			check("no "+field, with(field, nil), ours, verify.ErrMalformed)
			check(field+" is a number", with(field, 7), ours, verify.ErrMalformed)
		}
		check("a subject more", with("Subject", "s"), ours, verify.ErrMismatch)
		check("another type", with("Type", "SubscriptionConfirmation"), ours, verify.ErrMismatch)
		check("no type", with("Type", nil), ours, verify.ErrMalformed)
		check("version 3", with("SignatureVersion", "3"), ours, verify.ErrMalformed)
		check("no version", with("SignatureVersion", nil), ours, verify.ErrMalformed)
		check("no signature", with("Signature", nil), ours, verify.ErrMissing)
		check("signature cut", with("Signature", "bad"), ours, verify.ErrMalformed)
		check("signature of other bytes", with("Signature", base64.StdEncoding.EncodeToString(make([]byte, 256))), ours, verify.ErrMismatch)
		// encoding/json would take this for Message.
		check("a name in other letters", append([]byte(`{"message":"evil",`), raw[1:]...), ours, nil)
		if m, _ := verify.ReadSNS(append([]byte(`{"message":"evil",`), raw[1:]...)); verify.Text(m.Message) != "Hello world" {
			t.Errorf("%s: read %q", file, verify.Text(m.Message))
		}
	}
}

// What SNS sends to confirm and to take leave; both readings of what signs the
// latter pass.
func TestSNSConfirmations(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	s := func(v string) *string { return &v }
	for _, version := range []string{"1", "2"} {
		for _, kind := range []string{verify.SNSNotification, verify.SNSSubscription, verify.SNSUnsubscribed} {
			m := verify.SNSMessage{Type: s(kind), MessageID: s("id"), TopicArn: s("arn:aws:sns:eu-west-1:1:t"), Message: s("m"), Timestamp: s("2026-11-20T10:00:00.000Z"), SignatureVersion: version}
			if kind != verify.SNSNotification {
				m.Token, m.SubscribeURL = s("token"), s("https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription")
			} else {
				m.Subject = s("")
			}
			bare := m
			if m.Signature, err = verify.SignSNS(m, key); err != nil {
				t.Fatal(err)
			}
			if err := verify.SNS(m, []*rsa.PublicKey{&key.PublicKey}); err != nil {
				t.Errorf("%s, version %s: %v", kind, version, err)
			}
			bare.Token = nil
			if bare.Signature, err = verify.SignSNS(bare, key); err != nil {
				t.Fatal(err)
			}
			bare.Token = s("token")
			err := verify.SNS(bare, []*rsa.PublicKey{&key.PublicKey})
			if passes := kind != verify.SNSSubscription; passes != (err == nil) {
				t.Errorf("%s signed without token: %v", kind, err)
			}
		}
	}
}

func TestSNSAddress(t *testing.T) {
	for address, want := range map[string][2]bool{
		"https://sns.us-east-2.amazonaws.com/SimpleNotificationService-7ff5.pem": {true, true},
		"https://sns.cn-north-1.amazonaws.com.cn/x.pem":                          {true, true},
		"https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription":        {true, false},
		"http://sns.us-east-2.amazonaws.com/x.pem":                               {},
		"https://sns.us-east-2.amazonaws.com:8443/x.pem":                         {},
		"https://u@sns.us-east-2.amazonaws.com/x.pem":                            {},
		"https://sns.us-east-2.amazonaws.com.evil.example/x.pem":                 {},
		"https://evil.example/sns.us-east-2.amazonaws.com/x.pem":                 {},
		"https://xsns.us-east-2.amazonaws.com/x.pem":                             {},
		"https://sns.us-east-2.amazonaws.com/x.pem?y":                            {true, true},
		"https://sns.us-east-2.amazonaws.com/x.key":                              {true, false},
		"":                                    {},
		"https://sns.x.amazonaws.com/x.pem":   {},
		"//sns.us-east-2.amazonaws.com/x.pem": {},
	} {
		if got := (verify.SNSAddress(address, false) == nil); got != want[0] {
			t.Errorf("%q passes: %t", address, got)
		}
		if got := (verify.SNSAddress(address, true) == nil); got != want[1] {
			t.Errorf("%q passes as a certificate's: %t", address, got)
		}
	}
}

func FuzzSNS(f *testing.F) {
	public, _, err := verify.RSAKey(string(snsFile(f, "sns.pem")))
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range []string{"sns_v1.json", "sns_v2.json", "sns_lambda.json"} {
		f.Add(snsFile(f, name))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		m, err := verify.ReadSNS(body)
		if err == nil {
			err = verify.SNS(m, []*rsa.PublicKey{public})
		}
		if err == nil && verify.Text(m.Message) != "Hello world" {
			t.Fatalf("%q passes", body)
		}
		typed(t, err)
	})
}

func FuzzMailgun(f *testing.F) {
	f.Add("1539112500", mailgunToken, mailgunGood, "")
	f.Fuzz(func(t *testing.T, stamp, token, signature, parent string) {
		m := verify.MailgunStamp{Timestamp: stamp, Token: token, Signature: signature, Parent: parent}
		err := verify.Mailgun(m, []string{mailgunKey}, time.Unix(1539112500, 0))
		if want := verify.SignMailgun(stamp, token, mailgunKey); err == nil && signature != want && parent != want {
			t.Fatalf("%+v passes", m)
		}
		typed(t, err)
	})
}

func FuzzSendGrid(f *testing.F) {
	const sig = "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM="
	f.Add("1600112502", sig, []byte(sendgridBody))
	f.Fuzz(func(t *testing.T, stamp, signature string, body []byte) {
		h := map[string]string{verify.SendGridSignature: signature, verify.SendGridTimestamp: stamp}
		err := verify.SendGrid(h, body, []string{sendgridKey}, time.Unix(1600112502, 0))
		if err == nil && (string(body) != sendgridBody || stamp != "1600112502") {
			t.Fatalf("%q of %q passes", signature, body)
		}
		typed(t, err)
	})
}

func typed(t *testing.T, err error) {
	if err == nil {
		return
	}
	for _, want := range []error{verify.ErrMissing, verify.ErrMalformed, verify.ErrMismatch, verify.ErrStale} {
		if errors.Is(err, want) {
			return
		}
	}
	t.Fatalf("untyped: %v", err)
}
