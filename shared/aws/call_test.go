package aws

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// at makes a config whose every service is the handler; pauses are counted, not
// slept.
func at(t *testing.T, serve http.HandlerFunc) (c Config, pauses *[]time.Duration) {
	t.Helper()
	server := httptest.NewServer(serve)
	t.Cleanup(server.Close)
	pauses = &[]time.Duration{}
	return Config{Region: "eu-west-1", Endpoint: func(string) string { return server.URL + "/" },
		Credentials: func(context.Context) (Credentials, error) {
			return Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "s"}, nil
		},
		AttemptTime: time.Minute,
		Jitter:      func() float64 { return 0.999 },
		Pause: func(ctx context.Context, d time.Duration) error {
			*pauses = append(*pauses, d)
			return ctx.Err()
		}}, pauses
}

type answer struct{ Answer string }

func TestRetries(t *testing.T) {
	for name, tt := range map[string]struct {
		first func(w http.ResponseWriter) // how the first answers go wrong
		times int32
		code  string // of the error; "" for success
		calls int32
	}{
		"5xx":           {func(w http.ResponseWriter) { w.WriteHeader(503) }, 2, "", 3},
		"5xx for ever":  {func(w http.ResponseWriter) { fail(w, 500, "InternalServerError") }, 99, "InternalServerError", 4},
		"throttled":     {func(w http.ResponseWriter) { fail(w, 400, "com.amazon.coral.availability#ThrottlingException") }, 3, "", 4},
		"429":           {func(w http.ResponseWriter) { w.WriteHeader(429) }, 1, "", 2},
		"refused":       {func(w http.ResponseWriter) { fail(w, 400, "com.amazonaws.x#ValidationException:http://x") }, 9, "ValidationException", 1},
		"hung up":       {func(http.ResponseWriter) { panic(http.ErrAbortHandler) }, 3, "", 4},
		"answer broken": {func(w http.ResponseWriter) { w.Header().Set("Content-Length", "99"); fmt.Fprint(w, `{"Ans`) }, 1, "", 2},
		"not JSON":      {func(w http.ResponseWriter) { fmt.Fprint(w, `<html>`) }, 1, "", 2},
	} {
		t.Run(name, func(t *testing.T) {
			var calls atomic.Int32
			c, pauses := at(t, func(w http.ResponseWriter, r *http.Request) {
				if n := calls.Add(1); n <= tt.times {
					tt.first(w)
					return
				}
				fmt.Fprint(w, `{"Answer":"yes"}`)
			})
			var got answer
			err := c.JSON(t.Context(), SQS, "1.0", "AmazonSQS.Do", struct{}{}, &got)
			var refused *Error
			switch {
			case tt.code == "" && (err != nil || got.Answer != "yes"):
				t.Errorf("got %v, %v", got, err)
			case tt.code != "" && (!errors.As(err, &refused) || refused.Code != tt.code):
				t.Errorf("got %v, want %s", err, tt.code)
			}
			if calls.Load() != tt.calls || len(*pauses) != int(tt.calls)-1 {
				t.Errorf("%d calls and %d pauses, want %d calls", calls.Load(), len(*pauses), tt.calls)
			}
			for i, d := range *pauses {
				if d < 40*time.Millisecond<<i || d > 50*time.Millisecond<<i {
					t.Errorf("pause %d is %v", i, d)
				}
			}
		})
	}
}

func fail(w http.ResponseWriter, status int, kind string) {
	w.Header().Set("X-Amzn-RequestId", "r-1")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"__type":%q,"Message":"so it is"}`, kind)
}

func TestSlow(t *testing.T) {
	for _, headerFirst := range []bool{false, true} {
		var calls atomic.Int32
		gone := make(chan struct{})
		c, _ := at(t, func(w http.ResponseWriter, r *http.Request) {
			if _, err := io.Copy(io.Discard, r.Body); err != nil { // only then does the server see a client go
				t.Error(err)
			}
			if calls.Add(1) == 1 {
				if headerFirst {
					w.(http.Flusher).Flush()
				}
				<-r.Context().Done()
				close(gone)
				return
			}
			fmt.Fprint(w, `{"Answer":"late"}`)
		})
		c.AttemptTime, c.Attempts = 50*time.Millisecond, 1000 // a slow machine needs some
		var got answer
		if err := c.JSON(t.Context(), SSM, "1.1", "AmazonSSM.Do", struct{}{}, &got); err != nil || got.Answer != "late" {
			t.Errorf("header first %v: got %v, %v", headerFirst, got, err)
		}
		<-gone // the hanging call was given up, not forgotten
	}
}

func TestCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var calls atomic.Int32
	c, _ := at(t, func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		cancel()
		w.WriteHeader(500)
	})
	if err := c.JSON(ctx, SSM, "1.1", "AmazonSSM.Do", struct{}{}, nil); !errors.Is(err, context.Canceled) || calls.Load() != 1 {
		t.Errorf("%v after %d calls", err, calls.Load())
	}
}

func TestNoCredentials(t *testing.T) {
	c, pauses := at(t, func(http.ResponseWriter, *http.Request) { t.Error("called") })
	c.Credentials = func(context.Context) (Credentials, error) { return Credentials{}, errors.New("sign in first") }
	if err := c.JSON(t.Context(), SSM, "1.1", "AmazonSSM.Do", struct{}{}, nil); err == nil || !strings.Contains(err.Error(), "sign in first") || len(*pauses) > 0 {
		t.Errorf("%v after %d pauses", err, len(*pauses))
	}
}

func TestEnvironment(t *testing.T) {
	lambda := map[string]string{"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t"}
	with := func(more ...string) func(string) string {
		return func(name string) string {
			for i := 0; i < len(more); i += 2 {
				if more[i] == name {
					return more[i+1]
				}
			}
			return lambda[name]
		}
	}
	for name, tt := range map[string]struct {
		getenv    func(string) string
		dynamo    string
		sqs, fail string
	}{
		"AWS":      {getenv: with(), dynamo: "https://dynamodb.eu-west-1.amazonaws.com", sqs: "https://sqs.eu-west-1.amazonaws.com"},
		"China":    {getenv: with("AWS_REGION", "cn-north-1"), dynamo: "https://dynamodb.cn-north-1.amazonaws.com.cn", sqs: "https://sqs.cn-north-1.amazonaws.com.cn"},
		"emulator": {getenv: with("AWS_ENDPOINT_URL", "http://127.0.0.1:4566/"), dynamo: "http://127.0.0.1:4566", sqs: "http://127.0.0.1:4566"},
		"one elsewhere": {getenv: with("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:8000"), dynamo: "http://127.0.0.1:8000",
			sqs: "https://sqs.eu-west-1.amazonaws.com"},
		"one of its own": {getenv: with("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:8000", "AWS_ENDPOINT_URL", "https://all.example"),
			dynamo: "http://127.0.0.1:8000", sqs: "https://all.example"},
		"ignored": {getenv: with("AWS_ENDPOINT_URL", "http://127.0.0.1:4566/", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"),
			dynamo: "https://dynamodb.eu-west-1.amazonaws.com", sqs: "https://sqs.eu-west-1.amazonaws.com"},
		"no region":   {getenv: with("AWS_REGION", ""), fail: "AWS_REGION"},
		"no keys":     {getenv: with("AWS_SECRET_ACCESS_KEY", ""), fail: "AWS_SECRET_ACCESS_KEY"},
		"no endpoint": {getenv: with("AWS_ENDPOINT_URL_SQS", "127.0.0.1:99"), fail: "AWS_ENDPOINT_URL_SQS"},
	} {
		c, err := FromEnvironment(tt.getenv)
		if tt.fail != "" {
			if err == nil || !strings.Contains(err.Error(), tt.fail) {
				t.Errorf("%s: %v, want it to name %s", name, err, tt.fail)
			}
			continue
		}
		if err != nil || c.URL(DynamoDB) != tt.dynamo || c.URL(SQS) != tt.sqs {
			t.Errorf("%s: %v, %s %s", name, err, c.URL(DynamoDB), c.URL(SQS))
		}
		if keys, err := c.Credentials(t.Context()); err != nil || keys.SessionToken != "t" {
			t.Errorf("%s: %+v, %v", name, keys, err)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, tt := range []struct {
		service, code string
		status        int
		header, body  string
		throttled     bool
	}{
		{SQS, "QueueDoesNotExist", 400, "", `{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"m"}`, false},
		{DynamoDB, "ProvisionedThroughputExceededException", 400, "", `{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"m"}`, true},
		{SSM, "ParameterNotFound", 400, "", `{"__type":"ParameterNotFound"}`, false},
		{Logs, "AccessDenied", 403, "AccessDenied:http://internal", ``, false},
		{S3, "NoSuchKey", 404, "", `<?xml version="1.0"?><Error><Code>NoSuchKey</Code><Message>m</Message></Error>`, false},
		{S3, "SlowDown", 503, "", `<Error><Code>SlowDown</Code></Error>`, true},
		{S3, "", 502, "", `<html>bad gateway`, false},
	} {
		c, _ := at(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Amzn-Errortype", tt.header)
			w.WriteHeader(tt.status)
			fmt.Fprint(w, tt.body)
		})
		_, err := c.Do(t.Context(), Call{Service: tt.service, Method: http.MethodGet, URL: c.URL(tt.service), Once: true})
		var refused *Error
		if !errors.As(err, &refused) || refused.Code != tt.code || refused.Throttled() != tt.throttled || string(refused.Body) != tt.body {
			t.Errorf("%s %s: %+v", tt.service, tt.code, err)
		}
	}
}
