package docket

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"ines/shared/table"
)

// sheet is where relay keeps account of what it has counted of cases whose views
// may not show it yet, next to the outcomes themselves: one item changes for many
// cases, and then the views one by one. A transaction of view and counter for each
// case would cost twice as much.
//
// Why nothing is counted twice or left out: a case is counted up to its sheet's
// entry, or up to its view where there is none. Views move only up to what is
// counted. An entry is dropped only when the view shows as much, and dropping is a
// change of the sheet. Whoever counts has read the view after the sheet, and what he
// writes requires that the sheet has not changed since. So he knows exactly what is
// counted, whatever crashed before and whoever else is at it.
type sheet struct {
	n   int
	seq int64 // 0: there is no such item
	account
}

type account struct {
	Counted  map[string]int64 `json:"counted,omitempty"` // case → commit
	Outcomes map[string]int64 `json:"outcomes"`          // since the table began
	// Waiting is what of the counters that most batches move has not been added to
	// them yet, by metric and bucket and by field: adding takes a transaction, and a
	// sheet of its own takes a sixth of it. Whoever reads those counters adds it.
	Waiting map[string]map[string]int64 `json:"waiting,omitempty"`
}

const (
	// maxUnsettled is from how many entries of others on they are looked after:
	// they cost with every change of the sheet.
	maxUnsettled = 64
	// maxCounters keeps a transaction under its limit, with those that wait.
	maxCounters = 70
	// maxKept is at how many counters, and maxKeptFields at how many fields, what waits
	// is added: a sheet is to stay small.
	maxKept       = 8
	maxKeptFields = 40
	// settledCases bounds the memory for what views are known to show.
	settledCases = 4096
)

func (d *Docket) sheetOf(id string) int { return shardOf(id, d.settings.Sheets) }

// sheets reads those that concern some cases.
func (d *Docket) sheets(ctx context.Context, ids []string) (map[int]*sheet, error) {
	sheets := map[int]*sheet{}
	for _, id := range ids {
		n := d.sheetOf(id)
		sheets[n] = &sheet{n: n}
	}
	return sheets, d.readSheets(ctx, slices.Collect(maps.Values(sheets))...)
}

func (d *Docket) readSheets(ctx context.Context, sheets ...*sheet) error {
	keys := make([]table.Key, len(sheets))
	for i, s := range sheets {
		keys[i] = sheetKey(s.n)
	}
	have, err := d.table.Get(ctx, keys...)
	if err != nil {
		return fmt.Errorf("read what is counted: %w", err)
	}
	for _, s := range sheets {
		item, ok := have[sheetKey(s.n)]
		s.seq, s.account = item.Seq, account{}
		if !ok {
			continue
		}
		if err := json.Unmarshal(item.Value, &s.account); err != nil {
			return fmt.Errorf("sheet %s: %w", item.Key, err)
		}
	}
	return nil
}

// count counts what the commits of the sheet's cases say, as far as it is not.
func (d *Docket) count(ctx context.Context, s *sheet, updates []Update) error {
	for range retries {
		n, err := d.countSome(ctx, s, updates)
		switch {
		case err == nil && n == len(updates):
			return nil
		case err == nil:
			updates = updates[n:]
		case !table.Conflicted(err):
			return err
		default:
			// Others count their cases on it, too.
			if err := d.readAgain(ctx, s, updates); err != nil {
				return err
			}
		}
	}
	return fmt.Errorf("sheet %d: %w: lost to concurrent counting %d times", s.n, table.ErrUnavailable, retries)
}

// countSome counts as many updates as a transaction holds and says how many.
func (d *Docket) countSome(ctx context.Context, s *sheet, updates []Update) (n int, err error) {
	counts, counted := tally{}, map[string]int64{}
	for _, u := range updates {
		if n > 0 && len(counts) >= maxCounters {
			break
		}
		n++
		told := tally{}
		for _, cm := range u.Commits {
			if cm.Seq > max(u.shown, s.Counted[u.Case.ID]) {
				told.commit(u.Case, cm, d.policy.Day)
			}
		}
		if len(told) > 0 { // a commit that counts nothing needs no account
			counted[u.Case.ID] = u.Case.Seq
			counts.merge(told)
		}
	}
	if len(counts) == 0 {
		return n, nil
	}
	left, err := d.unsettled(ctx, s)
	if err != nil {
		return 0, err
	}
	maps.Copy(left, counted)
	next := account{Counted: left, Outcomes: maps.Clone(s.Outcomes)}
	if next.Outcomes == nil {
		next.Outcomes = map[string]int64{}
	}
	for outcome, more := range counts.takeOutcomes() {
		next.Outcomes[outcome] += more
	}
	waiting := counts.takeWaiting()
	waiting.merge(s.waiting())
	if len(counts) > 0 || (s.seq+1)%int64(max(1, d.settings.AddEvery)) == 0 || waiting.large() {
		counts.merge(waiting)
	} else {
		next.Waiting = waiting.named()
	}
	value, err := json.Marshal(next)
	if err != nil {
		return 0, fmt.Errorf("sheet %d: %w", s.n, err)
	}
	w := replace(table.Item{Key: sheetKey(s.n), Value: value}, s.seq)
	if err := d.table.Write(ctx, append(counts.writes(d.settings.CounterShards, updates[0].Case.ID), w)...); err != nil {
		return 0, fmt.Errorf("count on sheet %d: %w", s.n, err)
	}
	s.seq, s.account = s.seq+1, next
	return n, nil
}

// unsettled are the sheet's entries of which it is not known that the views show
// them.
func (d *Docket) unsettled(ctx context.Context, s *sheet) (map[string]int64, error) {
	left := map[string]int64{}
	var ids []string
	for id, seq := range s.Counted {
		if shown, _ := d.settled.get(id); shown < seq {
			left[id] = seq
			ids = append(ids, id)
		}
	}
	if len(ids) < maxUnsettled {
		return left, nil
	}
	views, err := d.views(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if shown := views[viewKey(id)].Seq; shown >= left[id] {
			delete(left, id)
			d.settled.set(id, shown)
		}
	}
	return left, nil
}

// readAgain reads a sheet that has changed and then makes sure that the updates are
// still what lags.
func (d *Docket) readAgain(ctx context.Context, s *sheet, updates []Update) error {
	if err := d.readSheets(ctx, s); err != nil {
		return err
	}
	ids := make([]string, len(updates))
	for i, u := range updates {
		ids[i] = u.Case.ID
	}
	views, err := d.views(ctx, ids)
	if err != nil {
		return err
	}
	for _, u := range updates {
		if k := viewKey(u.Case.ID); views[k].Seq != u.shown {
			return &table.ConflictError{Keys: []table.Key{k}}
		}
	}
	return nil
}
