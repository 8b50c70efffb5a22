package verify_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"ines/shared/verify"
)

// webhook is the header set of a Standard Webhooks request.
func webhook(id, stamp, sig string) map[string]string {
	return map[string]string{"webhook-id": id, "webhook-timestamp": stamp, "webhook-signature": sig}
}

// Published vectors, and our own where none is published (CHANNELS.md, 11).
func TestVectors(t *testing.T) {
	escaped := `{"object": "page", "entry": [{"id": "1", "time": 1, "messaging": [{"message": {"mid": "m_1", "text": "\u00e4\u00f6\u00e5 https:\/\/e.example"}}]}]}`
	hub := func(secret, body, sig string) func() error {
		return func() error { return verify.Hub256(sig, []byte(body), []string{secret}) }
	}
	b64 := func(prefix, secret, body, sig string) func() error {
		return func() error { return verify.HMACSHA256Base64(sig, prefix, []byte(body), []string{secret}) }
	}
	std := func(secret, id, stamp, body, sig string, now int64) func() error {
		return func() error {
			return verify.StandardWebhooks(webhook(id, stamp, sig), []byte(body), []string{secret}, time.Unix(now, 0))
		}
	}
	tests := []struct {
		name  string
		check func() error
		want  error
	}{
		{"13 hub", hub("It's a Secret to Everybody", "Hello, World!", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"), nil},
		{"14 meta", hub("sesame", "hello world", "sha256=f39034b29165ec6a5104d9aef27266484ab26c8caa7bca8bcb2dd02e8be61b17"), nil},
		{"14 meta, second", hub("sesame", "hello world2", "sha256=60905fdf409d0b4f721e99f6f25b31567a68a6b45e933d814e17a246be4c5a53"), nil},
		{"meta, escaped body", hub("not-a-real-app-secret", escaped, "sha256=03aaa6b3a11ea8a4e6a4e4365333139adf38eddb34a48b9f9b5da09853a9d016"), nil},
		{"meta, body unescaped on the way", hub("not-a-real-app-secret", strings.ReplaceAll(escaped, `\/`, `/`), "sha256=03aaa6b3a11ea8a4e6a4e4365333139adf38eddb34a48b9f9b5da09853a9d016"), verify.ErrMismatch},
		{"10 base64 without prefix", b64("", "channel_secret", "bodybodybodybody", "/gg9a+LvFevTH1sd7XCQycD7tsWclCsInj7MhBHxN7k="), nil},
		{"11 base64", b64("", "test_secret", `{"hello":"world"}`, "t7Hn4ZDHqs6e+wdvI5TyQIvzie0DmMUmuXEBqyyE/tM="), nil},
		{"11 one letter lower-cased", b64("", "test_secret", `{"hello":"world"}`, "t7Hn4ZDHqs6e+wdvI5TyQIvzie0DmMUmuXEBqyyE/tm="), verify.ErrMalformed},
		{"11 another letter lower-cased", b64("", "test_secret", `{"hello":"world"}`, "t7hn4ZDHqs6e+wdvI5TyQIvzie0DmMUmuXEBqyyE/tM="), verify.ErrMismatch},
		{"x crc", b64("sha256=", "not-a-real-consumer-secret", "challenge-0001", "sha256=pVovN+RyRA0MqC5uGWIQH5Dlz1Wo32Dfa2PJ1sLpyy8="), nil},
		{"x body", b64("sha256=", "not-a-real-client-secret", `{"data":{"event_uuid":"1","event_type":"post.mention.create","payload":{"id":"10","text":"café"}}}`, "sha256=6HvfsK5hzzD7lc3NRA5xrXWBxCAmwDapim417yrGbOY="), nil},
		{"12 standard webhooks", std("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", `{"test": 2432232314}`, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", 1614265330), nil},
		{"v1a", std("whpk_A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=", "msg_0001", "1700000000", `{"type":"message.created","data":{"id":"1"}}`, "v1a,jbJZ+3uaQlsynzfjQSsay1Wmeg3yJvch0BI3t2N2MoMDetzv+FE4w6TPv7IMBY+cnm584k2dIXcW851ws9hnDA==", 1700000000), nil},
		{"v1a, another body", std("whpk_A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=", "msg_0001", "1700000000", `{"type":"message.created","data":{"id":"2"}}`, "v1a,jbJZ+3uaQlsynzfjQSsay1Wmeg3yJvch0BI3t2N2MoMDetzv+FE4w6TPv7IMBY+cnm584k2dIXcW851ws9hnDA==", 1700000000), verify.ErrMismatch},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.check(); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestCRC(t *testing.T) {
	got, err := verify.CRC("challenge-0001", "not-a-real-consumer-secret")
	if want := "sha256=pVovN+RyRA0MqC5uGWIQH5Dlz1Wo32Dfa2PJ1sLpyy8="; got != want || err != nil {
		t.Errorf("CRC = %q, %v; want %q", got, err, want)
	}
	if _, err := verify.CRC("challenge-0001", ""); !errors.Is(err, verify.ErrNoSecret) {
		t.Errorf("empty secret: %v", err)
	}
	if _, err := verify.CRC("", "x"); !errors.Is(err, verify.ErrMissing) {
		t.Errorf("empty token: %v", err)
	}
}

func TestStandardWebhooks(t *testing.T) {
	const (
		secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
		stamp  = 1614265330
		good   = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
		id     = "msg_p5jXN8AQM9LWM0D4loKWxJek"
		body   = `{"test": 2432232314}`
	)
	key := func(n int) string { return "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, n)) }
	with := func(change func(h map[string]string)) map[string]string {
		h := webhook(id, "1614265330", good)
		change(h)
		return h
	}
	same := with(func(map[string]string) {})
	tests := []struct {
		name    string
		header  map[string]string
		secrets []string
		now     int64
		want    error
	}{
		{"good", same, []string{secret}, stamp, nil},
		{"five minutes late", same, []string{secret}, stamp + 300, nil},
		{"five minutes early", same, []string{secret}, stamp - 300, nil},
		{"stale", same, []string{secret}, stamp + 301, verify.ErrStale},
		{"future", same, []string{secret}, stamp - 301, verify.ErrStale},
		{"far future", with(func(h map[string]string) { h["webhook-timestamp"] = "999999999999" }), []string{secret}, stamp, verify.ErrStale},
		{"second secret", same, []string{key(32), secret}, stamp, nil},
		{"a public key beside it", same, []string{"whpk_A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=", secret}, stamp, nil},
		{"wrong secret", same, []string{key(24)}, stamp, verify.ErrMismatch},
		{"key of 64 bytes", same, []string{key(64)}, stamp, verify.ErrMismatch},
		{"key of 23 bytes", same, []string{key(23)}, stamp, verify.ErrNoSecret},
		{"key of 65 bytes", same, []string{key(65)}, stamp, verify.ErrNoSecret},
		{"empty key", same, []string{"whsec_"}, stamp, verify.ErrNoSecret},
		{"no prefix", same, []string{"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}, stamp, verify.ErrNoSecret},
		{"unknown prefix", same, []string{"whxx_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}, stamp, verify.ErrNoSecret},
		{"short public key", same, []string{"whpk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}, stamp, verify.ErrNoSecret},
		{"no secrets", same, nil, stamp, verify.ErrNoSecret},
		{"empty secret beside a good one", same, []string{secret, ""}, stamp, verify.ErrNoSecret},
		{"unknown version beside it", with(func(h map[string]string) { h["webhook-signature"] = "v2,AAAA " + good }), []string{secret}, stamp, nil},
		{"unknown version alone", with(func(h map[string]string) { h["webhook-signature"] = "v2,AAAA" }), []string{secret}, stamp, verify.ErrMalformed},
		{"broken one beside it", with(func(h map[string]string) { h["webhook-signature"] = good + " v1,!" }), []string{secret}, stamp, nil},
		{"truncated", with(func(h map[string]string) { h["webhook-signature"] = good[:20] }), []string{secret}, stamp, verify.ErrMalformed},
		{"no signature", with(func(h map[string]string) { delete(h, "webhook-signature") }), []string{secret}, stamp, verify.ErrMissing},
		{"no id", with(func(h map[string]string) { delete(h, "webhook-id") }), []string{secret}, stamp, verify.ErrMissing},
		{"no timestamp", with(func(h map[string]string) { delete(h, "webhook-timestamp") }), []string{secret}, stamp, verify.ErrMissing},
		{"another id", with(func(h map[string]string) { h["webhook-id"] = "msg_1" }), []string{secret}, stamp, verify.ErrMismatch},
		{"id with a dot", with(func(h map[string]string) { h["webhook-id"] = "msg.1" }), []string{secret}, stamp, verify.ErrMalformed},
		{"timestamp with a dot", with(func(h map[string]string) { h["webhook-timestamp"] = "1614265330.0" }), []string{secret}, stamp, verify.ErrMalformed},
		{"negative timestamp", with(func(h map[string]string) { h["webhook-timestamp"] = "-1" }), []string{secret}, stamp, verify.ErrMalformed},
		{"two signature headers", with(func(h map[string]string) { h["webhook-signature"] = good + ", " + good }), []string{secret}, stamp, verify.ErrMalformed},
		{"two signature headers, joined without a blank", with(func(h map[string]string) { h["webhook-signature"] = good + "," + good + " " + good }), []string{secret}, stamp, verify.ErrMalformed},
		{"two ids", with(func(h map[string]string) { h["webhook-id"] = id + ", " + id }), []string{secret}, stamp, verify.ErrMalformed},
		{"too many", with(func(h map[string]string) { h["webhook-signature"] = strings.Repeat(good+" ", 20) }), []string{secret}, stamp, verify.ErrMalformed},
		{"svix names", map[string]string{"svix-id": id, "svix-timestamp": "1614265330", "svix-signature": good}, []string{secret}, stamp, nil},
		{"mixed names", map[string]string{"webhook-id": id, "svix-timestamp": "1614265330", "svix-signature": good}, []string{secret}, stamp, verify.ErrMissing},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := verify.StandardWebhooks(tt.header, []byte(body), tt.secrets, time.Unix(tt.now, 0))
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") {
				t.Errorf("the error shows the secret: %v", err)
			}
		})
	}
	if err := verify.StandardWebhooks(same, []byte(body+" "), []string{secret}, time.Unix(stamp, 0)); !errors.Is(err, verify.ErrMismatch) {
		t.Errorf("changed body: %v", err)
	}
}
