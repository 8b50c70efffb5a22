package desk

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"ines/shared/policy"
)

// field is one field of a request's body, or one parameter of its query.
type field struct {
	name     string
	kind     kind
	required bool
	doc      string
	oneOf    []string
}

type kind string

const (
	text  kind = "string"
	texts kind = "list of strings"
	when  kind = "time or duration"
	flag  kind = "boolean"
	count kind = "number" // queries only
	// parts is an object of its own, which whoever takes it reads; anything is any
	// JSON.
	parts    kind = "object"
	anything kind = "value"
)

// body is a request's fields after decoding: strings and lists of strings.
type body map[string]any

func (b body) text(name string) string {
	s, _ := b[name].(string)
	return s
}

func (b body) texts(name string) []string {
	l, _ := b[name].([]string)
	return l
}

// raw is a field's own JSON, nil if it was left out.
func (b body) raw(name string) json.RawMessage {
	r, _ := b[name].(json.RawMessage)
	return r
}

func (b body) flag(name string) bool {
	v, _ := b[name].(bool)
	return v
}

// farthest is how far from now a point in time may be, as a duration may: beyond it
// lie slips of the pen, and years that JSON has no way to write.
const farthest = 3650 * 24 * time.Hour

// time reads a point in time no farther away than farthest: RFC 3339, a duration from
// now, or, where zone says whose clock hangs on the wall, "15:04" and "2006-01-02 15:04".
func (b body) time(name string, now time.Time, zone *time.Location) (time.Time, error) {
	t, err := b.anyTime(name, now, zone)
	if err == nil && t.Sub(now).Abs() > farthest {
		return time.Time{}, invalid(name, "%s is more than 3650 days away.", name)
	}
	return t, err
}

func (b body) anyTime(name string, now time.Time, zone *time.Location) (time.Time, error) {
	s := strings.TrimSpace(b.text(name))
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t.UTC(), nil
	}
	if d, err := policy.ParseDuration(s); err == nil {
		return now.Add(d), nil
	}
	if d, err := time.ParseDuration(s); err == nil && d > 0 && d <= farthest {
		return now.Add(d), nil
	}
	if zone != nil {
		for _, layout := range []string{"2006-01-02 15:04", "2006-01-02T15:04"} {
			if t, err := time.ParseInLocation(layout, s, zone); err == nil {
				return t, nil
			}
		}
		if t, err := time.Parse("15:04", s); err == nil {
			local := now.In(zone)
			at := time.Date(local.Year(), local.Month(), local.Day(), t.Hour(), t.Minute(), 0, 0, zone)
			if !at.After(now) {
				at = at.AddDate(0, 0, 1)
			}
			return at, nil
		}
		return time.Time{}, invalid(name, "Say when: 30m, 2h, 1d, 15:30, or 2026-05-01 09:00.")
	}
	return time.Time{}, invalid(name, "%s is neither a time (RFC 3339, such as 2026-05-01T09:00:00Z) nor a duration from now (such as 30m, 2h or 3d).", name)
}

// decode reads a JSON object strictly: what the table of fields doesn't name is
// refused, and so are a name that stands there twice and what has another type.
// null counts as left out.
func decode(raw []byte, fields []field) (body, error) {
	b := body{}
	if !utf8.Valid(raw) {
		return nil, malformed("", "The body is not UTF-8.")
	}
	if len(bytes.TrimSpace(raw)) > 0 {
		given, err := readObject(raw)
		if err != nil {
			return nil, err
		}
		for name, value := range given {
			f, ok := find(fields, name)
			if !ok {
				return nil, malformed(name, "There is no field %q here; there %s.", name, names(fields))
			}
			v, err := f.read(value)
			if err != nil {
				return nil, err
			}
			if v != nil {
				b[name] = v
			}
		}
	}
	for _, f := range fields {
		if _, given := b[f.name]; f.required && !given {
			return nil, invalid(f.name, "%q is missing: %s.", f.name, f.doc)
		}
	}
	return b, nil
}

func readObject(raw []byte) (map[string]json.RawMessage, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	broken := func(err error) error {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return malformed("", "The body is not JSON: %s.", err)
	}
	switch tok, err := dec.Token(); {
	case err != nil:
		return nil, broken(err)
	case tok != json.Delim('{'):
		return nil, malformed("", "The body must be a JSON object.")
	}
	given := map[string]json.RawMessage{}
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return nil, broken(err)
		}
		name, _ := tok.(string) // in this place the decoder gives nothing else
		if _, twice := given[name]; twice {
			return nil, malformed(name, "The field %q is there twice.", name)
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, broken(err)
		}
		given[name] = value
	}
	if _, err := dec.Token(); err != nil {
		return nil, broken(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, malformed("", "Something follows the JSON object in the body.")
	}
	return given, nil
}

func (f field) read(value json.RawMessage) (any, error) {
	if string(value) == "null" {
		return nil, nil
	}
	var err error
	if f.kind == flag {
		var v bool
		if err = json.Unmarshal(value, &v); err == nil {
			return v, nil
		}
	} else if f.kind == anything || f.kind == parts && len(value) > 0 && value[0] == '{' {
		return value, nil
	} else if f.kind == texts {
		var l []*string
		if err = json.Unmarshal(value, &l); err == nil {
			all := make([]string, len(l))
			for i, s := range l {
				if s == nil {
					return nil, malformed(f.name, "%q must be a %s.", f.name, f.kind)
				}
				all[i] = *s
			}
			return all, nil
		}
	} else {
		var s string
		if err = json.Unmarshal(value, &s); err == nil {
			return s, nil
		}
	}
	if f.kind == when {
		return nil, malformed(f.name, "%q must be a string with a time or a duration.", f.name)
	}
	if f.kind == parts {
		return nil, malformed(f.name, "%q must be a JSON object.", f.name)
	}
	return nil, malformed(f.name, "%q must be a %s.", f.name, f.kind)
}

func find(fields []field, name string) (field, bool) {
	for _, f := range fields {
		if f.name == name {
			return f, true
		}
	}
	return field{}, false
}

func names(fields []field) string {
	if len(fields) == 0 {
		return "are none"
	}
	all := make([]string, len(fields))
	for i, f := range fields {
		all[i] = f.name
	}
	if len(all) == 1 {
		return "is " + all[0]
	}
	return "are " + strings.Join(all, ", ")
}
