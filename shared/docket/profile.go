package docket

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

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

// Profile is what colleagues wrote down about a customer, and about those whom he is
// one with.
func (d *Docket) Profile(ctx context.Context, customer string) (casework.Profile, error) {
	g, err := d.Group(ctx, customer)
	if err != nil {
		return casework.Profile{}, err
	}
	return d.joinedProfile(ctx, customer, g.Members)
}

// joinedProfile is that of a customer, or of several who are one.
func (d *Docket) joinedProfile(ctx context.Context, customer string, same []string) (casework.Profile, error) {
	if len(same) == 0 {
		same = []string{customer}
	}
	all, err := d.Profiles(ctx, same...)
	if err != nil {
		return casework.Profile{}, err
	}
	return casework.JoinProfiles(all), nil
}

// Profiles is what was written down about each of some customers.
func (d *Docket) Profiles(ctx context.Context, customers ...string) ([]casework.Profile, error) {
	all := make([]casework.Profile, len(customers))
	keys := make([]table.Key, len(customers))
	for i, id := range customers {
		keys[i] = profileKey(id)
	}
	have, err := d.table.Get(ctx, keys...)
	if err != nil {
		return nil, fmt.Errorf("profile of customer %s: %w", customers[0], err)
	}
	for i, id := range customers {
		if all[i], err = readProfile(have, id); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// SetProfile changes a customer's profile as change says, which is called again
// when somebody else was faster. Of one who is several customers the joined profile is
// changed: what is new is written down with the one who stands for all. with are
// writes of the same transaction; a conflict of theirs is returned.
func (d *Docket) SetProfile(ctx context.Context, customer string, change func(*casework.Profile), with func(casework.Profile) ([]table.Write, error)) (casework.Profile, error) {
	for range retries {
		g, err := d.Group(ctx, customer)
		if err != nil {
			return casework.Profile{}, err
		}
		p, writes, err := d.setProfile(ctx, g, change)
		if err != nil {
			return p, err
		}
		own := make([]table.Key, len(writes))
		for i, w := range writes {
			own[i] = w.Item.Key
		}
		if with != nil {
			more, err := with(p)
			if err != nil {
				return p, err
			}
			writes = append(writes, more...)
		}
		if err = d.table.Write(ctx, writes...); !table.Conflicted(err, own...) {
			return p, err
		}
	}
	return casework.Profile{}, fmt.Errorf("profile of customer %s: %w: lost to concurrent changes %d times", customer, table.ErrUnavailable, retries)
}

func (d *Docket) setProfile(ctx context.Context, g *Group, change func(*casework.Profile)) (p casework.Profile, writes []table.Write, err error) {
	var keys, open []table.Key
	for _, m := range g.Members {
		keys = append(keys, profileKey(m), erasedKey(m))
		for _, b := range d.policy.Brands {
			open = append(open, openKey(m, b.ID))
		}
	}
	have := map[table.Key]table.Item{}
	for some := range slices.Chunk(append(keys, open...), 100) {
		more, err := d.table.Get(ctx, some...)
		if err != nil {
			return p, nil, fmt.Errorf("profile of customer %s: %w", g.Root(), err)
		}
		maps.Copy(have, more)
	}
	all := make([]casework.Profile, len(g.Members))
	for i, m := range g.Members {
		if _, erased := have[erasedKey(m)]; erased {
			// The pointers that a first profile touches are gone with him, so that one
			// written at the same moment conflicts and comes here.
			return p, nil, &casework.Refusal{Code: casework.CodeErased, Detail: "The customer was erased: nothing is written down about him any more."}
		}
		if all[i], err = readProfile(have, m); err != nil {
			return p, nil, err
		}
	}
	p = casework.JoinProfiles(all)
	change(&p)
	for i, q := range casework.SpreadProfile(all, p) {
		k := profileKey(g.Members[i])
		value, err := json.Marshal(q)
		if err != nil {
			return p, nil, err
		}
		old, had := have[k]
		if i > 0 && (!had || bytes.Equal(value, old.Value)) {
			continue
		}
		w := table.Write{Item: table.Item{Key: k, Value: value, Seq: old.Seq + 1}, When: table.Absent}
		if had {
			w.When, w.Seq = table.SeqIs, old.Seq
		}
		writes = append(writes, w)
	}
	for _, k := range open {
		p, item, had, err := readPointer(have, k)
		if err != nil {
			return casework.Profile{}, nil, err
		}
		if had && !p.Profiled {
			p.Profiled = true
			writes = append(writes, putPointer(k, p, item, had))
		}
	}
	return p, writes, nil
}
