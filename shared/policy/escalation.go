package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// What escalates: a service clock that was missed, a promise that was broken, an
// approval that nobody gave or declined in time, a question that the colleague who
// was asked has not answered.
const (
	OnFirstAnswer = "first_answer"
	OnNextAnswer  = "next_answer"
	OnResolution  = "resolution"
	OnPromise     = "promise"
	OnApproval    = "approval"
	OnExpert      = "expert"
)

// Deadlines are all of them.
var Deadlines = []string{OnFirstAnswer, OnNextAnswer, OnResolution, OnPromise, OnApproval, OnExpert}

// What a step of the ladder does.
const (
	StepRemind   = "remind"    // the colleague whose it is; of an approval those who may give it
	StepHandOver = "hand_over" // back to the case's department
	StepTellLead = "tell_lead" // the department's lead
)

// Steps are all of them.
var Steps = []string{StepRemind, StepHandOver, StepTellLead}

// EscalationStep is one rung of the ladder that a missed deadline climbs until
// somebody makes it good.
type EscalationStep struct {
	On    []string      `yaml:"on"`    // which deadlines; empty: all that the step is for
	After time.Duration `yaml:"after"` // opening time after the deadline; 0: at once
	Do    string        `yaml:"do" policy:"required"`
}

// DefaultEscalation is the ladder without an escalation section.
var DefaultEscalation = []EscalationStep{
	{Do: StepRemind},
	{Do: StepHandOver, After: 30 * time.Minute},
	{Do: StepTellLead, After: time.Hour},
}

// Ladder is the steps for a kind of deadline, soonest first.
func (d *Desk) Ladder(deadline string) []EscalationStep {
	var steps []EscalationStep
	for _, s := range d.Escalation {
		if s.covers(deadline) {
			steps = append(steps, s)
		}
	}
	return steps
}

func (s EscalationStep) covers(deadline string) bool {
	if (deadline == OnApproval || deadline == OnExpert) && s.Do == StepHandOver {
		return false // it is not whose case it is
	}
	return len(s.On) == 0 || slices.Contains(s.On, deadline)
}

func (c *checker) escalation() {
	d := c.desk
	if _, written := c.lines["escalation"]; !written {
		d.Escalation = DefaultEscalation
	}
	last := map[string]time.Duration{}
	for i, s := range d.Escalation {
		path := fmt.Sprintf("escalation[%d]", i)
		c.known(path+".do", "step", s.Do, Steps)
		for j, on := range s.On {
			c.known(fmt.Sprintf("%s.on[%d]", path, j), "deadline", on, Deadlines)
			if on == OnApproval && s.Do == StepHandOver {
				c.at(path, "an approval can't be handed over: it is for everybody who may give it", "remind or tell_lead")
			}
			if on == OnExpert && s.Do == StepHandOver {
				c.at(path, "a question to a colleague can't be handed over: the case is not his", "remind or tell_lead")
			}
		}
		for _, on := range Deadlines {
			if !s.covers(on) {
				continue
			}
			if s.After < last[on] {
				c.at(path, fmt.Sprintf("%s comes before the step above it for %s", path, strings.ReplaceAll(on, "_", " ")), "write the steps in the order in which they happen")
				break
			}
			last[on] = s.After
		}
	}
}
