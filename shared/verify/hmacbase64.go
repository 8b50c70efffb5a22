package verify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
)

// strict64 refuses the spare bits of the last character, so that each
// signature has exactly one spelling.
var strict64 = base64.StdEncoding.Strict()

// HMACSHA256Base64 checks a header that is prefix followed by the base64
// HMAC-SHA256 of the body (X: prefix "sha256="; LINE: no prefix).
func HMACSHA256Base64(header, prefix string, body []byte, secrets []string) error {
	if err := usable(secrets); err != nil {
		return err
	}
	if err := single("signature header", header); err != nil {
		return err
	}
	text, ok := strings.CutPrefix(header, prefix)
	if !ok {
		return fmt.Errorf("%w: no prefix %q", ErrMalformed, prefix)
	}
	var got [sha256.Size + 1]byte
	// The length is checked first: Go's decoder skips line ends.
	if len(text) != strict64.EncodedLen(sha256.Size) {
		return fmt.Errorf("%w: %d characters of base64, not %d", ErrMalformed, len(text), strict64.EncodedLen(sha256.Size))
	}
	n, err := strict64.Decode(got[:], []byte(text))
	if err != nil || n != sha256.Size {
		return fmt.Errorf("%w: not the base64 of %d bytes", ErrMalformed, sha256.Size)
	}
	return matchSHA256(got[:n], body, secrets)
}

// SignHMACSHA256Base64 makes what HMACSHA256Base64 accepts.
func SignHMACSHA256Base64(prefix string, body []byte, secret string) string {
	return prefix + base64.StdEncoding.EncodeToString(sumSHA256(nil, body, secret))
}

// CRC answers X's challenge: the response_token for a crc_token.
func CRC(token, secret string) (string, error) {
	if err := usable([]string{secret}); err != nil {
		return "", err
	}
	if token == "" {
		return "", fmt.Errorf("%w: the crc_token is empty", ErrMissing)
	}
	return SignHMACSHA256Base64("sha256=", []byte(token), secret), nil
}

// matchSHA256 looks at every secret whatever the earlier ones said.
func matchSHA256(got, body []byte, secrets []string) error {
	match := false
	var buf [sha256.Size]byte
	for _, s := range secrets {
		if hmac.Equal(got, sumSHA256(buf[:0], body, s)) {
			match = true
		}
	}
	if !match {
		return ErrMismatch
	}
	return nil
}

func sumSHA256(dst, body []byte, secret string) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return mac.Sum(dst)
}
