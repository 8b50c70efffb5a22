package reply

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"ines/infra/plan"
	"ines/shared/casework"
	"ines/shared/channel"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
	"ines/shared/message"
	"ines/shared/metric"
	"ines/shared/queue"
	"ines/shared/secret"

	"pgregory.net/rapid"
)

// platform is a channel under the test's control: each call takes the next of
// verdicts ("ok" when they are used up), and what it took it can be asked for.
type platform struct {
	channel.Channel
	verdicts []string
	calls    []channel.Reply
	taken    map[string]int
}

func (p *platform) Name() string { return "x" }

func (p *platform) Send(_ context.Context, o channel.Outlet, r channel.Reply) (channel.Receipt, error) {
	p.calls = append(p.calls, r)
	verdict := "ok"
	if len(p.verdicts) > 0 {
		verdict, p.verdicts = p.verdicts[0], p.verdicts[1:]
	}
	switch verdict {
	case "throttled":
		return channel.Receipt{}, &channel.SendError{Class: channel.Throttled, Wait: 90 * time.Second, Code: "429"}
	case "retry":
		return channel.Receipt{}, &channel.SendError{Class: channel.Retry}
	case "permanent":
		return channel.Receipt{}, &channel.SendError{Class: channel.Permanent, Code: "403", Detail: "not allowed to reply"}
	case "refused":
		return channel.Receipt{}, &channel.SendError{Class: channel.Permanent, Code: "21610", Detail: "opted out", Refused: true}
	case "conversation throttled":
		return channel.Receipt{}, &channel.SendError{Class: channel.Throttled, Wait: 90 * time.Second, Narrow: true}
	case "blocked":
		return channel.Receipt{}, &channel.SendError{Class: channel.Blocked, Code: "401"}
	case "error 503, not taken":
		return channel.Receipt{}, &channel.SendError{Class: channel.Unknown, Code: "503"}
	case "lost": // never arrived, and nobody knows
		return channel.Receipt{}, context.DeadlineExceeded
	}
	p.taken[r.ID]++
	if verdict == "error 503, taken" {
		return channel.Receipt{}, &channel.SendError{Class: channel.Unknown, Code: "503"}
	}
	if verdict == "taken, answer lost" {
		return channel.Receipt{}, context.DeadlineExceeded
	}
	return p.receipt(r), nil
}

func (asked) Lag() time.Duration { return time.Minute }

func (p *platform) receipt(r channel.Reply) channel.Receipt { return channel.Receipt{ID: "p-" + r.ID} }

// asked is a platform that can be asked what it took.
type asked struct{ *platform }

func (a asked) Lookup(_ context.Context, _ channel.Outlet, r channel.Reply, _ time.Time) (channel.Receipt, bool, error) {
	if len(a.verdicts) > 0 && a.verdicts[0] == "no look-ups" {
		return channel.Receipt{}, false, errors.New("503")
	}
	if a.taken[r.ID] > 0 {
		return a.receipt(r), true, nil
	}
	return channel.Receipt{}, false, nil
}

// reports is cases.fifo.
type reports struct {
	got      []casework.ReportReply
	refusals []message.Consent
}

func (q *reports) Send(_ context.Context, name string, ms ...queue.Message) error {
	for _, m := range ms {
		var w docket.Work
		if err := json.Unmarshal([]byte(m.Body), &w); err != nil || name != plan.Cases || (w.Report == nil) == (w.Consent == nil) {
			return fmt.Errorf("%s to %s", m.Body, name)
		}
		if w.Consent != nil {
			q.refusals = append(q.refusals, *w.Consent)
			continue
		}
		q.got = append(q.got, *w.Report)
	}
	return nil
}

func (q *reports) states() []string {
	var s []string
	for _, r := range q.got {
		s = append(s, r.State)
	}
	return slices.Compact(s)
}

type bench struct {
	*Reply
	*dockettest.Register
	platform *platform
	reports  *reports
}

func newBench(t testing.TB, canLookUp bool, verdicts ...string) *bench {
	t.Helper()
	b := &bench{platform: &platform{verdicts: verdicts, taken: map[string]int{}}, reports: &reports{}}
	var ch channel.Channel = b.platform
	if canLookUp {
		ch = asked{b.platform}
	}
	find := func(string) (channel.Channel, bool) { return ch, true }
	desk := dockettest.Policy(t, dockettest.Desk)
	b.Register = dockettest.Open(t, dockettest.Setup{Policy: desk, Channels: docket.NewChannels(desk, find)})
	b.Reply = New(Config{
		Docket: b.Faulty, Policy: desk, Find: find, Queue: b.reports, HTTP: http.DefaultClient, Log: slog.New(slog.DiscardHandler),
		Secrets: secret.Static{"token/northline-x": {"t"}, "token/northline-mail": {"t"}, "link/": {"k"}},
		Now:     b.Register.Now,
	})
	return b
}

func (b *bench) job() docket.ReplyJob {
	return docket.ReplyJob{Case: "case-1", By: "ines", At: dockettest.Morning,
		Thread: casework.Thread{ID: "t1", Channel: "x", Inbox: "northline-x", Key: "1", Visibility: message.Public},
		Reply:  casework.ReplyRequested{Reply: "r1", Thread: "t1", Parent: "1", Text: "Hello. ^Ines"}}
}

// deliver gives the job to the function as the queue does and says whether it has
// to come again.
func (b *bench) deliver(t testing.TB, job docket.ReplyJob) (again bool) {
	t.Helper()
	m, err := job.Message()
	if err != nil {
		t.Fatal(err)
	}
	resp, err := b.Handle(t.Context(), events.SQSEvent{Records: []events.SQSMessage{{MessageId: "m", Body: m.Body, Attributes: map[string]string{"MessageGroupId": m.Group}}}})
	if err != nil {
		t.Fatal(err)
	}
	return len(resp.BatchItemFailures) > 0
}

func (b *bench) ledger(t testing.TB) docket.Ledger {
	t.Helper()
	l, _, err := b.Docket.Ledger(t.Context(), "r1")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestWhatBecomesOfAReply(t *testing.T) {
	for _, tc := range []struct {
		name     string
		lookUp   bool
		verdicts []string
		calls    int
		ledger   string
		reports  string
	}{
		{"taken", false, nil, 1, "sent", "sent"},
		{"throttled, then taken", false, []string{"throttled"}, 2, "sent", "delayed sent"},
		{"not reached twice, then taken", false, []string{"retry", "retry"}, 3, "sent", "delayed sent"},
		{"never reached", false, slices.Repeat([]string{"retry"}, 50), maxAttempts, "failed", "delayed failed"},
		{"refused for good", false, []string{"permanent"}, 1, "failed", "failed"},
		{"inbox blocked, then not", false, []string{"blocked", "blocked"}, 3, "sent", "delayed sent"},
		{"refused by the customer", false, []string{"refused"}, 1, "failed", "failed"},
		{"answer lost, can't be asked", false, []string{"taken, answer lost"}, 1, "unconfirmed", "unconfirmed"},
		{"answer lost, found", true, []string{"taken, answer lost"}, 1, "sent", "sent"},
		{"no answer, not listed: a person decides", true, []string{"lost"}, 1, "unconfirmed", "unconfirmed"},
		{"answered with an error, surely not there, sent again", true, []string{"error 503, not taken"}, 2, "sent", "delayed sent"},
		{"answered with an error, there all the same", true, []string{"error 503, taken"}, 1, "sent", "sent"},
		{"answer lost, look-ups fail", true, []string{"taken, answer lost", "no look-ups"}, 1, "unconfirmed", "unconfirmed"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBench(t, tc.lookUp, tc.verdicts...)
			for range 60 {
				if !b.deliver(t, b.job()) {
					break
				}
				b.Advance(2 * time.Minute)
			}
			b.deliver(t, b.job()) // the queue delivers it once more
			if len(b.platform.calls) != tc.calls {
				t.Errorf("%d calls, want %d", len(b.platform.calls), tc.calls)
			}
			if l := b.ledger(t); l.State != tc.ledger {
				t.Errorf("ledger %+v, want %s", l, tc.ledger)
			}
			if got := strings.Join(b.reports.states(), " "); got != tc.reports {
				t.Errorf("the case was told %q, want %q", got, tc.reports)
			}
		})
	}
}

// TestBlockedInboxIsCounted: people are told of an inbox that can't send, once for
// each reply that shows it, and of nothing that a retry or another text would mend.
func TestBlockedInboxIsCounted(t *testing.T) {
	for verdict, want := range map[string]int{"blocked": 1, "permanent": 0, "throttled": 0, "retry": 0, "ok": 0} {
		var printed bytes.Buffer
		b := newBench(t, false, verdict)
		b.Metrics = metric.NewPrinter(&printed, "prod", b.Register.Now)
		b.deliver(t, b.job())
		b.deliver(t, b.job())
		line := metric.Append(nil, metric.Point{Name: plan.MetricInboxBlocked, Stage: "prod", Inbox: "northline-x", Count: 1, At: b.Register.Now()})
		if printed.String() != strings.Repeat(string(line), want) {
			t.Errorf("%s: printed %q", verdict, printed.String())
		}
	}
}

func TestThrottledReplyWaitsAsLongAsItWasTold(t *testing.T) {
	b := newBench(t, false, "throttled")
	b.deliver(t, b.job())
	b.Advance(89 * time.Second)
	if !b.deliver(t, b.job()) || len(b.platform.calls) != 1 {
		t.Fatal("it was tried before its time")
	}
	b.Advance(time.Second)
	if b.deliver(t, b.job()) || len(b.platform.calls) != 2 {
		t.Fatal("it was not tried when its time had come")
	}
}

func TestMailCarriesTheLinkToken(t *testing.T) {
	b := newBench(t, false)
	job := b.job()
	job.Thread.Channel, job.Thread.Inbox = "email", "northline-mail"
	b.deliver(t, job)
	to := b.platform.calls[0].ReplyTo
	if !strings.HasPrefix(to, "help+case-1.") || !strings.HasSuffix(to, "@northline.example") {
		t.Fatalf("reply-to %q", to)
	}
}

// TestSaidOnce: whatever the platform does and wherever the table fails or the
// function is cut off, a reply is taken at most once, and its ledger never says
// what is not so.
func TestSaidOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		canLookUp := rapid.Bool().Draw(rt, "look-ups")
		verdicts := rapid.SliceOfN(rapid.SampledFrom([]string{"ok", "throttled", "conversation throttled", "blocked", "retry", "permanent", "refused", "lost", "taken, answer lost", "error 503, not taken", "error 503, taken"}), 0, 6).Draw(rt, "platform")
		b := newBench(t, canLookUp, verdicts...)
		defer b.Close()
		b.Table.Plan(dockettest.Verdicts(30, dockettest.Works, dockettest.Works, dockettest.Works, dockettest.Fails, dockettest.Lost).Draw(rt, "table")...)
		for range 60 {
			if !b.deliver(t, b.job()) {
				break
			}
			b.Advance(2 * time.Minute)
		}
		b.Table.Plan()
		l, taken := b.ledger(t), b.platform.taken["r1"]
		if taken > 1 {
			rt.Fatalf("the customer read it %d times", taken)
		}
		switch l.State {
		case docket.LedgerSent:
			if taken != 1 {
				rt.Fatal("the ledger says sent and nobody has it")
			}
		case docket.LedgerFailed:
			if taken != 0 {
				rt.Fatal("the ledger says failed and the customer has it")
			}
		case docket.LedgerUnconfirmed:
			if canLookUp && taken == 1 {
				rt.Fatal("unconfirmed though the platform lists it")
			}
		default:
			rt.Fatalf("the reply hangs: %+v", l)
		}
		last := b.reports.got[len(b.reports.got)-1]
		if last.State != l.State {
			rt.Fatalf("the case was told %s, the ledger says %s", last.State, l.State)
		}
	})
}
