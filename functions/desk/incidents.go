package desk

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"ines/shared/docket"
	"ines/shared/incident"
	"ines/shared/policy"
	"ines/shared/table"
)

// incidentJSON is an incident with how many cases it has.
type incidentJSON struct {
	incident.Incident
	Linked   int64 `json:"linked"`   // cases
	Answered int64 `json:"answered"` // times that its answer went out
	Held     int64 `json:"held"`     // times that it could not
}

type incidentsAnswer struct {
	Incidents []incidentJSON `json:"incidents"`
}

type incidentAnswer struct {
	Incident incidentJSON `json:"incident"`
}

func (d *Desk) incidentJSON(r *http.Request, i incident.Incident) (a incidentJSON, err error) {
	a.Incident = i
	if i.Status != incident.Proposed {
		a.Linked, a.Answered, a.Held, err = d.docket.IncidentCounts(r.Context(), i.ID)
	}
	return a, err
}

func (d *Desk) incidents(r *http.Request, show func(incident.Incident) bool) ([]incidentJSON, error) {
	all, err := d.docket.Incidents(r.Context())
	if err != nil {
		return nil, err
	}
	list := []incidentJSON{}
	for _, i := range all {
		if !show(i) {
			continue
		}
		a, err := d.incidentJSON(r, i)
		if err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, nil
}

var incidentsQuery = []field{{name: "status", kind: text, doc: "proposed, confirmed or closed; default all", oneOf: []string{"proposed", "confirmed", "closed"}}}

func (d *Desk) listIncidents(w http.ResponseWriter, r *http.Request, _ policy.Colleague) error {
	status := r.URL.Query().Get("status")
	if status != "" && !slices.Contains(incidentsQuery[0].oneOf, status) {
		return malformed("status", "There is no status %q; there are proposed, confirmed and closed.", status)
	}
	list, err := d.incidents(r, func(i incident.Incident) bool { return status == "" || string(i.Status) == status })
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, incidentsAnswer{list})
}

// incidentFields are the bodies, by what is to be done.
var incidentFields = map[string][]field{
	"confirm": {{name: "why", kind: text, doc: "what is going on"}},
	"broadcast": {{name: "text", kind: text, required: true, doc: "the answer for everybody; each open case gets it once, signed by you"},
		{name: "texts", kind: parts, doc: "variants by language: {\"fr\": \"…\"}"}},
	"approve": {},
	"close":   {{name: "why", kind: text, doc: "how it ended"}},
}

func (d *Desk) handleIncident(do string) func(http.ResponseWriter, *http.Request, policy.Colleague) error {
	return func(w http.ResponseWriter, r *http.Request, who policy.Colleague) error {
		b, raw, err := readBody(w, r, incidentFields[do])
		if err != nil {
			return err
		}
		cmd := incident.Command{By: who.ID, Do: do, Why: b.text("why"), Text: b.text("text")}
		if raw := b.raw("texts"); raw != nil {
			if err := json.Unmarshal(raw, &cmd.Texts); err != nil {
				return malformed("texts", "texts has a text for each language: {\"fr\": \"…\"}.")
			}
		}
		status := http.StatusOK
		if do == "broadcast" {
			status = http.StatusAccepted
		}
		return d.onceAs(w, r, who, raw, func(_ context.Context, keep func(docket.Answer) ([]table.Write, error)) (a docket.Answer, err error) {
			err = d.incident(r, cmd, func(i incident.Incident) ([]table.Write, error) {
				shown, err := d.incidentJSON(r, i)
				if err != nil {
					return nil, err
				}
				if a, err = encodeAnswer(status, incidentAnswer{shown}); err != nil {
					return nil, err
				}
				return keep(a)
			})
			return a, err
		})
	}
}

// incident does what a colleague wants, and turns refusals into problems.
func (d *Desk) incident(r *http.Request, cmd incident.Command, with func(incident.Incident) ([]table.Write, error)) error {
	id := r.PathValue("id")
	nobody := &problem{Status: http.StatusNotFound, Code: codeNotFound, Detail: "There is no such incident."}
	if !plausible(id) {
		return nobody
	}
	_, err := d.docket.Handle(r.Context(), id, cmd, d.now(), with)
	var refusal *incident.Refusal
	switch {
	case errors.As(err, &refusal):
		return &problem{Status: statuses[refusal.Code], Code: refusal.Code, Detail: refusal.Detail}
	case errors.Is(err, docket.ErrNoIncident):
		return nobody
	}
	return err
}

func (d *Desk) incidentRoutes() []route {
	routes := []route{{method: "GET", path: "/api/incidents", summary: "What many write about at once, the latest first.", query: incidentsQuery, shape: incidentsAnswer{}, serve: d.listIncidents}}
	for _, of := range []struct{ do, summary string }{
		{"confirm", "Say that many cases have one cause: they are linked, and those to come as well."},
		{"broadcast", "Answer all open cases of a confirmed incident, each once and where the platform allows it. The same text again changes nothing."},
		{"approve", "Say yes to an answer for everybody that a colleague wrote."},
		{"close", "End an incident, or say that it is none. Its cases stay as they are."},
	} {
		rt := route{method: "POST", path: "/api/incidents/{id}/" + of.do, summary: of.summary, body: incidentFields[of.do], shape: incidentAnswer{}, serve: d.handleIncident(of.do)}
		if of.do == "broadcast" {
			rt.status = http.StatusAccepted
		}
		routes = append(routes, rt)
	}
	return routes
}

// incidentRow is an incident above the console's list.
type incidentRow struct {
	incidentJSON
	MayConfirm, MayBroadcast, MayApprove bool
}

func (d *Desk) incidentsOnPage(r *http.Request, who policy.Colleague) (rows []incidentRow, err error) {
	list, err := d.incidents(r, func(i incident.Incident) bool { return i.Status != incident.Closed })
	rules := d.policy.Incidents
	for _, i := range list {
		may := slices.ContainsFunc(rules.Confirm, who.Has)
		if i.Status == incident.Proposed && !may {
			continue // it is a question, and to others
		}
		i.Topic = d.topicName(i.Topic)
		rows = append(rows, incidentRow{i, may, slices.ContainsFunc(rules.Broadcast, who.Has),
			i.Answer.Waits && i.Answer.By != who.ID && slices.ContainsFunc(rules.ApprovedBy, who.Has)})
	}
	return rows, err
}

// incidentForm is the console's buttons.
func (d *Desk) incidentForm(w http.ResponseWriter, r *http.Request, who policy.Colleague) error {
	do := r.PathValue("do")
	if _, ok := incidentFields[do]; !ok {
		return &problem{Status: http.StatusNotFound, Code: codeNotFound, Detail: "An incident can't be asked to do that."}
	}
	if err := r.ParseForm(); err != nil {
		return malformed("", "The form can't be read.")
	}
	if err := d.incident(r, incident.Command{By: who.ID, Do: do, Text: r.PostForm.Get("text")}, nil); err != nil {
		return err
	}
	http.Redirect(w, r, "/?next="+do, http.StatusSeeOther)
	return nil
}
