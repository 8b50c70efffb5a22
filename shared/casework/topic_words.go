package casework

import (
	"fmt"
	"math"

	"ines/shared/policy"
)

// Who says what a case is about.
const (
	TopicByWords     = "words"     // the topic's own words are in the text
	TopicByExamples  = "examples"  // the model that was trained from the desk's examples
	TopicByOpinion   = "opinion"   // a language model, asked because the desk's was not sure
	TopicByColleague = "colleague" // who corrected it
)

// topicWhy tells in words how the topic came about and whether a machine may act on
// it; false if nothing is known of that.
func topicWhy(a About) (policy.Explanation, bool) {
	e := policy.Explanation{Decision: "topic", Outcome: a.Topic, Rule: "learning", Facts: map[string]any{"sure": a.TopicSure}}
	if a.TopicP > 0 {
		e.Facts["probability"] = math.Round(a.TopicP*1000) / 1000
	}
	percent := math.Floor(a.TopicP * 100) // 99.9 is not certain
	switch a.TopicBy {
	case TopicByWords:
		e.Rule = "topics"
		e.Text = fmt.Sprintf("The topic is %s by its words; no machine acts on that alone", a.Topic)
	case TopicByOpinion:
		e.Rule = "learning.bedrock"
		e.Text = fmt.Sprintf("The desk's examples did not tell; a language model says that the topic is %s, which is never sure enough for a machine to act on", a.Topic)
	case TopicByColleague:
		e.Rule = "default"
		e.Text = fmt.Sprintf("A colleague says that the topic is %s", a.Topic)
	case TopicByExamples:
		sure := "not sure enough for a machine to act on"
		if a.TopicSure {
			sure = "sure enough for a machine to act on"
		}
		e.Text = fmt.Sprintf("By the desk's examples the topic is %s with %.0f %%, %s", a.Topic, percent, sure)
	default:
		if !a.TopicForeign {
			return e, false
		}
		e.Outcome, e.Text = "none", "The message is about none of the topics that the desk has examples of"
		return e, true
	}
	if a.TopicForeign {
		e.Facts["foreign"] = true
		e.Text += "; it is unlike the desk's examples"
	}
	return e, true
}
