package docket

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"ines/shared/casework"
	"ines/shared/linktoken"
	"ines/shared/message"
	"ines/shared/table"
)

// The counted outcomes of a delivery's items. Ignored ones are followed by
// ":<reason>".
const (
	OutcomeFiled        = "filed"
	OutcomeDuplicate    = "duplicate"
	OutcomeEcho         = "echo"
	OutcomeReport       = "report"
	OutcomeIgnored      = "ignored"
	OutcomeUnrecognised = "unrecognised"
	OutcomeFailed       = "failed"
)

// File brings one item of a delivery to the case it belongs to and makes sure
// that the item ends in exactly one counted outcome, however often it is called:
// in the commit that files it, or in a receipt of its own. An error means that
// nothing is decided and the item must come again.
func (d *Docket) File(ctx context.Context, in Incoming) error {
	switch in.Item.Kind {
	case message.KindMessage:
		return d.fileMessage(ctx, in)
	case message.KindEdit, message.KindDelete:
		return d.fileChange(ctx, in)
	case message.KindReport:
		return d.fileReport(ctx, in)
	case message.KindConsent:
		return d.fileConsent(ctx, in)
	}
	return d.Receipts(ctx, Receipt{Incoming: in, Outcome: OutcomeUnrecognised})
}

func (in Incoming) cause(outcome string) casework.Cause {
	c := casework.Cause{Kind: "delivery", ID: in.ID(), Outcome: outcome}
	if in.Index == 0 {
		c.Items = in.Items
	}
	return c
}

func (d *Docket) fileMessage(ctx context.Context, in Incoming) error {
	gone := map[string]bool{} // cases that the conversation had, and that were erased
	for try := range retries {
		found, ok, err := found{}, false, error(nil)
		if try == 0 {
			found, ok = d.findKnown(ctx, in)
		}
		if !ok {
			if found, err = d.find(ctx, in, "", false); err != nil {
				return err
			}
		}
		if found.erased {
			return d.again(ctx, in, OutcomeDuplicate)
		}
		for m := in.Item.Message; gone[found.id]; {
			found.id = casework.CaseID(m.Channel, m.Inbox, m.Thread, found.id)
		}
		switch sight, err := d.look(ctx, found, in); {
		case err != nil:
			return err
		case sight == casework.SightSame:
			return nil // this very item was filed before: it is counted
		case sight == casework.SightDuplicate:
			return d.Receipts(ctx, Receipt{Incoming: in, Outcome: OutcomeDuplicate})
		}
		cause := in.cause(OutcomeFiled)
		_, _, err = d.decide(ctx, found.c, Order{Case: found.id, Command: found.receive, Cause: cause, Now: in.At, looked: found.looked})
		if table.Conflicted(err) {
			// Somebody filed into the case, or opened it, meanwhile; or it is a grave.
			if table.Conflicted(err, logKey(found.id, 1)) {
				c, err := d.load(ctx, found.id)
				if err != nil {
					return err
				}
				gone[found.id] = c.IsErased()
			}
			continue
		}
		return err
	}
	return fmt.Errorf("message %s: %w: lost to concurrent commands %d times", in.Item.Message.Key(), table.ErrUnavailable, retries)
}

// found is where a message belongs.
type found struct {
	id      string
	c       *casework.Case // zero if the message opens it
	receive casework.Receive
	earlier string   // the case that this one follows up, or would
	also    []string // cases that may have filed the message, too
	erased  bool     // nowhere: this very message was erased
	looked  looked
}

// looked is what somebody has just read: the keys that he asked for, and the items
// that there are.
type looked struct {
	keys []table.Key
	have map[table.Key]table.Item
	same []string // who are one with the author
}

// findKnown is find for what most messages are: the next one in a thread that we
// know. It reads at half the price what may be a moment old. Were the case's log
// older than it is, the commit would fail, which needs it to be whole; what leads to
// the case may change at any moment after it was read, however it was read. Where it
// is any less simple, ok is false.
func (d *Docket) findKnown(ctx context.Context, in Incoming) (f found, ok bool) {
	m := in.Item.Message
	if m.Token != "" {
		return found{}, false
	}
	stale := table.Stale(ctx)
	thread, err := d.table.Get(stale, threadKey(m.Channel, m.Inbox, m.Thread))
	if err != nil || len(thread) == 0 {
		return found{}, false
	}
	f, err = d.findAmong(ctx, stale, in, "", false, thread)
	r := f.receive
	return f, err == nil && f.c.Exists() && r.Via == "known" && r.Takes+r.FollowsUp+r.LinkedFrom == "" && len(f.also) == 0
}

// find answers DESIGN.md section 4, "Which case does a message join?": a link
// token; a thread we already know; a reply to something we sent; the customer's
// open case of the same brand; else a new case. as is who wrote it, where
// somebody says so; "" leaves it to the author's handle.
func (d *Docket) find(ctx context.Context, in Incoming, as string, look bool) (found, error) {
	return d.findAmong(ctx, ctx, in, as, look, nil)
}

// findAmong is find that reads under leads what leads to the case, and the case. The
// thread's pointer may be read already; then what the message answers is not asked.
func (d *Docket) findAmong(ctx, leads context.Context, in Incoming, as string, look bool, thread map[table.Key]table.Item) (found, error) {
	m := in.Item.Message
	community, _ := d.policy.InboxCommunity(m.Inbox)
	r := casework.Receive{Item: in.ID(), Message: *m, About: in.About, Brand: community.Brand, Community: community.ID}
	tk, mk := threadKey(m.Channel, m.Inbox, m.Thread), messageKey(m.Channel, m.Inbox, m.ID)
	derived := casework.CustomerID(m.Author.Handle)
	var keys []table.Key
	for _, h := range handlesOf(m) {
		keys = append(keys, handleKey(h), openKey(casework.CustomerID(h), r.Brand))
	}
	// What a customer took back or refused counts from that moment on.
	now := []table.Key{mk}
	said := consentKey(m.Inbox, m.Author.Handle)
	if m.Visibility == message.Private {
		now = append(now, said)
	}
	var answered []table.Key
	if thread == nil {
		answered = answeredKeys(m, mk)
		now = append(now, answered...)
	}
	have, err := d.readPointers(ctx, leads, now, keys, tk, thread)
	if err != nil {
		return found{}, fmt.Errorf("message %s: %w", m.Key(), err)
	}
	if p, _, ok, err := readPointer(have, mk); err != nil {
		return found{}, err
	} else if ok {
		r.Deleted, r.Edited = p.Deleted, p.Edited
	}
	if r.Consent, _, err = readConsent(have, said); err != nil {
		return found{}, err
	}
	if r.Customer.ID, err = customerOf(have, m, r.Brand); err != nil {
		return found{}, err
	}
	_, known := have[tk]
	if _, here := have[openKey(r.Customer.ID, r.Brand)]; !known || !here || r.Customer.ID != derived {
		// A conversation or a person that nobody knows, or one who is known by
		// another id than his handle's: this may be what was erased.
		p, err := d.past(ctx, m, look)
		if err != nil || p.message {
			return found{c: &casework.Case{}, receive: r, erased: p.message}, err
		}
		if id := p.customer(m); id != "" && r.Customer.ID == derived {
			r.Customer.ID = id
		}
		if r.Consent == nil && slices.Contains(p.stones[m.Author.Handle.Key()].Refused, m.Inbox) {
			r.Consent = &message.Consent{Channel: m.Channel, Inbox: m.Inbox, Thread: m.Thread, Author: m.Author, Refused: true, At: m.SentAt,
				Why: "refused before what was known of them was erased"}
		}
	}
	if as != "" {
		r.Customer.ID = as
	}
	ok := openKey(r.Customer.ID, r.Brand)
	if r.Customer.ID != derived {
		more, err := d.table.Get(ctx, ok)
		if err != nil {
			return found{}, fmt.Errorf("message %s: %w", m.Key(), err)
		}
		maps.Copy(have, more)
		keys = append(keys, ok)
	}
	open, _, hasOpen, err := readPointer(have, ok)
	if err != nil {
		return found{}, err
	}
	his := []pointer{open}
	if r.Same = open.Same; len(r.Same) > 0 {
		more, err := d.table.Get(leads, sameKeys(r)...)
		if err != nil {
			return found{}, fmt.Errorf("message %s: %w", m.Key(), err)
		}
		maps.Copy(have, more)
		keys = append(keys, sameKeys(r)...)
		for _, k := range sameKeys(r) {
			p, _, _, err := readPointer(have, k)
			if err != nil {
				return found{}, err
			}
			his = append(his, p)
		}
	}
	profiled := false
	for _, p := range his {
		r.Cases, r.Praised, profiled = r.Cases+p.Count, r.Praised+p.Praised, profiled || p.Profiled
	}
	if d.profiles && (profiled || !hasOpen && len(d.policy.Brands) > 1) {
		if r.Profile, err = d.joinedProfile(leads, r.Customer.ID, r.Same); err != nil {
			return found{}, fmt.Errorf("message %s: %w", m.Key(), err)
		}
	}
	f, err := d.place(leads, in, r, have, answered, his, hasOpen)
	if err != nil {
		return f, err
	}
	if f.c == nil {
		f.c = &casework.Case{} // what the thread's pointer leads to is not in sight yet
	}
	if thread == nil {
		f.looked = looked{append(keys, tk), have, r.Same}
	}
	return d.withOpen(leads, f, his, in.At)
}

// readPointers reads some as they are now and the others under leads.
func (d *Docket) readPointers(ctx, leads context.Context, now, keys []table.Key, tk table.Key, thread map[table.Key]table.Item) (map[table.Key]table.Item, error) {
	if thread == nil {
		return d.table.Get(ctx, append(append(now, tk), keys...)...)
	}
	have := maps.Clone(thread)
	var all errgroup.Group
	var lead map[table.Key]table.Item
	all.Go(func() (err error) { lead, err = d.table.Get(leads, keys...); return err })
	more, err := d.table.Get(ctx, now...)
	if err := errors.Join(err, all.Wait()); err != nil {
		return nil, err
	}
	maps.Copy(have, more)
	maps.Copy(have, lead)
	return have, nil
}

// place is find's decision.
func (d *Docket) place(ctx context.Context, in Incoming, r casework.Receive, have map[table.Key]table.Item, answered []table.Key, his []pointer, hasOpen bool) (found, error) {
	m := in.Item.Message
	tk := threadKey(m.Channel, m.Inbox, m.Thread)

	if m.Token != "" {
		if id := d.linked(ctx, m.Token, in.At); id != "" {
			if f, ok, err := d.joinCase(ctx, id, "token", r, in.At); ok || err != nil {
				return f, err
			}
		}
	}
	if p, _, ok, err := readPointer(have, tk); err != nil {
		return found{}, err
	} else if ok {
		f, ok, err := d.joinCase(ctx, p.Case, "known", r, in.At)
		if err != nil || ok && (!hasOpen || !f.c.TakesOver(*m)) {
			return f, err
		}
		if ok {
			// The conversation is the author's, and so is another open case: it
			// belongs there.
			own, err := d.own(ctx, his, r, in.At)
			if err != nil || own == nil || own.ID == f.id {
				return f, err
			}
			r.Via, r.Takes = "customer", f.id
			return found{id: own.ID, c: own, receive: r, earlier: own.FollowsUp, also: []string{f.id}}, nil
		}
	}
	for _, k := range answered {
		if p, _, ok, err := readPointer(have, k); err != nil {
			return found{}, err
		} else if ok && p.Case != "" {
			if f, ok, err := d.joinCase(ctx, p.Case, "sent", r, in.At); ok || err != nil {
				return f, err
			}
		}
	}
	if hasOpen {
		c, err := d.own(ctx, his, r, in.At)
		if err != nil {
			return found{}, err
		}
		if c != nil {
			r.Via = "customer"
			return found{id: c.ID, c: c, receive: r, earlier: c.FollowsUp}, nil
		}
	}
	r.Via = "opened"
	return found{id: casework.CaseID(m.Channel, m.Inbox, m.Thread, ""), c: &casework.Case{}, receive: r}, nil
}

// answeredKeys are the messages that this one answers, each looked up as
// something we sent. A long References header is cut: the nearest count.
func answeredKeys(m *message.Message, own table.Key) []table.Key {
	const most = 8
	var keys []table.Key
	seen := map[table.Key]bool{own: true}
	for _, id := range append([]string{m.Parent}, m.Refs...) {
		k := messageKey(m.Channel, m.Inbox, id)
		if id != "" && !seen[k] && len(keys) < most {
			seen[k] = true
			keys = append(keys, k)
		}
	}
	return keys
}

// linked is the case of a valid link token, or "".
func (d *Docket) linked(ctx context.Context, token string, now time.Time) string {
	keys, err := d.linkKeys(ctx)
	if err != nil {
		return ""
	}
	id, err := linktoken.Check(keys, token, now)
	if err != nil {
		return ""
	}
	return id
}

// token is a link token of the case that an order is for: the invitation that a
// colleague sends has one. Without a key there is none, and links go without.
func (d *Docket) token(ctx context.Context, o Order) string {
	keys, err := d.linkKeys(ctx)
	if err != nil || len(keys) == 0 {
		return ""
	}
	return linktoken.Mint(keys[0], o.Case, o.Now, d.policy.Cases.LinkTokenLife)
}

// maxHops bounds how far is followed from case to case.
const maxHops = 50

// join puts a message into a case that was found, or into what the case has
// become: a bystander's own case, or a follow-up when it was closed too long ago.
func (d *Docket) joinCase(ctx context.Context, id, via string, r casework.Receive, now time.Time) (found, bool, error) {
	c, err := d.load(ctx, id)
	if err != nil {
		return found{}, false, err
	}
	var also []string
	for range maxHops {
		if c.MergedInto == "" {
			break
		}
		also = append(also, id)
		if c, err = d.load(ctx, c.MergedInto); err != nil {
			return found{}, false, err
		}
		id = c.ID
	}
	if !c.Exists() || c.IsErased() {
		return found{}, false, nil
	}
	if own := c.SplitTo(r.Message.Author.Handle); own != "" {
		r.Via, r.LinkedFrom, also = "known", c.ID, append(also, c.ID)
		theirs, err := d.load(ctx, own)
		if err != nil {
			return found{}, false, err
		}
		switch {
		case !theirs.Exists():
			return found{id: own, c: theirs, receive: r, also: also}, true, nil
		case theirs.IsErased():
			r.LinkedFrom = ""
		default:
			id, c = own, theirs
		}
	}
	r.Via = via
	if !c.Joinable(now, d.policy.Cases.ReopenWindow) {
		switch next, err := d.successor(ctx, c, r.Customer.ID, now); {
		case err != nil:
			return found{}, false, err
		case next != nil:
			return found{id: next.ID, c: next, receive: r, earlier: next.FollowsUp, also: append(also, c.ID)}, true, nil
		}
		r.FollowsUp, r.Via = c.ID, "opened"
		m := r.Message
		return found{id: casework.CaseID(m.Channel, m.Inbox, m.Thread, c.ID), c: &casework.Case{}, receive: r, earlier: c.ID, also: also}, true, nil
	}
	return found{id: id, c: c, receive: r, earlier: c.FollowsUp, also: also}, true, nil
}

// look says whether the message was filed before: in the case it was found to
// belong to, in one that gave it a conversation up or that it was split from, or in
// one that it follows up.
func (d *Docket) look(ctx context.Context, f found, in Incoming) (casework.Sight, error) {
	m := in.Item.Message
	ask := func(c *casework.Case) (casework.Sight, error) { return d.sight(ctx, c, m.ID, in.ID(), m.SentAt) }
	if f.c.Exists() {
		if s, err := ask(f.c); err != nil || s != casework.SightNew {
			return s, err
		}
	}
	for _, id := range slices.Concat(f.also, f.c.Took) {
		c, err := d.load(ctx, id)
		if err != nil {
			return 0, err
		}
		if s, err := ask(c); err != nil || s != casework.SightNew {
			return s, err
		}
	}
	// Only a message from before this case began can be in an earlier one.
	for id, c := f.earlier, f.c; id != "" && (!c.Exists() || !m.SentAt.After(c.OpenedSent)); {
		earlier, err := d.load(ctx, id)
		if err != nil {
			return 0, err
		}
		if s, err := ask(earlier); err != nil || s != casework.SightNew {
			return s, err
		}
		id, c = earlier.FollowsUp, earlier
	}
	return casework.SightNew, nil
}
