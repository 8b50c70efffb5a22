package desk

import (
	"context"
	"errors"
	"net/http"
	"time"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/message"
	"ines/shared/policy"
)

type handleJSON struct {
	message.Handle
	Name     string `json:"name,omitempty"`
	Username string `json:"username,omitempty"`
	// Refused are the inboxes in which they don't want to be written to.
	Refused []refusalJSON `json:"refused,omitempty"`
}

type refusalJSON struct {
	Inbox string    `json:"inbox"`
	Since time.Time `json:"since,omitzero"`
	Why   string    `json:"why,omitempty"` // their words, or what the platform said
}

type customerDetail struct {
	ID      string       `json:"id"`
	Name    string       `json:"name"`
	Handles []handleJSON `json:"handles"`
	// What colleagues wrote down: see the profile.
	Tags     []string `json:"tags,omitempty"`
	Called   string   `json:"called,omitempty"`
	Language string   `json:"language,omitempty"`
}

type customerAnswer struct {
	Customer customerDetail `json:"customer"`
	Cases    []caseJSON     `json:"cases"`
}

// handleCases is how many of a customer's cases are searched for his handles.
const handleCases = 10

var unknownCustomer = &problem{Status: http.StatusNotFound, Code: codeNotFound, Detail: "There is no such customer."}

func (d *Desk) showCustomer(w http.ResponseWriter, r *http.Request, _ policy.Colleague) error {
	a, err := d.customer(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, a)
}

// customer is what the desk knows of one.
func (d *Desk) customer(ctx context.Context, id string) (a customerAnswer, err error) {
	if !plausible(id) {
		return a, unknownCustomer
	}
	views, err := d.docket.Customer(ctx, id)
	if err != nil {
		return a, err
	}
	if len(views) == 0 {
		return a, d.noCustomer(ctx, id)
	}
	a = customerAnswer{Customer: customerDetail{ID: id, Name: views[0].Customer.Label(), Handles: []handleJSON{}}, Cases: d.casesJSON(views)}
	profile, err := d.docket.Profile(ctx, id)
	if err != nil {
		return a, err
	}
	a.Customer.Tags, a.Customer.Called, a.Customer.Language = profile.Tags, profile.Name, profile.Language
	seen := map[message.Handle]bool{}
	for _, v := range views[:min(len(views), handleCases)] {
		c, err := d.docket.Load(ctx, v.ID)
		if errors.Is(err, docket.ErrNoCase) {
			continue
		}
		if err != nil {
			return a, err
		}
		for i, p := range append(c.Handles[:len(c.Handles):len(c.Handles)], c.Customer) {
			if (i < len(c.Handles) || c.Customer.ID == id) && !seen[p.Handle] {
				seen[p.Handle] = true
				h, err := d.handle(ctx, p)
				if err != nil {
					return a, err
				}
				a.Customer.Handles = append(a.Customer.Handles, h)
			}
		}
	}
	return a, nil
}

// handle is a customer's, with where he refused to be written to.
func (d *Desk) handle(ctx context.Context, p casework.Person) (handleJSON, error) {
	h := handleJSON{Handle: p.Handle, Name: p.Name, Username: p.Username}
	for _, in := range d.policy.Inboxes {
		if in.Channel != p.Handle.Channel {
			continue
		}
		s, err := d.docket.Refused(ctx, in.ID, p.Handle)
		if err != nil {
			return h, err
		}
		if s != nil {
			h.Refused = append(h.Refused, refusalJSON{in.ID, s.At, s.Why})
		}
	}
	return h, nil
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
