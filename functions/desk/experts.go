package desk

import (
	"net/http"

	"ines/shared/casework"
	"ines/shared/policy"
)

type expertsAnswer struct {
	Experts []casework.Expert `json:"experts"`
}

var expertsQuery = []field{
	{name: "topic", kind: text, doc: "a topic's id; without it everything that was solved counts"},
	{name: "language", kind: text, doc: "a language such as en: what was solved in it counts twice"},
}

// showExperts says who is likely to know. Who asks is no answer to himself.
func (d *Desk) showExperts(w http.ResponseWriter, r *http.Request, who policy.Colleague) error {
	q := r.URL.Query()
	experts, err := d.docket.Experts(r.Context(), casework.Wanted{Topic: q.Get("topic"), Language: q.Get("language"), By: who.ID, Now: d.now()})
	if err != nil {
		return err
	}
	if experts == nil {
		experts = []casework.Expert{}
	}
	return writeJSON(w, http.StatusOK, expertsAnswer{experts})
}

// askedAnswer says who was asked, and why he.
type askedAnswer struct {
	Question casework.Question `json:"question"`
	Why      string            `json:"why"`
	Case     caseJSON          `json:"case"`
}

func questioned(o outcome) (any, int) {
	a := askedAnswer{Case: o.Case}
	for _, e := range o.events {
		if e, ok := e.(casework.ExpertAsked); ok {
			a.Why = e.Why.Text
			for _, q := range o.Case.Questions {
				if q.ID == e.Question {
					a.Question = q
				}
			}
		}
	}
	return a, 0
}

// expertActions ask colleagues from inside a case.
var expertActions = []action{
	{path: "experts", summary: "Ask a colleague who is likely to know: the best by what was solved, or the one you name. A note of theirs answers.",
		done: "Your colleague is asked.", status: http.StatusCreated, answer: questioned, shape: askedAnswer{},
		fields: []field{{name: "text", kind: text, required: true, doc: "what you want to know"},
			{name: "topic", kind: text, doc: "a topic's id; default the case's"},
			{name: "colleague", kind: text, doc: "whom to ask; default whoever has solved the topic best"}},
		command: func(in input) (casework.Command, error) {
			return casework.AskExpert{By: in.by, Topic: in.body.text("topic"), Colleague: in.body.text("colleague"), Text: in.body.text("text")}, nil
		}},
	{path: "experts/{qid}/answer", summary: "Answer one question that you were asked.", done: "Answered.",
		fields: []field{{name: "text", kind: text, required: true, doc: "the answer; only colleagues see it"}},
		command: func(in input) (casework.Command, error) {
			return casework.AnswerExpert{By: in.by, Question: in.part, Text: in.body.text("text")}, nil
		}},
	{path: "experts/{qid}/release", summary: "Take a question back, or hand back one that you were asked.", done: "The question is closed.",
		fields: []field{{name: "why", kind: text, doc: "why; the colleague reads it"}},
		command: func(in input) (casework.Command, error) {
			return casework.ReleaseExpert{By: in.by, Question: in.part, Why: in.body.text("why")}, nil
		}},
}
