package local

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"ines/infra/plan"
	"ines/shared/queue"
	queues "ines/shared/queue/sqlite"
)

// poller is one queue's event source mapping: it takes batches off the queue,
// invokes the function, and deletes what succeeded. What failed stays hidden until
// the function's Postpone or the visibility timeout brings it back.
type poller struct {
	queue  plan.Queue
	fn     *function
	queues *queues.Queues
	now    func() time.Time
	log    *slog.Logger
	front  *frontDoor
	took   lasted

	// still is held by whoever needs that nothing is taken off the queues.
	still *sync.RWMutex
	moved chan struct{} // the clock has moved: timers are wrong

	mu     sync.Mutex
	flight map[string]struct{} // receipts of what is being worked on
}

func newPoller(q plan.Queue, fn *function, qs *queues.Queues, now func() time.Time, still *sync.RWMutex, front *frontDoor, log *slog.Logger) *poller {
	return &poller{queue: q, fn: fn, queues: qs, now: now, log: log, front: front, still: still,
		moved: make(chan struct{}, 1), flight: map[string]struct{}{}}
}

// retryAfter is how long a poller leaves an engine alone that answers with errors.
const retryAfter = time.Second

// run polls until stop ends and returns when the last invocation has. Invocations
// run under work, so that they can finish after stop.
func (p *poller) run(stop, work context.Context) {
	slots := make(chan struct{}, max(p.fn.Concurrency, 1))
	var wg sync.WaitGroup
	defer wg.Wait()
	for {
		select {
		case slots <- struct{}{}:
		case <-stop.Done():
			return
		}
		p.front.stepAside(stop, p.took.get())
		messages, err := p.receive(stop)
		if len(messages) > 0 {
			wg.Go(func() {
				p.work(work, messages)
				<-slots
			})
			continue
		}
		<-slots
		if err != nil && stop.Err() == nil {
			p.log.Error("can't receive from the queue", "queue", p.queue.Name, "error", err.Error())
		}
		if !p.wait(stop, err != nil) {
			return
		}
	}
}

// receive takes a batch. Its messages count as activity until work is done with
// them, so that nothing is ever between the queue and a function unseen.
func (p *poller) receive(ctx context.Context) ([]queue.Received, error) {
	p.still.RLock()
	defer p.still.RUnlock()
	p.fn.busy.begin()
	messages, err := p.queues.Receive(ctx, p.queue.Name, p.fn.Trigger.Batch)
	if len(messages) == 0 {
		p.fn.busy.end()
		return nil, err
	}
	p.mu.Lock()
	for _, m := range messages {
		p.flight[m.Receipt] = struct{}{}
	}
	p.mu.Unlock()
	return messages, nil
}

// wait sleeps until the queue may have something; false: stop.
func (p *poller) wait(stop context.Context, failed bool) bool {
	var timer <-chan time.Time
	if failed {
		timer = time.After(retryAfter)
	} else {
		at, any, err := p.queues.NextVisible(p.queue.Name)
		switch {
		case err != nil:
			timer = time.After(retryAfter)
		case any:
			timer = time.After(at.Sub(p.now()))
		}
	}
	select {
	case <-timer:
	case <-p.queues.Wake(p.queue.Name):
	case <-p.moved:
	case <-stop.Done():
		return false
	}
	return true
}

func (p *poller) work(ctx context.Context, messages []queue.Received) {
	defer p.fn.busy.end()
	defer p.forget(messages)
	defer p.took.since(time.Now())
	var answer events.SQSEventResponse
	if err := p.fn.invoke(ctx, sqsEvent(p.queue.Name, p.queue.FIFO, messages), &answer); err != nil {
		p.log.Error("invocation failed; its messages come back after the visibility timeout",
			"function", p.fn.Name, "messages", len(messages), "error", err.Error())
		return
	}
	receipts, sense := done(messages, answer.BatchItemFailures)
	if !sense {
		p.log.Error("the function reports failures of messages that it was not given; all of them come back", "function", p.fn.Name)
	}
	if len(receipts) == 0 {
		return
	}
	if err := p.queues.Delete(ctx, p.queue.Name, receipts...); err != nil {
		p.log.Error("can't delete what was done; it comes back and is done again", "queue", p.queue.Name, "error", err.Error())
	}
}

func (p *poller) forget(messages []queue.Received) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range messages {
		delete(p.flight, m.Receipt)
	}
}

// hold keeps what is being worked on hidden although the clock is about to move by
// d: work that is under way has not aged with it.
func (p *poller) hold(ctx context.Context, d time.Duration) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for receipt := range p.flight {
		if err := p.queues.Postpone(ctx, p.queue.Name, receipt, min(d+p.queue.Visibility, queues.MaxPostpone)); err != nil {
			return err
		}
	}
	return nil
}

// nudge makes the poller look at the clock again.
func (p *poller) nudge() {
	select {
	case p.moved <- struct{}{}:
	default:
	}
}
