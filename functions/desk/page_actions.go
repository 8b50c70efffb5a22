package desk

import (
	"slices"

	. "ines/functions/desk/markup"

	"ines/shared/policy"
)

// acting is what is done for the customer beyond words, and what waits for a yes.
func (p *casePage) acting() Node {
	if len(p.Waiting) == 0 && !p.Shows("actions") {
		return nil
	}
	var act Node
	if p.Shows("actions") {
		s := p.slip("actions")
		act = s.folded("Refund, rebook and so on",
			s.choose("action-what", "action", "What?", plain(p.Actions)...),
			s.line("action-amount", "amount", "How much?", "such as 120 or 99.50", Attr("inputmode", "decimal"), AutoComplete("off")),
			s.line("action-currency", "currency", "Currency", "such as GBP", AutoComplete("off")),
			s.lines("action-text", "text", 2, "Why?", "Above your limits somebody else says yes, and reads this.", Required()),
			Button(Text("Do it")))
	}
	return card("h-actions", "Do something for the customer", Map(p.Waiting, p.waiting), act)
}

func (p *casePage) waiting(a approvalRow) Node {
	decline := p.slip("approvals/" + a.ID + "/decline")
	no := either(a.Own, "Take it back", "Decline")
	return Div(Class("promise"),
		P(Strong(Text(a.What)), Text(" · asked by "+a.By), Br(), Text(a.Text), Br(),
			Span(class(a.Due.Level), Text("a yes is "), clock(a.Due.At, a.Due.Words)), Text(" "), muted("· "+a.Approvers)),
		If(a.May, p.slip("approvals/"+a.ID+"/approve").post(Class("inline"), Button(Class("main"), Text("Approve")))),
		If(a.May || a.Own, decline.folded(no,
			decline.line("no-"+a.ID, "text", "Why?", "(optional)"),
			Button(Text(no)))))
}

// asking is what colleagues are asked, and whoever knows more.
func (p *casePage) asking() Node {
	if len(p.Asked) == 0 && !p.Shows("experts") {
		return nil
	}
	var ask Node
	if p.Shows("experts") {
		s := p.slip("experts")
		others := slices.DeleteFunc(slices.Clone(p.Colleagues), func(c policy.Colleague) bool { return c.ID == p.Who.ID })
		ask = s.folded("Who knows this?",
			s.lines("expert-text", "text", 2, "What do you want to know?", "", Required()),
			s.choose("expert-whom", "colleague", "Whom?", append([]choice{{"", "whoever has solved this best"}}, choicesOf(others, colleagueChoice)...)...),
			Button(Text("Ask")))
	}
	return card("h-asking", "Ask a colleague", Map(p.Asked, p.question), ask)
}

func (p *casePage) question(q questionRow) Node {
	answer, release := p.slip("experts/"+q.ID+"/answer"), p.slip("experts/"+q.ID+"/release")
	return Div(Class("promise"),
		P(Text("“"+q.Text+"”"), Br(), muted(q.By+" asks "+either(q.Mine, "you", q.Whom)+" ·"), Text(" "),
			Span(class(q.Due.Level), Text("an answer is "), clock(q.Due.At, q.Due.Words))),
		If(q.Mine, answer.post(
			answer.lines("answer-"+q.ID, "text", 2, "Your answer", "The customer never sees it.", Required()),
			Button(Class("main"), Text("Answer")))),
		If(q.Mine || q.May, release.post(Class("inline"), Button(Class("plain"), Text(either(q.Mine, "I can’t say", "Take it back"))))))
}
