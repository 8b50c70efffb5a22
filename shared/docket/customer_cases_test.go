package docket_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
	"ines/shared/message"
	"ines/shared/table"
)

func customerOf(author string) string {
	return casework.CustomerID(message.Handle{Channel: "x", ID: author})
}

// indexed are a customer's cases that the index knows.
func (b *bench) indexed(customer string) (ids []string) {
	b.t.Helper()
	b.CatchUp()
	page, err := b.Store.Query(b.ctx(), table.Query{Index: docket.IndexCustomer, Partition: customer})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, item := range page.Items {
		v, err := docket.DecodeView(item)
		if err != nil {
			b.t.Fatal(err)
		}
		ids = append(ids, v.ID)
	}
	return ids
}

// listed are those that the desk shows.
func (b *bench) listed(customer string) (ids []string) {
	b.t.Helper()
	b.CatchUp()
	views, err := b.Customer(b.ctx(), customer)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, v := range views {
		ids = append(ids, v.ID)
	}
	return ids
}

// A case that nobody has touched costs no entry among its customer's; it gets one when
// a colleague acts, or when it is closed, and keeps it.
func TestTheNewestCaseOfACustomerIsFoundByHisPointer(t *testing.T) {
	b := newBench(t, docket.DefaultSettings)
	leo, first, second := customerOf("leo"), dockettest.CaseOf("1"), dockettest.CaseOf("2")
	want := func(when string, index, list []string) {
		t.Helper()
		if got := b.indexed(leo); !slices.Equal(got, index) {
			t.Errorf("%s: the index knows %v, want %v", when, got, index)
		}
		if got := b.listed(leo); !slices.Equal(got, list) {
			t.Errorf("%s: listed are %v, want %v", when, got, list)
		}
	}
	file := func(id, thread string, at time.Time) {
		b.MustFile(b.Deliver(dockettest.Post(id, thread, "leo", "my bag is gone", at), complaint, at))
	}
	file("1", "1", morning)
	file("11", "1", morning.Add(time.Minute))
	want("begun", nil, []string{first})
	b.MustDo(first, "", casework.Resolve{By: "ines"}, morning.Add(time.Hour))
	want("closed, without a colleague's doing", []string{first}, []string{first})
	later := morning.Add(100 * time.Hour)
	file("2", "2", later)
	want("another one is begun", []string{first}, []string{second, first})
	// It was on its way since the time when the first case was to be opened again.
	file("12", "1", morning.Add(2*time.Hour))
	if c := b.MustLoad(first); c.Status != casework.StatusOpen || c.Touched {
		t.Fatalf("the first case is %s", c.Status)
	}
	want("the first is open again", []string{first}, []string{second, first})
	b.MustDo(second, "ines", casework.Claim{By: "ines"}, later)
	want("a colleague has the second", []string{first, second}, []string{second, first})
}

// TestACustomersCasesAreAllFound lets cases begin, be split, closed, opened again,
// merged and parted in any order, and wants each to be found by whose it is, by the desk
// and by who erases.
func TestACustomersCasesAreAllFound(t *testing.T) {
	b := newBench(t, docket.Settings{QueueShards: 1, DueShards: 1, CounterShards: 1, SnapshotEvery: 6})
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		authors := []string{fmt.Sprint("a", run), fmt.Sprint("b", run)}
		cases, at, posts := map[string]bool{}, morning, 0
		file := func(author, thread, kind string, at time.Time) {
			posts++
			id := fmt.Sprint(run, "-", posts)
			m := dockettest.Post(id, thread, author, "sentence "+id, at)
			switch thread {
			case "":
				m.Thread = id
			case "private":
				m = dockettest.DM(id, author, "sentence "+id, at)
			}
			b.MustFile(b.Deliver(m, casework.About{Kind: kind, Urgency: "normal"}, at))
		}
		for range rapid.IntRange(1, 14).Draw(rt, "steps") {
			at = at.Add(rapid.SampledFrom([]time.Duration{time.Second, time.Hour, 80 * time.Hour}).Draw(rt, "wait"))
			author := rapid.SampledFrom(authors).Draw(rt, "author")
			when := at.Add(-rapid.SampledFrom([]time.Duration{0, 0, 0, 20 * time.Hour}).Draw(rt, "late"))
			ids := slices.Sorted(maps.Keys(cases))
			any := func(label string) string { return rapid.SampledFrom(ids).Draw(rt, label) }
			step := rapid.SampledFrom([]string{"post", "private", "thread", "thread", "close", "quietly", "open", "note", "merge", "part"}).Draw(rt, "step")
			if len(ids) == 0 {
				step = "post"
			}
			var cmd casework.Command
			by, id := "ines", ""
			switch step {
			case "post":
				file(author, "", "complaint", when)
			case "private":
				file(author, "private", "complaint", when)
			case "thread":
				if c := b.MustLoad(any("of")); len(c.Threads) > 0 && c.Threads[0].Visibility == message.Public {
					file(author, c.Threads[0].Key, rapid.SampledFrom([]string{"complaint", "request"}).Draw(rt, "kind"), when)
				}
			case "close":
				id, cmd = any("which"), casework.Resolve{By: "ines"}
			case "quietly":
				id, by, cmd = any("which"), "", casework.Resolve{By: "ines"}
			case "open":
				id, cmd = any("which"), casework.Reopen{By: "ines", Why: "again"}
			case "note":
				id, cmd = any("which"), casework.Note{By: "ines", Text: "a note"}
			case "merge":
				id, cmd = any("which"), casework.Merge{By: "ines", Into: any("into")}
			case "part":
				id, cmd = any("which"), casework.Unmerge{By: "ines", Why: "no"}
			}
			if cmd != nil {
				_, _, err := b.Do(b.ctx(), docket.Order{Case: id, Command: cmd, By: by, Now: at, Cause: casework.Cause{Kind: "command", ID: fmt.Sprint(run, at)}})
				var refused *casework.Refusal
				if err != nil && !errors.As(err, &refused) {
					rt.Fatal(err)
				}
			}
			for _, u := range b.CatchUp() {
				cases[u.Case.ID] = true
			}
			theirs := map[string][]string{}
			for id := range cases {
				if c := b.MustLoad(id); c.MergedInto == "" || c.MergedByHand {
					theirs[c.Customer.ID] = append(theirs[c.Customer.ID], id)
				}
			}
			for customer, want := range theirs {
				got := b.listed(customer)
				slices.Sort(got)
				slices.Sort(want)
				if !slices.Equal(got, want) {
					rt.Fatalf("after %s: listed are %v of the cases %v of %s", step, got, want, customer)
				}
				e, err := b.ForeseeErasure(b.ctx(), customer)
				if err != nil {
					rt.Fatal(err)
				}
				for _, id := range want {
					if !slices.Contains(e.Cases, id) {
						rt.Fatalf("after %s: erasing %s takes %v, not %s", step, customer, e.Cases, id)
					}
				}
			}
		}
	})
}
