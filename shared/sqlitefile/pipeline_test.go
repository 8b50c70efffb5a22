package sqlitefile_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ines/shared/queue"
	queuefile "ines/shared/queue/sqlite"
	"ines/shared/sqlitefile"
	"ines/shared/table"
	tablefile "ines/shared/table/sqlite"
)

// BenchmarkPipeline does to the file what a message does on its way: it is sent
// to inbound by one of 16 connections, taken in batches, sent on to cases.fifo,
// taken again, committed with its pointers in one transaction, and shown in a
// view.
func BenchmarkPipeline(b *testing.B) {
	db, err := sqlitefile.Open(filepath.Join(b.TempDir(), "ines.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	queues, err := queuefile.New(db, queuefile.Options{Now: time.Now, Queues: []queuefile.Queue{{Name: "inbound"}, {Name: "cases.fifo", FIFO: true}}})
	if err != nil {
		b.Fatal(err)
	}
	cases, err := tablefile.New(db, tablefile.Options{Now: time.Now, Indexes: []string{"queue"},
		Streamed: func(k table.Key) bool { return strings.HasPrefix(k.Sort, "log#") }})
	if err != nil {
		b.Fatal(err)
	}
	ctx, done := context.WithCancel(b.Context())
	defer done()
	p := &pipeline{queues: queues, cases: cases, body: strings.Repeat("x", 1600)}
	p.left.Add(b.N)
	jobs := make(chan int, b.N)
	for n := range b.N {
		jobs <- n
	}
	close(jobs)
	b.ResetTimer()
	var senders, consumers sync.WaitGroup
	for range 16 {
		senders.Go(func() {
			for n := range jobs {
				if err := queues.Send(b.Context(), "inbound", queue.Message{Body: fmt.Sprintf("%08d%s", n, p.body), Group: "shop-x"}); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for range 4 {
		consumers.Go(func() { p.consume(ctx, b, "inbound", p.classify) })
	}
	for range 16 {
		consumers.Go(func() { p.consume(ctx, b, "cases.fifo", p.file) })
	}
	senders.Wait()
	acknowledged := b.Elapsed()
	p.left.Wait()
	b.ReportMetric(float64(b.N)/acknowledged.Seconds(), "acknowledged/s")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
	b.StopTimer()
	done()
	consumers.Wait()
}

type pipeline struct {
	queues *queuefile.Queues
	cases  *tablefile.Table
	body   string
	left   sync.WaitGroup // messages on their way
}

func (p *pipeline) consume(ctx context.Context, b *testing.B, name string, handle func(context.Context, []queue.Received) error) {
	for ctx.Err() == nil {
		batch, err := p.queues.Receive(ctx, name, 10)
		if err == nil && len(batch) == 0 {
			select {
			case <-p.queues.Wake(name):
			case <-time.After(5 * time.Millisecond): // another consumer may have had the signal
			case <-ctx.Done():
			}
			continue
		}
		if err == nil {
			err = handle(ctx, batch)
		}
		receipts := make([]string, len(batch))
		for i, r := range batch {
			receipts[i] = r.Receipt
		}
		if err == nil {
			err = p.queues.Delete(ctx, name, receipts...)
		}
		if err != nil && !errors.Is(err, context.Canceled) {
			b.Error(err)
			return
		}
	}
}

func (p *pipeline) classify(ctx context.Context, batch []queue.Received) error {
	messages := make([]queue.Message, len(batch))
	for i, r := range batch {
		messages[i] = queue.Message{Body: r.Body, Group: "thread#" + r.Body[:8], Dedupe: r.ID}
	}
	return p.queues.Send(ctx, "cases.fifo", messages...)
}

func (p *pipeline) file(ctx context.Context, batch []queue.Received) error {
	value := fmt.Appendf(nil, "%q", p.body)
	for _, r := range batch {
		id := r.Body[:8]
		item := func(partition, sort string) table.Item {
			return table.Item{Key: table.Key{Partition: partition + id, Sort: sort}, Value: value, Seq: 1}
		}
		view := item("case#", "view")
		view.Indexes = map[string]table.IndexKey{"queue": {Partition: "care", Sort: id}}
		err := p.cases.Write(ctx,
			table.Write{Op: table.OpPut, When: table.Absent, Item: item("case#", "log#0001")},
			table.Write{Op: table.OpPut, When: table.Absent, Item: item("thread#x#", "case")},
			table.Write{Op: table.OpPut, When: table.Absent, Item: item("customer#", "open")})
		if err == nil {
			err = p.cases.Write(ctx, table.Write{Op: table.OpPut, When: table.Newer, Item: view})
		}
		if err != nil {
			return err
		}
		p.left.Done()
	}
	return nil
}
