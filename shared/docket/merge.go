package docket

import (
	"context"
	"errors"
	"fmt"

	"ines/shared/casework"
	"ines/shared/table"
)

// errBeaten says that the other case of a command that concerns two has moved on
// meanwhile: everything is decided again.
var errBeaten = errors.New("the other case has changed")

// partner is the other side of a command that concerns two cases: its own commit,
// written in the same transaction, so that there is no moment at which a matter
// belongs to both or to neither.
type partner struct {
	id     string
	before *casework.Case
	after  *casework.Case // nil: nothing happens there
	writes []table.Write
}

// key is the commit that the partner's part must be the next of.
func (p *partner) key() table.Key { return logKey(p.id, p.before.Seq+1) }

// pair fills in what a command needs to know of the other case, and names the
// command for that one; nil where there is no other.
func (d *Docket) pair(ctx context.Context, c *casework.Case, o *Order) (*partner, casework.Command, error) {
	switch cmd := o.Command.(type) {
	case casework.Merge:
		other, err := d.load(ctx, cmd.Into)
		if err != nil {
			return nil, nil, err
		}
		cmd.Target = other
		o.Command = cmd
		return &partner{id: cmd.Into, before: other}, casework.Absorb{By: cmd.By, From: c}, nil
	case casework.Unmerge:
		if c.MergedInto == "" {
			return nil, nil, nil
		}
		other, err := d.load(ctx, c.MergedInto)
		if err != nil {
			return nil, nil, err
		}
		cmd.Target = other
		o.Command = cmd
		return &partner{id: c.MergedInto, before: other}, casework.UndoAbsorb{By: cmd.By, From: c.ID, Why: cmd.Why}, nil
	}
	return nil, nil, nil
}

// join decides the partner's part.
func (d *Docket) join(ctx context.Context, p *partner, cmd casework.Command, o Order) error {
	events, err := casework.Decide(p.before, cmd, d.env(ctx, o, nil, nil))
	if err != nil || len(events) == 0 {
		return err
	}
	cm := casework.Commit{Case: p.id, Seq: p.before.Seq + 1, At: o.Now.UTC(), By: o.By, Cause: casework.Cause{Kind: "case", ID: o.Case}, Events: events}
	value, err := cm.Encode()
	if err != nil {
		return fmt.Errorf("case %s: %w", p.id, err)
	}
	p.after = p.before.Clone()
	if err := p.after.Apply(cm); err != nil {
		return err
	}
	pointers, err := d.pointers(ctx, p.id, p.before, events, looked{})
	if err != nil {
		return err
	}
	p.writes = append([]table.Write{{Item: table.Item{Key: p.key(), Value: value, Seq: cm.Seq}, When: table.Absent}}, pointers...)
	return nil
}

// Reclaim files what came to a case's threads while it was part of another one: after
// the merge was undone both have it. It may be called again.
func (d *Docket) Reclaim(ctx context.Context, id, from string) error {
	c, err := d.load(ctx, id)
	if err != nil || !c.Exists() {
		return err
	}
	log, err := d.Log(ctx, from, 0)
	if err != nil {
		return err
	}
	threads := map[string]bool{} // of the other case, as long as they were this one's
	for _, cm := range log {
		for _, e := range cm.Events {
			switch e := e.(type) {
			case casework.CaseAbsorbed:
				for _, t := range e.Threads {
					if e.Case == id {
						threads[t.ID] = true
					}
				}
			case casework.AbsorptionUndone:
				if e.Case == id {
					clear(threads)
				}
			case casework.MessageReceived:
				if !threads[e.Thread] {
					continue
				}
				cmd := casework.Receive{Item: e.Item, Message: e.Message, About: e.About, Via: "known", Again: true,
					Customer: casework.Person{ID: casework.CustomerID(e.Message.Author.Handle), Handle: e.Message.Author.Handle},
					Brand:    c.Brand, Community: c.Community}
				if err := d.refile(ctx, id, cmd, cm); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
