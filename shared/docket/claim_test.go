package docket_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
	"ines/shared/message"
	"ines/shared/table"
)

// paused does something before its nth call, once. It is for one caller, who may call
// from several goroutines. Steps are calls of their own.
type paused struct {
	table.Table
	mu sync.Mutex
	n  int
	do func()
}

func (p *paused) call() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n--
	if p.n == 0 {
		p.do()
	}
}

func (p *paused) Get(ctx context.Context, keys ...table.Key) (map[table.Key]table.Item, error) {
	p.call()
	return p.Table.Get(ctx, keys...)
}

func (p *paused) Query(ctx context.Context, q table.Query) (table.Page, error) {
	p.call()
	return p.Table.Query(ctx, q)
}

func (p *paused) Write(ctx context.Context, writes ...table.Write) error {
	p.call()
	return p.Table.Write(ctx, writes...)
}

func (p *paused) Steps(ctx context.Context, writes ...table.Write) error {
	for _, w := range writes {
		if err := p.Write(ctx, w); err != nil {
			return err
		}
	}
	return nil
}

// beginning is two messages that arrive at the same moment; the first is Leo's and the
// root of its conversation.
type beginning struct {
	name   string
	before []message.Message
	first  message.Message
	second message.Message
	next   message.Message // Leo's, in the first's conversation, when all is quiet
	cases  []int           // how many there may be in the end
	leos   bool            // the first one's case is Leo's
}

func beginnings() []beginning {
	at := func(m int) time.Time { return morning.Add(time.Duration(m) * time.Minute) }
	root := post("1", "leo", "my bag is gone", at(1))
	next := post("4", "leo", "and?", at(4))
	return []beginning{
		{"a post and a direct message of one customer", nil, root, dockettest.DM("2", "leo", "it is urgent", at(2)), next, []int{1}, true},
		{"two of one conversation", nil, dockettest.DM("1", "leo", "my bag is gone", at(1)), dockettest.DM("2", "leo", "it is urgent", at(2)), dockettest.DM("4", "leo", "and?", at(4)), []int{1}, true},
		{"a friend's answer", nil, root, post("2", "ann", "poor leo", at(2)), next, []int{1}, true},
		{"the answer of somebody with an open case", []message.Message{dockettest.Post("9", "9", "ann", "mine, too", at(0))}, root, post("2", "ann", "poor leo", at(2)), next, []int{1, 2}, false},
	}
}

// over is another function instance over the same table.
func (b *bench) over(t table.Table) *docket.Docket {
	keys := func(context.Context) ([]string, error) { return []string{dockettest.LinkKey}, nil }
	return docket.New(t, b.Policy, anything{}, keys, b.settings)
}

func (b *bench) again(in docket.Incoming) {
	b.t.Helper()
	for try := 0; ; try++ {
		err := b.over(b.Store).File(b.ctx(), in)
		if err == nil {
			return
		}
		if !errors.Is(err, table.ErrUnavailable) && !table.Conflicted(err) || try > 20 {
			b.t.Fatal(err)
		}
	}
}

// settle files what is left and looks at what came of it all.
func (b *bench) settle(s beginning, deliveries ...docket.Incoming) {
	b.t.Helper()
	for _, in := range deliveries {
		b.again(in)
	}
	b.again(b.Deliver(s.next, casework.About{Kind: "small_talk"}, morning))
	b.work()
	b.Balance()
	in := map[string][]string{} // case → the messages that Leo wrote in it
	all := 0
	ids := b.cases()
	for _, id := range ids {
		log, err := b.Log(b.ctx(), id, 0)
		if err != nil {
			b.t.Fatal(err)
		}
		for _, cm := range log {
			for _, e := range cm.Events {
				if r, ok := e.(casework.MessageReceived); ok {
					all++
					if r.Message.Author.Handle.ID == "leo" {
						in[id] = append(in[id], r.Message.ID)
					}
				}
			}
		}
		if c := b.MustLoad(id); s.leos && (c.Customer.Handle.ID != "leo" || c.Messages != 3) {
			b.t.Errorf("case %s is %s's and has %d messages", id, c.Customer.Handle.ID, c.Messages)
		}
	}
	// How many cases he had is a fact that rules see.
	p, err := b.Foretell(b.ctx(), b.Deliver(dockettest.DM("7", "leo", "one more", morning.Add(time.Hour)), complaint, morning), docket.Known{})
	if err != nil || s.leos && p.Receive.Cases != 1 {
		b.t.Errorf("Leo had %d cases, %v", p.Receive.Cases, err)
	}
	if !slices.Contains(s.cases, len(ids)) || len(in) != 1 || all != 3+len(s.before) {
		b.t.Errorf("cases %v, Leo wrote %v, %d messages", ids, in, all)
	}
}

func (b *bench) begin(s beginning) (first, second docket.Incoming) {
	for _, m := range s.before {
		b.MustFile(b.Deliver(m, complaint, morning))
	}
	return b.Deliver(s.first, complaint, morning), b.Deliver(s.second, casework.About{Kind: "small_talk"}, morning)
}

// TestCaseBeginsOnceWhereverItStops: the first message stops at any of its calls, before
// or after the call's work, for good or until it comes again; the second message comes
// then.
func TestCaseBeginsOnceWhereverItStops(t *testing.T) {
	for _, s := range beginnings() {
		for _, last := range []dockettest.Verdict{dockettest.Fails, dockettest.Lost} {
			for _, secondFirst := range []bool{true, false} {
				if last == dockettest.Lost && !secondFirst {
					continue // it went on before the second came
				}
				for calls, stopped := 0, true; stopped; calls++ {
					b := newBench(t, docket.Settings{QueueShards: 1, DueShards: 1, CounterShards: 1, SnapshotEvery: 50})
					first, second := b.begin(s)
					b.Table.Plan(append(slices.Repeat([]dockettest.Verdict{dockettest.Works}, calls), append([]dockettest.Verdict{last}, slices.Repeat([]dockettest.Verdict{dockettest.Fails}, 200)...)...)...)
					stopped = b.over(b.Table).File(b.ctx(), first) != nil
					b.Table.Plan()
					if secondFirst {
						b.settle(s, second, first, second)
					} else {
						b.settle(s, first, second, first)
					}
					if t.Failed() {
						t.Fatalf("%s: stopped at call %d (%v), the second first: %v", s.name, calls+1, last, secondFirst)
					}
					b.Close()
					if calls > 100 {
						t.Fatal("it never ends")
					}
				}
			}
		}
	}
}

// TestCaseBeginsOnceWhateverHappensMeanwhile: the second message is filed between any
// two calls of the first.
func TestCaseBeginsOnceWhateverHappensMeanwhile(t *testing.T) {
	for _, s := range beginnings() {
		for calls, happened := 1, true; happened; calls++ {
			b := newBench(t, docket.Settings{QueueShards: 1, DueShards: 1, CounterShards: 1, SnapshotEvery: 50})
			first, second := b.begin(s)
			happened = false
			slow := b.over(&paused{Table: b.Store, n: calls, do: func() {
				happened = true
				b.again(second)
			}})
			if err := slow.File(b.ctx(), first); err != nil {
				t.Fatalf("%s, at call %d: %v", s.name, calls, err)
			}
			b.settle(s, second, first)
			if t.Failed() {
				t.Fatalf("%s: the second came at call %d of the first", s.name, calls)
			}
		}
	}
}

// TestErasureEndsWhatWasClaimed: a customer is erased while a message of his, which was
// about to begin a case, stands between the claim and the commit. Nothing of what was
// known of him goes into a case.
func TestErasureEndsWhatWasClaimed(t *testing.T) {
	for calls, happened := 1, true; happened; calls++ {
		b := newBench(t, docket.Settings{QueueShards: 1, DueShards: 1, CounterShards: 1, SnapshotEvery: 50})
		old := b.Deliver(dockettest.Post("7", "7", "leo", "an older matter", morning), complaint, morning)
		b.MustFile(old)
		b.MustDo(dockettest.CaseOf("7"), "ines", casework.Claim{By: "ines"}, morning)
		b.MustDo(dockettest.CaseOf("7"), "ines", casework.Resolve{By: "ines"}, morning)
		b.CatchUp()
		leo := casework.CustomerID(message.Handle{Channel: "x", ID: "leo"})
		later := morning.Add(b.Policy.Cases.ReopenWindow + time.Hour)
		in := b.Deliver(dockettest.Post("1", "1", "leo", "my bag is gone", later), complaint, later)
		happened = false
		slow := b.over(&paused{Table: b.Store, n: calls, do: func() {
			happened = true
			d := b.over(b.Store)
			e, err := d.StartErasure(b.ctx(), leo, "tom", "he asked", later)
			if err == nil {
				err = d.EraseFromTable(b.ctx(), &e)
			}
			if err == nil {
				err = d.FinishErasure(b.ctx(), &e)
			}
			if err != nil {
				t.Fatal(err)
			}
		}})
		if err := slow.File(b.ctx(), in); err != nil {
			t.Fatalf("call %d: %v", calls, err)
		}
		b.again(in)
		b.CatchUp()
		if !happened {
			break
		}
		var open []string
		for _, id := range b.cases() {
			if c := b.MustLoad(id); c.Status != casework.StatusResolved {
				open = append(open, id)
				if c.Customer.ID == leo {
					t.Errorf("erased at call %d: case %s is the forgotten customer's", calls, id)
				}
			}
		}
		if len(open) > 1 {
			t.Errorf("erased at call %d: open cases %v", calls, open)
		}
		if outcomes := b.Balance(); outcomes[docket.OutcomeFiled] != 2 && !(outcomes[docket.OutcomeFiled] == 1 && outcomes[docket.OutcomeDuplicate] == 1) {
			t.Errorf("erased at call %d: %s", calls, fmt.Sprint(outcomes))
		}
	}
}
