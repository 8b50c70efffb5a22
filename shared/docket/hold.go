package docket

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"ines/shared/table"
)

// Hold is why an inbox sends nothing at the moment. One inbox that is held stops
// no other.
type Hold struct {
	Inbox string `json:"inbox"`
	State string `json:"state"` // throttled, blocked; "": it may send
	// Until is when it may send again: throttled, everything; blocked, one reply
	// to see whether the inbox works again.
	Until  time.Time `json:"until,omitzero"`
	Since  time.Time `json:"since,omitzero"` // when it stopped
	Probes int       `json:"probes,omitempty"`
	Code   string    `json:"code,omitempty"`
	Why    string    `json:"why,omitempty"`

	seq int64
}

// The states of a held inbox.
const (
	HoldThrottled = "throttled" // the platform's rate limit is used up
	HoldBlocked   = "blocked"   // it can't send: credentials, permissions, a ban
)

// Open reports whether the inbox may send at now.
func (h Hold) Open(now time.Time) bool {
	return h.State == "" || h.State == HoldThrottled && !now.Before(h.Until)
}

// Probe is the hold after one more vain try, at now: a blocked inbox is tried again
// after 1, 2, 4, … minutes, at most an hour.
func (h Hold) Probe(now time.Time) Hold {
	wait := time.Hour
	if h.Probes < 6 {
		wait = time.Minute << h.Probes
	}
	h.Probes++
	h.Until = now.Add(wait)
	return h
}

// Hold reads whether an inbox is held.
func (d *Docket) Hold(ctx context.Context, inbox string) (Hold, error) {
	all, err := d.Holds(ctx, inbox)
	if err != nil {
		return Hold{}, err
	}
	return all[0], nil
}

// Holds reads the state of several inboxes, in their order.
func (d *Docket) Holds(ctx context.Context, inboxes ...string) ([]Hold, error) {
	keys := make([]table.Key, len(inboxes))
	for i, id := range inboxes {
		keys[i] = holdKey(id)
	}
	have, err := d.table.Get(ctx, keys...)
	if err != nil {
		return nil, fmt.Errorf("state of the inboxes: %w", err)
	}
	holds := make([]Hold, len(inboxes))
	for i, k := range keys {
		if item, ok := have[k]; ok {
			if err := json.Unmarshal(item.Value, &holds[i]); err != nil {
				return nil, fmt.Errorf("state of the inbox %s: %w", inboxes[i], err)
			}
			holds[i].seq = item.Seq
		}
		holds[i].Inbox = inboxes[i]
	}
	return holds, nil
}

// WriteHold moves an inbox's hold on from what was read. won is false if somebody
// else moved it meanwhile: his word counts.
func (d *Docket) WriteHold(ctx context.Context, h Hold) (won bool, err error) {
	value, err := json.Marshal(h)
	if err != nil {
		return false, fmt.Errorf("state of the inbox %s: %w", h.Inbox, err)
	}
	w := replace(table.Item{Key: holdKey(h.Inbox), Value: value}, h.seq)
	switch err := d.table.Write(ctx, w); {
	case table.Conflicted(err):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("state of the inbox %s: %w", h.Inbox, err)
	}
	return true, nil
}

// Resume lets a held inbox send again, by a colleague's hand.
func (d *Docket) Resume(ctx context.Context, inbox string) (Hold, error) {
	for range retries {
		h, err := d.Hold(ctx, inbox)
		if err != nil || h.State == "" {
			return h, err
		}
		open := Hold{Inbox: inbox, seq: h.seq}
		if won, err := d.WriteHold(ctx, open); won || err != nil {
			return open, err
		}
	}
	return Hold{}, fmt.Errorf("resume the inbox %s: %w: lost to concurrent changes %d times", inbox, table.ErrUnavailable, retries)
}
