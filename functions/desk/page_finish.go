package desk

import (
	. "ines/functions/desk/markup"

	"ines/shared/casework"
	"ines/shared/policy"
)

// finishing is how a case ends, rests, opens again or becomes a part of another one.
func (p *casePage) finishing() Node {
	if p.Status == casework.StatusResolved {
		return card("h-end", "Resolved", p.merged(), p.reopening(), p.rating())
	}
	resolve, snooze, correct, merge := p.slip("resolve"), p.slip("snooze"), p.slip("correct"), p.slip("merge")
	asIs := []choice{{"", "as it is"}}
	topics := choicesOf(p.TopicList, func(t policy.Topic) choice { return choice{t.ID, t.Name} })
	return card("h-end", "Finish",
		resolve.post(
			resolve.line("resolve-text", "text", "What solved it?", "(optional)"),
			Button(Text("Resolve"))),
		If(p.SnoozeUntil.ISO != "", P(Text("Put aside until "), p.SnoozeUntil.html(), Text(", or until the customer writes."))),
		If(p.Shows("wake"), p.slip("wake").post(Class("inline"), Button(Text("Take it up again")))),
		snooze.folded("Put aside",
			snooze.line("snooze-until", "until", "Until when?", "It wakes earlier if the customer writes.", List("spans"), Placeholder("1d"), Required()),
			Button(Text("Put aside"))),
		correct.folded("Correct what it is about",
			correct.choose("correct-topic", "topic", "Topic", append(asIs, topics...)...),
			correct.choose("correct-kind", "kind", "Kind of message", append(asIs, plain(policy.Kinds)...)...),
			correct.choose("correct-urgency", "urgency", "Urgency", append(asIs, plain(policy.Urgencies)...)...),
			Button(Text("Correct"))),
		p.rating(),
		merge.folded("Merge into another case",
			merge.line("merge-into", "into", "Which case goes on?", "Its page’s address. It can be undone.", AutoComplete("off"), Required()),
			Button(Text("Merge"))))
}

func (p *casePage) merged() Node {
	unmerge := p.slip("unmerge")
	return Group(
		If(p.MergedInto != "", P(Text("It is part of "), A(href(here("cases", p.MergedInto)), Text("another case")), Text(" and goes on there."))),
		If(p.Shows("unmerge"), unmerge.folded("Part the cases again",
			unmerge.line("unmerge-why", "why", "Why?", "", Required()),
			Button(Text("Part them")))),
	)
}

func (p *casePage) reopening() Node {
	s := p.slip("reopen")
	return If(p.Shows("reopen"), s.post(
		s.line("reopen-why", "why", "Why does it open again?", "", Required()),
		Button(Text("Reopen"))))
}

// scores are what a customer can say of how he was served.
var scores = []choice{{"5", "5: very content"}, {"4", "4: content"}, {"3", "3: so-so"}, {"2", "2: not content"}, {"1", "1: not at all"}}

// rating writes down how content the customer said he was, where nobody has yet.
func (p *casePage) rating() Node {
	s := p.slip("rating")
	return If(p.Shows("rating"), s.folded("Rate it for the customer",
		s.choose("rating-score", "score", "How content was the customer?", scores...),
		s.line("rating-text", "text", "In the customer’s words", "(optional)"),
		Button(Text("Write it down"))))
}
