package verify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The bounds on Mailgun's signed time. It retries for eight hours and warns of
// delays; nothing of the content is signed, so there has to be a bound.
const (
	mailgunLate  = 24 * time.Hour
	mailgunEarly = Tolerance
)

// MailgunStamp is the signature that Mailgun puts into a body. Parent is made with
// the main account's key when the mail belongs to a subaccount, else "".
type MailgunStamp struct {
	Timestamp, Token, Signature, Parent string
}

// Mailgun checks a stamp: lower-case hex HMAC-SHA256 of timestamp and token, by any
// of the secrets (webhook signing keys), as Signature or as Parent. It says nothing
// about the rest of the body: a token that was seen must not count a second time,
// which the deduplication of mails sees to.
func Mailgun(m MailgunStamp, secrets []string, now time.Time) error {
	if err := usable(secrets); err != nil {
		return err
	}
	if m.Timestamp == "" || m.Token == "" || m.Signature == "" && m.Parent == "" {
		return fmt.Errorf("%w: timestamp, token or signature", ErrMissing)
	}
	// The two are signed without a mark between them: digits at the token's
	// beginning could move over to the timestamp.
	seconds, err := strconv.ParseInt(m.Timestamp, 10, 64)
	if err != nil || len(m.Timestamp) != 10 || seconds < 0 {
		return fmt.Errorf("%w: the timestamp is not one in seconds", ErrMalformed)
	}
	match, known := false, false
	for _, text := range []string{m.Signature, m.Parent} {
		if len(text) != 2*sha256.Size || strings.ContainsAny(text, "ABCDEF") {
			continue
		}
		got, err := hex.DecodeString(text)
		if err != nil {
			continue
		}
		known = true
		if matchSHA256(got, []byte(m.Timestamp+m.Token), secrets) == nil {
			match = true
		}
	}
	switch at := time.Unix(seconds, 0); {
	case !known:
		return fmt.Errorf("%w: no %d characters of lower-case hex", ErrMalformed, 2*sha256.Size)
	case !match:
		return ErrMismatch
	case now.Sub(at) > mailgunLate || at.Sub(now) > mailgunEarly:
		return fmt.Errorf("%w: signed %s before our clock", ErrStale, now.Sub(at).Round(time.Second))
	}
	return nil
}

// SignMailgun makes the signature for a timestamp and token.
func SignMailgun(timestamp, token, secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(timestamp + token))
	return hex.EncodeToString(mac.Sum(nil))
}
