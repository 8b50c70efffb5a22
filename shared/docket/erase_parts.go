package docket

import (
	"context"
	"slices"

	"ines/shared/casework"
	"ines/shared/message"
)

// partsOf are the cases that went into another and are a part of it still. parted are
// those that shared a matter with it for a while: a colleague undid the merge, and they
// are their own customers' again.
func (d *Docket) partsOf(ctx context.Context, c *casework.Case) (parts, parted []string, err error) {
	once := slices.Clone(c.Took)
	for _, a := range c.Absorbed {
		add(&once, a.Case)
	}
	for _, id := range once {
		part, err := d.load(ctx, id)
		switch {
		case err != nil:
			return nil, nil, err
		case part.Exists() && !part.IsErased() && part.MergedInto != c.ID:
			parted = append(parted, id)
		default:
			parts = append(parts, id)
		}
	}
	return parts, parted, nil
}

// leftWords adds the cases that parted from the customer's in which he wrote while they
// were one: they are others', and only what he said goes.
func (d *Docket) leftWords(ctx context.Context, e *Erasure, c *casework.Case, parted []string) error {
	var his []message.Handle
	for _, p := range append([]casework.Person{c.Customer}, c.Handles...) {
		if e.is(p.ID) || e.is(casework.CustomerID(p.Handle)) {
			add(&his, p.Handle)
		}
	}
	for _, id := range parted {
		log, err := d.Log(ctx, id, 0)
		if err != nil {
			return err
		}
		wrote := slices.ContainsFunc(log, func(cm casework.Commit) bool {
			return slices.ContainsFunc(cm.Events, func(ev casework.Event) bool {
				m, ok := ev.(casework.MessageReceived)
				return ok && slices.Contains(his, m.Message.Author.Handle)
			})
		})
		if wrote && !slices.Contains(e.Cases, id) {
			add(&e.Others, id)
		}
	}
	return nil
}
