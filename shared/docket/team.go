package docket

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"ines/shared/casework"
	"ines/shared/policy"
	"ines/shared/table"
)

// Presence is whether a colleague is there to be given cases.
type Presence struct {
	State string    `json:"state"` // available, away
	Since time.Time `json:"since,omitzero"`
	Why   string    `json:"why,omitempty"` // where the desk says it
}

// The states of a colleague.
const (
	StateAvailable = "available"
	StateAway      = "away"
)

// presenceLife is how long somebody counts as available who doesn't say so again.
const presenceLife = 12 * time.Hour

// seat is a colleague's place at the desk. Each case that the desk gives him moves
// it on in the same transaction, so that two given at once can't be one too many.
type seat struct {
	Presence
	Idle   time.Time `json:"idle,omitzero"` // since when he has waited for a case
	Recent []string  `json:"recent,omitempty"`

	key  table.Key
	seq  int64
	held []string // the open cases that he has
}

func (s seat) available(now time.Time) bool {
	return s.State == StateAvailable && now.Before(s.Since.Add(presenceLife))
}

func (s seat) write() (table.Write, error) {
	value, err := json.Marshal(s)
	if err != nil {
		return table.Write{}, fmt.Errorf("seat %s: %w", s.key, err)
	}
	return replace(table.Item{Key: s.key, Value: value}, s.seq), nil
}

// give is the write that counts one more case as his.
func (s seat) give(id string, now time.Time) (table.Write, error) {
	s.Idle, s.Recent = now, append(slices.Clone(s.held), id)
	return s.write()
}

func (d *Docket) seats(ctx context.Context, ids ...string) (map[string]seat, error) {
	keys := make([]table.Key, len(ids))
	for i, id := range ids {
		keys[i] = seatKey(id)
	}
	all := make(map[string]seat, len(ids))
	if len(ids) == 0 {
		return all, nil
	}
	have, err := d.table.Get(ctx, keys...)
	if err != nil {
		return nil, fmt.Errorf("who is at the desk: %w", err)
	}
	for i, id := range ids {
		s := seat{key: keys[i], Presence: Presence{State: StateAway}}
		if item, ok := have[keys[i]]; ok {
			if err := json.Unmarshal(item.Value, &s); err != nil {
				return nil, fmt.Errorf("seat %s: %w", keys[i], err)
			}
			s.seq = item.Seq
		}
		all[id] = s
	}
	return all, nil
}

// holding finds the open cases that a colleague has: those of his list, which lags
// a little, and those lately given. Each is looked at itself.
func (d *Docket) holding(ctx context.Context, id string, s seat, now time.Time) ([]string, error) {
	ids := slices.Clone(s.Recent)
	q := table.Query{Index: IndexOwner, Partition: id}
	for {
		page, err := d.table.Query(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("the cases of %s: %w", id, err)
		}
		for _, item := range page.Items {
			v, err := decodeView(item)
			if err != nil {
				return nil, err
			}
			if !slices.Contains(ids, v.ID) {
				ids = append(ids, v.ID)
			}
		}
		if page.Cursor == "" || len(ids) > MaxLimit {
			break
		}
		q.Cursor = page.Cursor
	}
	var held []string
	for _, one := range ids {
		c, err := d.load(ctx, one)
		if err != nil {
			return nil, err
		}
		if c.Exists() && c.Status == casework.StatusOpen && c.HeldBy(now) == id {
			held = append(held, one)
		}
	}
	return held, nil
}

// sit reads one colleague's seat with what he has.
func (d *Docket) sit(ctx context.Context, id string, now time.Time) (casework.Available, seat, error) {
	who, _ := d.policy.Colleague(id)
	all, err := d.seats(ctx, id)
	if err != nil {
		return casework.Available{}, seat{}, err
	}
	s := all[id]
	if s.held, err = d.holding(ctx, id, s, now); err != nil {
		return casework.Available{}, s, err
	}
	return casework.Available{Colleague: who, Held: len(s.held), IdleSince: s.Idle}, s, nil
}

// At says whether a colleague is there, and how many open cases he has.
func (d *Docket) At(ctx context.Context, colleague string, now time.Time) (p Presence, held int, err error) {
	a, s, err := d.sit(ctx, colleague, now)
	if s.State == StateAvailable && !s.available(now) {
		s.Presence = Presence{State: StateAway, Since: s.Since.Add(presenceLife), Why: "nothing was heard for " + presenceLife.String()}
	}
	return s.Presence, a.Held, err
}

// SetPresence says whether a colleague is there. Saying it again renews it, and he
// stays as idle as he was.
func (d *Docket) SetPresence(ctx context.Context, colleague string, p Presence) error {
	for range retries {
		all, err := d.seats(ctx, colleague)
		if err != nil {
			return err
		}
		s := all[colleague]
		if !s.available(p.Since) && p.State == StateAvailable {
			s.Idle = p.Since
		}
		s.Presence = p
		w, err := s.write()
		if err != nil {
			return err
		}
		if err = d.table.Write(ctx, w); !table.Conflicted(err) {
			return err
		}
	}
	return fmt.Errorf("presence of %s: %w: lost to concurrent changes %d times", colleague, table.ErrUnavailable, retries)
}

// roster are the available colleagues of a department.
func (d *Docket) roster(ctx context.Context, department string, now time.Time) ([]casework.Available, map[string]seat, error) {
	var ids []string
	for _, c := range d.policy.Colleagues {
		if slices.Contains(c.Departments, department) {
			ids = append(ids, c.ID)
		}
	}
	all := map[string]seat{}
	for some := range slices.Chunk(ids, 100) {
		got, err := d.seats(ctx, some...)
		if err != nil {
			return nil, nil, err
		}
		for id, s := range got {
			all[id] = s
		}
	}
	var people []casework.Available
	for _, id := range ids {
		s := all[id]
		if !s.available(now) {
			continue
		}
		var err error
		if s.held, err = d.holding(ctx, id, s, now); err != nil {
			return nil, nil, err
		}
		all[id] = s
		who, _ := d.policy.Colleague(id)
		people = append(people, casework.Available{Colleague: who, Held: len(s.held), IdleSince: s.Idle})
	}
	return people, all, nil
}

// WhoGets says who would be given a case now, and why; "" if nobody would.
func (d *Docket) WhoGets(ctx context.Context, v casework.View, now time.Time) (string, policy.Explanation, error) {
	people, _, err := d.roster(ctx, v.Department, now)
	if err != nil {
		return "", policy.Explanation{}, err
	}
	who, why, _ := casework.Choose(v, people)
	return who, why, nil
}

// Offer gives a free case of a department that pushes to somebody who is available.
// It returns who got it, "" if nobody: then it waits in the queue. It may be called
// again.
func (d *Docket) Offer(ctx context.Context, id string, now time.Time) (string, error) {
	for range retries {
		c, err := d.Load(ctx, id)
		if err != nil {
			return "", err
		}
		v := c.View()
		if department, _ := d.policy.Department(v.Department); !department.Push || !v.Takeable() {
			return "", nil
		}
		people, seats, err := d.roster(ctx, v.Department, now)
		if err != nil {
			return "", err
		}
		if people, err = d.present(ctx, people, c, now); err != nil {
			return "", err
		}
		who, why, ok := casework.Choose(v, people)
		if !ok {
			return "", nil
		}
		s := seats[who]
		order := Order{Case: id, Now: now, Cause: casework.Cause{Kind: "routing", ID: who},
			Command: casework.Match{Colleague: who, How: casework.HowPush, Why: why},
			With: func(_ *casework.Case, events []casework.Event) ([]table.Write, error) {
				w, err := s.give(id, now)
				return []table.Write{w}, err
			}}
		_, _, err = d.decide(ctx, c, order)
		var refused *casework.Refusal
		switch {
		case errors.As(err, &refused):
			return "", nil // somebody took it meanwhile, or closed it
		case table.Conflicted(err):
			continue
		}
		return who, err
	}
	return "", fmt.Errorf("case %s: %w: lost to concurrent commands %d times", id, table.ErrUnavailable, retries)
}

// present leaves out who let the case lie: he is not there, whatever he said when
// he came.
func (d *Docket) present(ctx context.Context, people []casework.Available, c *casework.Case, now time.Time) ([]casework.Available, error) {
	for _, p := range people {
		if p.ID == c.Lapsed {
			err := d.SetPresence(ctx, p.ID, Presence{State: StateAway, Since: now, Why: "did nothing about a case that he was given"})
			if err != nil {
				return nil, err
			}
			return slices.DeleteFunc(people, func(a casework.Available) bool { return a.ID == c.Lapsed }), nil
		}
	}
	return people, nil
}

// Refill offers what waits in the departments that push to a colleague who came, or
// has room again.
func (d *Docket) Refill(ctx context.Context, colleague string, now time.Time) error {
	who, ok := d.policy.Colleague(colleague)
	if !ok {
		return nil
	}
	p, s, err := d.sit(ctx, colleague, now)
	if err != nil || !s.available(now) {
		return err
	}
	var queues []string
	for _, id := range who.Departments {
		if department, _ := d.policy.Department(id); department.Push {
			queues = append(queues, id)
		}
	}
	waiting, err := d.waiting(ctx, queues)
	if err != nil {
		return err
	}
	for p.Held < p.Capacity {
		v, _, ok := casework.NextFor(p, waiting, d.policy.Order)
		if !ok {
			return nil
		}
		waiting = slices.DeleteFunc(waiting, func(w casework.View) bool { return w.ID == v.ID })
		got, err := d.Offer(ctx, v.ID, now)
		if err != nil && !errors.Is(err, ErrNoCase) {
			return err
		}
		if got == colleague {
			p.Held++
		}
	}
	return nil
}

// waiting lists the free cases of departments in the order of work, as far as one
// look goes.
func (d *Docket) waiting(ctx context.Context, departments []string) ([]casework.View, error) {
	var all []casework.View
	for _, id := range departments {
		cursor, free := "", 0
		for {
			views, next, err := d.List(ctx, Filter{Department: id, Status: casework.StatusOpen, Limit: MaxLimit}, cursor)
			if err != nil {
				return nil, err
			}
			for _, v := range views {
				if v.Takeable() {
					all, free = append(all, v), free+1
				}
			}
			if cursor = next; cursor == "" || free >= maxWaiting {
				break
			}
		}
	}
	return all, nil
}

// maxWaiting is how many free cases of a department are looked at for one colleague.
const maxWaiting = 1000
