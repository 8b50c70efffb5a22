package docket

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"ines/shared/table"
)

// Receipt records the outcome of an item that no commit records: echoes, ignored
// and unrecognised items, duplicates, reports about nothing of ours.
type Receipt struct {
	Incoming Incoming
	Outcome  string
	With     []table.Write // what must be written at the same moment
}

// receiptLife is how long receipts stay: longer than any queue or platform
// retries.
const receiptLife = 30 * 24 * time.Hour

// maxReceipts keeps a transaction under its limit.
const maxReceipts = 40

// Receipts records outcomes and counts them, each once, however often it is
// called for an item.
func (d *Docket) Receipts(ctx context.Context, receipts ...Receipt) error {
	for len(receipts) > 0 {
		n := min(len(receipts), maxReceipts)
		if err := d.receiptBatch(ctx, receipts[:n]); err != nil {
			return err
		}
		receipts = receipts[n:]
	}
	return nil
}

func (d *Docket) receiptBatch(ctx context.Context, receipts []Receipt) error {
	for len(receipts) > 0 {
		err := d.table.Write(ctx, d.receiptWrites(receipts...)...)
		if err == nil {
			return nil
		}
		var left []Receipt
		for _, r := range receipts {
			if !table.Conflicted(err, receiptKey(r.Incoming.ID())) {
				left = append(left, r)
			}
		}
		if len(left) == len(receipts) {
			return fmt.Errorf("receipts of delivery %s: %w", receipts[0].Incoming.Envelope, err)
		}
		receipts = left // the others have theirs already
	}
	return nil
}

func (d *Docket) receiptWrites(receipts ...Receipt) []table.Write {
	counts := tally{}
	var writes []table.Write
	for _, r := range receipts {
		writes = append(writes, receiptWrite(r.Incoming, r.Outcome))
		writes = append(writes, r.With...)
		counts.outcome(r.Outcome, r.Incoming.items())
	}
	return append(writes, counts.writes(d.settings.CounterShards, receipts[0].Incoming.Envelope)...)
}

func receiptWrite(in Incoming, outcome string) table.Write {
	value, err := json.Marshal(map[string]any{"outcome": outcome, "at": in.At, "key": in.Item.Key, "reason": in.Item.Reason})
	if err != nil {
		panic("a receipt is plain data: " + err.Error())
	}
	return table.Write{Item: table.Item{Key: receiptKey(in.ID()), Value: value, Seq: 1, Expires: in.At.Add(receiptLife)}, When: table.Absent}
}

// received reports whether an item has its receipt already.
func (d *Docket) received(ctx context.Context, in Incoming) (bool, error) {
	have, err := d.table.Get(ctx, receiptKey(in.ID()))
	if err != nil {
		return false, fmt.Errorf("receipt of %s: %w", in.ID(), err)
	}
	return len(have) > 0, nil
}

// items is how many items this one speaks for in the count of items read: the
// first of an envelope for all of them, so that a lost one shows.
func (in *Incoming) items() int {
	if in.Index == 0 {
		return in.Items
	}
	return 0
}
