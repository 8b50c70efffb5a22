package docket

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"ines/shared/table"
)

// Answer is what the desk said to a request that carried an idempotency key.
type Answer struct {
	Request string          `json:"request"` // fingerprint of what was asked
	Status  int             `json:"status"`
	ETag    string          `json:"etag,omitempty"`
	Body    json.RawMessage `json:"body"`
}

// answerLife is how long a key is good for.
const answerLife = 24 * time.Hour

// Slot is the place where the answer to one colleague's key is kept.
type Slot struct {
	// Answer is what is remembered, nil if the key is free.
	Answer *Answer
	key    table.Key
	had    bool
	seq    int64
}

// Remembered looks up a colleague's idempotency key. An answer older than 24 hours
// at now counts as forgotten.
func (d *Docket) Remembered(ctx context.Context, colleague, key string, now time.Time) (Slot, error) {
	s := Slot{key: idemKey(colleague, key)}
	have, err := d.table.Get(ctx, s.key)
	if err != nil {
		return s, fmt.Errorf("idempotency key of %s: %w", colleague, err)
	}
	item, ok := have[s.key]
	if !ok {
		return s, nil
	}
	s.had, s.seq = true, item.Seq
	if item.Expired(now) {
		return s, nil
	}
	s.Answer = &Answer{}
	if err := json.Unmarshal(item.Value, s.Answer); err != nil {
		return s, fmt.Errorf("idempotency key of %s: %w", colleague, err)
	}
	return s, nil
}

// Remember is the write that keeps the answer, for Order.With. It conflicts
// (Taken) if another request with the key was faster.
func (s Slot) Remember(a Answer, now time.Time) (table.Write, error) {
	value, err := json.Marshal(a)
	if err != nil {
		return table.Write{}, fmt.Errorf("answer to remember: %w", err)
	}
	w := table.Write{Item: table.Item{Key: s.key, Value: value, Seq: s.seq + 1, Expires: now.Add(answerLife)}, When: table.Absent}
	if s.had {
		w.When, w.Seq = table.SeqIs, s.seq
	}
	return w, nil
}

// Taken reports whether err means that another request with the key was faster.
func (s Slot) Taken(err error) bool { return table.Conflicted(err, s.key) }
