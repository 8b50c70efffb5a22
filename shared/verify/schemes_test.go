package verify_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"ines/shared/verify"

	"pgregory.net/rapid"
)

// scheme is one verifier with its signing direction, seen from one header.
type scheme struct {
	name     string
	a, b     string // two secrets
	bodyless bool   // the body is not signed
	check    func(header string, body []byte, secrets []string) error
	sign     func(body []byte, secret string) string
}

func schemes() []scheme {
	now := time.Unix(1700000000, 0)
	seed := func(b byte) string {
		return "whsk_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat(string(b), ed25519.SeedSize)))
	}
	std := func(name, a, b string) scheme {
		return scheme{name, a, b, false,
			func(h string, body []byte, s []string) error {
				return verify.StandardWebhooks(webhook("msg_1", "1700000000", h), body, s, now)
			},
			func(body []byte, s string) string {
				h, err := verify.SignStandardWebhooks("msg_1", now, body, s)
				if err != nil {
					panic(err)
				}
				return h["webhook-signature"]
			}}
	}
	return []scheme{
		{"hmac base64", "one", "two", false,
			func(h string, body []byte, s []string) error {
				return verify.HMACSHA256Base64(h, "sha256=", body, s)
			},
			func(body []byte, s string) string { return verify.SignHMACSHA256Base64("sha256=", body, s) }},
		{"hub", "one", "two", false, verify.Hub256, verify.SignHub256},
		{"basic", "ines:one:1", "ines:two", true,
			func(h string, _ []byte, s []string) error { return verify.BasicAuth(h, s) },
			func(_ []byte, s string) string { return verify.SignBasicAuth(s) }},
		std("v1", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_AAAQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
		std("v1a", seed('a'), seed('b')),
		{"slack", "one", "two", false,
			func(h string, body []byte, s []string) error {
				return verify.Slack(h, "1700000000", body, s, now)
			},
			func(body []byte, s string) string { h, _ := verify.SignSlack(now, body, s); return h }},
		{"twilio", "one", "two", false,
			func(h string, body []byte, s []string) error { return verify.Twilio(h, twilioForm(body), s) },
			func(body []byte, s string) string {
				h, err := verify.SignTwilio(twilioForm(body), s)
				if err != nil {
					panic(err)
				}
				return h
			}},
		{"token", "one-token", "two-token", true,
			func(h string, _ []byte, s []string) error { return verify.Token("token", h, s) },
			func(_ []byte, s string) string { return s }},
	}
}

// What one secret signs passes with it in any place of the list, and in no
// other way.
func TestSchemes(t *testing.T) {
	for _, s := range schemes() {
		t.Run(s.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				body := rapid.SliceOfN(rapid.Byte(), 1, 200).Draw(t, "body")
				header := s.sign(body, s.a)
				expect := func(what string, header string, body []byte, secrets []string, want ...error) {
					t.Helper()
					err := s.check(header, body, secrets)
					for _, w := range want {
						if errors.Is(err, w) {
							return
						}
					}
					if len(want) > 0 || err != nil {
						t.Errorf("%s: %v, want %v", what, err, want)
					}
				}
				expect("good", header, body, []string{s.a})
				expect("first of two", header, body, []string{s.a, s.b})
				expect("second of two", header, body, []string{s.b, s.a})
				expect("wrong secret", header, body, []string{s.b}, verify.ErrMismatch)
				expect("no secrets", header, body, nil, verify.ErrNoSecret)
				expect("empty secret", header, body, []string{""}, verify.ErrNoSecret)
				expect("good and empty secret", header, body, []string{s.a, ""}, verify.ErrNoSecret)
				expect("no header", "", body, []string{s.a}, verify.ErrMissing)
				expect("two headers", header+", "+header, body, []string{s.a}, verify.ErrMalformed)
				expect("wrong prefix", "x"+header, body, []string{s.a}, verify.ErrMalformed, verify.ErrMismatch)
				cut := rapid.IntRange(1, len(header)-1).Draw(t, "cut")
				expect("truncated", header[:cut], body, []string{s.a}, verify.ErrMalformed, verify.ErrMismatch)
				if !s.bodyless {
					i := rapid.IntRange(0, len(body)-1).Draw(t, "at")
					body[i] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
					expect("flipped bit", header, body, []string{s.a}, verify.ErrMismatch)
				}
			})
		})
	}
}

func TestSpellings(t *testing.T) {
	body, secrets := []byte("body"), []string{"one"}
	hub := verify.SignHub256(body, "one")
	if err := verify.Hub256("sha256="+strings.ToUpper(hub[7:]), body, secrets); !errors.Is(err, verify.ErrMalformed) {
		t.Errorf("upper-case hex: %v", err)
	}
	b64 := verify.SignHMACSHA256Base64("", body, "one")
	if err := verify.HMACSHA256Base64(b64[:20]+"\n"+b64[20:], "", body, secrets); !errors.Is(err, verify.ErrMalformed) {
		t.Errorf("line end in base64: %v", err)
	}
	for _, secret := range []string{"nobody", ":x", "x:"} {
		if err := verify.BasicAuth(verify.SignBasicAuth(secret), []string{secret}); !errors.Is(err, verify.ErrNoSecret) {
			t.Errorf("secret %q: %v", secret, err)
		}
	}
	if err := verify.BasicAuth("basic "+verify.SignBasicAuth("a:b")[6:], []string{"a:b"}); err != nil {
		t.Errorf("lower-case scheme: %v", err)
	}
	if err := verify.BasicAuth("Bearer YTpi", []string{"a:b"}); !errors.Is(err, verify.ErrMalformed) {
		t.Errorf("another scheme: %v", err)
	}
}

func TestSignStandardWebhooksRefuses(t *testing.T) {
	good := "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	for name, call := range map[string]func() error{
		"id with a dot":    func() error { _, err := verify.SignStandardWebhooks("a.b", time.Unix(1, 0), nil, good); return err },
		"empty id":         func() error { _, err := verify.SignStandardWebhooks("", time.Unix(1, 0), nil, good); return err },
		"before the epoch": func() error { _, err := verify.SignStandardWebhooks("a", time.Unix(-1, 0), nil, good); return err },
		"empty secret":     func() error { _, err := verify.SignStandardWebhooks("a", time.Unix(1, 0), nil, ""); return err },
		"public key": func() error {
			_, err := verify.SignStandardWebhooks("a", time.Unix(1, 0), nil, "whpk_A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=")
			return err
		},
		"halves of two keys": func() error {
			_, err := verify.SignStandardWebhooks("a", time.Unix(1, 0), nil, "whsk_"+base64.StdEncoding.EncodeToString(make([]byte, 64)))
			return err
		},
	} {
		if call() == nil {
			t.Errorf("%s: signed", name)
		}
	}
}

func FuzzHMACSHA256Base64(f *testing.F) { fuzz(f, schemes()[0]) }
func FuzzHub256(f *testing.F)           { fuzz(f, schemes()[1]) }
func FuzzBasicAuth(f *testing.F)        { fuzz(f, schemes()[2]) }
func FuzzStandardWebhooks(f *testing.F) { fuzz(f, schemes()[3]) }
func FuzzStandardWebhooksV1a(f *testing.F) {
	fuzz(f, schemes()[4])
}

func FuzzSlack(f *testing.F)  { fuzz(f, schemes()[5]) }
func FuzzTwilio(f *testing.F) { fuzz(f, schemes()[6]) }
func FuzzToken(f *testing.F)  { fuzz(f, schemes()[7]) }

// fuzz: whatever passes is what signing makes, in exactly that spelling (in one
// of the places, for a list), and every refusal is a typed one.
func fuzz(f *testing.F, s scheme) {
	f.Add(s.sign([]byte("body"), s.a), []byte("body"))
	f.Add(s.sign([]byte("body"), s.b), []byte("body"))
	f.Add("", []byte(""))
	f.Add("v1,AAAA v1a,BBBB v2,CC", []byte("{}"))
	f.Fuzz(func(t *testing.T, header string, body []byte) {
		err := s.check(header, body, []string{s.a})
		if err == nil {
			want := s.sign(body, s.a)
			if !strings.Contains(strings.ToLower(header), strings.ToLower(want)) {
				t.Fatalf("%q passes, signing makes %q", header, want)
			}
			return
		}
		for _, typed := range []error{verify.ErrMissing, verify.ErrMalformed, verify.ErrMismatch} {
			if errors.Is(err, typed) {
				return
			}
		}
		t.Fatalf("untyped: %v", err)
	})
}

func BenchmarkVerify(b *testing.B) {
	body := []byte(strings.Repeat(`{"text":"stuck"}`, 82)) // 1.3 KB
	for _, s := range schemes() {
		b.Run(strings.ReplaceAll(s.name, " ", "-"), func(b *testing.B) {
			header, secrets := s.sign(body, s.a), []string{s.a}
			b.ReportAllocs()
			for b.Loop() {
				if err := s.check(header, body, secrets); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
