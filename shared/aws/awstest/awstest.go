// Package awstest is what the stand-ins of AWS's services in tests have in common:
// faults that tests inject, the JSON protocol's answers, and a configuration that
// leads to them. Stand-ins and tests import it; it imports aws.
package awstest

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"ines/shared/aws"
)

// Fault makes calls go wrong. The zero value of a part leaves it alone.
type Fault struct {
	Operation string // such as SendMessageBatch or PutObject; "" for any
	Times     int    // how many calls; 0 for all
	Status    int    // answer with this status and Code, without doing anything
	Code      string
	Lost      bool     // do it, and hang up instead of answering
	Hang      bool     // do nothing until the caller gives up
	Entries   []string // batches: these entries fail, by body
	Sender    bool     // … by the sender's fault
}

// Faults is a stand-in's list of them, for concurrent use.
type Faults struct {
	// XML: the service refuses in XML, as S3 does.
	XML bool

	mu    sync.Mutex
	list  []*Fault
	calls map[string]int
}

// Inject adds a fault; the first that fits a call is the one that happens.
func (f *Faults) Inject(fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if fault.Times == 0 {
		fault.Times = -1
	}
	f.list = append(f.list, &fault)
}

// Heal takes all faults away.
func (f *Faults) Heal() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = nil
}

// Calls is how often an operation was asked for, faults included.
func (f *Faults) Calls(operation string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[operation]
}

func (f *Faults) next(operation string) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.calls == nil {
		f.calls = map[string]int{}
	}
	f.calls[operation]++
	for _, fault := range f.list {
		if fault.Times != 0 && (fault.Operation == "" || fault.Operation == operation) {
			fault.Times--
			return *fault
		}
	}
	return Fault{}
}

// Serve runs an operation with the fault that is due. Work gets the request's body
// and the fault, of which it sees to Entries, and writes the answer.
func (f *Faults) Serve(w http.ResponseWriter, r *http.Request, operation string, work func(w http.ResponseWriter, body []byte, fault Fault)) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=") || r.Header.Get("X-Amz-Date") == "" {
		Refuse(w, http.StatusForbidden, "MissingAuthenticationToken", "the request is not signed")
		return
	}
	fault := f.next(operation)
	switch {
	case fault.Hang:
		<-r.Context().Done()
	case fault.Status != 0 && f.XML:
		w.WriteHeader(fault.Status)
		_, _ = io.WriteString(w, "<Error><Code>"+fault.Code+"</Code><Message>injected</Message></Error>")
	case fault.Status != 0:
		Refuse(w, fault.Status, fault.Code, "injected")
	case fault.Lost:
		work(nowhere{}, body, fault)
		panic(http.ErrAbortHandler)
	default:
		work(w, body, fault)
	}
}

type nowhere struct{}

func (nowhere) Header() http.Header         { return http.Header{} }
func (nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (nowhere) WriteHeader(int)             {}

// Refuse answers with an error of the JSON protocols.
func Refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("X-Amzn-Requestid", "awstest")
	w.Header().Set("X-Amzn-Errortype", code)
	w.WriteHeader(status)
	text, err := json.Marshal(map[string]string{"__type": "com.amazonaws.service#" + code, "message": message})
	if err != nil {
		panic(err)
	}
	_, _ = w.Write(text)
}

// JSON answers.
func JSON(w http.ResponseWriter, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	_, _ = w.Write(text)
}

// Config leads every service to the URL. Nothing is slept between attempts, and no
// attempt is given up on a slow machine: a test whose calls hang shortens AttemptTime.
func Config(_ testing.TB, url string) aws.Config {
	return aws.Config{
		Region:   "eu-west-1",
		Endpoint: func(string) string { return url },
		Credentials: func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "made-up"}, nil
		},
		AttemptTime: 5 * time.Minute,
		Pause:       func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
}
