package message

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"strings"
	"time"
)

// Envelope is one verified webhook request, verbatim: what `receive` makes
// durable, what the archive keeps and what a replay starts from.
type Envelope struct {
	// ID is unique per delivery (two deliveries of the same body have two
	// ids) and stable over retries of the inbound queue.
	ID         string    `json:"id"`
	Channel    string    `json:"channel"`
	Inbox      string    `json:"inbox"`
	ReceivedAt time.Time `json:"received_at"`
	Method     string    `json:"method"`
	Query      string    `json:"query,omitempty"` // raw, without "?"
	// Header holds lower-case names; values of a repeated header are joined
	// by ",". Authorization is never kept.
	Header map[string]string `json:"header"`
	Body   []byte            `json:"body,omitempty"`
	// BodyRef is the archive key of a body that is too large for a queue
	// message; Body is then empty.
	BodyRef string `json:"body_ref,omitempty"`
	// ContentRef is the archive key of our copy of what the platform had laid into a
	// bucket, where a delivery only says that it is there (channel.Depositor);
	// ContentLost says instead why it could not be had, in words for a colleague.
	// They are added before the envelope goes into the archive: it is read the same
	// way when the bucket is empty.
	ContentRef  string `json:"content_ref,omitempty"`
	ContentLost string `json:"content_lost,omitempty"`
	// Content is what is kept at ContentRef, while the envelope is being read.
	Content []byte `json:"-"`
	// Skew is added to platform times. It is zero except on the embedded
	// engine after time travel, where platforms have to travel along.
	Skew time.Duration `json:"skew,omitempty"`
}

// EnvelopeID derives a delivery's id from the gateway's request id and what was
// delivered.
func EnvelopeID(requestID string, epochMillis int64, channel, inbox string, body []byte) string {
	h := sha256.New()
	for _, s := range []string{requestID, time.UnixMilli(epochMillis).UTC().Format(time.RFC3339Nano), channel, inbox} {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil)[:12])
}

var lower32 = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// DeriveID makes a short lower-case id (80 bits, Crockford base32, 16
// characters) from what caused the thing to be: the same causes give the same
// id, which is what makes a replayed archive rebuild the same cases.
func DeriveID(causes ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(causes, "\x00")))
	return lower32.EncodeToString(sum[:10])
}
