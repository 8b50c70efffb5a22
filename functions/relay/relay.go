// Package relay turns new facts into effects: it follows the table's change stream
// and sends requested replies on their way, asks who wrote where only an id is known,
// tells other cases what concerns them,
// and writes the list views and counters. It decides nothing. The stream delivers
// at least once, so that every effect is one that may be repeated, and views move
// last: what they show has had its effects.
package relay

import (
	"context"
	"errors"
	"log/slog"

	"github.com/aws/aws-lambda-go/events"

	"ines/infra/plan"
	"ines/shared/casework"
	"ines/shared/channel"
	"ines/shared/docket"
	"ines/shared/feed"
	"ines/shared/message"
	"ines/shared/policy"
	"ines/shared/queue"
	"ines/shared/table"
	"ines/shared/table/stream"
)

// Config is what the function works with. All of it is shared by concurrent
// invocations.
type Config struct {
	Docket *docket.Docket
	Policy *policy.Desk // which departments listen
	Find   func(name string) (channel.Channel, bool)
	Queue  queue.Sender
	Feeds  feed.Publisher
	Log    *slog.Logger
}

// Relay is the function.
type Relay struct{ Config }

// New makes the function.
func New(c Config) *Relay { return &Relay{c} }

// Handle works on one batch of the stream. When anything fails the whole batch
// comes again; at a record that can't be read the stream stands, and what came
// before it goes on its way.
func (f *Relay) Handle(ctx context.Context, e events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
	var (
		commits []casework.Commit
		stuck   error
		at      string
	)
	for _, r := range e.Records {
		cm, ok, err := commit(r)
		if err != nil {
			stuck, at = err, r.Change.SequenceNumber
			break
		}
		if ok {
			commits = append(commits, cm)
		}
	}
	if err := f.relay(ctx, commits); err != nil {
		return f.again(e.Records[0].Change.SequenceNumber, err), nil
	}
	if stuck != nil {
		return f.again(at, stuck), nil
	}
	return events.DynamoDBEventResponse{}, nil
}

// commit reads a record; ok is false for one that is no new commit.
func commit(r events.DynamoDBEventRecord) (cm casework.Commit, ok bool, err error) {
	change, err := stream.Decode(r)
	// A commit that changed was redacted: nothing new happened.
	if err != nil || r.EventName != string(events.DynamoDBOperationTypeInsert) || !docket.IsCommit(change.Item.Key) {
		return cm, false, err
	}
	cm, err = docket.DecodeCommit(change.Item)
	return cm, err == nil, err
}

func (f *Relay) again(sequence string, err error) events.DynamoDBEventResponse {
	f.Log.Error("relay failed", "sequence", sequence, "error", err.Error())
	return events.DynamoDBEventResponse{BatchItemFailures: []events.DynamoDBBatchItemFailure{{ItemIdentifier: sequence}}}
}

func (f *Relay) relay(ctx context.Context, commits []casework.Commit) error {
	err := f.pass(ctx, commits)
	if table.Conflicted(err) {
		// Somebody else relays the same, or did: look again what is left.
		err = f.pass(ctx, commits)
	}
	return err
}

func (f *Relay) pass(ctx context.Context, commits []casework.Commit) error {
	updates, err := f.Docket.Lagging(ctx, commits)
	if err != nil || len(updates) == 0 {
		return err
	}
	var (
		replies, work []queue.Message
		entries       []feed.Entry
	)
	for _, u := range updates {
		if u.Case.IsErased() {
			continue // nobody is told, answered or asked any more
		}
		for _, cm := range u.Commits {
			for _, e := range cm.Events {
				ms, to, err := effect(u.Case, cm, e)
				switch {
				case err != nil:
					return err
				case to == plan.Replies:
					replies = append(replies, ms...)
				case to == plan.Cases:
					work = append(work, ms...)
				}
			}
			ms, err := f.room(u.Case, cm)
			if err != nil {
				return err
			}
			work = append(work, ms...)
			if ms, err = f.names(u.Case, cm); err != nil {
				return err
			}
			replies = append(replies, ms...)
			if e, ok := feed.Of(f.Policy, u.Case, cm); ok {
				ms, err := f.targets(e)
				if err != nil {
					return err
				}
				entries, replies = append(entries, e), append(replies, ms...)
			}
		}
	}
	offers, err := f.offers(updates)
	if err != nil {
		return err
	}
	work = append(work, offers...)
	if err := errors.Join(f.send(ctx, plan.Replies, replies), f.send(ctx, plan.Cases, work)); err != nil {
		return err
	}
	if len(entries) > 0 {
		if err := f.Feeds.Publish(ctx, entries...); err != nil {
			return err
		}
	}
	return f.Docket.Show(ctx, updates)
}

// targets asks for an entry to be brought to those departments that have a target.
func (f *Relay) targets(e feed.Entry) (ms []queue.Message, err error) {
	for _, id := range e.Departments {
		if d, ok := f.Policy.Department(id); !ok || d.Feed.IsZero() {
			continue
		}
		m, err := docket.FeedJob{Department: id, Entry: e.Masked()}.Message()
		if err != nil {
			return nil, err
		}
		ms = append(ms, m)
	}
	return ms, nil
}

func (f *Relay) send(ctx context.Context, name string, messages []queue.Message) error {
	if len(messages) == 0 {
		return nil
	}
	return f.Queue.Send(ctx, name, messages...)
}

// effect is what an event sends to another queue, if anything.
func effect(c *casework.Case, cm casework.Commit, e casework.Event) (ms []queue.Message, to string, err error) {
	switch e := e.(type) {
	case casework.ReplyRequested:
		t, _ := c.Thread(e.Thread)
		return one(plan.Replies, docket.ReplyJob{Case: cm.Case, Thread: t, By: cm.By, At: cm.At, Reply: e})
	case casework.MessageReceived:
		return files(cm.Case, e.Message)
	case casework.BystanderSplit:
		return one(plan.Cases, docket.Work{Case: e.Case, Split: &docket.Split{From: cm.Case, Author: e.Author}})
	case casework.ThreadTaken:
		return one(plan.Cases, docket.Work{Case: e.From, GiveUp: &docket.GiveUp{To: cm.Case}})
	case casework.Unmerged:
		return one(plan.Cases, docket.Work{Case: cm.Case, Reclaim: &docket.Reclaim{From: e.From, Seq: cm.Seq}})
	case casework.CaseOpened:
		if e.FollowsUp != "" {
			return one(plan.Cases, docket.Work{Case: e.FollowsUp, FollowUp: &docket.FollowUp{Case: cm.Case}})
		}
	}
	return nil, "", nil
}

func one(to string, w interface{ Message() (queue.Message, error) }) ([]queue.Message, string, error) {
	m, err := w.Message()
	return []queue.Message{m}, to, err
}

// files asks for copies of what came with a message: links expire.
func files(id string, m message.Message) (ms []queue.Message, to string, err error) {
	for i, a := range m.Attachments {
		if !docket.Wanted(a) {
			continue
		}
		job, err := docket.FetchJob{Case: id, Channel: m.Channel, Inbox: m.Inbox, Thread: m.Thread, Of: m.ID, Index: i, File: a}.Message()
		if err != nil {
			return nil, "", err
		}
		ms = append(ms, job)
	}
	return ms, plan.Replies, nil
}
