package docket

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"ines/shared/casework"
	"ines/shared/table"
)

// The counters' metrics. Outcomes have one bucket, flow has one per quarter of an
// hour with a field per department and direction.
const (
	metricOutcomes = "outcomes"
	metricFlow     = "flow"
	// Automatic answers have a bucket for all and one for each day on which they were
	// given, with a field per answer and outcome.
	metricAutomation = "automation"
	fieldAnswered    = "answered"
	bucketTotal      = "total"
	fieldItems       = "items"
)

// tally collects what one transaction adds to the counters.
type tally map[[2]string]map[string]int64 // metric and bucket → field → n

func (t tally) add(metric, bucket, field string, n int64) {
	if n == 0 {
		return
	}
	k := [2]string{metric, bucket}
	if t[k] == nil {
		t[k] = map[string]int64{}
	}
	t[k][field] += n
}

func (t tally) merge(more tally) {
	for k, fields := range more {
		for f, n := range fields {
			t.add(k[0], k[1], f, n)
		}
	}
}

func (t tally) outcome(outcome string, items int) {
	if outcome != "" {
		t.add(metricOutcomes, bucketTotal, outcome, 1)
	}
	t.add(metricOutcomes, bucketTotal, fieldItems, int64(items))
}

// commit counts what a commit says; c is the case after it, day the desk's day.
func (t tally) commit(c *casework.Case, cm casework.Commit, day func(time.Time) string) {
	t.outcome(cm.Cause.Outcome, cm.Cause.Items)
	for _, e := range cm.Events {
		t.report(day(cm.At), c, e)
		t.voice(day(cm.At), c, e)
		switch e := e.(type) {
		case casework.AutomaticAnswer:
			t.automation(day(cm.At), e.Answer+"/"+fieldAnswered)
		case casework.AutomationOutcome:
			t.automation(day(c.AnsweredAt(e.Reply, cm.At)), e.Answer+"/"+e.Outcome)
		case casework.CaseOpened:
			t.add(metricFlow, FlowBucket(cm.At), "arrived/"+c.Department, 1)
			if e.FollowsUp == "" {
				t.add(metricFlow, FlowBucket(cm.At), topicField(c.Community, c.About.Topic), 1)
			}
		case casework.LinkedToIncident:
			t.add(metricIncident, e.Incident, incidentLinked, 1)
		case casework.IncidentAnswered:
			t.add(metricIncident, e.Incident, incidentResult(e), 1)
		case casework.Resolved:
			t.add(metricFlow, FlowBucket(cm.At), "resolved/"+c.Department, 1)
			t.solved(cm, e)
		}
	}
}

// takeOutcomes takes the outcomes, which a sheet has itself, out of the tally.
func (t tally) takeOutcomes() map[string]int64 {
	k := [2]string{metricOutcomes, bucketTotal}
	outcomes := t[k]
	delete(t, k)
	return outcomes
}

func (t tally) writes(shards int, by string) []table.Write {
	var writes []table.Write
	for k, fields := range t {
		writes = append(writes, table.Write{Op: table.OpAdd, Item: table.Item{Key: counterKey(k[0], k[1], shardOf(by, shards))}, Fields: fields})
	}
	return writes
}

// Outcomes sums the counted outcomes since the table began, and how many items
// were read. The two agree whenever no item is under way.
func (d *Docket) Outcomes(ctx context.Context) (items int64, outcomes map[string]int64, err error) {
	sum, err := d.counters(ctx, metricOutcomes, bucketTotal)
	if err != nil {
		return 0, nil, err
	}
	sheets := make([]*sheet, max(1, d.settings.Sheets))
	for n := range sheets {
		sheets[n] = &sheet{n: n}
	}
	if err := d.readSheets(ctx, sheets...); err != nil {
		return 0, nil, err
	}
	for _, s := range sheets {
		for outcome, n := range s.Outcomes {
			sum[outcome] += n
		}
	}
	items = sum[fieldItems]
	delete(sum, fieldItems)
	return items, sum, nil
}

// Flow sums the cases that came to and left each department in the quarters of an
// hour that [from, to] touches.
func (d *Docket) Flow(ctx context.Context, from, to time.Time) (map[string]int64, error) {
	var buckets []string
	for t := from.UTC().Truncate(15 * time.Minute); !t.After(to); t = t.Add(15 * time.Minute) {
		buckets = append(buckets, FlowBucket(t))
	}
	return d.counters(ctx, metricFlow, buckets...)
}

func (d *Docket) counters(ctx context.Context, metric string, buckets ...string) (map[string]int64, error) {
	sum := map[string]int64{}
	for bs := range slices.Chunk(buckets, max(1, 100/d.settings.CounterShards)) {
		var keys []table.Key
		for _, b := range bs {
			for s := range d.settings.CounterShards {
				keys = append(keys, counterKey(metric, b, s))
			}
		}
		got, err := d.table.Counters(ctx, keys...)
		if err != nil {
			return nil, fmt.Errorf("counters of %s: %w", metric, err)
		}
		for fields := range maps.Values(got) {
			for f, n := range fields {
				sum[f] += n
			}
		}
	}
	return sum, nil
}
