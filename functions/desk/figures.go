package desk

import (
	"net/http"
	"net/url"
	"time"

	"ines/shared/docket"
	"ines/shared/policy"
)

// figures are the reports that are summed from counters by day.

type serviceAnswer struct {
	From    time.Time        `json:"from"`
	To      time.Time        `json:"to"`
	Service []docket.Service `json:"service"`
}

type parityAnswer struct {
	From     time.Time       `json:"from"`
	To       time.Time       `json:"to"`
	Channels []docket.Parity `json:"channels"`
	// ByCommunity is the same for each community.
	ByCommunity []docket.Parity `json:"by_community"`
	// Slowest over fastest median, null with fewer than two channels: 1 is parity.
	Ratio *float64 `json:"ratio"`
}

type promisesAnswer struct {
	From     time.Time             `json:"from"`
	To       time.Time             `json:"to"`
	Promises []docket.PromiseCount `json:"promises"`
}

var periodQuery = []field{
	{name: "from", kind: text, doc: "the first day: 2006-01-02 or RFC 3339; default a week before the last"},
	{name: "to", kind: text, doc: "the last day, included; default today. At most 92 days"},
}

// periodOf reads the days of a report. They are the desk's days.
func (d *Desk) periodOf(q url.Values) (p docket.Period, err error) {
	read := func(name string, none time.Time) (time.Time, error) {
		s := q.Get(name)
		if s == "" {
			return none, nil
		}
		if t, err := time.Parse(time.RFC3339, s); err == nil {
			return t, nil
		}
		t, err := time.ParseInLocation(time.DateOnly, s, d.policy.DayZone())
		if err != nil {
			return t, malformed(name, "%s is a day such as 2026-11-20, or a time in RFC 3339.", name)
		}
		return t, nil
	}
	if p.To, err = read("to", d.now()); err != nil {
		return p, err
	}
	if p.From, err = read("from", p.To.AddDate(0, 0, -6)); err != nil {
		return p, err
	}
	switch days := p.To.Sub(p.From).Hours() / 24; {
	case p.To.Before(p.From):
		return p, malformed("from", "from comes after to.")
	case days > docket.MaxDays:
		return p, malformed("from", "A report covers %d days at most.", docket.MaxDays)
	}
	return p, nil
}

func report[T any](d *Desk, w http.ResponseWriter, r *http.Request, make func(docket.Period) (T, error)) error {
	p, err := d.periodOf(r.URL.Query())
	if err != nil {
		return err
	}
	answer, err := make(p)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, answer)
}

func (d *Desk) showService(w http.ResponseWriter, r *http.Request, _ policy.Colleague) error {
	return report(d, w, r, func(p docket.Period) (serviceAnswer, error) {
		rows, err := d.docket.ServiceReport(r.Context(), p)
		return serviceAnswer{p.From.UTC(), p.To.UTC(), listed(rows)}, err
	})
}

func (d *Desk) showParity(w http.ResponseWriter, r *http.Request, _ policy.Colleague) error {
	return report(d, w, r, func(p docket.Period) (parityAnswer, error) {
		all, by, err := d.docket.ParityReport(r.Context(), p)
		a := parityAnswer{From: p.From.UTC(), To: p.To.UTC(), Channels: listed(all), ByCommunity: listed(by)}
		if len(all) > 1 {
			fast, slow := all[0].Median, all[0].Median
			for _, c := range all {
				fast, slow = min(fast, c.Median), max(slow, c.Median)
			}
			ratio := slow / max(fast, 1)
			a.Ratio = &ratio
		}
		return a, err
	})
}

func (d *Desk) showPromises(w http.ResponseWriter, r *http.Request, _ policy.Colleague) error {
	return report(d, w, r, func(p docket.Period) (promisesAnswer, error) {
		rows, err := d.docket.PromiseReport(r.Context(), p)
		return promisesAnswer{p.From.UTC(), p.To.UTC(), listed(rows)}, err
	})
}

// listed makes an empty list of none.
func listed[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return all
}

func (d *Desk) figureRoutes() []route {
	return []route{
		{method: "GET", path: "/api/reports/service", summary: "How the service clocks were met, by community, channel and segment. Times are the same on every channel unless the policy says otherwise.",
			query: periodQuery, shape: serviceAnswer{}, serve: d.showService},
		{method: "GET", path: "/api/reports/parity", summary: "How long customers waited for a first answer on each channel, in seconds of plain time. Median and p90 are estimated from classes.",
			query: periodQuery, shape: parityAnswer{}, serve: d.showParity},
		{method: "GET", path: "/api/reports/promises", summary: "What became of promises, by the department that had the case.",
			query: periodQuery, shape: promisesAnswer{}, serve: d.showPromises},
	}
}
