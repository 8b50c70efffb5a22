package docket_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
	"ines/shared/message"

	"pgregory.net/rapid"
)

// work does for the cases what relay's effects ask of them, until nothing is left.
func (b *bench) work() {
	b.t.Helper()
	for {
		updates := b.CatchUp()
		if len(updates) == 0 {
			return
		}
		for _, u := range updates {
			for _, cm := range u.Commits {
				for _, e := range cm.Events {
					var err error
					switch e := e.(type) {
					case casework.BystanderSplit:
						err = b.OpenSplit(b.ctx(), e.Case, docket.Split{From: cm.Case, Author: e.Author})
					case casework.ThreadTaken:
						for range 2 { // relay may say it twice
							err = b.GiveUp(b.ctx(), e.From, cm.Case, morning)
						}
					}
					if err != nil {
						b.t.Fatal(err)
					}
				}
			}
		}
	}
}

// told is what a person sees: each listed case with its customer and what was said.
func (b *bench) told() []string {
	b.t.Helper()
	var all []string
	for _, id := range b.cases() {
		log, err := b.Log(b.ctx(), id, 0)
		if err != nil {
			b.t.Fatal(err)
		}
		line := b.MustLoad(id).Customer.Handle.ID + ":"
		for _, e := range casework.Timeline(log) {
			if e.Kind == "message_received" {
				line += " " + e.By + " " + e.Text + ";"
			}
		}
		all = append(all, line)
	}
	slices.Sort(all)
	return all
}

// TestArrivalOrders: a customer's post, friends' answers to it and the customer's
// direct message give the same cases in whatever order they arrive, however often
// each is delivered, and with relay at work in between or not.
func TestArrivalOrders(t *testing.T) {
	var script []message.Message
	for i, who := range []string{"ann", "bea", "cem", "ann"} {
		script = append(script, post(fmt.Sprint(i+1), who, fmt.Sprint("post ", i+1), morning.Add(time.Duration(i)*time.Minute)))
	}
	script = append(script, dockettest.DM("9", "ann", "direct", morning.Add(10*time.Minute)))
	tell := func(t testing.TB, order []message.Message, asks string, pause func() bool) ([]string, int64) {
		b := newBench(t, docket.Settings{QueueShards: 1, DueShards: 1, CounterShards: 1, SnapshotEvery: 50})
		defer b.Close()
		for _, m := range order {
			about := complaint
			if m.Author.Handle.ID == asks {
				about.Kind = "request"
			}
			b.MustFile(b.Deliver(m, about, morning))
			if pause() {
				b.work()
			}
		}
		b.work()
		outcomes := b.Balance()
		return b.told(), outcomes[docket.OutcomeFiled]
	}
	for _, asks := range []string{"", "bea"} {
		want, _ := tell(t, script, asks, func() bool { return true })
		if len(want) != 1+len(asks)/3 {
			t.Fatalf("in order the cases are %q", want)
		}
		rapid.Check(t, func(rt *rapid.T) {
			order := rapid.Permutation(append(slices.Clone(script), script...)).Draw(rt, "order")
			got, filed := tell(t, order, asks, func() bool { return rapid.Bool().Draw(rt, "relay works now") })
			if !slices.Equal(got, want) || filed != int64(len(script)) {
				rt.Fatalf("cases %q, %d filed\nwant %q, %d filed", got, filed, want, len(script))
			}
		})
	}
}
