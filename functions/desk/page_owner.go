package desk

import (
	"cmp"

	. "ines/functions/desk/markup"

	"ines/shared/policy"
)

func colleagueChoice(c policy.Colleague) choice { return choice{c.ID, c.Name} }

// holding is who has the case, and how it comes to somebody else.
func (p *casePage) holding() Node {
	if !p.Shows("assign") {
		return nil
	}
	assign, transfer := p.slip("assign"), p.slip("transfer")
	departments := choicesOf(p.Departments, func(d policy.Department) choice { return choice{d.ID, cmp.Or(d.Name, d.ID)} })
	return card("h-owner", "Who has it",
		p.holder(),
		assign.folded("Give to a colleague",
			assign.choose("assign-to", "colleague", "Colleague", choicesOf(p.Colleagues, colleagueChoice)...),
			Button(Text("Give"))),
		transfer.folded("Move to another department",
			transfer.choose("transfer-to", "department", "Department", departments...),
			transfer.line("transfer-why", "why", "Why? They read it first.", "", Required()),
			Button(Text("Move"))))
}

func (p *casePage) holder() Node {
	has := func(who string) Node { return P(Strong(Text(who)), Text(", since "), p.Since.html(), Text(".")) }
	switch p.Hold {
	case "mine":
		return Group(has("You"), p.slip("release").post(Button(Text("Release"))))
	case "other":
		take := p.slip("takeover")
		return Group(has(p.Owner), take.folded("Take over",
			take.line("takeover-why", "why", "Why? "+p.Owner+" will read it.", "", Required()),
			Button(Text("Take over"))))
	}
	return Group(P(Class("muted"), Text("Nobody yet.")), p.slip("claim").post(Button(Class("main"), Text("Claim"))))
}
