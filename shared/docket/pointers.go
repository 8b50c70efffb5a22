package docket

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"ines/shared/casework"
	"ines/shared/message"
	"ines/shared/table"
)

// pointer is what the small items say that lead from the outside to a case.
type pointer struct {
	Case string `json:"case,omitempty"`
	// Count, on an open-case pointer, is how many cases the customer has had.
	Count int `json:"count,omitempty"`
	// Praised, there too, is how many messages of praise he has written.
	Praised int `json:"praised,omitempty"`
	// Profiled, there too: colleagues wrote something down about him, so that it is
	// worth a look. A new pointer of a desk with several brands can't know.
	Profiled bool `json:"profiled,omitempty"`
	// Same, there too, are the customers whom colleagues found to be one with him,
	// himself among them; the first stands for all.
	Same []string `json:"same,omitempty"`
	// Reply and Thread, on a message pointer, name what we sent.
	Reply  string `json:"reply,omitempty"`
	Thread string `json:"thread,omitempty"`
	// Deleted and Edited, with when it was edited, are left by a change that came before
	// its message.
	Deleted  bool      `json:"deleted,omitempty"`
	Edited   string    `json:"edited,omitempty"`
	EditedAt time.Time `json:"edited_at,omitzero"`
	// Customer, on a handle, is whose it is.
	Customer string `json:"customer,omitempty"`
}

func readPointer(items map[table.Key]table.Item, k table.Key) (p pointer, item table.Item, ok bool, err error) {
	item, ok = items[k]
	if !ok {
		return p, item, false, nil
	}
	p, err = decodePointer(item)
	return p, item, err == nil, err
}

func decodePointer(item table.Item) (p pointer, err error) {
	if err = json.Unmarshal(item.Value, &p); err != nil {
		err = fmt.Errorf("pointer %s: %w", item.Key, err)
	}
	return p, err
}

// replace writes an item in the place of what was read there, which had this Seq; 0:
// nothing was there. Every item that is written so counts its Seq up from 1.
func replace(item table.Item, seq int64) table.Write {
	item.Seq = seq + 1
	if seq == 0 {
		return table.Write{Item: item, When: table.Absent}
	}
	return table.Write{Item: item, When: table.SeqIs, Seq: seq}
}

func putPointer(k table.Key, p pointer, old table.Item, had bool) table.Write {
	value, err := json.Marshal(p)
	if err != nil {
		panic("a pointer is plain data: " + err.Error())
	}
	w := table.Write{Item: table.Item{Key: k, Value: value, Seq: 1}, When: table.Absent}
	if had {
		w.Item.Seq, w.When, w.Seq = old.Seq+1, table.SeqIs, old.Seq
	}
	return w
}

// pointers are the writes that have to happen together with these events: each
// new thread, each open case of a customer and each proven handle becomes
// findable in the same transaction. Each write requires that what was looked at is still
// so.
func (d *Docket) pointers(ctx context.Context, id string, c *casework.Case, events []casework.Event, l looked) ([]table.Write, error) {
	var keys []table.Key
	for _, e := range events {
		switch e := e.(type) {
		case casework.CaseOpened:
			keys = append(keys, openKey(e.Customer.ID, e.Brand))
			if len(l.same) > 0 {
				keys = append(keys, jointKey(l.same[0], e.Brand))
			}
			if e.Customer.ID != casework.CustomerID(e.Customer.Handle) {
				keys = append(keys, handleKey(e.Customer.Handle))
			}
		case casework.CustomerChanged:
			keys = append(keys, openKey(e.To.ID, c.Brand))
		case casework.MessageReceived:
			if k, ok := praises(c, events, e); ok {
				keys = append(keys, k)
			}
		case casework.ThreadJoined:
			if e.Thread.Key != "" {
				keys = append(keys, threadKey(e.Thread.Channel, e.Thread.Inbox, e.Thread.Key))
			}
		case casework.ReplySent:
			if t, ok := c.Thread(e.Thread); ok && t.Key == "" && e.Key != "" {
				keys = append(keys, threadKey(t.Channel, t.Inbox, e.Key))
			}
		case casework.HandleLinked:
			keys = append(keys, handleKey(e.Person.Handle))
		case casework.AbsorptionUndone:
			for _, id := range e.Threads {
				if t, ok := c.Thread(id); ok && t.Key != "" {
					keys = append(keys, threadKey(t.Channel, t.Inbox, t.Key))
				}
			}
		}
	}
	appeared := appearances(id, c, events)
	if len(keys) == 0 {
		return appeared, nil
	}
	have := l.have
	if slices.ContainsFunc(keys, func(k table.Key) bool { return !slices.Contains(l.keys, k) }) {
		var err error
		if have, err = d.table.Get(ctx, keys...); err != nil {
			return nil, fmt.Errorf("read pointers: %w", err)
		}
	}
	p := pointing{d: d, id: id, c: c, have: have, same: l.same}
	for _, e := range events {
		if t, ok := e.(casework.ThreadTaken); ok {
			p.took = t.From
		}
	}
	for _, e := range events {
		if err := p.follow(ctx, e); err != nil {
			return nil, err
		}
	}
	p.praise(events)
	return append(p.writes, appeared...), nil
}

// appearances note who else wrote in the case, each once: erasing somebody has to find
// what he wrote in others' cases.
func appearances(id string, c *casework.Case, events []casework.Event) (writes []table.Write) {
	noted := map[message.Handle]bool{}
	note := func(h message.Handle) {
		if _, known := c.Bystanders[h.Key()]; known || noted[h] || h.IsZero() {
			return
		}
		noted[h] = true
		writes = append(writes, table.Write{Item: table.Item{Key: appearedIn(h, id), Value: []byte(`{}`), Seq: 1}})
	}
	for _, e := range events {
		switch e := e.(type) {
		case casework.MessageReceived:
			if e.Role != casework.RoleCustomer {
				note(e.Message.Author.Handle)
			}
		case casework.CustomerChanged:
			note(e.From.Handle)
		case casework.HandleLinked:
			if e.Person.ID != c.Customer.ID && c.Exists() {
				note(e.Person.Handle) // of another customer who is one with this one
			}
		}
	}
	return writes
}

// praises is where a customer's praise is counted, if the event is one.
func praises(c *casework.Case, events []casework.Event, e casework.MessageReceived) (table.Key, bool) {
	if e.Role != casework.RoleCustomer || e.About.Kind != "praise" {
		return table.Key{}, false
	}
	customer, brand := c.Customer.ID, c.Brand
	for _, e := range events {
		switch e := e.(type) {
		case casework.CaseOpened:
			customer, brand = e.Customer.ID, e.Brand
		case casework.CustomerChanged:
			customer = e.To.ID
		}
	}
	return openKey(customer, brand), true
}

// praise counts it where the customer's open case is pointed to, in the same write
// if there is one already.
func (p *pointing) praise(events []casework.Event) {
	for _, e := range events {
		r, ok := e.(casework.MessageReceived)
		if !ok {
			continue
		}
		k, ok := praises(p.c, events, r)
		if !ok {
			continue
		}
		written := false
		for i, w := range p.writes {
			var next pointer
			if w.Item.Key == k && json.Unmarshal(w.Item.Value, &next) == nil {
				next.Praised++
				p.writes[i].Item.Value, written = putPointer(k, next, table.Item{}, false).Item.Value, true
			}
		}
		if old, item, had, err := readPointer(p.have, k); err == nil && had && !written {
			old.Praised++
			p.writes = append(p.writes, putPointer(k, old, item, had))
		}
	}
}

type pointing struct {
	d      *Docket
	id     string              // of the case
	c      *casework.Case      // before the events
	opened casework.CaseOpened // among the events, if it is
	same   []string            // who are one with the customer
	took   string              // the case that gives up a conversation, if one does
	have   map[table.Key]table.Item
	writes []table.Write
}

func (p *pointing) follow(ctx context.Context, e casework.Event) error {
	switch e := e.(type) {
	case casework.CaseOpened:
		p.opened = e
		if k := handleKey(e.Customer.Handle); e.Customer.ID != casework.CustomerID(e.Customer.Handle) {
			// His id can't be told from his handle: he was forgotten once.
			if _, known := p.have[k]; !known {
				p.writes = append(p.writes, putPointer(k, pointer{Customer: e.Customer.ID}, table.Item{}, false))
			}
		}
		return p.open(ctx, e.Customer.ID, e.Brand, time.Time{})
	case casework.CustomerChanged:
		return p.open(ctx, e.To.ID, p.c.Brand, e.Sent)
	case casework.ThreadJoined:
		return p.thread(ctx, e.Thread.Channel, e.Thread.Inbox, e.Thread.Key, e.Via)
	case casework.ReplySent:
		if t, ok := p.c.Thread(e.Thread); ok && t.Key == "" {
			return p.thread(ctx, t.Channel, t.Inbox, e.Key, "sent")
		}
	case casework.AbsorptionUndone:
		return p.giveBack(e)
	case casework.HandleLinked:
		k := handleKey(e.Person.Handle)
		if _, known := p.have[k]; !known {
			// A handle that leads to another customer stays: who is who is
			// proposed to people, never merged by a machine.
			p.writes = append(p.writes, putPointer(k, pointer{Customer: e.Person.ID}, table.Item{}, false))
		}
	}
	return nil
}

// giveBack lets conversations lead to the case that they came with, where they
// began to lead here meanwhile.
func (p *pointing) giveBack(e casework.AbsorptionUndone) error {
	for _, id := range e.Threads {
		t, ok := p.c.Thread(id)
		if !ok || t.Key == "" {
			continue
		}
		k := threadKey(t.Channel, t.Inbox, t.Key)
		old, item, had, err := readPointer(p.have, k)
		if err != nil {
			return err
		}
		if had && old.Case == p.id {
			p.writes = append(p.writes, putPointer(k, pointer{Case: e.Case}, item, had))
		}
	}
	return nil
}

// stone reports whether a case was erased; one that can't be read now counts as not.
func (p *pointing) stone(ctx context.Context, id string) bool {
	c, err := p.d.load(ctx, id)
	return err == nil && c.IsErased()
}

// follows reports whether the case goes on with another one, however many lie between:
// then that one's conversations go on here.
func (p *pointing) follows(ctx context.Context, id string) bool {
	c := p.c
	for range maxHops {
		if c.FollowsUp == "" || c.FollowsUp == id {
			return c.FollowsUp == id
		}
		var err error
		if c, err = p.d.load(ctx, c.FollowsUp); err != nil {
			return false
		}
	}
	return false
}

// raced is for what another worker wrote since the message's case was looked for:
// it has to be looked for again.
func raced(k table.Key) error { return &table.ConflictError{Keys: []table.Key{k}} }

// open points a customer to his open case. One who has another keeps that, where
// this case began for a reason of its own; a case that begins because the customer
// seemed to have none must not.
func (p *pointing) open(ctx context.Context, customer, brand string, at time.Time) error {
	k := openKey(customer, brand)
	old, item, had, err := readPointer(p.have, k)
	if err != nil {
		return err
	}
	cases := old.Count + 1
	standing := had && old.Case == p.id // claimed
	if had && !standing && old.Case != "" {
		other, err := p.d.load(ctx, old.Case)
		if err != nil {
			return err
		}
		own := p.opened.LinkedFrom != "" || p.opened.FollowsUp != ""
		switch claimed := !other.Exists(); {
		case own && claimed, own && other.Status != casework.StatusResolved && other.Customer.ID == customer:
			return nil
		case claimed && p.opened.Message != "", !claimed && other.Status != casework.StatusResolved && other.Customer.ID == customer:
			return raced(k)
		case !other.Knows(customer):
			cases = max(old.Count, 1) // it was to be his, and is not
			if claimed {
				w, err := buried(old.Case, at, casework.Cause{Kind: "case", ID: p.id}, casework.Erased{})
				if err != nil {
					return err
				}
				p.writes = append(p.writes, w)
			}
		}
	}
	if !standing {
		p.writes = append(p.writes, putPointer(k, pointer{Case: p.id, Count: cases, Praised: old.Praised,
			Profiled: old.Profiled || !had && len(p.d.policy.Brands) > 1, Same: old.Same}, item, had))
	}
	if p.opened.LinkedFrom == "" && p.opened.FollowsUp == "" && len(p.same) > 0 {
		// Several who are one open one case: all of them come by here.
		k := jointKey(p.same[0], brand)
		_, item, had, err := readPointer(p.have, k)
		if err != nil {
			return err
		}
		p.writes = append(p.writes, putPointer(k, pointer{Case: p.id}, item, had))
	}
	return nil
}

// thread points a conversation to the case.
func (p *pointing) thread(ctx context.Context, channel, inbox, key, via string) error {
	if key == "" {
		return nil
	}
	k := threadKey(channel, inbox, key)
	begins := casework.CaseID(channel, inbox, key, "")
	if _, pointed := p.have[k]; !pointed && p.id == begins {
		return nil // it leads here by itself
	}
	old, err := p.d.leads(ctx, p.have, k, channel, inbox, key)
	had := old.id != ""
	switch {
	case err != nil:
		return err
	case had && old.id == p.id:
		return nil
	case had && p.c.Absorbs(old.id):
		return nil // it leads here by way of a case that is part of this one
	case had && p.stone(ctx, old.id):
		// What it led to was erased.
	case had && via == "private":
		other, err := p.d.load(ctx, old.id)
		if err != nil {
			return err
		}
		if other.Status != casework.StatusResolved {
			return &casework.Refusal{Code: casework.CodeThreadInUse,
				Detail: "That private thread belongs to another open case, " + old.id + ". Answer there, or merge the two.",
				More:   map[string]any{"case": old.id}}
		}
	case had && p.took != "" && old.id == p.took:
		// The conversation changes hands.
	case had && (via == "token" || via == "sent" || p.opened.LinkedFrom != ""):
		return nil // it stays where it is; the token, or the split, leads here
	case had && p.opened.FollowsUp == "" && !p.follows(ctx, old.id):
		return raced(k)
	}
	p.writes = append(p.writes, putPointer(k, pointer{Case: p.id}, old.at, old.pointed))
	if had {
		return nil
	}
	first, err := p.d.load(ctx, begins)
	if err == nil && !first.Exists() {
		// Nor may it begin a case at this moment.
		p.writes = append(p.writes, table.Write{Op: table.OpCheck, Item: table.Item{Key: logKey(begins, 1)}, When: table.Absent})
	}
	return err
}

// customerOf is who wrote a message: whose its handle is, or one that the platform
// names as the same account; else the customer whose id derives from a handle that
// has had a case; else the one whose id derives from the author's.
func customerOf(items map[table.Key]table.Item, m *message.Message, brand string) (string, error) {
	for _, h := range handlesOf(m) {
		p, _, ok, err := readPointer(items, handleKey(h))
		if err != nil {
			return "", err
		}
		if ok && p.Customer != "" {
			return p.Customer, nil
		}
	}
	for _, h := range handlesOf(m) {
		id := casework.CustomerID(h)
		if _, ok := items[openKey(id, brand)]; ok {
			return id, nil
		}
	}
	return casework.CustomerID(m.Author.Handle), nil
}

func handlesOf(m *message.Message) []message.Handle {
	hs := []message.Handle{m.Author.Handle}
	for _, h := range m.Also {
		if !slices.Contains(hs, h) {
			hs = append(hs, h)
		}
	}
	return hs
}
