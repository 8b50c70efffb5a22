package local

import (
	"crypto/md5"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"ines/shared/queue"
)

// sqsEvent is what an event source mapping would invoke a function with.
func sqsEvent(name string, fifo bool, messages []queue.Received) events.SQSEvent {
	e := events.SQSEvent{Records: make([]events.SQSMessage, len(messages))}
	arn := "arn:aws:sqs:" + region + ":" + account + ":" + name
	for i, m := range messages {
		sum := md5.Sum([]byte(m.Body)) // SQS's checksum of transport, nothing to do with trust
		attributes := map[string]string{
			"ApproximateReceiveCount":          strconv.Itoa(m.Count),
			"SentTimestamp":                    millis(m.SentAt),
			"SenderId":                         account,
			"ApproximateFirstReceiveTimestamp": millis(m.FirstAt),
		}
		if m.Group != "" {
			attributes["MessageGroupId"] = m.Group
		}
		if fifo {
			attributes["MessageDeduplicationId"] = m.Dedupe
			attributes["SequenceNumber"] = m.Sequence
		}
		e.Records[i] = events.SQSMessage{
			MessageId:         m.ID,
			ReceiptHandle:     m.Receipt,
			Body:              m.Body,
			Md5OfBody:         hex.EncodeToString(sum[:]),
			Attributes:        attributes,
			MessageAttributes: map[string]events.SQSMessageAttribute{},
			EventSourceARN:    arn,
			EventSource:       "aws:sqs",
			AWSRegion:         region,
		}
	}
	return e
}

func millis(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

// done are the receipts of the messages that a function did not report as failed.
// As on AWS, a report that names no message of the batch fails all of it.
func done(messages []queue.Received, failures []events.SQSBatchItemFailure) (receipts []string, sense bool) {
	failed := make(map[string]bool, len(failures))
	for _, f := range failures {
		failed[f.ItemIdentifier] = true
	}
	for _, m := range messages {
		if !failed[m.ID] {
			receipts = append(receipts, m.Receipt)
		}
	}
	if len(receipts)+len(failed) != len(messages) {
		return nil, false
	}
	return receipts, true
}
