package aws

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// S3 signs the path once escaped and wants the payload's hash in a header; the
// other services want neither.
func TestSignKnowsTheServicesDifferences(t *testing.T) {
	keys := Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret", SessionToken: "session"}
	sign := func(service, path string) http.Header {
		t.Helper()
		u := &url.URL{Scheme: "https", Host: "host.example", Path: path, RawPath: Escape(path)}
		r, err := http.NewRequest(http.MethodPut, u.String(), strings.NewReader("body"))
		if err != nil {
			t.Fatal(err)
		}
		if err := Sign(t.Context(), r, []byte("body"), keys, "eu-west-1", service, noon); err != nil {
			t.Fatal(err)
		}
		return r.Header
	}
	for service, hashed := range map[string]bool{S3: true, SQS: false} {
		h := sign(service, "/2026/11/a b=c")
		if got := h.Get("X-Amz-Content-Sha256") != ""; got != hashed {
			t.Errorf("%s: payload's hash in a header: %t", service, got)
		}
		if !strings.HasPrefix(h.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261120/eu-west-1/"+service+"/aws4_request") ||
			h.Get("X-Amz-Security-Token") != "session" || h.Get("X-Amz-Date") != "20261120T120000Z" {
			t.Errorf("%s: %v", service, h)
		}
	}
	// A path that is escaped once more is another path to every service but S3.
	signature := func(service, path string) string {
		_, s, _ := strings.Cut(sign(service, path).Get("Authorization"), "Signature=")
		return s
	}
	if signature(S3, "/a b") == signature(S3, "/a%20b") || signature(SQS, "/a b") == signature(SQS, "/a%20b") {
		t.Error("two paths have one signature")
	}
}

func TestEscapeIsWhatS3Wants(t *testing.T) {
	for path, want := range map[string]string{"/a b": "/a%20b", "/é": "/%C3%A9", "/a+b=c:d": "/a%2Bb%3Dc%3Ad", "/~_.-": "/~_.-"} {
		if got := Escape(path); got != want {
			t.Errorf("%q: %q, want %q", path, got, want)
		}
	}
}

func BenchmarkSign(b *testing.B) {
	payload := []byte(strings.Repeat("a", 1300))
	keys := Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret", SessionToken: "token"}
	b.ReportAllocs()
	for b.Loop() {
		r, err := http.NewRequest(http.MethodPost, "https://sqs.eu-west-1.amazonaws.com/", nil)
		if err != nil {
			b.Fatal(err)
		}
		if err := Sign(b.Context(), r, payload, keys, "eu-west-1", SQS, noon); err != nil {
			b.Fatal(err)
		}
	}
}
