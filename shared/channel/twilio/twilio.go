// Package twilio is what the channels sms and voice share: forms that Twilio signs,
// the answer it expects, and credentials. Those two import it; it imports the
// contract, message, verify and lenient.
package twilio

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ines/shared/channel"
	"ines/shared/channel/lenient"
	"ines/shared/message"
	"ines/shared/verify"
)

const signatureHeader = "x-twilio-signature"

// Verify checks X-Twilio-Signature. The address that Twilio signs is the inbox's,
// from INES_PUBLIC_URL, whatever the request's Host says.
func Verify(in channel.Inbox, s channel.Secrets, r channel.Request) error {
	if err := verify.Twilio(r.Header[signatureHeader], signed(in, r), s.Sign); err != nil {
		return fmt.Errorf("%w: %w", channel.ErrSignature, err)
	}
	return nil
}

func signed(in channel.Inbox, r channel.Request) verify.TwilioRequest {
	return verify.TwilioRequest{URL: in.URL, Query: r.Query, ContentType: r.Header["content-type"], Body: r.Body}
}

// Sign is channel.Saved's for both channels.
func Sign(in channel.Inbox, s channel.Secrets, r channel.Request) (channel.Request, error) {
	if len(s.Sign) == 0 || s.Sign[0] == "" {
		return channel.Request{}, errors.New("the inbox has no auth token to sign with")
	}
	signature, err := verify.SignTwilio(signed(in, r), s.Sign[0])
	if err != nil {
		return channel.Request{}, fmt.Errorf("the saved request can't be signed: %w", err)
	}
	r.Header = maps.Clone(r.Header)
	if r.Header == nil {
		r.Header = map[string]string{}
	}
	r.Header[signatureHeader] = signature
	return r, nil
}

// Accepted is a TwiML document that tells Twilio to do nothing: replies go through
// the API, where the ledger sees them.
func Accepted() channel.Response {
	return channel.Response{Status: http.StatusOK, ContentType: "text/xml; charset=utf-8", Body: []byte("<Response/>")}
}

// Form is a request's parameters.
type Form struct{ values url.Values }

// Read takes an envelope's form apart. The error is a sentence.
func Read(e message.Envelope) (Form, error) {
	values, err := url.ParseQuery(string(e.Body))
	if err != nil {
		return Form{}, fmt.Errorf("The form can't be read: %w", err)
	}
	if len(values) == 0 {
		return Form{}, errors.New("The form is empty.")
	}
	return Form{values}, nil
}

// Get is a parameter, made valid UTF-8; "" if there is none.
func (f Form) Get(name string) string { return strings.ToValidUTF8(f.values.Get(name), "\uFFFD") }

// Text is Get for what may be a number.
func (f Form) Text(name string) lenient.Text { return lenient.Text(f.Get(name)) }

// Has reports whether the parameter is there, empty or not.
func (f Form) Has(name string) bool { return f.values.Has(name) }

// First is the first of the parameters that is not empty.
func (f Form) First(names ...string) string {
	for _, n := range names {
		if v := f.Get(n); v != "" {
			return v
		}
	}
	return ""
}

// Time is when the form says that it happened, in either of Twilio's spellings,
// stamped; else when we received it. Messages carry no time at all.
func (f Form) Time(e message.Envelope) time.Time {
	if at, _, ok := parseTime(f.Get("Timestamp")); ok {
		return channel.Stamp(e, at)
	}
	return e.ReceivedAt.UTC()
}

func parseTime(s string) (at time.Time, layout string, ok bool) {
	for _, layout := range []string{time.RFC1123Z, time.RFC3339Nano} {
		if at, err := time.Parse(layout, s); err == nil && at.Year() > 1970 && at.Year() < 9999 {
			return at, layout, true
		}
	}
	return time.Time{}, "", false
}

// Freshen puts now in the place of the form's Timestamp, and leaves every other
// byte alone.
func Freshen(r channel.Request, now time.Time) (channel.Request, error) {
	fields := strings.Split(string(r.Body), "&")
	changed := false
	for i, f := range fields {
		value, ok := strings.CutPrefix(f, "Timestamp=")
		if !ok {
			continue
		}
		plain, err := url.QueryUnescape(value)
		if err != nil {
			return channel.Request{}, fmt.Errorf("the saved Timestamp: %w", err)
		}
		if _, layout, ok := parseTime(plain); ok {
			fields[i] = "Timestamp=" + url.QueryEscape(now.UTC().Truncate(time.Second).Format(layout))
			changed = true
		}
	}
	if changed {
		r.Body = []byte(strings.Join(fields, "&"))
	}
	return r, nil
}

// Credential is a sending credential: "AccountSid:AuthToken", or
// "AccountSid:KeySid:KeySecret" for an API key.
type Credential struct{ Account, User, Password string }

// ParseCredential takes the inbox's token apart.
func ParseCredential(o channel.Outlet) (Credential, error) {
	parts := strings.Split(o.Token, ":")
	switch {
	case len(parts) == 2 && parts[0] != "" && parts[1] != "":
		return Credential{parts[0], parts[0], parts[1]}, nil
	case len(parts) == 3 && parts[0] != "" && parts[1] != "" && parts[2] != "":
		return Credential{parts[0], parts[1], parts[2]}, nil
	}
	return Credential{}, &channel.SendError{Class: channel.Blocked, Code: "token", Detail: "inbox " + o.Inbox.ID + " has no sending credential of the form AccountSid:AuthToken"}
}

// Hide takes the secret parts out of words that go into logs.
func (c Credential) Hide(words string) string { return strings.ReplaceAll(words, c.Password, "…") }
