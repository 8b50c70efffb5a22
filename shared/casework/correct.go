package casework

import (
	"cmp"
	"slices"
	"strings"

	"ines/shared/policy"
)

// What a correction is of.
const (
	FieldTopic   = "topic"
	FieldKind    = "kind"
	FieldUrgency = "urgency"
)

// Correct says what a case is really about: a colleague's word against the
// classifier's. What is "" stays.
type Correct struct{ By, Topic, Kind, Urgency string }

func (Correct) command() {}

// Corrected is one such correction. Message is the one that the classifier was
// wrong about; its text with the new label is an example to learn from.
type Corrected struct {
	Field   string `json:"field"`
	From    string `json:"from"`
	To      string `json:"to"`
	Message string `json:"message"`
}

// Kind is the event's name.
func (Corrected) Kind() string { return "corrected" }

func (d *draft) correct(cmd Correct) error {
	c := d.c
	if cmd.Topic == "" && cmd.Kind == "" && cmd.Urgency == "" {
		return refuse(CodeInvalid, "Say what is to be corrected: the topic, the kind or the urgency.")
	}
	if _, ok := d.env.Policy.Topic(cmd.Topic); cmd.Topic != "" && !ok {
		return refuse(CodeInvalid, "The desk has no topic %q.", cmd.Topic)
	}
	if cmd.Kind != "" && !slices.Contains(policy.Kinds, cmd.Kind) {
		return refuse(CodeInvalid, "There is no kind %q; there are %s.", cmd.Kind, strings.Join(policy.Kinds, ", "))
	}
	if cmd.Urgency != "" && !slices.Contains(policy.Urgencies, cmd.Urgency) {
		return refuse(CodeInvalid, "There is no urgency %q; there are %s.", cmd.Urgency, strings.Join(policy.Urgencies, ", "))
	}
	before := c.About
	// Where no message gave a topic, the first one is about it, not the last thanks.
	opened := ""
	if c.About.Topic == "" {
		opened = c.OpenedBy
	}
	for _, f := range []struct{ field, from, to, in string }{
		{FieldTopic, c.About.Topic, cmd.Topic, cmp.Or(c.About.TopicIn, opened)},
		{FieldKind, c.About.Kind, cmd.Kind, c.About.KindIn}, {FieldUrgency, c.About.Urgency, cmd.Urgency, c.About.UrgencyIn},
	} {
		if f.to != "" && f.to != f.from {
			d.emit(Corrected{Field: f.field, From: f.from, To: f.to, Message: cmp.Or(f.in, c.LastMessage)})
		}
	}
	d.reassess(before)
	return nil
}

// reassess draws the conclusions of a correction: segment, targets and department,
// where the rules now say something else than they did. Only the start of the
// customer's words and none of his history are at hand, so what the correction does
// not change stays as it was decided with all of them. Who has the case keeps it, and
// so does a department that people chose.
func (d *draft) reassess(before About) {
	c := d.c
	if slices.Equal(before.Points, c.About.Points) && before.Topic == c.About.Topic && before.Kind == c.About.Kind && before.Urgency == c.About.Urgency {
		return
	}
	was, now := d.env.Policy.Assess(d.factsOf(before)), d.env.Policy.Assess(d.factsOf(c.About))
	to := Assessed{About: c.About, Segment: c.Segment, Department: c.Department, Skills: c.Skills, Targets: c.Targets, Why: slices.Clone(c.Why)}
	said := func(decision string) {
		to.Why = slices.DeleteFunc(to.Why, func(e policy.Explanation) bool { return e.Decision == decision })
		for _, e := range now.Why {
			if e.Decision == decision {
				to.Why = append(to.Why, e)
			}
		}
	}
	if was.Segment != now.Segment {
		to.Segment = now.Segment
		said("segment")
	}
	if was.Service != now.Service {
		to.Targets = now.Service
		said("service")
	}
	if was.Department != now.Department && c.Department == was.Department && c.Owner == "" {
		to.Department, to.Skills = now.Department, now.Skills
		said("department")
		said("people")
	}
	to.Why = slices.DeleteFunc(to.Why, func(e policy.Explanation) bool { return e.Decision == "priority" || e.Decision == "topic" })
	to.Why = append(to.Why, d.env.Policy.Order.Explain(c.About.Urgency, c.broken()))
	if why, ok := topicWhy(c.About); ok {
		to.Why = append(to.Why, why)
	}
	d.emit(to)
	d.tighten(ClockFirst, to.Targets.FirstAnswer)
	d.tighten(ClockNext, to.Targets.NextAnswer)
	d.tighten(ClockResolution, to.Targets.Resolution)
	d.turn()
}

// factsOf are the facts that the case itself knows.
func (d *draft) factsOf(about About) policy.Facts {
	c := d.c
	f := policy.Facts{Community: c.Community, Brand: c.Brand, Language: about.Language, Topic: about.Topic, Kind: about.Kind, Tone: about.Tone,
		Urgency: about.Urgency, Points: about.Points, Anger: about.Anger, Text: c.LastText,
		Customer: policy.CustomerFacts{Name: c.Customer.Name}}
	if t, ok := c.Thread(c.LastThread); ok {
		f.Channel, f.Inbox, f.Visibility, f.Subject = t.Channel, t.Inbox, string(t.Visibility), t.Subject
	}
	return f
}

// corrected takes a colleague's word. Points explained the urgency that was wrong.
func (c *Case) corrected(e Corrected) {
	switch e.Field {
	case FieldTopic:
		c.About.Topic, c.About.TopicP, c.About.TopicSure = e.To, 0, false
		c.About.TopicBy, c.About.TopicForeign = TopicByColleague, false
	case FieldKind:
		c.About.Kind = e.To
	case FieldUrgency:
		c.About.Urgency, c.About.Points = e.To, []string{"as a colleague said"}
	}
}
