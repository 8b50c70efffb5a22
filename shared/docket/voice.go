package docket

import (
	"context"
	"strings"
	"time"

	"ines/shared/casework"
)

// metricVoice has a bucket per day, with a field for each thing that customers and
// colleagues say.
const metricVoice = "voice"

func (t tally) voice(day string, c *casework.Case, e casework.Event) {
	add := func(parts ...string) { t.add(metricVoice, day, strings.Join(parts, "/"), 1) }
	switch e := e.(type) {
	case casework.CaseOpened:
		// By case, not by message: each message would cost as much again as its view.
		if c.About.Topic != "" {
			add("topic", c.About.Topic, c.About.Tone)
		}
	case casework.Praised:
		add("praise", e.Colleague)
	case casework.FeedbackGiven:
		add("rule", e.Rule)
	case casework.Rated:
		t.rated(day, c, e)
	case casework.RatingAsked:
		t.add(metricRatings, day, fieldAsked, 1)
	}
}

// Voice is what was said on some days. Its maps count by topic and tone, by the rule
// that stood in the way ("" where none was named) and by colleague.
type Voice struct {
	Topics map[string]map[string]int64
	Rules  map[string]int64
	Praise map[string]int64
}

// Voice counts what customers and colleagues said in a period.
func (d *Docket) Voice(ctx context.Context, p Period) (v Voice, err error) {
	v = Voice{Topics: map[string]map[string]int64{}, Rules: map[string]int64{}, Praise: map[string]int64{}}
	sum, err := d.counters(ctx, metricVoice, d.days(p)...)
	if err != nil {
		return v, err
	}
	for field, n := range sum {
		what, name, _ := strings.Cut(field, "/")
		switch what {
		case "topic":
			topic, tone, _ := strings.Cut(name, "/")
			if v.Topics[topic] == nil {
				v.Topics[topic] = map[string]int64{}
			}
			v.Topics[topic][tone] += n
		case "rule":
			v.Rules[name] += n
		case "praise":
			v.Praise[name] += n
		}
	}
	return v, nil
}

// PraiseOf counts a colleague's praise of the last days up to now.
func (d *Docket) PraiseOf(ctx context.Context, colleague string, now time.Time, days int) (int64, error) {
	v, err := d.Voice(ctx, Period{From: now.AddDate(0, 0, 1-days), To: now})
	return v.Praise[colleague], err
}
