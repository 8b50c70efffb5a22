package sqs_test

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ines/shared/aws"
	"ines/shared/aws/awstest"
	"ines/shared/queue"
	"ines/shared/queue/queuetest"
	"ines/shared/queue/sqs"
	"ines/shared/queue/sqs/sqsfake"
)

func open(t testing.TB, change ...func(*aws.Config)) (*sqs.Queues, *sqsfake.Fake) {
	t.Helper()
	f := sqsfake.New(t, queuetest.Standard, queuetest.FIFO, queue.Dead(queuetest.FIFO))
	c := awstest.Config(t, f.URL)
	for _, ch := range change {
		ch(&c)
	}
	q, err := sqs.Open(c, f.URLs())
	if err != nil {
		t.Fatal(err)
	}
	return q, f
}

func TestConformance(t *testing.T) {
	queuetest.RunSender(t, func(t testing.TB) queuetest.Outbox {
		q, f := open(t)
		return queuetest.Outbox{Sender: q, Stored: func(_ testing.TB, name string) []queue.Message {
			var out []queue.Message
			for _, m := range f.Take(name) {
				out = append(out, queue.Message{Body: m.Body, Group: m.Group, Dedupe: m.Dedupe})
			}
			return out
		}}
	})
}

func bodies(f *sqsfake.Fake, name string) (out []string) {
	for _, m := range f.Take(name) {
		out = append(out, m.Body)
	}
	return out
}

func letters(text string) (out []queue.Message) {
	for _, b := range strings.Fields(text) {
		out = append(out, queue.Message{Body: b, Group: "g", Dedupe: b})
	}
	return out
}

// TestPartlyRefused: only what SQS did not take goes again, and before anything
// that comes after it in another call.
func TestPartlyRefused(t *testing.T) {
	q, f := open(t)
	f.Inject(awstest.Fault{Operation: "SendMessageBatch", Times: 2, Entries: []string{"c", "e"}})
	if err := q.Send(t.Context(), queuetest.FIFO, letters("a b c d e f g h i j k l")...); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(bodies(f, queuetest.FIFO), " "); got != "a b d f g h i j c e k l" {
		t.Errorf("stored %s", got)
	}
	if n := f.Calls("SendMessageBatch"); n != 4 {
		t.Errorf("%d calls, want 2 for the first ten, 1 more for what failed twice, 1 for the rest", n)
	}
}

func TestPartlyRefusedForGood(t *testing.T) {
	for _, sender := range []bool{true, false} {
		q, f := open(t)
		f.Inject(awstest.Fault{Entries: []string{"b"}, Sender: sender})
		err := q.Send(t.Context(), queuetest.Standard, letters("a b c")...)
		var partial *queue.PartialError
		if !errors.As(err, &partial) || !slices.Equal(slices.Collect(maps.Keys(partial.Failed)), []int{1}) {
			t.Fatalf("sender's fault %v: %v", sender, err)
		}
		if errors.Is(err, queue.ErrInvalid) != sender || errors.Is(err, queue.ErrUnavailable) == sender {
			t.Errorf("sender's fault %v: kind of %v", sender, err)
		}
		if got := bodies(f, queuetest.Standard); len(got) != 2 {
			t.Errorf("stored %v", got)
		}
		if n := f.Calls("SendMessageBatch"); sender && n != 1 || !sender && n != 4 {
			t.Errorf("sender's fault %v: %d calls", sender, n)
		}
	}
}

// TestDown: when the service does not work, nothing is said to be stored; when it
// stops working halfway, what is stored is not said to have failed.
func TestDown(t *testing.T) {
	for name, fault := range map[string]awstest.Fault{
		"throttled": {Status: 400, Code: "ThrottlingException"},
		"broken":    {Status: 500, Code: "InternalFailure"},
		"gone":      {Status: 400, Code: "QueueDoesNotExist"},
		"denied":    {Status: 403, Code: "AccessDenied"},
	} {
		q, f := open(t)
		f.Inject(fault)
		err := q.Send(t.Context(), queuetest.Standard, letters("a b")...)
		var partial *queue.PartialError
		var refused *aws.Error
		if !errors.Is(err, queue.ErrUnavailable) || errors.As(err, &partial) || errors.As(err, &refused) || !strings.Contains(err.Error(), fault.Code) {
			t.Errorf("%s: %v", name, err)
		}
		f.Heal()
		if err := q.Send(t.Context(), queuetest.Standard, letters("1 2 3 4 5 6 7 8 9 10")...); err != nil {
			t.Fatal(err)
		}
		f.Inject(fault)
		// An invalid one is known to be invalid whatever the service does.
		err = q.Send(t.Context(), queuetest.Standard, append(letters("x"), queue.Message{})...)
		if !errors.As(err, &partial) || !errors.Is(partial.Failed[1], queue.ErrInvalid) || !errors.Is(partial.Failed[0], queue.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTemporary(t *testing.T) {
	for name, fault := range map[string]awstest.Fault{
		"throttled": {Times: 2, Status: 400, Code: "RequestThrottled"},
		"broken":    {Times: 3, Status: 503},
		"hung up":   {Times: 1, Lost: true},
		"silent":    {Times: 1, Hang: true},
	} {
		q, f := open(t, func(c *aws.Config) {
			if fault.Hang {
				c.AttemptTime, c.Attempts = 50*time.Millisecond, 1000 // a slow machine needs some
			}
		})
		f.Inject(fault)
		if err := q.Send(t.Context(), queuetest.FIFO, letters("a b c")...); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := strings.Join(bodies(f, queuetest.FIFO), " "); got != "a b c" {
			t.Errorf("%s: stored %s, want each once: the dedupe ids make it so", name, got)
		}
	}
}

// TestAnyText: whatever a customer writes, the JSON around it arrives with the same
// meaning, characters that SQS refuses included.
func TestAnyText(t *testing.T) {
	q, f := open(t)
	rapid.Check(t, func(t *rapid.T) {
		want := map[string]string{"text": rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune("\x00\x1f\x7f\ufffe\uffff\u2028\\\"<&")))).Draw(t, "text")}
		raw := `{"text":` + quoted(want["text"]) + `}`
		if err := q.Send(t.Context(), queuetest.Standard, queue.Message{Body: raw}); err != nil {
			t.Fatal(err)
		}
		var got map[string]string
		if err := json.Unmarshal([]byte(bodies(f, queuetest.Standard)[0]), &got); err != nil || !maps.Equal(got, want) {
			t.Fatalf("sent %q, got %q, %v", want, got, err)
		}
	})
	for _, body := range []string{"a\x00b", "\ufffe", "{\x0b}"} {
		if err := q.Send(t.Context(), queuetest.Standard, queue.Message{Body: body}); !errors.Is(err, queue.ErrInvalid) {
			t.Errorf("%q: %v", body, err)
		}
	}
}

// quoted is JSON that escapes only what JSON says must be.
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r < ' ':
			text, _ := json.Marshal(string(r))
			b.WriteString(string(text[1 : len(text)-1]))
		default:
			b.WriteRune(r)
		}
	}
	return b.String() + `"`
}

func TestIDs(t *testing.T) {
	q, _ := open(t)
	for _, id := range []string{strings.Repeat("x", 129), "with space", "é", "tab\t"} {
		for _, m := range []queue.Message{{Body: "b", Group: id, Dedupe: "d"}, {Body: "b", Group: "g", Dedupe: id}} {
			if err := q.Send(t.Context(), queuetest.FIFO, m); !errors.Is(err, queue.ErrInvalid) {
				t.Errorf("%+v: %v", m, err)
			}
		}
	}
}

func TestDelay(t *testing.T) {
	q, f := open(t)
	if err := q.Send(t.Context(), queuetest.Standard, queue.Message{Body: "b", Delay: 1500 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	if m := f.Take(queuetest.Standard); m[0].Delay != 2 {
		t.Errorf("delayed by %d s, want 2", m[0].Delay)
	}
}

func TestPostpone(t *testing.T) {
	q, f := open(t)
	f.Put(queuetest.FIFO, sqsfake.Message{Body: "b", Group: "g"})
	got, err := q.Receive(t.Context(), queuetest.FIFO, 10)
	if err != nil || len(got) != 1 || got[0].Body != "b" || got[0].Group != "g" || got[0].Count != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	if err := q.Postpone(t.Context(), queuetest.FIFO, got[0].Receipt, 500*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if m := f.Messages(queuetest.FIFO); m[0].Visibility != 1 {
		t.Errorf("visible in %d s, want 1: not at once", m[0].Visibility)
	}
	if err := q.Postpone(t.Context(), queuetest.FIFO, "no longer valid", time.Second); err != nil {
		t.Error(err)
	}
	for _, d := range []time.Duration{-1, 12*time.Hour + 1} {
		if err := q.Postpone(t.Context(), queuetest.FIFO, got[0].Receipt, d); !errors.Is(err, queue.ErrInvalid) {
			t.Errorf("%v: %v", d, err)
		}
	}
	f.Inject(awstest.Fault{Status: 503})
	if err := q.Postpone(t.Context(), queuetest.FIFO, got[0].Receipt, time.Second); !errors.Is(err, queue.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

func TestReceiveAndDelete(t *testing.T) {
	q, f := open(t)
	for range 12 {
		f.Put(queuetest.Standard, sqsfake.Message{Body: "b"})
	}
	f.Put(queue.Dead(queuetest.FIFO), sqsfake.Message{Body: "dead"})
	first, err := q.Receive(t.Context(), queuetest.Standard, 100)
	if err != nil || len(first) != 10 {
		t.Fatalf("%d, %v", len(first), err)
	}
	second, err := q.Receive(t.Context(), queuetest.Standard, 100)
	if err != nil || len(second) != 2 {
		t.Fatalf("%d, %v", len(second), err)
	}
	receipts := []string{"unknown"}
	for _, r := range append(first, second[:1]...) {
		receipts = append(receipts, r.Receipt)
	}
	if err := q.Delete(t.Context(), queuetest.Standard, receipts...); err != nil {
		t.Fatal(err)
	}
	if d, err := q.Depths(t.Context(), queuetest.Standard); err != nil || d != (queue.Depth{InFlight: 1}) {
		t.Errorf("%+v, %v", d, err)
	}
	if d, err := q.Depths(t.Context(), queuetest.FIFO); err != nil || d != (queue.Depth{Dead: 1}) {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestOpenRefuses(t *testing.T) {
	for name, u := range map[string]string{"inbound": "inbound", "cases.fifo": "https://sqs.example/1/cases", "cases": "https://sqs.example/1/cases.fifo"} {
		if _, err := sqs.Open(aws.Config{}, map[string]string{name: u}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", u, err)
		}
	}
}
