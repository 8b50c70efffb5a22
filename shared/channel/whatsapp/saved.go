package whatsapp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"ines/shared/channel"
)

// lastSecond is the end of the year 9999, behind which JSON has no times.
const lastSecond = 253402300799

// Freshen implements channel.Saved: it moves every "timestamp" so that the newest
// is now, and "expiration_timestamp" along with them. Times are whole seconds.
func (Channel) Freshen(_ channel.Inbox, r channel.Request, now time.Time) (channel.Request, error) {
	if len(r.Body) == 0 {
		return r, nil
	}
	spots, err := timesIn(r.Body)
	if err != nil {
		return channel.Request{}, fmt.Errorf("the saved body is not JSON: %w", err)
	}
	var newest int64
	for _, s := range spots {
		if !s.expiry {
			newest = max(newest, s.seconds)
		}
	}
	if newest == 0 {
		return r, nil
	}
	shift := now.Unix() - newest
	var out []byte
	done := 0
	for _, s := range spots {
		out = append(out, r.Body[done:s.start]...)
		out = strconv.AppendInt(out, s.seconds+shift, 10)
		done = s.end
	}
	r.Body = append(out, r.Body[done:]...)
	return r, nil
}

// spot is a time in a body: the bytes [start, end) are its digits.
type spot struct {
	start, end int
	seconds    int64
	expiry     bool
}

// timesIn finds the values of all timestamp keys, in order.
func timesIn(body []byte) ([]spot, error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var (
		spots []spot
		// objects tells for each open bracket whether it is an object.
		objects []bool
		isKey   bool
		key     string
		last    int
	)
	for {
		tok, err := dec.Token()
		if err == io.EOF {
			return spots, nil
		}
		if err != nil {
			return nil, err
		}
		end := int(dec.InputOffset())
		before := last
		last = end
		inObject := len(objects) > 0 && objects[len(objects)-1]
		if d, ok := tok.(json.Delim); ok {
			if d == '{' || d == '[' {
				objects = append(objects, d == '{')
			} else {
				objects = slices.Delete(objects, len(objects)-1, len(objects))
			}
			isKey = len(objects) > 0 && objects[len(objects)-1]
			continue
		}
		if inObject && isKey {
			key, _ = tok.(string)
			isKey = false
			continue
		}
		isKey = inObject
		if !inObject || key != "timestamp" && key != "expiration_timestamp" {
			continue
		}
		digits := fmt.Sprint(tok)
		seconds, err := strconv.ParseInt(digits, 10, 64)
		at := bytes.LastIndex(body[before:end], []byte(digits))
		if err != nil || seconds <= 0 || seconds > lastSecond || at < 0 {
			continue
		}
		spots = append(spots, spot{
			start:   before + at,
			end:     before + at + len(digits),
			seconds: seconds,
			expiry:  key == "expiration_timestamp",
		})
	}
}
