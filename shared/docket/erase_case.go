package docket

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"ines/shared/casework"
	"ines/shared/feed"
	"ines/shared/message"
	"ines/shared/policy"
	"ines/shared/table"
)

// trace is what a case's log tells of where else there is something of it.
type trace struct {
	count      Count
	people     []message.Handle // the customer's, as the case knows him
	words      []string
	threads    []casework.Thread
	messages   []message.Message // what was received: ids, places and files
	replies    []casework.ReplyRequested
	platform   map[string]casework.ReplySent // by reply
	files      []string
	customers  []string // who may have stated something in it
	deliveries map[string]time.Time
	since      time.Time
}

// tracesOf reads a case's log; of one that was erased there is nothing to tell.
func (d *Docket) tracesOf(ctx context.Context, id string, e Erasure) (t trace, err error) {
	t.deliveries, t.platform = map[string]time.Time{}, map[string]casework.ReplySent{}
	log, err := d.Log(ctx, id, 0)
	if err != nil || len(log) == 0 {
		return t, err
	}
	t.since, t.count.Cases = log[0].At, 1
	last := len(log)
	for i, cm := range log {
		if cm.Cause.Kind == "delivery" {
			env, _, _ := strings.Cut(cm.Cause.ID, "#")
			t.deliveries[env] = cm.At
		}
		for _, ev := range cm.Events {
			if _, ok := ev.(casework.Erased); ok {
				last = i
			}
			t.event(ev)
		}
	}
	c, err := casework.Fold(nil, log[:last])
	if err != nil {
		return t, err
	}
	t.threads = append(t.threads, c.Threads...)
	t.customers = claimants(c, t.messages...)
	for _, p := range append([]casework.Person{c.Customer}, c.Handles...) {
		if !p.Handle.IsZero() && (e.is(p.ID) || e.is(casework.CustomerID(p.Handle))) {
			add(&t.people, p.Handle)
			add(&t.words, nonEmpty(p.Name, p.Username)...)
		}
	}
	return t, nil
}

func nonEmpty(words ...string) []string {
	return slices.DeleteFunc(words, func(w string) bool { return strings.TrimSpace(w) == "" })
}

func (t *trace) event(ev casework.Event) {
	switch ev := ev.(type) {
	case casework.MessageReceived:
		t.count.Messages++
		if ev.Message.ID != "" {
			t.messages = append(t.messages, ev.Message)
		}
		for _, a := range ev.Message.Attachments {
			add(&t.files, nonEmpty(a.Archived)...)
		}
	case casework.AttachmentKept:
		add(&t.files, nonEmpty(ev.Key)...)
	case casework.ReplyRequested:
		t.count.Replies++
		t.replies = append(t.replies, ev)
	case casework.ReplySent:
		t.platform[ev.Reply] = ev
	case casework.NoteAdded, casework.CallLogged, casework.PromiseMade:
		t.count.Notes++
	}
}

// take adds what a case tells to the work.
func (e *Erasure) take(t trace) {
	e.Count.Cases += t.count.Cases
	e.Count.Messages += t.count.Messages
	e.Count.Replies += t.count.Replies
	e.Count.Notes += t.count.Notes
	e.learn(t)
	e.Count.Files = len(e.Files)
}

// maxMarks bounds what an item can hold; a person is known by his handles besides.
const maxMarks = 3000

func (e *Erasure) learn(t trace) {
	add(&e.People, t.people...)
	add(&e.Words, t.words...)
	add(&e.Files, t.files...)
	if e.Since.IsZero() || !t.since.IsZero() && t.since.Before(e.Since) {
		e.Since = t.since
	}
	mark := func(id string) {
		const telling = 6
		if len(id) >= telling && len(e.Marks) < maxMarks {
			add(&e.Marks, id)
		}
	}
	for _, th := range t.threads {
		mark(th.Key)
	}
	for _, m := range t.messages {
		mark(m.ID)
	}
	for _, s := range t.platform {
		mark(s.Platform)
	}
	if e.Deliveries == nil {
		e.Deliveries = map[string]time.Time{}
	}
	maps.Copy(e.Deliveries, t.deliveries)
}

// EraseFromTable takes everything that an erasure is about out of the table. It may be
// called again after any failure.
func (d *Docket) EraseFromTable(ctx context.Context, e *Erasure) error {
	if e.Phase != PhaseTable {
		return nil
	}
	if err := d.survey(ctx, e); err != nil {
		return err
	}
	if err := d.save(ctx, e); err != nil { // an erased case leads to no other
		return err
	}
	for _, id := range e.Cases {
		if err := d.eraseCase(ctx, e, id); err != nil {
			return fmt.Errorf("erasure %s: %w", e.ID, err)
		}
	}
	if e.Whole {
		if err := d.erasePerson(ctx, e); err != nil {
			return fmt.Errorf("erasure %s: %w", e.ID, err)
		}
	}
	if err := d.eraseFeeds(ctx, e); err != nil {
		return fmt.Errorf("erasure %s: %w", e.ID, err)
	}
	e.Phase = PhaseArchive
	return d.save(ctx, e)
}

// eraseCase ends a case, then takes what it led to out of the table, then the words
// out of its log: what is to be looked for elsewhere is known as long as the log is.
func (d *Docket) eraseCase(ctx context.Context, e *Erasure, id string) error {
	_, _, err := d.Do(ctx, Order{Case: id, By: e.By, Now: e.At, Cause: casework.Cause{Kind: causeErasure, ID: e.ID},
		Command: casework.Erase{Erasure: e.ID, Customer: e.Customer, Retention: e.Retention}})
	if err != nil {
		return err
	}
	t, err := d.tracesOf(ctx, id, *e)
	if err != nil {
		return err
	}
	e.learn(t)
	if err := d.save(ctx, e); err != nil {
		return err
	}
	if err := d.buryMessages(ctx, e, t); err != nil {
		return err
	}
	if err := d.dropClaims(ctx, t.customers, func(cl claim) bool { return cl.Case == id }); err != nil {
		return err
	}
	if err := d.dropPointers(ctx, id, t); err != nil {
		return err
	}
	if err := d.dropAnswers(ctx, casePartition(id)); err != nil {
		return err
	}
	if err := d.rewriteLog(ctx, id, blankCommit); err != nil {
		return err
	}
	return d.showErased(ctx, id)
}

// batch is how many writes of many go into one transaction.
const batch = 25

func (d *Docket) writeAll(ctx context.Context, writes []table.Write) error {
	for some := range slices.Chunk(writes, batch) {
		if err := d.table.Write(ctx, some...); err != nil {
			return err
		}
	}
	return nil
}

// buryMessages sets a tombstone for each message, and for each of our answers.
func (d *Docket) buryMessages(ctx context.Context, e *Erasure, t trace) error {
	s, err := d.stones(ctx, false)
	if err != nil {
		return err
	}
	value, err := json.Marshal(tombstone{Erasure: e.ID})
	if err != nil {
		return err
	}
	keys := map[table.Key]bool{}
	for _, m := range t.messages {
		keys[s.message(m.Channel, m.Inbox, m.ID)] = true
	}
	for _, r := range t.platform {
		if th, ok := t.thread(r.Thread); ok {
			keys[s.message(th.Channel, th.Inbox, r.Platform)] = true
		}
	}
	var writes []table.Write
	for k := range keys {
		writes = append(writes, table.Write{Item: table.Item{Key: k, Value: value, Seq: 1}})
	}
	return d.writeAll(ctx, writes)
}

func (t trace) thread(id string) (casework.Thread, bool) {
	i := slices.IndexFunc(t.threads, func(th casework.Thread) bool { return th.ID == id })
	if i < 0 {
		return casework.Thread{}, false
	}
	return t.threads[i], true
}

// dropPointers deletes what leads to the case from outside, with the ledgers of its
// replies: one that is still to be sent is not sent any more.
func (d *Docket) dropPointers(ctx context.Context, id string, t trace) error {
	var writes []table.Write
	gone := map[table.Key]bool{}
	drop := func(k table.Key) {
		if !gone[k] {
			gone[k] = true
			writes = append(writes, table.Write{Op: table.OpDelete, Item: table.Item{Key: k}})
		}
	}
	for _, th := range t.threads {
		if th.Key == "" {
			continue
		}
		k := threadKey(th.Channel, th.Inbox, th.Key)
		have, err := d.table.Get(ctx, k)
		if err != nil {
			return err
		}
		if p, _, ok, err := readPointer(have, k); err != nil {
			return err
		} else if ok && p.Case == id {
			drop(k)
		}
	}
	partitions := map[string]bool{}
	for _, m := range t.messages {
		partitions[messageKey(m.Channel, m.Inbox, m.ID).Partition] = true
	}
	for _, r := range t.platform {
		if th, ok := t.thread(r.Thread); ok && r.Platform != "" {
			partitions[messageKey(th.Channel, th.Inbox, r.Platform).Partition] = true
		}
	}
	for partition := range partitions {
		err := d.eachItem(ctx, table.Query{Partition: partition}, func(item table.Item) error {
			drop(item.Key)
			return nil
		})
		if err != nil {
			return err
		}
	}
	if err := d.writeAll(ctx, writes); err != nil {
		return err
	}
	for _, r := range t.replies {
		if err := d.closeLedger(ctx, r.Reply, id); err != nil {
			return err
		}
	}
	return nil
}

// closeLedger settles a reply of an erased case, without anything that it says.
func (d *Docket) closeLedger(ctx context.Context, reply, id string) error {
	for range retries {
		l, _, err := d.Ledger(ctx, reply)
		if err != nil {
			return err
		}
		empty := Ledger{Reply: reply, Case: id, Thread: l.Thread, State: LedgerFailed, Code: "erased", Attempt: l.Attempt, At: l.At, First: l.First, seq: l.seq}
		if l.State == LedgerSent {
			empty.State, empty.Code = LedgerSent, ""
		}
		_, err = d.WriteLedger(ctx, empty, "", "")
		if !errors.Is(err, ErrLedgerMoved) {
			return err
		}
	}
	return fmt.Errorf("ledger of reply %s: %w", reply, table.ErrUnavailable)
}

// dropAnswers deletes what the desk answered to requests about a case or customer.
func (d *Docket) dropAnswers(ctx context.Context, partition string) error {
	var writes []table.Write
	err := d.eachItem(ctx, table.Query{Partition: partition, Prefix: answeredPrefix}, func(item table.Item) error {
		who, key, ok := strings.Cut(item.Key.Sort[len(answeredPrefix):], "#")
		if ok {
			writes = append(writes, table.Write{Op: table.OpDelete, Item: table.Item{Key: idemKey(who, key)}})
		}
		writes = append(writes, table.Write{Op: table.OpDelete, Item: table.Item{Key: item.Key}})
		return nil
	})
	if err != nil {
		return err
	}
	return d.writeAll(ctx, writes)
}

// rewriteLog changes commits in place, and the snapshots that repeat them.
func (d *Docket) rewriteLog(ctx context.Context, id string, change func(casework.Commit) (casework.Commit, bool, error)) error {
	var writes []table.Write
	var log []casework.Commit
	err := d.eachItem(ctx, table.Query{Partition: casePartition(id), From: logPrefix, To: logPrefix + "~"}, func(item table.Item) error {
		cm, err := DecodeCommit(item)
		if err != nil {
			return err
		}
		out, changed, err := change(cm)
		if err != nil {
			return err
		}
		log = append(log, out)
		value, err := json.Marshal(out)
		if err != nil || !changed || bytes.Equal(value, item.Value) {
			return err
		}
		writes = append(writes, table.Write{Item: table.Item{Key: item.Key, Value: value, Seq: cm.Seq}, When: table.Exists})
		return nil
	})
	if err != nil {
		return err
	}
	if err := d.writeAll(ctx, writes); err != nil {
		return fmt.Errorf("rewrite the log of case %s: %w", id, err)
	}
	c, err := casework.Fold(nil, log)
	if err != nil {
		return err
	}
	d.recent.remove(id)
	d.filed.remove(id)
	old := []table.Write(nil)
	err = d.eachItem(ctx, table.Query{Partition: casePartition(id), Prefix: snapPrefix}, func(item table.Item) error {
		if item.Key != snapKey(id, c.Seq) {
			old = append(old, table.Write{Op: table.OpDelete, Item: table.Item{Key: item.Key}})
		}
		return nil
	})
	if err != nil {
		return err
	}
	value, err := json.Marshal(c)
	if err != nil {
		return err
	}
	// The new one first: without any a long case would have to be read whole.
	return d.writeAll(ctx, append([]table.Write{{Item: table.Item{Key: snapKey(id, c.Seq), Value: value, Seq: c.Seq}}}, old...))
}

// showErased moves a case's view on by what is left of its log, as relay does: nothing
// that relay still has to come to does anything in an erased case.
func (d *Docket) showErased(ctx context.Context, id string) error {
	for range retries {
		log, err := d.Log(ctx, id, 0)
		if err != nil {
			return err
		}
		updates, err := d.Lagging(ctx, log)
		if err == nil && len(updates) > 0 {
			err = d.Show(ctx, updates)
		}
		if !table.Conflicted(err) {
			return err
		}
	}
	return fmt.Errorf("view of case %s: %w", id, table.ErrUnavailable)
}

// eraseFeeds takes what was erased out of the feeds on this table: the departments',
// and that of actions. What was to be done stays there with its id and amount.
func (d *Docket) eraseFeeds(ctx context.Context, e *Erasure) error {
	his := casework.Traces{Handles: e.People, Words: e.Words}
	feeds := []string{policy.ActionsFeed}
	for _, dept := range d.policy.Departments {
		feeds = append(feeds, dept.ID)
	}
	for _, name := range feeds {
		err := feed.Rewrite(ctx, d.table, name, func(f *feed.Entry) (changed bool, err error) {
			cm := casework.Commit{Case: f.Case.ID, Seq: f.Case.Version, At: f.At, By: f.By, Events: f.Events}
			switch {
			case slices.Contains(e.Cases, f.Case.ID):
				cm, err = cm.Blank()
				changed = true
			case slices.Contains(e.Others, f.Case.ID):
				cm, changed, err = cm.Without(his)
			}
			f.Events = cm.Events
			return changed, err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
