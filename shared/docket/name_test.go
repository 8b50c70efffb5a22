package docket_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
	"ines/shared/message"
	"ines/shared/table"
)

// nameless takes the name from a message.
func nameless(m message.Message) message.Message {
	m.Author.Name = ""
	return m
}

// stranger is a case of somebody who wrote under an id alone, and the job to ask for
// him.
func (b *bench) stranger(id, who string, at time.Time) docket.NameJob {
	b.t.Helper()
	m := nameless(dockettest.DM(id, who, "where is my bag?", at))
	m.Thread += "-" + id
	b.MustFile(b.Deliver(m, complaint, at))
	c := b.MustLoad(dockettest.CaseOf(m.Thread))
	return docket.NameJob{Case: c.ID, Customer: c.Customer.ID, Handle: c.Customer.Handle, Inbox: m.Inbox, Thread: m.Thread}
}

func (b *bench) tell(j docket.NameJob, name string) {
	b.t.Helper()
	if err := b.TellName(b.ctx(), j, message.Author{Name: name}, true, morning.Add(time.Minute)); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) named(id string) (n int) {
	b.t.Helper()
	log, err := b.Log(b.ctx(), id, 0)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, cm := range log {
		for _, e := range cm.Events {
			if _, ok := e.(casework.AuthorNamed); ok {
				n++
			}
		}
	}
	return n
}

// TestANameIsKeptOnceAndTheCaseIsToldOnce: whatever fails at whatever call, in the end
// the answer is kept, the case has one name, and the list shows it.
func TestANameIsKeptOnceAndTheCaseIsToldOnce(t *testing.T) {
	for n := range 14 {
		b := newBench(t, docket.DefaultSettings)
		j := b.stranger("1", "700", morning)
		b.MustDo(j.Case, "ines", casework.Claim{By: "ines"}, morning)
		plan := slices.Repeat([]dockettest.Verdict{dockettest.Works}, n/2)
		b.Table.Plan(append(plan, dockettest.Fails+dockettest.Verdict(n%2))...)
		for try := 0; ; try++ {
			err := b.Faulty.TellName(b.ctx(), j, message.Author{Name: " Leo\u202e  Kant"}, true, morning.Add(time.Minute))
			if err == nil {
				break
			}
			if !errors.Is(err, table.ErrUnavailable) || try > 20 {
				t.Fatal(err)
			}
		}
		if n == 0 && b.Table.Left() > 0 {
			t.Fatal("nothing failed")
		}
		b.Table.Plan()
		b.tell(j, "Leo Kant") // the job again
		c := b.MustLoad(j.Case)
		if c.Customer.Name != "Leo Kant" || b.named(j.Case) != 1 || c.Owner != "ines" {
			t.Fatalf("named %d times, the customer is %+v", b.named(j.Case), c.Customer)
		}
		if a, asked, err := b.Called(b.ctx(), j.Handle, morning); !asked || a.Name != "Leo Kant" || err != nil {
			t.Fatalf("kept %+v, %t, %v", a, asked, err)
		}
		b.CatchUp()
		views, err := b.Customer(b.ctx(), j.Customer)
		if err != nil || len(views) != 1 || views[0].Customer.Name != "Leo Kant" || views[0].Version != c.Seq {
			t.Fatalf("the list shows %+v, %v", views, err)
		}
	}
}

func TestThatAPlatformTellsNothingIsRememberedToo(t *testing.T) {
	b := newBench(t, docket.DefaultSettings)
	j := b.stranger("1", "700", morning)
	before := b.MustLoad(j.Case).Seq
	if _, asked, err := b.Called(b.ctx(), j.Handle, morning); asked || err != nil {
		t.Fatalf("asked before anybody was: %v", err)
	}
	b.tell(j, "")
	b.tell(j, "")
	if a, asked, err := b.Called(b.ctx(), j.Handle, morning); !asked || a.Name != "" || err != nil {
		t.Errorf("kept %+v, %t, %v", a, asked, err)
	}
	if c := b.MustLoad(j.Case); c.Seq != before {
		t.Errorf("the case is at %d, was at %d", c.Seq, before)
	}
}

// TestAnAnswerHoldsForAWhile: then it is asked anew, and a next case does not begin
// under the old name.
func TestAnAnswerHoldsForAWhile(t *testing.T) {
	b := newBench(t, docket.DefaultSettings)
	j := b.stranger("1", "700", morning)
	b.tell(j, "Leo Kant")
	half := morning.Add(180 * 24 * time.Hour)
	for at, want := range map[time.Time]bool{half: true, half.Add(time.Minute): false} {
		if a, asked, err := b.Called(b.ctx(), j.Handle, at); asked != want || (a.Name != "") != want || err != nil {
			t.Errorf("at %s: %+v, %t, %v", at, a, asked, err)
		}
	}
	b.MustDo(j.Case, "ines", casework.Resolve{By: "ines"}, morning)
	m := nameless(dockettest.DM("9", "700", "my other bag", half.Add(time.Hour)))
	b.MustFile(b.Deliver(m, complaint, m.SentAt))
	b.CatchUp()
	views, err := b.Customer(b.ctx(), j.Customer)
	if err != nil || views[0].ID == j.Case || views[0].Customer.Name != "" {
		t.Fatalf("%+v, %v", views[0], err)
	}
	again := j
	again.Case = views[0].ID
	if err := b.TellName(b.ctx(), again, message.Author{Name: "Leo Kant-Moreau"}, true, m.SentAt); err != nil {
		t.Fatal(err)
	}
	if a, asked, err := b.Called(b.ctx(), j.Handle, m.SentAt); !asked || a.Name != "Leo Kant-Moreau" || err != nil {
		t.Errorf("asked again: %+v, %t, %v", a, asked, err)
	}
}

// TestUnnamed: what a job that waited is still good for.
func TestUnnamed(t *testing.T) {
	b := newBench(t, docket.DefaultSettings)
	j := b.stranger("1", "700", morning)
	ask := func(what string, j docket.NameJob, want bool) {
		t.Helper()
		if got, err := b.Unnamed(b.ctx(), j); got != want || err != nil {
			t.Errorf("%s: unnamed is %t, %v", what, got, err)
		}
	}
	ask("at first", j, true)
	other := j
	other.Handle.ID = "701"
	ask("of somebody else", other, false)
	other = j
	other.Case = "no-such-case"
	ask("of no case", other, false)
	if err := b.TellName(b.ctx(), other, message.Author{Name: "Leo"}, true, morning); err != nil {
		t.Errorf("told to no case: %v", err)
	}
	m := dockettest.DM("2", "700", "hello?", morning.Add(time.Second))
	m.Author.Name = "Leo himself"
	b.MustFile(b.Deliver(m, complaint, morning))
	ask("when he has written under his name", j, false)
	b.tell(j, "Leo Kant")
	if c := b.MustLoad(j.Case); c.Customer.Name != "Leo himself" {
		t.Errorf("the customer is called %q", c.Customer.Name)
	}
}

// TestWhoIsKnownOpensHisNextCaseUnderHisName, in private and in public, and nobody has
// to be asked again.
func TestWhoIsKnownOpensHisNextCaseUnderHisName(t *testing.T) {
	b := newBench(t, docket.DefaultSettings)
	j := b.stranger("1", "700", morning)
	b.tell(j, "Leo Kant")
	b.MustDo(j.Case, "ines", casework.Resolve{By: "ines"}, morning)
	at := morning.Add(60 * 24 * time.Hour)
	for _, m := range []message.Message{
		nameless(dockettest.DM("9", "700", "my other bag", at)),
		nameless(dockettest.Post("10", "10", "700", "and another", at.Add(60*24*time.Hour))),
	} {
		b.MustFile(b.Deliver(m, complaint, m.SentAt))
		b.CatchUp()
		views, err := b.Customer(b.ctx(), j.Customer)
		if err != nil || views[0].Customer.Name != "Leo Kant" || views[0].ID == j.Case {
			t.Fatalf("%s opened %+v, %v", m.ID, views[0].Customer, err)
		}
		if n := b.named(views[0].ID); n != 0 {
			t.Errorf("%s: the case was told of a name that it had", m.ID)
		}
		b.MustDo(views[0].ID, "ines", casework.Resolve{By: "ines"}, m.SentAt)
	}
}

// TestACaseThatBecamePartOfAnotherPassesTheNameOn.
func TestACaseThatBecamePartOfAnotherPassesTheNameOn(t *testing.T) {
	b := newBench(t, docket.DefaultSettings)
	j := b.stranger("1", "700", morning)
	into := b.stranger("2", "800", morning)
	b.MustDo(j.Case, "ines", casework.Merge{By: "ines", Into: into.Case}, morning)
	b.tell(j, "Leo Kant")
	c := b.MustLoad(into.Case)
	if i := slices.IndexFunc(c.Handles, func(p casework.Person) bool { return p.Handle == j.Handle }); i < 0 || c.Handles[i].Name != "Leo Kant" {
		t.Errorf("the case knows %+v", c.Handles)
	}
	if c.Customer.Name != "" {
		t.Errorf("its own customer is called %q", c.Customer.Name)
	}
}

// TestOfSomebodyWhoWasErasedNoNameIsKept: a job that waited meanwhile writes nothing,
// whenever it comes, and what was written before goes.
func TestOfSomebodyWhoWasErasedNoNameIsKept(t *testing.T) {
	for _, when := range []string{"before", "under way", "after"} {
		b := newBench(t, docket.DefaultSettings)
		j := b.stranger("1", "700", morning)
		b.CatchUp()
		if when == "before" {
			b.tell(j, "Leo Winterbourne")
		}
		e, err := b.StartErasure(b.ctx(), j.Customer, "tom", "he asked", morning)
		if err != nil {
			t.Fatal(err)
		}
		if when == "under way" {
			b.tell(j, "Leo Winterbourne")
		}
		if err := errors.Join(b.EraseFromTable(b.ctx(), &e), b.FinishErasure(b.ctx(), &e)); err != nil {
			t.Fatal(err)
		}
		if still, err := b.Unnamed(b.ctx(), j); still || err != nil {
			t.Errorf("%s: he is still to be asked for, %v", when, err)
		}
		b.tell(j, "Leo Winterbourne")
		b.CatchUp()
		if strings.Contains(b.Dump(), "Winterbourne") {
			t.Errorf("told %s: the table still has the name", when)
		}
		// Who writes again is somebody new, who may be asked for.
		again := b.stranger("2", "700", morning.Add(time.Hour))
		if again.Customer == j.Customer || b.MustLoad(again.Case).Customer.Name != "" {
			t.Errorf("told %s: he came back as %+v", when, b.MustLoad(again.Case).Customer)
		}
		b.tell(again, "Leo Returned")
		if c := b.MustLoad(again.Case); c.Customer.Name != "Leo Returned" {
			t.Errorf("told %s: come back he is called %q", when, c.Customer.Name)
		}
	}
}
