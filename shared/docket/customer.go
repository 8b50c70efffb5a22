package docket

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"ines/shared/casework"
	"ines/shared/sorting"
	"ines/shared/table"
)

// Several customers may be one person: colleagues found it out and said so. Each keeps
// his own id, cases and handles; what joins them lies above, so that it can be undone.
// They are the nodes of a tree, whose root stands for all. An item per customer holds
// his place in it, and the pointers to open cases repeat who is in it, for the sake of
// every message that finds its case by them.

// identity is what the item of one customer says.
type identity struct {
	Into  string `json:"into,omitempty"` // whom he was merged into
	Parts []Part `json:"parts,omitempty"`
	// Proposals that name him, and those who a colleague said are somebody else.
	Proposals []Proposal `json:"proposals,omitempty"`
	Declined  []Declined `json:"declined,omitempty"`
	// Named are cases of others whose logs name him.
	Named []string `json:"named,omitempty"`
}

// Part is a customer who was merged into another.
type Part struct {
	Customer string              `json:"customer"`
	By       string              `json:"by"`
	At       time.Time           `json:"at"`
	Why      string              `json:"why"`
	Evidence []casework.Evidence `json:"evidence,omitempty"`
}

// Proposal says that a customer may be another one, too.
type Proposal struct {
	ID       string              `json:"id"`
	With     string              `json:"with"`
	Case     string              `json:"case"` // where the evidence came up
	At       time.Time           `json:"at"`
	Why      string              `json:"why"`
	Evidence []casework.Evidence `json:"evidence"`
	// Theirs: it was the other one who wrote what it rests on.
	Theirs bool `json:"theirs,omitempty"`
}

// Declined is somebody whom a customer is not.
type Declined struct {
	With string    `json:"with"`
	By   string    `json:"by"`
	At   time.Time `json:"at"`
	Why  string    `json:"why,omitempty"`
}

func readIdentity(items map[table.Key]table.Item, customer string) (i identity, seq int64, err error) {
	item, ok := items[identityKey(customer)]
	if !ok {
		return i, 0, nil
	}
	if err := json.Unmarshal(item.Value, &i); err != nil {
		return i, 0, fmt.Errorf("identity of customer %s: %w", customer, err)
	}
	return i, item.Seq, nil
}

// Group is a person: one customer, or several who are one.
type Group struct {
	// Members are their ids. The first stands for all; whoever was merged into another
	// comes after him.
	Members []string
	each    map[string]*identity
	seqs    map[string]int64
}

// Root is the customer who stands for all.
func (g *Group) Root() string { return g.Members[0] }

// Has reports whether a customer is one of them.
func (g *Group) Has(customer string) bool { return slices.Contains(g.Members, customer) }

// Version counts what was decided about who they are; 1 if nothing was.
func (g *Group) Version() int64 { return g.seqs[g.Root()] + 1 }

// Parts are those who were merged into a customer, Proposals and Declined what is
// noted with him.
func (g *Group) Parts(customer string) []Part         { return g.each[customer].Parts }
func (g *Group) Proposals(customer string) []Proposal { return g.each[customer].Proposals }
func (g *Group) Declined(customer string) []Declined  { return g.each[customer].Declined }

// below are a customer and all who were merged into him.
func (g *Group) below(customer string) []string {
	all := []string{customer}
	for i := 0; i < len(all); i++ {
		for _, p := range g.each[all[i]].Parts {
			if g.each[p.Customer] != nil && !slices.Contains(all, p.Customer) {
				all = append(all, p.Customer)
			}
		}
	}
	return all
}

// said reports whether a colleague said that two groups are two people.
func (g *Group) said(no *Group) bool {
	declines := func(a, b *Group) bool {
		return slices.ContainsFunc(a.Members, func(m string) bool {
			return slices.ContainsFunc(a.each[m].Declined, func(d Declined) bool { return b.Has(d.With) })
		})
	}
	return declines(g, no) || declines(no, g)
}

// proposed are the proposals that two groups are one.
func (g *Group) proposed(with *Group) (all []Proposal) {
	for _, m := range g.Members {
		for _, p := range g.each[m].Proposals {
			if with.Has(p.With) {
				all = append(all, p)
			}
		}
	}
	return all
}

// settle drops what was proposed or declined between two groups.
func (g *Group) settle(with *Group) {
	for _, m := range g.Members {
		i := g.each[m]
		i.Proposals = slices.DeleteFunc(i.Proposals, func(p Proposal) bool { return with.Has(p.With) })
		i.Declined = slices.DeleteFunc(i.Declined, func(d Declined) bool { return with.Has(d.With) })
	}
}

// write puts the items of some members where they were read.
func (g *Group) write(members ...string) (writes []table.Write, err error) {
	for _, m := range members {
		value, err := json.Marshal(g.each[m])
		if err != nil {
			return nil, fmt.Errorf("identity of customer %s: %w", m, err)
		}
		writes = append(writes, replace(table.Item{Key: identityKey(m), Value: value}, g.seqs[m]))
	}
	return writes, nil
}

// maxMembers bounds how many customers may be one.
const maxMembers = 12

// Group finds those whom a customer is one with. Whether there is such a customer it
// doesn't ask.
func (d *Docket) Group(ctx context.Context, customer string) (*Group, error) {
	g := &Group{each: map[string]*identity{}, seqs: map[string]int64{}}
	get := func(ids ...string) error {
		var keys []table.Key
		for _, id := range ids {
			keys = append(keys, identityKey(id))
		}
		have, err := d.table.Get(ctx, keys...)
		if err != nil {
			return fmt.Errorf("who is customer %s: %w", customer, err)
		}
		for _, id := range ids {
			i, seq, err := readIdentity(have, id)
			if err != nil {
				return err
			}
			g.each[id], g.seqs[id] = &i, seq
		}
		return nil
	}
	root := customer
	for range maxMembers + 1 {
		if err := get(root); err != nil {
			return nil, err
		}
		if g.each[root].Into == "" {
			break
		}
		root = g.each[root].Into
	}
	for next := []string{root}; len(next) > 0; {
		g.Members = append(g.Members, next...)
		var more []string
		for _, m := range next {
			for _, p := range g.each[m].Parts {
				if !slices.Contains(g.Members, p.Customer) && !slices.Contains(more, p.Customer) {
					more = append(more, p.Customer)
				}
			}
		}
		if len(more) > 0 {
			if err := get(more...); err != nil {
				return nil, err
			}
		}
		next = more
	}
	return g, nil
}

// Customers lists the cases of several customers who are one, newest first.
func (d *Docket) Customers(ctx context.Context, ids ...string) (all []casework.View, err error) {
	for _, id := range ids {
		views, err := d.Customer(ctx, id)
		if err != nil {
			return nil, err
		}
		all = append(all, views...)
	}
	sorting.By(all, func(a, b casework.View) int { return b.OpenedAt.Compare(a.OpenedAt) })
	return all[:min(len(all), maxCustomerCases)], nil
}
