package docket

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"ines/shared/casework"
	"ines/shared/message"
	"ines/shared/table"
)

// Decision is a colleague's word on who is who.
type Decision struct {
	Customer string // whom it is about: who is merged, or part of whom is parted
	With     string // into whom he is merged; who is parted from him, "" for Customer himself; who he is not
	Handle   string // a handle's key in place of With, for parting
	By, Why  string
	Now      time.Time
	// IfVersion, when not 0, refuses unless it is Customer's version: see Group.
	IfVersion int64
	Key       string // idempotency key
	// Keep adds writes to the transaction, given what comes of it.
	Keep func(Decided) ([]table.Write, error)
}

// Decided is what came of a Decision.
type Decided struct {
	Customer string   `json:"customer"`           // who stands for Customer now
	With     string   `json:"with"`               // the other one
	Members  []string `json:"members"`            // who are one with Customer now, himself included
	Cases    []string `json:"cases"`              // whose timelines say so
	Separate []string `json:"separate,omitempty"` // open cases of a merged customer, to be merged if they are one matter
	Version  int64    `json:"version"`
}

// room is how many writes of a decision are kept for Keep.
const room = 4

// MergeCustomers makes two customers one: everything of both is read as one history,
// and what either writes from now on finds what the other has open. Errors:
// *casework.Refusal, ErrNoCustomer, those of the table, and *table.ConflictError
// about Keep's own writes.
func (d *Docket) MergeCustomers(ctx context.Context, m Decision) (Decided, error) {
	return d.decideWho(ctx, m, func(ctx context.Context) (*whoIsWho, error) {
		mine, theirs, err := d.twoGroups(ctx, m)
		switch {
		case err != nil:
			return nil, err
		case m.With == m.Customer:
			return nil, refusal(casework.CodeInvalid, "A customer can't be merged into himself.")
		case mine.Root() == theirs.Root():
			return nil, refusal(casework.CodeOneCustomer, "They are one customer already.")
		case len(mine.Members)+len(theirs.Members) > maxMembers:
			return nil, refusal(casework.CodeInvalid, "Together they would be more than %d customers. Has something gone wrong?", maxMembers)
		}
		w := &whoIsWho{mine: mine, theirs: theirs}
		if err := d.openOf(ctx, w); err != nil {
			return nil, err
		}
		if !w.shareBrand() {
			return nil, refusal(casework.CodeInvalid, "They have written to different brands: customers of different brands are never joined.")
		}
		for _, p := range theirs.proposed(mine) {
			w.evidence = append(w.evidence, p.Evidence...)
		}
		mine.settle(theirs)
		theirs.settle(mine)
		from, into := mine.Root(), theirs.Root()
		mine.each[from].Into = into
		root := theirs.each[into]
		root.Parts = append(root.Parts, Part{Customer: from, By: m.By, At: m.Now.UTC(), Why: m.Why, Evidence: w.evidence})
		all := slices.Concat(theirs.Members, mine.Members)
		w.same = [][]string{all}
		w.command = func(c *casework.Case, mine, theirs side) casework.Command {
			return casework.JoinCustomers{By: m.By, Why: m.Why, Customer: w.person(from), Into: w.person(into), Others: theirs.people,
				Mine: mine.ids, Theirs: theirs.ids, OtherCases: w.open, Evidence: w.evidence}
		}
		w.decided = Decided{Customer: into, With: from, Members: all, Version: theirs.Version() + 1}
		return w, nil
	})
}

// PartCustomers undoes a merge: a customer, with whoever was merged into him, is
// one by himself again. Errors are those of MergeCustomers.
func (d *Docket) PartCustomers(ctx context.Context, m Decision) (Decided, error) {
	return d.decideWho(ctx, m, func(ctx context.Context) (*whoIsWho, error) {
		g, err := d.known(ctx, m.Customer)
		if err != nil {
			return nil, err
		}
		if err := m.fresh(g); err != nil {
			return nil, err
		}
		who, err := d.parted(ctx, g, m)
		if err != nil {
			return nil, err
		}
		from := g.each[who].Into
		leave := g.below(who)
		stay := slices.DeleteFunc(slices.Clone(g.Members), func(id string) bool { return slices.Contains(leave, id) })
		w := &whoIsWho{mine: g.only(leave), theirs: g.only(stay)}
		if err := d.openOf(ctx, w); err != nil {
			return nil, err
		}
		if err := d.joinedIn(ctx, w); err != nil {
			return nil, err
		}
		parts := &g.each[from].Parts
		*parts = slices.DeleteFunc(*parts, func(p Part) bool { return p.Customer == who })
		no := Declined{By: m.By, At: m.Now.UTC(), Why: m.Why}
		g.each[who].Into, no.With = "", from
		g.each[who].Declined = append(g.each[who].Declined, no)
		w.same = [][]string{leave, stay}
		w.command = func(_ *casework.Case, _, theirs side) casework.Command {
			return casework.PartCustomers{By: m.By, Why: m.Why, Customer: w.person(who), From: w.person(from), Theirs: theirs.ids}
		}
		w.decided = Decided{Customer: who, With: g.Root(), Members: leave, Version: w.mine.Version() + 1}
		return w, nil
	})
}

// DeclineIdentity remembers that two customers are two people: it is not proposed
// again. Errors are those of MergeCustomers.
func (d *Docket) DeclineIdentity(ctx context.Context, m Decision) (Decided, error) {
	return d.decideWho(ctx, m, func(ctx context.Context) (*whoIsWho, error) {
		mine, theirs, err := d.twoGroups(ctx, m)
		switch {
		case err != nil:
			return nil, err
		case mine.Root() == theirs.Root():
			return nil, refusal(casework.CodeOneCustomer, "They are one customer. Undo the merge: that says it, too.")
		}
		w := &whoIsWho{mine: mine, theirs: theirs, proposalsOnly: true}
		for _, p := range slices.Concat(mine.proposed(theirs), theirs.proposed(mine)) {
			add(&w.cases, p.Case)
		}
		if err := d.openOf(ctx, w); err != nil {
			return nil, err
		}
		mine.settle(theirs)
		theirs.settle(mine)
		for _, side := range [][2]string{{m.Customer, m.With}, {m.With, m.Customer}} {
			g := mine
			if !g.Has(side[0]) {
				g = theirs
			}
			g.each[side[0]].Declined = append(g.each[side[0]].Declined, Declined{With: side[1], By: m.By, At: m.Now.UTC(), Why: m.Why})
		}
		w.command = func(_ *casework.Case, mine, theirs side) casework.Command {
			return casework.DeclineIdentity{By: m.By, Why: m.Why, Customer: m.Customer, With: m.With, Mine: mine.ids, Theirs: theirs.ids}
		}
		w.decided = Decided{Customer: mine.Root(), With: theirs.Root(), Members: mine.Members, Version: mine.Version() + 1}
		return w, nil
	})
}

func refusal(code, format string, args ...any) *casework.Refusal {
	return &casework.Refusal{Code: code, Detail: fmt.Sprintf(format, args...)}
}

// fresh refuses a decision that rests on what has passed.
func (m Decision) fresh(g *Group) error {
	if m.IfVersion == 0 || m.IfVersion == g.Version() {
		return nil
	}
	return &casework.Refusal{Code: casework.CodeVersionStale, More: map[string]any{"version": g.Version()},
		Detail: "What is known of who this customer is has changed: it is at version " + strconv.FormatInt(g.Version(), 10) + ". Look at it again."}
}

// known is the group of a customer who exists and was not erased.
func (d *Docket) known(ctx context.Context, customer string) (*Group, error) {
	keys := []table.Key{erasedKey(customer)}
	for _, b := range d.policy.Brands {
		keys = append(keys, openKey(customer, b.ID))
	}
	have, err := d.table.Get(ctx, keys...)
	if err != nil {
		return nil, fmt.Errorf("customer %s: %w", customer, err)
	}
	if _, erased := have[keys[0]]; erased {
		return nil, refusal(casework.CodeErased, "The customer was erased: nobody is one with him any more.")
	}
	g, err := d.Group(ctx, customer)
	if err == nil && len(have) == 0 && g.seqs[customer] == 0 {
		err = fmt.Errorf("%w: %q", ErrNoCustomer, customer)
	}
	return g, err
}

func (d *Docket) twoGroups(ctx context.Context, m Decision) (mine, theirs *Group, err error) {
	if mine, err = d.known(ctx, m.Customer); err != nil {
		return nil, nil, err
	}
	if err := m.fresh(mine); err != nil {
		return nil, nil, err
	}
	if theirs, err = d.known(ctx, m.With); errors.Is(err, ErrNoCustomer) {
		err = refusal(casework.CodeNotFound, "There is no customer %q.", m.With)
	}
	return mine, theirs, err
}

// parted is who of a group is to leave it.
func (d *Docket) parted(ctx context.Context, g *Group, m Decision) (who string, err error) {
	who = m.Customer
	switch {
	case len(g.Members) == 1:
		return "", refusal(casework.CodeInvalid, "This customer is one with nobody.")
	case m.With != "":
		who = m.With
	case m.Handle != "":
		h, ok := message.ParseHandle(m.Handle)
		if !ok {
			return "", refusal(casework.CodeInvalid, "A handle is written channel:scope:id, as the customer shows it.")
		}
		have, err := d.table.Get(ctx, handleKey(h))
		if err != nil {
			return "", err
		}
		p, _, _, err := readPointer(have, handleKey(h))
		if err != nil {
			return "", err
		}
		if who = p.Customer; who == "" {
			who = casework.CustomerID(h)
		}
	}
	switch {
	case !g.Has(who):
		return "", refusal(casework.CodeNotFound, "That is nobody who was merged with this customer.")
	case g.each[who].Into == "":
		return "", refusal(casework.CodeInvalid, "The others were merged into this one. Say who is to part from him: %s.", strings.Join(g.Members[1:], ", "))
	}
	return who, nil
}
