package verify

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

const hubPrefix = "sha256="

// Hub256 checks Meta's X-Hub-Signature-256: "sha256=" and the lower-case hex
// HMAC-SHA256 of the body, exactly as it was received (Meta sends non-ASCII
// characters escaped, and signs that).
//
// Upper-case hex is refused on purpose: Meta never sends it, and one spelling
// for each signature is one thing less to reason about.
func Hub256(header string, body []byte, secrets []string) error {
	if err := usable(secrets); err != nil {
		return err
	}
	if err := single("x-hub-signature-256", header); err != nil {
		return err
	}
	text, ok := strings.CutPrefix(header, hubPrefix)
	if !ok {
		return fmt.Errorf("%w: no prefix %q", ErrMalformed, hubPrefix)
	}
	if len(text) != 2*sha256.Size {
		return fmt.Errorf("%w: %d characters of hex, not %d", ErrMalformed, len(text), 2*sha256.Size)
	}
	if strings.ContainsAny(text, "ABCDEF") {
		return fmt.Errorf("%w: upper-case hex", ErrMalformed)
	}
	var got [sha256.Size]byte
	if _, err := hex.Decode(got[:], []byte(text)); err != nil {
		return fmt.Errorf("%w: not hex", ErrMalformed)
	}
	return matchSHA256(got[:], body, secrets)
}

// SignHub256 makes what Hub256 accepts.
func SignHub256(body []byte, secret string) string {
	return hubPrefix + hex.EncodeToString(sumSHA256(nil, body, secret))
}
