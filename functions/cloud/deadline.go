package cloud

import (
	"context"
	"reflect"
	"time"
)

// spare is what is left of an invocation's time when its work is broken off. At its
// deadline Lambda stops the process in the middle of whatever it does: nobody is told
// what failed, a webhook is answered 500 and not 503, and all of a batch comes back,
// with those that were done.
const spare = 500 * time.Millisecond

// early makes a handler's context end before Lambda's patience does. handle is a
// function as Lambda's library takes it, the first of whose parameters is a context.
func early(handle any) any {
	work := reflect.ValueOf(handle)
	return reflect.MakeFunc(work.Type(), func(args []reflect.Value) []reflect.Value {
		ctx, _ := args[0].Interface().(context.Context)
		if by, ok := ctx.Deadline(); ok {
			short, done := context.WithDeadline(ctx, by.Add(-spare))
			defer done()
			args[0] = reflect.ValueOf(&short).Elem()
		}
		return work.Call(args)
	}).Interface()
}
