package docket

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"ines/shared/casework"
	"ines/shared/incident"
	"ines/shared/table"
)

// Counters of an incident, one bucket each.
const (
	metricIncident   = "incident"
	incidentLinked   = "linked"
	incidentAnswered = "answered"
	incidentHeld     = "held"
)

func incidentResult(e casework.IncidentAnswered) string {
	if e.Held != "" {
		return incidentHeld
	}
	return incidentAnswered
}

// incidentsPartition is the index partition in which incidents stand by time.
const incidentsPartition = "incidents"

func incidentPartition(id string) string { return "incident#" + id }

func incidentKey(id string) table.Key {
	return table.Key{Partition: incidentPartition(id), Sort: viewSort}
}

func incidentLogKey(id string, seq int64) table.Key {
	return table.Key{Partition: incidentPartition(id), Sort: logSort(seq)}
}

// activeKey holds the incidents that are not closed: a short list that is looked at
// when a case opens.
var activeKey = table.Key{Partition: incidentsPartition, Sort: "active"}

// linkKey says that a case belongs to an incident; sharded, because a storm links.
func linkKey(incident, id string, shards int) table.Key {
	return table.Key{Partition: linkPartition(incident, shardOf(id, shards)), Sort: "case#" + id}
}

func linkPartition(incident string, shard int) string {
	return incidentPartition(incident) + "#" + strconv.Itoa(shard)
}

// ErrNoIncident is returned for an id that no incident has.
var ErrNoIncident = errors.New("no such incident")

// active is the list at activeKey.
type active struct {
	seq int64
	All []activeIncident `json:"all"`
}

type activeIncident struct {
	casework.ActiveIncident
	Status incident.Status `json:"status"`
}

func (d *Docket) active(ctx context.Context) (active, error) {
	var a active
	have, err := d.table.Get(ctx, activeKey)
	if err != nil {
		return a, fmt.Errorf("active incidents: %w", err)
	}
	item, ok := have[activeKey]
	if ok {
		if err := json.Unmarshal(item.Value, &a); err != nil {
			return a, fmt.Errorf("active incidents: %w", err)
		}
		a.seq = item.Seq
	}
	return a, nil
}

// with is the list as an incident leaves it.
func (a active) with(i incident.Incident) (table.Write, error) {
	all := slices.DeleteFunc(slices.Clone(a.All), func(x activeIncident) bool { return x.ID == i.ID })
	if i.Status != incident.Closed {
		all = append(all, activeIncident{casework.ActiveIncident{ID: i.ID, Community: i.Community, Topic: i.Topic, Since: i.Since}, i.Status})
	}
	value, err := json.Marshal(active{All: all})
	if err != nil {
		return table.Write{}, err
	}
	return replace(table.Item{Key: activeKey, Value: value}, a.seq), nil
}

// going is what confirmed answered at a moment.
type going struct {
	at  time.Time
	all []casework.ActiveIncident
}

// stale is how long a case that opens may be late for an incident: the sweep after
// it is confirmed finds such cases.
const stale = 10 * time.Second

// confirmed lists the incidents that new cases may belong to.
func (d *Docket) confirmed(ctx context.Context, now time.Time) ([]casework.ActiveIncident, error) {
	if g := d.going.Load(); g != nil && now.Sub(g.at).Abs() < stale {
		return g.all, nil
	}
	a, err := d.active(ctx)
	if err != nil {
		return nil, err
	}
	g := &going{at: now}
	for _, i := range a.All {
		if i.Status == incident.Confirmed {
			g.all = append(g.all, i.ActiveIncident)
		}
	}
	d.going.Store(g)
	return g.all, nil
}

// Incident reads one.
func (d *Docket) Incident(ctx context.Context, id string) (incident.Incident, error) {
	var i incident.Incident
	have, err := d.table.Get(ctx, incidentKey(id))
	if err != nil {
		return i, fmt.Errorf("incident %s: %w", id, err)
	}
	item, ok := have[incidentKey(id)]
	if !ok {
		return i, fmt.Errorf("%w: %q", ErrNoIncident, id)
	}
	return i, json.Unmarshal(item.Value, &i)
}

// maxIncidents is how many incidents are listed.
const maxIncidents = 100

// Incidents lists them, the latest first.
func (d *Docket) Incidents(ctx context.Context) (all []incident.Incident, err error) {
	page, err := d.table.Query(ctx, table.Query{Index: IndexQueue, Partition: incidentsPartition, Descending: true, Limit: maxIncidents})
	if err != nil {
		return nil, fmt.Errorf("list incidents: %w", err)
	}
	for _, item := range page.Items {
		var i incident.Incident
		if err := json.Unmarshal(item.Value, &i); err != nil {
			return nil, fmt.Errorf("incident %s: %w", item.Key, err)
		}
		all = append(all, i)
	}
	return all, nil
}

// IncidentCounts says how many cases an incident has, how many were answered by its
// answers and how many could not be.
func (d *Docket) IncidentCounts(ctx context.Context, id string) (linked, answered, held int64, err error) {
	sum, err := d.counters(ctx, metricIncident, id)
	return sum[incidentLinked], sum[incidentAnswered], sum[incidentHeld], err
}

// Handle does what a colleague wants of an incident, and links or answers the first
// of its cases at once; the clock sees to the rest. with gives writes of the same
// transaction, for the incident as it will be; nil: none. Errors: *incident.Refusal,
// ErrNoIncident, those of the table, and *table.ConflictError about with's own writes.
func (d *Docket) Handle(ctx context.Context, id string, cmd incident.Command, now time.Time, with func(incident.Incident) ([]table.Write, error)) (incident.Incident, error) {
	for range retries {
		i, err := d.Incident(ctx, id)
		if err != nil {
			return i, err
		}
		e, err := incident.Decide(i, cmd, d.policy, now)
		if err != nil {
			return i, err
		}
		if e != nil {
			i.Apply(*e)
		}
		var more []table.Write
		if with != nil {
			if more, err = with(i); err != nil {
				return i, err
			}
		}
		if e == nil { // it is so already
			if len(more) > 0 {
				err = d.table.Write(ctx, more...)
			}
			return i, err
		}
		err = d.record(ctx, i, *e, more...)
		if table.Conflicted(err, incidentLogKey(id, e.Seq), activeKey) {
			continue
		}
		if err != nil {
			return i, err
		}
		return i, d.Advance(ctx, id, now, atOnce)
	}
	return incident.Incident{}, fmt.Errorf("incident %s: %w: lost to concurrent commands %d times", id, table.ErrUnavailable, retries)
}

// atOnce is how many cases a colleague's command waits for.
const atOnce = 25

// record writes an event, the incident as it then is, and the list of the active
// ones, with more that must be true at the same moment.
func (d *Docket) record(ctx context.Context, i incident.Incident, e incident.Event, more ...table.Write) error {
	a, err := d.active(ctx)
	if err != nil {
		return err
	}
	list, err := a.with(i)
	if err != nil {
		return err
	}
	entry, err := json.Marshal(e)
	if err != nil {
		return err
	}
	view, err := json.Marshal(i)
	if err != nil {
		return err
	}
	writes := append([]table.Write{
		{Item: table.Item{Key: incidentLogKey(i.ID, e.Seq), Value: entry, Seq: e.Seq}, When: table.Absent},
		{Item: table.Item{Key: incidentKey(i.ID), Value: view, Seq: e.Seq,
			Indexes: map[string]table.IndexKey{IndexQueue: {Partition: incidentsPartition, Sort: instant(i.At) + "#" + i.ID}}}},
		list}, more...)
	if err := d.table.Write(ctx, writes...); err != nil {
		return fmt.Errorf("incident %s: %w", i.ID, err)
	}
	d.going.Store(nil)
	return nil
}
