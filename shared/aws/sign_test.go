package aws

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	official "github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"pgregory.net/rapid"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// TestSignAsAWSDoes holds our signature against the official signer's, for any
// path, query, header and payload.
func TestSignAsAWSDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		service := rapid.SampledFrom([]string{S3, SQS, DynamoDB, SSM}).Draw(t, "service")
		payload := []byte(rapid.String().Draw(t, "payload"))
		u := url.URL{Scheme: "https", Host: "host.example", RawQuery: url.Values{
			rapid.StringMatching(`[a-z -]{1,6}`).Draw(t, "name"): {rapid.StringMatching(`[a-zA-Z0-9 +/=~*é]{0,8}`).Draw(t, "value")}, "list-type": {"2"},
		}.Encode()}
		u.Path = "/" + rapid.StringMatching(`[a-z0-9 +é%=:~/-]{0,12}`).Draw(t, "path")
		u.RawPath = Escape(u.Path)
		keys := Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: rapid.StringMatching(`[A-Za-z0-9/+]{4,40}`).Draw(t, "secret"),
			SessionToken: rapid.SampledFrom([]string{"", "session/token=="}).Draw(t, "session")}
		extra := rapid.StringMatching(`[a-z ]{0,9}`).Draw(t, "extra")
		request := func() *http.Request {
			r, err := http.NewRequest(rapid.SampledFrom([]string{"POST"}).Draw(t, "method"), u.String(), strings.NewReader(string(payload)))
			if err != nil {
				t.Fatal(err)
			}
			r.ContentLength = 0 // the official signer would sign it, which is optional
			r.Header.Set("Content-Type", "application/x-amz-json-1.0")
			r.Header.Set("X-Amz-Target", "Service.Operation"+extra)
			return r
		}
		ours, theirs := request(), request()
		Sign(ours, payload, keys, "eu-west-1", service, noon)
		sum := sha256.Sum256(payload)
		hash := hex.EncodeToString(sum[:])
		if service == S3 {
			theirs.Header.Set("X-Amz-Content-Sha256", hash)
		}
		err := v4.NewSigner().SignHTTP(t.Context(), official.Credentials{AccessKeyID: keys.AccessKeyID, SecretAccessKey: keys.SecretAccessKey, SessionToken: keys.SessionToken},
			theirs, hash, service, "eu-west-1", noon, func(o *v4.SignerOptions) { o.DisableURIPathEscaping = service == S3 })
		if err != nil {
			t.Fatal(err)
		}
		if got, want := ours.Header.Get("Authorization"), theirs.Header.Get("Authorization"); got != want {
			t.Fatalf("%s %s\n got %s\nwant %s", service, u.String(), got, want)
		}
	})
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
		Sign(r, payload, keys, "eu-west-1", SQS, noon)
	}
}
