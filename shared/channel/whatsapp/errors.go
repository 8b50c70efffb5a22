package whatsapp

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"ines/shared/channel"
)

// verdict is what a code of the Graph API means for a reply.
type verdict struct {
	class channel.Class
	wait  time.Duration // for Throttled, if the answer does not say
}

// verdicts follow CHANNELS.md, section 5.5. Codes that aren't listed are
// permanent: Graph numbers its refusals and says nothing else was done.
var verdicts = map[int]verdict{
	4: {channel.Throttled, 0}, 17: {channel.Throttled, 0}, 32: {channel.Throttled, 0}, 613: {channel.Throttled, 0},
	80001: {channel.Throttled, 0}, 80002: {channel.Throttled, 0}, 80006: {channel.Throttled, 0}, 80007: {channel.Throttled, 0},
	130429: {channel.Throttled, 5 * time.Second}, // this number's throughput
	131056: {channel.Throttled, 6 * time.Second}, // one message in 6 s to the same person
	131048: {channel.Throttled, time.Hour},       // spam rate
	131064: {channel.Throttled, time.Hour},
	133016: {channel.Throttled, time.Hour},

	1: {channel.Retry, 0}, 2: {channel.Retry, 0}, 131000: {channel.Retry, 0}, 131016: {channel.Retry, 0},

	0: {channel.Blocked, 0}, 3: {channel.Blocked, 0}, 10: {channel.Blocked, 0}, 190: {channel.Blocked, 0}, // token, permission
	131005: {channel.Blocked, 0},
	368:    {channel.Blocked, 0}, 131031: {channel.Blocked, 0}, 130497: {channel.Blocked, 0}, // policy, lock, country
	131042: {channel.Blocked, 0}, 131045: {channel.Blocked, 0}, 131057: {channel.Blocked, 0}, // payment, certificate, maintenance
}

// classify judges an answer that is not a success. Graph says 400 for almost
// everything: the code decides, the HTTP status only where there is none.
func classify(status int, h http.Header, f *failure) *channel.SendError {
	if f == nil {
		return byStatus(status, h)
	}
	se := &channel.SendError{Class: channel.Permanent, Code: string(f.Code), Detail: f.words()}
	code, err := strconv.Atoi(string(f.Code))
	v, listed := verdicts[code]
	switch {
	case err != nil:
		se = byStatus(status, h)
		se.Detail = f.words()
	case listed:
		se.Class, se.Wait = v.class, v.wait
	case code >= 200 && code <= 299: // permissions
		se.Class = channel.Blocked
	case code == 100 && f.Subcode == "33": // our number does not exist for this token
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
	se := &channel.SendError{Code: fmt.Sprint(status), Detail: "WhatsApp answered " + fmt.Sprint(status) + " without an error code"}
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

const longestWait = 24 * time.Hour

// waitOf is how long the answer's headers ask us to wait, 0 if they don't.
func waitOf(h http.Header) time.Duration {
	wait := min(channel.RetryAfter(h), longestWait)
	var usage map[string][]struct {
		Minutes float64 `json:"estimated_time_to_regain_access"`
	}
	if json.Unmarshal([]byte(h.Get("X-Business-Use-Case-Usage")), &usage) != nil {
		return wait
	}
	for _, cases := range usage {
		for _, c := range cases {
			minutes := min(max(c.Minutes, 0), longestWait.Minutes())
			wait = max(wait, time.Duration(minutes*float64(time.Minute)))
		}
	}
	return wait
}
