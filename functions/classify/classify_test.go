package classify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"pgregory.net/rapid"

	"ines/infra/plan"
	"ines/shared/channel"
	"ines/shared/channel/registry"
	"ines/shared/docket/dockettest"
	"ines/shared/message"
	"ines/shared/metric"
	"ines/shared/queue"
)

func TestEveryItemEndsInWorkOrInOneOutcome(t *testing.T) {
	b := newBench(t)
	envs := everySavedEvent(t)
	if again := b.handle(t, delivered(bodies(t, envs...)...)); len(again) != 0 {
		t.Fatalf("%v come again", again)
	}
	work, total := b.work(t), b.items(envs...)
	_, outcomes, sum := b.outcomes(t)
	if len(work)+int(sum) != total {
		t.Errorf("%d items: %d pieces of work, outcomes %v", total, len(work), outcomes)
	}
	if ids := idsOf(work); len(slices.Compact(ids)) != len(work) {
		t.Error("an item is on cases.fifo twice")
	}
	for _, want := range []string{"echo", "unrecognised"} {
		if outcomes[want] == 0 {
			t.Errorf("no %s among the outcomes %v of the saved events", want, outcomes)
		}
	}
	for _, in := range work {
		if settled(in.Item) != "" {
			t.Errorf("%s, of kind %s, went to cases.fifo", in.ID(), in.Item.Kind)
		}
		if in.Item.Kind == message.KindMessage && (in.About.Urgency == "" || in.Item.Message.Inbox == "") {
			t.Errorf("%s goes on as %+v about %+v", in.ID(), in.Item.Message, in.About)
		}
	}
	// The work done, items read and outcomes agree.
	for _, in := range work {
		b.MustFile(in)
	}
	b.CatchUp()
	if items, outcomes, sum := b.outcomes(t); items != sum || int(sum) != total {
		t.Errorf("%d items were read, %d counted, outcomes %v", total, items, outcomes)
	}
	b.holds(t, envs)
}

func TestBrokenMessagesFailAlone(t *testing.T) {
	mention := saved(t, "x/mention.json")
	timeless, nameless := mention, mention
	timeless.ReceivedAt, nameless.ID = time.Time{}, ""
	for name, broken := range map[string]string{
		"not JSON": `{"id":`, "nothing": "", "a list": "[]", "null": "null", "an empty object": "{}",
		"another type": `{"id":7}`, "no time": body(t, timeless), "no id": body(t, nameless),
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			if again := b.handle(t, delivered(body(t, mention), broken, body(t, saved(t, "x/own_post_echo.json")))); !slices.Equal(again, []string{"m1"}) {
				t.Fatalf("%v come again, want the broken one", again)
			}
			if _, outcomes, _ := b.outcomes(t); len(b.work(t)) != 1 || outcomes["echo"] != 1 {
				t.Fatalf("outcomes %v", outcomes)
			}
		})
	}
}

// An operator's file may be indented; the archive keeps one line an envelope.
func TestIndentedEnvelope(t *testing.T) {
	b := newBench(t)
	env := saved(t, "x/mention.json")
	text, err := json.MarshalIndent(env, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if again := b.handle(t, delivered(string(text))); len(again) != 0 || len(b.work(t)) != 1 {
		t.Fatalf("%v come again", again)
	}
	b.holds(t, []message.Envelope{env})
}

// odd is a channel under the test's control.
type odd struct {
	channel.Channel
	read func(message.Envelope) []message.Item
}

func (o odd) Read(_ channel.Inbox, e message.Envelope) []message.Item { return o.read(e) }

func TestWhatCannotBeReadIsVisible(t *testing.T) {
	good := saved(t, "x/mention.json")
	left, unknown, crash := saved(t, "x/reply.json"), saved(t, "x/quote.json"), saved(t, "web/form_sent.json")
	left.Inbox, unknown.Channel = "northline-once", "pigeon"
	b := newBench(t)
	b.Find = func(name string) (channel.Channel, bool) {
		ch, ok := registry.Find(name)
		if name == "web" {
			return odd{ch, func(message.Envelope) []message.Item { panic("a payload nobody thought of") }}, ok
		}
		return ch, ok
	}
	if again := b.handle(t, delivered(bodies(t, left, good, unknown, crash)...)); len(again) != 0 {
		t.Fatalf("%v come again", again)
	}
	items, outcomes, _ := b.outcomes(t)
	if work := b.work(t); len(work) != 1 || outcomes["unrecognised"] != 3 || items != 3 {
		t.Fatalf("%d pieces of work, outcomes %v of %d items", len(work), outcomes, items)
	}
	b.holds(t, []message.Envelope{left, good, unknown, crash})
}

func TestEnvelopeWithNothingInIt(t *testing.T) {
	b := newBench(t)
	b.Find = func(string) (channel.Channel, bool) {
		return odd{read: func(message.Envelope) []message.Item { return nil }}, true
	}
	if again := b.handle(t, delivered(body(t, saved(t, "x/mention.json")))); len(again) != 0 {
		t.Fatalf("%v come again", again)
	}
	if items, outcomes, sum := b.outcomes(t); items != 0 || sum != 0 || len(b.work(t)) != 0 {
		t.Fatalf("%d items, outcomes %v", items, outcomes)
	}
}

// Every kind, in one envelope: where each ends, and that the first of them speaks
// for all in the count.
func TestWhereEachKindEnds(t *testing.T) {
	m := message.Message{Channel: "x", Inbox: "northline-x", ID: "1", Thread: "1", Text: "hello", SentAt: now}
	huge, absurd := m, m
	huge.ID, huge.Text = "2", strings.Repeat("very long ", queue.MaxBody/10)
	absurd.ID = strings.Repeat("3", 5000)
	b := newBench(t)
	b.Find = func(string) (channel.Channel, bool) {
		return odd{read: func(message.Envelope) []message.Item {
			return []message.Item{
				{Kind: message.KindEcho}, {Kind: message.KindMessage, Message: &m}, {Kind: message.KindMessage, Message: &huge},
				{Kind: message.KindMessage, Message: &absurd},
				{Kind: message.KindIgnored, Reason: "typing"}, {Kind: message.KindUnrecognised, Reason: "never seen"}, {Kind: "of tomorrow"},
				{Kind: message.KindEdit, Edit: &message.Edit{ID: "1"}}, {Kind: message.KindDelete, Delete: &message.Delete{ID: "1"}},
				{Kind: message.KindReport, Report: &message.Report{ID: "1"}},
			}
		}}, true
	}
	if again := b.handle(t, delivered(body(t, saved(t, "x/mention.json")))); len(again) != 0 {
		t.Fatalf("%v come again", again)
	}
	items, outcomes, sum := b.outcomes(t)
	if outcomes["echo"] != 1 || outcomes["ignored:typing"] != 1 || outcomes["unrecognised"] != 3 || sum != 5 || items != 10 {
		t.Errorf("outcomes %v of %d items", outcomes, items)
	}
	var kinds []string
	for _, in := range b.work(t) {
		kinds = append(kinds, string(in.Item.Kind))
		if m := in.Item.Message; m != nil && (len(m.Text) > message.MaxText || m.Cut != (m.ID == "2")) {
			t.Errorf("message %s goes on with %d bytes, cut %v", m.ID, len(m.Text), m.Cut)
		}
		if in.Items != 10 || !in.At.Equal(now) {
			t.Errorf("%s goes on as one of %d, received at %v", in.ID(), in.Items, in.At)
		}
	}
	if slices.Sort(kinds); !slices.Equal(kinds, []string{"delete", "edit", "message", "message", "report"}) {
		t.Errorf("to cases.fifo went %v", kinds)
	}
}

func TestBodyFromTheArchive(t *testing.T) {
	b := newBench(t)
	kept, lost := saved(t, "x/mention.json"), saved(t, "x/reply.json")
	key, err := b.Archive.Put(t.Context(), kept.Body)
	if err != nil {
		t.Fatal(err)
	}
	kept.Body, kept.BodyRef = nil, key
	lost.Body, lost.BodyRef = nil, "blobs/00/"+strings.Repeat("0", 64)
	if again := b.handle(t, delivered(bodies(t, lost, kept)...)); !slices.Equal(again, []string{"m0"}) {
		t.Fatalf("%v come again, want the one whose body is not there", again)
	}
	if work := b.work(t); len(work) != 1 || work[0].Item.Kind != message.KindMessage || work[0].Envelope != kept.ID {
		t.Fatalf("work %+v", work)
	}
}

func TestNothingGoesOnBeforeItIsArchived(t *testing.T) {
	b := newBench(t)
	b.archive.Plan(dockettest.Fails, dockettest.Fails) // what came whole, and what was fetched
	e := delivered(bodies(t, everySavedEvent(t)...)...)
	if again := b.handle(t, e); len(again) != len(e.Records) {
		t.Fatalf("%d of %d come again", len(again), len(e.Records))
	}
	if items, _, sum := b.outcomes(t); items != 0 || sum != 0 || len(b.work(t)) != 0 {
		t.Fatal("something went on")
	}
	if again := b.handle(t, e); len(again) != 0 || len(b.work(t)) == 0 {
		t.Fatalf("then %v come again", again)
	}
}

func TestQueueTakesAPart(t *testing.T) {
	b := newBench(t)
	b.Queue.Plan(dockettest.Half)
	envs := []message.Envelope{saved(t, "x/mention.json"), saved(t, "x/own_post_echo.json"), saved(t, "web/form_sent.json"), saved(t, "x/reply.json")}
	e := delivered(bodies(t, envs...)...)
	if again := b.handle(t, e); !slices.Equal(again, []string{"m0", "m3"}) {
		t.Fatalf("%v come again, want the two that were not stored", again)
	}
	if again := b.handle(t, delivered(e.Records[0].Body, e.Records[3].Body)); len(again) != 0 {
		t.Fatalf("%v come again", again)
	}
	if _, outcomes, _ := b.outcomes(t); len(b.work(t)) != 3 || outcomes["echo"] != 1 {
		t.Fatalf("outcomes %v", outcomes)
	}
}

// TestInboxIsHeard: what went on its way is counted for its inbox, in a line for each
// inbox of a batch; what comes again is not counted before it does.
func TestInboxIsHeard(t *testing.T) {
	b := newBench(t)
	var printed bytes.Buffer
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	b.Metrics = metric.NewPrinter(&printed, "prod", func() time.Time { return now })
	line := func(inbox string, n int64) string {
		return string(metric.Append(nil, metric.Point{Name: plan.MetricReceived, Stage: "prod", Inbox: inbox, Count: n, At: now}))
	}
	x, web := saved(t, "x/mention.json"), saved(t, "web/form_sent.json")
	e := delivered(bodies(t, x, saved(t, "x/own_post_echo.json"), web, saved(t, "x/reply.json"), web)...)
	b.Queue.Plan(dockettest.Half)
	for _, want := range []string{
		line(web.Inbox, 1) + line(x.Inbox, 1), // the mention and the reply come again
		line(web.Inbox, 1) + line(x.Inbox, 3),
	} {
		printed.Reset()
		b.handle(t, e)
		if got := printed.String(); got != want {
			t.Fatalf("printed\n%s, want\n%s", got, want)
		}
	}
}

func TestQueueOrTableDown(t *testing.T) {
	for _, what := range []string{"queue", "table"} {
		t.Run(what, func(t *testing.T) {
			b := newBench(t)
			if what == "queue" {
				b.Queue.Plan(dockettest.Fails)
			} else {
				b.Table.Plan(dockettest.Fails)
			}
			whole := slices.DeleteFunc(everySavedEvent(t), func(env message.Envelope) bool { return env.ID == largeMail })
			e := delivered(append(bodies(t, whole...), "not an envelope")...)
			if again := b.handle(t, e); len(again) != len(e.Records) {
				t.Fatalf("%d of %d come again", len(again), len(e.Records))
			}
			if n := len(b.work(t)); n != 0 {
				t.Fatalf("%d pieces of work went on", n)
			}
		})
	}
}

// A standard queue delivers at least once: the batch may come twice, and one
// envelope twice in a batch.
func TestTwiceIsOnce(t *testing.T) {
	b := newBench(t)
	texts := bodies(t, everySavedEvent(t)...)
	for range 2 {
		if again := b.handle(t, delivered(slices.Concat(texts, texts)...)); len(again) != 0 {
			t.Fatalf("%v come again", again)
		}
	}
	work, total := b.work(t), b.items(everySavedEvent(t)...)
	if _, outcomes, sum := b.outcomes(t); len(work)+int(sum) != total {
		t.Fatalf("%d items: %d pieces of work, outcomes %v", total, len(work), outcomes)
	}
	b.holds(t, everySavedEvent(t))
}

// One that comes twice in a batch and fails comes back both times.
func TestTwinsShareTheirFate(t *testing.T) {
	b := newBench(t)
	b.Queue.Plan(dockettest.Half)
	first, second := body(t, saved(t, "x/mention.json")), body(t, saved(t, "x/reply.json"))
	if again := b.handle(t, delivered(first, second, first)); !slices.Equal(again, []string{"m0", "m2"}) {
		t.Fatalf("%v come again", again)
	}
}

// More than the limits of SQS (10) and of a transaction (100).
func TestLargeBatch(t *testing.T) {
	b := newBench(t)
	mention, echo := saved(t, "x/mention.json"), saved(t, "x/own_post_echo.json")
	var envs []message.Envelope
	for i := range 130 {
		mention.ID, echo.ID = fmt.Sprint("mention-", i), fmt.Sprint("echo-", i)
		envs = append(envs, mention, echo)
	}
	e := delivered(bodies(t, envs...)...)
	if again := b.handle(t, e); len(again) != 0 {
		t.Fatalf("%d come again", len(again))
	}
	if _, outcomes, sum := b.outcomes(t); len(b.work(t)) != 130 || outcomes["echo"] != 130 || sum != 130 {
		t.Fatalf("outcomes %v", outcomes)
	}
}

// TestOnceWhateverFails: wherever archive, table and queue fail, and however often
// the batch comes again, each item ends once.
func TestOnceWhateverFails(t *testing.T) {
	b := newBench(t)
	var samples []message.Envelope
	for _, f := range []string{"x/mention.json", "x/own_post_echo.json", "whatsapp/batch.json", "x/unknown_event.json", "web/message_edited.json", "email/bounce.json"} {
		samples = append(samples, saved(t, f))
	}
	run := 0
	var before int64
	rapid.Check(t, func(rt *rapid.T) {
		run++
		var envs []message.Envelope
		for i := range rapid.IntRange(1, 8).Draw(rt, "envelopes") {
			env := rapid.SampledFrom(samples).Draw(rt, "envelope")
			env.ID = fmt.Sprint(run, "-", i)
			envs = append(envs, env)
			if rapid.IntRange(0, 3).Draw(rt, "twin") == 0 {
				envs = append(envs, env)
			}
		}
		fates := dockettest.Verdicts(4, dockettest.Works, dockettest.Works, dockettest.Fails, dockettest.Lost)
		b.archive.Plan(fates.Draw(rt, "archive")...)
		b.Table.Plan(fates.Draw(rt, "table")...)
		b.Queue.Plan(dockettest.Verdicts(4, dockettest.Works, dockettest.Fails, dockettest.Lost, dockettest.Half).Draw(rt, "queue")...)
		left := delivered(bodies(t, envs...)...)
		for range 20 {
			again := b.handle(t, left)
			left.Records = slices.DeleteFunc(left.Records, func(m events.SQSMessage) bool { return !slices.Contains(again, m.MessageId) })
		}
		if len(left.Records) > 0 {
			rt.Fatalf("%d never end", len(left.Records))
		}
		work := b.work(t)
		_, outcomes, sum := b.outcomes(t)
		done := len(work) + int(sum-before)
		before = sum
		once := slices.CompactFunc(envs, func(a, b message.Envelope) bool { return a.ID == b.ID })
		if total := b.items(once...); done != total || len(slices.Compact(idsOf(work))) != len(work) {
			rt.Fatalf("%d items: %d ended, work %v, outcomes so far %v", total, done, idsOf(work), outcomes)
		}
	})
}

func TestFailureIsNotLost(t *testing.T) {
	b := newBench(t)
	b.Find = func(string) (channel.Channel, bool) {
		return odd{read: func(message.Envelope) []message.Item {
			return []message.Item{{Kind: message.KindMessage, Message: &message.Message{Text: "hello", SentAt: now.AddDate(9000, 0, 0)}}}
		}}, true
	}
	// JSON has no year beyond 9999: the work can't be written down.
	if again := b.handle(t, delivered(body(t, saved(t, "x/mention.json")))); !slices.Equal(again, []string{"m0"}) {
		t.Fatalf("%v come again", again)
	}
}
