package docket_test

import (
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
)

// people is a register on which customers write from several places.
type people struct {
	*bench
	at time.Time
}

func newPeople(t testing.TB) *people { return &people{newBench(t, docket.DefaultSettings), morning} }

func (p *people) tick() time.Time { p.at = p.at.Add(time.Minute); return p.at }

// dm and mail file a message and say in which case it is.
func (p *people) dm(id, who, text string) string {
	p.t.Helper()
	return p.file(dockettest.DM(id, who, text, p.tick()))
}

func (p *people) mail(id, thread, from, text string) string {
	p.t.Helper()
	return p.file(dockettest.Mail(id, thread, from, text, p.tick()))
}

func (p *people) file(m message.Message) string {
	p.t.Helper()
	p.MustFile(p.Deliver(m, complaint, p.at))
	p.CatchUp()
	for _, v := range p.views() {
		log, err := p.Log(p.ctx(), v.ID, 0)
		if err != nil {
			p.t.Fatal(err)
		}
		for _, cm := range log {
			for _, e := range cm.Events {
				if r, ok := e.(casework.MessageReceived); ok && r.Message.ID == m.ID && cm.At.Equal(p.at) {
					return v.ID
				}
			}
		}
	}
	p.t.Fatalf("message %s is nowhere", m.ID)
	return ""
}

func (p *people) views() []casework.View {
	p.t.Helper()
	views, _, err := p.List(p.ctx(), docket.Filter{Limit: 200}, "")
	if err != nil {
		p.t.Fatal(err)
	}
	return views
}

// events are those of a kind in a case's log.
func events[E casework.Event](p *people, id string) (all []E) {
	p.t.Helper()
	log, err := p.Log(p.ctx(), id, 0)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, cm := range log {
		for _, e := range cm.Events {
			if e, ok := e.(E); ok {
				all = append(all, e)
			}
		}
	}
	return all
}

func (p *people) group(id string) *docket.Group {
	p.t.Helper()
	g, err := p.Group(p.ctx(), id)
	if err != nil {
		p.t.Fatal(err)
	}
	return g
}

func xID(who string) string { return casework.CustomerID(message.Handle{Channel: "x", ID: who}) }
func mailID(address string) string {
	return casework.CustomerID(message.Handle{Channel: "email", ID: address})
}

func (p *people) merge(customer, into string) (docket.Decided, error) {
	return p.MergeCustomers(p.ctx(), docket.Decision{Customer: customer, With: into, By: "ines", Why: "she told me", Now: p.tick()})
}

func (p *people) part(customer, who string) (docket.Decided, error) {
	return p.PartCustomers(p.ctx(), docket.Decision{Customer: customer, With: who, By: "ines", Why: "two people", Now: p.tick()})
}

func (p *people) must(d docket.Decided, err error) docket.Decided {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
	p.CatchUp()
	return d
}

func code(err error) string {
	var r *casework.Refusal
	if errors.As(err, &r) {
		return r.Code
	}
	return fmt.Sprint(err)
}

// TestIdentityIsProposedFromEvidence: whichever came first, an address or a booking
// stated in a private message leads to a proposal with its evidence, on the case and
// with both customers; and never to more.
func TestIdentityIsProposedFromEvidence(t *testing.T) {
	const anna = "anna@post.example"
	for name, c := range map[string]struct {
		say  func(p *people) (other, id string) // who the other customer is, and the case with the proposal
		kind string
		how  string
	}{
		"he states an address, then it writes": {func(p *people) (string, string) {
			p.dm("d1", "mara", "My booking is ABC123, mail anna@post.example please")
			return xID("mara"), p.mail("m1", "r1", anna, "any news?")
		}, "email", "writes_from wrote"},
		"an address writes, then he states it": {func(p *people) (string, string) {
			p.mail("m1", "r1", anna, "any news?")
			return mailID(anna), p.dm("d1", "mara", "I wrote to you as Anna@Post.example!")
		}, "email", "wrote writes_from"},
		"both state a booking": {func(p *people) (string, string) {
			p.mail("m1", "r1", anna, "I am booked as 7KX2PM, reservation 7KX2PM")
			return mailID(anna), p.dm("d1", "mara", "booking 7kx2pm is wrong")
		}, "booking", "wrote wrote"},
		"both state an order": {func(p *people) (string, string) {
			p.mail("m1", "r1", anna, "Order no. 20881734 did not arrive")
			return mailID(anna), p.dm("d1", "mara", "where is my order number 20881734?")
		}, "reference", "wrote wrote"},
		"both state a phone number": {func(p *people) (string, string) {
			p.mail("m1", "r1", anna, "ring +44 20 7946 0958")
			return mailID(anna), p.dm("d1", "mara", "my number is 0044 (0)20 7946 0958")
		}, "phone", "wrote wrote"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPeople(t)
			other, id := c.say(p)
			said := events[casework.IdentityProposed](p, id)
			if len(said) != 1 || said[0].With.ID != other || len(said[0].Evidence) != 1 {
				t.Fatalf("proposed: %+v, want one with %s", said, other)
			}
			if e := said[0].Evidence[0]; e.Kind != c.kind || e.Mine+" "+e.Theirs != c.how || strings.Contains(asJSON(t, e), "anna@") {
				t.Errorf("evidence: %+v", e)
			}
			if got := p.MustLoad(id).Identity; len(got) != 1 || got[0].ID != said[0].ID {
				t.Errorf("the case has %+v", got)
			}
			for _, side := range [][2]string{{said[0].Customer.ID, other}, {other, said[0].Customer.ID}} {
				g := p.group(side[0])
				if ps := g.Proposals(side[0]); len(g.Members) != 1 || len(ps) != 1 || ps[0].With != side[1] || ps[0].Case != id || ps[0].ID != said[0].ID {
					t.Errorf("%s has %+v and is one with %v", side[0], ps, g.Members)
				}
			}
			// He says it again: nothing new comes of it.
			p.dm("d9", "mara", "as I said: anna@post.example, booking 7KX2PM, order number 20881734, +44 20 7946 0958")
			p.mail("m9", "r9", anna, "as I said")
			n := 0
			for _, v := range p.views() {
				n += len(events[casework.IdentityProposed](p, v.ID))
			}
			if n != 1 {
				t.Errorf("proposed %d times", n)
			}
		})
	}
}

// TestNoEvidence: nothing counts that was said in public, quoted, written by a machine
// or by a colleague, or is the desk's own; and then nothing is written either.
func TestNoEvidence(t *testing.T) {
	p := newPeople(t)
	p.mail("m1", "r1", "anna@post.example", "any news?")
	p.file(dockettest.Post("p1", "p1", "mara", "my booking is ABC123, mail anna@post.example", p.tick()))
	quoted := dockettest.Mail("m2", "r2", "leo@post.example", "hello\n> my mail is anna@post.example", p.tick())
	quoted.Quoted, quoted.Parent, quoted.Subject = "booking ABC123, anna@post.example", "x", "Re: anna@post.example"
	id := p.file(quoted)
	p.MustDo(id, "ines", casework.SendReply{By: "ines", Text: "Is your mail anna@post.example, booking ABC123?"}, p.at)
	p.MustDo(id, "ines", casework.Note{By: "ines", Text: "anna@post.example"}, p.at)
	machine := dockettest.Mail("m3", "r3", "robot@post.example", "I am away, write to anna@post.example", p.tick())
	machine.Automatic = true
	p.file(machine)
	p.dm("d1", "sam", "I wrote to help@northline.example and help+case@northline.example, ring 020 7946 0958")
	if dump := p.Dump(); strings.Contains(dump, "evidence#") || strings.Contains(dump, "identity_") {
		t.Errorf("something was noted: %s", dump)
	}
}

// TestSeveralMatchesAreRefused: what points to more than one other customer leads to
// nobody, and the timeline says why.
func TestSeveralMatchesAreRefused(t *testing.T) {
	p := newPeople(t)
	p.dm("d1", "mara", "booking ABC123")
	second := p.dm("d2", "leo", "booking ABC123")
	third := p.dm("d3", "sam", "we fly on booking ABC123")
	if n := len(events[casework.IdentityProposed](p, second)); n != 1 {
		t.Errorf("%d proposals where one other matched", n)
	}
	said := events[casework.IdentityWithheld](p, third)
	if len(said) != 1 || said[0].Matches != 2 || said[0].Reason != "several" || len(events[casework.IdentityProposed](p, third)) != 0 {
		t.Errorf("%+v", said)
	}
	p.dm("d4", "sam", "booking ABC123!")
	if n := len(events[casework.IdentityWithheld](p, third)); n != 1 {
		t.Errorf("said %d times", n)
	}
	// One key leads to one, another to somebody else: refused as well.
	p.dm("d5", "una", "order number 555888111")
	p.dm("d6", "vic", "order number 777000222")
	both := p.dm("d7", "wim", "order number 555888111 and order number 777000222")
	if said := events[casework.IdentityWithheld](p, both); len(said) != 1 || said[0].Matches != 2 {
		t.Errorf("%+v", said)
	}
}

// TestADeclineIsRemembered: both ways, and over whoever they become one with.
func TestADeclineIsRemembered(t *testing.T) {
	p := newPeople(t)
	p.dm("d1", "mara", "booking ABC123")
	id := p.dm("d2", "leo", "booking ABC123")
	d := p.must(p.DeclineIdentity(p.ctx(), docket.Decision{Customer: xID("mara"), With: xID("leo"), By: "ines", Why: "brothers", Now: p.tick()}))
	if !slices.Equal(d.Cases, []string{id}) || len(p.MustLoad(id).Identity) != 0 || len(p.group(xID("leo")).Proposals(xID("leo"))) != 0 {
		t.Errorf("declined: %+v, the case has %+v", d, p.MustLoad(id).Identity)
	}
	if said := events[casework.IdentityDeclined](p, id); len(said) != 1 || len(said[0].Proposals) != 1 || said[0].Why != "brothers" {
		t.Errorf("%+v", said)
	}
	for n, who := range []string{"mara", "leo"} {
		code := fmt.Sprint("20880", n, "34")
		p.dm("a"+who, who, "order number "+code)
		other := map[string]string{"mara": "leo", "leo": "mara"}[who]
		got := p.dm("b"+other, other, "order number "+code)
		said := events[casework.IdentityWithheld](p, got)
		if len(said) != 1 || said[0].Reason != "declined" || len(events[casework.IdentityProposed](p, xCase("mara"))) != 0 {
			t.Errorf("%+v", said)
		}
	}
	// Another of leo's handles becomes his: it is not proposed for mara either.
	p.mail("m1", "r1", "leo@post.example", "order number 99887766")
	p.must(p.merge(mailID("leo@post.example"), xID("leo")))
	got := p.dm("d9", "mara", "order number 99887766")
	if n := len(events[casework.IdentityWithheld](p, got)); n != 2 {
		t.Errorf("withheld %d times", n)
	}
	// A colleague may change his mind.
	p.must(p.merge(xID("mara"), xID("leo")))
}

func xCase(who string) string { return casework.CaseID("x", "northline-x", "100-"+who, "") }

// TestSeveralCustomersInOneThread are kept apart: what a participant states concerns
// the participant, and not the case's customer.
func TestSeveralCustomersInOneThread(t *testing.T) {
	p := newPeople(t)
	p.dm("d1", "sam", "booking ABC123")
	id := p.mail("m1", "r1", "anna@post.example", "my husband is in copy")
	if got := p.mail("m2", "r1", "bert@post.example", "hello, it is booking ABC123"); got != id {
		t.Fatalf("he is in %s", got)
	}
	said := events[casework.IdentityProposed](p, id)
	if len(said) != 1 || said[0].Customer.ID != mailID("bert@post.example") || said[0].With.ID != xID("sam") {
		t.Fatalf("%+v", said)
	}
	if ps := p.group(mailID("anna@post.example")).Proposals(mailID("anna@post.example")); len(ps) != 0 {
		t.Errorf("Anna may be %+v", ps)
	}
	// And she herself may be told from her own words.
	p.dm("d2", "una", "order number 555888111")
	p.mail("m3", "r1", "anna@post.example", "order number 555888111")
	if said := events[casework.IdentityProposed](p, id); len(said) != 2 || said[1].Customer.ID != mailID("anna@post.example") {
		t.Errorf("%+v", said)
	}
}

// TestDeletedEvidenceCountsNoMore: whoever takes his message back has not said it.
func TestDeletedEvidenceCountsNoMore(t *testing.T) {
	p := newPeople(t)
	p.dm("d1", "mara", "booking ABC123")
	in := p.Deliver(dockettest.DM("d1", "mara", "", p.tick()), complaint, p.at)
	in.Item = message.Item{Kind: message.KindDelete, Delete: &message.Delete{Channel: "x", Inbox: "northline-x", Thread: "100-mara", ID: "d1", At: p.at}}
	p.MustFile(in)
	if dump := p.Dump(); strings.Contains(dump, "evidence#") {
		t.Errorf("it is noted still: %s", dump)
	}
	id := p.dm("d2", "leo", "booking ABC123")
	if said := events[casework.IdentityProposed](p, id); len(said) != 0 {
		t.Errorf("%+v", said)
	}
}

// TestEvidenceSurvivesFailures: whichever call fails or has its answer lost, a message
// that comes again leads to one proposal.
func TestEvidenceSurvivesFailures(t *testing.T) {
	for n := 0; ; n++ {
		for _, fails := range []dockettest.Verdict{dockettest.Fails, dockettest.Lost} {
			p := newPeople(t)
			p.dm("d1", "mara", "booking ABC123, mail anna@post.example")
			in := p.Deliver(dockettest.Mail("m1", "r1", "anna@post.example", "booking ABC123", p.tick()), complaint, p.at)
			verdicts := make([]dockettest.Verdict, n+1)
			verdicts[n] = fails
			p.Table.Plan(verdicts...)
			err := p.Faulty.File(p.ctx(), in)
			left := p.Table.Left()
			p.Table.Plan()
			if err != nil && !errors.Is(err, table.ErrUnavailable) {
				t.Fatal(err)
			}
			p.MustFile(in)
			p.CatchUp()
			id := casework.CaseID("email", "northline-mail", "r1", "")
			if said := events[casework.IdentityProposed](p, id); len(said) != 1 || len(said[0].Evidence) != 2 {
				t.Fatalf("call %d: %+v", n, said)
			}
			if ps := p.group(xID("mara")).Proposals(xID("mara")); len(ps) != 1 {
				t.Fatalf("call %d: %+v", n, ps)
			}
			if left > 0 {
				if n < 5 {
					t.Errorf("only %d calls", n)
				}
				return
			}
		}
	}
}

// TestTheLinkOfAPublicInvitationIsEvidence: whoever comes with a link that everybody
// could read takes part in the case; that he is its customer is proposed, and a
// colleague may say so, although he has no case of his own.
func TestTheLinkOfAPublicInvitationIsEvidence(t *testing.T) {
	p := newPeople(t)
	p.Register = dockettest.Open(t, dockettest.Setup{Policy: dockettest.Policy(t, inviting)})
	p.MustFile(p.Deliver(dockettest.Post("p1", "p1", "mara", "where is my bag", p.tick()), complaint, p.at))
	id := dockettest.CaseOf("p1")
	token := ""
	_, out := p.MustDo(id, "ines", casework.GoPrivate{By: "ines", Channel: "telegram"}, p.at)
	for _, e := range out {
		if r, ok := e.(casework.ReplyRequested); ok {
			token = after(strings.TrimSuffix(strings.TrimSpace(r.Text), " ^Ines"), "start=")
		}
	}
	h := message.Handle{Channel: "telegram", ID: "5521"}
	say := func(id, thread, token string) {
		m := message.Message{Channel: "telegram", Inbox: "northline-bot", ID: id, Thread: thread, Visibility: message.Private, SentAt: p.tick(), Text: "here I am", Token: token,
			Author: message.Author{Handle: h, Name: "M."}}
		p.MustFile(p.Deliver(m, complaint, p.at))
	}
	say("t1", "chat", token)
	who := casework.CustomerID(h)
	said := events[casework.IdentityProposed](p, id)
	if len(said) != 1 || said[0].Customer.ID != who || said[0].With.ID != mara || said[0].Evidence[0].Kind != casework.EvidenceLink {
		t.Fatalf("%+v", said)
	}
	if c := p.MustLoad(id); c.IsCustomer(h) || len(c.Identity) != 1 {
		t.Errorf("%+v", c)
	}
	if foreseen, err := p.ForeseeErasure(p.ctx(), who); err != nil || foreseen.Count.Handles != 1 || foreseen.Count.Mentions != 1 {
		t.Errorf("erasing him would take %+v, %v", foreseen.Count, err)
	}
	p.must(p.merge(who, mara))
	if c := p.MustLoad(id); !c.IsCustomer(h) || len(c.Identity) != 0 {
		t.Errorf("%+v", c)
	}
	say("t2", "another chat", "")
	if c := p.MustLoad(id); c.Messages != 3 || len(c.Threads) != 3 {
		t.Errorf("what he writes elsewhere is not here: %+v", c.Threads)
	}
	p.resolve(id)
	p.at = p.at.Add(60 * 24 * time.Hour)
	say("t4", "much later", "")
	if c := p.MustLoad(casework.CaseID("telegram", "northline-bot", "much later", "")); c.Customer.ID != who || c.Messages != 1 {
		t.Errorf("what he opens himself: %+v", c)
	}
	p.must(p.part(mara, who))
	say("t3", "third chat", "")
	if c := p.MustLoad(id); c.Messages != 3 || c.IsCustomer(h) {
		t.Errorf("after parting: %+v", c)
	}
}
