package docket

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"ines/shared/casework"
	"ines/shared/table"
)

// automaticLife is how long it is remembered how many automatic answers a customer
// had on a day.
const automaticLife = 3 * 24 * time.Hour

// automatic is how many automatic answers a customer had today, over all his cases.
// It is written in the transaction of the commit that gives one, and only from where
// it was read: two messages at once can't get more than the policy allows. nil
// counts nothing.
type automatic struct {
	key   table.Key
	given int
	seq   int64
}

// automatic reads the day of a message's author; nil where no automatic answer is
// possible, which costs nothing.
func (d *Docket) automatic(ctx context.Context, o Order) (*automatic, error) {
	r, ok := o.Command.(casework.Receive)
	if !ok || !r.MayBeAnswered(d.policy) {
		return nil, nil
	}
	a := &automatic{key: automaticKey(r.Person(), d.policy.Day(o.Now))}
	have, err := d.table.Get(ctx, a.key)
	if err != nil {
		return nil, fmt.Errorf("automatic answers of customer %s: %w", r.Customer.ID, err)
	}
	if item, ok := have[a.key]; ok {
		a.seq = item.Seq
		if err := json.Unmarshal(item.Value, &a.given); err != nil {
			return nil, fmt.Errorf("automatic answers of customer %s: %w", r.Customer.ID, err)
		}
	}
	return a, nil
}

func (a *automatic) today() int {
	if a == nil {
		return 0
	}
	return a.given
}

// count is the write that counts an automatic answer among the events, none if there
// is none.
func (a *automatic) count(events []casework.Event, now time.Time) []table.Write {
	if a == nil || !slices.ContainsFunc(events, casework.SaidByItself) {
		return nil
	}
	value, err := json.Marshal(a.given + 1)
	if err != nil {
		panic("a number is plain data: " + err.Error())
	}
	return []table.Write{replace(table.Item{Key: a.key, Value: value, Expires: now.Add(automaticLife)}, a.seq)}
}

// AutomationCounts is what became of one automatic answer's uses.
type AutomationCounts struct {
	Answered int64
	Outcomes map[string]int64 // by casework.AutomationOutcomes
}

func (t tally) automation(day, field string) {
	t.add(metricAutomation, bucketTotal, field, 1)
	t.add(metricAutomation, day, field, 1)
}

// Automation sums what became of the automatic answers that were given on some days,
// by the answer's id; the zero period is since the table began.
func (d *Docket) Automation(ctx context.Context, p Period) (map[string]AutomationCounts, error) {
	buckets := []string{bucketTotal}
	if p != (Period{}) {
		buckets = d.days(p)
	}
	sum, err := d.counters(ctx, metricAutomation, buckets...)
	if err != nil {
		return nil, err
	}
	all := map[string]AutomationCounts{}
	for field, n := range sum {
		answer, outcome, ok := strings.Cut(field, "/")
		if !ok {
			continue
		}
		c := all[answer]
		if c.Outcomes == nil {
			c.Outcomes = map[string]int64{}
		}
		if outcome == fieldAnswered {
			c.Answered = n
		} else {
			c.Outcomes[outcome] = n
		}
		all[answer] = c
	}
	return all, nil
}
