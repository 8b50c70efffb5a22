package casework

import (
	"fmt"
	"slices"
	"time"

	"ines/shared/message"
	"ines/shared/policy"
)

// freshFor is how old a message may be for a machine to answer it: whoever has
// waited longer is answered by a person. It also keeps machines out of the windows
// that platforms open for people alone, which begin after a day.
const freshFor = time.Hour

// answerable reports whether the message is one that a machine may be asked about at
// all: a person's own, new, and such that it wants an answer.
func (r *Receive) answerable(desk *policy.Desk) bool {
	return len(desk.Automation) > 0 && !r.Again && !r.Message.Automatic && !needsNoAnswer(r.About) && r.About.Kind != "spam"
}

// MayBeAnswered reports whether a machine may have something to say to a message, as
// far as the message alone tells: then it matters how much its author heard today.
func (r *Receive) MayBeAnswered(desk *policy.Desk) bool {
	return r.answerable(desk) && desk.Answers(r.About.Topic) || r.mayBeWarned(desk)
}

// SaidByItself reports whether an event is the machine's own word to a customer, of
// which he gets so many a day.
func SaidByItself(e Event) bool {
	switch e := e.(type) {
	case AutomaticAnswer:
		return true
	case PersonalDataPublic:
		return e.Reply != ""
	}
	return false
}

// hearAutomation looks at what a message of the customer's says about the automatic
// answers before it, and whether he wants a person. It reports whether he is owed
// one now, however kind his words are.
func (d *draft) hearAutomation(r Receive, thread string) (person bool) {
	m := r.Message
	if m.Automatic || len(d.env.Policy.Automation) == 0 {
		return false
	}
	found, asks := AsksForPerson(m.Text)
	if asks && !d.c.AskedPerson {
		d.emit(PersonAskedFor{Thread: thread, Message: m.ID, Found: found})
	}
	for _, a := range d.c.pending() {
		e := AutomationOutcome{Answer: a.Answer, Reply: a.Reply, Message: m.ID}
		t, _ := d.c.Thread(thread)
		text := ""
		switch thanks := r.About.Kind == "praise" || r.About.Kind == "small_talk" || r.About.Tone == "positive"; {
		case asks:
			e.Outcome, text = OutcomeAskedPerson, "The customer asks for a person (“"+found+"”): a person answers, and sooner."
		case a.Deflect != "" && a.Deflect == t.Channel && a.Thread != thread:
			e.Outcome, text = OutcomeWentThere, "The customer went on where the automatic answer sent him."
		case thanks && r.About.Tone != "negative" && r.About.Anger < 0.5:
			e.Outcome, text = OutcomeSolved, "The customer answered kindly."
		default:
			e.Outcome, text = OutcomeCameBack, "The customer wrote again after an automatic answer, without thanks: a person answers, and sooner."
		}
		e.Why = policy.Explanation{Decision: "automation", Outcome: e.Outcome, Rule: "automation", Text: text,
			Facts: map[string]any{"kind": r.About.Kind, "tone": r.About.Tone, "anger": r.About.Anger}}
		// A second one at once must not raise the urgency twice.
		if failed(e.Outcome) && person {
			e.Outcome = OutcomeTakenUp
		}
		person = person || failed(e.Outcome)
		d.emit(e)
	}
	return person || asks
}

// automate answers a message of the customer's by itself, if the policy has an answer
// and nothing speaks against it, and says why, or why not.
func (d *draft) automate(r Receive, thread string, opens bool) {
	if !r.answerable(d.env.Policy) || !opens && !d.env.Policy.Answers(r.About.Topic) {
		return
	}
	f := d.facts(r, d.c.About)
	f.Topic, f.Language = r.About.Topic, r.About.Language
	answer, ok, why := d.env.Policy.Answering(f, d.c.Segment)
	withhold := func(reason string) {
		if reason != "" {
			why.Text += " It is not given: " + reason + "."
		}
		why.Outcome = "none"
		d.emit(AnswerWithheld{Message: r.Message.ID, Answer: answer.ID, Why: why})
	}
	if !ok {
		withhold("")
		return
	}
	why.Facts["probability"], why.Facts["sure"] = r.About.TopicP, r.About.TopicSure
	t, _ := d.c.Thread(thread)
	if reason := d.against(r, answer, t); reason != "" {
		withhold(reason)
		return
	}
	text, deflected, ok := d.composed(answer, t, r.About.Language)
	if !ok {
		withhold("there is no text in " + or(r.About.Language, "a language that is not known"))
		return
	}
	reply, err := d.request(t, outgoing{text: text, automatic: true})
	if err != nil {
		withhold(err.Error())
		return
	}
	d.emit(AutomaticAnswer{Answer: answer.ID, Thread: t.ID, Message: r.Message.ID, Reply: reply, Topic: answer.Topic,
		Language: r.About.Language, Deflect: deflected, Quiet: d.env.Now.Add(answer.Quiet), Why: why})
}

// against is what speaks against an automatic answer, "" if nothing does.
func (d *draft) against(r Receive, a policy.Answer, t Thread) string {
	c, m := d.c, r.Message
	brand, _ := d.env.Policy.Brand(c.Brand)
	switch {
	case c.AskedPerson:
		return "the customer wants a person"
	case c.Touched:
		return "a colleague has the matter in hand"
	case c.helpless():
		return "an automatic answer did not help before"
	case slices.ContainsFunc(c.Automated, func(b Automated) bool { return b.Thread == t.ID }):
		return "one was given in this thread"
	case slices.ContainsFunc(c.Automated, func(b Automated) bool { return b.Answer == a.ID || b.Outcome == OutcomeWentThere }):
		return "the customer had it before, or came where it sent him: a person goes on"
	case a.Certainty == 0 && !r.About.TopicSure:
		return "the topic is not sure enough"
	case a.Certainty > 0 && r.About.TopicP*100 < float64(a.Certainty):
		return fmt.Sprintf("the topic is sure to %.0f percent, %d are wanted", r.About.TopicP*100, a.Certainty)
	case c.About.Urgency == "now":
		return "the matter can't wait, which is for people"
	case m.Visibility == message.Public && !a.Public:
		return "it is not for public posts"
	case d.env.Now.Sub(m.SentAt) > freshFor:
		return "the message is older than an hour"
	case t.Refused != "" || r.Consent != nil && r.Consent.Refused:
		return "the customer refused to be written to here"
	case d.env.AutomaticToday >= brand.Automatic.PerDay:
		return fmt.Sprintf("the customer had %s today", plural(d.env.AutomaticToday, "automatic answer", "automatic answers"))
	}
	return ""
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// takenUp ends the measuring where a colleague answers before it is decided: what
// comes now is no merit of the machine's, and no fault.
func (d *draft) takenUp() {
	for _, a := range d.c.pending() {
		d.emit(AutomationOutcome{Answer: a.Answer, Reply: a.Reply, Outcome: OutcomeTakenUp, Why: policy.Explanation{
			Decision: "automation", Outcome: OutcomeTakenUp, Rule: "automation", Text: "A colleague answers before the customer has come back."}})
	}
}

// settleAutomation says what came of automatic answers that nobody has come back
// from: after their quiet time, or when the case ends. It reports whether the policy
// wants the case to end with one.
func (d *draft) settleAutomation(ended bool) (resolve bool) {
	for _, a := range d.c.pending() {
		if !ended && d.env.Now.Before(a.Quiet) {
			continue
		}
		e := AutomationOutcome{Answer: a.Answer, Reply: a.Reply, Outcome: OutcomeSolved}
		text := "The customer has not come back."
		if s, known := d.c.Reply(a.Reply); !known || reportRank[s] < reportRank["sent"] || s == "failed" {
			e.Outcome, text = OutcomeNotSent, "Nobody knows that the answer ever reached the customer."
		}
		e.Why = policy.Explanation{Decision: "automation", Outcome: e.Outcome, Rule: "automation", Text: text}
		d.emit(e)
		answer, ok := d.env.Policy.AnswerByID(a.Answer)
		resolve = resolve || ok && answer.Resolve && e.Outcome == OutcomeSolved
	}
	return resolve
}

// Reply is the state of one of the case's replies, as far as it remembers it.
func (c *Case) Reply(id string) (state string, known bool) {
	d := draft{c: c}
	s, ok := d.reply(id)
	return s.State, ok
}

// quiet ends the measuring of automatic answers whose time is over, and the case with
// them if the policy says so and nothing else is open.
func (d *draft) quiet() {
	c := d.c
	if !d.settleAutomation(false) {
		return
	}
	if c.Status != StatusOpen || c.owesAWord() || c.Touched || len(c.Promises)+len(c.Approvals)+len(c.Sendings) > 0 {
		return
	}
	d.meet(ClockResolution)
	d.releaseQuestions("", "the case was resolved")
	d.emit(Resolved{Text: "The automatic answer was enough: the customer has not come back.", Topic: d.c.About.Topic, Language: d.c.About.Language})
}
