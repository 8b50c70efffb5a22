package sms

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"ines/shared/channel"
	"ines/shared/channel/lenient"
)

// meanings are Twilio's codes in words, for reports, which mostly carry the number
// alone.
var meanings = map[string]string{
	"21610": "the recipient has opted out", "30001": "queue overflow", "30002": "the account is suspended", "30003": "the handset can't be reached",
	"30004": "the message is blocked", "30005": "the number is unknown", "30006": "a landline, or a carrier that can't be reached",
	"30007": "filtered by the carrier", "30008": "the carrier gives no reason", "63016": "outside WhatsApp's 24 hours",
}

type verdict struct {
	class   channel.Class
	wait    time.Duration // for Throttled, if the answer does not say
	refused bool
}

// verdicts follow CHANNELS.md, section 7.2. Codes that aren't listed are permanent
// when the HTTP status is a refusal.
var verdicts = map[string]verdict{
	"20429": {class: channel.Throttled}, "63017": {class: channel.Throttled}, "63018": {class: channel.Throttled}, "30001": {class: channel.Throttled},
	"63038": {class: channel.Throttled, wait: time.Hour}, // the account's messages for today

	"30002": {class: channel.Blocked}, "20003": {class: channel.Blocked}, "20005": {class: channel.Blocked}, "20404": {class: channel.Blocked},

	"21610": {class: channel.Permanent, refused: true},

	"30003": {class: channel.Retry}, "30008": {class: channel.Retry}, "11200": {class: channel.Retry}, "11205": {class: channel.Retry},
}

type failure struct {
	Code    lenient.Text `json:"code"`
	Message lenient.Text `json:"message"`
}

func classify(status int, h http.Header, body []byte) *channel.SendError {
	var f failure
	if json.Unmarshal(body, &f) != nil {
		f = failure{}
	}
	se := &channel.SendError{Class: channel.Permanent, Code: string(f.Code), Detail: string(f.Message)}
	if se.Code == "" {
		se.Code = fmt.Sprint(status)
	}
	if se.Detail == "" {
		se.Detail = fmt.Sprintf("Twilio answered %d without words", status)
	}
	v, listed := verdicts[se.Code]
	switch {
	case listed:
		se.Class, se.Wait, se.Refused = v.class, v.wait, v.refused
	case status == http.StatusTooManyRequests:
		se.Class = channel.Throttled
	case status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusNotFound:
		se.Class = channel.Blocked // the credential, or the account in the path
	case status/100 == 3:
		se.Class = channel.Retry
	case status/100 != 4: // 5xx: it may have been taken
		se.Class = channel.Unknown
	}
	if se.Class == channel.Throttled {
		se.Wait = max(se.Wait, channel.RetryAfter(h))
	}
	return se
}
