package queuetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ines/shared/queue"
)

// letter is a message as the model of a FIFO queue sees it.
type letter struct {
	body, group string
	receives    int
	visible     time.Time
	receipt     string
}

// model is a FIFO queue written for clarity: one list in the order of sending.
type model struct {
	letters []*letter
	dead    int
}

func (m *model) inFlight(group string, now time.Time) bool {
	return slices.ContainsFunc(m.letters, func(l *letter) bool { return l.group == group && l.visible.After(now) })
}

// check wants a batch to be one that the queue may give, and notes it.
func (m *model) check(batch []queue.Received, now time.Time, most int) error {
	free := map[string][]*letter{}
	var living []*letter
	for _, l := range m.letters {
		// Whether it dies now or stays first in its group for a later look is
		// the engine's affair, as long as it is not delivered again.
		if l.receives >= 3 && !m.inFlight(l.group, now) {
			m.dead++
			continue
		}
		living = append(living, l)
	}
	m.letters = living
	available := 0
	for _, l := range m.letters {
		if !m.inFlight(l.group, now) {
			free[l.group] = append(free[l.group], l)
			available++
		}
	}
	if want := min(most, available); len(batch) != want {
		return fmt.Errorf("%d messages, want %d", len(batch), want)
	}
	for _, r := range batch {
		heads := free[r.Group]
		if len(heads) == 0 {
			return fmt.Errorf("%s: its group has nothing to give", r.Body)
		}
		head := heads[0]
		free[r.Group] = heads[1:]
		if head.receives++; head.body != r.Body || head.receives != r.Count {
			return fmt.Errorf("%s, delivery %d; want %s, delivery %d", r.Body, r.Count, head.body, head.receives)
		}
		head.visible, head.receipt = now.Add(time.Minute), r.Receipt
	}
	return nil
}

// likeTheModel does random things to the FIFO queue and wants nothing that the
// model does not allow.
func likeTheModel(t *testing.T, first *desk) {
	rapid.Check(t, func(rt *rapid.T) {
		d := first.Harness.desk(t)
		m := &model{}
		sent := 0
		held := func(rt *rapid.T) *letter {
			var letters []*letter
			for _, l := range m.letters {
				if l.receipt != "" {
					letters = append(letters, l)
				}
			}
			if len(letters) == 0 {
				rt.Skip("nothing was received")
			}
			return rapid.SampledFrom(letters).Draw(rt, "held")
		}
		rt.Repeat(map[string]func(*rapid.T){
			"send": func(rt *rapid.T) {
				l := &letter{body: fmt.Sprintf("m%d", sent), group: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "group")}
				sent++
				d.send(t, FIFO, l.group, l.body)
				m.letters = append(m.letters, l)
			},
			"receive": func(rt *rapid.T) {
				most := rapid.IntRange(1, 4).Draw(rt, "most")
				if err := m.check(d.receive(t, FIFO, most), d.Now(), most); err != nil {
					rt.Fatal(err)
				}
			},
			"delete": func(rt *rapid.T) {
				l := held(rt)
				d.delete(t, FIFO, queue.Received{Receipt: l.receipt})
				if l.visible.After(d.Now()) {
					m.letters = slices.DeleteFunc(m.letters, func(other *letter) bool { return other == l })
				}
			},
			"postpone": func(rt *rapid.T) {
				l, by := held(rt), rapid.SampledFrom([]time.Duration{0, 20 * time.Second, time.Hour}).Draw(rt, "by")
				d.postpone(t, FIFO, queue.Received{Receipt: l.receipt}, by)
				if l.visible.After(d.Now()) {
					l.visible = d.Now().Add(by)
				}
			},
			"wait": func(rt *rapid.T) {
				d.Advance(rapid.SampledFrom([]time.Duration{time.Second, 25 * time.Second, time.Minute}).Draw(rt, "by"))
			},
			"": func(rt *rapid.T) {
				flying := 0
				for _, l := range m.letters {
					if l.visible.After(d.Now()) {
						flying++
					}
				}
				got, err := d.engine.Depths(t.Context(), FIFO)
				if err != nil || got.InFlight != flying || got.Visible+got.InFlight+got.Dead != len(m.letters)+m.dead {
					rt.Fatalf("depths %+v, %v; want %d in flight of %d, %d dead", got, err, flying, len(m.letters), m.dead)
				}
			},
		})
	})
}
