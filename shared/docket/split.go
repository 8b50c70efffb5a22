package docket

import (
	"context"
	"fmt"
	"time"

	"ines/shared/casework"
	"ines/shared/message"
	"ines/shared/table"
)

// OpenSplit opens a bystander's own case with everything he wrote in the case he
// is split from. It may be called again, and after a later message of his has
// opened the case.
func (d *Docket) OpenSplit(ctx context.Context, id string, s Split) error {
	log, err := d.Log(ctx, s.From, 0)
	if err != nil {
		return err
	}
	from, err := casework.Fold(nil, log)
	if err != nil {
		return err
	}
	for _, cm := range log {
		for _, e := range cm.Events {
			r, ok := e.(casework.MessageReceived)
			if !ok || r.Message.Author.Handle != s.Author.Handle {
				continue
			}
			cmd := casework.Receive{Item: r.Item, Message: r.Message, About: r.About, Customer: s.Author, Via: "known", Again: true,
				LinkedFrom: s.From, Brand: from.Brand, Community: from.Community}
			if err := d.refile(ctx, id, cmd, cm); err != nil {
				return err
			}
		}
	}
	return nil
}

// refile files a message a second time, in the case that it moves to. The item
// was counted when it was filed first.
func (d *Docket) refile(ctx context.Context, id string, cmd casework.Receive, cm casework.Commit) error {
	for range retries {
		c, err := d.load(ctx, id)
		if err != nil {
			return err
		}
		if s, err := d.sight(ctx, c, cmd.Message.ID, cmd.Item, cmd.Message.SentAt); err != nil || s != casework.SightNew {
			return err
		}
		_, _, err = d.decide(ctx, c, Order{Case: id, Command: cmd, Cause: casework.Cause{Kind: "case", ID: cm.Case}, Now: cm.At})
		if !table.Conflicted(err) {
			return err
		}
	}
	return fmt.Errorf("case %s: %w: lost to concurrent commands %d times", id, table.ErrUnavailable, retries)
}

// GiveUp hands a case's conversation over to the case that has taken it: what was
// filed in it is filed there too, where everybody but the customer is a bystander
// (who gets a case of his own if he asked for something), and it ends. It may be
// called again.
func (d *Docket) GiveUp(ctx context.Context, id, to string, now time.Time) error {
	log, err := d.Log(ctx, id, 0)
	if err != nil {
		return err
	}
	c, err := casework.Fold(nil, log)
	if err != nil || !c.Exists() {
		return err
	}
	cause := casework.Cause{Kind: "case", ID: id}
	tell := func(p casework.Person, own string) error {
		_, _, err := d.Do(ctx, Order{Case: to, Command: casework.NoteSplit{Author: p, Case: own}, Cause: cause, Now: now})
		return err
	}
	for key, b := range c.Bystanders {
		if h, ok := message.ParseHandle(key); ok && b.Split != "" {
			if err := tell(casework.Person{ID: casework.CustomerID(h), Handle: h, Name: b.Name}, b.Split); err != nil {
				return err
			}
		}
	}
	for _, cm := range log {
		for _, e := range cm.Events {
			r, ok := e.(casework.MessageReceived)
			if !ok {
				continue
			}
			h := r.Message.Author.Handle
			cmd := casework.Receive{Item: r.Item, Message: r.Message, About: r.About, Via: "known", Again: true,
				Customer: casework.Person{ID: casework.CustomerID(h), Handle: h}, Brand: c.Brand, Community: c.Community}
			if err := d.refile(ctx, to, cmd, cm); err != nil {
				return err
			}
		}
	}
	_, _, err = d.Do(ctx, Order{Case: id, Command: casework.MergeInto{Case: to, Why: "the conversation is part of another case"},
		Cause: casework.Cause{Kind: "case", ID: to}, Now: now})
	return err
}
