package local

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"ines/infra/plan"
)

// function is one Lambda function, hosted in this process behind the same JSON
// boundary as in the cloud. Whoever invokes it counts that as activity.
type function struct {
	plan.Function
	// handlers are one for each invocation under way. A handler of the library's answers
	// from a buffer that its next invocation writes to: on Lambda that comes after the
	// answer was sent.
	handlers *sync.Pool
	ids      *requestIDs
	busy     *activity
}

func host(f plan.Function, handle any, ids *requestIDs, busy *activity) *function {
	return &function{Function: f, handlers: &sync.Pool{New: func() any { return lambda.NewHandler(handle) }}, ids: ids, busy: busy}
}

// invoke runs the function on an event and decodes its answer; answer may be nil.
func (f *function) invoke(ctx context.Context, event, answer any) error {
	payload, err := encode(event)
	if err != nil {
		return fmt.Errorf("event for %s: %w", f.Name, err)
	}
	out, err := f.run(ctx, payload)
	if err != nil || answer == nil {
		return err
	}
	if err := json.Unmarshal(out, answer); err != nil {
		return fmt.Errorf("answer of %s: %w", f.Name, err)
	}
	return nil
}

// run is one invocation, JSON in and JSON out. A panic is an error, as it is for
// whoever invokes a Lambda function.
func (f *function) run(ctx context.Context, payload []byte) (out []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("function %s: panic: %v\n%s", f.Name, p, debug.Stack())
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, f.Timeout)
	defer cancel()
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{
		AwsRequestID:       f.ids.next(),
		InvokedFunctionArn: "arn:aws:lambda:" + region + ":" + account + ":function:" + f.Name,
	})
	handler := f.handlers.Get().(lambda.Handler)
	out, err = handler.Invoke(ctx, payload)
	if err != nil {
		return nil, fmt.Errorf("function %s: %w", f.Name, err)
	}
	out = bytes.Clone(out)
	f.handlers.Put(handler)
	return out, nil
}

// What the local engine is called where AWS names a region and an account.
const (
	region  = "local"
	account = "000000000000"
)

// requestIDs are unique over all processes: a random part for this one and a
// count.
type requestIDs struct {
	process string
	n       atomic.Uint64
}

func newRequestIDs() *requestIDs { return &requestIDs{process: rand.Text()[:16]} }

func (r *requestIDs) next() string { return r.process + "-" + strconv.FormatUint(r.n.Add(1), 36) }
