package docket

import (
	"context"
	"slices"
	"time"

	"ines/shared/casework"
	"ines/shared/table"
)

// sameKeys are the pointers of those who are one with an author, beside his own.
func sameKeys(r *casework.Receive) []table.Key {
	keys := []table.Key{jointKey(r.Same[0], r.Brand)}
	for _, m := range r.Same {
		if m != r.Customer.ID {
			keys = append(keys, openKey(m, r.Brand))
		}
	}
	return keys
}

// withOpen says whether the customer has an open case at the moment.
func (d *Docket) withOpen(ctx context.Context, f *found, his []pointer, now time.Time) (*found, error) {
	switch r := &f.receive; {
	case !slices.ContainsFunc(his, func(p pointer) bool { return p.Case != "" }):
	case f.c.Exists() && f.c.Status != casework.StatusResolved && r.Is(f.c):
		r.OpenCases = 1
	case (his[0].Case != f.id || len(his) > 1) && d.asksOpen:
		c, err := d.own(ctx, his, r, now)
		if err != nil {
			return f, err
		}
		if c != nil && c.Status != casework.StatusResolved {
			r.OpenCases = 1
		}
	}
	return f, nil
}

// own is the case that a customer's pointer leads to, nil if it is not his any more
// or was closed too long ago. Of one who is several customers it is what he himself
// has open, else what another of them has: the one written in last.
func (d *Docket) own(ctx context.Context, his []pointer, r *casework.Receive, now time.Time) (best *casework.Case, err error) {
	better := func(c *casework.Case, first bool) bool {
		open := c.Status != casework.StatusResolved
		switch was := best != nil && best.Status != casework.StatusResolved; {
		case best == nil || open != was:
			return best == nil || open
		}
		return !first && c.LastWrote.After(best.LastWrote)
	}
	for i, p := range his {
		if p.Case == "" || best != nil && p.Case == best.ID {
			continue
		}
		c, err := d.ownAt(ctx, p.Case, r, now)
		if err != nil {
			return nil, err
		}
		if c != nil && better(c, best != nil && best.ID == his[0].Case) {
			best = c
		}
		if i == 0 && best != nil && best.Status != casework.StatusResolved {
			break
		}
	}
	return best, nil
}

func (d *Docket) ownAt(ctx context.Context, id string, r *casework.Receive, now time.Time) (*casework.Case, error) {
	c, err := d.load(ctx, id)
	for range maxHops { // a customer's case may be part of another by now
		if err != nil || !c.MergedByHand {
			break
		}
		c, err = d.load(ctx, c.MergedInto)
	}
	if err != nil || !c.Exists() || c.IsErased() || c.MergedInto != "" || !r.Is(c) || !c.Joinable(now, d.policy.Cases.ReopenWindow) {
		return nil, err
	}
	return c, nil
}
