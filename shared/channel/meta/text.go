package meta

import (
	"time"

	"ines/shared/channel"
	"ines/shared/channel/lenient"
	"ines/shared/message"
)

// Text is a string that some deliveries spell as a number.
type Text = lenient.Text

const (
	// lastSecond is the end of the year 9999, behind which JSON has no times.
	lastSecond = 253402300799
	// Numbers from here on count milliseconds (1973), below it seconds (year 5138).
	firstMillis = 100_000_000_000
)

// When is the first of the stamps that makes sense, skewed and held against the
// time we received the delivery; that time where none does. Stamps count seconds or
// milliseconds: Meta's products and test buttons use both.
func When(e message.Envelope, stamps ...Text) time.Time {
	for _, s := range stamps {
		n := s.Int()
		if n <= 0 {
			continue
		}
		at := time.Unix(n, 0)
		if n >= firstMillis {
			at = time.UnixMilli(n)
		}
		if at.Unix() > lastSecond {
			continue
		}
		if at = channel.Stamp(e, at); at.Year() <= 9999 {
			return at
		}
	}
	return e.ReceivedAt.UTC()
}
