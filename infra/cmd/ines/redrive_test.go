package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ines/infra/plan"
	"ines/shared/archive"
	"ines/shared/archive/dir"
	"ines/shared/aws/awstest"
	"ines/shared/queue"
	"ines/shared/queue/sqs"
	"ines/shared/queue/sqs/sqsfake"
)

func newRedriver(t *testing.T) (*redriver, *sqsfake.Fake, *bytes.Buffer) {
	t.Helper()
	var names []string
	for _, q := range plan.Default().Queues {
		names = append(names, q.Name, queue.Dead(q.Name))
	}
	f := sqsfake.New(t, names...)
	q, err := sqs.Open(awstest.Config(t, f.URL), f.URLs())
	if err != nil {
		t.Fatal(err)
	}
	a, err := dir.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	return &redriver{backlog: backlog{queues: q, archive: a, now: time.Now}, out: &out, sent: map[string]bool{}, done: map[string]bool{}}, f, &out
}

// TestRedriveCases: items go back as the envelopes that they came from, each once;
// what is no item, or is not in the archive, goes back as it is.
func TestRedriveCases(t *testing.T) {
	r, f, out := newRedriver(t)
	at := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	if _, err := r.archive.Append(t.Context(), archive.Record{ID: "e1", At: at, Data: []byte(`{"id":"e1","inbox":"northline-x"}`)}); err != nil {
		t.Fatal(err)
	}
	item := func(envelope string, index int) string {
		return fmt.Sprintf(`{"item":{"envelope":%q,"index":%d,"items":2,"at":%q,"item":{"kind":"message"},"about":{}}}`, envelope, index, at.Format(time.RFC3339))
	}
	for i, body := range []string{item("e1", 0), item("e1", 1), item("lost", 0), `{"timers":{"due":"2026-11-20T12:00:00Z"},"case":"c"}`, "nonsense"} {
		f.Put(queue.Dead(plan.Cases), sqsfake.Message{Body: body, Group: "g", Dedupe: fmt.Sprint(i)})
	}
	if err := r.run(t.Context(), plan.Cases); err != nil {
		t.Fatal(err)
	}
	inbound, cases := f.Take(plan.Inbound), f.Take(plan.Cases)
	if len(inbound) != 1 || inbound[0].Body != `{"id":"e1","inbox":"northline-x"}` || inbound[0].Group != "northline-x" {
		t.Errorf("inbound has %+v", inbound)
	}
	if len(cases) != 3 || cases[0].Body != item("lost", 0) || cases[2].Body != "nonsense" || cases[0].Group != "g" || cases[0].Dedupe == "2" {
		t.Errorf("cases.fifo has %+v", cases)
	}
	if left := f.Messages(queue.Dead(plan.Cases)); len(left) != 0 || r.back != 5 || r.reread != 2 {
		t.Errorf("%d letters are left; %d back, %d read again\n%s", len(left), r.back, r.reread, out)
	}
}

func TestRedriveOthers(t *testing.T) {
	for _, name := range []string{plan.Inbound, plan.Replies} {
		r, f, _ := newRedriver(t)
		for i := range 12 {
			m := sqsfake.Message{Body: fmt.Sprint("letter ", i), Group: "g"}
			if name == plan.Replies {
				m.Dedupe = fmt.Sprint(i)
			}
			f.Put(queue.Dead(name), m)
		}
		if err := r.run(t.Context(), name); err != nil {
			t.Fatal(err)
		}
		got := f.Take(name)
		for i, m := range got {
			if m.Body != fmt.Sprint("letter ", i) || m.Group != "g" {
				t.Errorf("%s: number %d is %+v", name, i, m)
			}
		}
		if len(got) != 12 || len(f.Messages(queue.Dead(name))) != 0 {
			t.Errorf("%s: %d went back, %d are left", name, len(got), len(f.Messages(queue.Dead(name))))
		}
	}
}

// failing refuses to send after so many letters.
type failing struct {
	exchange
	takes int
}

func (f *failing) Send(ctx context.Context, to string, m ...queue.Message) error {
	if f.takes--; f.takes < 0 {
		return queue.ErrUnavailable
	}
	return f.exchange.Send(ctx, to, m...)
}

// TestRedriveStops in the middle of a batch: the letters that went back are gone, and
// the others wait for the next time.
func TestRedriveStops(t *testing.T) {
	r, f, _ := newRedriver(t)
	r.queues = &failing{r.queues, 3}
	for i := range 5 {
		f.Put(queue.Dead(plan.Inbound), sqsfake.Message{Body: fmt.Sprint("letter ", i)})
	}
	if err := r.run(t.Context(), plan.Inbound); !errors.Is(err, queue.ErrUnavailable) || !strings.Contains(err.Error(), "after 3 letters") {
		t.Errorf("%v", err)
	}
	if back, left := f.Take(plan.Inbound), f.Messages(queue.Dead(plan.Inbound)); len(back) != 3 || len(left) != 2 || left[0].Body != "letter 3" {
		t.Errorf("%d went back, %+v are left", len(back), left)
	}
}

// hasty has somebody stop the work once so many letters were sent.
type hasty struct {
	exchange
	takes int
	stop  func()
}

func (h *hasty) Send(ctx context.Context, to string, m ...queue.Message) error {
	err := h.exchange.Send(ctx, to, m...)
	if h.takes--; h.takes == 0 {
		h.stop()
	}
	return err
}

// TestRedriveIsStopped in the middle of a batch and at its end: no letter that went back
// is left to go back again.
func TestRedriveIsStopped(t *testing.T) {
	for _, takes := range []int{3, 5} {
		r, f, _ := newRedriver(t)
		ctx, stop := context.WithCancel(t.Context())
		r.queues = &hasty{r.queues, takes, stop}
		for i := range 5 {
			f.Put(queue.Dead(plan.Inbound), sqsfake.Message{Body: fmt.Sprint("letter ", i)})
		}
		if err := r.run(ctx, plan.Inbound); !errors.Is(err, context.Canceled) {
			t.Errorf("%d: %v", takes, err)
		}
		if back, left := f.Take(plan.Inbound), f.Messages(queue.Dead(plan.Inbound)); len(back) != takes || len(left) != 5-takes {
			t.Errorf("%d went back, %+v are left", len(back), left)
		}
	}
}

// TestRedriveFails: a letter that could not be sent back stays.
func TestRedriveFails(t *testing.T) {
	r, f, _ := newRedriver(t)
	f.Put(queue.Dead(plan.Inbound), sqsfake.Message{Body: "letter"})
	f.Inject(awstest.Fault{Operation: "SendMessageBatch", Status: 500})
	if err := r.run(t.Context(), plan.Inbound); !errors.Is(err, queue.ErrUnavailable) || len(f.Messages(queue.Dead(plan.Inbound))) != 1 {
		t.Errorf("%v, %d letters left", err, len(f.Messages(queue.Dead(plan.Inbound))))
	}
}

func TestRedriveDryRun(t *testing.T) {
	r, f, out := newRedriver(t)
	r.dry = true
	f.Put(queue.Dead(plan.Inbound), sqsfake.Message{Body: "letter"})
	if err := r.run(t.Context(), plan.Inbound); err != nil || len(f.Messages(queue.Dead(plan.Inbound))) != 1 || len(f.Take(plan.Inbound)) != 0 {
		t.Errorf("%v", err)
	}
	if !strings.Contains(out.String(), "to inbound as it is") {
		t.Errorf("said %q", out)
	}
}

// carousel is a queue whose letters are visible again at once.
type carousel struct {
	exchange
	letters []queue.Received
}

func (c *carousel) Receive(context.Context, string, int) ([]queue.Received, error) {
	c.letters = append(c.letters[1:], c.letters[0])
	return slices.Clone(c.letters[:2]), nil
}

// TestRedriveDryRunEnds although what it looks at comes back.
func TestRedriveDryRunEnds(t *testing.T) {
	r, _, out := newRedriver(t)
	r.dry, r.queues = true, &carousel{letters: []queue.Received{{ID: "1"}, {ID: "2"}, {ID: "3"}}}
	if err := r.run(t.Context(), plan.Inbound); err != nil || r.back != 3 {
		t.Errorf("%v, %d letters\n%s", err, r.back, out)
	}
}

// forgetful is a queue that shows each batch of letters once more, as if work on it had
// taken longer than the queue hides letters: until then nothing can be deleted.
type forgetful struct {
	exchange
	letters []queue.Received
	rounds  int
}

func (c *forgetful) Receive(context.Context, string, int) ([]queue.Received, error) {
	c.rounds++
	return slices.Clone(c.letters), nil
}

func (c *forgetful) Delete(_ context.Context, _ string, receipts ...string) error {
	if c.rounds > 1 {
		c.letters = nil
	}
	return nil
}

// TestRedriveEnds although its letters come back before they could be deleted, and
// sends each of them once.
func TestRedriveEnds(t *testing.T) {
	r, f, out := newRedriver(t)
	r.queues = &forgetful{exchange: r.queues, letters: []queue.Received{{ID: "1", Body: "first", Group: "g"}, {ID: "2", Body: "second", Group: "g"}}}
	if err := r.run(t.Context(), plan.Replies); err != nil || r.back != 2 {
		t.Errorf("%v, %d letters\n%s", err, r.back, out)
	}
	if got := f.Take(plan.Replies); len(got) != 2 || got[0].Body != "first" || got[1].Body != "second" {
		t.Errorf("sent %+v", got)
	}
}

// TestRedriveCommand: on a stage's queues, found by name, and on this machine's.
func TestRedriveCommand(t *testing.T) {
	var names []string
	for _, q := range plan.Default().Queues {
		names = append(names, "ines-test-"+q.Name, "ines-test-"+queue.Dead(q.Name))
	}
	f := sqsfake.New(t, names...)
	onAWS(t, f.URL)
	f.Put("ines-test-inbound-dead", sqsfake.Message{Body: "letter"})
	var out bytes.Buffer
	if err := redrive(t.Context(), terminal{&out, &out}, []string{"inbound", "--stage", "test"}); err != nil || len(f.Take("ines-test-inbound")) != 1 {
		t.Errorf("%v\n%s", err, &out)
	}
	if err := redrive(t.Context(), terminal{&out, &out}, []string{"cases.fifo", "--data", t.TempDir()}); err != nil || !strings.Contains(out.String(), "0 letters sent back to cases.fifo") {
		t.Errorf("%v\n%s", err, &out)
	}
	if err := redrive(t.Context(), terminal{&out, &out}, []string{"inbound", "--stage", "elsewhere"}); err == nil || !strings.Contains(err.Error(), "no queue ines-elsewhere-inbound in eu-west-1: is the stage deployed") {
		t.Errorf("a stage that is not there: %v", err)
	}
	for _, args := range [][]string{{}, {"inbound", "--stage", "Test"}, {"letters", "--stage", "test"}, {"inbound"}, {"inbound", "cases.fifo", "--stage", "test"}} {
		if err := redrive(t.Context(), terminal{&out, &out}, args); !errors.Is(err, errUsage) {
			t.Errorf("%v: %v", args, err)
		}
	}
}
