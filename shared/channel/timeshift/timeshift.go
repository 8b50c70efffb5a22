// Package timeshift moves the times in a saved JSON payload so that the newest is
// now, and leaves every other byte as it is. Channels use it to freshen saved
// events. Standard library only.
package timeshift

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// stamp is one time found in a body.
type stamp struct {
	start, end int // of the JSON value
	at         time.Time
	write      func(time.Time) string // in the form it had
}

// JSON moves the times that are values of the named fields, at any depth, by one
// distance, such that the newest becomes now (cut to the field's precision, never
// after now). It knows RFC 3339, X's "Wed Oct 10 20:19:24 +0000 2018" and Unix
// times in seconds or milliseconds, as numbers or strings; other values stay. A
// body without times stays as it is. The error says where the JSON breaks.
func JSON(body []byte, now time.Time, fields ...string) ([]byte, error) {
	stamps, err := find(body, fields)
	if err != nil {
		return nil, err
	}
	if len(stamps) == 0 {
		return slices.Clone(body), nil
	}
	newest := slices.MaxFunc(stamps, func(a, b stamp) int { return a.at.Compare(b.at) }).at
	by := now.Sub(newest)
	var out bytes.Buffer
	last := 0
	for _, s := range stamps {
		out.Write(body[last:s.start])
		out.WriteString(s.write(s.at.Add(by)))
		last = s.end
	}
	out.Write(body[last:])
	return out.Bytes(), nil
}

// find walks the tokens. A field's name is the string in an object's name place.
func find(body []byte, fields []string) ([]stamp, error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	type level struct{ object, named bool }
	var (
		stack []level
		name  string
		out   []stamp
	)
	for {
		before := int(dec.InputOffset())
		tok, err := dec.Token()
		if err != nil {
			if len(stack) == 0 && len(bytes.TrimSpace(body[before:])) == 0 {
				return out, nil
			}
			return nil, fmt.Errorf("moving times: JSON breaks at byte %d: %w", before, err)
		}
		end := int(dec.InputOffset())
		top := len(stack) - 1
		if d, ok := tok.(json.Delim); ok {
			switch d {
			case '{', '[':
				stack = append(stack, level{object: d == '{'})
			default:
				stack = stack[:top]
				if top > 0 {
					stack[top-1].named = false
				}
			}
			continue
		}
		if top >= 0 && stack[top].object && !stack[top].named {
			name, _ = tok.(string)
			stack[top].named = true
			continue
		}
		if top >= 0 {
			stack[top].named = false
		}
		if !slices.Contains(fields, name) {
			continue
		}
		start := before + bytes.IndexFunc(body[before:end], func(r rune) bool { return !strings.ContainsRune(" \t\r\n:,", r) })
		if s, ok := read(tok); ok {
			s.start, s.end = start, end
			out = append(out, s)
		}
	}
}

func read(tok json.Token) (stamp, bool) {
	switch v := tok.(type) {
	case json.Number:
		return unix(string(v), "")
	case string:
		if s, ok := unix(v, `"`); ok {
			return s, true
		}
		for _, layout := range []string{time.RFC3339, time.RubyDate} {
			at, err := time.Parse(layout, v)
			if err != nil {
				continue
			}
			if layout == time.RFC3339 {
				layout = fraction(v)
			}
			zone := at.Location()
			return stamp{at: at, write: func(t time.Time) string { return `"` + t.In(zone).Format(layout) + `"` }}, true
		}
	}
	return stamp{}, false
}

// fraction is RFC 3339 with as many digits after the second as v has.
func fraction(v string) string {
	_, rest, ok := strings.Cut(v, ".")
	if !ok {
		return time.RFC3339
	}
	n := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
	return "2006-01-02T15:04:05." + strings.Repeat("0", n) + "Z07:00"
}

// unix takes 10 digits for seconds and 13 for milliseconds.
func unix(v, quote string) (stamp, bool) {
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < 0 {
		return stamp{}, false
	}
	switch len(v) {
	case 10:
		return stamp{at: time.Unix(n, 0), write: func(t time.Time) string { return quote + strconv.FormatInt(t.Unix(), 10) + quote }}, true
	case 13:
		return stamp{at: time.UnixMilli(n), write: func(t time.Time) string { return quote + strconv.FormatInt(t.UnixMilli(), 10) + quote }}, true
	}
	return stamp{}, false
}
