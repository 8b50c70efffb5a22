package desk

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"ines/shared/policy"
)

// route is one route of the API. The table of them registers the handlers and
// makes the OpenAPI description, so that the two can't differ.
type route struct {
	method, path string
	summary      string
	open         bool    // for everybody
	query        []field // nil: parameters are passed over
	body         []field
	acts         bool // a command: If-Match and Idempotency-Key
	status       int
	also         int    // another status of the same shape
	shape        any    // an example of the answer's body
	media        string // of the answer; "" is application/json
	serve        func(http.ResponseWriter, *http.Request, policy.Colleague) error
}

func (d *Desk) api() []route {
	routes := []route{
		{method: "GET", path: "/api/cases", summary: "List cases: the open ones in the order of work (deadline, moment of truth, broken promises, waiting), then the resolved, newest first.",
			query: listQuery, shape: listAnswer{}, serve: d.listCases},
		{method: "GET", path: "/api/cases/{id}", summary: "One case with its timeline. The ETag is the case's version.", shape: caseDetail{}, serve: d.showCase},
		{method: "GET", path: "/api/cases/{id}/files/{sha256}", summary: "A file that came with one of the case's messages, by the SHA-256 that its attachment shows.",
			shape: "", media: "application/octet-stream", serve: d.showFile},
		{method: "GET", path: "/api/customers/{id}", summary: "A customer and his cases, newest first: his handles with their sources, who he may be besides, and whom he is one with. The ETag is for merging and parting.", shape: customerAnswer{}, serve: d.showCustomer},
		{method: "GET", path: "/api/feeds/{department}", summary: "What a department owns or wants to hear of, as it happened.",
			query: feedQuery, shape: feedAnswer{}, serve: d.showFeed},
		{method: "GET", path: "/api/experts", summary: "Who is likely to know, by what was solved; the likeliest first. A month counts half after half a year.",
			query: expertsQuery, shape: expertsAnswer{}, serve: d.showExperts},
		{method: "GET", path: "/api/queues", summary: "The departments' queues. Rates are cases per hour over the last hour; predicted_wait is in seconds.",
			shape: queuesAnswer{}, serve: d.showQueues},
		{method: "GET", path: "/api/reports/outcomes", summary: "What became of the automatic answers, by the answer: of all, or of those given on some days.", query: periodQuery, shape: outcomesAnswer{}, serve: d.showOutcomes},
		{method: "GET", path: "/healthz", open: true, summary: "Whether the desk answers.", shape: health{}, serve: func(w http.ResponseWriter, _ *http.Request, _ policy.Colleague) error {
			return writeJSON(w, http.StatusOK, health{"ok"})
		}},
		{method: "GET", path: "/openapi.json", open: true, summary: "This description.", shape: map[string]any{}, serve: func(w http.ResponseWriter, _ *http.Request, _ policy.Colleague) error {
			return writeRaw(w, http.StatusOK, d.openAPI())
		}},
	}
	routes = append(routes, d.inboxRoutes()...)
	routes = append(routes, d.figureRoutes()...)
	routes = append(routes, d.incidentRoutes()...)
	routes = append(routes, d.foresightRoutes()...)
	routes = append(routes, d.voiceRoutes()...)
	routes = append(routes, d.customerRoutes()...)
	for _, a := range actions {
		r := route{method: "POST", path: "/api/cases/{id}/" + a.path, summary: a.summary, body: a.fields, acts: true,
			status: a.status, also: a.also, shape: a.shape, serve: d.serveAction(a)}
		if r.shape == nil {
			r.shape = caseAnswer{}
		}
		routes = append(routes, r)
	}
	for i := range routes {
		if routes[i].status == 0 {
			routes[i].status = http.StatusOK
		}
	}
	return routes
}

type health struct {
	Status string `json:"status"`
}

// apiHandler asks who it is and turns errors into problems.
func (d *Desk) apiHandler(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var who policy.Colleague
		if !rt.open {
			var ok bool
			if who, ok = d.colleague(r); !ok {
				d.fail(w, r, d.refused(r))
				return
			}
		}
		err := rt.checkQuery(r)
		if err == nil {
			err = rt.serve(w, r, who)
		}
		if err != nil {
			d.fail(w, r, err)
		}
	})
}

// checkQuery refuses what a list can't filter by: passed over, it would look as if
// everything matched.
func (rt route) checkQuery(r *http.Request) error {
	if rt.query == nil {
		return nil
	}
	given, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return malformed("", "The query can't be read: %s.", err)
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if _, ok := find(rt.query, name); !ok {
			return malformed(name, "There is no parameter %q here; there %s.", name, names(rt.query))
		}
	}
	return nil
}

func writeJSON(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return writeRaw(w, status, body)
}

func writeRaw(w http.ResponseWriter, status int, body []byte) error {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, err := w.Write(body)
	return err
}
