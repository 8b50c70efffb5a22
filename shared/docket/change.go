package docket

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"ines/shared/casework"
	"ines/shared/message"
	"ines/shared/table"
)

// tombstoneLife is how long a change waits for a message that has not arrived.
const tombstoneLife = 30 * 24 * time.Hour

// change is what an edit and a deletion have in common.
type change struct {
	channel, inbox, thread, id string
	author                     message.Handle
	at                         time.Time
	mark                       string
	command                    casework.Command
	tombstone                  pointer
}

func changeOf(in Incoming) change {
	if e := in.Item.Edit; e != nil {
		return change{e.Channel, e.Inbox, e.Thread, e.ID, e.Author.Handle, e.At, casework.EditMark(e.ID, e.At),
			casework.Edit{Item: in.ID(), Edit: *e}, pointer{Edited: e.Text, EditedAt: e.At}}
	}
	x := in.Item.Delete
	return change{x.Channel, x.Inbox, x.Thread, x.ID, x.Author.Handle, x.At, casework.DeleteMark(x.ID),
		casework.Delete{Item: in.ID(), Delete: *x}, pointer{Deleted: true}}
}

// OutcomeOvertaken is what becomes of an edit that a later one overtook, or its
// message's deletion.
const OutcomeOvertaken = OutcomeIgnored + ":overtaken"

// fileChange applies an edit or a deletion. One that comes before its message
// leaves a tombstone, which the message finds when it arrives (see LookAgain). What was
// deleted stays deleted, whichever of its edits comes later.
func (d *Docket) fileChange(ctx context.Context, in Incoming) error {
	ch := changeOf(in)
	for range retries {
		c, ref, hadRef, err := d.holder(ctx, ch)
		if err != nil {
			return err
		}
		noted, err := notedOf(ref, hadRef)
		if err != nil {
			return err
		}
		overtaken := in.Item.Edit != nil && (noted.Deleted || noted.EditedAt.After(ch.at))
		if c == nil && overtaken {
			return d.Receipts(ctx, Receipt{Incoming: in, Outcome: OutcomeOvertaken})
		}
		if c == nil {
			if erased, err := d.erasedMessage(ctx, ch.channel, ch.inbox, ch.id); err != nil {
				return err
			} else if erased {
				return d.again(ctx, in, OutcomeErased)
			}
			w := putPointer(messageKey(ch.channel, ch.inbox, ch.id), ch.tombstone, ref, hadRef)
			w.Item.Expires = in.At.Add(tombstoneLife)
			e := early{Change: in, Due: in.At}
			later, err := e.write(0)
			if err != nil {
				return err
			}
			mine, err := e.mine()
			if err != nil {
				return err
			}
			err = d.Receipts(ctx, Receipt{Incoming: in, Outcome: OutcomeIgnored + ":message_not_here_yet", With: append(mine, w, later)})
			if table.Conflicted(err, w.Item.Key) {
				continue
			}
			return err
		}
		switch sight, err := d.sight(ctx, c, ch.mark, in.ID(), time.Time{}); {
		case err != nil:
			return err
		case sight == casework.SightSame:
			return nil
		case sight == casework.SightDuplicate:
			return d.Receipts(ctx, Receipt{Incoming: in, Outcome: OutcomeDuplicate})
		}
		if in.Item.Edit != nil {
			gone, err := d.sight(ctx, c, casework.DeleteMark(ch.id), "", time.Time{})
			if err != nil {
				return err
			}
			if gone != casework.SightNew || overtaken {
				return d.Receipts(ctx, Receipt{Incoming: in, Outcome: OutcomeOvertaken})
			}
		} else if noted.Edited != "" { // the words of an edit that came before the message
			noted.Edited, noted.Deleted = "", true
			w := putPointer(ref.Key, noted, ref, hadRef)
			w.Item.Expires = ref.Expires
			if err := d.table.Write(ctx, w); table.Conflicted(err) {
				continue
			} else if err != nil {
				return err
			}
		}
		// Copies first: the holder's commit is what a retry goes by.
		if err := d.changeCopies(ctx, c, ch, in); err != nil {
			return err
		}
		order, err := d.changeOrder(ctx, c.ID, ch, in, in.cause(OutcomeFiled))
		if err != nil {
			return err
		}
		if _, _, err = d.decide(ctx, c, order); !table.Conflicted(err) {
			return err
		}
	}
	return fmt.Errorf("change of message %s: %w: lost to concurrent commands %d times", ch.id, table.ErrUnavailable, retries)
}

// notedOf is what a message's pointer says, which may be none.
func notedOf(ref table.Item, had bool) (p pointer, err error) {
	if had {
		p, err = decodePointer(ref)
	}
	return p, err
}

// changeOrder is the command for one case that has the message; a deletion takes the
// words out of the log in the same transaction.
func (d *Docket) changeOrder(ctx context.Context, id string, ch change, in Incoming, cause casework.Cause) (Order, error) {
	order := Order{Case: id, Command: ch.command, Cause: cause, Now: in.At}
	if in.Item.Delete == nil {
		return order, nil
	}
	redactions, held, err := d.redactions(ctx, id, ch.id)
	if err != nil {
		return order, err
	}
	order.With = func(*casework.Case, []casework.Event) ([]table.Write, error) { return redactions, nil }
	if !slices.ContainsFunc(held, func(m message.Message) bool { return m.Visibility == message.Private }) {
		return order, nil
	}
	c, err := d.load(ctx, id)
	if err != nil {
		return order, err
	}
	// What he stated in it counts no more.
	return order, d.dropClaims(ctx, claimants(c, held...), func(cl claim) bool { return cl.Message == ch.id })
}

// changeCopies changes a message in the cases that have it besides the holder: one
// that gave a conversation up, and a bystander's own.
func (d *Docket) changeCopies(ctx context.Context, c *casework.Case, ch change, in Incoming) error {
	ids := slices.Clone(c.Took)
	if own := c.SplitTo(ch.author); own != "" {
		ids = append(ids, own)
	}
	for _, id := range ids {
		other, err := d.load(ctx, id)
		if err != nil {
			return err
		}
		if s, err := d.sight(ctx, other, ch.id, "", time.Time{}); err != nil {
			return err
		} else if s == casework.SightNew || !other.Exists() {
			continue
		}
		if s, err := d.sight(ctx, other, ch.mark, in.ID(), time.Time{}); err != nil {
			return err
		} else if s == casework.SightSame {
			continue
		}
		order, err := d.changeOrder(ctx, id, ch, in, casework.Cause{Kind: "case", ID: c.ID})
		if err != nil {
			return err
		}
		if _, _, err := d.Do(ctx, order); err != nil {
			return err
		}
	}
	return nil
}

// holder finds the case that has filed a message: by its thread, by the pointer
// that public messages have, by the thread that it is the root of, or by its
// author's open case. nil means that none has it.
func (d *Docket) holder(ctx context.Context, ch change) (c *casework.Case, ref table.Item, hadRef bool, err error) {
	mk, tk, rk := messageKey(ch.channel, ch.inbox, ch.id), threadKey(ch.channel, ch.inbox, ch.thread), threadKey(ch.channel, ch.inbox, ch.id)
	keys := []table.Key{mk, rk}
	if ch.thread != "" && tk != rk {
		keys = append(keys, tk)
	}
	community, _ := d.policy.InboxCommunity(ch.inbox)
	ok := openKey(casework.CustomerID(ch.author), community.Brand)
	if !ch.author.IsZero() {
		keys = append(keys, ok)
	}
	have, err := d.table.Get(ctx, keys...)
	if err != nil {
		return nil, ref, false, fmt.Errorf("change of message %s: %w", ch.id, err)
	}
	ref, hadRef = have[mk]
	threads := map[table.Key]string{tk: ch.thread, rk: ch.id}
	for _, k := range append(keys[:1:1], tk, rk, ok) {
		p, _, _, err := readPointer(have, k)
		id := p.Case
		if key, thread := threads[k]; thread && id == "" && err == nil {
			var l lead
			l, err = d.leads(ctx, have, k, ch.channel, ch.inbox, key)
			id = l.id
		}
		if err != nil {
			return nil, ref, hadRef, err
		}
		for range maxHops {
			if id == "" {
				break
			}
			c, err := d.load(ctx, id)
			if err != nil {
				return nil, ref, hadRef, err
			}
			if c.MergedInto != "" {
				// A colleague's merge leaves the messages where they were filed.
				if c.MergedByHand {
					if s, err := d.sight(ctx, c, ch.id, "", time.Time{}); err != nil {
						return nil, ref, hadRef, err
					} else if s != casework.SightNew {
						return c, ref, hadRef, nil
					}
				}
				id = c.MergedInto
				continue
			}
			// No time: nobody says when the message was written.
			if c.IsErased() {
				break
			}
			if s, err := d.sight(ctx, c, ch.id, "", time.Time{}); err != nil {
				return nil, ref, hadRef, err
			} else if c.Exists() && s != casework.SightNew {
				return c, ref, hadRef, nil
			}
			id = c.FollowsUp
			if own := c.SplitTo(ch.author); own != "" {
				id = own
			}
		}
	}
	return nil, ref, hadRef, nil
}

// redactions rewrite the commits that hold a message's text, and any snapshot that
// repeats it, so that a deletion leaves the fact and not the words. held is the
// message, as it was.
func (d *Docket) redactions(ctx context.Context, id, messageID string) (writes []table.Write, held []message.Message, err error) {
	log, err := d.Log(ctx, id, 0)
	if err != nil {
		return nil, nil, err
	}
	for _, cm := range log {
		changed := false
		for i, e := range cm.Events {
			switch e := e.(type) {
			case casework.MessageReceived:
				if e.Message.ID == messageID {
					held = append(held, e.Message)
					e.Message, changed = casework.Redacted(e.Message), true
					cm.Events[i] = e
				}
			case casework.MessageEdited:
				if e.Message == messageID {
					e.Text, changed = "", true
					cm.Events[i] = e
				}
			case casework.Rated:
				if e.Message == messageID {
					e.Text, changed = "", true
					cm.Events[i] = e
				}
			}
		}
		if !changed {
			continue
		}
		value, err := cm.Encode()
		if err != nil {
			return nil, nil, err
		}
		writes = append(writes, table.Write{Item: table.Item{Key: logKey(id, cm.Seq), Value: value, Seq: cm.Seq}, When: table.Exists})
	}
	if n := int64(d.settings.SnapshotEvery); int64(len(log)) >= n {
		seq := int64(len(log)) / n * n
		c, err := casework.Fold(nil, log[:seq])
		if err != nil {
			return nil, nil, err
		}
		value, err := json.Marshal(c)
		if err != nil {
			return nil, nil, err
		}
		writes = append(writes, table.Write{Item: table.Item{Key: snapKey(id, seq), Value: value, Seq: seq}})
	}
	if len(writes) > table.MaxWrites/2 {
		return nil, nil, errors.New("a message with more than 50 edits can't be redacted in one transaction")
	}
	return writes, held, nil
}

// fileReport takes a platform's delivery receipt to the case that the reply
// belongs to.
func (d *Docket) fileReport(ctx context.Context, in Incoming) error {
	r := in.Item.Report
	if r.ID == "" && r.ReplyID == "" {
		return d.fileThreadReport(ctx, in)
	}
	keys := []table.Key{messageKey(r.Channel, r.Inbox, r.ID)}
	if r.ReplyID != "" {
		keys = append(keys, ledgerKey(r.ReplyID))
	}
	have, err := d.table.Get(ctx, keys...)
	if err != nil {
		return fmt.Errorf("report on %s: %w", r.ID, err)
	}
	p, _, ok, err := readPointer(have, keys[0])
	if err != nil {
		return err
	}
	var learnt []table.Write
	if (!ok || p.Reply == "") && r.ReplyID != "" {
		if item, found := have[ledgerKey(r.ReplyID)]; found {
			var l Ledger
			if err := json.Unmarshal(item.Value, &l); err != nil {
				return fmt.Errorf("ledger of reply %s: %w", r.ReplyID, err)
			}
			p, ok = pointer{Case: l.Case, Reply: r.ReplyID, Thread: l.Thread}, true
			if r.ID != "" { // later reports name it by the platform's id alone
				learnt = append(learnt, putAlways(keys[0], p))
			}
		}
	}
	if !ok || p.Reply == "" {
		if erased, err := d.erasedMessage(ctx, r.Channel, r.Inbox, r.ID); err != nil {
			return err
		} else if erased {
			return d.again(ctx, in, OutcomeReport)
		}
		return d.Receipts(ctx, Receipt{Incoming: in, Outcome: OutcomeReport}) // about something that was not ours to send
	}
	return d.tellReport(ctx, in, p.Case, casework.ReportReply{Reply: p.Reply, State: string(r.State), Platform: r.ID, At: r.At, Class: "report", Code: r.Code, Why: r.Detail}, learnt...)
}

// fileThreadReport takes a receipt that names only a conversation and a time to the
// case that has it.
func (d *Docket) fileThreadReport(ctx context.Context, in Incoming) error {
	r := in.Item.Report
	k := threadKey(r.Channel, r.Inbox, r.Thread)
	have, err := d.table.Get(ctx, k)
	if err != nil {
		return fmt.Errorf("report on thread %s: %w", r.Thread, err)
	}
	l, err := d.leads(ctx, have, k, r.Channel, r.Inbox, r.Thread)
	if err != nil {
		return err
	}
	if l.id == "" {
		return d.Receipts(ctx, Receipt{Incoming: in, Outcome: OutcomeReport})
	}
	return d.tellReport(ctx, in, l.id, casework.ReportThread{Channel: r.Channel, Inbox: r.Inbox, Key: r.Thread, State: string(r.State), At: r.At})
}

// tellReport has a case hear a report, and counts it once. besides is written in the
// same transaction.
func (d *Docket) tellReport(ctx context.Context, in Incoming, id string, cmd casework.Command, besides ...table.Write) error {
	receipt := Receipt{Incoming: in, Outcome: OutcomeReport}
	if done, err := d.received(ctx, in); done || err != nil {
		return err
	}
	_, _, err := d.Do(ctx, Order{Case: id, Cause: in.cause(OutcomeReport), Now: in.At, Command: cmd,
		With: func(_ *casework.Case, events []casework.Event) ([]table.Write, error) {
			if len(events) > 0 {
				// The commit counts it; this only keeps a retry from counting it again.
				return append(besides, receiptWrite(in, "")), nil
			}
			return append(d.receiptWrites(receipt), besides...), nil
		}})
	if table.Conflicted(err, receiptKey(in.ID())) {
		return nil
	}
	return err
}
