package docket

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"ines/shared/message"
	"ines/shared/table"
)

// A tombstone stands where a message or a handle was erased. Its key is a keyed hash
// of what it stands for, so that it says nothing to whoever reads it and is found by
// whoever brings the same thing again: a platform that delivers a message once more,
// the archive that is replayed, the person who writes again.

// tombstone is what one says.
type tombstone struct {
	Erasure string `json:"erasure"`
	// Refused are the inboxes in which the person had refused to be written to: that
	// is remembered, without the person.
	Refused []string `json:"refused,omitempty"`
}

// stoneKey is the item with the key of the hashes.
var stoneKey = table.Key{Partition: "erased#", Sort: "key"}

// stones hashes things to their tombstones' keys.
type stones struct{ key []byte }

func (s stones) at(kind, what string) table.Key {
	mac := hmac.New(sha256.New, s.key)
	_, _ = mac.Write([]byte(kind + "\x00" + what)) // a hash takes everything
	return table.Key{Partition: "erased#" + hex.EncodeToString(mac.Sum(nil)[:16]), Sort: "tombstone"}
}

func (s stones) message(channel, inbox, id string) table.Key {
	return s.at("message", message.Key(channel, inbox, id))
}

func (s stones) handle(h message.Handle) table.Key { return s.at("handle", h.Key()) }

// stones reads the table's key, or makes it: once per process. With look it makes
// none, and the key may be empty.
func (d *Docket) stones(ctx context.Context, look bool) (stones, error) {
	if s := d.stone.Load(); s != nil {
		return *s, nil
	}
	for range retries {
		have, err := d.table.Get(ctx, stoneKey)
		if err != nil {
			return stones{}, fmt.Errorf("the key of the tombstones: %w", err)
		}
		if item, ok := have[stoneKey]; ok {
			s := &stones{}
			if err := json.Unmarshal(item.Value, &s.key); err != nil || len(s.key) < 16 {
				return stones{}, fmt.Errorf("the key of the tombstones, %s, is damaged: %v", stoneKey, err)
			}
			d.stone.Store(s)
			return *s, nil
		}
		if look {
			return stones{}, nil // nothing was ever erased
		}
		key := make([]byte, 32)
		_, _ = rand.Read(key) // never fails
		value, err := json.Marshal(key)
		if err != nil {
			return stones{}, err
		}
		err = d.table.Write(ctx, table.Write{Item: table.Item{Key: stoneKey, Value: value, Seq: 1}, When: table.Absent})
		if err != nil && !table.Conflicted(err) {
			return stones{}, fmt.Errorf("the key of the tombstones: %w", err)
		}
	}
	return stones{}, fmt.Errorf("the key of the tombstones: %w", table.ErrUnavailable)
}

// past is what an erasure left of somebody who writes, and of his message.
type past struct {
	message bool                 // this very message was erased
	stones  map[string]tombstone // by handle key
}

func (d *Docket) past(ctx context.Context, m *message.Message, look bool) (p past, err error) {
	s, err := d.stones(ctx, look)
	if err != nil || s.key == nil {
		return p, err
	}
	handles := handlesOf(m)
	keys := []table.Key{s.message(m.Channel, m.Inbox, m.ID)}
	for _, h := range handles {
		keys = append(keys, s.handle(h))
	}
	have, err := d.table.Get(ctx, keys...)
	if err != nil {
		return p, fmt.Errorf("tombstones of message %s: %w", m.Key(), err)
	}
	_, p.message = have[keys[0]]
	for i, h := range handles {
		if item, ok := have[keys[i+1]]; ok {
			var t tombstone
			if err := json.Unmarshal(item.Value, &t); err != nil {
				return p, fmt.Errorf("tombstone %s: %w", item.Key, err)
			}
			if p.stones == nil {
				p.stones = map[string]tombstone{}
			}
			p.stones[h.Key()] = t
		}
	}
	return p, nil
}

// customer is the id of somebody who writes again after he was forgotten: another
// than before, and the same on each retry.
func (p past) customer(m *message.Message) string {
	for _, h := range handlesOf(m) {
		if t, ok := p.stones[h.Key()]; ok {
			return message.DeriveID("customer", h.Key(), t.Erasure)
		}
	}
	return ""
}

// erasedMessage reports whether a message was erased.
func (d *Docket) erasedMessage(ctx context.Context, channel, inbox, id string) (bool, error) {
	if id == "" {
		return false, nil
	}
	s, err := d.stones(ctx, false)
	if err != nil {
		return false, err
	}
	have, err := d.table.Get(ctx, s.message(channel, inbox, id))
	return len(have) > 0, err
}

// refusedBefore reports whether somebody who was forgotten had refused to be written
// to in an inbox.
func (d *Docket) refusedBefore(ctx context.Context, inbox string, h message.Handle) (bool, error) {
	s, err := d.stones(ctx, false)
	if err != nil {
		return false, err
	}
	k := s.handle(h)
	have, err := d.table.Get(ctx, k)
	if err != nil {
		return false, fmt.Errorf("consent of somebody: %w", err)
	}
	var t tombstone
	if item, ok := have[k]; ok {
		if err := json.Unmarshal(item.Value, &t); err != nil {
			return false, fmt.Errorf("tombstone %s: %w", k, err)
		}
	}
	return slices.Contains(t.Refused, inbox), nil
}

// OutcomeErased is what becomes of an edit or a deletion of a message that was erased.
const OutcomeErased = OutcomeIgnored + ":erased"

// again drops an item about what was erased: it is counted, and the delivery that
// brought it is taken out of the archive once more.
func (d *Docket) again(ctx context.Context, in Incoming, outcome string) error {
	in.Item.Key, in.Item.Reason = "", ""
	w, err := putErasure(Erasure{ID: "again-" + in.Envelope, At: in.At, Phase: PhaseArchive, Deliveries: map[string]time.Time{in.Envelope: in.At}}, 0)
	if err != nil {
		return err
	}
	w.When = table.Always // several items of one delivery
	return d.Receipts(ctx, Receipt{Incoming: in, Outcome: outcome, With: []table.Write{w}})
}

// handleOf is the handle that a partition's items are about.
func partitionOf(h message.Handle) string { return handleKey(h).Partition }

// appearedIn is the item that says that somebody wrote in another's case.
func appearedIn(h message.Handle, id string) table.Key {
	return table.Key{Partition: partitionOf(h), Sort: appearedPrefix + id}
}

const appearedPrefix = "in#"

func caseAppeared(k table.Key) (id string, ok bool) { return strings.CutPrefix(k.Sort, appearedPrefix) }
