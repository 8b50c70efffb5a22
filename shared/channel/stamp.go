package channel

import (
	"time"

	"ines/shared/message"
)

// MaxAhead is how far a platform's clock may be ahead of ours.
const MaxAhead = 10 * time.Minute

// Stamp is the time that Read gives to what a platform stamped at: skewed, or the
// time we received it where the stamp lies more than MaxAhead after that. A wrong
// stamp would keep the reply window open for longer and stand above all that
// follows. An envelope that doesn't say when it was received lets every time pass.
func Stamp(e message.Envelope, at time.Time) time.Time {
	at = at.UTC().Add(e.Skew)
	if !e.ReceivedAt.IsZero() && at.After(e.ReceivedAt.Add(MaxAhead)) {
		return e.ReceivedAt.UTC()
	}
	return at
}
