package docket

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"ines/shared/casework"
	"ines/shared/message"
	"ines/shared/table"
)

// findKnown is find for what most messages are: the next one that a customer writes
// in a conversation of his open case. It reads at half the price what may be a moment
// old. Were the case's log older than it is, the commit would fail, which needs it to
// be whole; what leads to the case may change at any moment after it was read, however
// it was read; and whoever changed the message too early looks again (see LookAgain).
// Where it is any less simple, ok is false; read is then what it read, as find would
// have at first.
func (d *Docket) findKnown(ctx context.Context, in Incoming) (f *found, read looked, ok bool) {
	m := in.Item.Message
	if m.Token != "" || len(m.Also) > 0 {
		return nil, read, false
	}
	stale, r := table.Stale(ctx), d.receive(in)
	r.Customer.ID, r.Via = casework.CustomerID(m.Author.Handle), "known"
	key := openKey(r.Customer.ID, r.Brand)
	h := heard{message: messageKey(m.Channel, m.Inbox, m.ID)}
	have, err := d.table.Get(stale, key, h.message)
	if err != nil {
		return nil, read, false
	}
	h.have, read = have, looked{keys: []table.Key{key, h.message}, have: have}
	open, _, has, err := readPointer(have, key)
	if err != nil || !has || len(open.Same) > 0 || d.profiles && open.Profiled {
		return nil, read, false
	}
	r.Cases, r.Praised = open.Count, open.Praised
	// Whether he may be written to his case remembers, and reply asks before it writes.
	c, err := d.load(stale, open.Case)
	if err != nil {
		return nil, read, false
	}
	if _, his := c.ThreadOf(m.Channel, m.Inbox, m.Thread); !his || !c.IsCustomer(m.Author.Handle) || c.Customer.ID != r.Customer.ID ||
		c.MergedInto != "" || c.IsErased() || !c.Joinable(in.At, d.policy.Cases.ReopenWindow) || c.SplitTo(m.Author.Handle) != "" {
		return nil, read, false
	}
	if err := h.tell(&r, in.At); err != nil {
		return nil, read, false
	}
	if c.Status != casework.StatusResolved {
		r.OpenCases = 1
	}
	return &found{id: c.ID, c: c, receive: r, earlier: c.FollowsUp}, read, true
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

// heard reads what is known of a message's author as it is now, and of those that it
// answers, and under leads what changed it and what else is asked for; but for what was
// read. All of a handle lies together and costs one read.
func (d *Docket) heard(ctx, leads context.Context, m *message.Message, read looked, sent []table.Key, keys ...table.Key) (heard, error) {
	h := heard{message: messageKey(m.Channel, m.Inbox, m.ID), consent: consentKey(m.Inbox, m.Author.Handle), have: map[table.Key]table.Item{}}
	handle := handleKey(m.Author.Handle)
	now, where := read.others(sent), read.others(append([]table.Key{h.message}, keys...))
	var all errgroup.Group
	var lead map[table.Key]table.Item
	var page table.Page
	all.Go(func() (err error) { lead, err = d.table.Get(leads, where...); return err })
	all.Go(func() (err error) {
		q := table.Query{Partition: handle.Partition, From: consentPrefix, To: calledKey(m.Author.Handle).Sort}
		if m.Visibility != message.Private {
			q.From = handle.Sort // in public nobody is asked
		}
		page, err = d.table.Query(ctx, q)
		return err
	})
	said, err := d.table.Get(ctx, now...)
	if err := errors.Join(err, all.Wait()); err != nil {
		return h, err
	}
	for _, some := range []map[table.Key]table.Item{read.have, said, lead} {
		maps.Copy(h.have, some)
	}
	for _, item := range page.Items {
		h.have[item.Key] = item
	}
	return h, nil
}

// others are those of some keys that were not looked at.
func (l looked) others(keys []table.Key) []table.Key {
	return slices.DeleteFunc(slices.Clone(keys), func(k table.Key) bool { return slices.Contains(l.keys, k) })
}

// tell adds what was said, and how the author is called, to the command.
func (h heard) tell(r *casework.Receive, at time.Time) error {
	p, _, ok, err := readPointer(h.have, h.message)
	if err != nil {
		return err
	}
	if ok {
		r.Deleted, r.Edited = p.Deleted, p.Edited
	}
	if r.Consent, _, err = readConsent(h.have, h.consent); err != nil {
		return err
	}
	r.Called, _, err = readCalled(h.have, r.Message.Author.Handle, at)
	return err
}
