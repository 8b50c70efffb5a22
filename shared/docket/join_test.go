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
)

const annas = "anna@post.example"

var (
	mara = xID("mara")
	anna = mailID(annas)
)

func mailCase(thread string) string {
	return casework.CaseID("email", "northline-mail", thread, "")
}

func (p *people) resolve(id string) {
	p.t.Helper()
	p.MustDo(id, "ines", casework.Resolve{By: "ines"}, p.tick())
	p.CatchUp()
}

// TestMergedCustomersAreOne: one history, one profile, and what either writes finds
// what the other has open; the open cases stay two, and each says what happened.
func TestMergedCustomersAreOne(t *testing.T) {
	p := newPeople(t)
	chat := p.dm("d1", "mara", "hello?")
	mail := p.mail("m1", "r1", annas, "hello!")
	for id, profile := range map[string]casework.Profile{mara: {Tags: []string{"fan"}, Name: "Mara"}, anna: {Tags: []string{"vulnerable"}, Language: "de"}} {
		if _, err := p.SetProfile(p.ctx(), id, func(q *casework.Profile) { *q = profile }, nil); err != nil {
			t.Fatal(err)
		}
	}
	before := p.Dump()
	d := p.must(p.merge(anna, mara))
	if d.Customer != mara || !slices.Equal(d.Members, []string{mara, anna}) || len(d.Cases) != 2 || len(d.Separate) != 2 || d.Version != 2 || p.group(anna).Version() != 2 {
		t.Errorf("merged: %+v", d)
	}
	for _, id := range []string{chat, mail} {
		said := events[casework.CustomersMerged](p, id)
		if len(said) != 1 || said[0].Customer.ID != anna || said[0].Into.ID != mara || len(said[0].People) != 1 || len(said[0].OtherCases) != 1 || said[0].Why != "she told me" {
			t.Errorf("case %s says %+v", id, said)
		}
		c := p.MustLoad(id)
		if c.Status != casework.StatusOpen || c.MergedInto != "" || !c.IsCustomer(message.Handle{Channel: "x", ID: "mara"}) || !c.IsCustomer(message.Handle{Channel: "email", ID: annas}) {
			t.Errorf("case %s: %+v", id, c)
		}
	}
	if views, err := p.Customers(p.ctx(), p.group(anna).Members...); err != nil || len(views) != 2 {
		t.Errorf("history: %+v, %v", views, err)
	}
	if q, err := p.Profile(p.ctx(), anna); err != nil || asJSON(t, q) != `{"name":"Mara","language":"de","tags":["fan","vulnerable"]}` {
		t.Errorf("profile: %+v, %v", q, err)
	}
	// Each goes on where he is; who has nothing open joins what the other has.
	if got := p.mail("m2", "r2", annas, "new thread"); got != mail {
		t.Errorf("her own open case is %s, it went to %s", mail, got)
	}
	p.resolve(mail)
	if got := p.mail("m3", "r3", annas, "another thread"); got != chat {
		t.Errorf("it went to %s", got)
	}
	c := p.MustLoad(chat)
	if c.Messages != 2 || c.LastText != "another thread" || len(c.Threads) != 2 {
		t.Errorf("%+v", c)
	}
	if e := casework.Timeline(mustLog(p, chat)); e[len(e)-1].Kind == "" || !slices.ContainsFunc(e, func(e casework.Entry) bool { return e.By == "customer" && e.Text == "another thread" }) {
		t.Error("she is not the customer there")
	}
	// A second delivery is one, wherever it went.
	again := dockettest.Mail("m3", "r3", annas, "another thread", p.at)
	p.MustFile(p.Deliver(again, complaint, p.tick()))
	if n := p.MustLoad(chat).Messages; n != 2 {
		t.Errorf("%d messages", n)
	}

	p.must(p.part(anna, ""))
	for _, id := range []string{chat, mail} {
		if said := events[casework.CustomersParted](p, id); len(said) != 1 || said[0].Filed != (id == chat) || said[0].Customer.ID != anna {
			t.Errorf("case %s says %+v", id, said)
		}
	}
	if c = p.MustLoad(chat); c.IsCustomer(message.Handle{Channel: "email", ID: annas}) || c.Messages != 2 || len(c.Threads) != 1 || c.LastThread != "t1" {
		t.Errorf("after parting: %+v", c)
	}
	if c = p.MustLoad(mail); c.IsCustomer(message.Handle{Channel: "x", ID: "mara"}) {
		t.Errorf("after parting: %+v", c)
	}
	if q, err := p.Profile(p.ctx(), anna); err != nil || asJSON(t, q) != `{"language":"de","tags":["vulnerable"]}` {
		t.Errorf("profile: %+v, %v", q, err)
	}
	// The conversation that went to the other's case goes on in one of her own, and
	// nobody answers her from the other's.
	split := events[casework.BystanderSplit](p, chat)
	if len(split) != 1 {
		t.Fatalf("%+v", split)
	}
	if err := p.OpenSplit(p.ctx(), split[0].Case, docket.Split{From: chat, Author: split[0].Author}); err != nil {
		t.Fatal(err)
	}
	p.CatchUp()
	if got := p.mail("m4", "r3", annas, "and now?"); got != split[0].Case {
		t.Errorf("it went to %s", got)
	}
	if c = p.MustLoad(split[0].Case); c.Customer.ID != anna || c.Messages != 2 {
		t.Errorf("her own: %+v", c)
	}
	if got := p.dm("d2", "mara", "me again"); got != chat {
		t.Errorf("it went to %s", got)
	}
	if before == p.Dump() {
		t.Error("nothing happened")
	}
}

func mustLog(p *people, id string) []casework.Commit {
	p.t.Helper()
	log, err := p.Log(p.ctx(), id, 0)
	if err != nil {
		p.t.Fatal(err)
	}
	return log
}

// TestPartingLeavesNoTrace: for messages it is as if the two had never been joined.
func TestPartingLeavesNoTrace(t *testing.T) {
	where := func(join bool) (got []string) {
		p := newPeople(t)
		p.dm("d1", "mara", "hello")
		p.mail("m1", "r1", annas, "hello")
		if join {
			p.must(p.merge(anna, mara))
			p.must(p.part(mara, anna))
		} else {
			p.at = p.at.Add(2 * time.Minute)
		}
		for _, id := range []string{xCase("mara"), mailCase("r1")} {
			p.resolve(id)
		}
		p.at = p.at.Add(60 * 24 * time.Hour)
		got = append(got, p.mail("m2", "r2", annas, "new"), p.dm("d2", "mara", "old thread"), p.mail("m3", "r3", annas, "newer"),
			p.file(dockettest.Post("p1", "p1", "mara", "in public", p.tick())))
		for _, id := range []string{mara, anna} {
			got = append(got, fmt.Sprint(p.group(id).Members))
		}
		return got
	}
	if plain, parted := where(false), where(true); !slices.Equal(plain, parted) {
		t.Errorf("%v, and %v after they were joined and parted", plain, parted)
	}
}

// TestMergeRefuses what makes no sense.
func TestMergeRefuses(t *testing.T) {
	p := newPeople(t)
	p.dm("d1", "mara", "hello")
	p.mail("m1", "r1", annas, "hello")
	p.dm("d2", "sam", "hello")
	for name, c := range map[string]struct {
		err  func() error
		want string
	}{
		"himself":       {func() error { _, err := p.merge(mara, mara); return err }, casework.CodeInvalid},
		"nobody":        {func() error { _, err := p.merge(mara, "nobody"); return err }, casework.CodeNotFound},
		"of nobody":     {func() error { _, err := p.merge("nobody", mara); return err }, `no such customer: "nobody"`},
		"parts alone":   {func() error { _, err := p.part(mara, ""); return err }, casework.CodeInvalid},
		"parts a third": {func() error { p.must(p.merge(anna, mara)); _, err := p.part(mara, xID("sam")); return err }, casework.CodeNotFound},
		"a stranger's": {func() error {
			_, err := p.MergeCustomers(p.ctx(), docket.Decision{Customer: xID("sam"), With: mara, By: "mallory", Why: "x", Now: p.at})
			return err
		}, casework.CodeNotAllowed},
		"stale": {func() error {
			_, err := p.MergeCustomers(p.ctx(), docket.Decision{Customer: xID("sam"), With: mara, By: "ines", Why: "x", Now: p.at, IfVersion: 7})
			return err
		}, casework.CodeVersionStale},
	} {
		if got := code(c.err()); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	if got := func() string { _, err := p.merge(mara, anna); return code(err) }(); got != casework.CodeOneCustomer {
		t.Errorf("the other way round: %s", got)
	}
	if got := func() string { _, err := p.part(mara, ""); return code(err) }(); got != casework.CodeInvalid {
		t.Errorf("the root: %s", got)
	}
	d, err := p.PartCustomers(p.ctx(), docket.Decision{Customer: mara, Handle: "email::" + annas, By: "ines", Why: "x", Now: p.at})
	if p.must(d, err); d.Customer != anna {
		t.Errorf("%+v", d)
	}
}

// TestBrandsAreNeverJoined: customers of different brands are not proposed to be one,
// nor made one; who writes to both is another's only where that one writes, too.
func TestBrandsAreNeverJoined(t *testing.T) {
	two := dockettest.Policy(t, strings.NewReplacer("}]\ncommunities", "}, {id: southline}]\ncommunities",
		"languages: [en]}]", "languages: [en]}, {id: southline-en, brand: southline, languages: [en]}]",
		"  - {id: northline-mail", "  - {id: southline-x, channel: x, account: \"200\", community: southline-en}\n  - {id: northline-mail").Replace(dockettest.Desk))
	b := &bench{dockettest.Open(t, dockettest.Setup{Policy: two, Settings: docket.DefaultSettings, Channels: anything{}}), t, docket.DefaultSettings}
	p := &people{b, morning}
	p.mail("m1", "r1", annas, "booking ABC123")
	south := dockettest.DM("d1", "mara", "booking ABC123, "+annas, p.tick())
	south.Inbox = "southline-x"
	id := p.file(south)
	if said := events[casework.IdentityProposed](p, id); len(said) != 0 {
		t.Errorf("%+v", said)
	}
	if _, err := p.merge(anna, mara); code(err) != casework.CodeInvalid {
		t.Errorf("merged over brands: %v", err)
	}
	p.dm("d2", "mara", "and here, too")
	p.must(p.merge(anna, mara))
	p.resolve(mailCase("r1"))
	if got := p.mail("m2", "r2", annas, "hello"); got != xCase("mara") {
		t.Errorf("it went to %s", got)
	}
}

// TestMergesInOppositeDirections: two colleagues at once make one tree, and no circle.
func TestMergesInOppositeDirections(t *testing.T) {
	for range 5 {
		p := newPeople(t)
		p.dm("d1", "mara", "hello")
		p.mail("m1", "r1", annas, "hello")
		var wg sync.WaitGroup
		for _, side := range [][2]string{{mara, anna}, {anna, mara}} {
			wg.Go(func() {
				_, err := p.MergeCustomers(p.ctx(), docket.Decision{Customer: side[0], With: side[1], By: "ines", Why: "x", Now: p.at})
				if err != nil && code(err) != casework.CodeOneCustomer {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if a, b := p.group(mara), p.group(anna); len(a.Members) != 2 || !slices.Equal(a.Members, b.Members) {
			t.Fatalf("%v and %v", a.Members, b.Members)
		}
	}
}

// TestMergedCustomersOpenOneCase: first messages of all who are one, at the same moment,
// open one case.
func TestMergedCustomersOpenOneCase(t *testing.T) {
	p := newPeople(t)
	for _, id := range []string{p.dm("d1", "mara", "x"), p.mail("m1", "r1", annas, "x"), p.mail("m2", "r2", "third@post.example", "x")} {
		p.resolve(id)
	}
	p.must(p.merge(anna, mara))
	p.must(p.merge(mailID("third@post.example"), anna))
	for round := range 4 {
		p.at = p.at.Add(60 * 24 * time.Hour)
		at := p.tick()
		var wg sync.WaitGroup
		for n, m := range []message.Message{dockettest.Post(fmt.Sprint("p", round), fmt.Sprint("p", round), "mara", "y", at),
			dockettest.Mail(fmt.Sprint("m1", round), fmt.Sprint("n1", round), annas, "y", at), dockettest.Mail(fmt.Sprint("m2", round), fmt.Sprint("n2", round), "third@post.example", "y", at)} {
			in := dockettest.Incoming(fmt.Sprint("e", round, n), m, complaint, at)
			wg.Go(func() {
				if err := p.File(p.ctx(), in); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		p.CatchUp()
		var open []string
		for _, v := range p.views() {
			if v.Status != casework.StatusResolved {
				open = append(open, v.ID)
			}
		}
		if len(open) != 1 || p.MustLoad(open[0]).Messages != 3 {
			t.Fatalf("round %d: open are %v", round, open)
		}
		p.resolve(open[0])
	}
}

// TestMergeAndMessageAtOnce: a message that is being filed while its author is merged
// is in one case.
func TestMergeAndMessageAtOnce(t *testing.T) {
	for n := range 8 {
		p := newPeople(t)
		p.dm("d1", "mara", "x")
		p.resolve(p.mail("m1", "r1", annas, "x"))
		in := p.Deliver(dockettest.Mail("m2", "r2", annas, "y", p.tick()), complaint, p.at)
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := p.File(p.ctx(), in); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			if _, err := p.MergeCustomers(p.ctx(), docket.Decision{Customer: anna, With: mara, By: "ines", Why: "x", Now: p.at}); err != nil {
				t.Error(err)
			}
		})
		wg.Wait()
		p.CatchUp()
		sum := 0
		for _, v := range p.views() {
			sum += v.Messages
		}
		if sum != 3 || len(p.group(anna).Members) != 2 {
			t.Fatalf("try %d: %d messages", n, sum)
		}
	}
}

// TestRefusalStaysWithItsHandle: who has refused to be written to somewhere still has,
// and may be written to where he has not.
func TestRefusalStaysWithItsHandle(t *testing.T) {
	p := newPeople(t)
	chat, mail := p.dm("d1", "mara", "x"), p.mail("m1", "r1", annas, "x")
	h := message.Handle{Channel: "x", ID: "mara"}
	p.MustFile(docket.Incoming{Envelope: "stop", Items: 1, At: p.tick(), Item: message.Item{Kind: message.KindConsent, Consent: &message.Consent{ID: "stop", Channel: "x",
		Inbox: "northline-x", Thread: "100-mara", Refused: true, At: p.at, Author: message.Author{Handle: h}}}})
	p.must(p.merge(mara, anna))
	for _, id := range []string{chat, mail} {
		for _, th := range p.MustLoad(id).Threads {
			if (th.Refused != "") != (th.Channel == "x") {
				t.Errorf("case %s: %+v", id, th)
			}
		}
	}
	p.must(p.part(mara, ""))
	if c, err := p.Refused(p.ctx(), "northline-x", h); c == nil || err != nil {
		t.Errorf("%+v, %v", c, err)
	}
	if c, err := p.Refused(p.ctx(), "northline-mail", message.Handle{Channel: "email", ID: annas}); c != nil || err != nil {
		t.Errorf("%+v, %v", c, err)
	}
}

// TestMergeSurvivesFailures: whatever call fails, or is done and its answer lost, a
// merge is whole or not there, and so is its undoing.
func TestMergeSurvivesFailures(t *testing.T) {
	for n := 0; ; n++ {
		var left int
		for _, fails := range []dockettest.Verdict{dockettest.Fails, dockettest.Lost} {
			p := newPeople(t)
			chat, mail := p.dm("d1", "mara", "x"), p.mail("m1", "r1", annas, "x")
			try := func(do func(d *docket.Docket) error, done string) {
				verdicts := make([]dockettest.Verdict, n+1)
				verdicts[n] = fails
				p.Table.Plan(verdicts...)
				err := do(p.Faulty)
				left = p.Table.Left()
				p.Table.Plan()
				if err == nil {
					return
				}
				if !errors.Is(err, table.ErrUnavailable) {
					t.Fatal(err)
				}
				if err = do(p.Docket); err != nil && code(err) != done {
					t.Fatal(err)
				}
			}
			told := func(want int) {
				t.Helper()
				for _, id := range []string{chat, mail} {
					if a, b := len(events[casework.CustomersMerged](p, id)), len(events[casework.CustomersParted](p, id)); a != 1 || b != want {
						t.Fatalf("call %d: case %s says it %d and %d times", n, id, a, b)
					}
				}
			}
			d := docket.Decision{Customer: anna, With: mara, By: "ines", Why: "x", Now: p.tick()}
			try(func(on *docket.Docket) error { _, err := on.MergeCustomers(p.ctx(), d); return err }, casework.CodeOneCustomer)
			told(0)
			d.With = ""
			try(func(on *docket.Docket) error { _, err := on.PartCustomers(p.ctx(), d); return err }, casework.CodeInvalid)
			told(1)
			if a, b := p.group(mara), p.group(anna); len(a.Members) != 1 || len(b.Members) != 1 {
				t.Fatalf("call %d: %v and %v", n, a.Members, b.Members)
			}
		}
		if left > 0 {
			if n < 5 {
				t.Errorf("only %d calls", n)
			}
			return
		}
	}
}

// TestATransactionHoldsIt: twelve customers, or one with more open cases than a
// transaction of DynamoDB can tell, are joined and parted at once; a thirteenth is not.
func TestATransactionHoldsIt(t *testing.T) {
	p := newPeople(t)
	for n := range 13 {
		p.MustFile(p.Deliver(dockettest.DM(fmt.Sprint("d", n), fmt.Sprint("c", n), "x", p.tick()), complaint, p.at))
	}
	p.CatchUp()
	for n := 1; n < 12; n++ {
		p.must(p.merge(xID(fmt.Sprint("c", n)), xID("c0")))
	}
	if _, err := p.merge(xID("c12"), xID("c3")); code(err) != casework.CodeInvalid {
		t.Errorf("a thirteenth: %v", err)
	}
	if d := p.must(p.part(xID("c0"), xID("c7"))); len(d.Cases) != 12 || len(p.group(xID("c0")).Members) != 11 {
		t.Errorf("%+v", d)
	}

	// Somebody who asks for something in ninety threads of others has ninety cases.
	asks := casework.About{Kind: "request", Urgency: "normal", Language: "en"}
	for n := range 90 {
		thread := fmt.Sprint("t", n)
		p.MustFile(p.Deliver(dockettest.Post(thread, thread, fmt.Sprint("o", n), "x", p.tick()), complaint, p.at))
		p.MustFile(p.Deliver(dockettest.Post(thread+"b", thread, "busy", "and me?", p.tick()), asks, p.at))
		for _, s := range events[casework.BystanderSplit](p, dockettest.CaseOf(thread)) {
			if err := p.OpenSplit(p.ctx(), s.Case, docket.Split{From: dockettest.CaseOf(thread), Author: s.Author}); err != nil {
				t.Fatal(err)
			}
		}
	}
	p.CatchUp()
	if d := p.must(p.merge(xID("busy"), xID("c12"))); len(d.Cases) < 80 || len(d.Separate) != 91 {
		t.Errorf("%d cases say so, %d are separate", len(d.Cases), len(d.Separate))
	}
	if d := p.must(p.part(xID("busy"), "")); len(d.Cases) < 80 {
		t.Errorf("%d cases say so", len(d.Cases))
	}
}
