package docket

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

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

func (in *Incoming) cause(outcome string) casework.Cause {
	c := casework.Cause{Kind: "delivery", ID: in.ID(), Outcome: outcome}
	if in.Index == 0 {
		c.Items = in.Items
	}
	return c
}

func (d *Docket) fileMessage(ctx context.Context, in Incoming) error {
	gone := map[string]bool{} // cases that the conversation had, and that were erased
	for try := range retries {
		var (
			f    *found
			read looked
			ok   bool
			err  error
		)
		if try == 0 {
			f, read, ok = d.findKnown(ctx, in)
		}
		if !ok {
			// At first where they lead may be read as it was a moment ago: who goes wrong
			// by that loses to what he did not see, and looks again.
			leads := ctx
			if try == 0 {
				leads = table.Stale(ctx)
			}
			if f, err = d.find(ctx, leads, in, "", read, false); err != nil {
				return err
			}
		}
		if f.erased {
			return d.again(ctx, in, OutcomeDuplicate)
		}
		for m := in.Item.Message; gone[f.id]; {
			f.id = casework.CaseID(m.Channel, m.Inbox, m.Thread, f.id)
		}
		switch sight, err := d.look(ctx, f, in); {
		case err != nil:
			return err
		case sight == casework.SightSame:
			return nil // this very item was filed before: it is counted
		case sight == casework.SightDuplicate:
			return d.Receipts(ctx, Receipt{Incoming: in, Outcome: OutcomeDuplicate})
		}
		cause := in.cause(OutcomeFiled)
		_, _, err = d.decide(ctx, f.c, Order{Case: f.id, Command: f.receive, Cause: cause, Now: in.At, looked: f.looked})
		if table.Conflicted(err) {
			// Somebody filed into the case, or opened it, meanwhile; or it is a grave.
			if table.Conflicted(err, logKey(f.id, 1)) {
				c, err := d.load(ctx, f.id)
				if err != nil {
					return err
				}
				gone[f.id] = c.IsErased()
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

// find answers DESIGN.md section 4, "Which case does a message join?": a link
// token; a thread we already know; a reply to something we sent; the customer's
// open case of the same brand; else a new case. as is who wrote it, where
// somebody says so; "" leaves it to the author's handle. Under leads it is read where the
// conversation and the customer lead; what was read a moment ago is not read again.
func (d *Docket) find(ctx, leads context.Context, in Incoming, as string, read looked, look bool) (*found, error) {
	m, r := in.Item.Message, d.receive(in)
	tk := threadKey(m.Channel, m.Inbox, m.Thread)
	derived := casework.CustomerID(m.Author.Handle)
	keys := []table.Key{tk}
	for _, h := range handlesOf(m) {
		if h != m.Author.Handle {
			keys = append(keys, handleKey(h))
		}
		keys = append(keys, openKey(casework.CustomerID(h), r.Brand))
	}
	answered := answeredKeys(m, messageKey(m.Channel, m.Inbox, m.ID))
	heard, err := d.heard(ctx, leads, m, read, answered, keys...)
	if err != nil {
		return nil, fmt.Errorf("message %s: %w", m.Key(), err)
	}
	have := heard.have
	keys = append(keys, handleKey(m.Author.Handle))
	if err := heard.tell(&r, in.At); err != nil {
		return nil, err
	}
	if r.Customer.ID, err = customerOf(have, m, r.Brand); err != nil {
		return nil, err
	}
	_, known := have[tk]
	if _, here := have[openKey(r.Customer.ID, r.Brand)]; !known || !here || r.Customer.ID != derived {
		// A conversation or a person that nobody knows, or one who is known by
		// another id than his handle's: this may be what was erased.
		p, err := d.past(ctx, m, look)
		if err != nil || p.message {
			return &found{c: &casework.Case{}, receive: r, erased: p.message}, err
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
			return nil, fmt.Errorf("message %s: %w", m.Key(), err)
		}
		maps.Copy(have, more)
		keys = append(keys, ok)
	}
	open, _, hasOpen, err := readPointer(have, ok)
	if err != nil {
		return nil, err
	}
	his := []pointer{open}
	if r.Same = open.Same; len(r.Same) > 0 {
		more, err := d.table.Get(leads, sameKeys(&r)...)
		if err != nil {
			return nil, fmt.Errorf("message %s: %w", m.Key(), err)
		}
		maps.Copy(have, more)
		keys = append(keys, sameKeys(&r)...)
		for _, k := range sameKeys(&r) {
			p, _, _, err := readPointer(have, k)
			if err != nil {
				return nil, err
			}
			his = append(his, p)
		}
	}
	profiled := false
	for _, p := range his {
		r.Cases, r.Praised, profiled = r.Cases+p.Count, r.Praised+p.Praised, profiled || p.Profiled
	}
	if d.profiles && (profiled || !hasOpen && len(d.policy.Brands) > 1) {
		if r.Profile, err = d.joinedProfile(ctx, r.Customer.ID, r.Same); err != nil {
			return nil, fmt.Errorf("message %s: %w", m.Key(), err)
		}
	}
	f, err := d.place(ctx, leads, in, r, have, answered, his, hasOpen)
	if err != nil {
		return f, err
	}
	if f.c == nil {
		f.c = &casework.Case{} // what the thread's pointer leads to is not in sight yet
	}
	f.looked = looked{keys, have, r.Same}
	return d.withOpen(ctx, f, his, in.At)
}

// place is find's decision.
func (d *Docket) place(ctx, leads context.Context, in Incoming, r casework.Receive, have map[table.Key]table.Item, answered []table.Key, his []pointer, hasOpen bool) (*found, error) {
	m := in.Item.Message
	tk := threadKey(m.Channel, m.Inbox, m.Thread)

	if m.Token != "" {
		if id := d.linked(ctx, m.Token, in.At); id != "" {
			if f, ok, err := d.joinCase(ctx, id, "token", r, in.At); ok || err != nil {
				return f, err
			}
		}
	}
	var l lead
	// Somebody without an open case in a conversation that nobody else can begin: he
	// begins it, and loses to himself if he did before.
	_, pointed := have[tk]
	if fresh := !pointed && !hasOpen && table.MayBeStale(leads) && (m.Visibility == message.Private || m.ID == m.Thread); !fresh {
		var err error
		if l, err = d.leads(leads, have, tk, m.Channel, m.Inbox, m.Thread); err != nil {
			return nil, err
		}
	}
	if l.id != "" {
		f, ok, err := d.joinCase(ctx, l.id, "known", r, in.At)
		if err != nil || ok && (!hasOpen || his[0].Case == f.id) {
			return f, err
		}
		if ok {
			own, err := d.own(ctx, his, &r, in.At)
			if err != nil || own == nil || own.ID == f.id {
				return f, err
			}
			if f.c.TakesOver(*m) {
				// The conversation is the author's, and so is another open case: it
				// belongs there.
				r.Via, r.Takes = "customer", f.id
				return &found{id: own.ID, c: own, receive: r, earlier: own.FollowsUp, also: []string{f.id}}, nil
			}
			if own.Status != casework.StatusResolved && d.began(own, m) && !slices.Contains(f.c.Took, own.ID) {
				// It began his case at the moment when somebody else's began to lead
				// elsewhere.
				r.Via = "known"
				return &found{id: own.ID, c: own, receive: r, earlier: own.FollowsUp, also: []string{f.id}}, nil
			}
			return f, nil
		}
	}
	for _, k := range answered {
		if p, _, ok, err := readPointer(have, k); err != nil {
			return nil, err
		} else if ok && p.Case != "" {
			if f, ok, err := d.joinCase(ctx, p.Case, "sent", r, in.At); ok || err != nil {
				return f, err
			}
		}
	}
	r.Via = "opened"
	if hasOpen {
		c, err := d.own(ctx, his, &r, in.At)
		if err != nil {
			return nil, err
		}
		if c != nil {
			r.Via = "customer"
			return &found{id: c.ID, c: c, receive: r, earlier: c.FollowsUp}, nil
		}
		for _, p := range his {
			if p.Case == "" {
				continue
			}
			claimed, err := d.load(ctx, p.Case)
			if err != nil {
				return nil, err
			}
			if p.Count > 0 && !r.Is(claimed) {
				r.Cases-- // it was to be his, and is not
			}
			if !claimed.Exists() {
				// Whoever claimed the customer's case has not begun it, and may never:
				// it begins with this message.
				return &found{id: p.Case, c: &casework.Case{}, receive: r}, nil
			}
		}
	}
	return &found{id: casework.CaseID(m.Channel, m.Inbox, m.Thread, ""), c: &casework.Case{}, receive: r}, nil
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
func (d *Docket) joinCase(ctx context.Context, id, via string, r casework.Receive, now time.Time) (*found, bool, error) {
	c, err := d.load(ctx, id)
	if err != nil {
		return nil, false, err
	}
	var also []string
	for range maxHops {
		if c.MergedInto == "" {
			break
		}
		also = append(also, id)
		if c, err = d.load(ctx, c.MergedInto); err != nil {
			return nil, false, err
		}
		id = c.ID
	}
	if !c.Exists() || c.IsErased() {
		return nil, false, nil
	}
	if own := c.SplitTo(r.Message.Author.Handle); own != "" {
		r.Via, r.LinkedFrom, also = "known", c.ID, append(also, c.ID)
		theirs, err := d.load(ctx, own)
		if err != nil {
			return nil, false, err
		}
		switch {
		case !theirs.Exists():
			return &found{id: own, c: theirs, receive: r, also: also}, true, nil
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
			return nil, false, err
		case next != nil:
			return &found{id: next.ID, c: next, receive: r, earlier: next.FollowsUp, also: append(also, c.ID)}, true, nil
		}
		r.FollowsUp, r.Via = c.ID, "opened"
		m := r.Message
		return &found{id: casework.CaseID(m.Channel, m.Inbox, m.Thread, c.ID), c: &casework.Case{}, receive: r, earlier: c.ID, also: also}, true, nil
	}
	return &found{id: id, c: c, receive: r, earlier: c.FollowsUp, also: also}, true, nil
}

// look says whether the message was filed before: in the case it was found to
// belong to, in one that gave it a conversation up or that it was split from, or in
// one that it follows up.
func (d *Docket) look(ctx context.Context, f *found, in Incoming) (casework.Sight, error) {
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
