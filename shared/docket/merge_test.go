package docket_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
	"ines/shared/message"
	"ines/shared/table"

	"pgregory.net/rapid"
)

// pair is one matter that came in twice: by mail, and by direct message from a
// handle that nobody knows to be the same person's.
type pair struct {
	*bench
	who        string
	mail, chat string
	n          int
}

func openPair(t testing.TB) *pair { return newBench(t, docket.DefaultSettings).pair("leo") }

// pair is that of one customer: a register has room for many.
func (b *bench) pair(who string) *pair {
	p := &pair{bench: b, who: who}
	p.MustFile(p.Deliver(p.mailOf("m0", "You charged me twice."), complaint, morning))
	p.MustFile(p.Deliver(p.chatOf("d0", "hello? nobody answers my mail"), complaint, morning.Add(time.Minute)))
	p.mail, p.chat = casework.CaseID("email", "northline-mail", "root-"+who, ""), casework.CaseID("x", "northline-x", "100-"+who, "")
	return p
}

func (p *pair) mailOf(id, text string) message.Message {
	p.n++
	return dockettest.Mail(id, "root-"+p.who, p.who+"@post.example", text, morning.Add(time.Duration(p.n)*time.Second))
}

func (p *pair) chatOf(id, text string) message.Message {
	p.n++
	return dockettest.DM(id, p.who, text, morning.Add(time.Duration(p.n)*time.Second))
}

func (p *pair) do(id, by string, cmd casework.Command) []casework.Event {
	p.t.Helper()
	_, events, err := p.Do(p.ctx(), docket.Order{Case: id, By: by, Command: cmd, Now: morning.Add(time.Hour)})
	if err != nil {
		p.t.Fatalf("%T: %v", cmd, err)
	}
	return events
}

func (p *pair) refused(code, id, by string, cmd casework.Command) {
	p.t.Helper()
	_, _, err := p.Do(p.ctx(), docket.Order{Case: id, By: by, Command: cmd, Now: morning.Add(time.Hour)})
	var r *casework.Refusal
	if !errors.As(err, &r) || r.Code != code {
		p.t.Fatalf("%T: %v, want %s", cmd, err, code)
	}
}

func TestMergeByAColleagueAndUndo(t *testing.T) {
	p := openPair(t)
	if p.mail == p.chat || !p.MustLoad(p.mail).Exists() || !p.MustLoad(p.chat).Exists() {
		t.Fatal("there have to be two cases")
	}
	p.do(p.chat, "tom", casework.MakePromise{By: "tom", Text: "ring Leo", Due: morning.Add(5 * time.Hour)})
	p.refused(casework.CodeNotFound, p.chat, "ines", casework.Merge{By: "ines", Into: "nothing"})
	p.refused(casework.CodeInvalid, p.chat, "ines", casework.Merge{By: "ines", Into: p.chat})
	p.do(p.chat, "ines", casework.Merge{By: "ines", Into: p.mail})

	a, b := p.MustLoad(p.chat), p.MustLoad(p.mail)
	if a.MergedInto != p.mail || a.Status != casework.StatusResolved || len(a.Promises) != 0 {
		t.Errorf("the case that ended: %+v", a)
	}
	if len(b.Threads) != 2 || b.Threads[1].ID != "t2" || len(b.Promises) != 1 || b.Promises[0].Owner != "tom" || !b.WaitsForUs() {
		t.Errorf("the case that goes on: %+v", b)
	}
	p.refused(casework.CodeMerged, p.chat, "ines", casework.Claim{By: "ines"})
	p.refused(casework.CodeMerged, p.chat, "ines", casework.Reopen{By: "ines", Why: "x"})
	p.refused(casework.CodeMerged, p.chat, "ines", casework.Merge{By: "ines", Into: p.mail})
	p.refused(casework.CodeOpenPromise, p.mail, "ines", casework.Resolve{By: "ines"})

	// What comes by either way is the one case's now, and the customer's word; what
	// was filed before is a duplicate still, and can be edited.
	p.MustFile(p.Deliver(p.chatOf("d1", "are you there?"), complaint, morning.Add(2*time.Hour)))
	p.MustFile(p.Deliver(p.chatOf("d0", "hello? nobody answers my mail"), complaint, morning.Add(2*time.Hour)))
	p.MustFile(p.Deliver(p.mailOf("m1", "one more thing"), complaint, morning.Add(2*time.Hour)))
	b = p.MustLoad(p.mail)
	if b.Messages != 3 || b.LastText != "one more thing" || len(p.MustLoad(p.chat).Took) != 0 {
		t.Errorf("%d messages, last %q", b.Messages, b.LastText)
	}
	// He writes in a new thread, as the one who chatted: it is the same matter.
	p.MustFile(p.Deliver(dockettest.Post("p1", "p1", "leo", "now in public", morning.Add(2*time.Hour)), complaint, morning.Add(2*time.Hour)))
	if b = p.MustLoad(p.mail); len(b.Threads) != 3 || b.LastText != "now in public" {
		t.Errorf("threads %+v, last %q", b.Threads, b.LastText)
	}

	p.refused(casework.CodeInvalid, p.mail, "ines", casework.Unmerge{By: "ines", Why: "x"})
	p.refused(casework.CodeInvalid, p.chat, "ines", casework.Unmerge{By: "ines"})
	p.do(p.chat, "ines", casework.Unmerge{By: "ines", Why: "two people of one name"})
	if err := p.Reclaim(p.ctx(), p.chat, p.mail); err != nil {
		t.Fatal(err)
	}
	if err := p.Reclaim(p.ctx(), p.chat, p.mail); err != nil { // delivered twice
		t.Fatal(err)
	}
	a, b = p.MustLoad(p.chat), p.MustLoad(p.mail)
	if a.Status != casework.StatusOpen || a.MergedInto != "" || a.Messages != 2 || a.LastText != "are you there?" || len(a.Promises) != 1 {
		t.Errorf("on its own again: %+v", a)
	}
	if len(b.Promises) != 0 || b.IsCustomer(message.Handle{Channel: "x", ID: "leo"}) || slices.ContainsFunc(b.Threads, func(t casework.Thread) bool { return t.Key == "100-leo" }) {
		t.Errorf("what went with it is gone: %+v", b)
	}
	p.MustFile(p.Deliver(p.chatOf("d2", "so?"), complaint, morning.Add(3*time.Hour)))
	p.MustFile(p.Deliver(p.chatOf("d1", "are you there?"), complaint, morning.Add(3*time.Hour)))
	if a = p.MustLoad(p.chat); a.Messages != 3 || a.LastText != "so?" {
		t.Errorf("%d messages, last %q", a.Messages, a.LastText)
	}
	if got := p.Balance(); got[docket.OutcomeDuplicate] != 2 {
		t.Errorf("outcomes %v", got)
	}
}

// A deletion reaches a message wherever the merge left it, and wherever undoing it
// took it.
func TestMergedMessagesCanBeDeleted(t *testing.T) {
	p := openPair(t)
	del := func(id string) {
		item := message.Item{Kind: message.KindDelete, Delete: &message.Delete{Channel: "x", Inbox: "northline-x", Thread: "100-leo", ID: id, At: morning.Add(4 * time.Hour)}}
		in := p.Deliver(p.chatOf("never", ""), complaint, morning.Add(4*time.Hour))
		in.Item = item
		p.MustFile(in)
	}
	p.do(p.chat, "ines", casework.Merge{By: "ines", Into: p.mail})
	p.MustFile(p.Deliver(p.chatOf("d1", "my card is 4111"), complaint, morning.Add(2*time.Hour)))
	del("d0")
	p.do(p.chat, "ines", casework.Unmerge{By: "ines", Why: "not one matter"})
	if err := p.Reclaim(p.ctx(), p.chat, p.mail); err != nil {
		t.Fatal(err)
	}
	del("d1")
	for _, id := range []string{p.mail, p.chat} {
		log, err := p.Log(p.ctx(), id, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, words := range []string{"4111", "nobody answers"} {
			if text := asJSON(t, log); strings.Contains(text, words) {
				t.Errorf("case %s still says %q", id, words)
			}
		}
	}
}

// Two colleagues merge the cases into each other at once: one direction wins, and
// there is no circle.
func TestMergesIntoEachOtherMakeNoCircle(t *testing.T) {
	for range 5 {
		p := openPair(t)
		var wg sync.WaitGroup
		for _, side := range [][2]string{{p.mail, p.chat}, {p.chat, p.mail}} {
			wg.Go(func() {
				_, _, err := p.Do(p.ctx(), docket.Order{Case: side[0], By: "ines", Command: casework.Merge{By: "ines", Into: side[1]}, Now: morning.Add(time.Hour)})
				var r *casework.Refusal
				if err != nil && !errors.As(err, &r) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		a, b := p.MustLoad(p.mail), p.MustLoad(p.chat)
		if (a.MergedInto == "") == (b.MergedInto == "") {
			t.Fatalf("into %q and into %q", a.MergedInto, b.MergedInto)
		}
	}
}

// TestMergesKeepEveryMessage: merges and their undoing at any time, between any
// messages, whichever call to the table fails: every message is in exactly the
// timelines that it belongs to, and no promise gets lost.
func TestMergesKeepEveryMessage(t *testing.T) {
	b, customers := newBench(t, docket.DefaultSettings), 0
	rapid.Check(t, func(rt *rapid.T) {
		customers++
		p := b.pair(fmt.Sprint("leo", customers))
		sent, promised := 2, 0
		at := morning.Add(time.Hour)
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			at = at.Add(time.Minute)
			verdicts := dockettest.Verdicts(6, dockettest.Works, dockettest.Works, dockettest.Works, dockettest.Fails, dockettest.Lost).Draw(rt, "verdicts")
			file := func(m message.Message) {
				in := p.Deliver(m, complaint, at)
				p.Table.Plan(verdicts...)
				err := p.Faulty.File(p.ctx(), in)
				p.Table.Plan()
				if err != nil {
					p.MustFile(in) // delivered again
				}
				sent++
			}
			cmd := func(id string, c casework.Command) bool {
				o := docket.Order{Case: id, By: "ines", Command: c, Now: at}
				p.Table.Plan(verdicts...)
				_, _, err := p.Faulty.Do(p.ctx(), o)
				p.Table.Plan()
				if err != nil && !errors.As(err, new(*casework.Refusal)) {
					_, _, err = p.Do(p.ctx(), o)
				}
				if err != nil && !errors.As(err, new(*casework.Refusal)) && !errors.Is(err, table.ErrUnavailable) {
					rt.Fatal(err)
				}
				return err == nil
			}
			switch rapid.IntRange(0, 5).Draw(rt, "step") {
			case 0:
				file(p.mailOf(fmt.Sprint("m", sent), "mail"))
			case 1:
				file(p.chatOf(fmt.Sprint("d", sent), "chat"))
			case 2:
				cmd(p.chat, casework.Merge{By: "ines", Into: p.mail})
			case 3:
				cmd(p.mail, casework.Merge{By: "ines", Into: p.chat})
			case 4:
				id := p.chat
				if p.MustLoad(p.mail).MergedInto != "" {
					id = p.mail
				}
				other := p.MustLoad(id).MergedInto
				if cmd(id, casework.Unmerge{By: "ines", Why: "no"}) || other != "" && p.MustLoad(id).MergedInto == "" {
					if err := p.Reclaim(p.ctx(), id, other); err != nil {
						rt.Fatal(err)
					}
				}
			case 5:
				id := p.chat
				if c := p.MustLoad(id); c.MergedInto != "" {
					id = c.MergedInto
				}
				before := len(p.MustLoad(id).Promises)
				cmd(id, casework.MakePromise{By: "ines", Text: "x", Due: at.Add(time.Hour)})
				promised += len(p.MustLoad(id).Promises) - before
			}
		}
		a, b := p.MustLoad(p.mail), p.MustLoad(p.chat)
		if got := len(a.Promises) + len(b.Promises); got != promised {
			rt.Fatalf("%d promises, %d were made", got, promised)
		}
		if a.MergedInto != "" && b.MergedInto != "" {
			rt.Fatal("both cases ended")
		}
		has := map[string]map[string]int{}
		for _, id := range []string{p.mail, p.chat} {
			has[id] = map[string]int{}
			log, err := p.Log(p.ctx(), id, 0)
			if err != nil {
				rt.Fatal(err)
			}
			for _, e := range casework.Timeline(log) {
				if m, ok := e.Event.(casework.MessageReceived); ok {
					has[id][m.Message.ID]++
				}
			}
		}
		seen := map[string]bool{}
		for id, messages := range has {
			for m, n := range messages {
				if seen[m] = true; n != 1 {
					rt.Fatalf("%s stands %d times in %s", m, n, id)
				}
			}
		}
		if len(seen) != sent {
			rt.Fatalf("%d of %d messages are there", len(seen), sent)
		}
		if a.MergedInto == "" && b.MergedInto == "" {
			// Apart: each has all that came its way.
			for m := range seen {
				if own := map[byte]string{'m': p.mail, 'd': p.chat}[m[0]]; has[own][m] != 1 {
					rt.Fatalf("%s is not in its own case", m)
				}
			}
		}
	})
}

// Two cases were one for a while, by mistake. Who of the two is erased, or whose case's
// time has come, takes his own case with him and what he said in the other's.
func TestErasureLeavesTheCaseThatParted(t *testing.T) {
	parted := func() *pair {
		p := openPair(t)
		p.do(p.chat, "ines", casework.Merge{By: "ines", Into: p.mail})
		p.MustFile(p.Deliver(p.chatOf("d1", "the zither is mine"), complaint, morning.Add(2*time.Hour)))
		p.do(p.chat, "ines", casework.Unmerge{By: "ines", Why: "two people of one name"})
		if err := p.Reclaim(p.ctx(), p.chat, p.mail); err != nil {
			t.Fatal(err)
		}
		if c := p.MustLoad(p.mail); c.LastText != "" {
			t.Errorf("the list shows the other's words: %q", c.LastText)
		}
		p.MustFile(p.Deliver(p.chatOf("d2", "and the harp"), complaint, morning.Add(3*time.Hour)))
		p.CatchUp()
		return p
	}
	for _, mailer := range []bool{true, false} {
		p := parted()
		his, other, left := p.chat, p.mail, "You charged me twice."
		if mailer {
			his, other, left = p.mail, p.chat, "and the harp"
		}
		who := p.MustLoad(other).Customer.ID
		foreseen, err := p.ForeseeErasure(p.ctx(), p.MustLoad(his).Customer.ID)
		if err != nil || foreseen.Count.Cases != 1 {
			t.Errorf("would take %+v, %v", foreseen.Count, err)
		}
		e, err := p.StartErasure(p.ctx(), p.MustLoad(his).Customer.ID, "tom", "asked", morning.Add(4*time.Hour))
		if err == nil {
			err = p.EraseFromTable(p.ctx(), &e)
		}
		if err == nil {
			err = p.FinishErasure(p.ctx(), &e)
		}
		if err != nil {
			t.Fatal(err)
		}
		p.CatchUp()
		if c := p.MustLoad(other); c.IsErased() || c.Customer.ID != who || c.Messages == 0 || !p.MustLoad(his).IsErased() {
			t.Errorf("the other's case: erased %v, %d messages of %s", c.IsErased(), c.Messages, c.Customer.ID)
		}
		if dump := p.Dump(); !strings.Contains(dump, left) || !mailer && strings.Contains(dump, "zither") {
			t.Errorf("left in the table: %s", dump)
		}
	}
	p := parted()
	p.do(p.mail, "ines", casework.Resolve{By: "ines"})
	p.CatchUp()
	at := morning.Add(800 * 24 * time.Hour)
	if n, err := p.Expire(p.ctx(), at, 10); n != 1 || err != nil {
		t.Fatalf("%d cases expired, %v", n, err)
	}
	all, err := p.Erasures(p.ctx())
	if err != nil || len(all) != 1 {
		t.Fatalf("%+v, %v", all, err)
	}
	if err := errors.Join(p.EraseFromTable(p.ctx(), &all[0]), p.FinishErasure(p.ctx(), &all[0])); err != nil {
		t.Fatal(err)
	}
	if p.MustLoad(p.chat).IsErased() || !p.MustLoad(p.mail).IsErased() {
		t.Error("an open case went with one that it had been a part of")
	}
}

// A case that is part of another goes when that one's time has come, not by itself
// while somebody still waits there.
func TestRetentionLeavesAnOpenCaseWhosePartIsOld(t *testing.T) {
	p := openPair(t)
	p.do(p.chat, "ines", casework.Merge{By: "ines", Into: p.mail})
	p.CatchUp()
	at := morning.Add(800 * 24 * time.Hour)
	if n, err := p.Expire(p.ctx(), at, 10); n != 0 || err != nil {
		t.Errorf("%d cases expired, %v", n, err)
	}
	if all, err := p.Erasures(p.ctx()); err != nil || len(all) != 0 {
		t.Errorf("%+v, %v", all, err)
	}
}
