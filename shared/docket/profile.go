package docket

import (
	"context"
	"encoding/json"
	"fmt"

	"ines/shared/casework"
	"ines/shared/table"
)

func readProfile(items map[table.Key]table.Item, customer string) (p casework.Profile, err error) {
	if item, ok := items[profileKey(customer)]; ok {
		if err = json.Unmarshal(item.Value, &p); err != nil {
			return p, fmt.Errorf("profile of customer %s: %w", customer, err)
		}
	}
	return p, nil
}

// Profile is what colleagues wrote down about a customer.
func (d *Docket) Profile(ctx context.Context, customer string) (casework.Profile, error) {
	have, err := d.table.Get(ctx, profileKey(customer))
	if err != nil {
		return casework.Profile{}, fmt.Errorf("profile of customer %s: %w", customer, err)
	}
	return readProfile(have, customer)
}

// SetProfile changes a customer's profile as change says, which is called again
// when somebody else was faster. with are writes of the same transaction; a conflict
// of theirs is returned.
func (d *Docket) SetProfile(ctx context.Context, customer string, change func(*casework.Profile), with func(casework.Profile) ([]table.Write, error)) (casework.Profile, error) {
	k := profileKey(customer)
	keys := []table.Key{k}
	for _, b := range d.policy.Brands {
		keys = append(keys, openKey(customer, b.ID))
	}
	for range retries {
		have, err := d.table.Get(ctx, append(keys, erasedKey(customer))...)
		if err != nil {
			return casework.Profile{}, fmt.Errorf("profile of customer %s: %w", customer, err)
		}
		if _, erased := have[erasedKey(customer)]; erased {
			// The pointers that a first profile touches are gone with him, so that one
			// written at the same moment conflicts and comes here.
			return casework.Profile{}, &casework.Refusal{Code: casework.CodeErased, Detail: "The customer was erased: nothing is written down about him any more."}
		}
		p, err := readProfile(have, customer)
		if err != nil {
			return p, err
		}
		change(&p)
		value, err := json.Marshal(p)
		if err != nil {
			return p, err
		}
		old, had := have[k]
		w := table.Write{Item: table.Item{Key: k, Value: value, Seq: old.Seq + 1}, When: table.Absent}
		if had {
			w.When, w.Seq = table.SeqIs, old.Seq
		}
		writes := []table.Write{w}
		for _, ok := range keys[1:] {
			open, item, had, err := readPointer(have, ok)
			if err != nil {
				return p, err
			}
			if had && !open.Profiled {
				open.Profiled = true
				writes = append(writes, putPointer(ok, open, item, had))
			}
		}
		if with != nil {
			more, err := with(p)
			if err != nil {
				return p, err
			}
			writes = append(writes, more...)
		}
		if err = d.table.Write(ctx, writes...); !table.Conflicted(err, keys...) {
			return p, err
		}
	}
	return casework.Profile{}, fmt.Errorf("profile of customer %s: %w: lost to concurrent changes %d times", customer, table.ErrUnavailable, retries)
}
