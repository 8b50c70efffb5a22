package sqs

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"ines/shared/queue"
)

// patience is how many seconds SQS waits for a message to come. Without any it asks
// some of its servers only, and may say that a queue with few messages is empty.
const patience = 1

// Receive implements queue.Receiver, for tools: it returns up to ten messages, and of
// an empty queue a second later that there are none.
func (q *Queues) Receive(ctx context.Context, name string, max int) ([]queue.Received, error) {
	u, err := q.url(name)
	if err != nil {
		return nil, err
	}
	if max < 1 {
		return nil, fmt.Errorf("%w: receive %d messages", queue.ErrInvalid, max)
	}
	var answer struct {
		Messages []struct {
			MessageId, ReceiptHandle, Body string
			Attributes                     map[string]string
		}
	}
	in := map[string]any{"MaxNumberOfMessages": min(max, maxEntries), "MessageSystemAttributeNames": []string{"All"}, "WaitTimeSeconds": patience}
	if err := q.call(ctx, u, "ReceiveMessage", in, &answer); err != nil {
		return nil, err
	}
	var got []queue.Received
	for _, m := range answer.Messages {
		a := m.Attributes
		count, err := strconv.Atoi(a["ApproximateReceiveCount"])
		if err != nil {
			count = 1
		}
		got = append(got, queue.Received{ID: m.MessageId, Receipt: m.ReceiptHandle, Body: m.Body, Group: a["MessageGroupId"], Dedupe: a["MessageDeduplicationId"],
			Sequence: a["SequenceNumber"], Count: count, SentAt: milliseconds(a["SentTimestamp"]), FirstAt: milliseconds(a["ApproximateFirstReceiveTimestamp"])})
	}
	return got, nil
}

func milliseconds(text string) time.Time {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(n).UTC()
}

// Delete implements queue.Receiver.
func (q *Queues) Delete(ctx context.Context, name string, receipts ...string) error {
	u, err := q.url(name)
	if err != nil {
		return err
	}
	for start := 0; start < len(receipts); start += maxEntries {
		var entries []map[string]any
		for i, r := range receipts[start:min(start+maxEntries, len(receipts))] {
			entries = append(entries, map[string]any{"Id": strconv.Itoa(i), "ReceiptHandle": r})
		}
		var answer struct {
			Failed []struct {
				Code, Message string
				SenderFault   bool
			}
		}
		if err := q.call(ctx, u, "DeleteMessageBatch", map[string]any{"Entries": entries}, &answer); err != nil {
			return err
		}
		for _, f := range answer.Failed {
			if !f.SenderFault { // else: a receipt that is no longer valid
				return fmt.Errorf("%w: SQS did not delete a message: %s %s", queue.ErrUnavailable, f.Code, f.Message)
			}
		}
	}
	return nil
}

// Depths implements queue.Receiver. SQS's figures are approximate. Dead letters
// are counted if their queue's URL is known too.
func (q *Queues) Depths(ctx context.Context, name string) (queue.Depth, error) {
	var d queue.Depth
	u, err := q.url(name)
	if err != nil {
		return d, err
	}
	if d, err = q.depths(ctx, u); err != nil {
		return d, err
	}
	if dead, ok := q.urls[queue.Dead(name)]; ok {
		buried, err := q.depths(ctx, dead)
		if err != nil {
			return d, err
		}
		d.Dead = buried.Visible + buried.InFlight
	}
	return d, nil
}

func (q *Queues) depths(ctx context.Context, u string) (queue.Depth, error) {
	var answer struct{ Attributes map[string]string }
	if err := q.call(ctx, u, "GetQueueAttributes", map[string]any{"AttributeNames": []string{"All"}}, &answer); err != nil {
		return queue.Depth{}, err
	}
	count := func(name string) int {
		n, err := strconv.Atoi(answer.Attributes[name])
		if err != nil {
			return 0
		}
		return n
	}
	return queue.Depth{Visible: count("ApproximateNumberOfMessages"), InFlight: count("ApproximateNumberOfMessagesNotVisible"), Delayed: count("ApproximateNumberOfMessagesDelayed")}, nil
}
