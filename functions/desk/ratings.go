package desk

import (
	"cmp"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/policy"
)

// ratingAction is the colleague's way to write down what he was told. Customers who
// are asked by the desk answer where they were asked.
var ratingAction = action{path: "rating", summary: "Write down how content the customer was. Once a case.", done: "The rating is written down.",
	fields: []field{{name: "score", kind: anything, required: true, doc: "whole number from 1 to 5"}, {name: "text", kind: text, doc: "in the customer's words"}},
	command: func(in input) (casework.Command, error) {
		given := cmp.Or(string(in.body.raw("score")), in.body.text("score")) // a form has words only
		score, err := strconv.Atoi(strings.Trim(given, `" `))
		if err != nil {
			return nil, invalid("score", "The score is a whole number from 1 to 5.")
		}
		return casework.Rate{By: in.by, Score: score, Text: in.body.text("text")}, nil
	}}

type (
	scoresJSON struct {
		Count   int64    `json:"count"`
		Average float64  `json:"average"` // of 1 to 5; 0: none
		Scores  [5]int64 `json:"scores"`  // how many of 1, 2, 3, 4 and 5
	}
	ratedJSON struct {
		ID   string `json:"id"` // "": a topic that nobody knew
		Name string `json:"name"`
		scoresJSON
	}
	ratingsAnswer struct {
		From     time.Time `json:"from"`
		To       time.Time `json:"to"`
		Asked    int64     `json:"asked"`    // customers whom the desk asked
		Answered int64     `json:"answered"` // and who answered themselves; others told a colleague
		scoresJSON
		Departments []ratedJSON `json:"departments"`
		Topics      []ratedJSON `json:"topics"`
		Brands      []ratedJSON `json:"brands"`
		Automation  []ratedJSON `json:"automation"` // cases in which the automatic answer was given, too
	}
)

func (d *Desk) showRatings(w http.ResponseWriter, r *http.Request, _ policy.Colleague) error {
	return report(d, w, r, func(p docket.Period) (ratingsAnswer, error) {
		a := ratingsAnswer{From: p.From.UTC(), To: p.To.UTC()}
		all, err := d.docket.Ratings(r.Context(), p)
		if err != nil {
			return a, err
		}
		a.Asked, a.Answered, a.scoresJSON = all.Asked, all.Answered, scoresOf(all.All)
		brand := func(id string) string { b, _ := d.policy.Brand(id); return cmp.Or(b.Name, id) }
		a.Departments, a.Topics, a.Brands = rated(all.Departments, d.departmentName), rated(all.Topics, d.topicName), rated(all.Brands, brand)
		a.Automation = rated(all.Automations, func(id string) string { return id })
		return a, nil
	})
}

func scoresOf(s docket.Scores) scoresJSON {
	return scoresJSON{s.Count(), math.Round(s.Average()*100) / 100, s}
}

func rated(by map[string]docket.Scores, name func(string) string) []ratedJSON {
	var all []ratedJSON
	for id, s := range by {
		all = append(all, ratedJSON{id, name(id), scoresOf(s)})
	}
	return byCount(all, func(r ratedJSON) int64 { return r.Count }, func(r ratedJSON) string { return r.ID })
}
