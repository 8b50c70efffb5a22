package verify

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const slackPrefix = "v0="

// Slack checks X-Slack-Signature ("v0=" and the lower-case hex HMAC-SHA256 of
// "v0:{timestamp}:{body}") and X-Slack-Request-Timestamp (Unix seconds), which may
// be Tolerance away from now. The body is what was received, form bodies still
// encoded. Upper-case hex is refused as with Hub256.
func Slack(signature, timestamp string, body []byte, secrets []string, now time.Time) error {
	if err := usable(secrets); err != nil {
		return err
	}
	if err := single("x-slack-signature", signature); err != nil {
		return err
	}
	if err := single("x-slack-request-timestamp", timestamp); err != nil {
		return err
	}
	at, err := slackTime(timestamp)
	if err != nil {
		return err
	}
	if off := now.Sub(at); off > Tolerance || off < -Tolerance {
		return fmt.Errorf("%w: signed %s before our clock", ErrStale, off.Round(time.Second))
	}
	text, ok := strings.CutPrefix(signature, slackPrefix)
	if !ok {
		return fmt.Errorf("%w: no prefix %q", ErrMalformed, slackPrefix)
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
	return matchSHA256(got[:], slackBytes(timestamp, body), secrets)
}

// slackTime wants digits alone: a sign or a leading blank would be a second
// spelling of one time.
func slackTime(timestamp string) (time.Time, error) {
	for i := range len(timestamp) {
		if timestamp[i] < '0' || timestamp[i] > '9' {
			return time.Time{}, fmt.Errorf("%w: the timestamp is not a number", ErrMalformed)
		}
	}
	sec, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || sec > maxUnix {
		return time.Time{}, fmt.Errorf("%w: the timestamp is out of range", ErrMalformed)
	}
	return time.Unix(sec, 0), nil
}

// maxUnix is the end of the year 9999.
const maxUnix = 253402300799

func slackBytes(timestamp string, body []byte) []byte {
	signed := make([]byte, 0, len("v0::")+len(timestamp)+len(body))
	signed = append(signed, "v0:"...)
	signed = append(signed, timestamp...)
	signed = append(signed, ':')
	return append(signed, body...)
}

// SignSlack makes the two header values that Slack accepts.
func SignSlack(at time.Time, body []byte, secret string) (signature, timestamp string) {
	timestamp = strconv.FormatInt(at.Unix(), 10)
	return slackPrefix + hex.EncodeToString(sumSHA256(nil, slackBytes(timestamp, body), secret)), timestamp
}
