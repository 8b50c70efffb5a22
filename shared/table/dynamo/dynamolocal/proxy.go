package dynamolocal

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// Trouble is what a Proxy does to a request instead of passing it on; exactly one
// of its parts is set.
type Trouble struct {
	// Refuse answers with this error code (and Message, Reasons) and status 400.
	Refuse  string
	Message string
	Reasons []string // cancellation codes of a transaction
	// Status answers with a bare HTTP status, as a load balancer does.
	Status int
	// Lose passes the request on and, if it succeeded, drops the connection
	// instead of answering.
	Lose bool
	// Hang answers only when the client has given up. The request is passed on.
	Hang bool
	// Tamper passes the request on and changes the answer's body.
	Tamper func(body string) string
}

// Proxy stands in front of the engine and makes trouble.
type Proxy struct {
	Endpoint string

	mu     sync.Mutex
	plan   func(operation, body string) *Trouble
	passed []string
}

// NewProxy starts a proxy in front of an endpoint; it ends with the test.
func NewProxy(t testing.TB, endpoint string) *Proxy {
	p := &Proxy{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.serve(w, r, endpoint) }))
	t.Cleanup(server.Close)
	p.Endpoint = server.URL
	return p
}

// Make sets what is done to requests from now on: plan is called for each, one at
// a time, with the API's operation and the body, and returns nil to let it pass.
func (p *Proxy) Make(plan func(operation, body string) *Trouble) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.plan = plan
}

// Next makes this trouble to the next requests of an operation, one each.
func (p *Proxy) Next(operation string, troubles ...Trouble) {
	p.Make(func(op, _ string) *Trouble {
		if op != operation || len(troubles) == 0 {
			return nil
		}
		next := troubles[0]
		troubles = troubles[1:]
		return &next
	})
}

// Bodies are the requests that came so far, each "<operation> <body>".
func (p *Proxy) Bodies() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.passed...)
}

func (p *Proxy) serve(w http.ResponseWriter, r *http.Request, endpoint string) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	p.mu.Lock()
	p.passed = append(p.passed, operation+" "+string(body))
	var trouble *Trouble
	if p.plan != nil {
		trouble = p.plan(operation, string(body))
	}
	p.mu.Unlock()
	if trouble == nil {
		trouble = &Trouble{}
	}
	switch {
	case trouble.Refuse != "":
		refuse(w, *trouble)
		return
	case trouble.Status != 0:
		w.WriteHeader(trouble.Status)
		return
	}
	// What was asked happens, whether or not the client waits for the answer.
	status, header, answer, err := pass(context.WithoutCancel(r.Context()), endpoint, r.Header, body)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	switch {
	case trouble.Lose && status == http.StatusOK:
		panic(http.ErrAbortHandler)
	case trouble.Hang:
		<-r.Context().Done()
		return
	case trouble.Tamper != nil:
		answer = []byte(trouble.Tamper(string(answer)))
		header.Del("X-Amz-Crc32")
		header.Del("Content-Length")
	}
	for name, values := range header {
		w.Header()[name] = values
	}
	w.WriteHeader(status)
	_, _ = w.Write(answer)
}

func refuse(w http.ResponseWriter, t Trouble) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.WriteHeader(http.StatusBadRequest)
	body := fmt.Sprintf(`{"__type":"com.amazonaws.dynamodb.v20120810#%s","message":%q`, t.Refuse, t.Message)
	if len(t.Reasons) > 0 {
		codes := make([]string, len(t.Reasons))
		for i, c := range t.Reasons {
			codes[i] = fmt.Sprintf(`{"Code":%q,"Message":"made up"}`, c)
		}
		body += `,"CancellationReasons":[` + strings.Join(codes, ",") + `]`
	}
	_, _ = io.WriteString(w, body+"}")
}

func pass(ctx context.Context, endpoint string, header http.Header, body []byte) (int, http.Header, []byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil, err
	}
	r.Header = header.Clone()
	r.Header.Set("Accept-Encoding", "identity")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	said, err := io.ReadAll(answer.Body)
	return answer.StatusCode, answer.Header, said, err
}
