package classify

import (
	"context"
	"encoding/json"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"ines/infra/plan"
	"ines/shared/archive"
	"ines/shared/archive/dir"
	"ines/shared/channel/registry"
	"ines/shared/classify/heads"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
	"ines/shared/lambdahttp"
	"ines/shared/message"
	"ines/shared/policy/policyfile"
	queues "ines/shared/queue/sqlite"
)

var now = dockettest.Morning

// shakyArchive is an archive that takes what it is given as it is told.
type shakyArchive struct {
	archive.Archive
	dockettest.Faults
}

func (s *shakyArchive) Append(ctx context.Context, rs ...archive.Record) (key string, err error) {
	err = s.Do(archive.ErrUnavailable, func() error {
		key, err = s.Archive.Append(ctx, rs...)
		return err
	})
	if err != nil {
		return "", err
	}
	return key, nil
}

// bench is the function with the desk policy and the saved events of this
// repository.
type bench struct {
	*Classify
	*dockettest.Register
	archive *shakyArchive
}

func newBench(t testing.TB) *bench {
	t.Helper()
	arch, err := dir.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	desk, err := policyfile.Load(filepath.FromSlash("../../infra/desk.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	learned, err := Classifier(desk, Words(desk), heads.Open(), Read)
	if err != nil {
		t.Fatal(err)
	}
	r := dockettest.Open(t, dockettest.Setup{Policy: desk, Queues: []queues.Queue{{Name: plan.Inbound}, {Name: plan.Cases, FIFO: true}}})
	b := &bench{Register: r, archive: &shakyArchive{Archive: arch}}
	b.Classify = New(Config{Policy: desk, Find: registry.Find, Classifier: learned, Archive: b.archive, Queue: r.Queue,
		Docket: r.Faulty, Postpone: r.Queues, Log: slog.New(slog.DiscardHandler)})
	return b
}

// saved makes the envelope of a saved event, as receive would. The id is the
// file's name.
func saved(t testing.TB, file string) message.Envelope {
	t.Helper()
	e, r, err := lambdahttp.Load(filepath.Join("../../events", file))
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(e.RawPath, "/") // "", webhooks, channel, inbox
	return message.Envelope{ID: file, Channel: parts[2], Inbox: parts[3], ReceivedAt: now, Method: r.Method, Query: r.Query, Header: r.Header, Body: r.Body}
}

func everySavedEvent(t testing.TB) []message.Envelope {
	t.Helper()
	var all []message.Envelope
	for _, ch := range registry.All() {
		files, err := filepath.Glob(filepath.Join("../../events", ch.Name(), "*.json"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no saved events of %s (%v)", ch.Name(), err)
		}
		for _, f := range files {
			all = append(all, saved(t, ch.Name()+"/"+filepath.Base(f)))
		}
	}
	return all
}

func body(t testing.TB, env message.Envelope) string {
	t.Helper()
	text, err := json.Marshal(env)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// delivered makes the queue's messages m0, m1, …
func delivered(bodies ...string) events.SQSEvent {
	var e events.SQSEvent
	for i, text := range bodies {
		id := "m" + strconv.Itoa(i)
		e.Records = append(e.Records, events.SQSMessage{MessageId: id, ReceiptHandle: "0.1", Body: text, Attributes: map[string]string{"MessageGroupId": "inbox"}})
	}
	return e
}

func bodies(t testing.TB, envs ...message.Envelope) []string {
	var texts []string
	for _, env := range envs {
		texts = append(texts, body(t, env))
	}
	return texts
}

// handle gives the function a batch and says what has to come again.
func (b *bench) handle(t testing.TB, e events.SQSEvent) []string {
	t.Helper()
	r, err := b.Handle(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{}
	for _, f := range r.BatchItemFailures {
		ids = append(ids, f.ItemIdentifier)
	}
	return ids
}

// work takes everything off cases.fifo.
func (b *bench) work(t testing.TB) (items []docket.Incoming) {
	t.Helper()
	work, _ := dockettest.Take[docket.Work](b.Register, plan.Cases)
	for _, w := range work {
		if w.Item == nil {
			t.Fatalf("on cases.fifo: %+v", w)
		}
		items = append(items, *w.Item)
	}
	return items
}

func (b *bench) outcomes(t testing.TB) (items int64, by map[string]int64, sum int64) {
	t.Helper()
	items, by, err := b.Docket.Outcomes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range by {
		sum += n
	}
	return items, by, sum
}

// items are what the channels read in the envelopes.
func (b *bench) items(envs ...message.Envelope) (n int) {
	for _, env := range envs {
		n += len(b.read(env))
	}
	return n
}

func idsOf(items []docket.Incoming) []string {
	var ids []string
	for _, in := range items {
		ids = append(ids, in.ID())
	}
	slices.Sort(ids)
	return ids
}

// holds looks for the envelopes, word by word, in the archive: what was noted of
// fetching stands behind them.
func (b *bench) holds(t testing.TB, envs []message.Envelope) {
	t.Helper()
	kept := map[string]string{}
	for r, err := range b.archive.Read(t.Context(), now.Add(-time.Hour), now.Add(time.Hour)) {
		if err != nil {
			t.Fatal(err)
		}
		if _, twice := kept[r.ID]; twice {
			t.Errorf("%s is in the archive twice", r.ID)
		}
		kept[r.ID] = string(r.Data)
	}
	for _, env := range envs {
		if verbatim := body(t, env); kept[env.ID] != verbatim && !strings.HasPrefix(kept[env.ID], verbatim[:len(verbatim)-1]+`,"content_`) {
			t.Errorf("%s in the archive is %.100q", env.ID, kept[env.ID])
		}
	}
}
