package docket

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"ines/shared/casework"
	"ines/shared/incident"
	"ines/shared/table"
)

// sweep is how far the search for an incident's cases has come. A second round
// finds those that opened while the news of it went round.
type sweep struct {
	Cursor string    `json:"cursor,omitempty"`
	Rounds int       `json:"rounds"`
	Done   time.Time `json:"done,omitzero"` // when the last round ended
}

const sweepRounds = 2

func sweepKey(id string) table.Key {
	return table.Key{Partition: incidentPartition(id), Sort: "sweep"}
}

// Advance links an incident's cases and sends them its answer, at most so many. It
// may be called at any time and by several: each case is linked once and answered
// once, whatever crashed before.
func (d *Docket) Advance(ctx context.Context, id string, now time.Time, most int) error {
	i, err := d.Incident(ctx, id)
	if err != nil || i.Status != incident.Confirmed {
		return err
	}
	if err := d.sweep(ctx, i, now, most); err != nil {
		return err
	}
	if !i.Goes() {
		return nil
	}
	return d.answerAll(ctx, i, now, most)
}

func (d *Docket) sweep(ctx context.Context, i incident.Incident, now time.Time, most int) error {
	var s sweep
	have, err := d.table.Get(ctx, sweepKey(i.ID))
	if err != nil {
		return fmt.Errorf("cases of incident %s: %w", i.ID, err)
	}
	if item, ok := have[sweepKey(i.ID)]; ok {
		if err := json.Unmarshal(item.Value, &s); err != nil {
			return fmt.Errorf("cases of incident %s: %w", i.ID, err)
		}
	}
	if s.Rounds >= sweepRounds || s.Rounds > 0 && now.Sub(s.Done) < time.Minute {
		return nil
	}
	about := casework.ActiveIncident{ID: i.ID, Community: i.Community, Topic: i.Topic, Since: i.Since}
	for linked := 0; linked < most; {
		views, next, err := d.List(ctx, Filter{Community: i.Community, Limit: MaxLimit}, s.Cursor)
		if errors.Is(err, ErrCursor) { // a new version counts otherwise
			views, next, err = nil, "", nil
		}
		if err != nil {
			return err
		}
		for _, v := range views {
			if v.Status == casework.StatusResolved || v.Incident != "" || v.About.Topic != i.Topic || v.OpenedAt.Before(i.Since) {
				continue
			}
			if err := d.link(ctx, v.ID, about, now); err != nil {
				return err
			}
			linked++
		}
		s.Cursor = next
		if open := len(views) > 0 && views[len(views)-1].Status != casework.StatusResolved; next == "" || len(views) > 0 && !open {
			s = sweep{Rounds: s.Rounds + 1, Done: now}
			break
		}
	}
	value, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return d.table.Write(ctx, table.Write{Item: table.Item{Key: sweepKey(i.ID), Value: value}})
}

func (d *Docket) link(ctx context.Context, id string, about casework.ActiveIncident, now time.Time) error {
	_, _, err := d.Do(ctx, Order{Case: id, Command: casework.LinkIncident{Incident: about}, Cause: casework.Cause{Kind: "incident", ID: about.ID}, Now: now})
	var refusal *casework.Refusal
	if errors.As(err, &refusal) || errors.Is(err, ErrNoCase) {
		return nil
	}
	return err
}

// said, on a link, is the number of the last answer that its case was given.
type said struct {
	Case string `json:"case"`
	Said int    `json:"said,omitempty"`
}

// answerAll gives the linked cases the incident's answer.
func (d *Docket) answerAll(ctx context.Context, i incident.Incident, now time.Time, most int) error {
	given := 0
	for shard := range d.settings.QueueShards {
		q := table.Query{Partition: linkPartition(i.ID, shard), Prefix: "case#"}
		for {
			page, err := d.table.Query(ctx, q)
			if err != nil {
				return fmt.Errorf("cases of incident %s: %w", i.ID, err)
			}
			for _, item := range page.Items {
				var l said
				if err := json.Unmarshal(item.Value, &l); err != nil {
					return fmt.Errorf("link %s: %w", item.Key, err)
				}
				if l.Said >= i.Answer.Number {
					continue
				}
				if given >= most {
					return nil
				}
				if err := d.answerOne(ctx, i, l, item, now); err != nil {
					return err
				}
				given++
			}
			if page.Cursor == "" {
				break
			}
			q.Cursor = page.Cursor
		}
	}
	return nil
}

// answerOne notes on the link that the case was given the answer in the same
// transaction as the case's commit. The case knows by itself, too.
func (d *Docket) answerOne(ctx context.Context, i incident.Incident, l said, item table.Item, now time.Time) error {
	l.Said = i.Answer.Number
	value, err := json.Marshal(l)
	if err != nil {
		return err
	}
	cmd := casework.AnswerIncident{By: i.Answer.By, Incident: i.ID, Number: i.Answer.Number, Text: i.Answer.In}
	_, _, err = d.Do(ctx, Order{Case: l.Case, Command: cmd, By: i.Answer.By, Cause: casework.Cause{Kind: "incident", ID: i.ID}, Now: now,
		With: func(*casework.Case, []casework.Event) ([]table.Write, error) {
			return []table.Write{{Item: table.Item{Key: item.Key, Value: value, Seq: item.Seq + 1}, When: table.SeqIs, Seq: item.Seq}}, nil
		}})
	if table.Conflicted(err, item.Key) {
		return nil // somebody else is at it
	}
	return err
}
