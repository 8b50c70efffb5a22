package casework

import (
	"slices"
	"strings"
	"testing"
	"time"
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

const sortingDesk = `
topics: [{id: baggage}, {id: refund}]
routing: [{when: 'topic == "baggage"', department: baggage}]
`

// TestACorrectionIsAssessedAsAMessageWouldBe: what the rules say of the right topic
// and urgency holds from then on, and is explained.
func TestACorrectionIsAssessedAsAMessageWouldBe(t *testing.T) {
	open := func() *file {
		f := newFile(t)
		f.desk = deskWith(t, sortingDesk)
		f.do("system", post("1", "leo", "at once, where is it", f.now))
		return f
	}
	f := open()
	due := f.c.First.Due
	f.do("ines", Correct{By: "ines", Topic: "baggage", Urgency: "now"})
	if f.c.Segment != "stranded" || f.c.Department != "baggage" || !f.c.First.Due.Before(due) {
		t.Errorf("segment %q, department %q, first answer due %v, was %v", f.c.Segment, f.c.Department, f.c.First.Due, due)
	}
	told := map[string]string{}
	for _, e := range f.c.Why {
		told[e.Decision] = e.Text
	}
	for _, decision := range []string{"segment", "service", "department", "priority", "topic"} {
		if told[decision] == "" {
			t.Errorf("%s is not explained: %v", decision, told)
		}
	}
	if !strings.Contains(told["topic"], "colleague") || f.c.About.TopicBy != TopicByColleague {
		t.Errorf("the topic: %s", told["topic"])
	}
	// Whoever has the case keeps it, and so does a department that somebody chose.
	f = open()
	f.do("ines", Claim{By: "ines"})
	f.do("ines", Correct{By: "ines", Topic: "baggage"})
	if f.c.Department != "care" || f.c.Owner != "ines" {
		t.Errorf("a claimed case went to %q of %q", f.c.Department, f.c.Owner)
	}
	// What no rule says otherwise of stays: here a kind, which none looks at.
	f = open()
	targets := f.c.Targets
	f.do("ines", Correct{By: "ines", Kind: "question"})
	if f.c.Targets != targets || f.c.Segment != "" || f.c.Department != "care" {
		t.Errorf("targets %v, segment %q, department %q", f.c.Targets, f.c.Segment, f.c.Department)
	}
}

// TestACorrectionIsOfTheMessageThatWasMisread: the thanks at the end are no example of
// the topic that the first message was taken for.
func TestACorrectionIsOfTheMessageThatWasMisread(t *testing.T) {
	said := func(id string, about About, f *file) Receive {
		r := post(id, "leo", "words of "+id, f.now)
		r.About = about
		return r
	}
	messages := func(f *file, cmd Correct) (of []string) {
		for _, e := range f.do("ines", cmd) {
			if c, ok := e.(Corrected); ok {
				of = append(of, c.Field+" "+c.Message)
			}
		}
		return of
	}
	f := newFile(t)
	f.desk = deskWith(t, sortingDesk)
	f.do("system", said("1", About{Topic: "refund", Kind: "complaint", Urgency: "normal"}, f))
	f.wait(time.Minute)
	f.do("system", said("2", About{Topic: "baggage", Kind: "request", Urgency: "high"}, f))
	f.wait(time.Minute)
	f.do("system", said("3", About{Kind: "request", Urgency: "normal"}, f))
	if got, want := messages(f, Correct{By: "ines", Topic: "baggage", Kind: "question", Urgency: "now"}), []string{"topic 1", "kind 3", "urgency 2"}; !slices.Equal(got, want) {
		t.Errorf("corrected are %v, want %v", got, want)
	}
	if got, want := messages(f, Correct{By: "ines", Topic: "refund"}), []string{"topic 1"}; !slices.Equal(got, want) {
		t.Errorf("on second thoughts %v, want %v", got, want)
	}
	f = newFile(t)
	f.desk = deskWith(t, sortingDesk)
	f.do("system", said("1", About{Kind: "complaint"}, f))
	f.wait(time.Minute)
	f.do("system", said("2", About{Kind: "praise"}, f))
	if got, want := messages(f, Correct{By: "ines", Topic: "refund"}), []string{"topic 1"}; !slices.Equal(got, want) {
		t.Errorf("no message had a topic: %v, want %v", got, want)
	}
}
