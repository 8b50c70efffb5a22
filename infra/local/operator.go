package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"ines/shared/policy"
	"ines/shared/queue"
)

// maxOrder bounds an operator's request, in bytes.
const maxOrder = 64 << 10

// operator serves /local/*: what only the embedded engine has.
func (h *Host) operator() http.Handler {
	mux := http.NewServeMux()
	for path, methods := range map[string]map[string]func(*http.Request) (any, error){
		"/local/sent":     {"GET": h.getSent},
		"/local/outcomes": {"GET": h.getOutcomes},
		"/local/clock":    {"GET": h.getClock, "POST": h.postClock},
		"/local/faults":   {"POST": h.postFault},
	} {
		var allowed []string
		for _, m := range []string{"GET", "POST"} {
			if methods[m] != nil {
				allowed = append(allowed, m)
			}
		}
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			serve := methods[r.Method]
			if serve == nil {
				w.Header().Set("Allow", strings.Join(allowed, ", "))
				problem(w, r, http.StatusMethodNotAllowed, "this takes "+strings.Join(allowed, " and "))
				return
			}
			answer, err := serve(r)
			if err != nil {
				h.refuse(w, r, err)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Cache-Control", "no-store")
			_ = json.NewEncoder(w).Encode(answer)
		})
	}
	mux.HandleFunc("/local/", func(w http.ResponseWriter, r *http.Request) {
		problem(w, r, http.StatusNotFound, "there are /local/sent, /local/outcomes, /local/clock and /local/faults")
	})
	return http.NewCrossOriginProtection().Handler(mux)
}

// badOrder is a request that makes no sense: 400.
type badOrder struct{ error }

func (h *Host) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if bad, ok := errors.AsType[badOrder](err); ok {
		problem(w, r, http.StatusBadRequest, bad.Error())
		return
	}
	h.c.Log.Error("an operator's request failed", "path", r.URL.Path, "error", err.Error())
	status := http.StatusInternalServerError
	if errors.Is(err, errBusy) {
		status = http.StatusServiceUnavailable
	}
	problem(w, r, status, err.Error())
}

func problem(w http.ResponseWriter, r *http.Request, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"type": "about:blank", "title": http.StatusText(status), "status": status, "detail": detail, "instance": r.URL.Path,
	})
}

// order decodes a request's one JSON object; unknown keys are refused.
func order(r *http.Request, into any) error {
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxOrder+1))
	if err != nil {
		return badOrder{fmt.Errorf("the body broke off: %w", err)}
	}
	if len(raw) > maxOrder {
		return badOrder{fmt.Errorf("the body is longer than %d bytes", maxOrder)}
	}
	decoder := json.NewDecoder(strings.NewReader(string(raw)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return badOrder{fmt.Errorf("the body: %w", err)}
	}
	if decoder.More() {
		return badOrder{errors.New("the body has more than one JSON value")}
	}
	return nil
}

func (h *Host) getSent(r *http.Request) (any, error) {
	sent, err := h.sink.record.all(r.Context(), false)
	if err != nil {
		return nil, err
	}
	asked, err := h.sink.record.all(r.Context(), true)
	return map[string]any{"sent": sent, "asked": asked}, err
}

func (h *Host) getOutcomes(r *http.Request) (any, error) {
	items, outcomes, err := h.docket.Outcomes(r.Context())
	if err != nil {
		return nil, err
	}
	depths := map[string]queue.Depth{}
	for _, q := range h.c.Plan.Queues {
		if depths[q.Name], err = h.queues.Depths(r.Context(), q.Name); err != nil {
			return nil, err
		}
	}
	return map[string]any{"items": items, "outcomes": outcomes, "queues": depths}, nil
}

func (h *Host) getClock(*http.Request) (any, error) {
	return map[string]any{"now": h.clock.Now().UTC(), "ahead": h.clock.Skew().String()}, nil
}

func (h *Host) postClock(r *http.Request) (any, error) {
	var o struct {
		Advance *string `json:"advance"`
	}
	if err := order(r, &o); err != nil {
		return nil, err
	}
	if o.Advance == nil {
		return nil, badOrder{errors.New(`advance is missing: {"advance":"2h"}`)}
	}
	d, err := time.ParseDuration(*o.Advance)
	if err != nil {
		d, err = policy.ParseDuration(*o.Advance)
	}
	switch {
	case err != nil:
		return nil, badOrder{fmt.Errorf("advance: %q is no duration; write it as 90s, 15m, 2h or 3d", *o.Advance)}
	case d < 0:
		return nil, badOrder{errors.New("advance: the desk's clock does not go back")}
	case d > maxAdvance:
		return nil, badOrder{fmt.Errorf("advance: %s is more than %s", d, maxAdvance)}
	}
	now, err := h.Advance(r.Context(), d)
	if err != nil && !errors.Is(err, errBusy) {
		return nil, err
	}
	answer := map[string]any{"now": now.UTC()}
	if err != nil {
		answer["busy"] = err.Error()
	}
	return answer, nil
}

const maxAdvance = 3650 * 24 * time.Hour

func (h *Host) postFault(r *http.Request) (any, error) {
	var f fault
	if err := order(r, &f); err != nil {
		return nil, err
	}
	if err := f.check(h.speaks); err != nil {
		return nil, badOrder{err}
	}
	answer := map[string]any{"channel": f.Channel, "times": *f.Times}
	h.sink.faults.add(&f)
	return answer, nil
}

// speaks reports whether an inbox of the desk is on the channel.
func (h *Host) speaks(name string) bool {
	for _, in := range h.c.Desk.Inboxes {
		if in.Channel == name {
			return true
		}
	}
	return false
}
