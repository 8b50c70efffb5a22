package desk

import (
	"slices"
	"strings"
	"time"

	"ines/shared/casework"
	"ines/shared/policy"
)

// rulesOnPage fills in what the rules put on a case's page: promises heard in
// replies, and what waits for a yes.
func (d *Desk) rulesOnPage(p *casePage, c *casework.Case, who policy.Colleague, now time.Time, zone *time.Location) {
	p.Actions = d.policy.Actions()
	p.ByHand = c.MergedByHand
	if c.Status == casework.StatusResolved {
		return
	}
	for _, q := range c.Questions {
		p.Asked = append(p.Asked, questionRow{ID: q.ID, Text: q.Text, Whom: d.colleagueName(q.Colleague), By: d.colleagueName(q.By), Mine: q.Colleague == who.ID,
			May: q.By == who.ID || c.Owner == who.ID || who.Has("lead"), Due: dueIn(&q.Due, "answer", now, zone)})
	}
	for _, x := range c.Exposed {
		if x.Warning != "" {
			p.Exposed = append(p.Exposed, exposedRow{Thread: x.Thread, Kinds: strings.Join(x.Kinds, ", "), Warning: x.Warning})
		}
	}
	for _, pr := range c.Proposals {
		if pr.Due.After(now) {
			p.Heard = append(p.Heard, promiseRow{ID: pr.ID, Text: pr.Text, Owner: d.colleagueName(pr.Owner), Due: dueIn(&pr.Due, "promise", now, zone)})
		}
	}
	for _, a := range c.Approvals {
		names := make([]string, len(a.Approvers))
		for i, id := range a.Approvers {
			names[i] = d.colleagueName(id)
		}
		p.Waiting = append(p.Waiting, approvalRow{ID: a.ID, What: asked(a.Action, a.Amount, a.Currency), Text: a.Text, By: d.colleagueName(a.By),
			Approvers: strings.Join(names, ", "), May: slices.Contains(a.Approvers, who.ID), Own: a.By == who.ID, Overdue: a.Overdue,
			Due: dueIn(&a.Due, "approval", now, zone)})
	}
}
