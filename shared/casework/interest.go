package casework

import "slices"

// interest notes which departments want to hear of the case because of a message.
// Who wants it changes neither whose it is nor when it is its turn.
func (d *draft) interest(r Receive) {
	facts := d.facts(r, d.c.About)
	for _, id := range d.env.Policy.Wanting(facts) {
		if slices.Contains(d.c.Interested, id) {
			continue
		}
		department, _ := d.env.Policy.Department(id)
		d.emit(Interested{Department: id, Message: r.Message.ID, Rule: department.Wants.String(), Why: d.env.Policy.ExplainWant(facts, id)})
	}
}
