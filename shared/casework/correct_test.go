package casework

import (
	"testing"
)

func TestCorrectedTakesTheColleaguesWord(t *testing.T) {
	c := &Case{About: About{Topic: "refund", Kind: "question", Urgency: "now", Points: []string{"at the gate"}}}
	for _, e := range []Corrected{{Field: FieldTopic, To: "baggage"}, {Field: FieldKind, To: "complaint"}, {Field: FieldUrgency, To: "normal"}} {
		c.corrected(e)
	}
	if c.About.Topic != "baggage" || c.About.Kind != "complaint" || c.About.Urgency != "normal" || len(c.About.Points) != 1 {
		t.Errorf("about: %+v", c.About)
	}
	// The next message keeps the topic that a person chose.
	if got := mergeAbout(c.About, About{Topic: "refund", Urgency: "normal"}); got.Topic != "baggage" {
		t.Errorf("the next message makes it %s", got.Topic)
	}
}
