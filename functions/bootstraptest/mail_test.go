//go:build !onlygo

package bootstraptest

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"ines/infra/plan"
	"ines/shared/lambdahttp"
	"ines/shared/message"
)

// TestLargeMail: the function that is told of a bucket gets the mail from there, as the
// account that owns it, and keeps a copy; the one that is not files the head.
func TestLargeMail(t *testing.T) {
	const bucket, key, owner = "northline-post-in", "in/p0st0000000000000000000000000000000000001", "123456789012"
	a := open(t)
	a.s3.Own(owner)
	a.s3.Deposit(bucket, key, read(t, "../../events/buckets/"+bucket+"/"+key), nil)
	_, r, err := lambdahttp.Load("../../events/email/large_mail.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		more  []string
		says  string
		calls int
	}{
		{[]string{plan.EnvMail, bucket, plan.EnvMailOwner, owner}, "buggy for our youngest", 1},
		{nil, "told of no bucket", 0},
	} {
		env := message.Envelope{ID: message.DeriveID("large mail", tt.says), Channel: "email", Inbox: "northline-post", ReceivedAt: time.Now().UTC(), Method: r.Method, Header: r.Header, Body: r.Body}
		body, err := json.Marshal(env)
		if err != nil {
			t.Fatal(err)
		}
		before := a.s3.Calls("GetObject")
		classify := a.start(t, plan.Classify, tt.more...)
		var failures events.SQSEventResponse
		classify.call(t, events.SQSEvent{Records: []events.SQSMessage{{MessageId: "m1", ReceiptHandle: "1.1", Body: string(body), EventSource: "aws:sqs",
			Attributes: map[string]string{"ApproximateReceiveCount": "1"}}}}, &failures)
		if len(failures.BatchItemFailures) > 0 {
			t.Fatalf("%+v\n%s", failures, classify.log)
		}
		work := a.batch(plan.Cases)
		if len(work.Records) != 1 || !strings.Contains(work.Records[0].Body, tt.says) {
			t.Errorf("to cases.fifo went %+v\n%s", work.Records, classify.log)
		}
		// The copy that was made is read back from the archive.
		if n := a.s3.Calls("GetObject") - before; n != 2*tt.calls {
			t.Errorf("%d objects were fetched, want %d", n, 2*tt.calls)
		}
		if code := classify.end(t); code != 0 {
			t.Errorf("it ended with %d:\n%s", code, classify.log)
		}
	}
	var records, blobs int
	for _, name := range slices.Sorted(maps.Keys(a.s3.Objects())) {
		if strings.HasPrefix(name, "blobs/") {
			blobs++
		} else {
			records++
		}
	}
	if records != 2 || blobs != 3 { // the mail and its two pictures
		t.Errorf("the archive has %d batches and %d files", records, blobs)
	}
}
