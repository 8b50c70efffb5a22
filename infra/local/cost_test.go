//go:build !onlygo

package local

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"ines/infra/plan"
	"ines/infra/plan/model"
	"ines/shared/channel"
	"ines/shared/channel/registry"
	"ines/shared/docket"
	"ines/shared/policy/policyfile"
	"ines/shared/secret"
	"ines/shared/secret/env"
	"ines/shared/table/dynamo"
	"ines/shared/table/dynamo/dynamolocal"
)

// use is what was measured of one function: index is what DynamoDB Local says that
// the indexes took, which is right for one item at a time.
type use struct {
	model.Use
	index float64
}

// bench is a desk whose functions are invoked by hand, batch by batch, so that what
// they use is the same on every machine.
type bench struct {
	*testing.T
	host *Host
	dir  string
	mu   sync.Mutex
	used map[string]*use
	n    int
	now  time.Time
}

func (b *bench) of(name string) *use {
	if b.used[name] == nil {
		b.used[name] = &use{}
	}
	return b.used[name]
}

func (b *bench) observe(ctx context.Context, r dynamo.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	name := "-"
	if c, ok := lambdacontext.FromContext(ctx); ok {
		name = c.InvokedFunctionArn[strings.LastIndexByte(c.InvokedFunctionArn, ':')+1:]
	}
	u := b.of(name)
	u.Writes += float64(r.ItemUnits)
	for _, n := range r.IndexUnits {
		if r.WriteUnits > 0 {
			u.index += n
		}
	}
	each := 1.0
	if r.Stale {
		each = 0.5
	}
	switch {
	case r.Keys > 0:
		u.Reads += max(each*float64(r.Keys), r.ReadUnits)
	case r.Operation == "Query": // an empty answer costs, too
		u.Reads += max(each, r.ReadUnits)
	}
}

func newBench(t *testing.T, name string, quiet bool) *bench {
	table := name + "-" + rand.Text()
	b := &bench{T: t, dir: t.TempDir(), used: map[string]*use{}, now: time.Date(2026, 11, 20, 10, 5, 0, 0, time.UTC)}
	engine := dynamolocal.Config(dynamolocal.Start(t))
	p := plan.Default()
	if quiet {
		for i := range p.Functions {
			p.Functions[i].Trigger.Batch = min(p.Functions[i].Trigger.Batch, 1)
		}
	}
	if _, err := dynamo.Create(t.Context(), engine, dynamo.Config{Table: table, Indexes: p.Table.Indexes}); err != nil {
		t.Fatal(err)
	}
	desk, err := policyfile.Load("../desk.yaml")
	if err != nil {
		t.Fatal(err)
	}
	secrets, err := env.New(func(string) (string, bool) { return "", false }, "../desk.secrets.env")
	if err != nil {
		t.Fatal(err)
	}
	b.host, err = Open(Config{Data: b.dir, Desk: desk, Secrets: secrets, Plan: p, PublicURL: "https://desk.example", StartAt: b.now, Wall: func() time.Time { return b.now },
		DynamoDB: &DynamoDB{AWS: engine, Table: table, Observe: b.observe}, Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))})
	if err != nil {
		t.Fatal(err)
	}
	settings := docket.DefaultSettings
	if quiet {
		// When so few messages would have what waits added to the counters is chance:
		// here each has, which costs more.
		settings.AddEvery = 1
	}
	// On AWS each function has a register of its own, which knows only what it did.
	for name := range b.host.hosted {
		b.host.docket = docket.New(b.host.table, desk, docket.NewChannels(desk, registry.Find), func(ctx context.Context) ([]string, error) { return b.host.secrets.Values(ctx, secret.Link, "") }, settings)
		own, err := b.host.functions()
		if err != nil {
			t.Fatal(err)
		}
		*b.host.hosted[name] = *own[name]
	}
	t.Cleanup(func() {
		if err := b.host.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func (b *bench) depth(q string) float64 {
	d, err := b.host.queues.Depths(b.Context(), q)
	if err != nil {
		b.Fatal(err)
	}
	return float64(d.Visible + d.InFlight + d.Delayed)
}

func (b *bench) objects() (n float64) {
	err := filepath.WalkDir(filepath.Join(b.dir, "archive"), func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			n++
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// requests is how many it takes for so many messages: ten fit one.
func requests(messages float64) float64 { return float64(int(messages+9) / 10) }

func (b *bench) invoke(name string, do func(f *function)) {
	before := map[string]float64{}
	for _, q := range b.host.c.Plan.Queues {
		before[q.Name] = b.depth(q.Name)
	}
	objects := b.objects()
	do(b.host.hosted[name])
	b.mu.Lock()
	defer b.mu.Unlock()
	u := b.of(name)
	u.Invocations++
	u.Objects += b.objects() - objects
	for _, q := range b.host.c.Plan.Queues {
		if more := b.depth(q.Name) - before[q.Name]; more > 0 {
			u.queue(q.FIFO, requests(more))
		}
	}
}

func (u *use) queue(fifo bool, n float64) {
	if fifo {
		u.FIFO += n
	} else {
		u.Standard += n
	}
}

// drain feeds a function from its queue until it is empty.
func (b *bench) drain(name string) {
	f := b.host.hosted[name]
	for {
		q, _ := b.host.c.Plan.Queue(f.Trigger.Queue)
		messages, err := b.host.queues.Receive(b.Context(), q.Name, f.Trigger.Batch)
		if err != nil {
			b.Fatal(err)
		}
		if len(messages) == 0 {
			return
		}
		b.invoke(name, func(f *function) {
			var answer events.SQSEventResponse
			if err := f.invoke(b.Context(), sqsEvent(q.Name, q.FIFO, messages), &answer); err != nil || len(answer.BatchItemFailures) > 0 {
				b.Fatalf("%s: %v %v", name, err, answer)
			}
			var receipts []string
			for _, m := range messages {
				receipts = append(receipts, m.Receipt)
			}
			if err := b.host.queues.Delete(b.Context(), q.Name, receipts...); err != nil {
				b.Fatal(err)
			}
		})
		b.of(name).queue(q.FIFO, 2*requests(float64(len(messages)))) // receiving and deleting
	}
}

func (b *bench) relay() {
	for {
		n := 0
		b.invoke(plan.Relay, func(*function) {
			var err error
			if n, err = b.host.follower.(*tap).batch(b.Context()); err != nil {
				b.Fatal(err)
			}
		})
		if n == 0 {
			b.of(plan.Relay).Invocations--
			return
		}
	}
}

func (b *bench) post(person int, text string) {
	b.Helper()
	b.write(person, fmt.Sprintf("chat-%06d", person), text)
}

// joined has n people write in another conversation than that of their open case.
func (b *bench) joined(n int) map[string]use {
	for i := range n {
		b.write(i, fmt.Sprintf("other-%06d", i), going)
		b.pump()
	}
	return b.taken(float64(n))
}

func (b *bench) write(person int, conversation, text string) {
	b.n++
	b.now = b.now.Add(100 * time.Millisecond)
	stamp := b.now.UTC().Format("2006-01-02T15:04:05.000Z")
	body, err := json.Marshal(map[string]any{"type": "message.created", "timestamp": stamp, "data": map[string]any{
		"id": fmt.Sprintf("app-%06d", b.n), "author": map[string]string{"id": fmt.Sprintf("member-%06d", person), "name": "Amara Boateng", "locale": "en-GB"},
		"conversation": conversation, "text": text, "lang": "en", "sent_at": stamp}})
	if err != nil {
		b.Fatal(err)
	}
	in, _ := b.host.c.Desk.Inbox("northline-app")
	ch, _ := registry.Find("web")
	keys, err := b.host.secrets.Values(b.Context(), secret.Sign, in.ID)
	if err != nil {
		b.Fatal(err)
	}
	r, err := ch.(channel.Saved).Sign(docket.InboxAt(in, "https://desk.example"), channel.Secrets{Sign: keys},
		channel.Request{Method: "POST", Header: map[string]string{"content-type": "application/json"}, Body: body}, b.now)
	if err != nil {
		b.Fatal(err)
	}
	b.call(plan.Receive, "POST", "/webhooks/web/northline-app", r.Header, r.Body)
}

// call goes through the front door.
func (b *bench) call(name, method, path string, header map[string]string, body []byte) []byte {
	routes, err := parseRoutes(b.host.c.Plan.Functions, b.host.hosted)
	if err != nil {
		b.Fatal(err)
	}
	g := &gateway{routes: routes, receive: b.host.hosted[plan.Receive], ids: b.host.ids, front: &b.host.front, wall: b.host.c.Wall, log: b.host.c.Log}
	r := httptest.NewRequest(method, "https://desk.example"+path, bytes.NewReader(body))
	for name, v := range header {
		r.Header.Set(name, v)
	}
	w := httptest.NewRecorder()
	b.invoke(name, func(*function) { g.ServeHTTP(w, r) })
	if w.Code >= 300 {
		b.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	return w.Body.Bytes()
}

// taken is what was used since the last time, by message.
func (b *bench) taken(messages float64) map[string]use {
	b.mu.Lock()
	defer b.mu.Unlock()
	by := map[string]use{}
	for name, u := range b.used {
		by[name] = use{u.Use.Per(messages), u.index / messages}
	}
	b.used = map[string]*use{}
	return by
}

func (b *bench) pump() {
	b.drain(plan.Classify)
	b.drain(plan.Casework)
	b.relay()
}

const (
	opening = "My suitcase did not come out at Lisbon, and the desk in the arrivals hall was closed. Where do I report it?"
	going   = "It is a blue one with a red ribbon, tag number 0016 LS 4471."
	answer  = `{"text":"We have found it and it comes with the evening flight. I'll ring you tonight. ^Ines"}`
)

// messages posts n of them, each by another person.
func (b *bench) messages(n int, text string, alone bool) map[string]use {
	for i := range n {
		b.post(i, text)
		if alone {
			b.pump()
		}
	}
	b.pump()
	return b.taken(float64(n))
}

// mixed posts n messages of which each fifth is of somebody new, as the model's mix has
// it, and the others are of those who have a case.
func (b *bench) mixed(n int) map[string]use {
	for i := range n {
		if every := int(1 / model.NewCases); i%every == 0 {
			b.post(n+i, opening)
		} else {
			b.post(i, going)
		}
	}
	b.pump()
	return b.taken(float64(n))
}

// replies answers n cases.
func (b *bench) replies(n int) map[string]use {
	var list struct{ Cases []struct{ ID string } }
	header := map[string]string{"Authorization": "Bearer ines", "Content-Type": "application/json"}
	if err := json.Unmarshal(b.call(plan.Desk, "GET", "/api/cases?limit="+strconv.Itoa(n), header, nil), &list); err != nil || len(list.Cases) < n {
		b.Fatalf("%d cases, %v", len(list.Cases), err)
	}
	b.taken(1)
	for i, c := range list.Cases[:n] {
		header["Idempotency-Key"] = strconv.Itoa(i)
		b.call(plan.Desk, "POST", "/api/cases/"+c.ID+"/replies", header, []byte(answer))
		b.relay()
		b.drain(plan.Reply)
		b.drain(plan.Casework)
		b.relay()
	}
	return b.taken(float64(n))
}

// idle lets so many minutes pass in which nothing happens.
func (b *bench) idle(minutes int) map[string]use {
	b.taken(1)
	for range minutes {
		b.now = b.now.Add(time.Minute)
		b.invoke(plan.Clock, func(f *function) {
			if err := f.invoke(b.Context(), events.EventBridgeEvent{}, nil); err != nil {
				b.Fatal(err)
			}
		})
		b.drain(plan.Casework)
		b.relay()
	}
	return b.taken(float64(minutes))
}

// TestCostIsAsModelled runs real messages through the real functions over DynamoDB
// Local, with full batches and one by one, and wants what they use to be what the
// model says. When it fails because the code became better or worse, the model's
// constants and the README's table have to follow.
func TestCostIsAsModelled(t *testing.T) {
	const full, single = 500, 10
	alone := newBench(t, "cost-alone", true)
	indexes := map[string]map[string]float64{}
	check := func(kind string, want model.Work, got map[string]use, measured bool) {
		t.Helper()
		for name, g := range got {
			if measured {
				if indexes[kind] == nil {
					indexes[kind] = map[string]float64{}
				}
				indexes[kind][name] = g.index
			}
			g.Writes += indexes[kind][name]
			if w := want[name]; !w.Like(g.Use) {
				t.Errorf("%s, %s: measured %+v, the model has %+v", kind, name, g.Use, w)
			}
		}
		for name := range want {
			if _, ran := got[name]; !ran {
				t.Errorf("%s: %s did nothing", kind, name)
			}
		}
	}
	check(model.NewCase, model.Single[model.NewCase], alone.messages(single, opening, true), true)
	check(model.Known, model.Single[model.Known], alone.messages(single, going, true), true)
	check(model.Joined, model.Single[model.Joined], alone.joined(single), true)
	check(model.Reply, model.Single[model.Reply], alone.replies(single), true)
	quiet := newBench(t, "cost-quiet", true)
	quiet.idle(1) // the first minute begins the watch
	check("idle", model.Idle, quiet.idle(60), true)
	storm := newBench(t, "cost-storm", false)
	check(model.NewCase, model.Full[model.NewCase], storm.messages(full, opening, false), false)
	check(model.Known, model.Full[model.Known], storm.messages(full, going, false), false)
	// A batch holds both kinds: what it costs is the sum of its messages'.
	indexes["mixed"] = map[string]float64{plan.Relay: model.NewCases * indexes[model.NewCase][plan.Relay]}
	check("mixed", model.Mix(model.Full, model.NewCases), storm.mixed(full), false)
}
