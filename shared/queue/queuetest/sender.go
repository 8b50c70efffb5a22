package queuetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ines/shared/queue"
)

// Outbox is a sender with a look at what it stored.
type Outbox struct {
	Sender queue.Sender
	// Stored takes off the queue everything that is there, in the order of
	// arrival within a group: body, group and, on FIFO queues, dedupe id.
	Stored func(t testing.TB, queue string) []queue.Message
}

// RunSender tests sending alone. Each test opens empty queues, Standard and FIFO.
func RunSender(t *testing.T, open func(t testing.TB) Outbox) {
	t.Helper()
	for _, c := range []struct {
		name string
		test func(*testing.T, Outbox)
	}{
		{"in order", sendsInOrder},
		{"large batch", sendsLargeBatch},
		{"bodies", sendsBodies},
		{"partial errors", sendsPartly},
		{"refusals", sendRefusals},
		{"dedupe", sendsOnce},
		{"ten senders", tenSenders},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

func sendsInOrder(t *testing.T, o Outbox) {
	want := []queue.Message{
		{Body: "1", Group: "a", Dedupe: "d1"}, {Body: "2", Group: "a", Dedupe: "d2"},
		{Body: "3", Group: "a", Dedupe: "d3"}, {Body: "4", Group: "a", Dedupe: "d4"},
	}
	if err := errors.Join(o.Sender.Send(t.Context(), FIFO, want[:3]...), o.Sender.Send(t.Context(), FIFO, want[3]), o.Sender.Send(t.Context(), FIFO)); err != nil {
		t.Fatal(err)
	}
	if got := o.Stored(t, FIFO); !slices.Equal(got, want) {
		t.Errorf("stored %v, want %v", got, want)
	}
	if err := o.Sender.Send(t.Context(), Standard, queue.Message{Body: "with", Group: "shop-x"}, queue.Message{Body: "without"}); err != nil {
		t.Fatal(err)
	}
	got := o.Stored(t, Standard)
	slices.SortFunc(got, func(a, b queue.Message) int { return strings.Compare(a.Body, b.Body) })
	if len(got) != 2 || got[0].Group != "shop-x" || got[1].Group != "" {
		t.Errorf("stored %v", got)
	}
}

// sendsLargeBatch is more than SQS takes in one call, by number and by bytes.
func sendsLargeBatch(t *testing.T, o Outbox) {
	var want []queue.Message
	for i := range 33 {
		body := fmt.Sprintf("%d:%s", i, strings.Repeat("x", 100<<10))
		want = append(want, queue.Message{Body: body, Group: "a", Dedupe: fmt.Sprint(i)})
	}
	if err := o.Sender.Send(t.Context(), FIFO, want...); err != nil {
		t.Fatal(err)
	}
	if got := o.Stored(t, FIFO); !slices.Equal(got, want) {
		t.Errorf("%d messages stored, want %d, the same in order", len(got), len(want))
	}
}

func sendsBodies(t *testing.T, o Outbox) {
	for i, body := range []string{
		`{"text":"Zürich → 東京 😀","quote":"'\"","html":"<b>&amp;</b>"}`,
		"tab\tline\nreturn\r\n ",
		" ",
		strings.Repeat("é", queue.MaxBody/2),
	} {
		if err := o.Sender.Send(t.Context(), Standard, queue.Message{Body: body}); err != nil {
			t.Fatalf("body %d: %v", i, err)
		}
		if got := o.Stored(t, Standard); len(got) != 1 || got[0].Body != body {
			t.Errorf("body %d changed on the way", i)
		}
	}
}

func sendsPartly(t *testing.T, o Outbox) {
	for name, tt := range map[string]struct {
		messages []queue.Message
		failed   []int
		stored   []string
	}{
		Standard: {[]queue.Message{
			{Body: strings.Repeat("x", queue.MaxBody+1)}, {Body: "good"}, {Body: "\xff"}, {Body: ""},
			{Body: "late", Delay: queue.MaxDelay + time.Second}, {Body: "early", Delay: -time.Second}, {Body: "fine"},
		}, []int{0, 2, 3, 4, 5}, []string{"fine", "good"}},
		FIFO: {[]queue.Message{
			{Body: "no group", Dedupe: "1"}, {Body: "no id", Group: "a"}, {Body: "good", Group: "a", Dedupe: "2"},
			{Body: "delayed", Group: "a", Dedupe: "3", Delay: time.Second},
		}, []int{0, 1, 3}, []string{"good"}},
	} {
		err := o.Sender.Send(t.Context(), name, tt.messages...)
		var partial *queue.PartialError
		if !errors.As(err, &partial) || !slices.Equal(slices.Sorted(maps.Keys(partial.Failed)), tt.failed) {
			t.Fatalf("%s: got %v, want a partial error about %v", name, err, tt.failed)
		}
		for i, err := range partial.Failed {
			wantInvalid(t, fmt.Sprintf("%s, message %d", name, i), err)
		}
		var got []string
		for _, m := range o.Stored(t, name) {
			got = append(got, m.Body)
		}
		if slices.Sort(got); !slices.Equal(got, tt.stored) {
			t.Errorf("%s: stored %q, want %q", name, got, tt.stored)
		}
	}
	// Nothing good at all, and a refused id is not remembered.
	if err := o.Sender.Send(t.Context(), FIFO, queue.Message{Body: "", Group: "a", Dedupe: "9"}); !errors.Is(err, queue.ErrInvalid) {
		t.Errorf("got %v, want ErrInvalid", err)
	}
	if err := o.Sender.Send(t.Context(), FIFO, queue.Message{Body: "now", Group: "a", Dedupe: "9"}); err != nil {
		t.Error(err)
	}
	if got := o.Stored(t, FIFO); len(got) != 1 {
		t.Errorf("stored %v", got)
	}
}

func sendRefusals(t *testing.T, o Outbox) {
	wantInvalid(t, "unknown queue", o.Sender.Send(t.Context(), "nowhere", queue.Message{Body: "m"}))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := o.Sender.Send(ctx, Standard, queue.Message{Body: "m"}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
	if got := o.Stored(t, Standard); len(got) != 0 {
		t.Errorf("stored %v", got)
	}
}

func sendsOnce(t *testing.T, o Outbox) {
	m := func(body, id string) queue.Message { return queue.Message{Body: body, Group: "a", Dedupe: id} }
	if err := o.Sender.Send(t.Context(), FIFO, m("first", "1"), m("second", "1"), m("third", "2")); err != nil {
		t.Fatal(err)
	}
	if err := o.Sender.Send(t.Context(), FIFO, m("fourth", "2"), m("fifth", "3")); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range o.Stored(t, FIFO) {
		got = append(got, m.Body)
	}
	if !slices.Equal(got, []string{"first", "third", "fifth"}) {
		t.Errorf("stored %q", got)
	}
}

func tenSenders(t *testing.T, o Outbox) {
	var all sync.WaitGroup
	for s := range 10 {
		all.Go(func() {
			for i := range 20 {
				m := queue.Message{Body: fmt.Sprintf("%d-%02d", s, i), Group: fmt.Sprint(s), Dedupe: fmt.Sprint(i)}
				if err := errors.Join(o.Sender.Send(t.Context(), FIFO, m), o.Sender.Send(t.Context(), Standard, m)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	for _, name := range []string{FIFO, Standard} {
		last, seen := map[string]string{}, map[string]bool{}
		for _, m := range o.Stored(t, name) {
			if name == FIFO && m.Body <= last[m.Group] {
				t.Errorf("group %s: %s after %s", m.Group, m.Body, last[m.Group])
			}
			last[m.Group], seen[m.Body] = m.Body, true
		}
		if len(seen) != 200 {
			t.Errorf("%s: %d messages stored, want 200", name, len(seen))
		}
	}
}
