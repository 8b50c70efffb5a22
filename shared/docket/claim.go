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

// How a case begins without a transaction, which would cost twice as much.
//
// A message of somebody without an open case, in a conversation that nobody knows,
// first claims the customer's open case: it points him to the case that it is going
// to begin, under the condition that the pointer is as it was read. Then it writes the
// first commit, under the condition that there is none. Nothing else needs writing: the
// id of such a case derives from its conversation, so that the conversation leads to it
// without a pointer (see leads).
//
// Why one customer's messages never begin two cases: whoever begins one has the claim,
// or found a claim without a case and begins the case that was claimed. A claim is never
// taken away from a case that may still begin.
//
// A crash after the claim leaves a pointer to a case that does not exist. The message
// comes again and goes on; or the customer's next message, in whatever conversation,
// begins the case with the id that was claimed, and the first message then finds the
// customer's open case. To everybody else such a pointer leads nowhere.
//
// Meanwhile somebody else's message in the same conversation may begin the same case,
// by the same id: one of the two commits fails, and looks again. It may also bring the
// conversation into an open case of his own; that is a transaction, in which the
// conversation must not have begun a case. If it comes just before the commit, both
// stand, and the customer's messages go to his own case (see place).
//
// A claim can be taken away only together with the case's beginning: by a grave in its
// place (see buried). Erasing a customer does that, and a conversation that turns out to
// be his while his case is claimed.

// claims reports whether a case can begin this way: the only other thing to be written is
// the claim, or nothing because it stands.
func claims(o Order, c *casework.Case, events []casework.Event, writes []table.Write) bool {
	if c.Exists() || len(events) == 0 || o.With != nil || len(writes) > 1 {
		return false
	}
	opened, ok := events[0].(casework.CaseOpened)
	if !ok || opened.FollowsUp != "" || opened.LinkedFrom != "" {
		return false
	}
	return len(writes) == 0 || writes[0].Item.Key == openKey(opened.Customer.ID, opened.Brand) && !praised(c, events)
}

// praised reports whether praise is counted on the customer's pointer with these events.
func praised(c *casework.Case, events []casework.Event) bool {
	for _, e := range events {
		if r, ok := e.(casework.MessageReceived); ok {
			if _, ok := praises(c, events, r); ok {
				return true
			}
		}
	}
	return false
}

// buried is a case that never began and never will: a grave in its place. Whoever was
// about to begin it fails, finds the grave, and looks again.
func buried(id string, at time.Time, cause casework.Cause, e casework.Erased) (table.Write, error) {
	cm := casework.Commit{Case: id, Seq: 1, At: at.UTC(), Cause: cause, Events: []casework.Event{e}}
	value, err := json.Marshal(cm)
	if err != nil {
		return table.Write{}, fmt.Errorf("case %s: %w", id, err)
	}
	return table.Write{Item: table.Item{Key: logKey(id, 1), Value: value, Seq: 1}, When: table.Absent}, nil
}

// buryClaims ends what was claimed for a customer who is being erased and has not begun:
// a message of his is on its way. The cases that began meanwhile are returned.
func (d *Docket) buryClaims(ctx context.Context, e *Erasure) (began []string, err error) {
	for _, customer := range e.everyone() {
		some, err := d.buryClaimsOf(ctx, customer, e)
		if err != nil {
			return nil, err
		}
		began = append(began, some...)
	}
	return began, nil
}

func (d *Docket) buryClaimsOf(ctx context.Context, customer string, e *Erasure) (began []string, err error) {
	err = d.eachItem(ctx, table.Query{Partition: "customer#" + customer, Prefix: openPrefix}, func(item table.Item) error {
		p, err := decodePointer(item)
		if err != nil {
			return err
		}
		c, err := d.load(ctx, p.Case)
		if err != nil || c.IsErased() || p.Case == "" {
			return err
		}
		if !c.Exists() {
			w, err := buried(p.Case, e.At, casework.Cause{Kind: causeErasure, ID: e.ID}, casework.Erased{Erasure: e.ID, Customer: customer, Retention: e.Retention})
			if err == nil {
				err = d.table.Write(ctx, w)
			}
			if !table.Conflicted(err) {
				return err
			}
		} else if slices.Contains(e.Cases, p.Case) || !e.is(c.Customer.ID) {
			return nil
		}
		began = append(began, p.Case)
		return nil
	})
	return began, err
}

// lead is where a conversation leads.
type lead struct {
	id string // "" if nobody knows it
	// at is the pointer's item; where there is none the conversation leads to the case
	// that began with it.
	at      table.Item
	pointed bool
}

// leads says where a conversation leads: its pointer's way or, without one, to the case
// whose id derives from it, if that one knows it.
func (d *Docket) leads(ctx context.Context, have map[table.Key]table.Item, tk table.Key, channel, inbox, key string) (lead, error) {
	p, item, ok, err := readPointer(have, tk)
	if err != nil || ok {
		return lead{p.Case, item, ok}, err
	}
	if key == "" {
		return lead{}, nil
	}
	c, err := d.load(ctx, casework.CaseID(channel, inbox, key, ""))
	if err != nil || c.IsErased() {
		return lead{}, err
	}
	if _, knows := c.ThreadOf(channel, inbox, key); !knows {
		return lead{}, nil
	}
	return lead{id: c.ID}, nil
}

// began reports whether a case is the one that began with a message's conversation.
func (d *Docket) began(c *casework.Case, m *message.Message) bool {
	_, knows := c.ThreadOf(m.Channel, m.Inbox, m.Thread)
	return knows && c.ID == casework.CaseID(m.Channel, m.Inbox, m.Thread, "")
}
