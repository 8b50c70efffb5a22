package casework

import (
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
	for _, f := range []struct{ field, from, to string }{
		{FieldTopic, c.About.Topic, cmd.Topic}, {FieldKind, c.About.Kind, cmd.Kind}, {FieldUrgency, c.About.Urgency, cmd.Urgency},
	} {
		if f.to != "" && f.to != f.from {
			d.emit(Corrected{Field: f.field, From: f.from, To: f.to, Message: c.LastMessage})
		}
	}
	return nil
}

// corrected takes a colleague's word. Points explained the urgency that was wrong.
func (c *Case) corrected(e Corrected) {
	switch e.Field {
	case FieldTopic:
		c.About.Topic = e.To
	case FieldKind:
		c.About.Kind = e.To
	case FieldUrgency:
		c.About.Urgency, c.About.Points = e.To, []string{"as a colleague said"}
	}
}
