package docket

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
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
	if topic := c.NewsOf(cm); topic != "" {
		t.add(metricFlow, FlowBucket(cm.At), topicField(c.Community, topic), 1)
	}
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

// takeWaiting takes what a sheet keeps for a while out of the tally: what each case
// that begins moves.
func (t tally) takeWaiting() tally {
	taken := tally{}
	for k, fields := range t {
		if onSheet(k[0]) {
			taken[k] = fields
			delete(t, k)
		}
	}
	return taken
}

func onSheet(metric string) bool { return metric == metricFlow || metric == metricVoice }

// large reports whether it is too much to be kept on a sheet.
func (t tally) large() bool {
	fields := 0
	for f := range maps.Values(t) {
		fields += len(f)
	}
	return len(t) > maxKept || fields > maxKeptFields
}

// named is the tally as a sheet has it.
func (t tally) named() map[string]map[string]int64 {
	if len(t) == 0 {
		return nil
	}
	all := map[string]map[string]int64{}
	for k, fields := range t {
		all[k[0]+"#"+k[1]] = fields
	}
	return all
}

// waiting is what has not been added to the counters yet.
func (a account) waiting() tally {
	t := tally{}
	for name, fields := range a.Waiting {
		metric, bucket, _ := strings.Cut(name, "#")
		for f, n := range fields {
			t.add(metric, bucket, f, n)
		}
	}
	return t
}

// allSheets reads them all.
func (d *Docket) allSheets(ctx context.Context) ([]*sheet, error) {
	sheets := make([]*sheet, max(1, d.settings.Sheets))
	for n := range sheets {
		sheets[n] = &sheet{n: n}
	}
	return sheets, d.readSheets(ctx, sheets...)
}

// Outcomes sums the counted outcomes since the table began, and how many items
// were read. The two agree whenever no item is under way.
func (d *Docket) Outcomes(ctx context.Context) (items int64, outcomes map[string]int64, err error) {
	sum, err := d.counters(ctx, metricOutcomes, bucketTotal)
	if err != nil {
		return 0, nil, err
	}
	sheets, err := d.allSheets(ctx)
	if err != nil {
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

// counters sums a metric over buckets, by field.
func (d *Docket) counters(ctx context.Context, metric string, buckets ...string) (map[string]int64, error) {
	each, err := d.byBucket(ctx, metric, buckets...)
	if err != nil {
		return nil, err
	}
	sum := map[string]int64{}
	for fields := range maps.Values(each) {
		for f, n := range fields {
			sum[f] += n
		}
	}
	return sum, nil
}

// byBucket is what was counted of a metric, by bucket and field.
func (d *Docket) byBucket(ctx context.Context, metric string, buckets ...string) (map[string]map[string]int64, error) {
	if !onSheet(metric) {
		return d.added(ctx, metric, buckets)
	}
	before, err := d.allSheets(ctx)
	if err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		each, err := d.added(ctx, metric, buckets)
		if err != nil {
			return nil, err
		}
		after, err := d.allSheets(ctx)
		if err != nil {
			return nil, err
		}
		// What waited may have been added since. In a storm something always was, and
		// the sums are those of a moment anyway.
		if still := slices.EqualFunc(before, after, func(a, b *sheet) bool { return a.seq == b.seq }); still || try == 3 {
			for _, s := range after {
				t := s.waiting()
				for _, b := range buckets {
					for f, n := range t[[2]string{metric, b}] {
						if each[b] == nil {
							each[b] = map[string]int64{}
						}
						each[b][f] += n
					}
				}
			}
			return each, nil
		}
		before = after
	}
}

// added is what the counters themselves say.
func (d *Docket) added(ctx context.Context, metric string, buckets []string) (map[string]map[string]int64, error) {
	each := map[string]map[string]int64{}
	for bs := range slices.Chunk(buckets, max(1, 100/d.settings.CounterShards)) {
		var keys []table.Key
		of := map[table.Key]string{}
		for _, b := range bs {
			for s := range d.settings.CounterShards {
				k := counterKey(metric, b, s)
				keys, of[k] = append(keys, k), b
			}
		}
		got, err := d.table.Counters(ctx, keys...)
		if err != nil {
			return nil, fmt.Errorf("counters of %s: %w", metric, err)
		}
		for k, fields := range got {
			if each[of[k]] == nil {
				each[of[k]] = map[string]int64{}
			}
			for f, n := range fields {
				each[of[k]][f] += n
			}
		}
	}
	return each, nil
}
