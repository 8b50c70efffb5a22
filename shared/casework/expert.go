package casework

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"ines/shared/policy"
	"ines/shared/sorting"
)

// Solved is what a colleague has solved of a topic: how many cases, by SolvedField.
type Solved struct {
	Colleague string
	Counts    map[string]int64
}

// SolvedField names the counter of a language's cases in the month of a moment.
func SolvedField(language string, at time.Time) string {
	return language + "/" + at.UTC().Format("2006-01")
}

// Expert is a colleague who has solved something, and how well he fits a question.
type Expert struct {
	Colleague  string  `json:"colleague"`
	Name       string  `json:"name"`
	Topic      string  `json:"topic,omitempty"`
	Solved     int64   `json:"solved"`                // cases in all
	InLanguage int64   `json:"in_language,omitempty"` // of them in the language asked for
	Last       string  `json:"last,omitempty"`        // the month of the last one, 2006-01
	Speaks     bool    `json:"speaks,omitempty"`      // the language asked for
	Score      float64 `json:"score"`
	Why        string  `json:"why"`
}

// Wanted is what an expert is looked for with. Topic and Language may be "".
type Wanted struct {
	Topic, Language string
	By              string // who asks: never the answer
	Now             time.Time
}

// halfLife is the number of months after which what was solved counts half.
const halfLife = 6

// RankExperts orders the colleagues who have solved something of what is wanted,
// the likeliest to know first. Each case counts 1, less with every month that has
// passed since, and twice if it was in the language asked for; who doesn't speak
// that counts half.
func RankExperts(desk *policy.Desk, w Wanted, solved []Solved) []Expert {
	var all []Expert
	for _, s := range solved {
		who, ok := desk.Colleague(s.Colleague)
		if !ok || who.ID == w.By {
			continue
		}
		e := Expert{Colleague: who.ID, Name: who.Name, Topic: w.Topic}
		for field, n := range s.Counts {
			language, month, ok := strings.Cut(field, "/")
			at, err := time.Parse("2006-01", month)
			if !ok || err != nil || n <= 0 {
				continue
			}
			weight := math.Exp2(-float64(max(0, monthsBetween(at, w.Now))) / halfLife)
			if w.Language != "" && language == w.Language {
				weight *= 2
				e.InLanguage += n
			}
			e.Solved += n
			e.Last = max(e.Last, month)
			e.Score += weight * float64(n)
		}
		if e.Solved == 0 {
			continue
		}
		if w.Language != "" {
			e.Speaks = e.InLanguage > 0 || len(who.Languages) == 0 || slices.Contains(who.Languages, w.Language)
			if !e.Speaks {
				e.Score /= 2
			}
		}
		e.Score = math.Round(e.Score*100) / 100
		e.Why = e.words(w)
		all = append(all, e)
	}
	sorting.By(all, func(a, b Expert) int {
		return cmp.Or(-cmp.Compare(a.Score, b.Score), -cmp.Compare(a.Last, b.Last), cmp.Compare(a.Colleague, b.Colleague))
	})
	return all
}

func monthsBetween(then, now time.Time) int {
	now = now.UTC()
	return (now.Year()-then.Year())*12 + int(now.Month()) - int(then.Month())
}

func (e *Expert) words(w Wanted) string {
	about := ""
	if w.Topic != "" {
		about = " about " + w.Topic
	}
	words := fmt.Sprintf("%s has solved %s%s, the last in %s", e.Name, plural(int(e.Solved), "case", "cases"), about, e.Last)
	switch {
	case w.Language == "":
	case e.InLanguage > 0:
		words += fmt.Sprintf("; %d in %s", e.InLanguage, w.Language)
	case e.Speaks:
		words += "; none in " + w.Language
	default:
		words += "; doesn't speak " + w.Language
	}
	return words + "."
}

// pick finds whom to ask: the best by what was solved, else a colleague of the
// department that has the case, one who speaks the language before others.
func (d *draft) pick(topic string) (string, policy.Explanation) {
	language := d.c.About.Language
	why := policy.Explanation{Decision: "expert", Rule: "experts", Facts: map[string]any{"topic": topic, "language": language}}
	w := Wanted{Topic: topic, Language: language, By: d.by, Now: d.env.Now}
	for _, e := range RankExperts(d.env.Policy, w, d.env.Solved) {
		if d.asked(e.Colleague) {
			continue
		}
		why.Outcome, why.Text, why.Facts["solved"], why.Facts["score"] = e.Colleague, e.Why, e.Solved, e.Score
		return e.Colleague, why
	}
	best, speaks := "", false
	for _, c := range d.env.Policy.Colleagues {
		if c.ID == d.by || d.asked(c.ID) || !slices.Contains(c.Departments, d.c.Department) {
			continue
		}
		if s := language != "" && slices.Contains(c.Languages, language); best == "" || s && !speaks {
			best, speaks = c.ID, s
		}
	}
	if best == "" {
		return "", why
	}
	why.Outcome = best
	why.Text = "Nobody else has solved a case of this kind yet; " + d.name(best) + " works in the department that has this one."
	return best, why
}

// asked reports whether a colleague has an open question here already.
func (d *draft) asked(colleague string) bool {
	return slices.ContainsFunc(d.c.Questions, func(q Question) bool { return q.Colleague == colleague })
}
