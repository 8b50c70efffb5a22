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
	// Case and Customer are whom it is about: erasing them finds it.
	Case     string `json:"-"`
	Customer string `json:"-"`
}

// answerLife is how long a key is good for.
const answerLife = 24 * time.Hour

// Slot is the place where the answer to one colleague's key is kept.
type Slot struct {
	// Answer is what is remembered, nil if the key is free.
	Answer *Answer
	who    string
	name   string // the colleague's key
	key    table.Key
	seq    int64
}

// answeredPrefix begins the items in a case's or customer's partition that name the
// keys under which answers about it are kept: erasing it has to find them.
const answeredPrefix = "answer#"

// Remembered looks up a colleague's idempotency key. An answer older than 24 hours
// at now counts as forgotten.
func (d *Docket) Remembered(ctx context.Context, colleague, key string, now time.Time) (Slot, error) {
	s := Slot{who: colleague, name: key, key: idemKey(colleague, key)}
	have, err := d.table.Get(ctx, s.key)
	if err != nil {
		return s, fmt.Errorf("idempotency key of %s: %w", colleague, err)
	}
	item, ok := have[s.key]
	if !ok {
		return s, nil
	}
	s.seq = item.Seq
	if item.Expired(now) {
		return s, nil
	}
	s.Answer = &Answer{}
	if err := json.Unmarshal(item.Value, s.Answer); err != nil {
		return s, fmt.Errorf("idempotency key of %s: %w", colleague, err)
	}
	return s, nil
}

// Remember are the writes that keep the answer, for Order.With. They conflict (Taken)
// if another request with the key was faster.
func (s Slot) Remember(a Answer, now time.Time) ([]table.Write, error) {
	value, err := json.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("answer to remember: %w", err)
	}
	w := replace(table.Item{Key: s.key, Value: value, Expires: now.Add(answerLife)}, s.seq)
	writes := []table.Write{w}
	note := func(partition string) {
		writes = append(writes, table.Write{Item: table.Item{Key: table.Key{Partition: partition, Sort: answeredPrefix + s.who + "#" + s.name},
			Value: []byte(`{}`), Seq: 1, Expires: now.Add(answerLife)}})
	}
	if a.Case != "" {
		note(casePartition(a.Case))
	}
	if a.Customer != "" {
		note("customer#" + a.Customer)
	}
	return writes, nil
}

// KeepAnswer makes a slot's writes, for what can't be done in one transaction with
// them. Where another request was faster its answer is kept.
func (d *Docket) KeepAnswer(ctx context.Context, writes []table.Write) error {
	if err := d.table.Write(ctx, writes...); err != nil && !table.Conflicted(err) {
		return fmt.Errorf("keep an answer: %w", err)
	}
	return nil
}

// Taken reports whether err means that another request with the key was faster.
func (s Slot) Taken(err error) bool { return table.Conflicted(err, s.key) }
