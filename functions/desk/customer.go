package desk

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/message"
	"ines/shared/policy"
	"ines/shared/sorting"
)

// handleJSON is one of the places that a customer writes from.
type handleJSON struct {
	message.Handle
	Key      string `json:"key"` // as unmerge takes it
	Name     string `json:"name,omitempty"`
	Username string `json:"username,omitempty"`
	// Source says how it is known to be his: wrote_from, link_token, answered,
	// platform or case_merge. FirstSeen is since when.
	Source    string    `json:"source"`
	FirstSeen time.Time `json:"first_seen"`
	// MergedFrom is the customer it came with, when that one was merged into this.
	MergedFrom string `json:"merged_from,omitempty"`
	// Refused are the inboxes in which they don't want to be written to there.
	Refused []refusalJSON `json:"refused,omitempty"`
}

type refusalJSON struct {
	Inbox string    `json:"inbox"`
	Since time.Time `json:"since,omitzero"`
	Why   string    `json:"why,omitempty"` // their words, or what the platform said
}

// customerDetail is a person: one customer, or several whom colleagues found to be
// one. ID is the one who stands for all.
type customerDetail struct {
	ID      string       `json:"id"`
	Name    string       `json:"name"`
	Handles []handleJSON `json:"handles"`
	// What colleagues wrote down: see the profile.
	Tags     []string `json:"tags,omitempty"`
	Called   string   `json:"called,omitempty"`
	Language string   `json:"language,omitempty"`
	// Profiles is the same by the customer it was written down about, of one who is
	// several.
	Profiles   []profileAnswer `json:"profiles,omitempty"`
	MergedFrom []mergedJSON    `json:"merged_from"`
	Proposals  []mayBeJSON     `json:"proposals"` // who he may be besides
	Declined   []declinedJSON  `json:"declined"`  // whom a colleague said he is not
	Version    int64           `json:"version"`   // of who he is
}

type mergedJSON struct {
	Customer customerJSON        `json:"customer"`
	Into     string              `json:"into"`
	At       time.Time           `json:"at"`
	By       string              `json:"by"`
	Why      string              `json:"why"`
	Evidence []casework.Evidence `json:"evidence"`
}

type mayBeJSON struct {
	ID       string              `json:"id"`
	Customer string              `json:"customer"` // of those who are one with him
	With     customerJSON        `json:"with"`
	Case     string              `json:"case"` // where the evidence came up
	At       time.Time           `json:"at"`
	Why      string              `json:"why"` // of whoever wrote last
	Evidence []casework.Evidence `json:"evidence"`
}

type declinedJSON struct {
	Customer string       `json:"customer"`
	With     customerJSON `json:"with"`
	At       time.Time    `json:"at"`
	By       string       `json:"by"`
	Why      string       `json:"why"`
}

type customerAnswer struct {
	Customer customerDetail `json:"customer"`
	Cases    []caseJSON     `json:"cases"`
}

var unknownCustomer = &problem{Status: http.StatusNotFound, Code: codeNotFound, Detail: "There is no such customer."}

// handleCases is how many of a customer's cases are searched for his handles.
const handleCases = 10

func (d *Desk) showCustomer(w http.ResponseWriter, r *http.Request, _ policy.Colleague) error {
	a, err := d.customer(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	w.Header().Set("ETag", etag(a.Customer.Version))
	return writeJSON(w, http.StatusOK, a)
}

// customer is what the desk knows of one, and of those whom he is one with.
func (d *Desk) customer(ctx context.Context, id string) (a customerAnswer, err error) {
	if !plausible(id) {
		return a, unknownCustomer
	}
	g, err := d.docket.Group(ctx, id)
	if err != nil {
		return a, err
	}
	views, err := d.docket.Customers(ctx, g.Members...)
	if err != nil {
		return a, err
	}
	if len(views) == 0 && g.Version() == 1 { // nobody ever asked who he is, either
		return a, d.noCustomer(ctx, id)
	}
	a = customerAnswer{Cases: d.casesJSON(views), Customer: customerDetail{ID: g.Root(), Version: g.Version(), MergedFrom: []mergedJSON{}, Proposals: []mayBeJSON{}, Declined: []declinedJSON{}}}
	for _, v := range views { // the newest that is the root's own names him
		if a.Customer.Name == "" || v.Customer.ID == g.Root() {
			a.Customer.Name = v.Customer.Label()
		}
		if v.Customer.ID == g.Root() {
			break
		}
	}
	if a.Customer.Handles, err = d.handles(ctx, g, views); err != nil {
		return a, err
	}
	if len(a.Customer.Handles) > 0 {
		h := a.Customer.Handles[0]
		a.Customer.Name = cmp.Or(a.Customer.Name, h.Name, h.Username, h.ID)
	}
	if err = d.profilesOf(ctx, g, &a.Customer); err != nil {
		return a, err
	}
	return a, d.identityOf(ctx, g, &a.Customer)
}

// noCustomer says why there is no customer of an id: he was erased, or never was.
func (d *Desk) noCustomer(ctx context.Context, id string) error {
	e, erased, err := d.docket.Forgotten(ctx, id)
	switch {
	case err != nil:
		return err
	case erased:
		return erasedProblem(e)
	}
	return unknownCustomer
}

// handles are all that are known of a person, the first seen first.
func (d *Desk) handles(ctx context.Context, g *docket.Group, views []casework.View) ([]handleJSON, error) {
	all := []handleJSON{}
	type seen struct {
		casework.Person
		casework.Origin
	}
	var late []seen
	add := func(p casework.Person, o casework.Origin) {
		if p.Handle.IsZero() || !g.Has(p.ID) {
			return
		}
		i := slices.IndexFunc(all, func(h handleJSON) bool { return h.Handle == p.Handle })
		if i < 0 {
			h := handleJSON{Handle: p.Handle, Key: p.Handle.Key(), Source: o.Source, FirstSeen: o.Since}
			if p.ID != g.Root() {
				h.MergedFrom = p.ID
			}
			all, i = append(all, h), len(all)
		}
		h := &all[i]
		h.Name, h.Username = cmp.Or(h.Name, p.Name), cmp.Or(h.Username, p.Username)
		if o.Since.Before(h.FirstSeen) {
			h.Source, h.FirstSeen = o.Source, o.Since
		}
	}
	for i, v := range views {
		add(v.Customer, casework.Origin{Source: casework.SourceWrote, Since: v.OpenedAt})
		if i >= handleCases {
			continue
		}
		c, err := d.docket.Load(ctx, v.ID)
		if errors.Is(err, docket.ErrNoCase) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, p := range append([]casework.Person{c.Customer}, c.Handles...) {
			o, known := c.Origins[p.Handle.Key()]
			switch {
			case !known: // of a log from before sources were kept
				o = casework.Origin{Source: casework.SourceWrote, Since: v.OpenedAt}
			case o.Source == casework.SourceMerged && !o.Wrote:
				late = append(late, seen{p, o}) // his own cases say since when
				continue
			case o.Source == casework.SourceMerged:
				o.Source = casework.SourceWrote
			}
			add(p, o)
		}
	}
	for _, m := range g.Members { // who took part in a case of somebody else's
		for _, p := range g.Proposals(m) {
			c, err := d.docket.Load(ctx, p.Case)
			if errors.Is(err, docket.ErrNoCase) {
				continue
			}
			if err != nil {
				return nil, err
			}
			for _, q := range c.Identity {
				o := casework.Origin{Source: casework.SourceWrote, Since: q.At}
				late = append(late, seen{q.Customer, o}, seen{q.With, o})
			}
		}
	}
	for _, l := range late {
		if !slices.ContainsFunc(all, func(h handleJSON) bool { return h.Handle == l.Handle }) {
			add(l.Person, l.Origin)
		}
	}
	for i := range all {
		for _, in := range d.policy.Inboxes {
			if in.Channel != all[i].Channel {
				continue
			}
			said, err := d.docket.Refused(ctx, in.ID, all[i].Handle)
			if err != nil {
				return nil, err
			}
			if said != nil {
				all[i].Refused = append(all[i].Refused, refusalJSON{in.ID, said.At, said.Why})
			}
		}
	}
	sorting.By(all, func(a, b handleJSON) int { return a.FirstSeen.Compare(b.FirstSeen) })
	return all, nil
}

func (d *Desk) profilesOf(ctx context.Context, g *docket.Group, c *customerDetail) error {
	all, err := d.docket.Profiles(ctx, g.Members...)
	if err != nil {
		return err
	}
	p := casework.JoinProfiles(all)
	c.Tags, c.Called, c.Language = p.Tags, p.Name, p.Language
	if len(all) == 1 {
		return nil
	}
	for i, p := range all {
		if !p.IsZero() {
			c.Profiles = append(c.Profiles, profileJSON(g.Members[i], p))
		}
	}
	return nil
}

// identityOf tells whom a person was made of, and who he may be or is not.
func (d *Desk) identityOf(ctx context.Context, g *docket.Group, c *customerDetail) error {
	names := map[string]customerJSON{}
	name := func(id string) (customerJSON, error) {
		if n, ok := names[id]; ok {
			return n, nil
		}
		views, err := d.docket.Customer(ctx, id)
		n := customerJSON{ID: id}
		if len(views) > 0 {
			n.Name = views[0].Customer.Label()
		}
		names[id] = n
		return n, err
	}
	for _, m := range g.Members {
		for _, p := range g.Parts(m) {
			who, err := name(p.Customer)
			if err != nil {
				return err
			}
			c.MergedFrom = append(c.MergedFrom, mergedJSON{Customer: who, Into: m, At: p.At, By: p.By, Why: p.Why, Evidence: listed(p.Evidence)})
		}
		for _, p := range g.Proposals(m) {
			who, err := name(p.With)
			if err != nil {
				return err
			}
			c.Proposals = append(c.Proposals, mayBeJSON{ID: p.ID, Customer: m, With: who, Case: p.Case, At: p.At, Why: p.Why, Evidence: listed(p.Evidence)})
		}
		for _, no := range g.Declined(m) {
			who, err := name(no.With)
			if err != nil {
				return err
			}
			c.Declined = append(c.Declined, declinedJSON{Customer: m, With: who, At: no.At, By: no.By, Why: no.Why})
		}
	}
	return nil
}
