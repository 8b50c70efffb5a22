package casework

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"ines/shared/message"
)

// ActiveIncident is a confirmed incident that new cases may belong to.
type ActiveIncident struct {
	ID        string    `json:"id"`
	Community string    `json:"community"`
	Topic     string    `json:"topic"`
	Since     time.Time `json:"since"`
}

type (
	// LinkIncident makes the case one of an incident's, if it is about that.
	LinkIncident struct{ Incident ActiveIncident }
	// AnswerIncident sends the incident's answer here, once: Number tells the
	// answers of one incident apart. It is signed by By, and takes no claim.
	AnswerIncident struct {
		By, Incident string
		Number       int
		Text         func(language string) string
	}
)

func (LinkIncident) command()   {}
func (AnswerIncident) command() {}

func (d *draft) linkIncident(i ActiveIncident) {
	if d.c.Incident != "" || d.c.Status == StatusResolved || d.c.Community != i.Community || d.c.About.Topic != i.Topic || d.c.OpenedAt.Before(i.Since) {
		return
	}
	d.emit(LinkedToIncident{Incident: i.ID, Topic: i.Topic, Why: "many cases about " + i.Topic + " have one cause"})
}

// openedIncident links a case that was just opened to what is going on.
func (d *draft) openedIncident() {
	for _, i := range d.env.Incidents {
		d.linkIncident(i)
	}
}

func (d *draft) answerIncident(cmd AnswerIncident) error {
	c := d.c
	if c.Incident != cmd.Incident || c.IncidentAnswer >= cmd.Number || c.Status == StatusResolved {
		return nil // not ours, said already, or done with
	}
	e := IncidentAnswered{Incident: cmd.Incident, Number: cmd.Number}
	if _, ok := d.env.Policy.Colleague(cmd.By); !ok {
		e.Held = fmt.Sprintf("%q, who signs it, is not a colleague in the desk policy any more", cmd.By)
		d.emit(e)
		return nil
	}
	d.by = cmd.By
	t, ok := c.Thread(c.LastThread)
	if !ok {
		e.Held = "there is no thread to answer in"
		d.emit(e)
		return nil
	}
	id := message.DeriveID("incident-reply", cmd.Incident, strconv.Itoa(cmd.Number), c.ID)
	reply, err := d.request(t, outgoing{text: cmd.Text(c.About.Language), id: id})
	var refusal *Refusal
	switch {
	case errors.As(err, &refusal):
		e.Held = refusal.Detail
	case err != nil:
		return err
	}
	e.Reply = reply
	d.emit(e)
	return nil
}

func (c *Case) applyIncident(e Event) {
	switch e := e.(type) {
	case LinkedToIncident:
		c.Incident, c.IncidentAnswer = e.Incident, 0
	case IncidentAnswered:
		c.IncidentAnswer = e.Number
		if e.Reply != "" {
			c.Answers = max(0, c.Answers-1)
		}
	}
}
