// Package sqs sends to Amazon SQS. Functions on AWS receive through their event
// source mappings; Receive, Delete and Depths are for the operator's tools.
// Bootstraps, the operator's command and tests import it; it imports queue and aws.
// What is wrong is told as one of the port's kinds of errors.
//
// The rights that it needs: SendMessage for sending, ChangeMessageVisibility for
// postponing.
package sqs

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ines/shared/aws"
	"ines/shared/queue"
)

// Queues implements queue.Sender, queue.Postponer and queue.Receiver.
type Queues struct {
	aws  aws.Config
	urls map[string]string
}

var (
	_ queue.Sender    = (*Queues)(nil)
	_ queue.Postponer = (*Queues)(nil)
	_ queue.Receiver  = (*Queues)(nil)
)

// Open takes the queues' URLs by name. It asks nothing of SQS yet.
func Open(c aws.Config, urls map[string]string) (*Queues, error) {
	q := &Queues{aws: c, urls: make(map[string]string, len(urls))}
	for name, text := range urls {
		u, err := url.Parse(text)
		if err != nil || u.Host == "" || u.Path == "" {
			return nil, fmt.Errorf("queue/sqs: the URL of %s is %q, want one such as https://sqs.eu-west-1.amazonaws.com/123456789012/%s", name, text, name)
		}
		if strings.HasSuffix(name, ".fifo") != strings.HasSuffix(text, ".fifo") {
			return nil, fmt.Errorf("queue/sqs: the URL of %s is %q: only one of them is a FIFO queue's", name, text)
		}
		q.urls[name] = text
	}
	return q, nil
}

// url finds a queue.
func (q *Queues) url(name string) (string, error) {
	u, ok := q.urls[name]
	if !ok {
		return "", fmt.Errorf("%w: this function was told of no queue %q", queue.ErrInvalid, name)
	}
	return u, nil
}

// call asks the service at the queue's own host, or where all of SQS is said to be.
func (q *Queues) call(ctx context.Context, queueURL, operation string, in map[string]any, out any) error {
	at := q.aws.URL(aws.SQS) + "/"
	if u, err := url.Parse(queueURL); err == nil && !q.aws.Custom(aws.SQS) {
		at = u.Scheme + "://" + u.Host + "/"
	}
	in["QueueUrl"] = queueURL
	payload, err := plain(in)
	if err != nil {
		return fmt.Errorf("%w: %s: %v", queue.ErrInvalid, operation, err)
	}
	err = q.aws.JSONAt(ctx, at, aws.SQS, "1.0", "AmazonSQS."+operation, payload, out)
	if err == nil || ctx.Err() != nil {
		return err
	}
	return &failure{kind: queue.ErrUnavailable, cause: err}
}

// failure hides what the service's client gives behind the port's kind of error.
type failure struct {
	kind  error
	cause error
}

func (f *failure) Error() string        { return f.kind.Error() + ": " + f.cause.Error() }
func (f *failure) Is(target error) bool { return target == f.kind }

// refusal is the service's answer within a failure.
func refusal(err error) (*aws.Error, bool) {
	var f *failure
	var refused *aws.Error
	if errors.As(err, &f) && errors.As(f.cause, &refused) {
		return refused, true
	}
	return nil, false
}

// longestPostponement is SQS's, counted from the message's reception.
const longestPostponement = 12 * time.Hour

// Postpone implements queue.Postponer. SQS counts whole seconds: rounded up.
func (q *Queues) Postpone(ctx context.Context, name, receipt string, d time.Duration) error {
	u, err := q.url(name)
	if err != nil {
		return err
	}
	if d < 0 || d > longestPostponement {
		return fmt.Errorf("%w: postpone by %s, SQS allows 0 to 12 hours", queue.ErrInvalid, d)
	}
	err = q.call(ctx, u, "ChangeMessageVisibility", map[string]any{"ReceiptHandle": receipt, "VisibilityTimeout": seconds(d)}, nil)
	if refused, ok := refusal(err); ok && refused.Status == http.StatusBadRequest && stale(refused) {
		return nil
	}
	return err
}

// stale reports whether the message of a receipt came back or is gone.
func stale(e *aws.Error) bool {
	switch e.Code {
	case "MessageNotInflight", "ReceiptHandleIsInvalid", "AWS.SimpleQueueService.MessageNotInflight":
		return true
	}
	return e.Code == "InvalidParameterValue" && strings.Contains(e.Message, "expired")
}

func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }
