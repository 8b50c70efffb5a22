package dockettest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"pgregory.net/rapid"

	"ines/shared/queue"
	"ines/shared/table"
)

// Verdict is what becomes of one call.
type Verdict byte

const (
	Works Verdict = iota
	Fails         // before anything was done
	Lost          // everything is done and the answer gets lost, the nasty one
	Half          // every other message is taken; for queues only
)

// Verdicts draws up to most verdicts out of some, of which the frequent ones are
// named more than once.
func Verdicts(most int, of ...Verdict) *rapid.Generator[[]Verdict] {
	return rapid.SliceOfN(rapid.SampledFrom(of), 0, most)
}

// Faults says what becomes of the next calls. The zero Faults lets all work. It is
// safe for concurrent use.
type Faults struct {
	mu   sync.Mutex
	plan []Verdict
	down bool
}

// Plan gives the next calls a verdict each, in place of what is left of an earlier
// plan; those after them work.
func (f *Faults) Plan(verdicts ...Verdict) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.plan = verdicts
}

// Down lets every call fail until it is taken back.
func (f *Faults) Down(down bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.down = down
}

// Left is how many verdicts wait for a call.
func (f *Faults) Left() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.plan)
}

// next is the verdict on the call that asks.
func (f *Faults) next() Verdict {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return Fails
	}
	if len(f.plan) == 0 {
		return Works
	}
	v := f.plan[0]
	f.plan = f.plan[1:]
	return v
}

// Do does the work, or not, as the next verdict says. failure is what the caller
// then hears.
func (f *Faults) Do(failure error, work func() error) error {
	return under(f.next(), failure, work)
}

func under(v Verdict, failure error, work func() error) error {
	if v == Fails {
		return failure
	}
	if err := work(); err != nil || v != Lost {
		return err
	}
	return failure
}

var (
	errTable = fmt.Errorf("%w: the test wants it so", table.ErrUnavailable)
	errQueue = fmt.Errorf("%w: the test wants it so", queue.ErrUnavailable)
)

// Table is a table that fails as it is told. To read with the answer lost is to
// fail. Counters take no verdicts and fail only while the table is down.
type Table struct {
	table.Table
	Faults
	lag atomic.Int64
	odd atomic.Int64
}

// Lag lets reads that may be stale miss the last n items of a partition, and every
// other one of single items miss them all.
func (t *Table) Lag(n int) { t.lag.Store(int64(n)) }

func (t *Table) Get(ctx context.Context, keys ...table.Key) (map[table.Key]table.Item, error) {
	if t.next() != Works {
		return nil, errTable
	}
	if table.MayBeStale(ctx) && t.lag.Load() > 0 && t.odd.Add(1)%2 == 1 {
		return nil, nil
	}
	return t.Table.Get(ctx, keys...)
}

func (t *Table) Query(ctx context.Context, q table.Query) (table.Page, error) {
	if t.next() != Works {
		return table.Page{}, errTable
	}
	page, err := t.Table.Query(ctx, q)
	if n := int(t.lag.Load()); n > 0 && table.MayBeStale(ctx) && err == nil {
		n = min(n, len(page.Items))
		if q.Descending {
			page.Items = page.Items[n:]
		} else {
			page.Items = page.Items[:len(page.Items)-n]
		}
	}
	return page, err
}

func (t *Table) Write(ctx context.Context, writes ...table.Write) error {
	return t.Do(errTable, func() error { return t.Table.Write(ctx, writes...) })
}

// Steps are calls of their own, between which anything may fail.
func (t *Table) Steps(ctx context.Context, writes ...table.Write) error {
	for _, w := range writes {
		if err := t.Write(ctx, w); err != nil {
			return err
		}
	}
	return nil
}

func (t *Table) Counters(ctx context.Context, keys ...table.Key) (map[table.Key]map[string]int64, error) {
	t.mu.Lock()
	down := t.down
	t.mu.Unlock()
	if down {
		return nil, errTable
	}
	return t.Table.Counters(ctx, keys...)
}

// Queue is a sender that fails as it is told, and counts the calls.
type Queue struct {
	queue.Sender
	Faults
	calls int
}

// Calls is how often something was sent or should have been.
func (q *Queue) Calls() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.calls
}

// Send implements queue.Sender. Of Half it takes the second message, the fourth and
// so on.
func (q *Queue) Send(ctx context.Context, name string, messages ...queue.Message) error {
	q.mu.Lock()
	q.calls++
	q.mu.Unlock()
	verdict := q.next()
	if verdict != Half {
		return under(verdict, errQueue, func() error { return q.Sender.Send(ctx, name, messages...) })
	}
	partial := &queue.PartialError{Failed: map[int]error{}}
	var taken []queue.Message
	for i, m := range messages {
		if i%2 == 0 {
			partial.Failed[i] = errQueue
			continue
		}
		taken = append(taken, m)
	}
	if len(taken) > 0 {
		if err := q.Sender.Send(ctx, name, taken...); err != nil {
			return err
		}
	}
	return partial
}
