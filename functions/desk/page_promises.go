package desk

import (
	. "ines/functions/desk/markup"
)

// promising is what was promised, and what sounds like it.
func (p *casePage) promising() Node {
	var open Node = Map(p.Promises, p.promise)
	if len(p.Promises) == 0 {
		open = P(Class("muted"), Text("None open."))
	}
	var make Node
	if p.Shows("promises") {
		s := p.slip("promises")
		make = s.folded("Promise something",
			s.line("promise-text", "text", "What did you promise?", "", Required()),
			s.line("promise-due", "due", "By when?", "30m, 2h, 1d, 15:30 or 2026-05-01 09:00, "+p.Zone, List("spans"), Required()),
			Button(Text("Promise")))
	}
	return card("h-promises", "Promises", open, Map(p.Exposed, p.exposed), Map(p.Heard, p.heard), make,
		DataList(ID("spans"), Map([]string{"15m", "30m", "1h", "2h", "4h", "1d"}, func(s string) Node { return Option(Value(s)) })))
}

func (p *casePage) promise(pr promiseRow) Node {
	keep, move := p.slip("promises/"+pr.ID+"/keep"), p.slip("promises/"+pr.ID+"/move")
	by := "· " + pr.Owner
	if pr.MadeBy != "" {
		by += ", promised by " + pr.MadeBy
	}
	return Div(Class("promise"),
		P(Strong(Text(pr.Text)), Br(),
			Span(class(pr.Due.Level), clock(pr.Due.At, pr.Due.Words), If(pr.Broken, Text(", broken"))), Text(" "), muted(by)),
		keep.post(Class("inline"), Button(Text("Kept"))),
		move.folded("Move",
			move.line("due-"+pr.ID, "due", "By when now?", "", List("spans"), Placeholder("1h"), Required()),
			move.line("why-"+pr.ID, "why", "Why?", "", Required()),
			move.line("tell-"+pr.ID, "tell", "What does the customer read?", "Empty: the two times, and that you are sorry."),
			move.tick("quiet", "true", "I tell the customer myself"),
			Button(Text("Move"))))
}

// exposed is personal data that stands in public, and the warning to send.
func (p *casePage) exposed(x exposedRow) Node {
	return Div(Class("promise heard"),
		P(Text("Personal data stands in public ("+x.Kinds+"). Warn the customer?"), Br(), Text("“"+x.Warning+"”")),
		p.slip("replies").post(Class("inline"), hidden("thread", x.Thread), hidden("text", x.Warning), Button(Text("Send this warning"))))
}

// heard is a promise that a reply seems to make.
func (p *casePage) heard(pr promiseRow) Node {
	return Div(Class("promise heard"),
		P(Text(pr.Owner+" wrote: “"+pr.Text+"”"), Br(), Span(Class("muted"), Text("a promise by "), pr.Due.At.html(), Text("?"))),
		p.slip("promises/"+pr.ID+"/accept").post(Class("inline"), Button(Text("Make it one"))),
		p.slip("promises/"+pr.ID+"/dismiss").post(Class("inline"), Button(Class("plain"), Text("It is none"))))
}
