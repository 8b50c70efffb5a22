package docket

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"ines/shared/casework"
	"ines/shared/message"
	"ines/shared/queue"
	"ines/shared/table"
)

// NameJob asks how the platform calls one of a case's customers, whom its deliveries
// name by an id alone.
type NameJob struct {
	Case     string         `json:"case"`
	Customer string         `json:"customer"` // his id
	Handle   message.Handle `json:"handle"`
	Inbox    string         `json:"inbox"`
	Thread   string         `json:"thread"` // the platform's conversation that he wrote in
	At       time.Time      `json:"at"`     // since when he is unknown
}

// Message puts the job into a queue message of replies.fifo. Each handle is a group of
// its own: it keeps nobody's answer waiting, and nobody is asked for twice at a time.
func (j NameJob) Message() (queue.Message, error) {
	return job(struct {
		Name NameJob `json:"name"`
	}{j}, message.DeriveID("name", j.Handle.Key()), message.DeriveID("name", j.Case, j.Handle.Key()))
}

// called is what a platform said of a handle: how it is called, or nothing, and when.
// It lies right behind what the handle leads to, so that one read brings both. After a
// while it goes: names change, and not everybody who had one stays a customer.
type called struct {
	Name     string    `json:"name,omitempty"`
	Username string    `json:"username,omitempty"`
	At       time.Time `json:"at"`
}

const calledLife = 180 * 24 * time.Hour

func calledKey(h message.Handle) table.Key {
	return table.Key{Partition: handleKey(h).Partition, Sort: "customer#called"}
}

func readCalled(have map[table.Key]table.Item, h message.Handle, now time.Time) (a message.Author, asked bool, err error) {
	item, asked := have[calledKey(h)]
	if !asked {
		return a, false, nil
	}
	var c called
	if err := json.Unmarshal(item.Value, &c); err != nil {
		return a, true, fmt.Errorf("how somebody is called, %s: %w", item.Key, err)
	}
	if now.Sub(c.At) >= calledLife {
		return a, false, nil
	}
	return message.Author{Handle: h, Name: c.Name, Username: c.Username}, true, nil
}

// Called is how the platform called a handle when it was asked; asked says whether it
// was.
func (d *Docket) Called(ctx context.Context, h message.Handle, now time.Time) (a message.Author, asked bool, err error) {
	have, err := d.table.Get(ctx, calledKey(h))
	if err != nil {
		return a, false, fmt.Errorf("how somebody is called: %w", err)
	}
	return readCalled(have, h, now)
}

// Unnamed reports whether the case of a job still has a name to learn: it may have been
// erased meanwhile, or the customer may have written under his name.
func (d *Docket) Unnamed(ctx context.Context, j NameJob) (bool, error) {
	c, err := d.load(ctx, j.Case)
	return err == nil && !c.IsErased() && c.IsCustomer(j.Handle) && c.Known(message.Author{Handle: j.Handle}).Name == "", err
}

// TellName tells the case of a job, and whatever it has become part of, what the
// platform answered. fresh says that it was asked just now: the answer, also that there
// is none, is kept then. Of somebody who was erased nothing is written. It may be called
// again.
func (d *Docket) TellName(ctx context.Context, j NameJob, a message.Author, fresh bool, now time.Time) error {
	a = message.Author{Handle: j.Handle, Name: message.CleanName(a.Name), Username: message.CleanName(a.Username)}
	value, err := json.Marshal(called{a.Name, a.Username, now})
	if err != nil {
		return fmt.Errorf("how somebody is called: %w", err)
	}
	alive := absent(erasedKey(j.Customer))
	keep := table.Write{Item: table.Item{Key: calledKey(j.Handle), Value: value, Seq: 1, Expires: now.Add(calledLife)}}
	for id, hops := j.Case, 0; id != "" && hops < maxHops; hops++ {
		c, _, err := d.Do(ctx, Order{Case: id, Command: casework.NoteName{Author: a}, Cause: casework.Cause{Kind: "reply", ID: message.DeriveID("name", id, j.Handle.Key())}, Now: now,
			With: func(after *casework.Case, events []casework.Event) ([]table.Write, error) {
				switch {
				case after.IsErased():
					return nil, nil
				case fresh:
					return []table.Write{alive, keep}, nil
				case len(events) > 0:
					return []table.Write{alive}, nil
				}
				return nil, nil
			}})
		switch {
		case table.Conflicted(err, alive.Item.Key), errors.Is(err, ErrNoCase):
			return nil
		case err != nil:
			return err
		}
		id, fresh = c.MergedInto, false
	}
	return nil
}
