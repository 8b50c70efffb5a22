package desk

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/policy"
	"ines/shared/sorting"
)

// voiceActions are how the two voices get in: a colleague's about a rule, a customer's
// about what was done for him, where he told it to a colleague.
var voiceActions = []action{
	{path: "feedback", summary: "Say which rule stopped you. It is counted by rule, and who makes the rules reads it in the report.", done: "It is written down, and counted.",
		fields: []field{{name: "rule", kind: text, doc: "the rule, in one word such as refund-limit"}, {name: "text", kind: text, required: true, doc: "what it kept you from"}},
		command: func(in input) (casework.Command, error) {
			return casework.GiveFeedback{By: in.by, Rule: in.body.text("rule"), Text: in.body.text("text")}, nil
		}},
	ratingAction,
}

type (
	topicVoice struct {
		Topic    string `json:"topic"`
		Cases    int64  `json:"cases"` // that began
		Negative int64  `json:"negative"`
		Positive int64  `json:"positive"`
	}
	ruleVoice struct {
		Rule  string `json:"rule"` // "": none was named
		Count int64  `json:"count"`
	}
	praiseVoice struct {
		Colleague string `json:"colleague"`
		Name      string `json:"name"`
		Count     int64  `json:"count"`
	}
	ratingVoice struct {
		Score int   `json:"score"`
		Count int64 `json:"count"`
	}
	voiceAnswer struct {
		From      time.Time     `json:"from"`
		To        time.Time     `json:"to"`
		Customers []topicVoice  `json:"customers"` // what their cases are about, the most frequent first
		Employees []ruleVoice   `json:"employees"` // which rules stop them, the most frequent first
		Praise    []praiseVoice `json:"praise"`
		Ratings   []ratingVoice `json:"ratings"`
	}
	colleagueAnswer struct {
		ID     string `json:"id"`
		Name   string `json:"name"`
		Praise int64  `json:"praise"` // of the last 92 days
	}
)

func (d *Desk) voiceRoutes() []route {
	return []route{
		{method: "GET", path: "/api/reports/voice", summary: "Both voices: what customers write about, which rules stop colleagues, who was praised, and how cases were rated.",
			query: periodQuery, shape: voiceAnswer{}, serve: d.showVoice},
		{method: "GET", path: "/api/reports/ratings", summary: "How content customers were, from 1 to 5: by department, topic, brand and automatic answer, the most frequent first. Nobody is ranked by it.",
			query: periodQuery, shape: ratingsAnswer{}, serve: d.showRatings},
		{method: "GET", path: "/api/colleagues/{id}", summary: "A colleague, and the thanks of customers in the last 92 days.", shape: colleagueAnswer{}, serve: d.showColleague},
	}
}

// byCount puts the most frequent first, and the same list out always.
func byCount[T any](all []T, count func(T) int64, name func(T) string) []T {
	sorting.By(all, func(a, b T) int {
		return cmp.Or(cmp.Compare(count(b), count(a)), cmp.Compare(name(a), name(b)))
	})
	return listed(all)
}

func (d *Desk) showVoice(w http.ResponseWriter, r *http.Request, _ policy.Colleague) error {
	return report(d, w, r, func(p docket.Period) (voiceAnswer, error) { return d.voice(r.Context(), p) })
}

// voice is both voices in a period.
func (d *Desk) voice(ctx context.Context, p docket.Period) (voiceAnswer, error) {
	a := voiceAnswer{From: p.From.UTC(), To: p.To.UTC()}
	v, err := d.docket.Voice(ctx, p)
	if err != nil {
		return a, err
	}
	for topic, tones := range v.Topics {
		row := topicVoice{Topic: topic, Negative: tones["negative"], Positive: tones["positive"]}
		for n := range maps.Values(tones) {
			row.Cases += n
		}
		a.Customers = append(a.Customers, row)
	}
	a.Customers = byCount(a.Customers, func(t topicVoice) int64 { return t.Cases }, func(t topicVoice) string { return t.Topic })
	for rule, n := range v.Rules {
		a.Employees = append(a.Employees, ruleVoice{rule, n})
	}
	a.Employees = byCount(a.Employees, func(t ruleVoice) int64 { return t.Count }, func(t ruleVoice) string { return t.Rule })
	for who, n := range v.Praise {
		a.Praise = append(a.Praise, praiseVoice{who, d.colleagueName(who), n})
	}
	a.Praise = byCount(a.Praise, func(t praiseVoice) int64 { return t.Count }, func(t praiseVoice) string { return t.Colleague })
	ratings, err := d.docket.Ratings(ctx, p)
	for i, n := range ratings.All {
		a.Ratings = append(a.Ratings, ratingVoice{i + 1, n})
	}
	return a, err
}

func (d *Desk) showColleague(w http.ResponseWriter, r *http.Request, _ policy.Colleague) error {
	c, ok := d.policy.Colleague(r.PathValue("id"))
	if !ok {
		return &problem{Status: http.StatusNotFound, Code: codeNotFound, Detail: "There is no such colleague in the desk policy."}
	}
	n, err := d.docket.PraiseOf(r.Context(), c.ID, d.now(), docket.MaxDays)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, colleagueAnswer{c.ID, c.Name, n})
}

// voices tells the events of both voices on a timeline.
func (t *telling) voices(e casework.Event, by string) (words string, known bool) {
	switch ev := e.(type) {
	case casework.Praised:
		return "Thanks to " + t.name(ev.Colleague) + ".", true
	case casework.FeedbackGiven:
		return by + " says that a rule stands in the way" + strings.TrimSuffix(" ("+ev.Rule+")", " ()") + ": " + ev.Text, true
	case casework.Rated:
		return strings.TrimSuffix("The customer gave "+strconv.Itoa(ev.Score)+" of 5: "+ev.Text, ": ") + ".", true
	case casework.RatingPlanned:
		return ev.Why.Text, true
	case casework.RatingSpared:
		return ev.Why.Text, true
	case casework.RatingAsked:
		return "The customer is asked how it was. A number is taken for the answer until " + t.when(ev.Until) + ".", true
	case casework.Erased:
		return "Everything that was said here was erased.", true
	case casework.AuthorErased:
		return "What one person wrote here was erased.", true
	}
	return "", false
}
