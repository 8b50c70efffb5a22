package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// counts are what became of items, as /local/outcomes has them.
type counts struct {
	Items    int64            `json:"items"`
	Outcomes map[string]int64 `json:"outcomes"`
}

// counts asks the target; false: it is no embedded engine.
func (r replayer) counts(ctx context.Context) (c counts, ok bool) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.to+"/local/outcomes", nil)
	if err != nil {
		return c, false
	}
	resp, err := r.client.Do(req)
	if err != nil {
		return c, false
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return c, false
	}
	return c, json.NewDecoder(resp.Body).Decode(&c) == nil
}

// settled asks when the target has worked through everything: time travel by
// nothing waits for that.
func (r replayer) settled(ctx context.Context) (counts, bool) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.to+"/local/clock", strings.NewReader(`{"advance":"0s"}`))
	if err != nil {
		return counts{}, false
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := r.client.Do(req)
	if err != nil {
		return counts{}, false
	}
	resp.Body.Close()
	return r.counts(ctx)
}

// difference says in one line what has come to be.
func difference(before, after counts) string {
	parts := []string{fmt.Sprintf("items +%d", after.Items-before.Items)}
	for _, name := range slices.Sorted(maps.Keys(after.Outcomes)) {
		if n := after.Outcomes[name] - before.Outcomes[name]; n != 0 {
			parts = append(parts, fmt.Sprintf("%s +%d", name, n))
		}
	}
	return strings.Join(parts, ", ")
}
