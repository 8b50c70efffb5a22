package relay

import (
	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/queue"
)

// offers asks for the free cases of departments that push to be given to somebody.
func (f *Relay) offers(updates []docket.Update) (ms []queue.Message, err error) {
	for _, u := range updates {
		v := u.Case.View()
		if d, ok := f.Policy.Department(v.Department); !ok || !d.Push || !v.Takeable() {
			continue
		}
		m, err := docket.Work{Case: u.Case.ID, Offer: &docket.Offer{Seq: u.Case.Seq}}.Message()
		if err != nil {
			return nil, err
		}
		ms = append(ms, m)
	}
	return ms, nil
}

// room asks for more work for a colleague who has the case no more.
func (f *Relay) room(c *casework.Case, cm casework.Commit) (ms []queue.Message, err error) {
	for _, e := range cm.Events {
		who := ""
		switch e := e.(type) {
		case casework.Resolved, casework.Transferred, casework.Snoozed, casework.MergedInto:
			if who = c.Owner; who == "" {
				who = c.LastOwner
			}
		case casework.Released:
			who = e.Colleague
		case casework.TakenOver:
			who = e.From
		case casework.Assigned:
			who = e.From
		}
		if p, ok := f.Policy.Colleague(who); !ok || !f.pushed(p.Departments) {
			continue
		}
		m, err := docket.Work{Case: cm.Case, Refill: &docket.Refill{Colleague: who, Seq: cm.Seq}}.Message()
		if err != nil {
			return nil, err
		}
		ms = append(ms, m)
	}
	return ms, nil
}

func (f *Relay) pushed(departments []string) bool {
	for _, id := range departments {
		if d, ok := f.Policy.Department(id); ok && d.Push {
			return true
		}
	}
	return false
}
