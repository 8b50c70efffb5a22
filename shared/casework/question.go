package casework

import (
	"slices"
	"time"
)

// Question is something that a colleague was asked about the case.
type Question struct {
	ID        string    `json:"id"`
	Colleague string    `json:"colleague"` // who was asked
	By        string    `json:"by"`        // who asked
	Topic     string    `json:"topic,omitempty"`
	Text      string    `json:"text"`
	At        time.Time `json:"at"`
	Due       time.Time `json:"due"`
	Overdue   bool      `json:"overdue,omitempty"`
	Watch
}

// AskedOf is the question that a colleague should answer first, zero if none.
func (v *View) AskedOf(colleague string) (first Question) {
	for _, q := range v.Questions {
		if q.Colleague == colleague && (first.ID == "" || q.Due.Before(first.Due)) {
			first = q
		}
	}
	return first
}

// maxQuestions bounds how many questions a case has open at once.
const maxQuestions = 10

// Question finds an open question.
func (c *Case) Question(id string) (Question, bool) {
	i := slices.IndexFunc(c.Questions, func(q Question) bool { return q.ID == id })
	if i < 0 {
		return Question{}, false
	}
	return c.Questions[i], true
}

func (c *Case) dropQuestion(id string) {
	c.Questions = slices.DeleteFunc(c.Questions, func(q Question) bool { return q.ID == id })
}

func (c *Case) applyExpert(by string, at time.Time, e Event) {
	switch e := e.(type) {
	case ExpertAsked:
		c.Questions = append(c.Questions, Question{ID: e.Question, Colleague: e.Colleague, By: by, Topic: e.Topic, Text: e.Text, At: at, Due: e.Due, Watch: Watch{Warn: e.Warn}})
	case ExpertAnswered:
		c.dropQuestion(e.Question)
		if !slices.Contains(c.Advisers, e.Colleague) {
			c.Advisers = append(c.Advisers, e.Colleague)
		}
	case ExpertReleased:
		c.dropQuestion(e.Question)
	case ExpertOverdue:
		for i := range c.Questions {
			if q := &c.Questions[i]; q.ID == e.Question {
				q.Overdue, q.Warn, q.Next = true, time.Time{}, e.Next
			}
		}
	}
}

// solvers are the colleagues by whom and with whom the case is resolved by the one
// who resolves it: who answered the customer last, and who answered a question.
// Each is named once in the case's life, however often it is reopened.
func (c *Case) solvers(by string) []string {
	var all []string
	for _, who := range append([]string{by, c.LastHelper}, c.Advisers...) {
		if who != "" && !slices.Contains(all, who) && !slices.Contains(c.Solvers, who) {
			all = append(all, who)
		}
	}
	return all
}
