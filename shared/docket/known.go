package docket

import (
	"context"
	"errors"
	"maps"

	"golang.org/x/sync/errgroup"

	"ines/shared/casework"
	"ines/shared/message"
	"ines/shared/table"
)

// findKnown is find for what most messages are: the next one that a customer writes
// in a conversation of his open case. It reads at half the price what may be a moment
// old. Were the case's log older than it is, the commit would fail, which needs it to
// be whole; what leads to the case may change at any moment after it was read, however
// it was read. Where it is any less simple, ok is false.
func (d *Docket) findKnown(ctx context.Context, in Incoming) (f found, ok bool) {
	m := in.Item.Message
	if m.Token != "" || len(m.Also) > 0 {
		return found{}, false
	}
	stale, r := table.Stale(ctx), d.receive(in)
	r.Customer.ID, r.Via = casework.CustomerID(m.Author.Handle), "known"
	key := openKey(r.Customer.ID, r.Brand)
	have, err := d.table.Get(stale, key)
	if err != nil {
		return found{}, false
	}
	open, _, has, err := readPointer(have, key)
	if err != nil || !has || len(open.Same) > 0 || d.profiles && open.Profiled {
		return found{}, false
	}
	r.Cases, r.Praised = open.Count, open.Praised
	var c *casework.Case
	var all errgroup.Group
	all.Go(func() (err error) { c, err = d.load(stale, open.Case); return err })
	// What a customer took back counts from that moment on. Whether he may be written to
	// his case remembers, and reply asks before it writes.
	h := heard{message: messageKey(m.Channel, m.Inbox, m.ID)}
	h.have, err = d.table.Get(ctx, h.message)
	if err := errors.Join(err, all.Wait()); err != nil {
		return found{}, false
	}
	if _, his := c.ThreadOf(m.Channel, m.Inbox, m.Thread); !his || !c.IsCustomer(m.Author.Handle) || c.Customer.ID != r.Customer.ID ||
		c.MergedInto != "" || c.IsErased() || !c.Joinable(in.At, d.policy.Cases.ReopenWindow) || c.SplitTo(m.Author.Handle) != "" {
		return found{}, false
	}
	if err := h.tell(&r); err != nil {
		return found{}, false
	}
	if c.Status != casework.StatusResolved {
		r.OpenCases = 1
	}
	return found{id: c.ID, c: c, receive: r, earlier: c.FollowsUp}, true
}

// receive is the command that a message is.
func (d *Docket) receive(in Incoming) casework.Receive {
	community, _ := d.policy.InboxCommunity(in.Item.Message.Inbox)
	return casework.Receive{Item: in.ID(), Message: *in.Item.Message, About: in.About, Brand: community.Brand, Community: community.ID}
}

// heard is what is known of a message, and of whoever wrote it where we answer in
// private, before it is filed.
type heard struct {
	message, consent table.Key
	have             map[table.Key]table.Item
}

// heard reads what is known of a message and of its author as it is now, and what else
// is asked for under leads. All of a handle lies together and costs one read.
func (d *Docket) heard(ctx, leads context.Context, m *message.Message, sent []table.Key, keys ...table.Key) (heard, error) {
	h := heard{message: messageKey(m.Channel, m.Inbox, m.ID), consent: consentKey(m.Inbox, m.Author.Handle), have: map[table.Key]table.Item{}}
	handle := handleKey(m.Author.Handle)
	var all errgroup.Group
	var lead map[table.Key]table.Item
	var page table.Page
	all.Go(func() (err error) { lead, err = d.table.Get(leads, keys...); return err })
	all.Go(func() (err error) {
		q := table.Query{Partition: handle.Partition, From: consentPrefix, To: handle.Sort}
		if m.Visibility != message.Private {
			q.From = handle.Sort // in public nobody is asked
		}
		page, err = d.table.Query(ctx, q)
		return err
	})
	now, err := d.table.Get(ctx, append([]table.Key{h.message}, sent...)...)
	if err := errors.Join(err, all.Wait()); err != nil {
		return h, err
	}
	maps.Copy(h.have, now)
	maps.Copy(h.have, lead)
	for _, item := range page.Items {
		h.have[item.Key] = item
	}
	return h, nil
}

// tell adds what was said to the command.
func (h heard) tell(r *casework.Receive) error {
	p, _, ok, err := readPointer(h.have, h.message)
	if err != nil {
		return err
	}
	if ok {
		r.Deleted, r.Edited = p.Deleted, p.Edited
	}
	r.Consent, _, err = readConsent(h.have, h.consent)
	return err
}
