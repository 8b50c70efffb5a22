package channel_test

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"ines/shared/channel"
)

func TestNetworkError(t *testing.T) {
	tests := []struct {
		name string
		err  error
		want channel.Class
	}{
		{"refused", &net.OpError{Op: "dial", Err: errors.New("refused")}, channel.Retry},
		{"no such host", &net.DNSError{Name: "x.example"}, channel.Retry},
		{"certificate", &tls.CertificateVerificationError{Err: errors.New("expired")}, channel.Retry},
		{"reset", &net.OpError{Op: "read", Err: errors.New("reset")}, channel.Unknown},
		{"broken off", io.ErrUnexpectedEOF, channel.Unknown},
	}
	for _, tt := range tests {
		got := channel.NetworkError(&url.Error{Op: "Post", URL: "https://x.example/token-in-path", Err: tt.err})
		if got.Class != tt.want || !errors.Is(got, tt.err) || strings.Contains(got.Error(), "token-in-path") {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

func TestReadAnswer(t *testing.T) {
	body, err := channel.ReadAnswer(&http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader("ok"))})
	if string(body) != "ok" || err != nil {
		t.Errorf("%q, %v", body, err)
	}
	_, err = channel.ReadAnswer(&http.Response{StatusCode: 200, Body: io.NopCloser(iotest.ErrReader(errors.New("reset")))})
	if err == nil || channel.AsSendError(err).Class != channel.Unknown {
		t.Errorf("got %v", err)
	}
}

func TestRetryAfter(t *testing.T) {
	const date = "Fri, 20 Nov 2026 12:00:00 GMT"
	tests := []struct {
		after, date string
		want        time.Duration
	}{
		{"7", "", 7 * time.Second},
		{"Fri, 20 Nov 2026 12:01:30 GMT", date, 90 * time.Second},
		{"Fri, 20 Nov 2026 11:00:00 GMT", date, 0},
		{"Fri, 20 Nov 2026 12:01:30 GMT", "", 0},
		{"soon", date, 0}, {"", date, 0}, {"-3", date, 0}, {"99999999999", date, 0},
	}
	for _, tt := range tests {
		h := http.Header{"Retry-After": {tt.after}, "Date": {tt.date}}
		if got := channel.RetryAfter(h); got != tt.want {
			t.Errorf("%q at %q: %s, want %s", tt.after, tt.date, got, tt.want)
		}
	}
}
