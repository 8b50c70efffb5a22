// Package docket is the register of cases on the table: logs, snapshots,
// pointers, receipts, the reply ledger and the list views. It finds the case that
// a message belongs to, lets casework decide, and writes what was decided in one
// transaction. It knows nothing of queues' and platforms' workings. README.md lists
// every kind of item that it writes, with its keys.
//
// It imports casework, policy, message, table and linktoken; the functions and
// the local host import it.
package docket

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"ines/shared/casework"
	"ines/shared/policy"
	"ines/shared/table"
)

// Settings size the register.
type Settings struct {
	QueueShards   int // index partitions per department
	DueShards     int // index partitions of the timers
	CounterShards int // items per counter
	Sheets        int // items that relay keeps account on; changed only while nothing is under way
	AddEvery      int // changes of a sheet between additions to the counters that it may keep; 0: with each
	SnapshotEvery int // commits between snapshots
}

// DefaultSettings suit one region's storm of 500 messages a second.
var DefaultSettings = Settings{QueueShards: 4, DueShards: 4, CounterShards: 8, Sheets: 2, AddEvery: 16, SnapshotEvery: 50}

// Docket is the register. It is safe for concurrent use.
type Docket struct {
	table    table.Table
	policy   *policy.Desk
	channels casework.Channels
	settings Settings
	linkKeys func(context.Context) ([]string, error)
	// recent holds the last states of cases at work. Logs only grow, so that a
	// state never goes stale: what came after it is read and folded in. A state in
	// here is shared and must not be changed.
	recent *lately[*casework.Case]
	// filed holds what long cases have filed: what their own memory dropped.
	filed *lately[*filed]
	// going is which incidents were confirmed a moment ago.
	going atomic.Pointer[going]
	// profiles and asksOpen: rules look at what only further reads can tell.
	profiles, asksOpen bool
	// settled are the commits that views are known to show.
	settled *lately[int64]
	stone   atomic.Pointer[stones] // the tombstones' key, once it is known
}

// recentCases bounds the memory for states: some 5 KB each.
const recentCases = 2048

// New makes a register over a table. linkKeys gives the keys that link tokens are
// checked with; it is asked only when a message carries a token.
func New(t table.Table, desk *policy.Desk, ch casework.Channels, linkKeys func(context.Context) ([]string, error), s Settings) *Docket {
	return &Docket{table: t, policy: desk, channels: ch, settings: s, linkKeys: linkKeys,
		recent: newLately[*casework.Case](recentCases), filed: newLately[*filed](filedCases), settled: newLately[int64](settledCases),
		profiles: desk.LooksAt("customer.tags") || desk.LooksAt("customer.language"), asksOpen: desk.LooksAt("customer.open_cases")}
}

// ErrNoCase is what Load and Log return for an id that no case has.
var ErrNoCase = errors.New("no such case")

// retries is how often a command is decided again after losing to a concurrent
// one. Each loss means that another commit was made, so that somebody advances.
const retries = 20

// Load folds a case from its newest snapshot and the commits after it: one
// query. The case that doesn't exist is ErrNoCase.
func (d *Docket) Load(ctx context.Context, id string) (*casework.Case, error) {
	c, err := d.load(ctx, id)
	if err == nil && !c.Exists() {
		return nil, fmt.Errorf("%w: %q", ErrNoCase, id)
	}
	return c, err
}

// load gives the zero case where none exists.
func (d *Docket) load(ctx context.Context, id string) (*casework.Case, error) {
	known, ok := d.recent.get(id)
	if !ok {
		return d.loadAnew(ctx, id)
	}
	news, err := d.Log(ctx, id, known.Seq)
	if err != nil || len(news) == 0 {
		return known, err
	}
	if slices.ContainsFunc(news, func(cm casework.Commit) bool { return cm.Cause.Kind == causeErasure }) {
		d.recent.remove(id) // it remembers what was erased
		return d.loadAnew(ctx, id)
	}
	c, err := casework.Fold(known, news)
	if err != nil {
		return nil, err
	}
	d.recent.set(id, c)
	return c, nil
}

// loadAnew reads the newest snapshot and what follows it. The sort keys let one
// descending query meet the newest snapshot first and then the newest commits.
func (d *Docket) loadAnew(ctx context.Context, id string) (*casework.Case, error) {
	c := &casework.Case{}
	q := table.Query{Partition: casePartition(id), From: logPrefix, To: snapPrefix + "~", Descending: true, Limit: d.settings.SnapshotEvery + 8}
	var commits []casework.Commit
	whole := false // the commits reach back to the snapshot, or to the first
	for {
		page, err := d.table.Query(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("load case %s: %w", id, err)
		}
		for _, item := range page.Items {
			if !IsCommit(item.Key) {
				if c.Exists() {
					continue // an older snapshot
				}
				if err := json.Unmarshal(item.Value, c); err != nil {
					return nil, fmt.Errorf("snapshot %s: %w", item.Key, err)
				}
				continue
			}
			cm, err := DecodeCommit(item)
			if err != nil {
				return nil, err
			}
			if cm.Seq > c.Seq {
				commits = append(commits, cm)
			}
			if cm.Seq <= c.Seq+1 {
				whole = true
				break
			}
		}
		if page.Cursor == "" || whole {
			break
		}
		q.Cursor = page.Cursor
	}
	slices.Reverse(commits)
	for _, cm := range commits {
		if err := c.Apply(cm); err != nil {
			return nil, err
		}
	}
	if c.Exists() {
		d.recent.set(id, c)
	}
	return c, nil
}

// Log reads a case's commits after a sequence number; 0 gives the whole log.
func (d *Docket) Log(ctx context.Context, id string, after int64) ([]casework.Commit, error) {
	var log []casework.Commit
	err := d.eachCommit(ctx, id, after, func(cm casework.Commit) { log = append(log, cm) })
	if err != nil {
		return nil, err
	}
	return log, nil
}

// eachCommit is Log a page at a time. On an error it may have passed on some.
func (d *Docket) eachCommit(ctx context.Context, id string, after int64, do func(casework.Commit)) error {
	q := table.Query{Partition: casePartition(id), From: logSort(after + 1), To: logPrefix + "~"}
	for {
		page, err := d.table.Query(ctx, q)
		if err != nil {
			return fmt.Errorf("read log of case %s: %w", id, err)
		}
		for _, item := range page.Items {
			cm, err := DecodeCommit(item)
			if err != nil {
				return err
			}
			do(cm)
		}
		if page.Cursor == "" {
			return nil
		}
		q.Cursor = page.Cursor
	}
}

// DecodeCommit reads a commit from its item, as the table or its change stream has
// it.
func DecodeCommit(item table.Item) (casework.Commit, error) {
	cm, err := casework.DecodeCommit(item.Value)
	if err != nil {
		return cm, fmt.Errorf("commit %s: %w", item.Key, err)
	}
	return cm, nil
}

// Order is one command for one case.
type Order struct {
	Case    string
	Command casework.Command
	By      string // colleague id, "" for the desk itself
	Cause   casework.Cause
	Now     time.Time
	// IfVersion, when not 0, refuses unless it is the case's version.
	IfVersion int64
	// IfSeen, when not 0, refuses if anything has happened since that version but
	// what is quiet: see casework.Quiet.
	IfSeen int64
	// With adds writes to the commit's transaction, given the case as it will
	// be. It is called once per attempt, also when there are no events; its
	// writes are then made alone.
	With func(after *casework.Case, events []casework.Event) ([]table.Write, error)
	// looked is what was read of pointers when the case was found.
	looked looked
}

// Do decides a command and commits what comes of it, again from the start when
// somebody else was faster. It returns the case as it then is and the events,
// none if there was nothing to do. Errors: *casework.Refusal, ErrNoCase, those of
// the table, and *table.ConflictError about With's own writes.
func (d *Docket) Do(ctx context.Context, o Order) (*casework.Case, []casework.Event, error) {
	for range retries {
		c, err := d.Load(ctx, o.Case)
		if err != nil {
			return nil, nil, err
		}
		if err := d.fresh(ctx, c, o); err != nil {
			return c, nil, err
		}
		after, events, err := d.decide(ctx, c, o)
		if errors.Is(err, errBeaten) || table.Conflicted(err, logKey(o.Case, c.Seq+1), spentKey(o.By, d.policy.Day(o.Now))) {
			continue
		}
		return after, events, err
	}
	return nil, nil, fmt.Errorf("case %s: %w: lost to concurrent commands %d times", o.Case, table.ErrUnavailable, retries)
}

// fresh refuses an order that rests on a state that has passed.
func (d *Docket) fresh(ctx context.Context, c *casework.Case, o Order) error {
	stale := func(saw int64) error {
		return &casework.Refusal{Code: casework.CodeVersionStale,
			Detail: fmt.Sprintf("The case has changed: it is at version %d, you saw %d. Look at it again.", c.Seq, saw),
			More:   map[string]any{"version": c.Seq}}
	}
	if o.IfVersion != 0 && o.IfVersion != c.Seq {
		return stale(o.IfVersion)
	}
	if o.IfSeen == 0 || o.IfSeen == c.Seq {
		return nil
	}
	if o.IfSeen < 0 || o.IfSeen > c.Seq {
		return stale(o.IfSeen)
	}
	since, err := d.Log(ctx, o.Case, o.IfSeen)
	if err != nil {
		return err
	}
	for _, cm := range since {
		if !cm.Quiet() {
			return stale(o.IfSeen)
		}
	}
	return nil
}

// Foresee decides a command and writes nothing: the case as it would be, and the
// events. Errors are those of Do.
func (d *Docket) Foresee(ctx context.Context, o Order) (*casework.Case, []casework.Event, error) {
	c, err := d.Load(ctx, o.Case)
	if err != nil {
		return nil, nil, err
	}
	day, err := d.spent(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	if _, _, err := d.pair(ctx, c, &o); err != nil {
		return nil, nil, err
	}
	env := d.env(ctx, o, day, nil)
	if err := d.knowledge(ctx, c, o, &env); err != nil {
		return c, nil, err
	}
	events, err := casework.Decide(c, o.Command, env)
	if err != nil {
		return c, nil, err
	}
	after := c.Clone()
	return after, events, after.Apply(casework.Commit{Case: o.Case, Seq: c.Seq + 1, At: o.Now.UTC(), By: o.By, Events: events})
}

func (d *Docket) env(ctx context.Context, o Order, day *spent, had *automatic) casework.Env {
	env := casework.Env{Policy: d.policy, Channels: d.channels, Now: o.Now, AutomaticToday: had.today()}
	if _, private := o.Command.(casework.GoPrivate); private {
		env.Token = d.token(ctx, o)
	}
	if day != nil {
		env.Today = maps.Clone(day.today)
	}
	return env
}

func (d *Docket) decide(ctx context.Context, c *casework.Case, o Order) (*casework.Case, []casework.Event, error) {
	day, err := d.spent(ctx, o)
	if err != nil {
		return c, nil, err
	}
	other, cmd, err := d.pair(ctx, c, &o)
	if err != nil {
		return c, nil, err
	}
	had, err := d.automatic(ctx, o)
	if err != nil {
		return c, nil, err
	}
	who, err := d.testimony(ctx, c, o, false)
	if err != nil {
		return c, nil, err
	}
	env := d.env(ctx, o, day, had)
	env.Matches = who.whom()
	if err := d.knowledge(ctx, c, o, &env); err != nil {
		return c, nil, err
	}
	events, err := casework.Decide(c, o.Command, env)
	if err != nil {
		return c, nil, err
	}
	known, err := who.follow(events)
	if err != nil {
		return c, nil, err
	}
	writes, err := d.pointers(ctx, o.Case, c, events, o.looked)
	if err != nil {
		return c, nil, err
	}
	charge, err := day.charge(events, o.Now)
	if err != nil {
		return c, nil, err
	}
	writes = slices.Concat(writes, known, charge, had.count(events, o.Now), d.asking(o.Case, events))
	if other == nil || len(events) == 0 {
		return d.commit(ctx, c, events, o, writes)
	}
	if err := d.join(ctx, other, cmd, o); err != nil {
		return c, nil, err
	}
	after, events, err := d.commit(ctx, c, events, o, append(writes, other.writes...))
	switch {
	case table.Conflicted(err, other.key()):
		return c, nil, fmt.Errorf("%w: %w", errBeaten, err)
	case err == nil && other.after != nil:
		d.recent.set(other.id, other.after)
	}
	return after, events, err
}

// commit writes events as the case's next commit, with everything that must be
// true at the same moment.
func (d *Docket) commit(ctx context.Context, c *casework.Case, events []casework.Event, o Order, pointers []table.Write) (*casework.Case, []casework.Event, error) {
	after, writes := c, pointers
	if len(events) > 0 {
		cm := casework.Commit{Case: o.Case, Seq: c.Seq + 1, At: o.Now.UTC(), By: o.By, Cause: o.Cause, Events: events}
		value, err := cm.Encode()
		if err != nil {
			return c, nil, fmt.Errorf("case %s: %w", o.Case, err)
		}
		after = c.Clone()
		if err := after.Apply(cm); err != nil {
			return c, nil, err
		}
		writes = append([]table.Write{{Item: table.Item{Key: logKey(o.Case, cm.Seq), Value: value, Seq: cm.Seq}, When: table.Absent}}, pointers...)
	}
	if o.With != nil {
		more, err := o.With(after, events)
		if err != nil {
			return c, nil, err
		}
		writes = append(writes, more...)
	}
	if len(writes) == 0 {
		return after, nil, nil
	}
	write := d.table.Write
	if claims(o, c, events, pointers) {
		write, writes = d.table.Steps, append(slices.Clone(pointers), writes[0])
	}
	if err := write(ctx, writes...); err != nil {
		return c, nil, fmt.Errorf("commit %d of case %s: %w", c.Seq+1, o.Case, err)
	}
	if len(events) > 0 {
		d.recent.set(o.Case, after)
	}
	if every := int64(d.settings.SnapshotEvery); len(events) > 0 && after.Seq%every == 0 {
		// Best effort: without it the next load reads more, nothing else.
		_ = d.snapshot(ctx, after, every)
	}
	return after, events, nil
}

func (d *Docket) snapshot(ctx context.Context, c *casework.Case, every int64) error {
	value, err := json.Marshal(c)
	if err != nil {
		return err
	}
	writes := []table.Write{{Item: table.Item{Key: snapKey(c.ID, c.Seq), Value: value, Seq: c.Seq}}}
	if c.Seq > every {
		writes = append(writes, table.Write{Op: table.OpDelete, Item: table.Item{Key: snapKey(c.ID, c.Seq-every)}})
	}
	return d.table.Write(ctx, writes...)
}
