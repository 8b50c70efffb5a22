package docket

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"ines/shared/casework"
)

// metricRatings has a bucket per day: a field for how many customers were asked, one
// for each score, and <dimension>/<id>/<score>. Nobody's name is one.
const (
	metricRatings = "ratings"
	fieldAsked    = "asked"
)

func (t tally) rated(day string, c *casework.Case, e casework.Rated) {
	score := strconv.Itoa(e.Score)
	add := func(parts ...string) { t.add(metricRatings, day, strings.Join(append(parts, score), "/"), 1) }
	add()
	if e.Message != "" {
		t.add(metricRatings, day, fieldAnswered, 1)
	}
	add("department", c.Department)
	add("topic", c.About.Topic)
	add("brand", c.Brand)
	var machines []string
	for _, a := range c.Automated {
		if !slices.Contains(machines, a.Answer) {
			machines = append(machines, a.Answer)
			add("automation", a.Answer)
		}
	}
}

// Scores counts ratings: how many of 1, 2, 3, 4 and 5.
type Scores [5]int64

// Count is how many there are.
func (s Scores) Count() (n int64) {
	for _, k := range s {
		n += k
	}
	return n
}

// Average is their mean, 0 where there are none.
func (s Scores) Average() float64 {
	var sum int64
	for i, k := range s {
		sum += int64(i+1) * k
	}
	if n := s.Count(); n > 0 {
		return float64(sum) / float64(n)
	}
	return 0
}

// Ratings are how content customers were on some days. What they rated is by id; ""
// is a topic that nobody knew.
type Ratings struct {
	Asked    int64 // customers whom the desk asked
	Answered int64 // and who answered themselves
	All      Scores

	Departments, Topics, Brands, Automations map[string]Scores
}

// Ratings counts the ratings of a period.
func (d *Docket) Ratings(ctx context.Context, p Period) (Ratings, error) {
	r := Ratings{Departments: map[string]Scores{}, Topics: map[string]Scores{}, Brands: map[string]Scores{}, Automations: map[string]Scores{}}
	by := map[string]map[string]Scores{"department": r.Departments, "topic": r.Topics, "brand": r.Brands, "automation": r.Automations}
	sum, err := d.counters(ctx, metricRatings, d.days(p)...)
	if err != nil {
		return r, err
	}
	r.Asked, r.Answered = sum[fieldAsked], sum[fieldAnswered]
	for field, n := range sum {
		parts := strings.Split(field, "/")
		score, err := strconv.Atoi(parts[len(parts)-1])
		if err != nil || score < 1 || score > len(r.All) {
			continue
		}
		switch of := by[parts[0]]; {
		case len(parts) == 1:
			r.All[score-1] += n
		case len(parts) == 3 && of != nil:
			s := of[parts[1]]
			s[score-1] += n
			of[parts[1]] = s
		}
	}
	return r, nil
}
