package docket_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
	"ines/shared/table"

	"pgregory.net/rapid"
)

// TestOneMatterOneCaseWhateverFails is the adversarial test: messages of one
// customer in any order, each delivered once or twice, retried by the queue, with
// the table failing at any call. There is one case, every message is in it once,
// and every item is counted once.
func TestOneMatterOneCaseWhateverFails(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b := newBench(t, docket.Settings{QueueShards: 1, DueShards: 1, CounterShards: 2, SnapshotEvery: 4})
		defer b.Close()
		b.Docket = b.Faulty // what it remembers has to be right too
		kinds := []string{"complaint", "praise", "question"}
		var items []docket.Incoming
		messages := rapid.IntRange(1, 8).Draw(rt, "messages")
		for i := range messages {
			make := post
			if rapid.Bool().Draw(rt, "private") {
				make = dockettest.DM
			}
			m := make(fmt.Sprint(i+1), "leo", fmt.Sprint("text ", i+1), morning.Add(time.Duration(i)*time.Second))
			about := casework.About{Kind: rapid.SampledFrom(kinds).Draw(rt, "kind"), Urgency: "normal"}
			for range rapid.IntRange(1, 2).Draw(rt, "deliveries") {
				items = append(items, b.Deliver(m, about, morning))
			}
		}
		order := rapid.Permutation(items).Draw(rt, "order")
		b.Table.Lag(rapid.IntRange(0, 3).Draw(rt, "lag"))
		b.Table.Plan(dockettest.Verdicts(60, dockettest.Works, dockettest.Works, dockettest.Works, dockettest.Fails, dockettest.Lost).Draw(rt, "failures")...)
		file := func(in docket.Incoming) {
			for try := 0; ; try++ {
				err := b.File(b.ctx(), in)
				if err == nil {
					return
				}
				if !errors.Is(err, table.ErrUnavailable) && !table.Conflicted(err) || try > 100 {
					rt.Fatalf("item %s: %v", in.ID(), err)
				}
			}
		}
		var wg sync.WaitGroup
		for part := range slices.Chunk(order, max(1, (len(order)+2)/3)) { // three workers side by side
			wg.Add(1)
			go func() {
				defer wg.Done()
				for _, in := range part {
					file(in)
				}
			}()
		}
		wg.Wait()
		b.Table.Plan()
		for _, in := range order { // the queue forgot what it had delivered
			file(in)
		}
		c := b.only()
		if c.Messages != messages {
			rt.Fatalf("%d messages in the case, want %d", c.Messages, messages)
		}
		got := b.Balance()
		if got[docket.OutcomeFiled] != int64(messages) || got[docket.OutcomeDuplicate] != int64(len(items)-messages) {
			rt.Fatalf("outcomes %v of %d messages in %d deliveries", got, messages, len(items))
		}
	})
}

// TestTwoClaimsOneWins: of many colleagues who claim at once one has it and the
// others learn who.
func TestTwoClaimsOneWins(t *testing.T) {
	b := newBench(t, docket.DefaultSettings)
	b.MustFile(b.Deliver(post("1", "leo", "hello", morning), complaint, morning))
	id := b.only().ID
	var wg sync.WaitGroup
	errs := make([]error, 2)
	for i, who := range []string{"ines", "tom"} {
		wg.Add(1)
		go func() {
			defer wg.Done()
			_, _, errs[i] = b.Do(b.ctx(), docket.Order{Case: id, By: who, Command: casework.Claim{By: who}, Now: morning})
		}()
	}
	wg.Wait()
	c, _ := b.Load(b.ctx(), id)
	loser := 0
	if c.Owner == "ines" {
		loser = 1
	}
	var r *casework.Refusal
	if errs[1-loser] != nil || !errors.As(errs[loser], &r) || r.More["holder"].(map[string]string)["id"] != c.Owner {
		t.Fatalf("owner %s, errors %v", c.Owner, errs)
	}
}

// TestReplayIntoAnEmptyTable: the same deliveries give the same cases, ids and
// timelines.
func TestReplayIntoAnEmptyTable(t *testing.T) {
	tell := func() string {
		b := newBench(t, docket.DefaultSettings)
		for i, m := range []string{"one", "two", "three"} {
			b.MustFile(b.Deliver(dockettest.DM(fmt.Sprint(i), "leo", m, morning.Add(time.Duration(i)*time.Minute)), complaint, morning.Add(time.Duration(i)*time.Minute)))
		}
		b.CatchUp()
		id := b.cases()[0]
		log, err := b.Log(b.ctx(), id, 0)
		if err != nil {
			t.Fatal(err)
		}
		return asJSON(t, log)
	}
	if a, b := tell(), tell(); a != b {
		t.Fatalf("first\n%s\nthen\n%s", a, b)
	}
}
