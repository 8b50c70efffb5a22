package queuetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"ines/shared/queue"
)

func deliveries(t *testing.T, d *desk) {
	sent := d.Now()
	d.send(t, Standard, "shop-x", "one")
	d.Advance(time.Second)
	first := d.expect(t, Standard, 10, "one")[0]
	if first.ID == "" || first.Receipt == "" || first.Count != 1 || first.Group != "shop-x" || first.Dedupe != "" || first.Sequence != "" ||
		!first.SentAt.Equal(sent) || !first.FirstAt.Equal(d.Now()) {
		t.Errorf("got %+v", first)
	}
	seen := d.Now()
	d.Advance(2 * time.Minute)
	second := d.expect(t, Standard, 10, "one")[0]
	if second.ID != first.ID || second.Receipt == first.Receipt || second.Count != 2 || !second.FirstAt.Equal(seen) || !second.SentAt.Equal(sent) {
		t.Errorf("got %+v after %+v", second, first)
	}
	d.delete(t, Standard, second)
	d.delete(t, Standard, second) // gone already
	d.Advance(time.Hour)
	d.expect(t, Standard, 10)

	d.send(t, FIFO, "thread-1", "two")
	got := d.expect(t, FIFO, 1, "two")[0]
	if len(got.Sequence) != 20 || got.Dedupe != "two" || got.Group != "thread-1" {
		t.Errorf("got %+v", got)
	}
	d.send(t, FIFO, "thread-2", "three")
	if next := d.expect(t, FIFO, 1, "three")[0]; next.Sequence <= got.Sequence || next.ID == got.ID {
		t.Errorf("sequence %s after %s", next.Sequence, got.Sequence)
	}
}

func visibility(t *testing.T, d *desk) {
	d.send(t, Standard, "", numbered("m", 15)...)
	first := d.receive(t, Standard, 10)
	if len(first) != 10 {
		t.Fatalf("received %d of 15, want 10", len(first))
	}
	rest := d.receive(t, Standard, 10)
	all := slices.Sorted(slices.Values(append(bodies(first), bodies(rest)...)))
	if len(slices.Compact(all)) != 15 {
		t.Fatalf("received %q", all)
	}
	d.expect(t, Standard, 10)
	d.Advance(time.Minute - time.Second)
	d.expect(t, Standard, 10)
	d.Advance(2 * time.Second)
	if got := d.receive(t, Standard, 20); len(got) != 15 {
		t.Errorf("%d came back, want 15", len(got))
	}
}

func staleReceipts(t *testing.T, d *desk) {
	for _, name := range []string{Standard, FIFO} {
		d.send(t, name, "g", "m")
		old := d.expect(t, name, 1, "m")[0]
		d.Advance(time.Minute + time.Second)
		d.delete(t, name, old) // visible again: too late
		d.postpone(t, name, old, time.Hour)
		again := d.expect(t, name, 1, "m")[0]
		d.delete(t, name, old) // another delivery's
		d.postpone(t, name, old, 0)
		d.expect(t, name, 1)
		d.depth(t, name, queue.Depth{InFlight: 1})
		d.delete(t, name, again)
		d.depth(t, name, queue.Depth{})
		d.postpone(t, name, again, time.Second)
	}
	// A receipt holds for its queue only.
	d.send(t, Standard, "", "kept")
	r := d.expect(t, Standard, 1, "kept")[0]
	if err := d.engine.Delete(t.Context(), FIFO, r.Receipt); err != nil && !errors.Is(err, queue.ErrInvalid) {
		t.Error(err)
	}
	d.depth(t, Standard, queue.Depth{InFlight: 1})
}

func delay(t *testing.T, d *desk) {
	err := d.engine.Send(t.Context(), Standard, queue.Message{Body: "later", Delay: queue.MaxDelay}, queue.Message{Body: "now"}, queue.Message{Body: "soon", Delay: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	d.depth(t, Standard, queue.Depth{Visible: 1, Delayed: 2})
	d.delete(t, Standard, d.expect(t, Standard, 10, "now")...)
	d.Advance(2 * time.Second)
	d.delete(t, Standard, d.expect(t, Standard, 10, "soon")...)
	d.Advance(queue.MaxDelay - 3*time.Second)
	d.expect(t, Standard, 10)
	d.Advance(2 * time.Second)
	d.expect(t, Standard, 10, "later")
}

func postpone(t *testing.T, d *desk) {
	d.send(t, Standard, "", "m")
	r := d.expect(t, Standard, 1, "m")[0]
	d.postpone(t, Standard, r, 12*time.Hour)
	d.depth(t, Standard, queue.Depth{InFlight: 1})
	d.Advance(12*time.Hour - time.Second)
	d.expect(t, Standard, 1)
	d.Advance(2 * time.Second)
	r = d.expect(t, Standard, 1, "m")[0]
	d.postpone(t, Standard, r, 0) // at once
	r = d.expect(t, Standard, 1, "m")[0]
	if r.Count != 3 {
		t.Errorf("count %d, want 3", r.Count)
	}
	d.postpone(t, Standard, r, 2*time.Hour)
	d.postpone(t, Standard, r, time.Second) // sooner again, by the same receipt
	d.delete(t, Standard, r)
	d.depth(t, Standard, queue.Depth{})
}

func deadLetters(t *testing.T, d *desk) {
	d.send(t, Standard, "g", "bad")
	sent := d.Now()
	for range 3 {
		d.expect(t, Standard, 10, "bad")
		d.Advance(2 * time.Minute)
	}
	d.send(t, Standard, "g", "good")
	d.expect(t, Standard, 1, "good") // the dead one takes no place
	d.depth(t, Standard, queue.Depth{InFlight: 1, Dead: 1})
	dead := d.expect(t, d.Dead(Standard), 10, "bad")[0]
	if dead.Group != "g" || !dead.SentAt.Equal(sent) {
		t.Errorf("got %+v", dead)
	}
	for range 5 { // there is no queue behind it
		d.Advance(2 * time.Minute)
		dead = d.expect(t, d.Dead(Standard), 10, "bad")[0]
	}
	d.depth(t, Standard, queue.Depth{Visible: 1, Dead: 1})
	d.delete(t, d.Dead(Standard), dead)
	d.depth(t, Standard, queue.Depth{Visible: 1})
}

func depths(t *testing.T, d *desk) {
	for _, name := range []string{Standard, FIFO} {
		d.depth(t, name, queue.Depth{})
		d.send(t, name, "a", name+"1", name+"2")
		d.send(t, name, "b", name+"3")
		d.depth(t, name, queue.Depth{Visible: 3})
		got := d.receive(t, name, 1)
		d.depth(t, name, queue.Depth{Visible: 2, InFlight: 1})
		d.Advance(2 * time.Minute)
		d.depth(t, name, queue.Depth{Visible: 3})
		got = d.receive(t, name, 3)
		d.delete(t, name, got[:2]...)
		d.depth(t, name, queue.Depth{InFlight: 1})
	}
}

func refusedRequests(t *testing.T, d *desk) {
	const none = "nowhere"
	_, err := d.engine.Receive(t.Context(), none, 1)
	wantInvalid(t, "receive from an unknown queue", err)
	_, err = d.engine.Receive(t.Context(), Standard, 0)
	wantInvalid(t, "receive nothing", err)
	_, err = d.engine.Depths(t.Context(), none)
	wantInvalid(t, "depths of an unknown queue", err)
	wantInvalid(t, "delete from an unknown queue", d.engine.Delete(t.Context(), none, "1"))
	wantInvalid(t, "delete without a receipt", d.engine.Delete(t.Context(), Standard, "not a receipt"))
	wantInvalid(t, "postpone without a receipt", d.engine.Postpone(t.Context(), Standard, "", time.Second))
	d.send(t, Standard, "", "m")
	r := d.expect(t, Standard, 1, "m")[0]
	wantInvalid(t, "postpone on an unknown queue", d.engine.Postpone(t.Context(), none, r.Receipt, time.Second))
	wantInvalid(t, "postpone into the past", d.engine.Postpone(t.Context(), Standard, r.Receipt, -time.Second))
	wantInvalid(t, "postpone by a day", d.engine.Postpone(t.Context(), Standard, r.Receipt, 24*time.Hour))
	if err := d.engine.Delete(t.Context(), Standard); err != nil {
		t.Errorf("delete nothing: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.engine.Receive(ctx, Standard, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("receive: got %v, want the context's error", err)
	}
	if err := d.engine.Delete(ctx, Standard, r.Receipt); !errors.Is(err, context.Canceled) {
		t.Errorf("delete: got %v, want the context's error", err)
	}
}

func concurrentReceivers(t *testing.T, d *desk) {
	const total = 200
	for i := range total / 10 {
		d.send(t, Standard, fmt.Sprint(i%3), numbered(fmt.Sprintf("m%d-", i), 10)...)
	}
	var mu sync.Mutex
	times := map[string]int{}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for {
				got, err := d.engine.Receive(t.Context(), Standard, 7)
				if err != nil {
					t.Error(err)
					return
				}
				if len(got) == 0 {
					return
				}
				receipts := make([]string, len(got))
				mu.Lock()
				for i, r := range got {
					times[r.Body]++
					receipts[i] = r.Receipt
				}
				mu.Unlock()
				if err := d.engine.Delete(t.Context(), Standard, receipts...); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	for body, n := range times {
		if n != 1 {
			t.Errorf("%s was received %d times", body, n)
		}
	}
	if len(times) != total {
		t.Errorf("received %d, want %d", len(times), total)
	}
	d.depth(t, Standard, queue.Depth{})
}
