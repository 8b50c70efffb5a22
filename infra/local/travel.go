package local

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// travelTime bounds how long time travel waits for the pipeline.
	travelTime = 10 * time.Second
	// strideTime is how much of it may go into stopping wherever something falls
	// due; what is left is one leap.
	strideTime = 6 * time.Second
	// quiesceTime bounds the wait for invocations before the clock moves.
	quiesceTime = 2 * time.Second
	// lookAhead is how many timers of each shard are looked at.
	lookAhead = 50
	// echoes bounds how often the schedule fires for what falls due at once
	// because of what just fell due.
	echoes = 10
	// pause is the longest time between two looks at whether all is at rest.
	pause = 20 * time.Millisecond
)

// errBusy means that the pipeline did not come to rest in time; nothing is lost,
// it works on.
var errBusy = errors.New("the pipeline is still at work")

// Advance moves the desk's clock on by d. It stops at each moment at which
// something falls due, so that things happen at their time and in their order, and
// returns when the pipeline is at rest, or with errBusy when that takes too long.
func (h *Host) Advance(ctx context.Context, d time.Duration) (time.Time, error) {
	h.travel.Lock()
	defer h.travel.Unlock()
	ctx, cancel := context.WithTimeout(ctx, travelTime)
	defer cancel()
	strides, cancel := context.WithTimeout(ctx, strideTime)
	defer cancel()
	if err := h.settle(strides); err != nil && !errors.Is(err, errBusy) {
		return h.clock.Now(), err
	}
	target := h.clock.Now().Add(d)
	for strides.Err() == nil {
		next, any, err := h.nextDue(strides, target)
		if err := busy(strides, err); err != nil && !errors.Is(err, errBusy) {
			return h.clock.Now(), err
		}
		if err != nil || !any {
			break
		}
		if err := h.stride(strides, next); err != nil && !errors.Is(err, errBusy) {
			return h.clock.Now(), err
		}
	}
	err := h.stride(ctx, target)
	return h.clock.Now(), err
}

// stride moves the clock to a time and lets everything happen that is due then.
func (h *Host) stride(ctx context.Context, to time.Time) error {
	if err := h.jump(ctx, to); err != nil {
		return busy(ctx, err)
	}
	var before string
	for range echoes {
		if err := h.ticker.fire(ctx); err != nil {
			return busy(ctx, err)
		}
		if err := h.settle(ctx); err != nil {
			return err
		}
		due, err := h.dueNow(ctx)
		if err != nil {
			return busy(ctx, err)
		}
		if due == "" || due == before {
			break
		}
		before = due
	}
	return nil
}

// busy makes an error that only says that time is up a milder one.
func busy(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("%w: %w", errBusy, err)
	}
	return err
}

// jump moves the clock while nothing is taken off the queues. What is being worked
// on is given some time to end; what doesn't keeps its hold on its messages.
func (h *Host) jump(ctx context.Context, to time.Time) error {
	d := to.Sub(h.clock.Now())
	if d <= 0 {
		return nil
	}
	h.still.Lock()
	defer h.still.Unlock()
	h.sink.hangs.pass(d)
	timeout := time.NewTimer(quiesceTime)
	defer timeout.Stop()
	for quiet := false; !quiet; {
		running, _, ended := h.busy.state()
		if running == 0 {
			break
		}
		select {
		case <-ended:
		case <-timeout.C:
			quiet = true
		case <-ctx.Done():
			quiet = true
		}
	}
	for _, p := range h.pollers {
		if err := p.hold(ctx, d); err != nil {
			return err
		}
	}
	if err := h.clock.jump(ctx, to); err != nil {
		return err
	}
	for _, p := range h.pollers {
		p.nudge()
	}
	h.ticker.nudge()
	return nil
}

// nextDue is the next moment up to the limit at which a timer or a postponed
// message falls due, or a call that hangs ends.
func (h *Host) nextDue(ctx context.Context, limit time.Time) (next time.Time, any bool, err error) {
	now := h.clock.Now()
	consider := func(at time.Time) {
		if at.After(now) && !at.After(limit) && (!any || at.Before(next)) {
			next, any = at, true
		}
	}
	views, err := h.docket.Due(ctx, limit, lookAhead)
	if err != nil {
		return next, false, err
	}
	for _, v := range views {
		consider(v.Timer)
	}
	for _, p := range h.pollers {
		at, waiting, err := h.queues.NextVisible(p.queue.Name)
		if err != nil {
			return next, false, err
		}
		if waiting {
			consider(at)
		}
	}
	if left, hanging := h.sink.hangs.next(); hanging {
		consider(now.Add(max(left, time.Nanosecond)))
	}
	return next, any, nil
}

// dueNow names what is due and was not done, "" if nothing is.
func (h *Host) dueNow(ctx context.Context) (string, error) {
	views, err := h.docket.Due(ctx, h.clock.Now(), lookAhead)
	if err != nil || len(views) == 0 {
		return "", err
	}
	var due string
	for _, v := range views {
		due += fmt.Sprintf("%s@%d ", v.ID, v.Timer.UnixMilli())
	}
	return due, nil
}

// settle waits until the pipeline is at rest: nothing runs, no queue has a message
// that may be taken now, and the stream is drained. Messages that wait for their
// time are no unrest.
func (h *Host) settle(ctx context.Context) error {
	for {
		running, begun, ended := h.busy.state()
		if running == 0 {
			rest, err := h.atRest(ctx)
			if err != nil {
				return busy(ctx, err)
			}
			// Whatever moves begins something, and would have been seen.
			if now, since, _ := h.busy.state(); rest && now == 0 && since == begun {
				return nil
			}
		}
		select {
		case <-ended:
		case <-time.After(pause):
		case <-ctx.Done():
			return errBusy
		}
	}
}

func (h *Host) atRest(ctx context.Context) (bool, error) {
	for _, p := range h.pollers {
		at, any, err := h.queues.NextVisible(p.queue.Name)
		if err != nil || any && !at.After(h.clock.Now()) {
			return false, err
		}
	}
	return h.follower.drained(ctx)
}
