package aws

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Call is one request to a service.
type Call struct {
	Service   string // a constant of this package
	Operation string // for errors
	Method    string
	URL       string // whole, its path escaped by Escape
	Header    map[string]string
	Body      []byte
	// Once makes it tried once only: the caller retries by himself.
	Once bool
	// Whole makes the time limit of an attempt hold for the answer's body too.
	Whole bool
}

// maxError bounds what is read of an error's body; the reasons why a transaction of
// 100 items was cancelled may carry the items.
const maxError = 4 << 20

// Do makes the call and returns the answer, which has a 2xx status; the caller
// closes its body. Connection failures, slow answers, 429, 5xx and throttling are
// tried again. The error is the context's, an *Error, or about the connection.
func (c Config) Do(ctx context.Context, call Call) (*http.Response, error) {
	tries := c.attempts()
	if call.Once {
		tries = 1
	}
	for n := 1; ; n++ {
		resp, err := c.attempt(ctx, call)
		if err == nil {
			return resp, nil
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("%s %s: %w", call.Service, call.Operation, ctx.Err())
		}
		var refused *Error
		if n >= tries || errors.As(err, &refused) && !refused.Temporary() || errors.Is(err, errCredentials) {
			return nil, err
		}
		if err := c.Backoff(ctx, n); err != nil {
			return nil, fmt.Errorf("%s %s: %w", call.Service, call.Operation, err)
		}
	}
}

var errCredentials = errors.New("no AWS credentials")

// attempt is one try. Unless the call says otherwise the time limit ends with the
// answer's header, so that a large object may take as long as the context allows.
func (c Config) attempt(ctx context.Context, call Call) (*http.Response, error) {
	fail := func(err error) (*http.Response, error) {
		return nil, fmt.Errorf("%s %s: %w", call.Service, call.Operation, err)
	}
	keys, err := c.Credentials(ctx)
	if err != nil {
		return fail(fmt.Errorf("%w: %w", errCredentials, err))
	}
	limited, cancel := context.WithCancelCause(ctx)
	r, err := http.NewRequestWithContext(limited, call.Method, call.URL, bytes.NewReader(call.Body))
	if err != nil {
		cancel(nil)
		return fail(err)
	}
	r.ContentLength = int64(len(call.Body))
	for name, v := range call.Header {
		r.Header.Set(name, v)
	}
	r.Header.Set("User-Agent", "ines")
	if err := Sign(limited, r, call.Body, keys, c.Region, services[call.Service].signed, c.now()); err != nil {
		cancel(nil)
		return fail(err)
	}
	slow := time.AfterFunc(c.attemptTime(), func() { cancel(errSlow) })
	resp, err := c.client().Do(r)
	if (err != nil || !call.Whole) && !slow.Stop() && err == nil {
		resp.Body.Close()
		err = errSlow
	}
	if err != nil {
		if cause := context.Cause(limited); cause != nil && ctx.Err() == nil {
			err = cause
		}
		cancel(nil)
		return fail(err)
	}
	resp.Body = &body{resp.Body, slow, cancel}
	if resp.StatusCode >= 200 && resp.StatusCode <= 299 {
		return resp, nil
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxError))
	if err != nil && len(text) == 0 {
		text = []byte(err.Error())
	}
	return nil, readError(call, resp, text)
}

var errSlow = errors.New("no answer in time")

// body frees the request's context with the answer.
type body struct {
	io.ReadCloser
	slow   *time.Timer
	cancel context.CancelCauseFunc
}

func (b *body) Close() error {
	b.slow.Stop()
	err := b.ReadCloser.Close()
	b.cancel(nil)
	return err
}

// JSON makes a call of the JSON protocols: version is 1.0 or 1.1, target the
// service's name for itself and the operation, such as
// DynamoDB_20120810.GetItem. The answer is decoded into out unless that is nil.
func (c Config) JSON(ctx context.Context, service, version, target string, in, out any) error {
	payload, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("%s: %w", target, err)
	}
	return c.JSONAt(ctx, c.URL(service)+"/", service, version, target, payload, out)
}

// JSONAt is JSON at a given URL with the payload as it is to be sent.
func (c Config) JSONAt(ctx context.Context, url, service, version, target string, payload []byte, out any) error {
	call := Call{Service: service, Operation: target, Method: http.MethodPost, URL: url, Body: payload, Whole: true,
		Header: map[string]string{"Content-Type": "application/x-amz-json-" + version, "X-Amz-Target": target}}
	// An answer that breaks off is an answer that got lost.
	for n := 1; ; n++ {
		err := c.jsonOnce(ctx, call, out)
		var broken *brokenAnswer
		if err == nil || !errors.As(err, &broken) || n >= c.attempts() {
			return err
		}
		if err := c.Backoff(ctx, n); err != nil {
			return fmt.Errorf("%s %s: %w", service, target, err)
		}
	}
}

type brokenAnswer struct{ err error }

func (b *brokenAnswer) Error() string { return "the answer is broken: " + b.err.Error() }
func (b *brokenAnswer) Unwrap() error { return b.err }

func (c Config) jsonOnce(ctx context.Context, call Call, out any) error {
	resp, err := c.Do(ctx, call)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && out != nil {
		err = json.Unmarshal(text, out)
	}
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("%s %s: %w", call.Service, call.Operation, ctx.Err())
	}
	return fmt.Errorf("%s %s: %w", call.Service, call.Operation, &brokenAnswer{err})
}
