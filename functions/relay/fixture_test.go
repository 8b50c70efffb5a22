package relay

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"pgregory.net/rapid"

	"ines/infra/plan"
	"ines/shared/casework"
	"ines/shared/channel/registry"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
	"ines/shared/feed"
	queues "ines/shared/queue/sqlite"
	"ines/shared/table"
	"ines/shared/table/stream"
)

var (
	morning = dockettest.Morning
	caseOf  = dockettest.CaseOf
)

// bench is the function over a register that may fail, which the test itself fills
// and reads without failures.
type bench struct {
	*Relay
	*dockettest.Register
}

func newBench(t testing.TB) *bench {
	t.Helper()
	r := dockettest.Open(t, dockettest.Setup{Queues: []queues.Queue{{Name: plan.Cases, FIFO: true}, {Name: plan.Replies, FIFO: true}}})
	return &bench{New(Config{Docket: r.Faulty, Policy: r.Policy, Find: registry.Find, Queue: r.Queue, Feeds: feed.NewShelf(r.Store, r.Now), Log: slog.New(slog.DiscardHandler)}), r}
}

// say files a public post.
func (b *bench) say(id, thread, author, kind string, at time.Time) {
	about := casework.About{Kind: kind, Urgency: "normal"}
	b.MustFile(b.Deliver(dockettest.Post(id, thread, author, "sentence "+id, at), about, at))
}

// withdraw files the deletion of a post of which only the id is known.
func (b *bench) withdraw(id string) { b.MustFile(dockettest.Deletion(b.Envelope(), id)) }

func (b *bench) do(id string, cmd casework.Command, at time.Time) { b.MustDo(id, "ines", cmd, at) }

// deliver gives the function some changes, through the JSON of the deployed
// boundary, and returns the sequence number that it wants again, or "".
func (b *bench) deliver(t testing.TB, changes []table.Change) string {
	t.Helper()
	text, err := json.Marshal(stream.Encode(changes))
	if err != nil {
		t.Fatal(err)
	}
	return b.handle(t, text)
}

func (b *bench) handle(t testing.TB, text []byte) string {
	t.Helper()
	var e events.DynamoDBEvent
	if err := json.Unmarshal(text, &e); err != nil {
		t.Fatal(err)
	}
	r, err := b.Handle(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.BatchItemFailures) == 0 {
		return ""
	}
	return r.BatchItemFailures[0].ItemIdentifier
}

// twice delivers everything that happened, twice.
func (b *bench) twice(t testing.TB) {
	t.Helper()
	changes := b.Changes()
	for range 2 {
		if again := b.deliver(t, changes); again != "" {
			t.Fatalf("%s comes again", again)
		}
	}
}

func (b *bench) jobs() (jobs []docket.ReplyJob, groups []string) {
	return dockettest.Take[docket.ReplyJob](b.Register, plan.Replies)
}

func (b *bench) work() []docket.Work {
	work, _ := dockettest.Take[docket.Work](b.Register, plan.Cases)
	return work
}

// live makes a story in a few threads and returns the posts' and the cases' ids.
func (b *bench) live(rt *rapid.T, run int) (posts, cases []string) {
	thread := func(i int) string { return strconv.Itoa(run*1000 + i*100) }
	at := morning.Add(time.Duration(run) * time.Hour)
	for i := range rapid.IntRange(1, 2).Draw(rt, "threads") {
		owner, id := fmt.Sprint("owner-", thread(i)), caseOf(thread(i))
		b.say(thread(i), thread(i), owner, "complaint", at)
		b.do(id, casework.Claim{By: "ines"}, at)
		posts, cases = append(posts, thread(i)), append(cases, id)
		for j := range rapid.IntRange(0, 6).Draw(rt, "steps") {
			at = at.Add(time.Second)
			post := strconv.Itoa(run*1000 + i*100 + j + 1)
			switch rapid.SampledFrom([]string{"again", "friend", "asks", "reply", "note"}).Draw(rt, "step") {
			case "again":
				b.say(post, thread(i), owner, "complaint", at)
			case "friend":
				b.say(post, thread(i), "friend-"+post, "complaint", at)
			case "asks":
				b.say(post, thread(i), "friend-"+post, "request", at)
			case "reply":
				b.do(id, casework.SendReply{By: "ines", Text: "Answer " + post}, at)
				continue
			case "note":
				b.do(id, casework.Note{By: "ines", Text: "Note " + post}, at)
				continue
			}
			posts = append(posts, post)
		}
	}
	return posts, cases
}

func (b *bench) check(t testing.TB, rt *rapid.T, cases []string, filed int64, before map[string]int64) {
	var replies, splits, gotReplies, gotSplits []string
	for _, id := range cases {
		log, err := b.Register.Log(t.Context(), id, 0)
		if err != nil {
			rt.Fatal(err)
		}
		for _, cm := range log {
			for _, e := range cm.Events {
				switch e := e.(type) {
				case casework.ReplyRequested:
					replies = append(replies, e.Reply)
				case casework.BystanderSplit:
					splits = append(splits, e.Case)
				}
			}
		}
		c := b.MustLoad(id)
		views, err := b.Customer(t.Context(), c.Customer.ID)
		if err != nil || len(views) != 1 || !reflect.DeepEqual(asJSON(rt, views[0]), asJSON(rt, c.View())) {
			rt.Fatalf("views %+v of case %+v (%v)", views, c.View(), err)
		}
	}
	jobs, _ := b.jobs()
	for _, j := range jobs {
		gotReplies = append(gotReplies, j.Reply.Reply)
	}
	work := b.work()
	for _, w := range work {
		gotSplits = append(gotSplits, w.Case)
	}
	for _, ids := range [][]string{replies, splits, gotReplies, gotSplits} {
		slices.Sort(ids)
	}
	if !slices.Equal(gotReplies, replies) || !slices.Equal(gotSplits, splits) {
		rt.Fatalf("replies %v sent on as %v, splits %v as %v", replies, gotReplies, splits, gotSplits)
	}
	if after := b.Balance(); after["filed"]-before["filed"] != filed {
		rt.Fatalf("%d posts, outcomes %v before and %v after", filed, before, after)
	}
}

func asJSON(rt *rapid.T, v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		rt.Fatal(err)
	}
	return string(text)
}

// findable withdraws each post by its id alone. One that is not found would be
// counted as ignored.
func (b *bench) findable(t testing.TB, rt *rapid.T, posts []string) {
	before := b.Balance()
	for _, id := range posts {
		b.withdraw(id)
	}
	if again := b.deliver(t, b.Changes()); again != "" {
		rt.Fatalf("%s comes again", again)
	}
	after := b.Balance()
	if after["filed"]-before["filed"] != int64(len(posts)) {
		rt.Fatalf("%d posts %v were withdrawn, outcomes %v before and %v after", len(posts), posts, before, after)
	}
	b.work()
}
