package docket

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"ines/shared/casework"
	"ines/shared/policy"
	"ines/shared/table"
)

// spentLife is how long a colleague's day is remembered: for people who look into
// it. Limits look at the day itself only.
const spentLife = 40 * 24 * time.Hour

// spent is what one colleague has done for customers on one day. It is written in
// the transaction of the commit that says so, and only from where it was read: two
// actions at once can't overrun a limit, and what was refused or declined never
// counted.
type spent struct {
	key   table.Key
	today map[string]policy.Money // by casework.SpentKey
	seq   int64
}

// spent reads the day that a command of a colleague is limited by; nil for the
// commands that aren't.
func (d *Docket) spent(ctx context.Context, o Order) (*spent, error) {
	switch o.Command.(type) {
	case casework.Act, casework.Approve:
	default:
		return nil, nil
	}
	s := &spent{key: spentKey(o.By, d.policy.Day(o.Now)), today: map[string]policy.Money{}}
	have, err := d.table.Get(ctx, s.key)
	if err != nil {
		return nil, fmt.Errorf("the day of %s: %w", o.By, err)
	}
	if item, ok := have[s.key]; ok {
		s.seq = item.Seq
		if err := json.Unmarshal(item.Value, &s.today); err != nil {
			return nil, fmt.Errorf("the day of %s: %w", o.By, err)
		}
	}
	return s, nil
}

// charge is the write that counts what the events give away, none if nothing is.
func (s *spent) charge(events []casework.Event, now time.Time) ([]table.Write, error) {
	if s == nil {
		return nil, nil
	}
	charged := false
	for _, e := range events {
		if a, ok := e.(casework.ActionTaken); ok && a.Charged != "" {
			k := casework.SpentKey(a.Action, a.Currency)
			s.today[k], charged = s.today[k].Plus(a.Money()), true
		}
	}
	if !charged {
		return nil, nil
	}
	value, err := json.Marshal(s.today)
	if err != nil {
		return nil, fmt.Errorf("the day of a colleague: %w", err)
	}
	return []table.Write{replace(table.Item{Key: s.key, Value: value, Expires: now.Add(spentLife)}, s.seq)}, nil
}

// Spent is what a colleague has done for customers on the day of a moment, by
// casework.SpentKey.
func (d *Docket) Spent(ctx context.Context, colleague string, at time.Time) (map[string]policy.Money, error) {
	s, err := d.spent(ctx, Order{By: colleague, Now: at, Command: casework.Act{}})
	if err != nil {
		return nil, err
	}
	return s.today, nil
}
