package aws

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// Credentials sign requests. SessionToken is "" for long-lived keys.
type Credentials = sdk.Credentials

var signer = v4.NewSigner()

// Sign signs a request with the SDK's Signature Version 4. The request's path must
// be escaped as it is to be sent; S3 signs it as it is, other services escape it
// once more. Channels sign with it what they call through a client of their own.
func Sign(ctx context.Context, r *http.Request, payload []byte, keys Credentials, region, service string, now time.Time) error {
	sum := sha256.Sum256(payload)
	hash := hex.EncodeToString(sum[:])
	if service == S3 {
		r.Header.Set("X-Amz-Content-Sha256", hash)
	}
	err := signer.SignHTTP(ctx, keys, r, hash, service, region, now.UTC(), func(o *v4.SignerOptions) { o.DisableURIPathEscaping = service == S3 })
	if err != nil {
		return fmt.Errorf("sign a request to %s: %w", service, err)
	}
	return nil
}

// Escape percent-encodes all but unreserved characters, which is what S3 wants of
// the names in paths; slashes stay.
func Escape(path string) string {
	var b strings.Builder
	for i := range len(path) {
		c := path[i]
		switch {
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-', c == '.', c == '_', c == '~', c == '/':
			b.WriteByte(c)
		default:
			const digits = "0123456789ABCDEF"
			b.WriteByte('%')
			b.WriteByte(digits[c>>4])
			b.WriteByte(digits[c&15])
		}
	}
	return b.String()
}
