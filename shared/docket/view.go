package docket

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"ines/shared/casework"
	"ines/shared/message"
	"ines/shared/sorting"
	"ines/shared/table"
)

// Update is one case whose list view lags behind its log.
type Update struct {
	Case *casework.Case
	// Commits are those that the view doesn't show yet, in order; the last is
	// the case's own.
	Commits []casework.Commit
	shown   int64  // the commit that the view shows, 0 if there is no view
	sheet   *sheet // as it was before the view was read
}

// Lagging takes commits from the change stream and says which cases' views lag,
// with everything that has happened since. Commits that are shown already (the
// stream delivers at least once) are passed over.
func (d *Docket) Lagging(ctx context.Context, batch []casework.Commit) ([]Update, error) {
	var ids []string
	byCase := map[string][]casework.Commit{}
	for _, cm := range batch {
		if _, ok := byCase[cm.Case]; !ok {
			ids = append(ids, cm.Case)
		}
		byCase[cm.Case] = append(byCase[cm.Case], cm)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	sheets, err := d.sheets(ctx, ids)
	if err != nil {
		return nil, err
	}
	views, err := d.views(ctx, ids)
	if err != nil {
		return nil, err
	}
	var updates []Update
	for _, id := range ids {
		u, err := d.lag(ctx, id, byCase[id], views[viewKey(id)].Seq)
		if err != nil {
			return nil, err
		}
		if len(u.Commits) > 0 {
			u.sheet = sheets[d.sheetOf(id)]
			updates = append(updates, u)
		}
	}
	return updates, nil
}

// views reads the views of cases.
func (d *Docket) views(ctx context.Context, ids []string) (map[table.Key]table.Item, error) {
	keys := make([]table.Key, len(ids))
	for i, id := range ids {
		keys[i] = viewKey(id)
	}
	views := map[table.Key]table.Item{}
	for some := range slices.Chunk(keys, 100) {
		got, err := d.table.Get(ctx, some...)
		if err != nil {
			return nil, fmt.Errorf("read views: %w", err)
		}
		maps.Copy(views, got)
	}
	return views, nil
}

func (d *Docket) lag(ctx context.Context, id string, commits []casework.Commit, shown int64) (Update, error) {
	u := Update{shown: shown}
	// A commit that was redacted shows up in the stream again, out of turn.
	commits = slices.DeleteFunc(commits, func(cm casework.Commit) bool { return cm.Seq <= shown })
	sorting.By(commits, func(a, b casework.Commit) int { return cmp.Compare(a.Seq, b.Seq) })
	commits = slices.CompactFunc(commits, func(a, b casework.Commit) bool { return a.Seq == b.Seq })
	if len(commits) == 0 {
		return u, nil
	}
	if shown == 0 && commits[0].Seq == 1 {
		// A new case: all of it is here.
		c, err := casework.Fold(nil, commits)
		if err == nil {
			u.Case, u.Commits = c, commits
			if !c.IsErased() {
				d.recent.set(id, c)
			}
			return u, nil
		}
	}
	c, err := d.follow(id, commits)
	if err == nil && c == nil {
		// What is in hand is the newest that has to be seen.
		c, err = d.Load(table.Stale(ctx), id)
		if err != nil || c.Seq < commits[len(commits)-1].Seq {
			c, err = d.Load(ctx, id)
		}
	}
	if err != nil {
		return u, err
	}
	u.Case = c
	for _, cm := range commits {
		if cm.Seq == shown+int64(len(u.Commits))+1 && cm.Seq <= c.Seq {
			u.Commits = append(u.Commits, cm)
		}
	}
	if shown+int64(len(u.Commits)) != c.Seq {
		log, err := d.Log(ctx, id, shown)
		if err != nil {
			return u, err
		}
		u.Commits = slices.DeleteFunc(log, func(cm casework.Commit) bool { return cm.Seq > c.Seq })
	}
	return u, nil
}

// follow is a case that is remembered as it was before some commits, with them: nothing
// has to be read. What came after them comes by the stream, too. nil: not remembered so.
func (d *Docket) follow(id string, commits []casework.Commit) (*casework.Case, error) {
	known, ok := d.recent.get(id)
	if !ok || commits[0].Seq != known.Seq+1 || commits[len(commits)-1].Seq != known.Seq+int64(len(commits)) ||
		slices.ContainsFunc(commits, func(cm casework.Commit) bool { return cm.Cause.Kind == causeErasure }) {
		return nil, nil
	}
	c, err := casework.Fold(known, commits)
	if err != nil {
		return nil, err
	}
	d.recent.set(id, c)
	return c, nil
}

// viewsAtOnce is how many views of a sheet are written side by side.
const viewsAtOnce = 16

// Show counts what the commits say and then writes the views, each by itself: a
// view moves on only from where it was. The sheets know what is counted between
// the two, so that nothing is counted twice or not at all (see sheet). Pointers go
// first: once a view has moved, nobody comes back for them. A conflict
// (table.Conflicted) means that somebody else is at the same commits: ask Lagging
// again.
func (d *Docket) Show(ctx context.Context, updates []Update) error {
	if err := d.pointToMessages(ctx, updates); err != nil {
		return err
	}
	bySheet := map[*sheet][]Update{}
	for _, u := range updates {
		bySheet[u.sheet] = append(bySheet[u.sheet], u)
	}
	var all errgroup.Group
	for s, some := range bySheet {
		all.Go(func() error { return d.show(ctx, s, some) })
	}
	return all.Wait()
}

func (d *Docket) show(ctx context.Context, s *sheet, updates []Update) error {
	if err := d.count(ctx, s, updates); err != nil {
		return err
	}
	var all errgroup.Group
	all.SetLimit(viewsAtOnce)
	for _, u := range updates {
		all.Go(func() error { return d.showOne(ctx, u) })
	}
	return all.Wait()
}

func (d *Docket) showOne(ctx context.Context, u Update) error {
	item, err := d.viewItem(u.Case)
	if err != nil {
		return err
	}
	w := table.Write{Item: item, When: table.Absent}
	if u.shown > 0 {
		w.When, w.Seq = table.SeqIs, u.shown
	}
	if err := d.table.Write(ctx, w); err != nil {
		return fmt.Errorf("write view: %w", err)
	}
	d.settled.set(u.Case.ID, u.Case.Seq)
	return nil
}

// pointToMessages makes public posts findable by their id alone: platforms
// announce the deletion of one without saying in which thread it stood.
func (d *Docket) pointToMessages(ctx context.Context, updates []Update) error {
	for _, u := range updates {
		for _, cm := range u.Commits {
			for _, e := range cm.Events {
				r, ok := e.(casework.MessageReceived)
				if !ok || r.Message.Visibility != message.Public || r.Message.ID == r.Message.Thread {
					continue
				}
				w := putPointer(messageKey(r.Message.Channel, r.Message.Inbox, r.Message.ID), pointer{Case: cm.Case}, table.Item{}, false)
				err := d.table.Write(ctx, w)
				if table.Conflicted(err) {
					err = d.pointBeside(ctx, w.Item.Key, cm.Case)
				}
				if err != nil {
					return fmt.Errorf("pointer to message %s: %w", r.Message.ID, err)
				}
			}
		}
	}
	return nil
}

// pointBeside adds the case to what is known of a message, where that is a change which
// came before it.
func (d *Docket) pointBeside(ctx context.Context, k table.Key, id string) error {
	have, err := d.table.Get(ctx, k)
	if err != nil {
		return err
	}
	p, item, had, err := readPointer(have, k)
	if err != nil || !had || p.Case != "" {
		return err
	}
	p.Case = id
	return d.table.Write(ctx, putPointer(k, p, item, had))
}

func (d *Docket) viewItem(c *casework.Case) (table.Item, error) {
	v := c.View()
	value, err := json.Marshal(v)
	if err != nil {
		return table.Item{}, fmt.Errorf("view of case %s: %w", c.ID, err)
	}
	sort := v.Rank(d.policy.Order).Sort()
	shard := strconv.Itoa(shardOf(c.ID, d.settings.QueueShards))
	idx := map[string]table.IndexKey{}
	if !d.pointedTo(c) {
		idx[IndexCustomer] = table.IndexKey{Partition: c.Customer.ID, Sort: instant(c.OpenedAt) + "#" + c.ID}
	}
	if c.IsErased() || c.MergedInto != "" && !c.MergedByHand {
		idx = nil // it is found by its id, and in no list
	} else if c.MergedInto != "" {
		// Its customer is still one, and sees that it is part of another.
	} else if c.Status == casework.StatusResolved {
		idx[IndexQueue] = table.IndexKey{Partition: "closed#" + c.Department + "#" + shard, Sort: instant(c.ResolvedAt) + "#" + c.ID}
		d.due(idx, c.ID, v.Timer)
	} else {
		idx[IndexQueue] = table.IndexKey{Partition: "open#" + c.Department + "#" + shard, Sort: sort}
		if c.Owner != "" {
			idx[IndexOwner] = table.IndexKey{Partition: c.Owner, Sort: sort}
		}
		d.due(idx, c.ID, v.Timer)
	}
	return table.Item{Key: viewKey(c.ID), Value: value, Seq: c.Seq, Indexes: idx}, nil
}

// pointedTo reports whether a case is sure to be the one that its customer's pointer
// leads to, so that nothing else is needed to find it among his (see Customer). Most
// cases that a storm opens are, and an entry of an index costs as much as the case.
//
// The pointer is written before a case's first commit or with it, or with the commit by
// which it becomes another customer's; not so where it began for a reason of its own while
// he had another one (see pointing.open). It is taken away only from a case that was
// closed, though that may be open again by now, or is somebody else's. So a case enters
// the index when it is closed or a colleague acts, and stays there. A state that may come
// from a snapshot is not trusted: code that didn't know WasClosed may have made it.
func (d *Docket) pointedTo(c *casework.Case) bool {
	return c.Seq < int64(d.settings.SnapshotEvery) && c.Status != casework.StatusResolved && !c.WasClosed && !c.Touched &&
		c.FollowsUp == "" && c.LinkedFrom == "" && c.MergedInto == ""
}

// due puts a case among those whose timers somebody has to watch, if it has one.
func (d *Docket) due(idx map[string]table.IndexKey, id string, timer time.Time) {
	if !timer.IsZero() {
		idx[IndexDue] = table.IndexKey{Partition: strconv.Itoa(shardOf(id, d.settings.DueShards)), Sort: instant(timer) + "#" + id}
	}
}

// Due lists the cases with a timer at or before now, at most limit a shard.
func (d *Docket) Due(ctx context.Context, now time.Time, limit int) ([]casework.View, error) {
	var due []casework.View
	for shard := range d.settings.DueShards {
		page, err := d.table.Query(ctx, table.Query{Index: IndexDue, Partition: strconv.Itoa(shard), To: instant(now) + "~", Limit: limit})
		if err != nil {
			return nil, fmt.Errorf("query what is due: %w", err)
		}
		for _, item := range page.Items {
			v, err := decodeView(item)
			if err != nil {
				return nil, err
			}
			due = append(due, v)
		}
	}
	return due, nil
}

func decodeView(item table.Item) (casework.View, error) {
	var v casework.View
	if err := json.Unmarshal(item.Value, &v); err != nil {
		return v, fmt.Errorf("view %s: %w", item.Key, err)
	}
	return v, nil
}
