package docket_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
	"ines/shared/table"
)

// relays are processes that count and show on one table, which may fail them.
func (b *bench) relays(n int) []*docket.Docket {
	all := make([]*docket.Docket, n)
	for i := range all {
		all[i] = docket.New(b.Table, b.Policy, anything{}, nil, b.settings)
	}
	return all
}

func (b *bench) commits() (commits []casework.Commit) {
	b.t.Helper()
	for _, ch := range b.Changes() {
		cm, err := docket.DecodeCommit(ch.Item)
		if err != nil {
			b.t.Fatal(err)
		}
		commits = append(commits, cm)
	}
	return commits
}

// sheet is how many entries the only sheet has.
func (b *bench) sheet() int {
	b.t.Helper()
	have, err := b.Store.Get(b.ctx(), docket.SheetKey(0))
	if err != nil {
		b.t.Fatal(err)
	}
	var account struct{ Counted map[string]int64 }
	if item, ok := have[docket.SheetKey(0)]; ok {
		if err := json.Unmarshal(item.Value, &account); err != nil {
			b.t.Fatal(err)
		}
	}
	return len(account.Counted)
}

// TestCountedOnceByRelaysSideBySide is the adversarial test of counting: relays that
// know nothing of each other are given overlapping parts of what happened, several
// times, all on one sheet, while the table fails and answers get lost; some of them
// forget. In the end each item is counted once and each view shows its case.
func TestCountedOnceByRelaysSideBySide(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b := newBench(t, docket.Settings{QueueShards: 1, DueShards: 1, CounterShards: 2, Sheets: 1, SnapshotEvery: 50,
			AddEvery: rapid.IntRange(1, 4).Draw(rt, "add every")})
		defer b.Close()
		cases, messages := rapid.IntRange(1, 4).Draw(rt, "cases"), rapid.IntRange(1, 12).Draw(rt, "messages")
		for i := range messages {
			who := fmt.Sprint("author", i%cases)
			b.MustFile(b.Deliver(dockettest.DM(fmt.Sprint(i), who, fmt.Sprint("text ", i), morning.Add(time.Duration(i)*time.Second)), complaint, morning))
		}
		commits := b.commits()
		part := rapid.Custom(func(rt *rapid.T) [2]int {
			from := rapid.IntRange(0, len(commits)-1).Draw(rt, "from")
			return [2]int{from, rapid.IntRange(from+1, len(commits)).Draw(rt, "to")}
		})
		parts := rapid.SliceOfN(part, 3, 9).Draw(rt, "parts")
		b.Table.Lag(rapid.IntRange(0, 3).Draw(rt, "lag"))
		b.Table.Plan(dockettest.Verdicts(40, dockettest.Works, dockettest.Works, dockettest.Works, dockettest.Fails, dockettest.Lost).Draw(rt, "failures")...)
		pass := func(d *docket.Docket, commits []casework.Commit) error {
			updates, err := d.Lagging(b.ctx(), commits)
			if err != nil {
				return err
			}
			return d.Show(b.ctx(), updates)
		}
		forgets := rapid.Bool().Draw(rt, "forgets")
		var all sync.WaitGroup
		for i, d := range b.relays(3) {
			all.Go(func() {
				for j := i; j < len(parts); j += 3 {
					for try := 0; ; try++ {
						err := pass(d, commits[parts[j][0]:parts[j][1]])
						if err == nil {
							break
						}
						if !errors.Is(err, table.ErrUnavailable) && !table.Conflicted(err) || try > 200 {
							t.Error(err)
							return
						}
						if forgets {
							d.Forget()
						}
					}
				}
			})
		}
		all.Wait()
		b.Table.Plan()
		if err := pass(b.relays(1)[0], commits); err != nil {
			rt.Fatal(err)
		}
		if got := b.Balance(); got[docket.OutcomeFiled] != int64(messages) {
			rt.Fatalf("%d messages, counted %v", messages, got)
		}
		if flow, err := b.Flow(b.ctx(), morning, morning); err != nil || flow["arrived/care"] != int64(len(b.cases())) {
			rt.Fatalf("%d cases, arrived %v (%v)", len(b.cases()), flow, err)
		}
		for _, id := range b.cases() {
			have, err := b.Store.Get(b.ctx(), docket.ViewKey(id))
			if c := b.MustLoad(id); err != nil || have[docket.ViewKey(id)].Seq != c.Seq {
				rt.Fatalf("the view of %s is at %d, the case at %d (%v)", id, have[docket.ViewKey(id)].Seq, c.Seq, err)
			}
		}
	})
}

// TestCountedBeforeACrash: a relay counts and dies before the views move. Whoever
// comes next moves them and counts no more than what is new.
func TestCountedBeforeACrash(t *testing.T) {
	b := newBench(t, docket.Settings{QueueShards: 1, DueShards: 1, CounterShards: 1, Sheets: 1, SnapshotEvery: 50})
	b.MustFile(b.Deliver(dockettest.DM("1", "leo", "one", morning), complaint, morning))
	commits := b.commits()
	d := b.relays(1)[0]
	updates, err := d.Lagging(b.ctx(), commits)
	if err != nil {
		t.Fatal(err)
	}
	b.Table.Plan(dockettest.Works, dockettest.Fails) // counting, the view
	if err := d.Show(b.ctx(), updates); !errors.Is(err, table.ErrUnavailable) {
		t.Fatalf("show: %v", err)
	}
	if b.Table.Left() != 0 || b.sheet() != 1 || b.Balance()[docket.OutcomeFiled] != 1 {
		t.Fatalf("%d failures left, %d entries, counted %v", b.Table.Left(), b.sheet(), b.Balance())
	}
	b.MustFile(b.Deliver(dockettest.DM("2", "leo", "two", morning.Add(time.Minute)), complaint, morning.Add(time.Minute)))
	b.Rewind()
	b.CatchUp()
	if got := b.Balance(); got[docket.OutcomeFiled] != 2 {
		t.Fatalf("counted %v", got)
	}
}

// TestSheetStaysSmall: entries go when the views are known to have moved, also those
// of processes that are gone.
func TestSheetStaysSmall(t *testing.T) {
	b := newBench(t, docket.Settings{QueueShards: 1, DueShards: 1, CounterShards: 1, Sheets: 1, SnapshotEvery: 50})
	n := 0
	for round := range 4 {
		for range 40 {
			n++
			b.MustFile(b.Deliver(dockettest.DM(fmt.Sprint(n), fmt.Sprint("author", n), "text", morning), complaint, morning))
		}
		b.Forget()
		b.CatchUp()
		if got := b.sheet(); got > 40+docket.MaxUnsettled {
			t.Fatalf("round %d: %d entries", round, got)
		}
	}
	b.MustFile(b.Deliver(dockettest.DM("more", "leo", "text", morning), complaint, morning))
	b.CatchUp()
	if got := b.sheet(); got > docket.MaxUnsettled {
		t.Fatalf("%d entries in the end", got)
	}
	if got := b.Balance(); got[docket.OutcomeFiled] != int64(n+1) {
		t.Fatalf("%d messages, counted %v", n+1, got)
	}
}

// TestManyQuartersOfAnHour: what is counted in more places than a transaction holds
// takes several.
func TestManyQuartersOfAnHour(t *testing.T) {
	b := newBench(t, docket.Settings{QueueShards: 1, DueShards: 1, CounterShards: 1, Sheets: 1, SnapshotEvery: 50})
	const cases = 130
	for i := range cases {
		at := morning.Add(time.Duration(i) * 15 * time.Minute)
		b.MustFile(b.Deliver(dockettest.DM(fmt.Sprint(i), fmt.Sprint("author", i), "text", at), complaint, at))
	}
	b.CatchUp()
	flow, err := b.Flow(b.ctx(), morning, morning.Add(cases*15*time.Minute))
	if err != nil || flow["arrived/care"] != cases || b.Balance()[docket.OutcomeFiled] != cases {
		t.Fatalf("flow %v (%v), counted %v", flow, err, b.Balance())
	}
}

// TestArrivalsWaitOnTheSheet: what each case that begins moves is added to the counters
// now and then, and is in every sum from the first.
func TestArrivalsWaitOnTheSheet(t *testing.T) {
	b := newBench(t, docket.Settings{QueueShards: 1, DueShards: 1, CounterShards: 1, Sheets: 2, AddEvery: 16, SnapshotEvery: 50})
	added := func() (n int64) {
		got, err := b.Store.Counters(b.ctx(), docket.CounterKey("flow", docket.FlowBucket(morning), 0))
		if err != nil {
			t.Fatal(err)
		}
		for _, fields := range got {
			n += fields["arrived/care"]
		}
		return n
	}
	later := 0
	for i := range 60 {
		b.MustFile(b.Deliver(dockettest.DM(fmt.Sprint(i), fmt.Sprint("author", i), "text", morning), complaint, morning))
		b.CatchUp()
		flow, err := b.Flow(b.ctx(), morning, morning)
		if err != nil || flow["arrived/care"] != int64(i+1) {
			t.Fatalf("%d cases, arrived %v (%v)", i+1, flow, err)
		}
		if n := added(); n > int64(i+1) || n < int64(i-40) {
			t.Fatalf("%d of %d are added", n, i+1)
		} else if n < int64(i+1) {
			later++
		}
	}
	if later < 40 {
		t.Errorf("only %d times anything waited", later)
	}
	// A closing is counted with what waits.
	id := b.cases()[0]
	b.MustDo(id, "ines", casework.Claim{By: "ines"}, morning)
	b.MustDo(id, "ines", casework.Resolve{By: "ines"}, morning)
	b.CatchUp()
	if flow, err := b.Flow(b.ctx(), morning, morning); err != nil || flow["arrived/care"] != 60 || flow["resolved/care"] != 1 {
		t.Errorf("flow %v (%v)", flow, err)
	}
}
