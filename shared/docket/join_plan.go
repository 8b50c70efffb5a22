package docket

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"ines/shared/casework"
	"ines/shared/message"
	"ines/shared/table"
)

// side is one of two groups, as a case sees it.
type side struct {
	ids    []string
	people []casework.Person
}

// whoIsWho is a decision on its way to the table.
type whoIsWho struct {
	mine, theirs  *Group
	pointers      map[table.Key]table.Item // the open-case pointers of both
	cases         []string                 // to be told
	loaded        []*casework.Case
	open          []string // those that are open
	evidence      []casework.Evidence
	proposalsOnly bool // tell only where something was proposed
	same          [][]string
	command       func(c *casework.Case, mine, theirs side) casework.Command
	decided       Decided
}

// only is the part of a group with some of its members; they share what they say.
func (g *Group) only(members []string) *Group {
	return &Group{Members: members, each: g.each, seqs: g.seqs}
}

// openOf finds the pointers and cases of both groups.
func (d *Docket) openOf(ctx context.Context, w *whoIsWho) error {
	w.pointers = map[table.Key]table.Item{}
	told := w.cases
	for _, m := range slices.Concat(w.mine.Members, w.theirs.Members) {
		var keys []table.Key
		for _, b := range d.policy.Brands {
			keys = append(keys, openKey(m, b.ID))
		}
		have, err := d.table.Get(ctx, keys...)
		if err != nil {
			return fmt.Errorf("cases of customer %s: %w", m, err)
		}
		maps.Copy(w.pointers, have)
		for _, k := range keys {
			if p, _, ok, err := readPointer(have, k); err != nil {
				return err
			} else if ok && p.Case != "" {
				add(&w.cases, p.Case)
			}
		}
		if w.proposalsOnly {
			continue
		}
		views, err := d.Customer(ctx, m)
		if err != nil {
			return err
		}
		for _, v := range views {
			if v.Status != casework.StatusResolved {
				add(&w.cases, v.ID)
			}
		}
	}
	if !w.proposalsOnly {
		for _, p := range slices.Concat(w.mine.proposed(w.theirs), w.theirs.proposed(w.mine)) {
			add(&w.cases, p.Case)
			add(&told, p.Case)
		}
	}
	for _, id := range w.cases {
		c, err := d.load(ctx, id)
		if err != nil {
			return err
		}
		if !c.Exists() || c.IsErased() {
			continue
		}
		w.loaded = append(w.loaded, c)
		if c.MergedInto == "" && c.Status != casework.StatusResolved {
			w.open = append(w.open, c.ID)
		}
	}
	if len(w.loaded) == 0 {
		return refusal(casework.CodeNotFound, "None of their cases is left to say it in.")
	}
	w.cases = told
	if w.proposalsOnly && len(told) == 0 {
		w.cases = []string{w.loaded[0].ID}
	}
	return nil
}

// joinedIn finds the cases, closed ones too, in which handles of one group are the
// customer's although he is of the other.
func (d *Docket) joinedIn(ctx context.Context, w *whoIsWho) error {
	var ids []string
	for _, m := range slices.Concat(w.mine.Members, w.theirs.Members) {
		add(&ids, w.mine.each[m].Named...)
	}
	for _, p := range slices.Concat(w.people(w.mine.Members), w.people(w.theirs.Members)) {
		err := d.eachItem(ctx, table.Query{Partition: partitionOf(p.Handle), Prefix: appearedPrefix}, func(item table.Item) error {
			if id, ok := caseAppeared(item.Key); ok {
				add(&ids, id)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	for _, id := range ids {
		c, err := d.load(ctx, id)
		if err != nil {
			return err
		}
		others := w.mine.Members
		if w.mine.Has(c.Customer.ID) {
			others = w.theirs.Members
		}
		if !c.Exists() || c.IsErased() || !c.Joined(others) {
			continue
		}
		add(&w.cases, id)
		if !slices.ContainsFunc(w.loaded, func(l *casework.Case) bool { return l.ID == id }) {
			w.loaded = append(w.loaded, c)
		}
	}
	return nil
}

// brands are those that somebody of a group has written to: where he has an open-case
// pointer, or where it was proposed who he is.
func (w *whoIsWho) brands(g *Group) (all []string) {
	for k := range w.pointers {
		if id, _ := strings.CutPrefix(k.Partition, "customer#"); g.Has(id) {
			add(&all, k.Sort)
		}
	}
	for _, c := range w.loaded {
		for _, p := range c.Identity {
			if g.Has(p.Customer.ID) || g.Has(p.With.ID) {
				add(&all, openKey("", c.Brand).Sort)
			}
		}
	}
	slices.Sort(all)
	return all
}

// shareBrand reports whether both have written to one brand.
func (w *whoIsWho) shareBrand() bool {
	mine := w.brands(w.mine)
	return slices.ContainsFunc(w.brands(w.theirs), func(b string) bool { return slices.Contains(mine, b) })
}

// person is a customer as one of the cases knows him.
func (w *whoIsWho) person(id string) casework.Person {
	for _, p := range w.people([]string{id}) {
		return p
	}
	return casework.Person{ID: id}
}

// maxPeople bounds the handles that one side brings.
const maxPeople = 20

func (w *whoIsWho) people(ids []string) (all []casework.Person) {
	seen := map[message.Handle]bool{}
	for _, c := range w.loaded {
		people := append([]casework.Person{c.Customer}, c.Handles...)
		for _, p := range c.Identity { // who took part in somebody else's case
			people = append(people, p.Customer, p.With)
		}
		for _, p := range people {
			if slices.Contains(ids, p.ID) && !p.Handle.IsZero() && !seen[p.Handle] && len(all) < maxPeople {
				seen[p.Handle] = true
				all = append(all, p)
			}
		}
	}
	return all
}

// tells reports whether a case has to say what was decided: open ones, those that a
// new message would open again, and those where it was proposed.
func (d *Docket) tells(w *whoIsWho, c *casework.Case, now time.Time) bool {
	if w.proposalsOnly || slices.Contains(w.cases, c.ID) {
		return slices.Contains(w.cases, c.ID)
	}
	return c.MergedInto == "" && c.Joinable(now, d.policy.Cases.ReopenWindow)
}

// decideWho plans a decision and writes it, again from the start when somebody else
// was faster. All is one transaction: who is one with whom, the pointers that say so
// to messages, and the commits of the cases concerned; of more than the some eighty
// that fit, those written to last.
func (d *Docket) decideWho(ctx context.Context, m Decision, plan func(context.Context) (*whoIsWho, error)) (Decided, error) {
	for range retries {
		w, err := plan(ctx)
		if err != nil {
			return Decided{}, err
		}
		writes, after, err := d.whoWrites(ctx, m, w)
		if err != nil {
			return Decided{}, err
		}
		own := make([]table.Key, len(writes))
		for i := range writes {
			own[i] = writes[i].Item.Key
		}
		if m.Keep != nil {
			more, err := m.Keep(w.decided)
			if err != nil {
				return Decided{}, err
			}
			writes = append(writes, more...)
		}
		err = d.table.Write(ctx, writes...)
		if table.Conflicted(err, own...) {
			continue
		}
		if err != nil {
			return Decided{}, fmt.Errorf("who is customer %s: %w", m.Customer, err)
		}
		for _, c := range after {
			d.recent.set(c.ID, c)
		}
		return w.decided, nil
	}
	return Decided{}, fmt.Errorf("who is customer %s: %w: lost to concurrent changes %d times", m.Customer, table.ErrUnavailable, retries)
}

func (d *Docket) whoWrites(ctx context.Context, m Decision, w *whoIsWho) (writes []table.Write, after []*casework.Case, err error) {
	for _, g := range []*Group{w.mine, w.theirs} {
		writes = append(writes, absent(erasedKey(g.Root())))
	}
	if writes, err = w.point(writes); err != nil {
		return nil, nil, err
	}
	everybody := slices.Concat(w.mine.Members, w.theirs.Members)
	mine, theirs := side{w.mine.Members, w.people(w.mine.Members)}, side{w.theirs.Members, w.people(w.theirs.Members)}
	w.decided.Cases, w.decided.Separate = []string{}, nil
	for _, c := range w.loaded {
		if !d.tells(w, c, m.Now) || len(writes)+len(everybody) >= table.MaxWrites-room {
			continue
		}
		a, b := mine, theirs
		switch {
		case slices.Contains(theirs.ids, c.Customer.ID):
			a, b = theirs, mine
		case !slices.Contains(mine.ids, c.Customer.ID):
			b.people = nil // somebody else's case, in which one of them wrote
		}
		more, next, err := d.commitOf(ctx, c, w.command(c, a, b), m)
		if err != nil {
			return nil, nil, err
		}
		writes, after = append(writes, more...), append(after, next)
		w.decided.Cases = append(w.decided.Cases, c.ID)
	}
	if len(w.open) > 1 && len(w.same) == 1 {
		w.decided.Separate = w.open
	}
	for _, id := range everybody {
		g := w.mine
		if !g.Has(id) {
			g = w.theirs
		}
		for _, c := range w.decided.Cases {
			add(&g.each[id].Named, c)
		}
		more, err := g.write(id)
		if err != nil {
			return nil, nil, err
		}
		writes = append(writes, more...)
	}
	if len(writes) > table.MaxWrites-room {
		return nil, nil, refusal(casework.CodeInvalid, "These customers have too many brands and parts to be joined or parted at once.")
	}
	return writes, after, nil
}

// point lets the pointers to open cases say who is one with whom, in the brands that
// both sides have written to also for those who have no case of their own there.
func (w *whoIsWho) point(writes []table.Write) ([]table.Write, error) {
	theirs := w.brands(w.theirs)
	for _, same := range w.same {
		for _, id := range same {
			for _, sort := range slices.Compact(slices.Sorted(slices.Values(slices.Concat(w.brands(w.mine), theirs)))) {
				k := table.Key{Partition: "customer#" + id, Sort: sort}
				p, item, had, err := readPointer(w.pointers, k)
				if err != nil {
					return nil, err
				}
				shared := slices.Contains(w.brands(w.mine), sort) && slices.Contains(theirs, sort)
				if p.Same = same; len(same) == 1 {
					p.Same = nil
				}
				empty := p.Case == "" && p.Count == 0 && p.Same == nil
				switch {
				case !had && (empty || !shared):
				case empty:
					writes = append(writes, table.Write{Op: table.OpDelete, Item: table.Item{Key: k}, When: table.SeqIs, Seq: item.Seq})
				default:
					writes = append(writes, putPointer(k, p, item, had))
				}
			}
		}
	}
	return writes, nil
}

// commitOf decides a command for one of the cases.
func (d *Docket) commitOf(ctx context.Context, c *casework.Case, cmd casework.Command, m Decision) (writes []table.Write, after *casework.Case, err error) {
	o := Order{Case: c.ID, By: m.By, Now: m.Now}
	events, err := casework.Decide(c, cmd, d.env(ctx, o, nil, nil))
	if err != nil {
		return nil, nil, err
	}
	cm := casework.Commit{Case: c.ID, Seq: c.Seq + 1, At: m.Now.UTC(), By: m.By, Cause: casework.Cause{Kind: "command", ID: m.Key}, Events: events}
	value, err := json.Marshal(cm)
	if err != nil {
		return nil, nil, fmt.Errorf("case %s: %w", c.ID, err)
	}
	after = c.Clone()
	if err := after.Apply(cm); err != nil {
		return nil, nil, err
	}
	pointers, err := d.pointers(ctx, c.ID, c, events, looked{})
	if err != nil {
		return nil, nil, err
	}
	return append([]table.Write{{Item: table.Item{Key: logKey(c.ID, cm.Seq), Value: value, Seq: cm.Seq}, When: table.Absent}}, pointers...), after, nil
}
