package desk

import (
	"strconv"
	"time"

	. "ines/functions/desk/markup"
)

// identity is who a customer may be besides, whom he was found to be, and whom not.
func (p *customerPage) identity() Node {
	c := p.Customer
	merge := p.who("merge", "")
	return card("h-who", "Who is this?",
		If(len(c.Proposals)+len(c.MergedFrom)+len(c.Declined) == 0, P(Class("muted"), Text("Nobody else, for all that is known."))),
		Map(c.Proposals, p.proposal),
		Map(c.MergedFrom, p.merged),
		Map(c.Declined, func(n declinedJSON) Node {
			return P(Class("muted"), Text("Not "), p.other(n.With), Text(", says "+p.Name(n.By)+", "+day(n.At)+"."), If(n.Why != "", Text(" "+n.Why)))
		}),
		merge.folded("Somebody whom we know already",
			merge.line("merge-into", "into", "Who is it?", "The address of the customer’s page.", AutoComplete("off"), Required()),
			merge.line("merge-why", "why", "How do you know?", "", Required()),
			Button(Text("They are one"))))
}

// proposal is somebody who he may be: why, and the two answers to it.
func (p *customerPage) proposal(m mayBeJSON) Node {
	yes, no := p.who("merge", m.With.ID), p.who("decline", m.With.ID)
	id := "same-" + m.ID
	return Div(Class("promise"),
		P(Text("May be "), p.other(m.With), Text(": "+m.Why+"."), Text(" "), A(href(here("cases", m.Case)), Text("Where it came up"))),
		yes.folded("They are one person",
			hidden("into", m.With.ID),
			yes.line(id, "why", "How do you know?", "It can be undone.", Required()),
			Button(Class("main"), Text("They are one"))),
		no.post(Class("inline"), hidden("with", m.With.ID), Button(Class("plain"), Text("They are two people"))))
}

// merged is somebody whom a colleague found to be him.
func (p *customerPage) merged(m mergedJSON) Node {
	part := p.who("unmerge", m.Customer.ID)
	return Div(Class("promise"),
		P(Text("One with "), Strong(Text(m.Customer.Name)), Text(", says "+p.Name(m.By)+", "+day(m.At)+": "+m.Why)),
		part.folded("They are two people after all",
			hidden("customer", m.Customer.ID),
			part.line("part-"+m.Customer.ID, "why", "How do you know?", "What was filed meanwhile stays where it is.", Required()),
			Button(Text("Part them"))))
}

func (p *customerPage) other(c customerJSON) Node {
	return A(href(here("customers", c.ID)), Text(either(c.Name == "", "another customer", c.Name)))
}

// who is a form about him and another customer; its problem stands at the right one.
func (p *customerPage) who(form, other string) *slip {
	s := p.slip(form)
	s.keys = Group(hidden("token", p.Token+"/"+form+"/"+other), hidden("version", strconv.FormatInt(p.Customer.Version, 10)))
	if s.typed != nil && other != "" && s.typed.Get("into") != other && s.typed.Get("with") != other && s.typed.Get("customer") != other ||
		s.typed != nil && other == "" && p.proposed(s.typed.Get("into")) {
		s.typed, s.problem = nil, nil
	}
	return s
}

// proposed reports whether somebody has a form of his own on the page.
func (p *customerPage) proposed(id string) bool {
	for _, m := range p.Customer.Proposals {
		if m.With.ID == id {
			return true
		}
	}
	return false
}

func day(t time.Time) string { return t.UTC().Format("2 January 2006") }
