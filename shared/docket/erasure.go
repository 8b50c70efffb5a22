package docket

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"ines/shared/casework"
	"ines/shared/message"
	"ines/shared/table"
)

// Erasure is the work of forgetting somebody, or a case whose time has come. It is
// kept while it is under way, so that a crash ends nothing; what it then knows of the
// person goes when it is done.
type Erasure struct {
	ID        string    `json:"id"`
	Customer  string    `json:"customer"`
	Also      []string  `json:"also,omitempty"` // those whom he is one with
	By        string    `json:"by,omitempty"`
	Why       string    `json:"why,omitempty"`
	At        time.Time `json:"at"`
	Retention bool      `json:"retention,omitempty"` // the time of its cases had come
	// Whole: the person is forgotten, not only these cases.
	Whole bool  `json:"whole,omitempty"`
	Phase Phase `json:"phase"`
	Count Count `json:"count"`

	Cases  []string `json:"cases,omitempty"`  // that go whole
	Others []string `json:"others,omitempty"` // of others, in which the person wrote
	// People are his handles, Words his names; Marks are the ids of messages and
	// conversations by which deliveries about him are known.
	People []message.Handle `json:"people,omitempty"`
	Words  []string         `json:"words,omitempty"`
	Marks  []string         `json:"marks,omitempty"`
	Files  []string         `json:"files,omitempty"` // keys of the archive
	// Deliveries are the envelopes that are known to be his, and when each came.
	Deliveries map[string]time.Time `json:"deliveries,omitempty"`
	Since      time.Time            `json:"since,omitzero"`   // when the first came
	Swept      time.Time            `json:"swept,omitzero"`   // the archive is done up to here
	Failed     string               `json:"failed,omitempty"` // why the last try did not end

	seq int64
	who *Group // as survey found them
}

// Phase is how far an erasure has come.
type Phase string

const (
	PhaseTable   Phase = "table"
	PhaseArchive Phase = "archive"
	PhaseDone    Phase = "done"
)

// Count is how much an erasure takes away.
type Count struct {
	Cases      int `json:"cases"`
	Messages   int `json:"messages"` // received
	Replies    int `json:"replies"`
	Notes      int `json:"notes"` // of colleagues, with calls and promises
	Files      int `json:"files"`
	Handles    int `json:"handles"`
	Mentions   int `json:"mentions"`   // others' cases in which the person wrote
	Deliveries int `json:"deliveries"` // webhooks in the archive; before it is done, those that are known
}

// ErrNoCustomer is about an id that nobody has.
var ErrNoCustomer = errors.New("no such customer")

// causeErasure is the cause of the commits that say that something was erased.
const causeErasure = "erasure"

const (
	erasuresOpen = "erasure#open"
	erasuresDone = "erasure#done"
)

func erasedKey(customer string) table.Key {
	return table.Key{Partition: "customer#" + customer, Sort: "erased"}
}

func putErasure(e Erasure, had int64) (table.Write, error) {
	value, err := json.Marshal(e)
	if err != nil {
		return table.Write{}, fmt.Errorf("erasure %s: %w", e.ID, err)
	}
	return replace(table.Item{Key: table.Key{Partition: erasuresOpen, Sort: e.ID}, Value: value}, had), nil
}

// save moves the work on from what was read. Two workers that do the same work both
// end it; who loses here has to look again.
func (d *Docket) save(ctx context.Context, e *Erasure) error {
	w, err := putErasure(*e, e.seq)
	if err == nil {
		err = d.table.Write(ctx, w)
	}
	if err != nil {
		return fmt.Errorf("erasure %s: %w", e.ID, err)
	}
	e.seq++
	return nil
}

// begin keeps the work from its beginning on. The stones of those who are forgotten
// whole stand from the same moment: from then on nobody is joined with them, or
// proposed to be, and nobody was since they were looked up.
func (d *Docket) begin(ctx context.Context, e *Erasure) error {
	w, err := putErasure(*e, e.seq)
	if err != nil {
		return err
	}
	writes := []table.Write{w}
	if e.Whole {
		stones, err := e.graves()
		if err != nil {
			return err
		}
		root := e.who.Root()
		check := absent(identityKey(root))
		if seq := e.who.seqs[root]; seq > 0 {
			check.When, check.Seq = table.SeqIs, seq
		}
		writes = append(append(writes, stones...), check)
	}
	if err := d.table.Write(ctx, writes...); err != nil {
		return fmt.Errorf("erasure %s: %w", e.ID, err)
	}
	e.seq++
	return nil
}

// Erasures lists what is under way.
func (d *Docket) Erasures(ctx context.Context) (all []Erasure, err error) {
	err = d.eachItem(ctx, table.Query{Partition: erasuresOpen}, func(item table.Item) error {
		e := Erasure{seq: item.Seq}
		if err := json.Unmarshal(item.Value, &e); err != nil {
			return fmt.Errorf("erasure %s: %w", item.Key, err)
		}
		all = append(all, e)
		return nil
	})
	return all, err
}

func (d *Docket) eachItem(ctx context.Context, q table.Query, do func(table.Item) error) error {
	for {
		page, err := d.table.Query(ctx, q)
		if err != nil {
			return err
		}
		for _, item := range page.Items {
			if err := do(item); err != nil {
				return err
			}
		}
		if page.Cursor == "" {
			return nil
		}
		q.Cursor = page.Cursor
	}
}

// Forgotten is what is left of a customer who was erased; ok is false for others.
func (d *Docket) Forgotten(ctx context.Context, customer string) (e Erasure, ok bool, err error) {
	k := erasedKey(customer)
	have, err := d.table.Get(ctx, k)
	if err != nil {
		return e, false, fmt.Errorf("customer %s: %w", customer, err)
	}
	item, ok := have[k]
	if ok {
		err = json.Unmarshal(item.Value, &e)
	}
	return e, ok, err
}

// ForeseeErasure says what erasing a customer would take away, and writes nothing.
func (d *Docket) ForeseeErasure(ctx context.Context, customer string) (Erasure, error) {
	e := Erasure{Customer: customer, Whole: true}
	if err := d.survey(ctx, &e); err != nil {
		return e, err
	}
	if err := d.measure(ctx, &e); err != nil {
		return e, err
	}
	for _, h := range e.People {
		if err := d.eachItem(ctx, table.Query{Partition: partitionOf(h), Prefix: appearedPrefix}, func(item table.Item) error {
			if id, ok := caseAppeared(item.Key); ok && !slices.Contains(e.Cases, id) && !slices.Contains(e.Others, id) {
				e.Others = append(e.Others, id)
			}
			return nil
		}); err != nil {
			return e, err
		}
	}
	e.Count.Handles, e.Count.Mentions, e.Count.Deliveries = len(e.People), len(e.Others), len(e.Deliveries)
	if len(e.Cases) == 0 && len(e.Others) == 0 {
		return e, fmt.Errorf("%w: %q", ErrNoCustomer, customer)
	}
	return e, nil
}

// survey finds the cases of a customer, with those that are part of them.
func (d *Docket) survey(ctx context.Context, e *Erasure) error {
	var open []string
	if e.Whole {
		g, err := d.Group(ctx, e.Customer)
		if err != nil {
			return err
		}
		e.who = g
		for _, m := range g.Members {
			if m != e.Customer {
				add(&e.Also, m)
			}
		}
		for _, m := range e.everyone() {
			more, err := d.casesToErase(ctx, m)
			if err != nil {
				return fmt.Errorf("cases of customer %s: %w", m, err)
			}
			open = append(open, more...)
		}
	}
	seen := map[string]bool{}
	for open = append(open, e.Cases...); len(open) > 0; open = open[1:] {
		id := open[0]
		if id == "" || seen[id] {
			continue
		}
		seen[id] = true
		c, err := d.load(ctx, id)
		if err != nil {
			return err
		}
		if !c.Exists() || c.IsErased() {
			continue // what it led to is known already
		}
		if !e.is(c.Customer.ID) && e.Whole && !slices.Contains(e.Cases, id) {
			// Another's, which his was merged into, or whose pointer has not moved yet.
			if slices.ContainsFunc(e.everyone(), c.Knows) {
				add(&e.Others, id)
			}
			continue
		}
		parts, parted, err := d.partsOf(ctx, c)
		if err != nil {
			return err
		}
		add(&e.Cases, append(parts, id)...)
		open = append(append(open, parts...), c.MergedInto)
		if e.Whole {
			if err := d.leftWords(ctx, e, c, parted); err != nil {
				return err
			}
		}
	}
	return nil
}

// casesToErase are a customer's cases: those that the index knows, and the newest, which
// it may not know, or not yet.
func (d *Docket) casesToErase(ctx context.Context, customer string) (open []string, err error) {
	err = d.eachItem(ctx, table.Query{Index: IndexCustomer, Partition: customer}, func(item table.Item) error {
		v, err := decodeView(item)
		open = append(open, v.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	pointed, err := d.pointedCases(ctx, customer)
	return append(open, pointed...), err
}

// everyone are the customers whom an erasure forgets.
func (e *Erasure) everyone() []string { return append([]string{e.Customer}, e.Also...) }

func (e *Erasure) is(customer string) bool { return slices.Contains(e.everyone(), customer) }

// StartErasure begins to forget a customer, or goes on with it where that is under
// way. A customer whom nobody knows is ErrNoCustomer.
func (d *Docket) StartErasure(ctx context.Context, customer, by, why string, now time.Time) (Erasure, error) {
	e := Erasure{ID: message.DeriveID("erasure", customer, instant(now)), Customer: customer, By: by, Why: why, At: now, Whole: true, Phase: PhaseTable}
	all, err := d.Erasures(ctx)
	if err != nil {
		return e, err
	}
	for _, under := range all {
		if under.is(customer) && under.Whole {
			return under, nil
		}
	}
	for range retries {
		now := e
		if err := errors.Join(d.survey(ctx, &now), d.measure(ctx, &now)); err != nil {
			return now, err
		}
		if len(now.Cases) == 0 && len(now.Others) == 0 {
			return now, fmt.Errorf("%w: %q", ErrNoCustomer, customer)
		}
		if err := d.begin(ctx, &now); !table.Conflicted(err, identityKey(now.who.Root())) {
			return now, err
		}
	}
	return e, fmt.Errorf("erasure %s: %w: lost to concurrent changes %d times", e.ID, table.ErrUnavailable, retries)
}

// measure counts what there is, before any of it goes.
func (d *Docket) measure(ctx context.Context, e *Erasure) error {
	for _, id := range e.Cases {
		t, err := d.tracesOf(ctx, id, *e)
		if err != nil {
			return err
		}
		e.take(t)
	}
	if e.Whole {
		if err := d.named(ctx, e); err != nil {
			return err
		}
		for _, h := range e.People {
			if err := d.eachEarly(ctx, h, func(of earlyOf) error { e.brought(of); return nil }); err != nil {
				return err
			}
		}
	}
	e.Count.Handles, e.Count.Deliveries = len(e.People), len(e.Deliveries)
	return nil
}

// Expire begins to forget the closed cases whose brand keeps them no longer, at most
// limit of each department and shard, and says how many it found. A customer of whom
// nothing else is left is forgotten with his last case.
func (d *Docket) Expire(ctx context.Context, now time.Time, limit int) (found int, err error) {
	shortest := time.Duration(1<<63 - 1)
	for _, b := range d.policy.Brands {
		shortest = min(shortest, b.Retention)
	}
	for _, dept := range d.policy.Departments {
		for shard := range d.settings.QueueShards {
			page, err := d.table.Query(ctx, table.Query{Index: IndexQueue, Partition: fmt.Sprintf("closed#%s#%d", dept.ID, shard),
				To: instant(now.Add(-shortest)) + "~", Limit: limit})
			if err != nil {
				return found, fmt.Errorf("cases whose time has come: %w", err)
			}
			for _, item := range page.Items {
				v, err := decodeView(item)
				if err != nil {
					return found, err
				}
				brand, ok := d.policy.Brand(v.Brand)
				if !ok {
					continue // a brand that left the policy: nobody said how long
				}
				if now.Before(v.ResolvedAt.Add(brand.Retention)) {
					continue
				}
				if err := d.expire(ctx, v, now); err != nil {
					return found, err
				}
				found++
			}
		}
	}
	return found, nil
}

func (d *Docket) expire(ctx context.Context, v casework.View, now time.Time) error {
	e := Erasure{ID: message.DeriveID("retention", v.ID), Customer: v.Customer.ID, At: now, Retention: true, Phase: PhaseTable, Cases: []string{v.ID}}
	whole := e
	whole.Whole, whole.Cases = true, nil
	if err := d.survey(ctx, &whole); err != nil {
		return err
	}
	if err := d.survey(ctx, &e); err != nil {
		return err
	}
	if len(whole.Others) == 0 && !slices.ContainsFunc(whole.Cases, func(id string) bool { return !slices.Contains(e.Cases, id) }) {
		e.Whole, e.Also, e.who = true, whole.Also, whole.who
	}
	if err := d.measure(ctx, &e); err != nil {
		return err
	}
	err := d.begin(ctx, &e)
	if table.Conflicted(err) {
		return nil // it is under way; or somebody was joined with him, and the clock comes again
	}
	return err
}

// add keeps every value once.
func add[T comparable](to *[]T, values ...T) {
	for _, v := range values {
		if !slices.Contains(*to, v) {
			*to = append(*to, v)
		}
	}
}

// FinishErasure ends the work: what it knows of the person goes, and the cases are
// looked at once more, for what somebody may have written while it went on.
func (d *Docket) FinishErasure(ctx context.Context, e *Erasure) error {
	for _, id := range e.Cases {
		err := d.rewriteLog(ctx, id, blankCommit)
		if err == nil {
			err = d.dropAnswers(ctx, casePartition(id))
		}
		if err != nil {
			return fmt.Errorf("erasure %s: %w", e.ID, err)
		}
	}
	if err := d.eraseFeeds(ctx, e); err != nil {
		return fmt.Errorf("erasure %s: %w", e.ID, err)
	}
	e.Phase = PhaseDone
	if e.Count.Deliveries < len(e.Deliveries) {
		e.Count.Deliveries = len(e.Deliveries)
	}
	writes := []table.Write{{Op: table.OpDelete, Item: table.Item{Key: table.Key{Partition: erasuresOpen, Sort: e.ID}}}}
	if e.Customer != "" {
		value, err := json.Marshal(e.Epitaph())
		if err != nil {
			return err
		}
		writes = append(writes, table.Write{Item: table.Item{Key: table.Key{Partition: erasuresDone, Sort: instant(e.At) + "#" + e.ID}, Value: value, Seq: 1}})
		if e.Whole {
			graves, err := e.graves()
			if err != nil {
				return err
			}
			writes = append(writes, graves...)
		}
	}
	if err := d.table.Write(ctx, writes...); err != nil {
		return fmt.Errorf("erasure %s: %w", e.ID, err)
	}
	return nil
}

// blankCommit empties a commit, but for the one that says that the case was erased.
func blankCommit(cm casework.Commit) (casework.Commit, bool, error) {
	if cm.Cause.Kind == causeErasure {
		return cm, false, nil
	}
	out, err := cm.Blank()
	return out, true, err
}

// SaveErasure keeps how far an erasure has come. A conflict means that somebody else
// is at it, too.
func (d *Docket) SaveErasure(ctx context.Context, e *Erasure) error { return d.save(ctx, e) }
