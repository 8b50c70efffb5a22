package desk

import (
	"fmt"
	"net/url"

	. "ines/functions/desk/markup"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/incident"
)

func (p *listPage) html() Node {
	return p.wide(
		Div(Class("top"), H1(Text("Cases")), p.find()),
		p.done(),
		Div(ID("notices"), Data("live", ""),
			p.mine(),
			Map(p.Held, p.held),
			Map(p.Incidents, incidentRow.html),
			If(p.AskedOfMe > 0, P(Class("notice"), A(href(here().with(url.Values{"asked": {p.Who.ID}})),
				Text(either(p.AskedOfMe == 1, "A colleague asks you something.", fmt.Sprintf("Colleagues ask you something in %d cases.", p.AskedOfMe))))))),
		choices("filters", "Where cases stand", p.Standings),
		choices("filters quiet", "Departments", p.Departments),
		// Looking through all there is takes its time: it is done when somebody asks.
		Div(ID("cases"), If(!p.Searched && !p.Query.Has("yes"), Data("live", "The list has changed.")), p.cases()),
		If(p.More != "", P(Class("more"), A(href(p.More), Text("More cases")))),
	)
}

func (p *listPage) find() Node {
	var kept []Node
	for _, name := range []string{"queue", "status", "owner"} {
		if v := p.Query.Get(name); v != "" {
			kept = append(kept, hidden(name, v))
		}
	}
	return search(here(), Group(kept...),
		LabelEl(Class("unseen"), For("q"), Text("Find in names and last words")),
		Input(ID("q"), Type("search"), Name("q"), Value(p.Query.Get("q")), Placeholder("Name or words")),
		Button(Text("Find")))
}

// mine is where the colleague takes cases, and says whether to be given any.
func (p *listPage) mine() Node {
	state, says := docket.StateAvailable, "I’m here: give me cases"
	if p.Me.State == docket.StateAvailable {
		state, says = docket.StateAway, "I’m going: give me no cases"
	}
	load := fmt.Sprintf("The desk gives you %s; you have %d of %d", either(p.Me.State == docket.StateAvailable, "cases", "none"), p.Me.Held, p.Me.Capacity)
	if p.Me.Why != "" {
		load += "; you were set away: " + p.Me.Why
	}
	return Div(Class("desk-bar"),
		takeNext(p.Token, p.Queue, "main"),
		post(here("presence"), hidden("state", state), Button(Class("plain"), Text(says))),
		P(Class("muted"), Text(load+".")))
}

// takeNext leads to the next case in the order of work.
func takeNext(token, queue, look string) Node {
	return post(here("next"), Class("next"), hidden("token", token), hidden("queue", queue), Button(Class(look), Text("Take the next case")))
}

// held tells of an inbox that can't send.
func (p *listPage) held(in inboxJSON) Node {
	return Div(Class("alarm notice"), Role("alert"),
		P(Strong(Text("The inbox "+in.ID+" can’t send since "+in.Since.UTC().Format("2 January 15:04")+" UTC.")),
			Text(" The platform says: "+in.Why+". Its replies wait and go out when it works again.")),
		If(p.MayResume, post(here("inboxes", in.ID, "resume"), Button(Text("Try again now")))))
}

func choices(kind, name string, all []link) Node {
	return Nav(Class(kind), Aria("label", name), Map(all, func(l link) Node {
		return A(href(l.URL), If(l.Chosen, Aria("current", "true")), Text(l.Label))
	}))
}

func (p *listPage) cases() Node {
	switch {
	case len(p.Rows) > 0:
		return Ul(Class("cases"), Map(p.Rows, row.html))
	case len(p.Lately) > 0:
		return Group(
			Div(Class("empty calm"),
				P(Strong(Text("All done: nobody waits for an answer here."))),
				P(Class("muted"), Text("The next case shows up here by itself."))),
			Section(Aria("labelledby", "h-lately"),
				H2(ID("h-lately"), Class("lately"), Text("Resolved lately")),
				Ul(Class("cases"), Map(p.Lately, row.html))),
		)
	}
	why := "No case matches these filters."
	switch {
	case p.Searched:
		why = "What is looked through: names, handles, addresses, topics, subjects and the customer’s last words. Numbers of bookings, cards and phones in those words are not kept in lists."
	case p.Query.Has("yes"):
		why = "Nobody waits for your yes."
	case p.First && p.Status == string(casework.StatusOpen):
		why = "Nobody waits for an answer with these filters."
	}
	return Div(Class("empty"),
		P(Strong(Text(either(p.First, "Nothing here.", "That was all.")))),
		P(Class("muted"), Text(why)))
}

// html is one case of a list.
func (r row) html() Node {
	name := A(href(here("cases", r.ID)), Text(r.Customer.Name))
	return Li(class("case", r.Due.Level),
		Div(Class("what"),
			either[Node](r.Below, H3(name), H2(name)),
			chips(r.urgencyChip(), r.automaticChip(),
				If(r.BrokenPromise > 0, chip("broken promise", "alarm")),
				If(r.Spreading != nil, chip("spreads", "warn")),
				If(len(r.Approvals) > 0, either(r.MayApprove, chip("waits for your yes", "alarm"), chip("waits for a yes", "warn"))),
				If(r.Unsent, chip("reply failed", "alarm")),
				If(r.Unconfirmed > 0, chip("reply unconfirmed", "warn")),
				If(r.Status == casework.StatusSnoozed, chip("snoozed")),
				If(r.Status == casework.StatusResolved, chip("resolved", "ok")))),
		either[Node](r.LastText != "", speech(unmasked.Replace(r.LastText), r.Lang, "words"), P(Class("words muted"), Text(wordless(r.LastFile)))),
		P(Class("meta"),
			Map(r.Where, func(w string) Node { return Span(Text(w)) }),
			Span(Text(r.Department)),
			If(r.Topic != "", Span(Text(r.Topic))),
			If(r.Bystanders > 0, Span(Text(counted(r.Bystanders, "bystander", "bystanders"))))),
		Div(Class("side"),
			If(r.Due.Words != "", P(Class("due"), muted(r.Due.What), Text(" "), clock(r.Due.At, r.Due.Words))),
			If(r.WaitSpan != "", P(Class("muted"), Text("waits since "), r.Wait.html())),
			If(r.Resolved.ISO != "", P(Class("muted"), Text("resolved "), r.Resolved.html())),
			P(Class("owner"), r.owner())))
}

func (r *row) owner() Node {
	switch {
	case r.Mine:
		return Strong(Text("yours"))
	case r.Owner != "":
		return Text(r.Owner)
	case r.Status == casework.StatusResolved:
		return nil
	}
	return muted("nobody’s yet")
}

func (r *row) urgencyChip() Node {
	switch r.Urgency {
	case "now":
		return chip("urgent: now", "alarm")
	case "high":
		return chip("urgent", "warn")
	}
	return nil
}

func (r *row) automaticChip() Node {
	said := r.automaticWords()
	return If(said != "", chip(said))
}

// html is one cause of many cases, above the list.
func (i incidentRow) html() Node {
	heading := counted(int(i.Linked), "case has", "cases have") + " one cause: " + i.Topic + "."
	if i.Status == incident.Proposed {
		heading = "Is something going on with " + i.Topic + "?"
	}
	answered := "This answer waits for a second person:"
	if !i.Answer.Waits {
		answered = fmt.Sprintf("%d answered", i.Answered)
		if i.Held > 0 {
			answered += fmt.Sprintf(", %d not possible", i.Held)
		}
		answered += ":"
	}
	id := "all-" + i.ID
	return Div(Class("notice"), Role("status"),
		P(Strong(Text(heading)), Text(" "+i.Why+" "), muted(i.Community)),
		If(i.Answer.Text != "", P(Text(answered+" “"+i.Answer.Text+"”"))),
		If(i.MayConfirm && i.Status == incident.Proposed, i.button("confirm", "main", "Yes: link the cases")),
		If(i.MayApprove, i.button("approve", "main", "Approve the answer")),
		If(i.MayBroadcast && i.Status == incident.Confirmed, unfold(false, "Answer all of them",
			post(i.to("broadcast"),
				labelled(id, "Your words", "They go to each open case once."),
				Textarea(ID(id), Name("text"), Rows("3"), Required()),
				Button(Text("Send to all"))))),
		If(i.MayConfirm, i.button("close", "plain", either(i.Status == incident.Proposed, "No, nothing", "It is over"))))
}

func (i *incidentRow) to(do string) address { return here("incidents", i.ID, do) }

func (i *incidentRow) button(do, look, says string) Node {
	return post(i.to(do), Class("inline"), Button(Class(look), Text(says)))
}
