package docket_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
	"ines/shared/message"
	"ines/shared/table"

	"pgregory.net/rapid"
)

// TestErasingAMergedCustomer takes all that are one with him, and their names out of
// what others are told; what he stated counts no more.
func TestErasingAMergedCustomer(t *testing.T) {
	p := newPeople(t)
	named := func(m message.Message, name string) message.Message {
		m.Author.Name = name
		return m
	}
	p.file(named(dockettest.DM("d1-mara", "77810042", "booking ABC123", p.tick()), "Mara Winterbourne"))
	p.file(named(dockettest.Mail("m1-anna", "r1-anna", "winter@post.example", "it is me", p.tick()), "M. Winterbourne"))
	leo := p.dm("d2", "leo", "booking ABC123")
	if len(events[casework.IdentityProposed](p, leo)) != 1 {
		t.Fatal("nothing was proposed")
	}
	a, b := xID("77810042"), mailID("winter@post.example")
	p.must(p.merge(b, a))
	g := &grave{bench: p.bench, customer: b}
	foreseen, err := p.ForeseeErasure(p.ctx(), b)
	if err != nil || foreseen.Count.Cases != 2 || foreseen.Count.Handles != 2 || foreseen.Count.Mentions != 1 {
		t.Errorf("would take %+v, %v", foreseen.Count, err)
	}
	e := g.erase(p.Docket)
	p.CatchUp()
	g.holds("after erasing", "Winterbourne", "winter@", "77810042", `"customer":"`+a)
	if e.Count.Cases != 2 || e.Count.Handles != 2 {
		t.Errorf("took %+v", e.Count)
	}
	for _, id := range []string{a, b} {
		if _, ok, err := p.Forgotten(p.ctx(), id); !ok || err != nil {
			t.Errorf("no stone for %s: %v", id, err)
		}
	}
	if c := p.MustLoad(leo); len(c.Identity) != 0 || c.Messages != 1 {
		t.Errorf("leo's case: %+v", c)
	}
	if ps := p.group(xID("leo")).Proposals(xID("leo")); len(ps) != 0 {
		t.Errorf("leo may be %+v", ps)
	}
	// She comes back as somebody new, and is not recognised.
	back := p.file(dockettest.Mail("m2", "r2", "winter@post.example", "booking ABC123", p.tick()))
	if said := events[casework.IdentityProposed](p, back); len(said) != 0 {
		t.Errorf("%+v", said)
	}
	if _, err := p.merge(xID("leo"), a); code(err) != casework.CodeErased {
		t.Errorf("merged with somebody who was erased: %v", err)
	}
}

// TestAPartedCustomerIsErasedAlone: what names him in the other's case goes, and what
// he wrote there; the other's own stays.
func TestAPartedCustomerIsErasedAlone(t *testing.T) {
	p := newPeople(t)
	chat := p.dm("d1", "mara", "my own words")
	p.resolve(p.mail("m1-winter", "r1-winter", "winter@post.example", "one"))
	b := mailID("winter@post.example")
	p.must(p.merge(b, mara))
	if got := p.mail("m2-winter", "r2-winter", "winter@post.example", "secret seat"); got != chat {
		t.Fatalf("it went to %s", got)
	}
	p.must(p.part(mara, b))
	g := &grave{bench: p.bench, customer: b}
	g.erase(p.Docket)
	p.CatchUp()
	g.holds("after erasing", "winter@", "secret seat")
	if c := p.MustLoad(chat); c.IsErased() || !strings.Contains(p.Dump(), "my own words") {
		t.Error("the other's case went, too")
	}
}

// TestRetentionOfAMergedCustomer: he is forgotten with the last case of all that are
// one with him, and not before.
func TestRetentionOfAMergedCustomer(t *testing.T) {
	p := newPeople(t)
	run := func(now time.Time) (e docket.Erasure) {
		if _, err := p.Expire(p.ctx(), now, 100); err != nil {
			t.Fatal(err)
		}
		all, err := p.Erasures(p.ctx())
		if err != nil || len(all) != 1 {
			t.Fatalf("%d erasures, %v", len(all), err)
		}
		e = all[0]
		if err := errors.Join(p.EraseFromTable(p.ctx(), &e), p.FinishErasure(p.ctx(), &e)); err != nil {
			t.Fatal(err)
		}
		p.CatchUp()
		return e
	}
	p.resolve(p.mail("m1-anna", "r1", annas, "the first"))
	p.at = p.at.Add(24 * time.Hour)
	chat := p.dm("d1-mara", "mara", "the second, booking ABC123")
	p.must(p.merge(anna, mara))
	p.resolve(chat)
	long := 730 * 24 * time.Hour
	if e := run(morning.Add(long + time.Hour)); e.Whole || len(e.Cases) != 1 || len(p.group(mara).Members) != 2 {
		t.Errorf("with the first case: %+v", e)
	}
	if !strings.Contains(p.Dump(), "evidence#") {
		t.Error("what she stated in the other case is gone")
	}
	if e := run(p.at.Add(long + time.Hour)); !e.Whole || !slices.Equal(slices.Sorted(slices.Values(append(e.Also, e.Customer))), slices.Sorted(slices.Values([]string{mara, anna}))) {
		t.Errorf("with the last case: %+v", e)
	}
	(&grave{bench: p.bench}).holds("after the last", "evidence#", annas, "d1-mara", `"identity"`)
	for _, id := range []string{mara, anna} {
		if _, ok, err := p.Forgotten(p.ctx(), id); !ok || err != nil {
			t.Errorf("no stone for %s: %v", id, err)
		}
	}
}

// TestProposedWhileErased: wherever an erasure has stopped, a message that would lead to
// the customer leaves nothing of him behind once it is done.
func TestProposedWhileErased(t *testing.T) {
	for n := 0; ; n += 3 {
		p := newPeople(t)
		m := dockettest.DM("d1-77810042", "77810042", "booking ABC123", p.tick())
		m.Author.Name = "Mara Winterbourne"
		p.file(m)
		a := xID("77810042")
		e, err := p.StartErasure(p.ctx(), a, "tom", "by letter", p.tick())
		if err != nil {
			t.Fatal(err)
		}
		verdicts := make([]dockettest.Verdict, n+1)
		verdicts[n] = dockettest.Fails
		p.Table.Plan(verdicts...)
		err = p.Faulty.EraseFromTable(p.ctx(), &e)
		left := p.Table.Left()
		p.Table.Plan()
		if err != nil && !errors.Is(err, table.ErrUnavailable) {
			t.Fatal(err)
		}
		leo := dockettest.DM("d2", "leo", "booking ABC123", p.tick())
		p.MustFile(p.Deliver(leo, complaint, p.at))
		if _, err := p.merge(xID("leo"), a); code(err) != casework.CodeErased {
			t.Fatalf("stopped at call %d: merged with somebody who is being erased: %v", n, err)
		}
		g := &grave{bench: p.bench, customer: a}
		g.erase(p.Docket)
		p.CatchUp()
		g.holds(fmt.Sprintf("stopped at call %d", n), "Winterbourne", "77810042")
		if c := p.MustLoad(xCase("leo")); len(c.Identity) != 0 || c.IsErased() {
			t.Fatalf("stopped at call %d: leo's case %+v", n, c)
		}
		if left > 0 {
			if n < 15 {
				t.Errorf("only %d calls", n)
			}
			return
		}
	}
}

// TestWhoIsWho is the model: merges, partings and declines among some customers, in any
// order and with any call failing, while all of them write, and some are erased. A tree
// of plain sets says who is one with whom, and each message is filed once, in a case
// of somebody who is one with its author.
func TestWhoIsWho(t *testing.T) {
	b, worlds := newBench(t, docket.DefaultSettings), 0
	rapid.Check(t, func(rt *rapid.T) {
		worlds++
		p := &people{b, morning.Add(time.Duration(worlds) * 24 * time.Hour)}
		var ids, names []string
		into := map[string]string{} // the model: who was merged into whom
		gone := map[string]bool{}
		sent := map[string]string{} // message → author
		for n := range 4 {
			name := fmt.Sprintf("w%dc%d", worlds, n)
			names, ids = append(names, name), append(ids, xID(name))
		}
		root := func(id string) string {
			for into[id] != "" {
				id = into[id]
			}
			return id
		}
		world := func() []casework.View {
			views, err := p.Customers(p.ctx(), ids...)
			if err != nil {
				rt.Fatal(err)
			}
			return views
		}
		n := 0
		write := func(i int, verdicts []dockettest.Verdict) {
			n++
			id := fmt.Sprintf("%s-%d", names[i], n)
			m := dockettest.Post(id, id, names[i], "booking "+rapid.SampledFrom([]string{"ABC123", "DEF456"}).Draw(rt, "booking"), p.tick())
			if rapid.Bool().Draw(rt, "private") {
				m.Visibility, m.Thread = message.Private, "100-"+names[i]
			}
			in := p.Deliver(m, complaint, p.at)
			p.Table.Plan(verdicts...)
			err := p.Faulty.File(p.ctx(), in)
			p.Table.Plan()
			if err != nil {
				p.MustFile(in)
			}
			if gone[ids[i]] {
				return
			}
			sent[id] = ids[i]
			p.CatchUp()
			for _, v := range world() {
				for _, e := range events[casework.MessageReceived](p, v.ID) {
					if e.Message.ID == id && root(v.Customer.ID) != root(ids[i]) {
						rt.Fatalf("%s is in a case of %s, who is somebody else", id, v.Customer.Name)
					}
				}
			}
		}
		for i := range ids {
			write(i, nil)
		}
		for range rapid.IntRange(1, 10).Draw(rt, "steps") {
			i, j := rapid.IntRange(0, 3).Draw(rt, "i"), rapid.IntRange(0, 3).Draw(rt, "j")
			x, y := ids[i], ids[j]
			verdicts := dockettest.Verdicts(6, dockettest.Works, dockettest.Works, dockettest.Works, dockettest.Fails, dockettest.Lost).Draw(rt, "verdicts")
			decide := func(do func(*docket.Docket, context.Context, docket.Decision) (docket.Decided, error), d docket.Decision) (bool, string) {
				d.By, d.Why, d.Now = "ines", "x", p.tick()
				p.Table.Plan(verdicts...)
				_, err := do(p.Faulty, p.ctx(), d)
				p.Table.Plan()
				if err != nil && errors.Is(err, table.ErrUnavailable) {
					_, err = do(p.Docket, p.ctx(), d)
					return err == nil || code(err) == casework.CodeOneCustomer || code(err) == casework.CodeInvalid, "unclear"
				}
				return err == nil, code(err)
			}
			switch rapid.IntRange(0, 6).Draw(rt, "step") {
			case 0, 1:
				write(i, verdicts)
			case 2, 3:
				done, why := decide((*docket.Docket).MergeCustomers, docket.Decision{Customer: x, With: y})
				want := root(x) != root(y) && !gone[x] && !gone[y]
				if done != want && why != "unclear" {
					rt.Fatalf("merge of %s into %s: %v (%s), want %v", names[i], names[j], done, why, want)
				}
				if want {
					into[root(x)] = root(y)
				}
			case 4:
				done, why := decide((*docket.Docket).PartCustomers, docket.Decision{Customer: x})
				want := into[x] != "" && !gone[x]
				if done != want && why != "unclear" {
					rt.Fatalf("parting of %s: %v (%s), want %v", names[i], done, why, want)
				}
				if want {
					p.CatchUp()
					for _, v := range world() {
						for _, s := range events[casework.BystanderSplit](p, v.ID) {
							if err := p.OpenSplit(p.ctx(), s.Case, docket.Split{From: v.ID, Author: s.Author}); err != nil {
								rt.Fatal(err)
							}
						}
					}
					into[x] = ""
				}
			case 5:
				if root(x) != root(y) && !gone[x] && !gone[y] {
					decide((*docket.Docket).DeclineIdentity, docket.Decision{Customer: x, With: y})
				}
			case 6:
				if gone[x] || rapid.IntRange(0, 2).Draw(rt, "erase") > 0 {
					continue
				}
				p.CatchUp()
				(&grave{bench: p.bench, customer: x}).erase(p.Docket)
				r := root(x)
				for _, id := range ids {
					if root(id) == r {
						gone[id] = true
					}
				}
				for id := range gone {
					into[id] = ""
					for m, author := range sent {
						if author == id {
							delete(sent, m)
						}
					}
				}
			}
			p.CatchUp()
		}
		for _, id := range ids {
			var want []string
			for _, o := range ids {
				if root(o) == root(id) && !gone[id] || o == id {
					want = append(want, o)
				}
			}
			if got := slices.Sorted(slices.Values(p.group(id).Members)); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
				rt.Fatalf("%s is one with %v, want %v", id, got, want)
			}
		}
		has := map[string]int{}
		for _, v := range world() {
			seen := map[string]bool{}
			for _, e := range events[casework.MessageReceived](p, v.ID) {
				if m := e.Message.ID; m != "" && !seen[m] {
					seen[m] = true
					has[m]++
				} else if m != "" {
					rt.Fatalf("%s stands twice in %s", m, v.ID)
				}
			}
		}
		for m := range sent {
			if has[m] < 1 {
				rt.Fatalf("%s is nowhere", m)
			}
		}
	})
}
