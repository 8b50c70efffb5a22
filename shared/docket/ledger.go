package docket

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"ines/shared/message"
	"ines/shared/table"
)

// Ledger is what is known of one reply at its platform: written before the call
// and after it, so that a crash between the two is seen for what it is.
type Ledger struct {
	Reply    string    `json:"reply"`
	Case     string    `json:"case"`
	Thread   string    `json:"thread"`
	State    string    `json:"state"` // pending, waiting, sent, unconfirmed, failed
	Attempt  int       `json:"attempt"`
	Tried    time.Time `json:"tried,omitzero"`  // when the last attempt began
	Looks    int       `json:"looks,omitempty"` // look-ups of it that failed
	At       time.Time `json:"at"`              // of the last change
	First    time.Time `json:"first"`           // of the first attempt
	Until    time.Time `json:"until,omitzero"`  // waiting: not before
	Platform string    `json:"platform_id,omitempty"`
	Key      string    `json:"thread_key,omitempty"`
	// With is who got it, where the platform names somebody else than we did.
	With   message.Handle `json:"with,omitzero"`
	Class  string         `json:"class,omitempty"`
	Code   string         `json:"code,omitempty"`
	Detail string         `json:"detail,omitempty"`

	seq int64
}

// The ledger's states. Pending means that a call may be under way or may have
// been cut off: whoever finds it so did not make the call himself.
const (
	LedgerPending     = "pending"
	LedgerWaiting     = "waiting" // surely not taken yet; to be tried again
	LedgerSent        = "sent"
	LedgerUnconfirmed = "unconfirmed"
	LedgerFailed      = "failed"
)

// ErrLedgerMoved means that another worker changed the ledger: let it finish.
var ErrLedgerMoved = errors.New("the reply's ledger was changed by another worker")

// Ledger reads a reply's ledger; ok is false before the first attempt.
func (d *Docket) Ledger(ctx context.Context, reply string) (l Ledger, ok bool, err error) {
	k := ledgerKey(reply)
	have, err := d.table.Get(ctx, k)
	if err != nil {
		return l, false, fmt.Errorf("ledger of reply %s: %w", reply, err)
	}
	item, ok := have[k]
	if !ok {
		return l, false, nil
	}
	if err := json.Unmarshal(item.Value, &l); err != nil {
		return l, false, fmt.Errorf("ledger of reply %s: %w", reply, err)
	}
	l.seq = item.Seq
	return l, true, nil
}

// WriteLedger moves a reply's ledger on from what was read (or from nothing) and
// returns it for the next move. A sent reply becomes findable by the platform's
// id in the same transaction, so that answers and reports find their case.
func (d *Docket) WriteLedger(ctx context.Context, l Ledger, channel, inbox string) (Ledger, error) {
	was := l.seq
	l.seq++
	value, err := json.Marshal(l)
	if err != nil {
		return l, fmt.Errorf("ledger of reply %s: %w", l.Reply, err)
	}
	w := replace(table.Item{Key: ledgerKey(l.Reply), Value: value}, was)
	writes := []table.Write{w}
	if l.State == LedgerSent && l.Platform != "" {
		writes = append(writes, putAlways(messageKey(channel, inbox, l.Platform), pointer{Case: l.Case, Reply: l.Reply, Thread: l.Thread}))
	}
	if err := d.table.Write(ctx, writes...); err != nil {
		if table.Conflicted(err) {
			return l, fmt.Errorf("reply %s: %w", l.Reply, ErrLedgerMoved)
		}
		return l, fmt.Errorf("ledger of reply %s: %w", l.Reply, err)
	}
	return l, nil
}

func putAlways(k table.Key, p pointer) table.Write {
	w := putPointer(k, p, table.Item{}, false)
	w.When = table.Always
	return w
}
