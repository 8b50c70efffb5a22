package docket

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"ines/shared/classify/surge"
	"ines/shared/incident"
	"ines/shared/message"
	"ines/shared/table"
)

// topicField counts the customers who write about a topic, beside the departments'
// cases: each whose case opens about it, or to whose open case it is news.
func topicField(community, topic string) string { return "topic/" + community + "/" + topic }

// watchKey keeps what was counted before the counters that are read each time.
var watchKey = table.Key{Partition: incidentsPartition, Sort: "watch"}

// watch is the past of all topics, by the hour: enough for the expectation, which
// is a mean over days.
type watch struct {
	seq   int64
	First time.Time `json:"first"` // when watching began
	Upto  time.Time `json:"upto"`  // the first quarter of an hour that is not in Hours
	// Hours is field → hour, as a number of surge's buckets, → cases.
	Hours map[string]map[int64]int `json:"hours"`
	Last  map[string]time.Time     `json:"last"` // when a field was alerted about
}

const (
	watchLife  = 5 * 24 * time.Hour
	watchFresh = time.Hour // counters may still grow
	perHour    = int64(time.Hour / surge.Width)
)

// Watch looks for surges, proposes an incident for each, and goes on with those that
// are confirmed. It is called once a minute, and may be called more often.
func (d *Docket) Watch(ctx context.Context, now time.Time) error {
	a, err := d.active(ctx)
	if err != nil {
		return err
	}
	err = d.notice(ctx, a, now)
	if table.Conflicted(err) {
		err = nil // somebody else noticed at the same moment
	}
	for _, i := range a.All {
		if i.Status == incident.Confirmed {
			err = errors.Join(err, d.Advance(ctx, i.ID, now, d.policy.Incidents.Pace))
		}
	}
	return err
}

func (d *Docket) notice(ctx context.Context, a active, now time.Time) error {
	w, err := d.watched(ctx, now)
	if err != nil {
		return err
	}
	recent, moved, err := w.catchUp(ctx, d, now)
	if err != nil {
		return err
	}
	if moved { // the past has grown: keep it, whatever is noticed
		if err := d.table.Write(ctx, w.write()); err != nil {
			return fmt.Errorf("what was counted: %w", err)
		}
		w.seq++
	}
	for _, com := range d.policy.Communities {
		for _, found := range d.surges(w, recent, com.ID, now) {
			if err := d.propose(ctx, w, a, com.ID, found, now); err != nil {
				return err
			}
			w.seq++
			if a, err = d.active(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *Docket) watched(ctx context.Context, now time.Time) (*watch, error) {
	have, err := d.table.Get(ctx, watchKey)
	if err != nil {
		return nil, fmt.Errorf("what was counted: %w", err)
	}
	w := &watch{First: now.UTC(), Upto: now.UTC().Truncate(time.Hour).Add(-2 * time.Hour)}
	if item, ok := have[watchKey]; ok {
		if err := json.Unmarshal(item.Value, w); err != nil {
			return nil, fmt.Errorf("what was counted: %w", err)
		}
		w.seq = item.Seq
	}
	if w.Hours == nil {
		w.Hours = map[string]map[int64]int{}
	}
	if w.Last == nil {
		w.Last = map[string]time.Time{}
	}
	return w, nil
}

// catchUp reads the counters that are not in the past yet, moves those of hours
// long over into it, and returns the others.
func (w *watch) catchUp(ctx context.Context, d *Docket, now time.Time) (recent map[string]map[int64]int, moved bool, err error) {
	recent = map[string]map[int64]int{}
	w.Upto = maxTime(w.Upto, now.Add(-watchLife).Truncate(time.Hour))
	over := now.UTC().Add(-watchFresh).Truncate(time.Hour)
	if moved = w.Upto.Before(over) || w.seq == 0; moved {
		defer w.forget(now)
	}
	var buckets []string
	for at := w.Upto; !at.After(now); at = at.Add(surge.Width) {
		buckets = append(buckets, FlowBucket(at))
	}
	counted, err := d.byBucket(ctx, metricFlow, buckets...)
	if err != nil {
		return nil, false, err
	}
	for at := w.Upto; !at.After(now); at = at.Add(surge.Width) {
		into, bucket := recent, surge.Bucket(at)
		if at.Before(over) {
			into, bucket = w.Hours, bucket-bucket%perHour
		}
		for field, n := range counted[FlowBucket(at)] {
			if !strings.HasPrefix(field, "topic/") {
				continue
			}
			if into[field] == nil {
				into[field] = map[int64]int{}
			}
			into[field][bucket] += int(n)
		}
	}
	w.Upto = maxTime(w.Upto, over)
	return recent, moved, nil
}

func maxTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

func (w *watch) forget(now time.Time) {
	oldest := surge.Bucket(now.Add(-watchLife))
	for field, hours := range w.Hours {
		for h := range hours {
			if h < oldest {
				delete(hours, h)
			}
		}
		if len(hours) == 0 {
			delete(w.Hours, field)
		}
	}
}

func (w *watch) write() table.Write {
	value, err := json.Marshal(w)
	if err != nil {
		panic("what was counted is plain data: " + err.Error())
	}
	return replace(table.Item{Key: watchKey, Value: value}, w.seq)
}

// found is a topic that surges.
type foundSurge struct{ topic, why string }

// surges are the topics of a community that surge. Each count is somebody else's:
// a customer has one open case of a brand, and what is news to it is so once in a window.
func (d *Docket) surges(w *watch, recent map[string]map[int64]int, community string, now time.Time) (all []foundSurge) {
	prefix := topicField(community, "")
	var counts []surge.Count
	last := map[string]time.Time{}
	hour := map[string]int{}
	offset := 0
	for _, from := range []map[string]map[int64]int{w.Hours, recent} {
		for field, buckets := range from {
			topic, ok := strings.CutPrefix(field, prefix)
			if !ok {
				continue
			}
			last[topic] = w.Last[field]
			for b, n := range buckets {
				c := surge.Count{Topic: topic, Bucket: b, Texts: n}
				for range min(n, 64) {
					c.Authors |= surge.Author(uint64(offset))
					offset++
				}
				counts = append(counts, c)
				if surge.Bucket(now)-b < perHour {
					hour[topic] += n
				}
			}
		}
	}
	if now.Sub(w.First) < 24*time.Hour {
		for _, topic := range sortedKeys(hour) {
			if n := hour[topic]; topic != "" && n >= d.policy.Incidents.Burst && now.Sub(last[topic]) >= 6*time.Hour {
				all = append(all, foundSurge{topic, fmt.Sprintf("%d customers wrote about %s within an hour; from %d on it is noticed.", n, topic, d.policy.Incidents.Burst)})
			}
		}
		return all
	}
	// An empty count says how far back the past reaches: quiet hours are history.
	counts = append(counts, surge.Count{Topic: "", Bucket: surge.Bucket(maxTime(w.First, now.Add(-watchLife))), Texts: 1, Authors: 1})
	for _, a := range surge.Detect(now, counts, last) {
		if a.Topic != "" {
			all = append(all, foundSurge{a.Topic, fmt.Sprintf("%d customers wrote about %s within %s, where %.1f were to be expected.", a.Texts, a.Topic, strings.TrimSuffix(a.Window.String(), "0m0s"), a.Expected)})
		}
	}
	return all
}

// propose makes an incident of a surge, unless there is one.
func (d *Docket) propose(ctx context.Context, w *watch, a active, community string, f foundSurge, now time.Time) error {
	w.Last[topicField(community, f.topic)] = now.UTC()
	for _, i := range a.All {
		if i.Community == community && i.Topic == f.topic {
			return d.table.Write(ctx, w.write())
		}
	}
	e := incident.Event{Seq: 1, At: now.UTC(), Kind: "proposed", Why: f.why, Community: community, Topic: f.topic, Since: now.UTC().Add(-d.policy.Incidents.Window),
		ID: message.DeriveID("incident", community, f.topic, now.UTC().Format(time.RFC3339))}
	var i incident.Incident
	i.Apply(e)
	return d.record(ctx, i, e, w.write())
}
