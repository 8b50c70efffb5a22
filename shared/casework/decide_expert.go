package casework

import (
	"cmp"
	"slices"
	"strings"

	"ines/shared/policy"
)

// Commands about asking one another.
type (
	// AskExpert asks Colleague or, if it is "", the one who is likeliest to know
	// Topic ("": the case's).
	AskExpert struct{ By, Topic, Colleague, Text string }
	// AnswerExpert answers one question in the side conversation; any note of who
	// was asked answers all of his.
	AnswerExpert struct{ By, Question, Text string }
	// ReleaseExpert takes a question back or, by who was asked, hands it back.
	ReleaseExpert struct{ By, Question, Why string }
)

func (AskExpert) command()     {}
func (AnswerExpert) command()  {}
func (ReleaseExpert) command() {}

func (d *draft) askExpert(cmd AskExpert) error {
	if err := d.open(); err != nil {
		return err
	}
	desk := d.env.Policy
	topic := cmp.Or(cmd.Topic, d.c.About.Topic)
	who, known := desk.Colleague(cmd.Colleague)
	if _, ok := desk.Topic(topic); cmd.Topic != "" && !ok && len(desk.Topics) > 0 {
		return refuse(CodeInvalid, "There is no topic %q in the desk policy.", cmd.Topic)
	}
	switch {
	case strings.TrimSpace(cmd.Text) == "":
		return refuse(CodeInvalid, "What do you want to know? The colleague reads this first.")
	case cmd.Colleague != "" && !known:
		return refuse(CodeInvalid, "There is no colleague %q in the desk policy.", cmd.Colleague)
	case cmd.Colleague == d.by:
		return refuse(CodeInvalid, "Ask somebody else: you are %s yourself.", who.Name)
	case len(d.c.Questions) >= maxQuestions:
		return refuse(CodeInvalid, "The case has %d questions open. Wait for an answer, or take one back.", maxQuestions)
	}
	why := policy.Explanation{Decision: "expert", Outcome: cmd.Colleague, Rule: "named", Text: d.name(d.by) + " asked for " + who.Name + ".",
		Facts: map[string]any{"topic": topic}}
	if cmd.Colleague == "" {
		if cmd.Colleague, why = d.pick(topic); cmd.Colleague == "" {
			return refuse(CodeNotFound, "Nobody at this desk is known to know this, or they have been asked already. Name a colleague.")
		}
	}
	due := d.calendar().Add(d.env.Now, desk.Cases.ExpertAnswer)
	d.emit(ExpertAsked{Question: d.derive("question"), Colleague: cmd.Colleague, Topic: topic, Text: strings.TrimSpace(cmd.Text), Due: due, Warn: d.warning(due), Why: why})
	return nil
}

// answerQuestions notes that what was asked of the colleague who writes is answered;
// question "" means all of it.
func (d *draft) answerQuestions(question string) {
	for _, q := range slices.Clone(d.c.Questions) {
		if q.Colleague != d.by || question != "" && q.ID != question {
			continue
		}
		wait := []string{q.By}
		if owner := d.c.Owner; owner != "" && owner != q.By && owner != d.by {
			wait = append(wait, owner)
		}
		d.emit(ExpertAnswered{Question: q.ID, Colleague: d.by, What: q.Text, Who: wait, Late: q.Overdue || d.env.Now.After(q.Due)})
	}
}

func (d *draft) question(id string) (Question, error) {
	q, ok := d.c.Question(id)
	if !ok {
		return q, refuse(CodeNotFound, "The case has no open question %q.", id)
	}
	return q, nil
}

func (d *draft) answerExpert(cmd AnswerExpert) error {
	q, err := d.question(cmd.Question)
	switch {
	case err != nil:
		return err
	case strings.TrimSpace(cmd.Text) == "":
		return refuse(CodeInvalid, "An answer needs a text.")
	case q.Colleague != d.by:
		return refuse(CodeNotAllowed, "%s was asked. Write a note if you know.", d.name(q.Colleague))
	}
	d.emit(NoteAdded{Text: cmd.Text, Mentions: []string{q.By}})
	d.answerQuestions(q.ID)
	return nil
}

func (d *draft) releaseExpert(cmd ReleaseExpert) error {
	q, err := d.question(cmd.Question)
	if err != nil {
		return err
	}
	why := strings.TrimSpace(cmd.Why)
	switch {
	case q.Colleague == d.by:
		why = cmp.Or(why, d.name(d.by)+" can't say")
	case q.By == d.by, d.c.Owner == d.by, d.is("lead"):
		why = cmp.Or(why, d.name(d.by)+" doesn't need to know any more")
	default:
		return refuse(CodeNotAllowed, "%s asked this: only who asked, who was asked, who has the case or a lead can take it back.", d.name(q.By))
	}
	d.emit(ExpertReleased{Question: q.ID, Colleague: q.Colleague, What: q.Text, Why: why})
	return nil
}

// releaseQuestions ends what nobody has to answer any more: all of it, or only what
// was asked of one colleague.
func (d *draft) releaseQuestions(of, why string) {
	for _, q := range slices.Clone(d.c.Questions) {
		if of == "" || q.Colleague == of {
			d.emit(ExpertReleased{Question: q.ID, Colleague: q.Colleague, What: q.Text, Why: why})
		}
	}
}
