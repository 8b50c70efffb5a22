package lambdahttp

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
)

// FromHTTP makes the event that API Gateway would deliver for a request whose
// body has been read. A body that is not UTF-8 travels as base64; repeated
// headers are joined by ","; cookies go to Cookies. The route is $default:
// a gateway that knows better sets RouteKey and PathParameters itself.
func FromHTTP(r *http.Request, body []byte, requestID string, now time.Time) events.APIGatewayV2HTTPRequest {
	headers := make(map[string]string, len(r.Header)+1)
	var cookies []string
	for name, values := range r.Header {
		if name == "Cookie" {
			for _, v := range values {
				for c := range strings.SplitSeq(v, ";") {
					if c = strings.TrimSpace(c); c != "" {
						cookies = append(cookies, c)
					}
				}
			}
			continue
		}
		headers[strings.ToLower(name)] = strings.Join(values, ",")
	}
	if r.Host != "" {
		headers["host"] = r.Host
	}
	source := r.RemoteAddr
	if host, _, err := net.SplitHostPort(source); err == nil {
		source = host
	}
	prefix, _, _ := strings.Cut(r.Host, ".")
	e := events.APIGatewayV2HTTPRequest{
		Version:        "2.0",
		RouteKey:       "$default",
		RawPath:        r.URL.EscapedPath(),
		RawQueryString: r.URL.RawQuery,
		Cookies:        cookies,
		Headers:        headers,
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			RouteKey:     "$default",
			AccountID:    "000000000000",
			Stage:        "$default",
			RequestID:    requestID,
			APIID:        "local",
			DomainName:   r.Host,
			DomainPrefix: prefix,
			Time:         now.UTC().Format("02/Jan/2006:15:04:05 -0700"),
			TimeEpoch:    now.UnixMilli(),
			HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{
				Method:    r.Method,
				Path:      r.URL.Path,
				Protocol:  r.Proto,
				SourceIP:  source,
				UserAgent: r.UserAgent(),
			},
		},
	}
	if r.URL.RawQuery != "" {
		values := r.URL.Query()
		e.QueryStringParameters = make(map[string]string, len(values))
		for name, v := range values {
			e.QueryStringParameters[name] = strings.Join(v, ",")
		}
	}
	if utf8.Valid(body) {
		e.Body = string(body)
	} else {
		e.Body, e.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
	}
	return e
}

// ToHTTP makes the request that an http.Handler can serve. Errors: a method or
// path that HTTP doesn't allow, or a body (ErrBody).
func ToHTTP(e *events.APIGatewayV2HTTPRequest) (*http.Request, error) {
	in, err := Read(e)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(in.Path, "/") {
		return nil, fmt.Errorf("path %q of the event does not begin with /", in.Path)
	}
	u := &url.URL{Path: in.Path, RawQuery: in.Query}
	if p, err := url.PathUnescape(in.Path); err == nil { // else the path is taken literally
		u.Path, u.RawPath = p, in.Path
	}
	r, err := http.NewRequest(in.Method, "/", bytes.NewReader(in.Body))
	if err != nil {
		return nil, fmt.Errorf("method of the event: %w", err)
	}
	r.URL, r.RequestURI = u, u.RequestURI()
	for name, v := range in.Header {
		r.Header.Set(name, v)
	}
	if len(e.Cookies) > 0 {
		r.Header.Set("Cookie", strings.Join(e.Cookies, "; "))
	}
	r.Host = in.Header["host"]
	r.Header.Del("Host")
	r.RemoteAddr = e.RequestContext.HTTP.SourceIP
	if proto := e.RequestContext.HTTP.Protocol; proto != "" {
		if major, minor, ok := http.ParseHTTPVersion(proto); ok {
			r.Proto, r.ProtoMajor, r.ProtoMinor = proto, major, minor
		}
	}
	return r, nil
}
