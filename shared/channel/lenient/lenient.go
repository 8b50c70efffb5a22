// Package lenient reads JSON as platforms write it and not as they document it: an
// id is a string here and a number there. Channels' folders import it; it imports
// the contract and message.
package lenient

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"time"
	"unicode/utf16"

	"ines/shared/channel"
	"ines/shared/message"
)

// Text is a string that some deliveries spell as a number, or the other way round.
// Numbers keep the digits they came with: ids pass 2^53.
type Text string

// UnmarshalJSON implements json.Unmarshaler. null leaves the text as it is.
func (t *Text) UnmarshalJSON(b []byte) error {
	b = bytes.TrimSpace(b)
	switch {
	case bytes.Equal(b, []byte("null")):
		return nil
	case len(b) > 0 && b[0] == '"':
		return json.Unmarshal(b, (*string)(t))
	case len(b) > 0 && (b[0] == '-' || b[0] >= '0' && b[0] <= '9'):
		*t = Text(b)
		return nil
	}
	return fmt.Errorf("%.20q is neither a string nor a number", b)
}

// Int is the text as a whole number; 0 if it is none.
func (t Text) Int() int64 {
	n, _ := strconv.ParseInt(string(t), 10, 64)
	return n
}

// lastSecond is the end of the year 9999, behind which JSON has no times.
const lastSecond = 253402300799

// Seconds is the text as a Unix time, stamped (channel.Stamp). What makes no sense
// becomes the time we received the envelope.
func (t Text) Seconds(e message.Envelope) time.Time { return stamp(e, t.Int(), 1) }

// Millis is Seconds for a Unix time in milliseconds.
func (t Text) Millis(e message.Envelope) time.Time { return stamp(e, t.Int(), 1000) }

func stamp(e message.Envelope, n, perSecond int64) time.Time {
	if n <= 0 || n/perSecond > lastSecond {
		return e.ReceivedAt.UTC()
	}
	at := channel.Stamp(e, time.UnixMilli(n*(1000/perSecond)))
	if at.Year() > 9999 {
		return e.ReceivedAt.UTC()
	}
	return at
}

// Geo is the geo: address of a place (RFC 5870), "" if the coordinates are none.
func Geo(latitude, longitude Text) string {
	lat, err1 := strconv.ParseFloat(string(latitude), 64)
	lon, err2 := strconv.ParseFloat(string(longitude), 64)
	if err1 != nil || err2 != nil || !(lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180) {
		return ""
	}
	return "geo:" + strconv.FormatFloat(lat, 'f', -1, 64) + "," + strconv.FormatFloat(lon, 'f', -1, 64)
}

// Tel is the tel: address of a phone number.
func Tel(number Text) string { return "tel:" + url.PathEscape(string(number)) }

// UTF16 counts a text as Telegram and LINE do.
func UTF16(text string) int {
	n := 0
	for _, r := range text {
		n += max(utf16.RuneLen(r), 1)
	}
	return n
}

// Ignored is a known shape of no interest.
func Ignored(key, reason string) message.Item {
	return message.Item{Kind: message.KindIgnored, Key: key, Reason: reason}
}

// OtherAccount is the reason of what reached an inbox and is another account's.
const OtherAccount = "other_account"

// Elsewhere is a delivery of another account than the inbox's: an app that serves
// several sends all of them to one address. Each item is counted, what can't be read
// as that; nothing is filed.
func Elsewhere(items []message.Item) []message.Item {
	for i, it := range items {
		if it.Kind != message.KindUnrecognised {
			items[i] = Ignored(it.Key, OtherAccount)
		}
	}
	return items
}

// Unrecognised is a shape that we don't know.
func Unrecognised(key, format string, args ...any) message.Item {
	return message.Item{Kind: message.KindUnrecognised, Key: key, Reason: fmt.Sprintf(format, args...)}
}

// Refuse is a reply that can't be sent as it is.
func Refuse(code, format string, args ...any) *channel.SendError {
	return &channel.SendError{Class: channel.Permanent, Code: code, Detail: fmt.Sprintf(format, args...)}
}
