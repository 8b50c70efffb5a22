package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ines/shared/queue"
	"ines/shared/queue/queuetest"
	"ines/shared/queue/sqlite"
	"ines/shared/sqlitefile"
)

func openFile(t testing.TB) *sqlitefile.DB {
	t.Helper()
	db, err := sqlitefile.Open(filepath.Join(t.TempDir(), "ines.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func open(t testing.TB, db *sqlitefile.DB, now func() time.Time, wanted []queuetest.Queue) *sqlite.Queues {
	t.Helper()
	o := sqlite.Options{Now: now}
	for _, q := range wanted {
		o.Queues = append(o.Queues, sqlite.Queue(q))
	}
	queues, err := sqlite.New(db, o)
	if err != nil {
		t.Fatal(err)
	}
	return queues
}

func TestConformance(t *testing.T) {
	// The property test opens hundreds of engines: they share a file, each with
	// queues of another name, so that they also see each other's rows.
	db := openFile(t)
	number := 0
	queuetest.Run(t, queuetest.Harness{
		Dead: queue.Dead,
		Open: func(t testing.TB, now func() time.Time, wanted []queuetest.Queue) queuetest.Engine {
			number++
			prefix := fmt.Sprintf("%d-", number)
			own := slices.Clone(wanted)
			for i := range own {
				own[i].Name = prefix + own[i].Name
			}
			return prefixed{open(t, db, now, own), prefix}
		},
	})
}

// prefixed gives the suite queues under names of its own.
type prefixed struct {
	queues *sqlite.Queues
	prefix string
}

func (p prefixed) Send(ctx context.Context, name string, messages ...queue.Message) error {
	return p.queues.Send(ctx, p.prefix+name, messages...)
}

func (p prefixed) Receive(ctx context.Context, name string, max int) ([]queue.Received, error) {
	return p.queues.Receive(ctx, p.prefix+name, max)
}

func (p prefixed) Delete(ctx context.Context, name string, receipts ...string) error {
	return p.queues.Delete(ctx, p.prefix+name, receipts...)
}

func (p prefixed) Postpone(ctx context.Context, name, receipt string, d time.Duration) error {
	return p.queues.Postpone(ctx, p.prefix+name, receipt, d)
}

func (p prefixed) Depths(ctx context.Context, name string) (queue.Depth, error) {
	return p.queues.Depths(ctx, p.prefix+name)
}

func roused(wake <-chan struct{}) bool {
	select {
	case <-wake:
		return true
	default:
		return false
	}
}

func send(t testing.TB, q *sqlite.Queues, name, group string, bodies ...string) {
	t.Helper()
	for _, body := range bodies {
		if err := q.Send(context.Background(), name, queue.Message{Body: body, Group: group, Dedupe: body}); err != nil {
			t.Fatal(err)
		}
	}
}

func receive(t testing.TB, q *sqlite.Queues, name string, want ...string) []queue.Received {
	t.Helper()
	got, err := q.Receive(context.Background(), name, 10)
	if err != nil {
		t.Fatal(err)
	}
	var bodies []string
	for _, r := range got {
		bodies = append(bodies, r.Body)
	}
	if !slices.Equal(bodies, want) {
		t.Fatalf("received %q from %s, want %q", bodies, name, want)
	}
	return got
}

func TestWake(t *testing.T) {
	clock := queuetest.NewClock()
	q := open(t, openFile(t), clock.Now, queuetest.Queues)
	standard, fifo, dead := q.Wake(queuetest.Standard), q.Wake(queuetest.FIFO), q.Wake(queue.Dead(queuetest.FIFO))
	if q.Wake("nowhere") != nil || standard == nil || dead == nil {
		t.Error("wake channels are wrong")
	}
	send(t, q, queuetest.FIFO, "a", "a1", "a2", "a3")
	if !roused(fifo) || roused(fifo) || roused(standard) {
		t.Error("one signal for the queue that was sent to")
	}
	got := receive(t, q, queuetest.FIFO, "a1", "a2", "a3")
	if err := q.Delete(t.Context(), queuetest.FIFO, got[0].Receipt); err != nil || roused(fifo) {
		t.Errorf("the group is still blocked: %v", err)
	}
	send(t, q, queuetest.FIFO, "a", "a4")
	roused(fifo)
	if err := q.Delete(t.Context(), queuetest.FIFO, got[1].Receipt, got[2].Receipt); err != nil || !roused(fifo) {
		t.Errorf("deleting what blocked the group wakes nobody: %v", err)
	}
	for range 3 {
		got = receive(t, q, queuetest.FIFO, "a4")
		if err := q.Postpone(t.Context(), queuetest.FIFO, got[0].Receipt, 0); err != nil || !roused(fifo) {
			t.Errorf("postponing wakes nobody: %v", err)
		}
	}
	receive(t, q, queuetest.FIFO)
	if !roused(dead) {
		t.Error("a dead letter wakes nobody")
	}
	if n, err := q.Redrive(t.Context(), queuetest.FIFO, 10); n != 1 || err != nil || !roused(fifo) {
		t.Errorf("redrive: %d, %v", n, err)
	}
}

func TestNextVisible(t *testing.T) {
	for _, name := range []string{queuetest.Standard, queuetest.FIFO} {
		clock := queuetest.NewClock()
		q := open(t, openFile(t), clock.Now, queuetest.Queues)
		want := func(at time.Time, found bool) {
			t.Helper()
			got, some, err := q.NextVisible(name)
			if err != nil || some != found || found && !got.Equal(at) {
				t.Errorf("%s: next %v, %v, %v; want %v, %v", name, got, some, err, at, found)
			}
		}
		want(time.Time{}, false)
		send(t, q, name, "a", "a1")
		want(clock.Now(), true)
		got := receive(t, q, name, "a1")
		want(clock.Now().Add(time.Minute), true)
		send(t, q, name, "b", "b1")
		want(clock.Now(), true)
		other := receive(t, q, name, "b1")
		if err := q.Postpone(t.Context(), name, got[0].Receipt, time.Hour); err != nil {
			t.Fatal(err)
		}
		want(clock.Now().Add(time.Minute), true)
		if err := q.Delete(t.Context(), name, other[0].Receipt); err != nil {
			t.Fatal(err)
		}
		want(clock.Now().Add(time.Hour), true)
	}
	q := open(t, openFile(t), queuetest.NewClock().Now, queuetest.Queues)
	if _, _, err := q.NextVisible("nowhere"); !errors.Is(err, queue.ErrInvalid) {
		t.Errorf("unknown queue: %v", err)
	}
}

func TestAfterACrash(t *testing.T) {
	clock := queuetest.NewClock()
	db := openFile(t)
	q := open(t, db, clock.Now, queuetest.Queues)
	for _, name := range []string{queuetest.Standard, queuetest.FIFO} {
		send(t, q, name, "a", "a1", "a2")
		got := receive(t, q, name, "a1", "a2")
		if err := q.Postpone(t.Context(), name, got[1].Receipt, time.Hour); err != nil {
			t.Fatal(err)
		}
		receive(t, q, name)
	}
	if err := q.Send(t.Context(), queuetest.Standard, queue.Message{Body: "delayed", Delay: time.Minute}); err != nil {
		t.Fatal(err)
	}
	again := open(t, db, clock.Now, queuetest.Queues) // as after a crash
	for _, name := range []string{queuetest.Standard, queuetest.FIFO} {
		if !roused(again.Wake(name)) {
			t.Errorf("%s is not woken", name)
		}
		for _, r := range receive(t, again, name, "a1", "a2") {
			if r.Count != 1 {
				t.Errorf("%s: count %d: a crash was counted as a failure", name, r.Count)
			}
		}
	}
}

// Deliveries that had failed before a crash count after it, the one in hand does not.
func TestFailuresOutliveACrash(t *testing.T) {
	clock := queuetest.NewClock()
	db := openFile(t)
	q := open(t, db, clock.Now, queuetest.Queues)
	for _, name := range []string{queuetest.Standard, queuetest.FIFO} {
		send(t, q, name, "a", "bad")
		for range 3 {
			receive(t, q, name, "bad")
			clock.Advance(2 * time.Minute)
		}
		again := open(t, db, clock.Now, queuetest.Queues)
		if r := receive(t, again, name, "bad")[0]; r.Count != 3 || !r.FirstAt.Before(clock.Now().Add(-5*time.Minute)) {
			t.Errorf("%s: count %d, first received at %v", name, r.Count, r.FirstAt)
		}
		clock.Advance(2 * time.Minute)
		receive(t, again, name)
		if d, err := open(t, db, clock.Now, queuetest.Queues).Depths(t.Context(), name); err != nil || d != (queue.Depth{Dead: 1}) {
			t.Errorf("%s: depths %+v, %v", name, d, err)
		}
	}
}

func TestRedrive(t *testing.T) {
	for _, name := range []string{queuetest.Standard, queuetest.FIFO} {
		clock := queuetest.NewClock()
		q := open(t, openFile(t), clock.Now, queuetest.Queues)
		send(t, q, name, "a", "a1", "a2", "a3")
		for range 3 {
			receive(t, q, name, "a1", "a2", "a3")
			clock.Advance(2 * time.Minute)
		}
		receive(t, q, name)
		if n, err := q.Redrive(t.Context(), name, 2); n != 2 || err != nil {
			t.Fatalf("redrive: %d, %v", n, err)
		}
		send(t, q, name, "a", "a4")
		for _, r := range receive(t, q, name, "a1", "a2", "a4") {
			if r.Count != 1 || r.Group != "a" {
				t.Errorf("got %+v", r)
			}
		}
		if d, err := q.Depths(t.Context(), name); err != nil || d != (queue.Depth{InFlight: 3, Dead: 1}) {
			t.Errorf("depths %+v, %v", d, err)
		}
		looked := receive(t, q, queue.Dead(name), "a3")
		if n, err := q.Redrive(t.Context(), name, 9); n != 0 || err != nil {
			t.Errorf("a dead letter that someone looks at was moved: %d, %v", n, err)
		}
		if err := q.Delete(t.Context(), queue.Dead(name), looked[0].Receipt); err != nil {
			t.Error(err)
		}
		_, dead := q.Redrive(t.Context(), queue.Dead(name), 1)
		_, none := q.Redrive(t.Context(), name, 0)
		if !errors.Is(dead, queue.ErrInvalid) || !errors.Is(none, queue.ErrInvalid) {
			t.Errorf("got %v and %v, want ErrInvalid", dead, none)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	db, now := openFile(t), queuetest.NewClock().Now
	for what, queues := range map[string][]sqlite.Queue{
		"fifo by name only":  {{Name: "a.fifo"}},
		"fifo by flag only":  {{Name: "a", FIFO: true}},
		"no name":            {{}},
		"twice":              {{Name: "a"}, {Name: "a"}},
		"clash with dead":    {{Name: "a"}, {Name: "a-dead"}},
		"negative":           {{Name: "a", MaxReceives: -1}},
		"visible in no time": {{Name: "a", Visibility: time.Microsecond}},
	} {
		if _, err := sqlite.New(db, sqlite.Options{Now: now, Queues: queues}); !errors.Is(err, queue.ErrInvalid) {
			t.Errorf("%s: got %v, want ErrInvalid", what, err)
		}
	}
	if _, err := sqlite.New(db, sqlite.Options{}); err == nil {
		t.Error("without a clock it opens")
	}
}

func TestClosed(t *testing.T) {
	db := openFile(t)
	q := open(t, db, queuetest.NewClock().Now, queuetest.Queues)
	send(t, q, queuetest.FIFO, "a", "a1")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 { // what could not be read is still there
		if _, err := q.Receive(t.Context(), queuetest.FIFO, 1); !errors.Is(err, queue.ErrUnavailable) {
			t.Errorf("receive: got %v, want ErrUnavailable", err)
		}
	}
	if err := q.Send(t.Context(), queuetest.Standard, queue.Message{Body: "m"}); !errors.Is(err, queue.ErrUnavailable) {
		t.Errorf("got %v, want ErrUnavailable", err)
	}
}

// each runs n jobs on 16 goroutines and reports what it reached in a second.
func each(b *testing.B, unit string, times int, job func(n int) error) {
	jobs := make(chan int, b.N)
	for n := range b.N {
		jobs <- n
	}
	close(jobs)
	b.ResetTimer()
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for n := range jobs {
				if err := job(n); err != nil {
					b.Error(err)
				}
			}
		})
	}
	all.Wait()
	b.ReportMetric(float64(b.N*times)/b.Elapsed().Seconds(), unit)
}

var benchQueues = []queuetest.Queue{{Name: queuetest.Standard}, {Name: queuetest.FIFO, FIFO: true}}

func BenchmarkSend(b *testing.B) {
	body := strings.Repeat("x", 2000)
	for _, name := range []string{queuetest.Standard, queuetest.FIFO} {
		b.Run(name, func(b *testing.B) {
			q := open(b, openFile(b), time.Now, benchQueues)
			each(b, "sends/s", 1, func(n int) error {
				return q.Send(context.Background(), name, queue.Message{Body: body, Group: fmt.Sprint(n % 5000), Dedupe: fmt.Sprint(n)})
			})
		})
	}
}

func BenchmarkReceiveDelete10(b *testing.B) {
	body := strings.Repeat("x", 2000)
	for _, name := range []string{queuetest.Standard, queuetest.FIFO} {
		b.Run(name, func(b *testing.B) {
			q := open(b, openFile(b), time.Now, benchQueues)
			for n := range b.N {
				batch := make([]queue.Message, 10)
				for i := range batch {
					batch[i] = queue.Message{Body: body, Group: fmt.Sprint((10*n + i) % 5000), Dedupe: fmt.Sprint(n, i)}
				}
				if err := q.Send(context.Background(), name, batch...); err != nil {
					b.Fatal(err)
				}
			}
			each(b, "messages/s", 10, func(int) error {
				got, err := q.Receive(context.Background(), name, 10)
				if err != nil {
					return err
				}
				receipts := make([]string, len(got))
				for i, r := range got {
					receipts[i] = r.Receipt
				}
				return q.Delete(context.Background(), name, receipts...)
			})
		})
	}
}
