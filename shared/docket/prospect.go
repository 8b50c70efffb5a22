package docket

import (
	"context"
	"fmt"
	"strconv"

	"ines/shared/casework"
	"ines/shared/table"
)

// Prospect is what would become of a message.
type Prospect struct {
	Before    *casework.Case // zero if the message opens the case
	After     *casework.Case // Before, if the message was filed already
	Duplicate bool
	Receive   casework.Receive
	Events    []casework.Event
	// Split is the case that the author would get of his own, nil if he would not.
	Split *Prospect
}

// Known is what is known of a customer, given by hand; nil leaves what the table
// says.
type Known struct {
	ID                        string
	Cases, OpenCases, Praised *int
	Profile                   *casework.Profile
}

// Foretell decides what would become of a message, by the same steps as File, and
// writes nothing.
func (d *Docket) Foretell(ctx context.Context, in Incoming, known Known) (Prospect, error) {
	f, err := d.find(ctx, ctx, in, known.ID, looked{}, true)
	if err != nil {
		return Prospect{}, err
	}
	if known.ID != "" && known.Profile == nil && !d.profiles {
		if f.receive.Profile, err = d.Profile(ctx, known.ID); err != nil {
			return Prospect{}, err
		}
	}
	known.tell(&f.receive)
	sight, err := d.look(ctx, f, in)
	if err != nil {
		return Prospect{}, err
	}
	p := Prospect{Before: f.c, After: f.c, Receive: f.receive}
	if sight != casework.SightNew || f.erased {
		p.Duplicate = true
		return p, nil
	}
	if err := d.foretell(ctx, &p, f.id, in); err != nil {
		return p, err
	}
	for _, e := range p.Events {
		s, ok := e.(casework.BystanderSplit)
		if !ok || s.Author.Handle != in.Item.Message.Author.Handle {
			continue
		}
		r := p.Receive
		r.Customer, r.Via, r.LinkedFrom, r.Again = s.Author, "known", p.After.ID, true
		p.Split = &Prospect{Before: &casework.Case{}, Receive: r}
		if err := d.foretell(ctx, p.Split, s.Case, in); err != nil {
			return p, err
		}
	}
	return p, nil
}

func (k Known) tell(r *casework.Receive) {
	set := func(to *int, n *int) {
		if n != nil {
			*to = *n
		}
	}
	set(&r.Cases, k.Cases)
	set(&r.OpenCases, k.OpenCases)
	set(&r.Praised, k.Praised)
	if k.Profile != nil {
		r.Profile = *k.Profile
	}
}

func (d *Docket) foretell(ctx context.Context, p *Prospect, id string, in Incoming) error {
	o := Order{Case: id, Command: p.Receive, Cause: in.cause(OutcomeFiled), Now: in.At}
	had, err := d.automatic(ctx, o)
	if err != nil {
		return err
	}
	who, err := d.testimony(ctx, p.Before, o, true)
	if err != nil {
		return err
	}
	env := d.env(ctx, o, nil, had)
	env.Matches = who.whom()
	events, err := casework.Decide(p.Before, o.Command, env)
	if err != nil {
		return err
	}
	p.Events, p.After = events, p.Before.Clone()
	return p.After.Apply(casework.Commit{Case: id, Seq: p.Before.Seq + 1, At: in.At.UTC(), Events: events})
}

// Ahead counts the free cases of a department that are served before a place in the
// order of work, not counting the case itself. It reads at most 5,000; more is true
// if there were more.
func (d *Docket) Ahead(ctx context.Context, department string, r casework.Rank) (count int, more bool, err error) {
	scanned := 0
	for shard := range d.settings.QueueShards {
		q := table.Query{Index: IndexQueue, Partition: "open#" + department + "#" + strconv.Itoa(shard), To: r.Sort()}
		for {
			page, err := d.table.Query(ctx, q)
			if err != nil {
				return 0, false, fmt.Errorf("the order of work in %s: %w", department, err)
			}
			for _, item := range page.Items {
				v, err := decodeView(item)
				if err != nil {
					return 0, false, err
				}
				if scanned++; scanned > maxScan {
					return count, true, nil
				}
				if v.ID != r.ID && v.Takeable() {
					count++
				}
			}
			if page.Cursor == "" {
				break
			}
			q.Cursor = page.Cursor
		}
	}
	return count, false, nil
}
