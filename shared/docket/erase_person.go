package docket

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ines/shared/casework"
	"ines/shared/message"
	"ines/shared/table"
)

// erasePerson takes a customer's handles out of the table, and what he wrote out of
// others' cases.
func (d *Docket) erasePerson(ctx context.Context, e *Erasure) error {
	for _, h := range e.People {
		err := d.eachItem(ctx, table.Query{Partition: partitionOf(h), Prefix: appearedPrefix}, func(item table.Item) error {
			if id, ok := caseAppeared(item.Key); ok && !slices.Contains(e.Cases, id) {
				add(&e.Others, id)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if err := d.named(ctx, e); err != nil {
		return err
	}
	if err := d.save(ctx, e); err != nil {
		return err
	}
	for _, id := range e.Others {
		if err := d.eraseAuthor(ctx, e, id); err != nil {
			return err
		}
	}
	s, err := d.stones(ctx, false)
	if err != nil {
		return err
	}
	for _, h := range e.People {
		if err := d.eraseEarly(ctx, e, h); err != nil {
			return err
		}
		stone := tombstone{Erasure: e.ID}
		var writes []table.Write
		err := d.eachItem(ctx, table.Query{Partition: partitionOf(h)}, func(item table.Item) error {
			writes = append(writes, table.Write{Op: table.OpDelete, Item: table.Item{Key: item.Key}})
			inbox, consent := strings.CutPrefix(item.Key.Sort, consentPrefix)
			if !consent {
				return nil
			}
			said, _, err := readConsent(map[table.Key]table.Item{item.Key: item}, item.Key)
			if err == nil && said.Refused {
				stone.Refused = append(stone.Refused, inbox)
			}
			return err
		})
		if err != nil {
			return err
		}
		// The stone stands before the handle goes: no moment is between the two.
		k := s.handle(h)
		have, err := d.table.Get(ctx, k)
		if err != nil {
			return err
		}
		var before tombstone
		if item, ok := have[k]; ok {
			if err := json.Unmarshal(item.Value, &before); err != nil {
				return fmt.Errorf("tombstone %s: %w", k, err)
			}
			add(&stone.Refused, before.Refused...)
		}
		value, err := json.Marshal(stone)
		if err != nil {
			return err
		}
		if err := d.writeAll(ctx, append([]table.Write{{Item: table.Item{Key: k, Value: value, Seq: 1}}}, writes...)); err != nil {
			return err
		}
	}
	// From here on whoever writes finds a stone, and who looked before fails.
	began, err := d.buryClaims(ctx, e)
	if err != nil {
		return err
	}
	for _, id := range began {
		add(&e.Cases, id)
		if err := d.save(ctx, e); err != nil {
			return err
		}
		if err := d.eraseCase(ctx, e, id); err != nil {
			return err
		}
	}
	e.Count.Handles, e.Count.Mentions = len(e.People), len(e.Others)
	return d.forgetCustomer(ctx, e)
}

// named adds the cases of others whose logs name the customers: because they were
// joined with somebody, or proposed to be.
func (d *Docket) named(ctx context.Context, e *Erasure) error {
	g, err := d.Group(ctx, e.Customer)
	if err != nil {
		return err
	}
	for _, m := range g.Members {
		for _, id := range g.each[m].Named {
			if slices.Contains(e.Cases, id) || slices.Contains(e.Others, id) {
				continue
			}
			add(&e.Others, id)
			c, err := d.load(ctx, id)
			if err != nil {
				return err
			}
			people := slices.Clone(c.Handles)
			for _, p := range c.Identity {
				people = append(people, p.Customer, p.With)
			}
			for _, p := range people {
				if e.is(p.ID) && !p.Handle.IsZero() {
					add(&e.People, p.Handle)
					add(&e.Words, nonEmpty(p.Name, p.Username)...)
				}
			}
		}
	}
	return nil
}

// graves are the customers' own stones.
func (e Erasure) graves() (writes []table.Write, err error) {
	value, err := json.Marshal(e.Epitaph())
	if err != nil {
		return nil, err
	}
	for _, m := range e.everyone() {
		writes = append(writes, table.Write{Item: table.Item{Key: erasedKey(m), Value: value, Seq: 1}})
	}
	return writes, nil
}

// forgetCustomer deletes the customers' own items but for their stones, and what they
// are named by in those of others.
func (d *Docket) forgetCustomer(ctx context.Context, e *Erasure) error {
	if err := d.dropClaims(ctx, e.everyone(), nil); err != nil {
		return err
	}
	if err := d.unname(ctx, e); err != nil {
		return err
	}
	for _, m := range e.everyone() {
		if err := d.dropAnswers(ctx, "customer#"+m); err != nil {
			return err
		}
		var writes []table.Write
		err := d.eachItem(ctx, table.Query{Partition: "customer#" + m}, func(item table.Item) error {
			if item.Key != erasedKey(m) {
				writes = append(writes, table.Write{Op: table.OpDelete, Item: table.Item{Key: item.Key}})
			}
			return nil
		})
		if err != nil {
			return err
		}
		if err := d.writeAll(ctx, writes); err != nil {
			return err
		}
	}
	return nil
}

// unname takes the customers out of what was proposed to be one with them, or said to
// be somebody else.
func (d *Docket) unname(ctx context.Context, e *Erasure) error {
	g, err := d.Group(ctx, e.Customer)
	if err != nil {
		return err
	}
	var others []string
	for _, m := range g.Members {
		for _, p := range g.each[m].Proposals {
			add(&others, p.With)
		}
		for _, no := range g.each[m].Declined {
			add(&others, no.With)
		}
	}
	for _, id := range others {
		if e.is(id) {
			continue
		}
		for range retries {
			o, err := d.Group(ctx, id)
			if err != nil {
				return err
			}
			if o.seqs[id] == 0 {
				break // he was erased himself
			}
			o.settle(&Group{Members: e.everyone()})
			writes, err := o.write(id)
			if err == nil {
				err = d.table.Write(ctx, writes...)
			}
			if err == nil {
				break
			}
			if !table.Conflicted(err) {
				return err
			}
		}
	}
	return nil
}

// Epitaph is what of an erasure may be kept: that it was, when, by whom and how much.
func (e Erasure) Epitaph() Erasure {
	kept := Erasure{ID: e.ID, Customer: e.Customer, Also: e.Also, By: e.By, Why: e.Why, At: e.At, Retention: e.Retention, Whole: e.Whole, Phase: e.Phase, Count: e.Count}
	low := strings.ToLower(e.Why)
	for _, w := range e.needles() {
		if strings.Contains(low, strings.ToLower(w)) {
			kept.Why = "" // the reason names the person
		}
	}
	return kept
}

func (e *Erasure) needles() []string {
	words := slices.Clone(e.Words)
	for _, w := range e.Words {
		words = append(words, strings.Fields(w)...)
	}
	for _, h := range e.People {
		words = append(words, h.ID)
	}
	return slices.DeleteFunc(words, func(w string) bool { return len(w) < 3 })
}

// eraseAuthor takes what the person wrote out of another's case.
func (d *Docket) eraseAuthor(ctx context.Context, e *Erasure, id string) error {
	log, err := d.Log(ctx, id, 0)
	if err != nil || len(log) == 0 {
		return err
	}
	t := trace{}
	his := casework.Traces{Handles: e.People, Words: e.Words}
	for _, cm := range log {
		for _, ev := range cm.Events {
			switch ev := ev.(type) {
			case casework.MessageReceived:
				if slices.Contains(e.People, ev.Message.Author.Handle) {
					t.event(ev)
					his.Messages++
				}
			case casework.AttachmentKept:
				if slices.ContainsFunc(t.messages, func(m message.Message) bool { return m.ID == ev.Message }) {
					t.event(ev)
				}
			}
		}
	}
	if his.Messages > 0 {
		e.learn(t)
		if err := d.save(ctx, e); err != nil {
			return err
		}
		if err := d.buryMessages(ctx, e, t); err != nil {
			return err
		}
	}
	done := slices.ContainsFunc(log, func(cm casework.Commit) bool { return cm.Cause.Kind == causeErasure && cm.Cause.ID == e.ID })
	strike := func(cm casework.Commit) (casework.Commit, bool, error) { return cm.Without(his) }
	if err := d.rewriteLog(ctx, id, strike); err != nil {
		return err
	}
	// Whoever remembers the case reads it anew when he comes to this commit: by now
	// there is nothing left to read.
	if !done {
		_, _, err := d.Do(ctx, Order{Case: id, By: e.By, Now: e.At, Cause: casework.Cause{Kind: causeErasure, ID: e.ID},
			Command: casework.EraseAuthor{Erasure: e.ID, Customer: e.Customer, Traces: his}})
		if err != nil && !errors.Is(err, ErrNoCase) {
			return err
		}
	}
	if err := d.rewriteLog(ctx, id, strike); err != nil {
		return err
	}
	return d.strikeView(ctx, id, his)
}

// strikeView takes the person out of a view where it stands: relay moves it on by
// itself.
func (d *Docket) strikeView(ctx context.Context, id string, his casework.Traces) error {
	k := viewKey(id)
	for range retries {
		have, err := d.table.Get(ctx, k)
		if err != nil {
			return err
		}
		item, ok := have[k]
		if !ok {
			return nil
		}
		value, changed, err := his.Strike(item.Value)
		if err != nil || !changed {
			return err
		}
		item.Value = value
		err = d.table.Write(ctx, table.Write{Item: item, When: table.SeqIs, Seq: item.Seq})
		if !table.Conflicted(err) {
			return err
		}
	}
	return fmt.Errorf("view of case %s: %w", id, table.ErrUnavailable)
}
