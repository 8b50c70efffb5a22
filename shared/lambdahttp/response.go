package lambdahttp

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
)

// Recorder is an http.ResponseWriter that keeps the response for the gateway.
// The zero value is ready. For one response and one goroutine.
type Recorder struct {
	header http.Header
	sent   http.Header // as it was when the status was written
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (r *Recorder) Header() http.Header {
	if r.header == nil {
		r.header = http.Header{}
	}
	return r.header
}

// WriteHeader implements http.ResponseWriter: the first final status counts,
// and headers set after it are lost, as on a real connection.
func (r *Recorder) WriteHeader(status int) {
	if r.status != 0 || status < 200 {
		return
	}
	r.status, r.sent = status, r.Header().Clone()
}

// Write implements http.ResponseWriter.
func (r *Recorder) Write(p []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(p)
}

// Response is what the function returns. A body that is not UTF-8 travels as
// base64; a content type that the handler left out is sniffed as net/http does.
func (r *Recorder) Response() events.APIGatewayV2HTTPResponse {
	r.WriteHeader(http.StatusOK)
	out := events.APIGatewayV2HTTPResponse{StatusCode: r.status, Headers: make(map[string]string, len(r.sent)+1)}
	for name, values := range r.sent {
		if name == "Set-Cookie" {
			out.Cookies = values
			continue
		}
		out.Headers[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	body := r.body.Bytes()
	if _, named := r.sent["Content-Type"]; !named && len(body) > 0 {
		out.Headers["content-type"] = http.DetectContentType(body)
	}
	if utf8.Valid(body) {
		out.Body = string(body)
	} else {
		out.Body, out.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
	}
	return out
}

// WriteResponse sends a function's response to an HTTP client: the gateway's
// half. On an error nothing has been written; the gateway then answers 500, as
// API Gateway does for a response that it can't understand.
func WriteResponse(w http.ResponseWriter, resp events.APIGatewayV2HTTPResponse) error {
	if resp.StatusCode < 200 || resp.StatusCode > 599 {
		return fmt.Errorf("the function answered with status %d", resp.StatusCode)
	}
	body := []byte(resp.Body)
	if resp.IsBase64Encoded {
		raw, err := base64.StdEncoding.DecodeString(resp.Body)
		if err != nil {
			return fmt.Errorf("%w though the function says isBase64Encoded: %w", ErrBody, err)
		}
		body = raw
	}
	for name, v := range resp.Headers {
		w.Header().Set(name, v)
	}
	for _, c := range resp.Cookies {
		w.Header().Add("Set-Cookie", c)
	}
	if len(body) > 0 && w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8") // API Gateway's default
	}
	w.WriteHeader(resp.StatusCode)
	if len(body) > 0 {
		if _, err := w.Write(body); err != nil {
			return nil // the client has gone; there is nobody left to tell
		}
	}
	return nil
}
