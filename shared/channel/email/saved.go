package email

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ines/shared/channel"
	"ines/shared/pattern"
)

// What saved deliveries need to come to life again: their times moved and, where
// the signature is a part of the body, that replaced.

// mailDate is the Date of a mail as it stands in a header, in a list of headers in
// JSON, and in JSON within JSON.
var mailDate = pattern.Late{Expr: `(?i)date\W{1,20}(?:value\W{1,20})?((?:mon|tue|wed|thu|fri|sat|sun), \d{1,2} [a-z]{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4})`}

// shiftDates moves the dates of mails in a text so that the newest is now.
func shiftDates(text []byte, now time.Time) []byte {
	found := mailDate.Regexp().FindAllSubmatchIndex(text, -1)
	var newest time.Time
	for _, f := range found {
		if t, err := parseDate(string(text[f[2]:f[3]])); err == nil && t.After(newest) {
			newest = t
		}
	}
	var out []byte
	done := 0
	for _, f := range found {
		t, err := parseDate(string(text[f[2]:f[3]]))
		if err != nil {
			continue
		}
		out = append(out, text[done:f[2]]...)
		out = append(out, now.Add(t.Sub(newest)).In(t.Location()).Format(time.RFC1123Z)...)
		done = f[3]
	}
	return append(out, text[done:]...)
}

var unixField = pattern.Late{Expr: `"timestamp"\s*:\s*"?(\d{10})`}

// shiftSeconds does the same to times in Unix seconds; what follows the point stays.
func shiftSeconds(body []byte, now time.Time) []byte {
	found := unixField.Regexp().FindAllSubmatchIndex(body, -1)
	newest := int64(0)
	at := make([]int64, len(found))
	for i, f := range found {
		at[i], _ = strconv.ParseInt(string(body[f[2]:f[3]]), 10, 64) // ten digits
		newest = max(newest, at[i])
	}
	var out []byte
	done := 0
	for i, f := range found {
		out = append(out, body[done:f[2]]...)
		// One second back, for the fraction.
		out = strconv.AppendInt(out, now.Unix()-1+at[i]-newest, 10)
		done = f[3]
	}
	return append(out, body[done:]...)
}

func urlencoded(contentType string) bool {
	media, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	return strings.TrimSpace(media) == "application/x-www-form-urlencoded"
}

// freshenForm moves the mail's date in a posted form.
func freshenForm(r channel.Request, now time.Time) (channel.Request, error) {
	if !urlencoded(r.Header["content-type"]) {
		r.Body = shiftDates(r.Body, now)
		return r, nil
	}
	pairs := strings.Split(string(r.Body), "&")
	for i, p := range pairs {
		name, value, _ := strings.Cut(p, "=")
		plain, err := url.QueryUnescape(value)
		if err != nil {
			return channel.Request{}, fmt.Errorf("the saved form: %w", err)
		}
		// "Date=…" is a field too: it needs its name to be known as a date.
		mark := name + ":"
		if moved := string(shiftDates([]byte(mark+plain), now)); moved != mark+plain {
			pairs[i] = name + "=" + url.QueryEscape(strings.TrimPrefix(moved, mark))
		}
	}
	r.Body = []byte(strings.Join(pairs, "&"))
	return r, nil
}

// setField replaces a value in a posted form, or in the object "signature" of JSON.
func setField(contentType string, body []byte, name, value string) ([]byte, error) {
	switch {
	case urlencoded(contentType):
		pairs := strings.Split(string(body), "&")
		for i, p := range pairs {
			if k, _, _ := strings.Cut(p, "="); k == name {
				pairs[i] = name + "=" + url.QueryEscape(value)
				return []byte(strings.Join(pairs, "&")), nil
			}
		}
		return nil, fmt.Errorf("the saved form has no field %s", name)
	case isForm(contentType):
		_, params, err := mime.ParseMediaType(contentType)
		if err != nil {
			return nil, fmt.Errorf("the saved form: %w", err)
		}
		at := bytes.Index(body, []byte(`name="`+name+`"`))
		if at < 0 {
			return nil, fmt.Errorf("the saved form has no field %s", name)
		}
		from := bytes.Index(body[at:], []byte("\r\n\r\n"))
		to := bytes.Index(body[at:], []byte("\r\n--"+params["boundary"]))
		if from < 0 || to < from+4 {
			return nil, fmt.Errorf("the saved form breaks off in field %s", name)
		}
		return bytes.Join([][]byte{body[:at+from+4], []byte(value), body[at+to:]}, nil), nil
	}
	outer, err := members(body)
	if err != nil {
		return nil, fmt.Errorf("the saved body is not JSON: %w", err)
	}
	stamp, ok := outer["signature"]
	if !ok {
		return nil, fmt.Errorf("the saved body has no signature")
	}
	inner, err := members(body[stamp.start:stamp.end])
	if err != nil {
		return nil, fmt.Errorf("the saved body's signature is no object: %w", err)
	}
	f, ok := inner[name]
	if !ok {
		return nil, fmt.Errorf("the saved signature has no %s", name)
	}
	quoted, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	return bytes.Join([][]byte{body[:stamp.start+f.start], quoted, body[stamp.start+f.end:]}, nil), nil
}
