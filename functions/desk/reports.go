package desk

import (
	"maps"
	"net/http"
	"slices"
	"time"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/policy"
)

// automationJSON is what became of the uses of one automatic answer.
type automationJSON struct {
	ID       string `json:"id"`
	Topic    string `json:"topic"` // "" if the answer has left the policy
	Answered int64  `json:"answered"`
	Solved   int64  `json:"solved"`    // the customer thanked, or did not come back
	CameBack int64  `json:"came_back"` // without thanks: a person went on
	Person   int64  `json:"asked_person"`
	There    int64  `json:"went_there"` // went on where the answer sent him
	TakenUp  int64  `json:"taken_up"`   // a colleague answered before it was decided
	NotSent  int64  `json:"not_sent"`
	Open     int64  `json:"open"` // not decided yet
	// Success is the share of solved and went_there among those that the customer
	// decided, null as long as there are none.
	Success *float64 `json:"success"`
}

type outcomesAnswer struct {
	// The days on which the answers were given; absent: all there were.
	From       time.Time        `json:"from,omitzero"`
	To         time.Time        `json:"to,omitzero"`
	Automation []automationJSON `json:"automation"`
}

// showOutcomes reports how the desk's automatic answers do. An answer that has left
// the policy is still told, at the end.
func (d *Desk) showOutcomes(w http.ResponseWriter, r *http.Request, _ policy.Colleague) error {
	a := outcomesAnswer{Automation: []automationJSON{}}
	var p docket.Period
	if q := r.URL.Query(); q.Get("from") != "" || q.Get("to") != "" {
		var err error
		if p, err = d.periodOf(q); err != nil {
			return err
		}
		a.From, a.To = p.From.UTC(), p.To.UTC()
	}
	counted, err := d.docket.Automation(r.Context(), p)
	if err != nil {
		return err
	}
	add := func(id, topic string) {
		c, n := counted[id], automationJSON{ID: id, Topic: topic}
		n.Answered, n.Open = c.Answered, c.Answered
		for outcome, at := range map[string]*int64{casework.OutcomeSolved: &n.Solved, casework.OutcomeCameBack: &n.CameBack, casework.OutcomeAskedPerson: &n.Person,
			casework.OutcomeWentThere: &n.There, casework.OutcomeTakenUp: &n.TakenUp, casework.OutcomeNotSent: &n.NotSent} {
			*at = c.Outcomes[outcome]
			n.Open -= *at
		}
		if decided := n.Solved + n.There + n.CameBack + n.Person; decided > 0 {
			share := float64(n.Solved+n.There) / float64(decided)
			n.Success = &share
		}
		a.Automation = append(a.Automation, n)
		delete(counted, id)
	}
	for _, answer := range d.policy.Automation {
		add(answer.ID, answer.Topic)
	}
	for _, id := range slices.Sorted(maps.Keys(counted)) {
		add(id, "")
	}
	return writeJSON(w, http.StatusOK, a)
}
