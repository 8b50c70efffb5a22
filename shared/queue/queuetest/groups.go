package queuetest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ines/shared/queue"
)

func groupBlocks(t *testing.T, d *desk) {
	d.send(t, FIFO, "a", "a1")
	d.send(t, FIFO, "b", "b1")
	d.send(t, FIFO, "a", "a2")
	a1 := d.expect(t, FIFO, 1, "a1")
	d.send(t, FIFO, "a", "a3")
	d.delete(t, FIFO, d.expect(t, FIFO, 10, "b1")...)
	d.expect(t, FIFO, 10) // a is in flight
	d.delete(t, FIFO, a1...)
	d.delete(t, FIFO, d.expect(t, FIFO, 10, "a2", "a3")...)
	d.expect(t, FIFO, 10)
	d.send(t, FIFO, "a", "a4") // the group begins anew
	d.expect(t, FIFO, 10, "a4")
}

func groupInBatches(t *testing.T, d *desk) {
	d.send(t, FIFO, "a", numbered("a", 25)...)
	for from := 0; from < 25; from += 10 {
		want := numbered("a", 25)[from:min(from+10, 25)]
		batch := d.expect(t, FIFO, 10, want...)
		for i, r := range batch { // one by one, as a consumer might
			d.expect(t, FIFO, 10)
			d.delete(t, FIFO, batch[i])
			if r.Count != 1 {
				t.Errorf("%s: count %d", r.Body, r.Count)
			}
		}
	}
	d.depth(t, FIFO, queue.Depth{})
}

func orderThroughRetries(t *testing.T, d *desk) {
	d.send(t, FIFO, "a", "a1", "a2", "a3", "a4", "a5")
	batch := d.expect(t, FIFO, 3, "a1", "a2", "a3")
	d.delete(t, FIFO, batch[0]) // a2 failed, so a3 was left alone
	d.expect(t, FIFO, 10)
	d.Advance(time.Minute + time.Second)
	batch = d.expect(t, FIFO, 10, "a2", "a3", "a4", "a5")
	if batch[0].Count != 2 || batch[1].Count != 2 || batch[2].Count != 1 {
		t.Errorf("counts %d, %d, %d", batch[0].Count, batch[1].Count, batch[2].Count)
	}
	d.delete(t, FIFO, batch[1]) // out of order
	d.Advance(time.Minute + time.Second)
	d.delete(t, FIFO, d.expect(t, FIFO, 2, "a2", "a4")...)
	d.delete(t, FIFO, d.expect(t, FIFO, 10, "a5")...)
}

func groupPostponed(t *testing.T, d *desk) {
	d.send(t, FIFO, "a", "a1", "a2", "a3")
	d.send(t, FIFO, "b", "b1")
	batch := d.expect(t, FIFO, 3, "a1", "a2", "a3")
	d.delete(t, FIFO, batch[0])
	d.postpone(t, FIFO, batch[1], time.Hour) // a rate limit
	d.postpone(t, FIFO, batch[2], 0)
	d.delete(t, FIFO, d.expect(t, FIFO, 10, "b1")...) // a3 must not overtake a2
	d.send(t, FIFO, "a", "a4")
	d.Advance(time.Hour - time.Second)
	d.expect(t, FIFO, 10)
	d.depth(t, FIFO, queue.Depth{Visible: 2, InFlight: 1})
	d.Advance(2 * time.Second)
	batch = d.expect(t, FIFO, 1, "a2")
	d.postpone(t, FIFO, batch[0], 0)
	batch = d.expect(t, FIFO, 10, "a2", "a3", "a4")
	for _, r := range batch {
		d.postpone(t, FIFO, r, 0)
	}
	batch = d.expect(t, FIFO, 10, "a3", "a4") // a2 had its three deliveries
	d.postpone(t, FIFO, batch[1], 10*time.Second)
	d.delete(t, FIFO, batch[0])
	d.expect(t, FIFO, 10)
	d.Advance(11 * time.Second)
	d.expect(t, FIFO, 10, "a4")
}

func groupsTakeTurns(t *testing.T, d *desk) {
	d.send(t, FIFO, "busy", numbered("busy", 40)...)
	d.Advance(time.Second)
	d.send(t, FIFO, "quiet", "quiet1")
	first := d.receive(t, FIFO, 10)
	d.Advance(time.Second)
	d.delete(t, FIFO, first...)
	got := bodies(d.receive(t, FIFO, 10))
	if !slices.Contains(got, "quiet1") {
		t.Errorf("the second batch is %q: the quiet group starves", got)
	}
}

func fifoDeadLetters(t *testing.T, d *desk) {
	d.send(t, FIFO, "a", "bad", "good")
	for range 3 {
		d.expect(t, FIFO, 1, "bad")
		d.Advance(2 * time.Minute)
	}
	// It dies when it would be received once more, and the group goes on.
	d.depth(t, FIFO, queue.Depth{Visible: 2})
	good := d.expect(t, FIFO, 1, "good")
	if good[0].Count != 1 {
		t.Errorf("count %d", good[0].Count)
	}
	d.depth(t, FIFO, queue.Depth{InFlight: 1, Dead: 1})
	d.delete(t, FIFO, good...)
	for range 3 {
		d.send(t, FIFO, "a", "bad2") // the same id: dropped after the first
		d.expect(t, FIFO, 1, "bad2")
		d.Advance(time.Minute + time.Second)
	}
	d.expect(t, FIFO, 1)
	dead := d.expect(t, d.Dead(FIFO), 10, "bad", "bad2")
	if dead[0].Group != "a" {
		t.Errorf("got %+v", dead[0])
	}
	d.delete(t, d.Dead(FIFO), dead...)
	d.depth(t, FIFO, queue.Depth{})
}

func dedupeWindow(t *testing.T, d *desk) {
	send := func(name, group, id, body string) {
		t.Helper()
		if err := d.engine.Send(t.Context(), name, queue.Message{Body: body, Group: group, Dedupe: id}); err != nil {
			t.Fatal(err)
		}
	}
	take := func(want ...string) {
		t.Helper()
		got := d.receive(t, FIFO, 10)
		d.delete(t, FIFO, got...)
		if texts := slices.Sorted(slices.Values(bodies(got))); !slices.Equal(texts, want) {
			t.Fatalf("received %q, want %q", texts, want)
		}
	}
	send(FIFO, "a", "1", "first")
	send(FIFO, "a", "1", "again, queued")
	send(FIFO, "b", "1", "other group")
	take("first", "other group")
	send(FIFO, "a", "1", "again, deleted")
	take()
	d.Advance(queue.DedupeWindow - time.Second)
	send(FIFO, "a", "1", "just inside")
	take()
	d.Advance(2 * time.Second)
	send(FIFO, "a", "1", "outside")
	take("outside")
	d.Advance(queue.DedupeWindow - time.Second)
	send(FIFO, "a", "1", "inside the second window")
	take()
	d.Advance(2 * time.Second)
	// Many ids, so that old ones are cleared away while they still count.
	for i := range 300 {
		send(FIFO, "many", fmt.Sprint(i), "x")
		if i == 150 {
			d.Advance(queue.DedupeWindow - time.Second)
		}
	}
	for i := range 300 {
		send(FIFO, "many", fmt.Sprint(i), "x")
	}
	d.depth(t, FIFO, queue.Depth{Visible: 300})
	// Group and id are two texts, not one.
	send(FIFO, "ab", "c", "ab+c")
	send(FIFO, "a", "bc", "a+bc")
	d.depth(t, FIFO, queue.Depth{Visible: 302})
	send(Standard, "a", "1", "standard")
	send(Standard, "a", "1", "standard")
	d.depth(t, Standard, queue.Depth{Visible: 2})
}

// concurrentGroups lets many consumers work through many groups while senders
// go on: each group stays in order, and no group has two batches at a time.
func concurrentGroups(t *testing.T, d *desk) {
	const senders, each = 10, 30
	var mu sync.Mutex
	next, busy := map[string]int{}, map[string]bool{}
	var sending, all sync.WaitGroup
	done := make(chan struct{})
	for s := range senders {
		sending.Go(func() {
			for i := range each {
				group := fmt.Sprintf("g%d", s)
				body := fmt.Sprintf("%s:%d", group, i)
				if err := d.engine.Send(t.Context(), FIFO, queue.Message{Body: body, Group: group, Dedupe: body}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 4 {
		all.Go(func() {
			for finished := false; ; {
				got, err := d.engine.Receive(t.Context(), FIFO, 5)
				if err != nil {
					t.Error(err)
					return
				}
				if len(got) == 0 && finished {
					return
				}
				select {
				case <-done:
					finished = true
				default:
				}
				mu.Lock()
				mine := map[string]bool{}
				for _, r := range got {
					group, n, _ := strings.Cut(r.Body, ":")
					if busy[group] && !mine[group] {
						t.Errorf("group %s is in flight twice", group)
					}
					mine[group], busy[group] = true, true
					if want := fmt.Sprint(next[group]); n != want {
						t.Errorf("group %s: got number %s, want %s", group, n, want)
					}
					next[group]++
				}
				for group := range mine {
					delete(busy, group) // before the delete, which frees the group
				}
				mu.Unlock()
				receipts := make([]string, len(got))
				for i, r := range got {
					receipts[i] = r.Receipt
				}
				if err := d.engine.Delete(t.Context(), FIFO, receipts...); err != nil {
					t.Error(err)
				}
			}
		})
	}
	sending.Wait()
	close(done)
	all.Wait()
	// A consumer may have stopped while another still held a group.
	rest := len(d.receive(t, FIFO, 10*each))
	total := rest
	for _, n := range next {
		total += n
	}
	if total != senders*each {
		t.Errorf("%d messages came through, want %d", total, senders*each)
	}
}
