package docket

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"ines/shared/casework"
	"ines/shared/message"
	"ines/shared/sorting"
	"ines/shared/table"
)

// metricColleague marks counters that stand beside a colleague's other items and
// need no shards: one person resolves no storm.
const metricColleague = "colleague"

// profileSort is what a colleague has solved in all; solvedSort of one topic.
const profileSort = "profile"

func solvedSort(topic string) string { return "solved#" + topic }

func colleaguePartition(id string) string { return "colleague#" + id }

// askedKey is how a colleague finds what he is asked.
func askedKey(colleague, id, question string) table.Key {
	return table.Key{Partition: colleaguePartition(colleague), Sort: askedPrefix + id + "#" + question}
}

const askedPrefix = "asked#"

// solved counts what a commit says about who solved something.
func (t tally) solved(cm casework.Commit, e casework.Resolved) {
	for _, who := range e.Solvers {
		field := casework.SolvedField(e.Language, cm.At)
		t.add(metricColleague, who+"#"+profileSort, field, 1)
		if e.Topic != "" {
			t.add(metricColleague, who+"#"+solvedSort(e.Topic), field, 1)
		}
	}
}

// solvedBy reads what each colleague of the policy has solved of a topic; "" is all
// that he has solved.
func (d *Docket) solvedBy(ctx context.Context, topic string) ([]casework.Solved, error) {
	sort := profileSort
	switch {
	case !message.Keyable(solvedSort(topic)):
		return nil, nil // no topic of any policy
	case topic != "":
		sort = solvedSort(topic)
	}
	var all []casework.Solved
	for some := range slices.Chunk(d.policy.Colleagues, 100) {
		keys := make([]table.Key, len(some))
		for i, c := range some {
			keys[i] = table.Key{Partition: colleaguePartition(c.ID), Sort: sort}
		}
		got, err := d.table.Counters(ctx, keys...)
		if err != nil {
			return nil, fmt.Errorf("what colleagues have solved: %w", err)
		}
		for i, c := range some {
			if fields := got[keys[i]]; len(fields) > 0 {
				all = append(all, casework.Solved{Colleague: c.ID, Counts: fields})
			}
		}
	}
	return all, nil
}

// Experts are the colleagues who have solved something of what is wanted, the
// likeliest to know first.
func (d *Docket) Experts(ctx context.Context, w casework.Wanted) ([]casework.Expert, error) {
	solved, err := d.solvedBy(ctx, w.Topic)
	if err != nil {
		return nil, err
	}
	return casework.RankExperts(d.policy, w, solved), nil
}

// knowledge adds to what a decision may look at: what colleagues have solved, where
// the command asks the one who knows, and what is going on, where a case opens.
func (d *Docket) knowledge(ctx context.Context, c *casework.Case, o Order, env *casework.Env) (err error) {
	if ask, ok := o.Command.(casework.AskExpert); ok && ask.Colleague == "" {
		env.Solved, err = d.solvedBy(ctx, cmp.Or(ask.Topic, c.About.Topic))
	}
	if _, ok := o.Command.(casework.Receive); ok && !c.Exists() && err == nil {
		env.Incidents, err = d.confirmed(ctx, o.Now)
	}
	if _, ok := o.Command.(casework.Reopen); ok && err == nil {
		env.GoesOn, err = d.goingOn(ctx, c, o.Now)
	}
	return err
}

// asking are the writes by which colleagues find what they are asked, and incidents
// their cases.
func (d *Docket) asking(id string, events []casework.Event) (writes []table.Write) {
	for _, e := range events {
		switch e := e.(type) {
		case casework.ExpertAsked:
			k := askedKey(e.Colleague, id, e.Question)
			writes = append(writes, putPointer(k, pointer{Case: id}, table.Item{}, false))
		case casework.ExpertAnswered:
			writes = append(writes, table.Write{Op: table.OpDelete, Item: table.Item{Key: askedKey(e.Colleague, id, e.Question)}})
		case casework.ExpertReleased:
			writes = append(writes, table.Write{Op: table.OpDelete, Item: table.Item{Key: askedKey(e.Colleague, id, e.Question)}})
		case casework.LinkedToIncident:
			writes = append(writes, putPointer(linkKey(e.Incident, id, d.settings.QueueShards), pointer{Case: id}, table.Item{}, false))
		}
	}
	return writes
}

// Asked lists the cases in which a colleague has a question to answer, the one that
// is due first at the top, as their logs say and not as their views do.
func (d *Docket) Asked(ctx context.Context, colleague string) ([]casework.View, error) {
	q := table.Query{Partition: colleaguePartition(colleague), Prefix: askedPrefix}
	var ids []string
	for {
		page, err := d.table.Query(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("what %s is asked: %w", colleague, err)
		}
		for _, item := range page.Items {
			p, _, _, err := readPointer(map[table.Key]table.Item{item.Key: item}, item.Key)
			if err != nil {
				return nil, err
			}
			if !slices.Contains(ids, p.Case) {
				ids = append(ids, p.Case)
			}
		}
		if page.Cursor == "" || len(ids) >= MaxLimit {
			break
		}
		q.Cursor = page.Cursor
	}
	views := make([]casework.View, 0, len(ids))
	for _, id := range ids[:min(len(ids), MaxLimit)] {
		c, err := d.Load(ctx, id)
		if err != nil {
			return nil, err
		}
		views = append(views, c.View())
	}
	sorting.By(views, func(a, b casework.View) int { return a.AskedOf(colleague).Due.Compare(b.AskedOf(colleague).Due) })
	return views, nil
}
