package channel

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// NetworkError classifies what http.Client.Do returned in place of an answer: a
// connection that never came about is Retry, anything later Unknown. The URL, which
// holds the credential on some platforms, is left out.
func NetworkError(err error) *SendError {
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err
	}
	class := Unknown
	var (
		op   *net.OpError
		dns  *net.DNSError
		cert *tls.CertificateVerificationError
	)
	if errors.As(err, &op) && op.Op == "dial" || errors.As(err, &dns) || errors.As(err, &cert) {
		class = Retry
	}
	return &SendError{Class: class, Detail: "no answer", Err: err}
}

// maxAnswer bounds what is read of a platform's answer, in bytes.
const maxAnswer = 1 << 20

// ReadAnswer reads and closes an answer's body. An error means that the answer
// broke off: the platform may well have taken the reply.
func ReadAnswer(resp *http.Response) ([]byte, error) {
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, &SendError{Class: Unknown, Detail: fmt.Sprintf("the answer (%d) broke off", resp.StatusCode), Err: err}
	}
	return body, nil
}

// RetryAfter reads a Retry-After header, seconds or a date; a date is held against
// the answer's own Date. 0: not said.
func RetryAfter(h http.Header) time.Duration {
	v := h.Get("Retry-After")
	if sec, err := strconv.ParseInt(v, 10, 32); err == nil && sec > 0 {
		return time.Duration(sec) * time.Second
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	return SinceDate(h, at)
}

// SinceDate is how long after the answer's Date header a time comes, at least 0;
// 0 also if there is no such header. The platform's clock counts, not ours.
func SinceDate(h http.Header, at time.Time) time.Duration {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0
	}
	return max(0, at.Sub(date))
}
