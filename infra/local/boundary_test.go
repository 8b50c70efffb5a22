package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"ines/infra/plan"
	"ines/shared/queue"
	queues "ines/shared/queue/sqlite"
	"ines/shared/sqlitefile"
	"ines/shared/table"
	tables "ines/shared/table/sqlite"
)

var morning = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

func hosted(t *testing.T, name string, handle any) *function {
	t.Helper()
	f, ok := plan.Default().Function(name)
	if !ok {
		t.Fatalf("the plan has no %s", name)
	}
	return host(f, handle, newRequestIDs(), &activity{})
}

func openDB(t *testing.T) *sqlitefile.DB {
	t.Helper()
	db, err := sqlitefile.Open(filepath.Join(t.TempDir(), "ines.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

var silent = slog.New(slog.DiscardHandler)

// What a function sees is what Lambda would give it, decoded from its JSON.
func TestSQSEventCrossesTheBoundary(t *testing.T) {
	received := []queue.Received{{ID: "m1", Receipt: "1.3", Body: "é\"\u2028<&>", Group: "g", Dedupe: "d", Sequence: "00000000000000000001", Count: 3,
		SentAt: morning, FirstAt: morning.Add(time.Second)}}
	var seen events.SQSEvent
	var request string
	fn := hosted(t, plan.Casework, func(ctx context.Context, e events.SQSEvent) (events.SQSEventResponse, error) {
		seen = e
		if lc, ok := lambdacontext.FromContext(ctx); ok {
			request = lc.AwsRequestID
		}
		if _, ok := ctx.Deadline(); !ok {
			t.Error("an invocation without a deadline")
		}
		return events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{{ItemIdentifier: e.Records[0].MessageId}}}, nil
	})
	var answer events.SQSEventResponse
	if err := fn.invoke(t.Context(), sqsEvent(plan.Cases, true, received), &answer); err != nil {
		t.Fatal(err)
	}
	if want := sqsEvent(plan.Cases, true, received); !reflect.DeepEqual(seen, want) {
		t.Errorf("the function saw\n%+v, want\n%+v", seen, want)
	}
	m := seen.Records[0]
	for name, want := range map[string]string{"ApproximateReceiveCount": "3", "MessageGroupId": "g", "MessageDeduplicationId": "d",
		"SequenceNumber": "00000000000000000001", "SentTimestamp": "1795165200000", "ApproximateFirstReceiveTimestamp": "1795165201000"} {
		if m.Attributes[name] != want {
			t.Errorf("%s is %q, want %q", name, m.Attributes[name], want)
		}
	}
	if m.EventSourceARN != "arn:aws:sqs:local:000000000000:cases.fifo" || m.EventSource != "aws:sqs" || request == "" {
		t.Errorf("%+v, request %q", m, request)
	}
	if len(answer.BatchItemFailures) != 1 || answer.BatchItemFailures[0].ItemIdentifier != "m1" {
		t.Errorf("answer: %+v", answer)
	}
}

func TestInvocationsThatFail(t *testing.T) {
	for name, tt := range map[string]struct {
		handle any
		says   string
	}{
		"an error":        {func(context.Context, events.SQSEvent) error { return errors.New("no table") }, "no table"},
		"a panic":         {func(context.Context, events.SQSEvent) error { panic("oh") }, "panic: oh"},
		"no such type":    {func(context.Context, []int) error { return nil }, "unmarshal"},
		"no JSON answer":  {func(context.Context, events.SQSEvent) (func(), error) { return func() {}, nil }, "json"},
		"another's shape": {func(context.Context, events.SQSEvent) ([]int, error) { return []int{1}, nil }, "answer of"},
	} {
		var answer events.SQSEventResponse
		err := hosted(t, plan.Casework, tt.handle).invoke(t.Context(), events.SQSEvent{}, &answer)
		if err == nil || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), plan.Casework) {
			t.Errorf("%s: %v, want it to name the function and say %q", name, err, tt.says)
		}
	}
}

func TestDone(t *testing.T) {
	batch := []queue.Received{{ID: "a", Receipt: "ra"}, {ID: "b", Receipt: "rb"}, {ID: "c", Receipt: "rc"}}
	for name, tt := range map[string]struct {
		failed []string
		want   []string
		sense  bool
	}{
		"all well":        {nil, []string{"ra", "rb", "rc"}, true},
		"one failed":      {[]string{"b"}, []string{"ra", "rc"}, true},
		"named twice":     {[]string{"b", "b"}, []string{"ra", "rc"}, true},
		"all failed":      {[]string{"a", "b", "c"}, nil, true},
		"an unknown one":  {[]string{"z"}, nil, false},
		"one with no id":  {[]string{""}, nil, false},
		"known + unknown": {[]string{"a", "z"}, nil, false},
	} {
		var failures []events.SQSBatchItemFailure
		for _, id := range tt.failed {
			failures = append(failures, events.SQSBatchItemFailure{ItemIdentifier: id})
		}
		if got, sense := done(batch, failures); !slices.Equal(got, tt.want) || sense != tt.sense {
			t.Errorf("%s: %v %v, want %v %v", name, got, sense, tt.want, tt.sense)
		}
	}
}

func TestRoutes(t *testing.T) {
	fns := map[string]*function{}
	for _, f := range plan.Default().Functions {
		fns[f.Name] = &function{Function: f}
	}
	routes, err := parseRoutes(plan.Default().Functions, fns)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		method, path, fn, key string
		parameters            string
	}{
		{"POST", "/webhooks/x/northline-x", plan.Receive, "ANY /webhooks/{channel}/{inbox}", `{"channel":"x","inbox":"northline-x"}`},
		{"GET", "/webhooks/x/northline-x", plan.Receive, "ANY /webhooks/{channel}/{inbox}", `{"channel":"x","inbox":"northline-x"}`},
		{"PUT", "/webhooks/x/northline-x", plan.Receive, "ANY /webhooks/{channel}/{inbox}", `{"channel":"x","inbox":"northline-x"}`},
		{"POST", "/webhooks/x", plan.Desk, "ANY /{proxy+}", `{"proxy":"webhooks/x"}`},
		{"GET", "/", plan.Desk, "ANY /", `null`},
		{"GET", "/api/cases/c1", plan.Desk, "ANY /api/{proxy+}", `{"proxy":"cases/c1"}`},
	} {
		r, parameters, ok := find(routes, tt.method, tt.path)
		got, err := json.Marshal(parameters)
		if err != nil {
			t.Fatal(err)
		}
		if !ok || r.fn.Name != tt.fn || r.key != tt.key || string(got) != tt.parameters {
			t.Errorf("%s %s: %v %s %s", tt.method, tt.path, ok, r.key, got)
		}
	}
	if _, err := parseRoutes([]plan.Function{{Name: "f", Trigger: plan.Trigger{Routes: []string{"/nowhere"}}}}, nil); err == nil {
		t.Error("a route without a method was accepted")
	}
}

// A batch that fails comes again from where it failed; nothing is skipped.
func TestFollower(t *testing.T) {
	db := openDB(t)
	tbl, err := tables.New(db, tables.Options{Now: func() time.Time { return morning }, Streamed: func(table.Key) bool { return true }})
	if err != nil {
		t.Fatal(err)
	}
	for n := range 6 {
		if err := tbl.Write(t.Context(), table.Write{Item: table.Item{Key: table.Key{Partition: "case#1", Sort: fmt.Sprintf("log#%d", n)}, Value: []byte("{}")}}); err != nil {
			t.Fatal(err)
		}
	}
	var seen []string
	answers := []func(e events.DynamoDBEvent) (events.DynamoDBEventResponse, error){
		func(events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
			return events.DynamoDBEventResponse{}, errors.New("down")
		},
		func(e events.DynamoDBEvent) (r events.DynamoDBEventResponse, err error) { // the third and the fifth
			for _, i := range []int{4, 2} {
				r.BatchItemFailures = append(r.BatchItemFailures, events.DynamoDBBatchItemFailure{ItemIdentifier: e.Records[i].Change.SequenceNumber})
			}
			return r, nil
		},
		func(events.DynamoDBEvent) (r events.DynamoDBEventResponse, err error) {
			r.BatchItemFailures = []events.DynamoDBBatchItemFailure{{ItemIdentifier: "999"}}
			return r, nil
		},
		func(events.DynamoDBEvent) (r events.DynamoDBEventResponse, err error) { return r, nil },
	}
	fn := hosted(t, plan.Relay, func(_ context.Context, e events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
		var batch string
		for _, r := range e.Records {
			batch += r.Change.Keys["sk"].String()[len("log#"):]
		}
		seen = append(seen, batch)
		return answers[len(seen)-1](e)
	})
	f, err := openFollower(t.Context(), fn, tbl, db, &frontDoor{}, silent)
	if err != nil {
		t.Fatal(err)
	}
	for i, fails := range []bool{true, true, true, false} {
		if _, err := f.batch(t.Context()); (err != nil) != fails {
			t.Errorf("batch %d: %v", i, err)
		}
	}
	if want := []string{"012345", "012345", "2345", "2345"}; !slices.Equal(seen, want) {
		t.Errorf("the function saw %v, want %v", seen, want)
	}
	// After a crash what was done since the last note is done again; a note keeps it.
	for _, noted := range []bool{false, true} {
		if noted {
			if err := f.note(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		again, err := openFollower(t.Context(), fn, tbl, db, &frontDoor{}, silent)
		if err != nil {
			t.Fatal(err)
		}
		if drained, err := again.drained(t.Context()); err != nil || drained != noted {
			t.Errorf("noted %v: after a restart drained is %v, %v", noted, drained, err)
		}
	}
}

// A function that fails as a whole leaves its messages to the visibility timeout;
// one that fails in part, what it named.
func TestPoller(t *testing.T) {
	var mu sync.Mutex
	now := morning
	clock := func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	}
	spec, _ := plan.Default().Queue(plan.Inbound)
	qs, err := queues.New(openDB(t), queues.Options{Now: clock, Queues: []queues.Queue{{Name: spec.Name, Visibility: spec.Visibility, MaxReceives: spec.MaxReceives}}})
	if err != nil {
		t.Fatal(err)
	}
	calls := make(chan []string)
	fn := hosted(t, plan.Classify, func(_ context.Context, e events.SQSEvent) (r events.SQSEventResponse, err error) {
		var saw []string
		for _, m := range e.Records {
			saw = append(saw, m.Body+m.Attributes["ApproximateReceiveCount"])
		}
		slices.Sort(saw)
		calls <- saw
		switch saw[0] {
		case "a1":
			panic("as a whole")
		case "a2":
			for _, m := range e.Records {
				if m.Body == "b" {
					r.BatchItemFailures = append(r.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: m.MessageId})
				}
			}
		}
		return r, nil
	})
	var still sync.RWMutex
	p := newPoller(spec, fn, qs, clock, &still, &frontDoor{}, silent)
	if err := qs.Send(t.Context(), plan.Inbound, queue.Message{Body: "a", Group: "g"}, queue.Message{Body: "b", Group: "g"}); err != nil {
		t.Fatal(err)
	}
	stop, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		p.run(stop, t.Context())
		close(ended)
	}()
	for _, want := range [][]string{{"a1", "b1"}, {"a2", "b2"}, {"b3"}} {
		if saw := <-calls; !slices.Equal(saw, want) {
			t.Errorf("the function was given %v, want %v", saw, want)
		}
		// Only when the invocation is over may its messages age.
		for running, _, over := fn.busy.state(); running > 0; running, _, over = fn.busy.state() {
			<-over
		}
		mu.Lock()
		now = now.Add(spec.Visibility)
		mu.Unlock()
		p.nudge()
	}
	for running, _, over := fn.busy.state(); running > 0; running, _, over = fn.busy.state() {
		<-over
	}
	cancel()
	<-ended
	if d, err := qs.Depths(t.Context(), plan.Inbound); err != nil || d != (queue.Depth{}) {
		t.Errorf("left over: %+v, %v", d, err)
	}
}
