package classify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"ines/infra/plan"
	"ines/shared/archive/s3/s3fake"
	"ines/shared/aws"
	"ines/shared/aws/awstest"
	"ines/shared/channel"
	"ines/shared/deposit"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
	"ines/shared/message"
	"ines/shared/queue/consume"
)

const (
	largeMail  = "email/large_mail.json" // of the sample inbox at SES
	mailBucket = "northline-post-in"
	mailKey    = "in/p0st0000000000000000000000000000000000001"
)

// shelf is a store of deposits under the test's control.
type shelf func(ctx context.Context, d channel.Deposit) ([]byte, error)

func (s shelf) Fetch(ctx context.Context, d channel.Deposit) ([]byte, error) { return s(ctx, d) }

// pictures is the mail that the saved event tells of.
func pictures(t testing.TB) []byte {
	t.Helper()
	raw, err := os.ReadFile("../../events/buckets/" + mailBucket + "/" + mailKey)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// inBucket is S3 with that mail in the bucket that the deployment names.
func inBucket(t *testing.T, b *bench) *s3fake.Fake {
	t.Helper()
	f := s3fake.New(t)
	f.Deposit(mailBucket, mailKey, pictures(t), nil)
	c := awstest.Config(t, f.URL)
	c.Attempts = 2
	b.Deposits = bucket(t, c)
	return f
}

func bucket(t *testing.T, c aws.Config) deposit.Store {
	t.Helper()
	s, err := Deposits(c, mailBucket, "")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// kept is the one envelope of that id in the archive.
func (b *bench) kept(t testing.TB, id string) (env message.Envelope, line string) {
	t.Helper()
	n := 0
	for r, err := range b.archive.Read(t.Context(), now.Add(-time.Hour), now.Add(time.Hour)) {
		if err != nil {
			t.Fatal(err)
		}
		if r.ID == id {
			n++
			line = string(r.Data)
		}
	}
	if n != 1 {
		t.Fatalf("%s is in the archive %d times", id, n)
	}
	if err := json.Unmarshal([]byte(line), &env); err != nil {
		t.Fatal(err)
	}
	return env, line
}

// replayed is what a desk that can reach no bucket makes of an archived envelope, with
// the same archive.
func (b *bench) replayed(t *testing.T, line string) docket.Incoming {
	t.Helper()
	again := newBench(t)
	again.Archive = b.archive
	if back := again.handle(t, delivered(line)); len(back) != 0 {
		t.Fatalf("replayed, %v comes again", back)
	}
	work := again.work(t)
	if len(work) != 1 {
		t.Fatalf("replayed, it is %d pieces of work", len(work))
	}
	return work[0]
}

func (b *bench) one(t *testing.T) docket.Incoming {
	t.Helper()
	work := b.work(t)
	if len(work) != 1 || work[0].Item.Message == nil {
		t.Fatalf("work %+v", work)
	}
	return work[0]
}

// TestALargeMailIsReadAsAnyOther: its text, its topic and its pictures; and out of the
// archive the same way when the bucket is empty.
func TestALargeMailIsReadAsAnyOther(t *testing.T) {
	b := newBench(t)
	f := inBucket(t, b)
	env := saved(t, largeMail)
	if again := b.handle(t, delivered(body(t, env), body(t, env))); len(again) != 0 {
		t.Fatalf("%v come again", again)
	}
	in := b.one(t)
	m := in.Item.Message
	if !strings.Contains(m.Text, "buggy for our youngest came off the plane") || len(m.Attachments) != 2 || m.Cut || in.About.Language != "en" || in.About.Kind == "" {
		t.Errorf("read as %+v, about %+v", m, in.About)
	}
	for _, a := range m.Attachments {
		file, err := b.archive.Get(t.Context(), a.Archived)
		if err != nil || !bytes.HasPrefix(file, []byte("\x89PNG")) || a.Lost != "" || a.URL != "" || a.Ref != "" || a.MIME != "image/png" {
			t.Errorf("%+v: %v", a, err)
		}
	}
	kept, line := b.kept(t, env.ID)
	raw, err := b.archive.Get(t.Context(), kept.ContentRef)
	if err != nil || !bytes.Equal(raw, pictures(t)) || kept.ContentLost != "" {
		t.Errorf("our copy has %d bytes, %v", len(raw), err)
	}
	if verbatim := body(t, env); !strings.HasPrefix(line, verbatim[:len(verbatim)-1]) {
		t.Errorf("archived as %.200s", line)
	}
	if n := f.Calls("GetObject"); n != 1 {
		t.Errorf("fetched %d times", n)
	}
	if again := b.replayed(t, line); !reflect.DeepEqual(again, in) {
		t.Errorf("replayed: %+v\nfirst: %+v", again, in)
	}
}

// TestWhatCannotBeFetchedIsFiledAndSaid: what will never be had does not hold the mail
// up, and the archive remembers it.
func TestWhatCannotBeFetchedIsFiledAndSaid(t *testing.T) {
	for name, tt := range map[string]struct {
		wrong func(t *testing.T, b *bench, f *s3fake.Fake)
		says  string
		calls int
	}{
		"no bucket named": {func(_ *testing.T, b *bench, _ *s3fake.Fake) { b.Deposits = deposit.None{} }, "told of no bucket", 0},
		"another bucket": {func(t *testing.T, b *bench, f *s3fake.Fake) {
			b.Deposits, _ = Deposits(awstest.Config(t, f.URL), "northline-mail-in", "")
		}, `to read mail from "northline-mail-in" only`, 0},
		"encrypted by SES": {func(t *testing.T, _ *bench, f *s3fake.Fake) {
			f.Deposit(mailBucket, mailKey, []byte("\x01\x02"), map[string]string{"X-Amz-Meta-X-Amz-Key-V2": "made up"})
		}, "encrypted", 1},
		"empty": {func(_ *testing.T, _ *bench, f *s3fake.Fake) { f.Deposit(mailBucket, mailKey, nil, nil) }, "it is empty", 1},
		"too large": {func(_ *testing.T, _ *bench, f *s3fake.Fake) {
			f.Deposit(mailBucket, mailKey, make([]byte, deposit.MaxBytes+1), nil)
		}, "at most", 1},
		"another region": {func(_ *testing.T, _ *bench, f *s3fake.Fake) {
			f.Inject(awstest.Fault{Status: 301, Code: "PermanentRedirect"})
		}, "another region", 1},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			f := inBucket(t, b)
			tt.wrong(t, b, f)
			env := saved(t, largeMail)
			if again := b.handle(t, delivered(body(t, env))); len(again) != 0 {
				t.Fatalf("%v comes again", again)
			}
			in := b.one(t)
			m := in.Item.Message
			if !strings.Contains(m.Text, tt.says) || !strings.Contains(m.Text, "s3://"+mailBucket+"/"+mailKey) || m.Author.Handle.ID != "theo.brandt@post.example" || m.Subject != "Broken buggy" {
				t.Errorf("filed as %+v", m)
			}
			if in.About.TopicSure || in.About.Topic != About(b.Policy, b.Classifier, &message.Message{Inbox: m.Inbox, Subject: m.Subject}).Topic {
				t.Errorf("our own words are about %+v", in.About)
			}
			if len(m.Attachments) != 1 || !strings.Contains(m.Attachments[0].Lost, tt.says) {
				t.Errorf("attachments %+v", m.Attachments)
			}
			if n := f.Calls("GetObject"); n != tt.calls {
				t.Errorf("%d calls of S3, want %d", n, tt.calls)
			}
			kept, line := b.kept(t, env.ID)
			if kept.ContentRef != "" || !strings.Contains(kept.ContentLost, tt.says) {
				t.Errorf("archived as %+v", kept)
			}
			if again := b.replayed(t, line); !reflect.DeepEqual(again, in) {
				t.Errorf("replayed: %+v\nfirst: %+v", again, in)
			}
		})
	}
}

// tried is a batch whose messages come for the nth time.
func tried(n int, bodies ...string) events.SQSEvent {
	e := delivered(bodies...)
	for i := range e.Records {
		e.Records[i].Attributes["ApproximateReceiveCount"] = strconv.Itoa(n)
	}
	return e
}

// TestWhatMayBeMendedIsWaitedFor: some seconds, and then the mail is filed without.
func TestWhatMayBeMendedIsWaitedFor(t *testing.T) {
	for name, code := range map[string]awstest.Fault{"denied": {Status: 403, Code: "AccessDenied"}, "not there": {Status: 404, Code: "NoSuchKey"}} {
		b := newBench(t)
		f := inBucket(t, b)
		f.Inject(code)
		env := saved(t, largeMail)
		n := 1
		for ; len(b.handle(t, tried(n, body(t, env)))) > 0; n++ {
			if items, _, _ := b.outcomes(t); items != 0 || len(b.work(t)) != 0 || n > maxReceives {
				t.Fatalf("%s: something went on, or never will", name)
			}
		}
		if n != patience || n >= maxReceives {
			t.Errorf("%s: it is filed at delivery %d of %d", name, n, maxReceives)
		}
		if m := b.one(t).Item.Message; !strings.Contains(m.Text, "[Only the head of this mail came") {
			t.Errorf("%s: filed as %+v", name, m)
		}
		b.kept(t, env.ID)

		b = newBench(t)
		f = inBucket(t, b)
		f.Inject(code)
		if again := b.handle(t, tried(1, body(t, env))); len(again) != 1 {
			t.Fatalf("%s: not waited for", name)
		}
		f.Heal()
		if again := b.handle(t, tried(2, body(t, env))); len(again) != 0 || !strings.Contains(b.one(t).Item.Message.Text, "buggy") {
			t.Errorf("%s: mended, %v comes again", name, again)
		}
	}
}

// TestWhatMayBeHadLaterComesAgain: slow, throttled, broken or with no room in our own
// archive, until the queue gives the message up, where an alarm is; the rest of the
// batch goes on.
func TestWhatMayBeHadLaterComesAgain(t *testing.T) {
	for name, wrong := range map[string]func(b *bench, f *s3fake.Fake){
		"throttled": func(_ *bench, f *s3fake.Fake) { f.Inject(awstest.Fault{Status: 503, Code: "SlowDown"}) },
		"hanging": func(b *bench, f *s3fake.Fake) {
			c := awstest.Config(t, f.URL)
			c.AttemptTime, c.Attempts = 50*time.Millisecond, 2
			b.Deposits = bucket(t, c)
			f.Inject(awstest.Fault{Hang: true})
		},
		"cut":     func(_ *bench, f *s3fake.Fake) { f.Cut(100, 99) },
		"no room": func(b *bench, _ *s3fake.Fake) { b.Archive = &blobless{Archive: b.archive, down: true} },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			f := inBucket(t, b)
			mended := b.Deposits
			wrong(b, f)
			large, mention := body(t, saved(t, largeMail)), body(t, saved(t, "x/mention.json"))
			if again := b.handle(t, tried(maxReceives, large, mention)); !slices.Equal(again, []string{"m0"}) {
				t.Fatalf("%v come again, want the large mail", again)
			}
			if in := b.one(t); in.Item.Message.Channel != "x" {
				t.Errorf("to cases went %+v", in)
			}
			f.Heal()
			f.Cut(0, 0)
			b.Archive, b.Deposits = b.archive, mended
			if again := b.handle(t, delivered(large)); len(again) != 0 || !strings.Contains(b.one(t).Item.Message.Text, "buggy") {
				t.Errorf("then %v comes again", again)
			}
		})
	}
}

// TestNobodyWaitsForOthersPictures: what came whole has gone on when fetching begins,
// what has come most often is fetched first, and when time runs out the rest comes
// again.
func TestNobodyWaitsForOthersPictures(t *testing.T) { synctest.Test(t, othersPictures) }

func othersPictures(t *testing.T) {
	b := newBench(t)
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(reserve+time.Hour))
	defer cancel()
	short, hurry := context.WithDeadline(t.Context(), time.Now().Add(reserve-time.Second))
	defer hurry()
	var order []string
	b.Deposits = shelf(func(_ context.Context, d channel.Deposit) ([]byte, error) {
		if len(order) == 0 {
			if in := b.one(t); in.Item.Message.Channel != "x" {
				t.Errorf("went before: %+v", in)
			}
		}
		order = append(order, d.Key)
		return pictures(t), nil
	})
	event := func(mention message.Envelope) events.SQSEvent {
		order = nil
		e := delivered(body(t, mention))
		for i, tries := range []int{1, 3, 2} {
			env := saved(t, largeMail)
			env.ID = "large-" + strconv.Itoa(i)
			env.Body = bytes.Replace(env.Body, []byte(mailKey), []byte("in/"+strconv.Itoa(tries)), 1)
			m := delivered(body(t, env)).Records[0]
			m.MessageId, m.Attributes["ApproximateReceiveCount"] = env.ID, strconv.Itoa(tries)
			e.Records = append(e.Records, m)
		}
		return e
	}
	for _, tt := range []struct {
		ctx     context.Context
		mention string
		order   []string
		again   int
	}{{ctx, "x/mention.json", []string{"in/3", "in/2", "in/1"}, 0}, {short, "x/reply.json", []string{"in/3"}, 2}} {
		r, err := b.Handle(tt.ctx, event(saved(t, tt.mention)))
		if err != nil || len(r.BatchItemFailures) != tt.again || !slices.Equal(order, tt.order) {
			t.Errorf("%v come again (%v), fetched %v, want %v", r.BatchItemFailures, err, order, tt.order)
		}
		b.work(t)
	}
}

// TestReadingLeavesTimeToSend: what came whole goes on before bodies are got out of the
// archive, and where that takes too long those that came most often go on and the rest
// comes again, all of it in the archive.
func TestReadingLeavesTimeToSend(t *testing.T) { synctest.Test(t, readingLeavesTime) }

func readingLeavesTime(t *testing.T) {
	b := newBench(t)
	first := saved(t, "x/mention.json")
	var kept []message.Envelope
	e := delivered()
	for i, tries := range []int{1, 3, 2} {
		env := saved(t, "x/reply.json")
		key, err := b.Archive.Put(t.Context(), env.Body)
		if err != nil {
			t.Fatal(err)
		}
		env.ID, env.Body, env.BodyRef = fmt.Sprint("large-", i), nil, key
		m := delivered(body(t, env)).Records[0]
		m.MessageId, m.Attributes["ApproximateReceiveCount"] = env.ID, strconv.Itoa(tries)
		kept, e.Records = append(kept, env), append(e.Records, m)
	}
	m := delivered(body(t, first)).Records[0]
	m.MessageId, m.Attributes["ApproximateReceiveCount"] = first.ID, "1"
	e.Records = append(e.Records, m)

	hurry, cancel := context.WithDeadline(t.Context(), time.Now().Add(sending-time.Second))
	defer cancel()
	r, err := b.Handle(hurry, e)
	if err != nil {
		t.Fatal(err)
	}
	var again, went []string
	for _, f := range r.BatchItemFailures {
		again = append(again, f.ItemIdentifier)
	}
	for _, in := range b.work(t) {
		went = append(went, in.Envelope)
	}
	if !slices.Equal(again, []string{"large-0", "large-2"}) || !slices.Equal(went, []string{first.ID, "large-1"}) {
		t.Errorf("%v come again, %v went on in this order", again, went)
	}
	b.holds(t, append(kept, first))
	if again := b.handle(t, e); len(again) != 0 {
		t.Errorf("with time enough %v come again", again)
	}
	went = nil
	for _, in := range b.work(t) { // the others are known to the queue
		went = append(went, in.Envelope)
	}
	if !slices.Equal(went, []string{"large-2", "large-0"}) {
		t.Errorf("%v went on then", went)
	}
}

// TestALargeMailIsFiledOnceWhateverFails between any two steps, and the archive and
// the case agree.
func TestALargeMailIsFiledOnceWhateverFails(t *testing.T) {
	large := body(t, saved(t, largeMail))
	for what, plan := range map[string]func(b *bench){
		"the archive": func(b *bench) { b.archive.Plan(dockettest.Fails, dockettest.Lost) },
		"the queue":   func(b *bench) { b.Queue.Plan(dockettest.Fails, dockettest.Lost) },
	} {
		b := newBench(t)
		inBucket(t, b)
		plan(b)
		for n := 1; len(b.handle(t, tried(n, large))) > 0; n++ {
			if n > 5 {
				t.Fatalf("%s: it never ends", what)
			}
		}
		var ids []string
		for _, in := range b.work(t) {
			ids = append(ids, in.ID())
			if !strings.Contains(in.Item.Message.Text, "buggy") {
				t.Errorf("%s: %+v", what, in.Item.Message)
			}
		}
		if ids = slices.Compact(ids); len(ids) != 1 {
			t.Errorf("%s: filed as %v", what, ids)
		}
		if kept, _ := b.kept(t, largeMail); kept.ContentRef == "" {
			t.Errorf("%s: archived as %+v", what, kept)
		}
	}
}

// TestAChannelThatBreaksSayingWhere is read as what it brought.
func TestAChannelThatBreaksSayingWhere(t *testing.T) {
	b := newBench(t)
	b.Find = func(string) (channel.Channel, bool) { return vague{post{}}, true }
	env := message.Envelope{ID: "e1", Channel: "email", Inbox: "northline-mail", ReceivedAt: now}
	if again := b.handle(t, delivered(body(t, env))); len(again) != 0 || len(b.work(t)) != 1 {
		t.Errorf("%v comes again", again)
	}
}

type vague struct{ post }

func (vague) Deposited(channel.Inbox, message.Envelope) (channel.Deposit, bool) {
	panic("where was it?")
}

// TestWaitingFitsTheQueue: what is waited for is filed before the queue gives it up.
func TestWaitingFitsTheQueue(t *testing.T) {
	if patience >= maxReceives || maxReceives != plan.MaxReceives(plan.Inbound) {
		t.Errorf("waits for %d of %d deliveries", patience, maxReceives)
	}
	var waits time.Duration
	for n := 1; n < patience; n++ {
		waits += consume.Backoff(n)
	}
	if waits < 3*time.Second || waits > time.Minute {
		t.Errorf("waits for %s", waits)
	}
	f, _ := plan.Default().Function(plan.Classify)
	if reserve <= f.Timeout/2 || reserve >= f.Timeout || sending >= reserve {
		t.Errorf("%s of %s are for reading, %s of those for sending", reserve, f.Timeout, sending)
	}
	if _, err := Deposits(awstest.Config(t, "http://127.0.0.1:1"), "no/bucket", ""); err == nil {
		t.Error("a bucket of no name")
	}
	if s, err := Deposits(awstest.Config(t, "http://127.0.0.1:1"), "", ""); err != nil || s != (deposit.None{}) {
		t.Errorf("%v, %v", s, err)
	}
	var lost *deposit.Lost
	if _, err := (deposit.None{}).Fetch(t.Context(), channel.Deposit{}); !errors.As(err, &lost) {
		t.Error(err)
	}
}
