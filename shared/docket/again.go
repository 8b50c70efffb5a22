package docket

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"ines/shared/casework"
	"ines/shared/message"
	"ines/shared/table"
)

// An edit or a deletion that comes before its message leaves a note, which the message
// finds when it arrives. But the two may be under way at the same moment, in two
// workers: the message looks for a note, there is none yet, and is filed when there is
// one. And it looks in a way that may be a moment behind, at half the price. So whoever
// leaves a note has somebody look again for the message, at a time when all who might
// have missed the note have ended.

// lookAgainAfter is longer than any worker takes with a message (functions end after
// half a minute), and than reads lag.
const lookAgainAfter = 2 * time.Minute

// dueChanges is the partition of the due index in which such changes wait.
const dueChanges = "changes"

// Again names a message whose change has to be looked at again.
type Again struct {
	Channel string    `json:"channel"`
	Inbox   string    `json:"inbox"`
	Message string    `json:"message"`
	Due     time.Time `json:"due"` // as it was found
}

// early is what is kept of a change that came before its message.
type early struct {
	Change Incoming  `json:"change"`
	Due    time.Time `json:"due"`
	// Waited: it was due before, and has waited since for workers to end. When it
	// came nobody could tell how late it was by then.
	Waited bool `json:"waited,omitempty"`
}

func againKey(channel, inbox, id string) table.Key {
	return table.Key{Partition: messageKey(channel, inbox, id).Partition, Sort: "again"}
}

// write keeps it in the place of what had this Seq; 0 puts it there whatever is.
func (e early) write(seq int64) (table.Write, error) {
	value, err := json.Marshal(e)
	if err != nil {
		return table.Write{}, fmt.Errorf("change %s: %w", e.Change.ID(), err)
	}
	ch := changeOf(e.Change)
	k := againKey(ch.channel, ch.inbox, ch.id)
	item := table.Item{Key: k, Value: value, Expires: e.Change.At.Add(tombstoneLife),
		Indexes: map[string]table.IndexKey{IndexDue: {Partition: dueChanges, Sort: instant(e.Due) + "#" + k.Partition}}}
	if seq > 0 {
		return replace(item, seq), nil
	}
	item.Seq = 1
	return table.Write{Item: item}, nil
}

// earlyPrefix is what begins the items with somebody's handle that say where changes of
// his lie that came before their messages: erasing him has to find his words.
const earlyPrefix = "early#"

type earlyOf struct {
	Channel  string    `json:"channel"`
	Inbox    string    `json:"inbox"`
	Message  string    `json:"message"`
	Envelope string    `json:"envelope"`
	At       time.Time `json:"at"`
}

// mine is such an item, if somebody is said to have made the change.
func (e early) mine() ([]table.Write, error) {
	ch := changeOf(e.Change)
	if ch.author.IsZero() {
		return nil, nil
	}
	value, err := json.Marshal(earlyOf{ch.channel, ch.inbox, ch.id, e.Change.Envelope, e.Change.At})
	if err != nil {
		return nil, fmt.Errorf("change %s: %w", e.Change.ID(), err)
	}
	k := table.Key{Partition: partitionOf(ch.author), Sort: earlyPrefix + message.Key(ch.channel, ch.inbox, ch.id)}
	return []table.Write{{Item: table.Item{Key: k, Value: value, Seq: 1, Expires: e.Change.At.Add(tombstoneLife)}}}, nil
}

// eachEarly finds somebody's changes that came before their messages.
func (d *Docket) eachEarly(ctx context.Context, h message.Handle, found func(earlyOf) error) error {
	return d.eachItem(ctx, table.Query{Partition: partitionOf(h), Prefix: earlyPrefix}, func(item table.Item) error {
		var e earlyOf
		if err := json.Unmarshal(item.Value, &e); err != nil {
			return fmt.Errorf("change %s: %w", item.Key, err)
		}
		return found(e)
	})
}

// eraseEarly forgets what somebody's changes said whose messages had not come. If one
// comes yet, it is dropped: it is known what he made of it no more.
func (d *Docket) eraseEarly(ctx context.Context, e *Erasure, h message.Handle) error {
	s, err := d.stones(ctx, false)
	if err != nil {
		return err
	}
	stone, err := json.Marshal(tombstone{Erasure: e.ID})
	if err != nil {
		return err
	}
	return d.eachEarly(ctx, h, func(of earlyOf) error {
		k := messageKey(of.Channel, of.Inbox, of.Message)
		have, err := d.table.Get(ctx, k)
		if err != nil {
			return fmt.Errorf("change of message %s: %w", of.Message, err)
		}
		p, item, had, err := readPointer(have, k)
		if err != nil {
			return err
		}
		writes := []table.Write{
			{Item: table.Item{Key: s.message(of.Channel, of.Inbox, of.Message), Value: stone, Seq: 1}},
			{Op: table.OpDelete, Item: table.Item{Key: againKey(of.Channel, of.Inbox, of.Message)}},
		}
		switch {
		case had && p.Case == "":
			writes = append(writes, table.Write{Op: table.OpDelete, Item: table.Item{Key: k}, When: table.SeqIs, Seq: item.Seq})
		case p.Edited != "": // it has come, into somebody else's case
			p.Edited = ""
			w := putPointer(k, p, item, had)
			w.Item.Expires = item.Expires
			writes = append(writes, w)
		}
		e.brought(of)
		return d.table.Write(ctx, writes...)
	})
}

// brought counts the delivery that brought a change.
func (e *Erasure) brought(of earlyOf) {
	if e.Deliveries == nil {
		e.Deliveries = map[string]time.Time{}
	}
	e.Deliveries[of.Envelope] = of.At
}

// DueChanges lists the changes that have to be looked at again at this time, at most
// limit.
func (d *Docket) DueChanges(ctx context.Context, now time.Time, limit int) (all []Again, err error) {
	page, err := d.table.Query(ctx, table.Query{Index: IndexDue, Partition: dueChanges, To: instant(now) + "~", Limit: limit})
	if err != nil {
		return nil, fmt.Errorf("query the changes to look at again: %w", err)
	}
	for _, item := range page.Items {
		if item.Expired(now) {
			continue
		}
		var e early
		if err := json.Unmarshal(item.Value, &e); err != nil {
			return nil, fmt.Errorf("change %s: %w", item.Key, err)
		}
		ch := changeOf(e.Change)
		all = append(all, Again{Channel: ch.channel, Inbox: ch.inbox, Message: ch.id, Due: e.Due})
	}
	return all, nil
}

// LookAgain makes a change in the message that it came before, if that was filed
// without it. It may be called again.
func (d *Docket) LookAgain(ctx context.Context, a Again, now time.Time) error {
	k := againKey(a.Channel, a.Inbox, a.Message)
	for range retries {
		have, err := d.table.Get(ctx, k)
		if err != nil {
			return fmt.Errorf("change of message %s: %w", a.Message, err)
		}
		item, ok := have[k]
		if !ok {
			return nil
		}
		var e early
		if err := json.Unmarshal(item.Value, &e); err != nil {
			return fmt.Errorf("change %s: %w", k, err)
		}
		if e.Due.After(now) {
			return nil
		}
		done := table.Write{Op: table.OpDelete, Item: table.Item{Key: k}, When: table.SeqIs, Seq: item.Seq}
		if !e.Waited {
			e.Due, e.Waited = now.Add(lookAgainAfter), true
			if done, err = e.write(item.Seq); err != nil {
				return err
			}
		} else if err := d.changeFiled(ctx, e.Change); table.Conflicted(err) {
			continue
		} else if err != nil {
			return err
		}
		if err := d.table.Write(ctx, done); !table.Conflicted(err) {
			return err
		}
	}
	return fmt.Errorf("change of message %s: %w: lost to concurrent commands %d times", a.Message, table.ErrUnavailable, retries)
}

// changeFiled makes a change in a message that was filed without it. It was counted
// when it came.
func (d *Docket) changeFiled(ctx context.Context, in Incoming) error {
	ch := changeOf(in)
	c, _, _, err := d.holder(ctx, ch)
	if err != nil || c == nil {
		return err
	}
	if s, err := d.sight(ctx, c, ch.mark, in.ID(), time.Time{}); err != nil || s != casework.SightNew {
		return err
	}
	if done, err := d.changed(ctx, c.ID, ch); done || err != nil {
		return err
	}
	if err := d.changeCopies(ctx, c, ch, in); err != nil {
		return err
	}
	order, err := d.changeOrder(ctx, c.ID, ch, in, casework.Cause{Kind: "delivery", ID: in.ID()})
	if err != nil {
		return err
	}
	_, _, err = d.decide(ctx, c, order)
	return err
}

// changed reports whether a message says what its change wants, or was changed since.
func (d *Docket) changed(ctx context.Context, id string, ch change) (done bool, err error) {
	err = d.eachCommit(ctx, id, 0, func(cm casework.Commit) {
		for _, e := range cm.Events {
			switch e := e.(type) {
			case casework.MessageReceived:
				if m := e.Message; m.ID == ch.id && ch.tombstone.Deleted {
					done = m.Text == "" && m.Subject == "" && len(m.Attachments) == 0
				} else if m.ID == ch.id {
					done = m.Text == ch.tombstone.Edited
				}
			case casework.MessageEdited:
				done = done || e.Message == ch.id && !ch.tombstone.Deleted
			case casework.MessageDeleted:
				done = done || e.Message == ch.id
			}
		}
	})
	return done, err
}

// sameMessage is the group in which a message's changes are looked at.
func (a Again) sameMessage() string { return "again/" + message.Key(a.Channel, a.Inbox, a.Message) }
