package docket

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"ines/shared/casework"
	"ines/shared/policy"
	"ines/shared/table"
)

// Next claims the first case in the order of work that a colleague can take, in one
// department or in all of his. c is nil if there is none, and why says so. with adds
// writes to the claim's transaction; their conflict is returned. Errors:
// *casework.Refusal when he has as many as he can, and the table's.
func (d *Docket) Next(ctx context.Context, colleague, department string, now time.Time, cause casework.Cause, with func(*casework.Case, policy.Explanation) ([]table.Write, error)) (c *casework.Case, why policy.Explanation, err error) {
	who, ok := d.policy.Colleague(colleague)
	if !ok {
		return nil, why, &casework.Refusal{Code: casework.CodeNotAllowed, Detail: fmt.Sprintf("%q is not a colleague in the desk policy.", colleague)}
	}
	queues := who.Departments
	if department != "" {
		if !slices.Contains(queues, department) {
			return nil, why, &casework.Refusal{Code: casework.CodeNotAllowed, Detail: fmt.Sprintf("%s is not in the department %q.", who.Name, department)}
		}
		queues = []string{department}
	}
	gone := map[string]bool{}
	for range retries {
		p, s, err := d.sit(ctx, colleague, now)
		if err != nil {
			return nil, why, err
		}
		if p.Held >= p.Capacity {
			return nil, why, &casework.Refusal{Code: casework.CodeAtCapacity, More: map[string]any{"held": p.Held, "capacity": p.Capacity},
				Detail: fmt.Sprintf("You have %d open cases, as many as your capacity. Close one or give it back, or claim this one by hand.", p.Held)}
		}
		views, err := d.waiting(ctx, queues)
		if err != nil {
			return nil, why, err
		}
		for {
			views = slices.DeleteFunc(views, func(v casework.View) bool { return gone[v.ID] })
			v, reason, ok := casework.NextFor(p, views, d.policy.Order)
			if !ok {
				return nil, reason, nil
			}
			c, err := d.take(ctx, v.ID, p, s, reason, now, cause, with)
			if err == nil {
				return c, reason, nil
			}
			if table.Conflicted(err, s.key) {
				break // he was given another one at this moment: count again
			}
			if !errors.Is(err, errGone) {
				return nil, why, err
			}
			gone[v.ID] = true
		}
	}
	return nil, why, fmt.Errorf("the next case of %s: %w: lost to concurrent commands %d times", colleague, table.ErrUnavailable, retries)
}

// errGone is for a case that is not to be had any more.
var errGone = errors.New("somebody else has it")

func (d *Docket) take(ctx context.Context, id string, p casework.Available, s seat, why policy.Explanation, now time.Time, cause casework.Cause, with func(*casework.Case, policy.Explanation) ([]table.Write, error)) (*casework.Case, error) {
	for range retries {
		c, err := d.Load(ctx, id)
		if errors.Is(err, ErrNoCase) {
			return nil, errGone
		}
		if err != nil {
			return nil, err
		}
		if v := c.View(); !v.Takeable() || v.Unfit(p) != "" {
			return nil, errGone // the list lagged behind
		}
		after, _, err := d.decide(ctx, c, Order{Case: id, By: p.ID, Now: now, Cause: cause,
			Command: casework.Match{Colleague: p.ID, How: casework.HowPull, Why: why},
			With: func(after *casework.Case, _ []casework.Event) ([]table.Write, error) {
				w, err := s.give(id, now)
				if err != nil || with == nil {
					return []table.Write{w}, err
				}
				more, err := with(after, why)
				return append(more, w), err
			}})
		var refused *casework.Refusal
		switch {
		case errors.As(err, &refused):
			return nil, errGone
		case table.Conflicted(err, logKey(id, c.Seq+1)) && !table.Conflicted(err, s.key):
			continue
		}
		return after, err
	}
	return nil, errGone
}
