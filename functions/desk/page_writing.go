package desk

import (
	. "ines/functions/desk/markup"

	"ines/shared/policy"
)

// writing is the answer to the customer.
func (p *casePage) writing() Node {
	if !p.Shows("replies") {
		return nil
	}
	s := p.slip("replies")
	if s.typed == nil {
		s.typed = p.Again
	}
	hint := ""
	if p.Sign != "" {
		hint = "“" + p.Sign + "” is added"
	}
	return Section(Class("reply"), Aria("labelledby", "h-reply"),
		H2(ID("h-reply"), Text("Answer "+p.Customer.Name)),
		s.post(
			labelled("reply-thread", "Where, and to whom", ""),
			Select(ID("reply-thread"), Name("thread"), Map(p.Threads, func(t threadRow) Node {
				to := t.Name
				if t.To != "" {
					to += ", to " + t.To
				}
				return option(t.ID, to+", "+t.Window, either(s.typed == nil, t.Last, s.picked("thread", t.ID)))
			})),
			s.lines("reply-text", "text", 4, "Your words", hint, Required()),
			p.Previews("replies").html(),
			Button(Class("main"), Text("Send reply")), Text(" "),
			lookFirst()))
}

// lookFirst shows what would go out.
func lookFirst() Node {
	return Button(Class("plain"), Name("dry_run"), Value("true"), Text("Look at it first"))
}

// otherWays are a note, feedback, a private thread and a call.
func (p *casePage) otherWays() Node {
	return Section(Class("more-ways"), Aria("label", "Other ways"), p.noting(), p.objecting(), p.goingPrivate(), p.calling())
}

func (p *casePage) noting() Node {
	s := p.slip("notes")
	return s.folded("Note for colleagues",
		s.lines("note-text", "text", 3, "Note", "The customer never sees it.", Required()),
		FieldSet(Legend(Text("For whom?")), Map(p.Colleagues, func(c policy.Colleague) Node { return s.tick("mentions", c.ID, c.Name) })),
		Button(Text("Add note")))
}

// objecting is how a colleague says that a rule stands in the way; the rule is there
// already for whoever comes from one.
func (p *casePage) objecting() Node {
	s := p.slip("feedback")
	return Details(If(s.typed != nil || p.Rule != "", Flag("open")), Summary(Text("A rule stopped me")),
		s.post(
			s.with(p.Rule, "feedback-rule", "rule", "Which rule?", "One word, such as refund-limit. May be left out."),
			s.lines("feedback-text", "text", 2, "What did it keep you from?", "", If(p.Rule != "", AutoFocus()), Required()),
			Button(Text("Say so"))))
}

func (p *casePage) goingPrivate() Node {
	if !p.Shows("private") {
		return nil
	}
	s := p.slip("private")
	return Details(ID("go-private"), If(s.typed != nil, Flag("open")), Summary(Text("Go private")),
		s.post(
			s.choose("private-channel", "channel", "On", p.Private...),
			s.line("private-address", "address", "Address or number", "Leave it empty where we know the customer.", AutoComplete("off")),
			s.line("private-subject", "subject", "Subject", "(mail)"),
			s.lines("private-text", "text", 4, "Your words", "Without any: the brand’s own, or, where only the customer can begin, an invitation with a link."),
			p.Previews("private").html(),
			Button(Text("Send privately")), Text(" "),
			lookFirst()))
}

func (p *casePage) calling() Node {
	s := p.slip("calls")
	return s.folded("Log a call",
		s.line("call-number", "number", "Number", "", Type("tel"), AutoComplete("off"), Required()),
		s.choose("call-direction", "direction", "Who phoned?", choice{"outbound", "we phoned the customer"}, choice{"inbound", "the customer phoned us"}),
		s.choose("call-outcome", "outcome", "What came of it?",
			choice{"answered", "answered"}, choice{"engaged", "engaged"}, choice{"no_answer", "no answer"}, choice{"voicemail", "voicemail"}),
		s.lines("call-text", "text", 2, "What was said?", "(optional)"),
		Button(Text("Log call")))
}
