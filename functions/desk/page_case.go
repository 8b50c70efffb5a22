package desk

import (
	"fmt"
	"strconv"

	. "ines/functions/desk/markup"

	"ines/shared/casework"
)

func (p *casePage) html() Node {
	return p.wide(
		P(Class("back"), A(href(here()), Text("All cases"))),
		Div(Class("top"), H1(Text(p.Customer.Name)), P(Class("jumps"),
			If(p.Shows("replies"), A(Class("jump"), href(anchor("reply-text")), Text("Answer"))),
			A(href(here("customers", p.Customer.ID)), Text("About the customer")))),
		Div(ID("standing"), Data("live", "The case has changed."), p.standing()),
		p.done(),
		If(p.Onward, takeNext(p.Token, "", "")),
		p.refusal(),
		p.spreading(),
		Map(p.Identity, p.mayBe),
		Div(Class("columns"),
			Div(Class("talk"), p.timeline(), p.writing(), p.otherWays()),
			Aside(ID("facts"), Class("facts"), Aria("label", "About this case"), Data("live", ""),
				p.holding(), p.promising(), p.acting(), p.finishing(), p.threads(), p.asking(), p.about(), p.bystanders())))
}

// refusal is where a form was refused: what is said at the form, or, where that is
// not on the page any more, here.
func (p *casePage) refusal() Node {
	switch {
	case p.Homeless() != nil:
		return p.problem(p.Homeless())
	case p.Problem != nil:
		return P(Class("problem-at"), A(href(anchor("problem")), Text("That was refused. See what to do.")))
	}
	return nil
}

func (p *casePage) standing() Node {
	var due, hold Node
	if p.Due.Words != "" {
		level := map[string]string{"late": "alarm", "soon": "warn"}[p.Due.Level]
		due = Span(class("chip", level), Text(p.Due.What+" "), clock(p.Due.At, p.Due.Words))
	}
	if p.Shows("assign") {
		whose := map[string]string{"mine": "yours", "other": p.Owner + " has it"}[p.Hold]
		hold = A(Class("chip hold"), href(anchor("h-owner")), Text(either(whose == "", "nobody’s yet: claim it", whose)))
	}
	return P(Class("standing"),
		chip(string(p.Status), either(p.Status == casework.StatusResolved, "ok", "")),
		chips(
			p.urgencyChip(), p.automaticChip(), due,
			If(p.WaitSpan != "", chip("waits "+p.WaitSpan)),
			If(p.Escalation == "tell_lead", chip("the lead was told", "alarm")),
			If(p.Escalation == "hand_over", chip("handed back", "alarm")),
			If(len(p.Waiting) > 0, chip("waits for a yes", "warn")),
			If(p.BrokenPromise > 0, chip(counted(p.BrokenPromise, "broken promise", "broken promises"), "alarm")),
			If(p.Spreading != nil, chip("spreads: the lead was told", "warn")),
			If(p.Unsent, chip("a reply failed", "alarm")),
			hold,
			If(p.Unconfirmed > 0, chip(counted(p.Unconfirmed, "unconfirmed reply", "unconfirmed replies"), "warn"))))
}

func (p *casePage) spreading() Node {
	s := p.Spreading
	if s == nil {
		return nil
	}
	return Div(Class("notice"), Role("note"),
		P(Strong(Text("This thread spreads.")), Text(fmt.Sprintf(
			" %d others answered within the hour or so before the lead was told, with %d followers together. It is not served sooner for that.", s.Replies, s.Reach))),
		If(s.Proposed == "go_private" && p.Shows("private"), P(A(href(anchor("go-private")), Text("Go on in private?")))))
}

// mayBe asks who the customer is besides; it is answered on his page.
func (p *casePage) mayBe(i casework.IdentityProposal) Node {
	return P(Class("notice"), Text(i.Customer.Label()+" may be "+i.With.Label()+": "+i.Why+". "), A(href(here("customers", i.Customer.ID)), Text("Who is this?")))
}

func (p *casePage) threads() Node {
	return card("h-threads", "Threads", Ul(Class("plainlist"), Map(p.Threads, func(t threadRow) Node {
		return Li(Strong(Text(t.Name)),
			If(t.To != "", Group(Br(), Span(Text("to "+t.To)))),
			Br(), Span(Class(either(t.Open, "muted", "late")), Text(t.Window)))
	})))
}

func (p *casePage) about() Node {
	said := func(name, value string) Node {
		return If(value != "", Group(Dt(Text(name)), Dd(Text(value))))
	}
	other := func(name, id, words string) Node {
		return If(id != "", Group(Dt(Text(name)), Dd(A(href(here("cases", id)), Text(words)))))
	}
	var rated string
	if p.Rating > 0 {
		rated = strconv.Itoa(p.Rating) + " of 5"
	}
	return card("h-about", "About",
		Dl(
			Dt(Text("Department")), Dd(Text(p.Department)),
			said("Topic", p.Topic), said("Kind", p.Kind), said("Tone", p.Tone), said("Language", p.Lang), said("Segment", p.Segment), said("Rated", rated),
			other("Follows up", p.FollowsUp, "an earlier case"),
			Map(p.Absorbed, func(id string) Node { return other("Merged in", id, "another case") }),
			other("Came from", p.LinkedFrom, "somebody else’s case")),
		If(p.Why != "", unfold(false, "Why", P(Text(p.Why)))))
}

func (p *casePage) bystanders() Node {
	if !p.Shows("split") {
		return nil
	}
	rows := make([]Node, len(p.Splittable))
	for i, b := range p.Splittable {
		rows[i] = Li(post(here("cases", p.ID, "split"), Class("inline"),
			hidden("token", p.Token+"/split/"+strconv.Itoa(i)), hidden("author", b.Key),
			Span(Text(b.Name)), Text(" "), Button(Class("plain"), Aria("label", "own case for "+b.Name), Text("own case"))))
	}
	return card("h-bystanders", "Bystanders", p.problem(p.Refused("split")), Ul(Class("plainlist"), Group(rows...)))
}
