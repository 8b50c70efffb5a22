package reply

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"ines/shared/casework"
	"ines/shared/channel"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
	"ines/shared/message"
	"ines/shared/secret"
)

// naming is a platform that is asked who somebody is: each call takes the next of its
// verdicts, the last for ever.
type naming struct {
	*platform
	verdicts []string
	asked    []message.Handle
}

func (n *naming) Named(ctx context.Context, o channel.Outlet, t channel.Thread, who message.Handle) (message.Author, error) {
	n.asked = append(n.asked, who)
	if in, ok := channel.InboxFrom(ctx); !ok || !channel.IsAsking(ctx) || in.ID != o.Inbox.ID || o.Token != "t" || t.Key != "100-700" {
		return message.Author{}, errors.New("the call is not marked as what it is")
	}
	verdict := n.verdicts[0]
	if len(n.verdicts) > 1 {
		n.verdicts = n.verdicts[1:]
	}
	if verdict == "!hours" {
		return message.Author{}, &channel.SendError{Class: channel.Throttled, Wait: time.Hour}
	}
	if class, failed := strings.CutPrefix(verdict, "!"); failed {
		return message.Author{}, &channel.SendError{Class: channel.Class(class), Detail: "about " + who.ID}
	}
	return message.Author{Handle: who, Name: verdict}, nil
}

func newNaming(t *testing.T, verdicts ...string) (*bench, *naming, docket.NameJob) {
	t.Helper()
	b := newBench(t, false)
	n := &naming{platform: b.platform, verdicts: verdicts}
	b.Find = func(string) (channel.Channel, bool) { return n, true }
	m := dockettest.DM("1", "700", "where is my bag?", dockettest.Morning)
	m.Author.Name = ""
	b.MustFile(b.Register.Deliver(m, dockettest.Complaint, dockettest.Morning))
	c := b.MustLoad(dockettest.CaseOf(m.Thread))
	return b, n, docket.NameJob{Case: c.ID, Customer: c.Customer.ID, Handle: c.Customer.Handle, Inbox: m.Inbox, Thread: m.Thread, At: dockettest.Morning}
}

// name delivers the job for the n-th time and says whether it has to come again.
func (b *bench) name(t *testing.T, job docket.NameJob, n int) bool {
	t.Helper()
	m, err := job.Message()
	if err != nil {
		t.Fatal(err)
	}
	resp, err := b.Handle(t.Context(), events.SQSEvent{Records: []events.SQSMessage{{MessageId: "m", Body: m.Body,
		Attributes: map[string]string{"MessageGroupId": m.Group, "ApproximateReceiveCount": strconv.Itoa(n)}}}})
	if err != nil {
		t.Fatal(err)
	}
	return len(resp.BatchItemFailures) > 0
}

// TestWhatBecomesOfAName: how often the platform is asked, whether it is remembered
// that it was, and what the customer is called in the end. The job comes twice more.
func TestWhatBecomesOfAName(t *testing.T) {
	for _, tc := range []struct {
		what       string
		verdicts   []string
		asked      int
		remembered bool
		name       string
	}{
		{"told", []string{"Leo Kant"}, 1, true, "Leo Kant"},
		{"not told", []string{""}, 1, true, ""},
		{"never told", []string{"!permanent"}, 1, true, ""},
		{"down for a moment", []string{"!retry", "!unknown", "!throttled", "Leo Kant"}, 4, true, "Leo Kant"},
		{"down for hours", []string{"!unknown"}, maxAsks + 2, false, ""},
		{"throttled for hours", []string{"!hours"}, 3, false, ""},
		{"no permission", []string{"!blocked"}, 3, false, ""},
		{"nothing but marks", []string{"\u202e \x00\u200b"}, 1, true, ""},
		{"far too long", []string{strings.Repeat("Leo ", 5000)}, 1, true, strings.Repeat("Leo ", 63) + "L…"},
	} {
		b, n, job := newNaming(t, tc.verdicts...)
		for try := 1; b.name(t, job, try); try++ {
			if try > 50 {
				t.Fatalf("%s: it comes for ever", tc.what)
			}
			b.Advance(90 * time.Second)
		}
		for range 2 {
			if b.name(t, job, maxAsks) {
				t.Errorf("%s: it comes again", tc.what)
			}
		}
		_, asked, err := b.Register.Called(t.Context(), job.Handle, b.Register.Now())
		c := b.MustLoad(job.Case)
		if len(n.asked) != tc.asked || asked != tc.remembered || err != nil || c.Customer.Name != tc.name {
			t.Errorf("%s: asked %d times, remembered %t (%v), called %q", tc.what, len(n.asked), asked, err, c.Customer.Name)
		}
		if h, err := b.Docket.Hold(t.Context(), job.Inbox); h.State != "" || err != nil || len(b.reports.got) > 0 {
			t.Errorf("%s: the inbox's answers suffer: %+v, %v", tc.what, h, err)
		}
	}
}

// TestWhoIsKnownIsNotAskedForAgain: the next case of the same person learns the name
// without a call.
func TestWhoIsKnownIsNotAskedForAgain(t *testing.T) {
	b, n, job := newNaming(t, "Leo Kant")
	b.name(t, job, 1)
	m := dockettest.Post("9", "9", "701", "the same", dockettest.Morning)
	m.Author.Name = ""
	b.MustFile(b.Register.Deliver(m, dockettest.Complaint, dockettest.Morning))
	other := job
	other.Case = dockettest.CaseOf("9")
	b.name(t, other, 1)
	if len(n.asked) != 1 {
		t.Errorf("asked %d times", len(n.asked))
	}
}

// TestNobodyIsAskedForInVain: about a case that is gone, somebody who has written under
// his name, an inbox without a credential, a platform that can't be asked.
func TestNobodyIsAskedForInVain(t *testing.T) {
	for what, change := range map[string]func(*bench, *docket.NameJob){
		"erased": func(b *bench, j *docket.NameJob) {
			b.MustDo(j.Case, "", casework.Erase{Erasure: "e", Customer: j.Customer}, dockettest.Morning)
		},
		"no such case": func(_ *bench, j *docket.NameJob) { j.Case = "none" },
		"named by his message": func(b *bench, _ *docket.NameJob) {
			b.MustFile(b.Register.Deliver(dockettest.DM("2", "700", "it is me", dockettest.Morning), dockettest.Complaint, dockettest.Morning))
		},
		"no credential": func(b *bench, _ *docket.NameJob) { b.Secrets = secret.Static{} },
		"can't be asked": func(b *bench, _ *docket.NameJob) {
			b.Find = func(string) (channel.Channel, bool) { return b.platform, true }
		},
		"an unknown platform": func(b *bench, _ *docket.NameJob) {
			b.Find = func(string) (channel.Channel, bool) { return nil, false }
		},
		"no such inbox": func(_ *bench, j *docket.NameJob) { j.Inbox = "gone" },
	} {
		b, n, job := newNaming(t, "Leo Kant")
		change(b, &job)
		if b.name(t, job, 1) || len(n.asked) > 0 {
			t.Errorf("%s: asked %d times, or it comes again", what, len(n.asked))
		}
		if _, asked, err := b.Register.Called(t.Context(), job.Handle, b.Register.Now()); asked || err != nil {
			t.Errorf("%s: it counts as asked (%v)", what, err)
		}
	}
}

// TestAnswersComeBeforeNames: while an inbox is to be quiet nobody is asked for.
func TestAnswersComeBeforeNames(t *testing.T) {
	b, n, job := newNaming(t, "Leo Kant")
	now := b.Register.Now()
	if won, err := b.Register.WriteHold(t.Context(), docket.Hold{Inbox: job.Inbox, State: docket.HoldThrottled, Since: now, Until: now.Add(time.Minute)}); !won || err != nil {
		t.Fatal(err)
	}
	if !b.name(t, job, 1) || len(n.asked) != 0 {
		t.Errorf("asked %d times while the inbox is held", len(n.asked))
	}
	b.Advance(time.Minute)
	if b.name(t, job, 2) || len(n.asked) != 1 {
		t.Errorf("asked %d times when it may send again", len(n.asked))
	}
}

// TestANameSurvivesATableThatFails at whatever call, and logs name nobody.
func TestANameSurvivesATableThatFails(t *testing.T) {
	for n := range 10 {
		b, _, job := newNaming(t, "!retry", "Leo Kant")
		var log bytes.Buffer
		b.Reply.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		b.Table.Plan(append(slices.Repeat([]dockettest.Verdict{dockettest.Works}, n), dockettest.Lost)...)
		try := 1
		for ; b.name(t, job, try); try++ {
			b.Advance(2 * time.Minute)
			if try > 10 {
				t.Fatal("it comes for ever")
			}
		}
		if c := b.MustLoad(job.Case); c.Customer.Name != "Leo Kant" || try < 2 {
			t.Errorf("after %d tries the customer is %+v", try, c.Customer)
		}
		if s := log.String(); strings.Contains(s, "Leo") || strings.Contains(s, "about 700") {
			t.Errorf("the log says %s", s)
		}
	}
}
