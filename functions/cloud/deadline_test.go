package cloud

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

// TestWorkEndsBeforeLambdaDoes: whatever waits is broken off while there is time to
// answer, in functions that answer and in those that only fail.
func TestWorkEndsBeforeLambdaDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const patience = 10 * time.Second
		for name, handle := range map[string]any{
			"answers": func(ctx context.Context, e events.SQSEvent) (events.SQSEventResponse, error) {
				<-ctx.Done()
				return events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{{ItemIdentifier: e.Records[0].MessageId}}}, nil
			},
			"fails": func(ctx context.Context, _ events.EventBridgeEvent) error {
				<-ctx.Done()
				return errors.New("late")
			},
		} {
			ctx, end := context.WithTimeout(t.Context(), patience)
			begun := time.Now()
			answer, err := early{lambda.NewHandler(handle)}.Invoke(ctx, []byte(`{"Records":[{"messageId":"m1"}]}`))
			if took := time.Since(begun); took != patience-spare {
				t.Errorf("what %s takes %s of %s", name, took, patience)
			}
			if ctx.Err() != nil {
				t.Errorf("what %s does so when nobody listens any more", name)
			}
			if got := string(answer); name == "answers" && (err != nil || got != `{"batchItemFailures":[{"itemIdentifier":"m1"}]}`) || name == "fails" && (err == nil || err.Error() != "late") {
				t.Errorf("%s: %s, %v", name, got, err)
			}
			end()
		}
		// Where nobody sets a limit there is none.
		unlimited := early{lambda.NewHandler(func(ctx context.Context) error {
			if _, limited := ctx.Deadline(); limited {
				return errors.New("limited")
			}
			return nil
		})}
		if _, err := unlimited.Invoke(t.Context(), []byte(`{}`)); err != nil {
			t.Error(err)
		}
	})
}
