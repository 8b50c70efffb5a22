package email

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"ines/shared/channel"
)

// apiCall makes one call of a provider's API.
func apiCall(o channel.Outlet, req *http.Request) (int, http.Header, []byte, error) {
	resp, err := o.HTTP.Do(req)
	if err != nil {
		return 0, nil, nil, channel.NetworkError(err)
	}
	raw, err := channel.ReadAnswer(resp)
	return resp.StatusCode, resp.Header, raw, err
}

// apiError judges an answer that is no success by its status, as Mailgun and
// SendGrid mean it.
func apiError(status int, h http.Header, detail string) *channel.SendError {
	se := &channel.SendError{Class: channel.Permanent, Code: strconv.Itoa(status), Detail: detail}
	switch {
	case status == http.StatusTooManyRequests:
		se.Class, se.Wait = channel.Throttled, channel.RetryAfter(h)
		if se.Wait == 0 {
			se.Wait = resetIn(h)
		}
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusPaymentRequired:
		se.Class = channel.Blocked
	case status == http.StatusInternalServerError, status == http.StatusServiceUnavailable, status == http.StatusRequestTimeout, status/100 == 3:
		se.Class, se.Wait = channel.Retry, channel.RetryAfter(h)
	case status >= 500: // a gateway's: what is behind it may have taken the mail
		se.Class = channel.Unknown
	}
	return se
}

// resetIn is when a rate limit's window ends, by X-RateLimit-Reset in Unix seconds or
// milliseconds; 0: not said.
func resetIn(h http.Header) time.Duration {
	n, err := strconv.ParseInt(h.Get("X-RateLimit-Reset"), 10, 64)
	switch {
	case err != nil || n <= 0:
		return 0
	case n > 1e11:
		return channel.SinceDate(h, time.UnixMilli(n))
	}
	return channel.SinceDate(h, time.Unix(n, 0))
}

// rest is how long to be quiet after a mail that was taken: until the window ends if
// it was the last that the limit allows.
func rest(h http.Header) time.Duration {
	if h.Get("X-RateLimit-Remaining") != "0" {
		return 0
	}
	return resetIn(h)
}

// answerJSON is an emulator's answer, with headers as pairs.
func answerJSON(status int, body any, header ...string) channel.CallAnswer {
	raw, err := json.Marshal(body)
	if err != nil { // maps of strings and numbers always marshal
		return channel.CallAnswer{Status: http.StatusInternalServerError}
	}
	h := http.Header{"Content-Type": {"application/json"}}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return channel.CallAnswer{Status: status, Header: h, Body: raw}
}

// badAnswer is a 2xx that doesn't say what a 2xx says.
func badAnswer(status int, err error) *channel.SendError {
	return &channel.SendError{Class: channel.Unknown, Code: fmt.Sprint(status), Detail: "the answer does not say whether the mail was taken", Err: err}
}
