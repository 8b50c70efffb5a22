package policy

import (
	"fmt"
	"time"
)

// Containment is when a public thread spreads: so many answers by others, or so
// many followers of those who join, within a time. The lead is told. It changes who
// hears of a case and never when it is served.
type Containment struct {
	Replies int           `yaml:"replies"`
	Within  time.Duration `yaml:"within"`
	Reach   int           `yaml:"reach"` // followers of those who joined, together
}

// DefaultContainment holds without a containment section.
var DefaultContainment = Containment{Replies: 20, Within: time.Hour, Reach: 100_000}

// LongestContainment is how far back a case remembers how a thread grew.
const LongestContainment = 2 * time.Hour

// Spreads says whether so many answers and followers are too many, and why.
func (s Containment) Spreads(replies int, reach int64) (Explanation, bool) {
	e := Explanation{Decision: "containment", Outcome: "tell the lead", Facts: map[string]any{"replies": float64(replies), "reach": float64(reach)}}
	switch {
	case replies >= s.Replies:
		e.Rule = "containment.replies"
		e.Text = fmt.Sprintf("%d others have answered within %s; from %d on the lead is told.", replies, spoken(s.Within), s.Replies)
	case reach >= int64(s.Reach):
		e.Rule = "containment.reach"
		e.Text = fmt.Sprintf("Those who joined within %s are followed by %d people; from %d on the lead is told.", spoken(s.Within), reach, s.Reach)
	default:
		return e, false
	}
	e.Text += " The order of work stays as it is."
	return e, true
}

func (c *checker) containment() {
	s := &c.desk.Containment
	if s.Replies == 0 {
		s.Replies = DefaultContainment.Replies
	}
	if s.Within == 0 {
		s.Within = DefaultContainment.Within
	}
	if s.Reach == 0 {
		s.Reach = DefaultContainment.Reach
	}
	if s.Within > LongestContainment {
		c.at("containment.within", fmt.Sprintf("containment.within is longer than %s", spoken(LongestContainment)), "what takes longer doesn't spread fast")
	}
}
