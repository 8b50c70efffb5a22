package desk

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/policy"
	"ines/shared/table"
)

var eraseFields = []field{
	{name: "why", kind: text, required: true, doc: "who asked for it, and when; it is kept unless it names the customer"},
	{name: "dry_run", kind: flag, doc: "say what would go, and change nothing"},
}

// erasureAnswer says what an erasure takes away. It names nobody but by id.
type erasureAnswer struct {
	Customer string       `json:"customer"`
	DryRun   bool         `json:"dry_run"`
	State    string       `json:"state"` // would_erase, under_way (the archive is being gone through), erased
	Counts   docket.Count `json:"counts"`
}

func (d *Desk) eraseRoute() route {
	return route{method: "POST", path: "/api/customers/{id}/erase", summary: "Forget a customer: words, names, handles and files, in every place. Counts stay. It can't be undone: look at it with dry_run first. 202 while the archive is being gone through.",
		body: eraseFields, shape: erasureAnswer{}, also: http.StatusAccepted, serve: d.eraseCustomer}
}

func (d *Desk) eraseCustomer(w http.ResponseWriter, r *http.Request, who policy.Colleague) error {
	b, raw, err := readBody(w, r, eraseFields)
	if err != nil {
		return err
	}
	erase, err := d.erasing(r.PathValue("id"), who, b)
	if err != nil {
		return err
	}
	return d.onceAs(w, r, who, raw, erase)
}

// mayErase reports whether a colleague may have customers forgotten.
func (d *Desk) mayErase(who policy.Colleague) bool {
	return slices.ContainsFunc(d.policy.Cases.EraseBy, who.Has)
}

// erasing is an erasure to be done once, for the API and the console alike.
func (d *Desk) erasing(id string, who policy.Colleague, b body) (deed, error) {
	if !plausible(id) {
		return nil, unknownCustomer
	}
	why := strings.TrimSpace(b.text("why"))
	if why == "" {
		return nil, invalid("why", "Say who asked for it.")
	}
	if !d.mayErase(who) {
		return nil, &casework.Refusal{Code: casework.CodeNotAllowed, Detail: "Customers are erased by: " + strings.Join(d.policy.Cases.EraseBy, ", ") + ". Ask one of them."}
	}
	return func(ctx context.Context, keep func(docket.Answer) ([]table.Write, error)) (a docket.Answer, err error) {
		said := erasureAnswer{Customer: id, DryRun: b.flag("dry_run"), State: "would_erase"}
		var e docket.Erasure
		if said.DryRun {
			e, err = d.eraser.Foresee(ctx, id)
		} else {
			e, err = d.eraser.Erase(ctx, id, who.ID, why)
		}
		status := http.StatusOK
		switch {
		case errors.Is(err, docket.ErrNoCustomer):
			return a, d.noCustomer(ctx, id)
		case err != nil:
			return a, err
		case said.DryRun:
		case e.Phase == docket.PhaseDone:
			said.State = "erased"
		default:
			said.State, status = "under_way", http.StatusAccepted
		}
		said.Counts = e.Count
		if a, err = encodeAnswer(status, said); err != nil {
			return a, err
		}
		writes, err := keep(a)
		if err != nil || len(writes) == 0 {
			return a, err
		}
		return a, d.docket.KeepAnswer(ctx, writes)
	}, nil
}

// erasedProblem is what is said of a customer who is no more.
func erasedProblem(e docket.Erasure) error {
	return &problem{Status: http.StatusGone, Code: casework.CodeErased, Detail: "This customer was erased on " + e.At.UTC().Format("2 January 2006") + ". Only counts are left.",
		More: map[string]any{"erased_at": e.At.UTC().Format(time.RFC3339)}}
}
