package desk

import (
	"cmp"
	"net/http"
	"time"

	"ines/shared/policy"
)

// queueJSON is how a department's queue stands.
type queueJSON struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Waiting int    `json:"waiting"`  // open cases whose customer waits for us
	AtLeast bool   `json:"at_least"` // there are more than were counted
	// Oldest is since when the first of them has waited, null if nobody does.
	Oldest *time.Time `json:"oldest"`
	// Cases an hour, over the last hour: opened and resolved.
	ArrivalRate float64 `json:"arrival_rate"`
	ServiceRate float64 `json:"service_rate"`
	// PredictedWait is in seconds: how long the last in the queue will wait at
	// this pace. null: nothing was resolved, so nobody can tell.
	PredictedWait *float64 `json:"predicted_wait"`
	// Bottleneck marks the one queue that keeps its customers longest.
	Bottleneck bool `json:"bottleneck"`
}

type queuesAnswer struct {
	Queues []queueJSON `json:"queues"`
}

func (d *Desk) showQueues(w http.ResponseWriter, r *http.Request, _ policy.Colleague) error {
	queues, err := d.queues(r, d.now())
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, queuesAnswer{queues})
}

func (d *Desk) queues(r *http.Request, now time.Time) ([]queueJSON, error) {
	// Flow counts whole quarters of an hour.
	from := now.UTC().Add(-time.Hour).Truncate(15 * time.Minute)
	flow, err := d.docket.Flow(r.Context(), from, now)
	if err != nil {
		return nil, err
	}
	hours := now.Sub(from).Hours()
	queues := make([]queueJSON, 0, len(d.policy.Departments))
	for _, dept := range d.policy.Departments {
		q := queueJSON{ID: dept.ID, Name: cmp.Or(dept.Name, dept.ID),
			ArrivalRate: float64(flow["arrived/"+dept.ID]) / hours, ServiceRate: float64(flow["resolved/"+dept.ID]) / hours}
		var oldest time.Time
		if q.Waiting, oldest, q.AtLeast, err = d.docket.Waiting(r.Context(), dept.ID); err != nil {
			return nil, err
		}
		if !oldest.IsZero() {
			q.Oldest = &oldest
		}
		if q.ServiceRate > 0 {
			wait := float64(q.Waiting) / q.ServiceRate * 3600
			q.PredictedWait = &wait
		}
		queues = append(queues, q)
	}
	markBottleneck(queues)
	return queues, nil
}

// markBottleneck marks the queue with the longest predicted wait. Waiting where
// nothing is resolved counts as longest of all, and among such the fuller queue.
func markBottleneck(queues []queueJSON) {
	worst := -1
	for i, q := range queues {
		if q.Waiting > 0 && (worst < 0 || slower(q, queues[worst])) {
			worst = i
		}
	}
	if worst >= 0 {
		queues[worst].Bottleneck = true
	}
}

func slower(a, b queueJSON) bool {
	switch {
	case a.PredictedWait == nil && b.PredictedWait == nil:
		return a.Waiting > b.Waiting
	case a.PredictedWait == nil || b.PredictedWait == nil:
		return a.PredictedWait == nil
	}
	return *a.PredictedWait > *b.PredictedWait
}
