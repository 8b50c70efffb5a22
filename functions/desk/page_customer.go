package desk

import (
	"strings"

	. "ines/functions/desk/markup"

	"ines/shared/casework"
	"ines/shared/docket"
)

func (p *customerPage) html() Node {
	return p.wide(
		P(Class("back"), A(href(here()), Text("All cases"))),
		Div(Class("top"), H1(Text(p.Customer.Name))),
		p.known(),
		p.done(),
		If(p.Problem != nil, P(Class("problem-at"), A(href(anchor("problem")), Text("That was refused. See what to do.")))),
		Div(Class("columns"),
			Div(Class("talk"), Section(Aria("labelledby", "h-cases"),
				H2(ID("h-cases"), Class("over"), Text(counted(len(p.Rows), "case", "cases"))),
				Ul(Class("cases first"), Map(p.Rows, func(r row) Node { r.Below = true; return r.html() })))),
			Aside(Class("facts"), Aria("label", "About this customer"), p.identity(), p.reached(), p.profile(), p.forgetting())))
}

// known is what colleagues wrote down, in a glance.
func (p *customerPage) known() Node {
	c := p.Customer
	if c.Called == "" && c.Language == "" && len(c.Tags) == 0 {
		return nil
	}
	return P(Class("standing"),
		If(c.Called != "", chip("called "+c.Called)), If(c.Language != "", chip("writes "+c.Language)),
		Map(c.Tags, func(t string) Node { return chip(t, "ok") }))
}

// reached is where the customer is known, and where he may not be written to.
func (p *customerPage) reached() Node {
	return card("h-handles", "Known as", Ul(Class("plainlist"), Map(p.Customer.Handles, func(h handleJSON) Node {
		name := h.ID
		if h.Username != "" {
			name = "@" + h.Username
		}
		return Li(Strong(Text(channelName(h.Channel))), Br(), Span(Text(name)),
			If(h.Name != "" && h.Name != name && h.Name != p.Customer.Name, Group(Text(" "), muted(h.Name))),
			Br(), muted(origins[h.Source]+", since "+day(h.FirstSeen)),
			Map(h.Refused, func(f refusalJSON) Node {
				return P(Class("late"), Text("Must not be written to there ("+f.Inbox+")"), If(f.Why != "", Text(": “"+f.Why+"”")),
					If(!f.Since.IsZero(), Text(", since "+day(f.Since))), Text("."))
			}))
	})))
}

// origins say how a handle is known to be the customer's.
var origins = map[string]string{casework.SourceWrote: "wrote from there", casework.SourceLink: "came by a link that we had sent", casework.SourceAnswered: "answered there what we wrote",
	casework.SourcePlatform: "the platform says so", casework.SourceMerged: "came with whom he is one with", casework.SourceCase: "of a case that was merged"}

func (p *customerPage) slip(form string) *slip {
	s := &slip{to: here("customers", p.Customer.ID, form), keys: hidden("token", p.Token+"/"+form)}
	if p.Problem != nil && p.Problem.Form == form {
		s.typed, s.problem = p.Problem.typed, p.Problem.html()
	}
	return s
}

func (p *customerPage) profile() Node {
	s := p.slip("profile")
	return card("h-profile", "What colleagues should know", s.folded("Write it down",
		s.with(strings.Join(p.Customer.Tags, ", "), "profile-tags", "tags", "Tags", "such as fan, vulnerable; segments ask for them"),
		s.with(p.Customer.Called, "profile-name", "name", "Wants to be called", ""),
		s.with(p.Customer.Language, "profile-language", "language", "Writes best in", "a tag such as en or pt-BR"),
		Button(Text("Write down"))))
}

// forgetting erases the customer: first it is shown what would go.
func (p *customerPage) forgetting() Node {
	s := p.slip("erase")
	switch {
	case !p.MayErase:
		return card("h-erase", "Forget this customer", P(Class("muted"), Text("That is for: "+p.EraseBy+".")))
	case p.Foreseen != nil:
		return card("h-erase", "Forget this customer",
			Div(Class("problem"), Role("alert"), ID("problem"), TabIndex("-1"),
				P(Strong(Text("This would go for good:"))),
				Ul(Map(lost(p.Foreseen.Counts), func(w string) Node { return Li(Text(w)) })),
				P(Text("Numbers for the reports stay. It can’t be undone."))),
			s.post(hidden("why", p.Why), Button(Class("danger"), Text("Erase "+p.Customer.Name))),
			P(A(href(here("customers", p.Customer.ID)), Text("No, keep it"))))
	}
	return card("h-erase", "Forget this customer", s.folded("Erase all that is known",
		s.line("erase-why", "why", "Who asked for it, and when?", "It is kept, unless it names the customer.", Required()),
		Button(Name("dry_run"), Value("true"), Text("See what would go"))))
}

// lost says what an erasure takes away.
func lost(c docket.Count) []string {
	var all []string
	for _, each := range []struct {
		n         int
		one, many string
	}{
		{c.Cases, "case", "cases"}, {c.Messages, "message", "messages"}, {c.Replies, "reply", "replies"}, {c.Notes, "note, call or promise", "notes, calls and promises"},
		{c.Files, "file", "files"}, {c.Handles, "handle", "handles"}, {c.Mentions, "case of others, as far as they wrote in it", "cases of others, as far as they wrote in them"},
		{c.Deliveries, "delivery in the archive that is known so far", "deliveries in the archive that are known so far"},
	} {
		if each.n > 0 {
			all = append(all, counted(each.n, each.one, each.many))
		}
	}
	return all
}

// forgotten is the page of who was erased.
func (p page) forgotten(gone *problem) Node {
	return p.narrow(
		H1(Text("This customer is forgotten")),
		P(Text(gone.Detail)),
		P(A(href(here()), Text("Back to the cases"))))
}
