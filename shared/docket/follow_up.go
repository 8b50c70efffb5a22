package docket

import (
	"context"
	"slices"
	"time"

	"ines/shared/casework"
)

// successor is the case that goes on with a closed one and takes messages: a
// follow-up of it, or one of that, as far as the customer's. nil: there is none.
func (d *Docket) successor(ctx context.Context, c *casework.Case, customer string, now time.Time) (*casework.Case, error) {
	for range maxHops {
		var next *casework.Case
		for _, id := range slices.Backward(c.FollowedBy) {
			f, err := d.load(ctx, id)
			for range maxHops {
				if err != nil || f.MergedInto == "" {
					break
				}
				f, err = d.load(ctx, f.MergedInto)
			}
			switch {
			case err != nil:
				return nil, err
			case !f.Exists() || f.IsErased() || f.MergedInto != "" || f.ID == c.ID || !f.Knows(customer):
				continue
			case f.Joinable(now, d.policy.Cases.ReopenWindow):
				return f, nil
			case next == nil:
				next = f
			}
		}
		if next == nil {
			return nil, nil
		}
		c = next
	}
	return nil, nil
}

// goingOn is the open case in which a closed one's matter goes on, "" if there is none.
func (d *Docket) goingOn(ctx context.Context, c *casework.Case, now time.Time) (string, error) {
	if c.Status != casework.StatusResolved || c.MergedInto != "" || len(c.FollowedBy) == 0 {
		return "", nil
	}
	f, err := d.successor(ctx, c, c.Customer.ID, now)
	if err != nil || f == nil || f.Status == casework.StatusResolved {
		return "", err
	}
	return f.ID, nil
}
