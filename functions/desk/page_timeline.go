package desk

import (
	"fmt"
	"net/url"

	. "ines/functions/desk/markup"
)

func (p *casePage) timeline() Node {
	return Section(Aria("labelledby", "h-talk"),
		H2(ID("h-talk"), Class("unseen"), Text("What happened")),
		Div(ID("timeline"), Data("live", "Something new happened in this case."),
			If(p.Earlier > 0, P(Class("earlier"), A(href(here("cases", p.ID).with(url.Values{"all": {"1"}})), Text(fmt.Sprintf("Show the earlier %d", p.Earlier))))),
			Ol(Class("timeline"), Map(p.Blocks, func(b block) Node {
				return either(b.Said, b.html(), Li(Class("happened"), Ul(Map(b.Lines, p.line))))
			}))))
}

// html is something that was said.
func (b *block) html() Node {
	return Li(class("said", b.Side),
		Div(Class("mark"), Aria("hidden", "true"), Text(b.Mark)),
		Article(Class("bubble"),
			P(Class("by"), Strong(Text(b.Who)), Text(" "), Span(Class("muted"), Text(b.Where+", "), b.At.html())),
			If(b.Text != "", speech(b.Text, b.Lang, "text")),
			If(len(b.Files) > 0, P(Class("tags"), Map(b.Files, func(f link) Node { return A(href(f.URL), Flag("download"), Text(f.Label)) }))),
			If(len(b.Tags) > 0 || b.StateWords != "", P(Class("tags"),
				Map(b.Tags, func(t string) Node { return Span(Text(t)) }),
				If(b.StateWords != "", Span(class("state", b.State), Text(b.StateWords))),
				If(b.Again != "", A(href(b.Again), Text("Write it again")))))))
}

// line is something that happened, with the decisions behind it.
func (p *casePage) line(l line) Node {
	if len(l.More) > 0 {
		return Li(l.At.html(), Text(" "), Details(Class("why"), Summary(Text(l.Text), muted(fmt.Sprintf(" · %d more", len(l.More)))),
			Map(l.Why, p.because), Ul(Map(l.More, p.line))))
	}
	return Li(If(l.Alarm, Class("alarm")), l.At.html(), Text(" "), Div(Span(Text(l.Text)),
		If(len(l.Why) > 0, Details(Class("why"), Summary(Text("why")), Map(l.Why, p.because)))))
}

// because is one rule behind what happened; who is stopped by it says so there.
func (p *casePage) because(b because) Node {
	return P(either(b.Text != "", Text(b.Text+" "), Text("By the rule "+b.Rule+". ")), If(b.Rule != "", p.stopped(b.Rule)))
}
