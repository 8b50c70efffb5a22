package desk

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"ines/shared/docket"
	"ines/shared/policy"
	"ines/shared/table"
)

// identityAnswer is what a colleague's word on who is who brought about.
type identityAnswer struct {
	Customer string   `json:"customer"`           // who stands for him now
	With     string   `json:"with"`               // the other one
	Members  []string `json:"members"`            // who are one with him now
	Cases    []string `json:"cases"`              // whose timelines say so
	Separate []string `json:"separate,omitempty"` // his open cases: merge those that are one matter
	Version  int64    `json:"version"`
}

// whoIs is a way to say who is who.
type whoIs struct {
	path, summary string
	fields        []field
	do            func(*docket.Docket, context.Context, docket.Decision) (docket.Decided, error)
	fill          func(body, *docket.Decision)
}

// identities are all of them, for the API and the console alike.
var identities = []whoIs{
	{"merge", "Say that a customer is the same person as another: one history, one profile; open cases stay separate. It can be undone.",
		[]field{{name: "into", kind: text, required: true, doc: "the id of the customer who stands for both from now on"}, why("how you know; it is read on the timelines of their open cases")},
		(*docket.Docket).MergeCustomers, func(b body, m *docket.Decision) { m.With = b.text("into") }},
	{"unmerge", "Undo a merge: they are two people after all. What was filed meanwhile stays in its case; it is remembered that they are not one.",
		[]field{why("how you know"), {name: "customer", kind: text, doc: "who is to part from him; default: he himself, from whom he was merged into"},
			{name: "handle", kind: text, doc: "the key of one of his handles: whoever it came with parts"}},
		(*docket.Docket).PartCustomers, func(b body, m *docket.Decision) { m.With, m.Handle = b.text("customer"), b.text("handle") }},
	{"decline", "Say that a customer is not another one: it is not proposed again, either way.",
		[]field{{name: "with", kind: text, required: true, doc: "the id of the customer who he is not"}, {name: "why", kind: text, doc: "how you know"}},
		(*docket.Docket).DeclineIdentity, func(b body, m *docket.Decision) { m.With = b.text("with") }},
}

func (d *Desk) customerRoutes() []route {
	routes := make([]route, len(identities))
	for i, say := range identities {
		routes[i] = route{method: "POST", path: "/api/customers/{id}/" + say.path, summary: say.summary, acts: true, body: say.fields, shape: identityAnswer{},
			serve: func(w http.ResponseWriter, r *http.Request, who policy.Colleague) error {
				b, raw, err := readBody(w, r, say.fields)
				if err != nil {
					return err
				}
				decide, err := d.deciding(say, b, docket.Decision{Customer: r.PathValue("id"), By: who.ID,
					IfVersion: ifMatch(r.Header.Get("If-Match")), Key: strings.TrimSpace(r.Header.Get("Idempotency-Key"))})
				if err != nil {
					return err
				}
				return d.onceAs(w, r, who, raw, decide)
			}}
	}
	return routes
}

// deciding is a colleague's word on who is who, to be done once.
func (d *Desk) deciding(say whoIs, b body, m docket.Decision) (deed, error) {
	if !plausible(m.Customer) {
		return nil, unknownCustomer
	}
	m.Why, m.Now = strings.TrimSpace(b.text("why")), d.now()
	say.fill(b, &m)
	for _, f := range say.fields {
		if f.required && f.name == "why" && m.Why == "" {
			return nil, invalid("why", "Say how you know.")
		}
	}
	if m.With != "" && !plausible(m.With) || m.Handle != "" && len(m.Handle) > maxHandle {
		return nil, invalid("", "That is nobody's id.")
	}
	return func(ctx context.Context, keep func(docket.Answer) ([]table.Write, error)) (a docket.Answer, err error) {
		m.Keep = func(done docket.Decided) ([]table.Write, error) {
			if a, err = encodeAnswer(http.StatusOK, identityAnswer(done)); err != nil {
				return nil, err
			}
			a.ETag = etag(done.Version)
			return keep(a)
		}
		_, err = say.do(d.docket, ctx, m)
		if errors.Is(err, docket.ErrNoCustomer) {
			return a, unknownCustomer
		}
		return a, err
	}, nil
}

// maxHandle bounds a handle's key, in bytes.
const maxHandle = 600
