package cloud

import (
	"bytes"
	"context"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

// spare is what is left of an invocation's time when its work is broken off. At its
// deadline Lambda stops the process in the middle of whatever it does: nobody is told
// what failed, a webhook is answered 500 and not 503, and all of a batch comes back,
// with those that were done.
const spare = 500 * time.Millisecond

// early makes a handler's context end before Lambda's patience does.
type early struct{ lambda.Handler }

// Invoke implements lambda.Handler.
func (e early) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if by, ok := ctx.Deadline(); ok {
		short, done := context.WithDeadline(ctx, by.Add(-spare))
		defer done()
		ctx = short
	}
	answer, err := e.Handler.Invoke(ctx, payload)
	return bytes.Clone(answer), err // the library answers from a buffer that it uses again
}
