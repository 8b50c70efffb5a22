// Package lambdahttp turns HTTP requests and responses into the events that API
// Gateway's HTTP API exchanges with a Lambda function (payload format 2.0), and
// back. Functions read their requests with it, the local gateway makes them, and
// tools load saved ones. It imports nothing of ours and may be imported by
// functions, infra and tests.
//
// All functions are safe for concurrent use as long as nobody changes what was
// passed in.
package lambdahttp

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

// ErrBody is wrapped by errors about a body that is said to be base64 and isn't.
var ErrBody = errors.New("body is not base64")

// Request is what a function needs of an event.
type Request struct {
	Method string
	Path   string            // raw: still escaped
	Query  string            // raw, without "?"
	Header map[string]string // lower-case names; treat it as read-only
	Body   []byte            // as it was sent: base64 undone
}

// Read takes an event apart. The header map is the event's own where its names
// are lower-case already, as API Gateway makes them; cookies, which it delivers
// apart, are not among them. The error wraps ErrBody.
func Read(e *events.APIGatewayV2HTTPRequest) (Request, error) {
	r := Request{
		Method: e.RequestContext.HTTP.Method,
		Path:   e.RawPath,
		Query:  e.RawQueryString,
		Header: lowerNames(e.Headers),
	}
	if !e.IsBase64Encoded {
		r.Body = []byte(e.Body)
		return r, nil
	}
	body, err := base64.StdEncoding.DecodeString(e.Body)
	if err != nil {
		return r, fmt.Errorf("%w though isBase64Encoded is true: %w", ErrBody, err)
	}
	r.Body = body
	return r, nil
}

// Load reads a saved event from a file.
func Load(path string) (events.APIGatewayV2HTTPRequest, Request, error) {
	var e events.APIGatewayV2HTTPRequest
	raw, err := os.ReadFile(path)
	if err != nil {
		return e, Request{}, fmt.Errorf("saved event: %w", err)
	}
	if err := json.Unmarshal(raw, &e); err != nil {
		return e, Request{}, fmt.Errorf("saved event %s is not an HTTP API event: %w", path, err)
	}
	if e.Version != "2.0" || e.RequestContext.HTTP.Method == "" {
		return e, Request{}, fmt.Errorf("saved event %s is not an HTTP API event: version %q, want 2.0, and requestContext.http.method %q", path, e.Version, e.RequestContext.HTTP.Method)
	}
	r, err := Read(&e)
	if err != nil {
		return e, r, fmt.Errorf("saved event %s: %w", path, err)
	}
	return e, r, nil
}

// lowerNames gives h itself if there is nothing to change. Names that differ in
// case only are joined, in the names' order.
func lowerNames(h map[string]string) map[string]string {
	clean := true
	for name := range h {
		if strings.ContainsFunc(name, upper) {
			clean = false
			break
		}
	}
	if clean {
		return h
	}
	out := make(map[string]string, len(h))
	for _, name := range slices.Sorted(maps.Keys(h)) {
		low := strings.ToLower(name)
		if had, ok := out[low]; ok {
			out[low] = had + "," + h[name]
		} else {
			out[low] = h[name]
		}
	}
	return out
}

func upper(r rune) bool { return r >= 'A' && r <= 'Z' }
