package plan

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ines/shared/casework"
	"ines/shared/channel"
	"ines/shared/docket"
	"ines/shared/message"
	"ines/shared/policy/policyfile"
	"ines/shared/sqlitefile"
	"ines/shared/table"
	"ines/shared/table/sqlite"
)

func TestQueuesGiveTheirConsumersTime(t *testing.T) {
	p := Default()
	for _, f := range p.Functions {
		if f.Trigger.Queue == "" {
			continue
		}
		q, ok := p.Queue(f.Trigger.Queue)
		if !ok {
			t.Errorf("%s is fed by %s, which does not exist", f.Name, f.Trigger.Queue)
			continue
		}
		if q.Visibility < 6*f.Timeout {
			t.Errorf("%s hides messages for %v; %s may take %v, six times that is wanted", q.Name, q.Visibility, f.Name, f.Timeout)
		}
		if q.FIFO && (f.Trigger.Batch > 10 || f.Trigger.Window != 0) {
			t.Errorf("%s takes %d messages within %v of a FIFO queue, AWS allows 10 and no window", f.Name, f.Trigger.Batch, f.Trigger.Window)
		}
		if f.Trigger.Batch > 10 && f.Trigger.Window < time.Second {
			t.Errorf("%s takes batches of %d; AWS wants a window of at least a second above 10", f.Name, f.Trigger.Batch)
		}
	}
}

func TestEveryQueueHasOneConsumer(t *testing.T) {
	p := Default()
	names := map[string]bool{}
	for _, q := range p.Queues {
		if names[q.Name] {
			t.Errorf("two queues are named %s", q.Name)
		}
		names[q.Name] = true
		var consumers, senders []string
		for _, f := range p.Functions {
			if f.Trigger.Queue == q.Name {
				consumers = append(consumers, f.Name)
			}
			if slices.Contains(f.Sends, q.Name) {
				senders = append(senders, f.Name)
			}
		}
		if len(consumers) != 1 {
			t.Errorf("%s feeds %v, want one function", q.Name, consumers)
		}
		if len(senders) == 0 {
			t.Errorf("nobody sends to %s", q.Name)
		}
		if q.FIFO != strings.HasSuffix(q.Name, ".fifo") {
			t.Errorf("%s: names of FIFO queues, and only those, end in .fifo", q.Name)
		}
		if q.Late <= 0 || q.Late >= q.Retention {
			t.Errorf("nobody is told that %s is late", q.Name)
		}
		// AWS: retention of a minute to 14 days, visibility up to 12 hours, and
		// at least five deliveries for a queue that feeds a function.
		if q.Retention < time.Minute || q.Retention > 14*24*time.Hour || q.Visibility > 12*time.Hour || q.MaxReceives < 5 || q.MaxReceives > 1000 {
			t.Errorf("AWS refuses or regrets %+v", q)
		}
	}
	for _, f := range p.Functions {
		for _, name := range f.Sends {
			if !names[name] {
				t.Errorf("%s sends to %s, which does not exist", f.Name, name)
			}
		}
	}
}

func TestFunctions(t *testing.T) {
	names := map[string]bool{}
	for _, f := range Default().Functions {
		if names[f.Name] {
			t.Errorf("two functions are named %s", f.Name)
		}
		names[f.Name] = true
		triggers := 0
		for _, set := range []bool{len(f.Trigger.Routes) > 0, f.Trigger.Queue != "", f.Trigger.Stream, f.Trigger.Schedule > 0} {
			if set {
				triggers++
			}
		}
		if triggers != 1 {
			t.Errorf("%s has %d triggers", f.Name, triggers)
		}
		if f.Memory < 128 || f.Memory > 10240 {
			t.Errorf("%s has %d MB, AWS allows 128 to 10240", f.Name, f.Memory)
		}
		if f.Timeout < time.Second || f.Timeout > 15*time.Minute {
			t.Errorf("%s may take %v, AWS allows 1 s to 15 min", f.Name, f.Timeout)
		}
		// API Gateway gives up after 30 s: the function should be the one to answer.
		if len(f.Trigger.Routes) > 0 && f.Timeout >= 30*time.Second {
			t.Errorf("%s may take %v, the gateway waits 30 s", f.Name, f.Timeout)
		}
		if f.Trigger.Schedule > 0 && f.Timeout > f.Trigger.Schedule {
			t.Errorf("%s runs every %v and may take %v", f.Name, f.Trigger.Schedule, f.Timeout)
		}
		if fed := f.Trigger.Queue != "" || f.Trigger.Stream; fed != (f.Trigger.Batch > 0) {
			t.Errorf("%s takes batches of %d", f.Name, f.Trigger.Batch)
		}
		if f.Postpones && f.Trigger.Queue == "" {
			t.Errorf("%s postpones messages of no queue", f.Name)
		}
		if routed := len(f.Trigger.Routes) > 0; routed != (f.Trigger.Rate > 0) || routed != (f.Trigger.Burst >= f.Trigger.Rate && f.Trigger.Burst > 0) {
			t.Errorf("%s lets through %d a second and %d at once", f.Name, f.Trigger.Rate, f.Trigger.Burst)
		}
		// A stream keeps its records for 24 hours.
		if f.Trigger.Stream && (f.Trigger.Late <= 0 || f.Trigger.GiveUp <= f.Trigger.Late || f.Trigger.GiveUp >= 24*time.Hour) {
			t.Errorf("%s tells people after %v and gives up after %v", f.Name, f.Trigger.Late, f.Trigger.GiveUp)
		}
		// An event source mapping can't be bounded below 2.
		if f.Trigger.Queue != "" && (f.Concurrency == 1 || f.Concurrency < 0) {
			t.Errorf("%s has a concurrency of %d, AWS allows 2 and more", f.Name, f.Concurrency)
		}
	}
	for _, want := range []string{Receive, Classify, Casework, Relay, Reply, Desk, Clock} {
		if _, ok := Default().Function(want); !ok {
			t.Errorf("there is no %s", want)
		}
	}
}

func TestOneFunctionFollowsTheStream(t *testing.T) {
	n := 0
	for _, f := range Default().Functions {
		if f.Trigger.Stream {
			n++
			if f.Trigger.Batch > 10000 || f.Trigger.Window > 5*time.Minute {
				t.Errorf("%s: AWS refuses %+v", f.Name, f.Trigger)
			}
		}
	}
	if n != 1 {
		t.Errorf("%d functions follow the stream, their views would fight", n)
	}
}

func TestFind(t *testing.T) {
	p := Default()
	if q, ok := p.Queue(Replies); !ok || q.Name != Replies {
		t.Errorf("found %+v, %v", q, ok)
	}
	if q, ok := p.Queue("letters"); ok {
		t.Errorf("found %+v", q)
	}
	if f, ok := p.Function("butler"); ok {
		t.Errorf("found %+v", f)
	}
}

func TestTableIsTheRegisters(t *testing.T) {
	if got := Default().Table.Indexes; !slices.Equal(got, docket.Indexes) {
		t.Errorf("indexes %v, the register has %v", got, docket.Indexes)
	}
}

// TestTheStreamShowsCommits: the prefix by which AWS filters the stream lets pass
// what the register calls a commit, and of all that the register writes for a case
// nothing else.
func TestTheStreamShowsCommits(t *testing.T) {
	prefix := Default().Table.StreamPrefix
	commits := 0
	for _, k := range written(t) {
		if docket.IsCommit(k) {
			commits++
		}
		if docket.IsCommit(k) != strings.HasPrefix(k.Sort, prefix) {
			t.Errorf("%s: a commit is %v, the stream shows it: %v", k, docket.IsCommit(k), strings.HasPrefix(k.Sort, prefix))
		}
		if docket.Streamed(k) != docket.IsCommit(k) {
			t.Errorf("%s: on one machine the stream shows it: %v", k, docket.Streamed(k))
		}
	}
	if commits != 4 {
		t.Errorf("%d commits among what was written, want 4", commits)
	}
}

// written are the keys of everything that a small life of one case writes.
func written(t *testing.T) []table.Key {
	t.Helper()
	now := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	db, err := sqlitefile.Open(filepath.Join(t.TempDir(), "ines.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	all := func(table.Key) bool { return true }
	tab, err := sqlite.New(db, sqlite.Options{Now: func() time.Time { return now }, Indexes: Default().Table.Indexes, Streamed: all})
	if err != nil {
		t.Fatal(err)
	}
	desk, err := policyfile.Load("../desk.yaml")
	if err != nil {
		t.Fatal(err)
	}
	none := docket.NewChannels(desk, func(string) (channel.Channel, bool) { return nil, false })
	d := docket.New(tab, desk, none, nil, docket.Settings{QueueShards: 1, DueShards: 1, CounterShards: 1, SnapshotEvery: 2})
	var log []casework.Commit
	for i, id := range []string{"1", "2", "3", "4"} {
		thread := "1"
		if i == 3 {
			thread = id // which the customer's open case takes
		}
		m := message.Message{Channel: "x", Inbox: "northline-x", ID: id, Thread: thread, Visibility: message.Public, Text: "hello", SentAt: now,
			Author: message.Author{Handle: message.Handle{Channel: "x", ID: "leo"}}}
		if err := d.File(t.Context(), docket.Incoming{Envelope: "e" + id, Items: 1, At: now.Add(time.Duration(i)), Item: message.Item{Kind: message.KindMessage, Message: &m}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Receipts(t.Context(), docket.Receipt{Incoming: docket.Incoming{Envelope: "e9", Items: 1, At: now}, Outcome: docket.OutcomeEcho}); err != nil {
		t.Fatal(err)
	}
	changes, _, err := tab.Changes(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range changes {
		if docket.IsCommit(c.Item.Key) {
			cm, err := docket.DecodeCommit(c.Item)
			if err != nil {
				t.Fatal(err)
			}
			log = append(log, cm)
		}
	}
	updates, err := d.Lagging(t.Context(), log)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Show(t.Context(), updates); err != nil {
		t.Fatal(err)
	}
	if _, err := d.WriteLedger(t.Context(), docket.Ledger{Reply: "r1", Case: log[0].Case, State: docket.LedgerSent, Platform: "900"}, "x", "northline-x"); err != nil {
		t.Fatal(err)
	}
	if changes, _, err = tab.Changes(t.Context(), 0, 1000); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	var keys []table.Key
	for _, c := range changes {
		kind, _, _ := strings.Cut(c.Item.Key.Partition, "#")
		sort, _, _ := strings.Cut(c.Item.Key.Sort, "#")
		seen[kind+" "+sort] = true
		keys = append(keys, c.Item.Key)
	}
	for _, kind := range []string{"case log", "case snap", "case view", "thread case", "delivery item", "reply ledger", "message ref"} {
		if !seen[kind] {
			t.Fatalf("no %s was written: %v", kind, seen)
		}
	}
	return keys
}

// TestRoutesCoverTheContract: each request of DESIGN.md section 8 reaches the
// function that it is meant for, by the rule that the most specific route wins.
func TestRoutesCoverTheContract(t *testing.T) {
	post := func(path, words string) (requests []string) {
		for word := range strings.FieldsSeq(words) {
			requests = append(requests, "POST "+path+word)
		}
		return requests
	}
	desk := slices.Concat(
		[]string{"GET /", "GET /openapi.json", "GET /healthz", "GET /api/cases", "GET /api/cases/c1", "GET /api/customers/k1", "GET /api/queues",
			"GET /api/incidents", "GET /api/experts", "POST /api/simulate", "GET /assets/desk.css", "GET /cases/c1", "PUT /api/cases/c1"},
		post("/api/cases/c1/", "claim release takeover assign transfer notes replies private calls promises actions experts snooze resolve reopen merge split rating feedback"),
		post("/api/cases/c1/promises/p1/", "keep move"), post("/api/cases/c1/approvals/a1/", "approve decline"),
		post("/api/customers/k1/", "merge unmerge erase"), post("/api/incidents/i1/", "confirm broadcast close"),
	)
	for _, report := range strings.Fields("service parity promises voice outcomes") {
		desk = append(desk, "GET /api/reports/"+report)
	}
	want := map[string]string{}
	for _, request := range desk {
		want[request] = Desk
	}
	for _, name := range strings.Fields("x facebook messenger instagram whatsapp telegram slack sms voice line email web") {
		want["GET /webhooks/"+name+"/northline"], want["POST /webhooks/"+name+"/northline"] = Receive, Receive
	}
	for request, function := range want {
		if got := served(request); got != function {
			t.Errorf("%s reaches %q, want %s", request, got, function)
		}
	}
}

// served is the function that API Gateway would give a request to: more literal
// segments win over fewer, a greedy part loses, and a method wins over ANY.
func served(request string) string {
	route := servedBy(request)
	for _, f := range Default().Functions {
		if slices.Contains(f.Trigger.Routes, route) {
			return f.Name
		}
	}
	return ""
}

// servedBy is the route that a request takes.
func servedBy(request string) string {
	method, path, _ := strings.Cut(request, " ")
	best, taken := -1, ""
	for _, f := range Default().Functions {
		for _, route := range f.Trigger.Routes {
			m, pattern, _ := strings.Cut(route, " ")
			score, ok := fits(pattern, path)
			if !ok || m != method && m != "ANY" {
				continue
			}
			if score *= 2; m == method {
				score++
			}
			if score > best {
				best, taken = score, route
			}
		}
	}
	return taken
}

func fits(pattern, path string) (score int, ok bool) {
	want, have := strings.Split(pattern, "/")[1:], strings.Split(path, "/")[1:]
	for i, part := range want {
		switch {
		case strings.HasSuffix(part, "+}"):
			return score, i < len(have) && have[i] != ""
		case i >= len(have):
			return 0, false
		case strings.HasPrefix(part, "{"):
			score += 2
		case part == have[i]:
			score += 3
		default:
			return 0, false
		}
	}
	return score, len(want) == len(have)
}
