package meta

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"ines/shared/channel"
)

// Failure is an error as webhooks and the Graph API spell it.
type Failure struct {
	Code      Text   `json:"code"`
	Subcode   Text   `json:"error_subcode"`
	Title     Text   `json:"title"`
	Message   Text   `json:"message"`
	Transient bool   `json:"is_transient"`
	UserWords Text   `json:"error_user_msg"`
	Data      detail `json:"error_data"`
}

// detail is an object on WhatsApp and, elsewhere, sometimes a string of JSON.
type detail struct{ Details Text }

// UnmarshalJSON implements json.Unmarshaler; what it can't read it leaves out.
func (d *detail) UnmarshalJSON(b []byte) error {
	var o struct {
		Details Text `json:"details"`
	}
	if decoded(b, &o) {
		d.Details = o.Details
	}
	return nil
}

// Words are the platform's words, the details last.
func (f Failure) Words() string {
	words := string(f.Message)
	if words == "" {
		words = string(f.Title)
	}
	for _, more := range []Text{f.UserWords, f.Data.Details} {
		if more == "" || string(more) == words {
			continue
		}
		if words != "" {
			words += ": "
		}
		words += string(more)
	}
	return words
}

// verdict is what a code of the Graph API means for a reply.
type verdict struct {
	class  channel.Class
	wait   time.Duration // for Throttled, if the answer does not say
	narrow bool
}

var (
	throttled = verdict{class: channel.Throttled}
	retry     = verdict{class: channel.Retry}
	permanent = verdict{class: channel.Permanent}
	blocked   = verdict{class: channel.Blocked}
	hourly    = verdict{class: channel.Throttled, wait: time.Hour}
)

// verdicts follow CHANNELS.md, section 5.5. Codes that aren't listed are permanent:
// Graph numbers its refusals and says nothing else was done.
var verdicts = map[int]verdict{
	4: throttled, 17: throttled, 32: throttled, 613: throttled,
	130429: {channel.Throttled, 5 * time.Second, false}, // a number's throughput
	131056: {channel.Throttled, 6 * time.Second, true},  // one message in 6 s to the same person
	131048: hourly, 131064: hourly, 133016: hourly,      // spam rate, messaging limit, registration limit

	1: retry, 2: retry, 131000: retry, 131016: retry,
	1200: retry, // a temporary failure of Messenger

	0: blocked, 3: blocked, 10: blocked, 102: blocked, 190: blocked, 131005: blocked, // token, permission
	368: blocked, 131031: blocked, 130497: blocked, // policy, lock, country
	131042: blocked, 131045: blocked, 131057: blocked, // payment, certificate, maintenance
}

// finer are subcodes that mean something else than their code does.
var finer = map[string]verdict{
	"2018065": permanent, "2018278": permanent, "2018300": permanent, "2534022": permanent, // outside the reply window
	"1545041": permanent, "2018108": permanent, // this person takes no messages from us
	"2018344": blocked,                  // terms not accepted
	"2018247": blocked,                  // no right to see who people are
	"1357046": {class: channel.Unknown}, // Messenger reports it of messages that it sent
}

// CodeReplied is the code of a second private reply to one comment.
const CodeReplied = "10900"

// Classify judges an answer that is not a success. Graph says 400 for almost
// everything: the code decides, the HTTP status only where there is none. mailbox:
// the call went to our own account, so that "does not exist" means that the token
// has no right to it.
func Classify(status int, h http.Header, f *Failure, mailbox bool) *channel.SendError {
	if f == nil {
		return byStatus(status, h)
	}
	se := &channel.SendError{Class: channel.Permanent, Code: string(f.Code), Detail: f.Words()}
	code, err := strconv.Atoi(string(f.Code))
	v, listed := finer[string(f.Subcode)]
	if !listed {
		v, listed = verdicts[code]
	}
	switch {
	case err != nil:
		se = byStatus(status, h)
		se.Detail = f.Words()
	case listed:
		se.Class, se.Wait, se.Narrow = v.class, v.wait, v.narrow
	case code >= 80000 && code <= 80014: // a business use case's limit
		se.Class = channel.Throttled
	case code >= 200 && code <= 299: // permissions
		se.Class = channel.Blocked
	case code == 100 && f.Subcode == "33" && mailbox:
		se.Class = channel.Blocked
	case f.Transient:
		se.Class = channel.Retry
	case status >= 500:
		se.Class = channel.Unknown
	}
	if se.Class == channel.Throttled {
		se.Wait = max(waitOf(h), se.Wait)
	}
	return se
}

func byStatus(status int, h http.Header) *channel.SendError {
	se := &channel.SendError{Code: fmt.Sprint(status), Detail: "Meta answered " + fmt.Sprint(status) + " without an error code"}
	switch {
	case status == http.StatusTooManyRequests:
		se.Class, se.Wait = channel.Throttled, waitOf(h)
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		se.Class = channel.Blocked
	case status == http.StatusRequestTimeout || status/100 == 3:
		se.Class = channel.Retry
	case status/100 == 4:
		se.Class = channel.Permanent
	default: // 5xx: it may have gone through before something broke
		se.Class = channel.Unknown
	}
	return se
}
