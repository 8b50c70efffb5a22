// Package classify takes envelopes off the inbound queue: it archives the batch
// verbatim, reads each envelope into items, says what each message is about, and
// sends what concerns a case to cases.fifo. What concerns none is counted here. It
// never touches a case.
package classify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"ines/infra/plan"
	"ines/shared/archive"
	"ines/shared/channel"
	"ines/shared/classify"
	"ines/shared/classify/bedrock"
	"ines/shared/docket"
	"ines/shared/message"
	"ines/shared/metric"
	"ines/shared/policy"
	"ines/shared/queue"
	"ines/shared/queue/consume"
)

// Config is what the function works with. All of it is shared by concurrent
// invocations.
type Config struct {
	Policy     *policy.Desk
	Find       func(name string) (channel.Channel, bool)
	Classifier classify.Classifier
	Docket     *docket.Docket
	Archive    archive.Archive
	Queue      queue.Sender
	Postpone   queue.Postponer
	Metrics    *metric.Printer // nil = none
	// Second is asked about topics that Classifier abstains on; nil: nobody is.
	Second *bedrock.Asker
	Log    *slog.Logger
}

// Classify is the function.
type Classify struct{ Config }

var maxReceives = plan.MaxReceives(plan.Inbound)

// New makes the function.
func New(c Config) *Classify { return &Classify{c} }

// batch is one invocation's work, by the queue message that brought it.
type batch struct {
	envelopes map[string]message.Envelope
	broken    map[string]error
}

// Handle works on one batch. A message fails alone, except that nothing goes on
// before the whole batch is in the archive.
func (f *Classify) Handle(ctx context.Context, e events.SQSEvent) (events.SQSEventResponse, error) {
	b := batch{envelopes: map[string]message.Envelope{}, broken: map[string]error{}}
	var records []archive.Record
	for _, m := range e.Records {
		env, line, err := envelopeOf(m.Body)
		if err != nil {
			b.broken[m.MessageId] = fmt.Errorf("not an envelope: %w", err)
			continue
		}
		again := slices.ContainsFunc(records, func(r archive.Record) bool { return r.ID == env.ID })
		b.envelopes[m.MessageId] = env
		if !again {
			records = append(records, archive.Record{ID: env.ID, At: env.ReceivedAt, Data: line})
		}
	}
	var archived error
	if len(records) > 0 {
		_, archived = f.Archive.Append(ctx, records...)
	}
	sent := f.send(ctx, e.Records, b, archived)
	if archived == nil {
		f.hear(b, sent)
	}
	source := consume.Source{Queue: plan.Inbound, MaxReceives: maxReceives, Postpone: f.Postpone, Log: f.Log}
	return consume.Batch(ctx, e, source, func(_ context.Context, m events.SQSMessage) error {
		if err := b.broken[m.MessageId]; err != nil {
			return err
		}
		return errors.Join(archived, sent[b.envelopes[m.MessageId].ID])
	}), nil
}

// hear counts what the inboxes had, a line for each inbox of the batch: one for each
// webhook would be most of what is logged.
func (f *Classify) hear(b batch, failed map[string]error) {
	counted := map[string]bool{}
	heard := map[string]int64{}
	for _, env := range b.envelopes {
		if failed[env.ID] == nil && !counted[env.ID] {
			counted[env.ID] = true
			heard[env.Inbox]++
		}
	}
	for _, inbox := range slices.Sorted(maps.Keys(heard)) {
		f.Metrics.Add(plan.MetricReceived, inbox, heard[inbox])
	}
}

// envelopeOf reads an envelope and gives it as one line for the archive, which refuses a
// whole batch for one record without a time or with line feeds.
func envelopeOf(body string) (env message.Envelope, line []byte, err error) {
	if err := json.Unmarshal([]byte(body), &env); err != nil {
		return env, nil, err
	}
	if env.ID == "" || env.ReceivedAt.Year() < 1970 || env.ReceivedAt.Year() > 9999 {
		return env, nil, fmt.Errorf("id %q, received at %v", env.ID, env.ReceivedAt)
	}
	if !strings.Contains(body, "\n") {
		return env, []byte(body), nil
	}
	var compact bytes.Buffer
	err = json.Compact(&compact, []byte(body))
	return env, compact.Bytes(), err
}

// send reads the envelopes and passes their items on, all in one call to the
// queue and one to the docket. It returns what failed, by envelope: the queue may
// bring one twice, in one batch too.
func (f *Classify) send(ctx context.Context, records []events.SQSMessage, b batch, archived error) map[string]error {
	failed := map[string]error{}
	if archived != nil {
		return failed
	}
	var (
		pieces   []piece
		work     []queue.Message
		of       []string // the envelope that each piece of work came from
		seen     = map[string]bool{}
		receipts []docket.Receipt
	)
	for _, m := range records {
		env, ok := b.envelopes[m.MessageId]
		if !ok || seen[env.ID] {
			continue
		}
		seen[env.ID] = true
		w, r, err := f.envelope(ctx, env)
		if err != nil {
			failed[env.ID] = err
			continue
		}
		pieces, receipts = append(pieces, w...), append(receipts, r...)
	}
	f.reconsider(ctx, pieces)
	for _, p := range pieces {
		m, err := docket.Work{Item: p.in}.Message()
		if err != nil {
			failed[p.in.Envelope] = err
			continue
		}
		work, of = append(work, m), append(of, p.in.Envelope)
	}
	if len(receipts) > 0 {
		if err := f.Docket.Receipts(ctx, receipts...); err != nil {
			return everyone(b, err)
		}
	}
	if len(work) == 0 {
		return failed
	}
	err := f.Queue.Send(ctx, plan.Cases, work...)
	var partial *queue.PartialError
	switch {
	case errors.As(err, &partial):
		for i, err := range partial.Failed {
			failed[of[i]] = err
		}
	case err != nil:
		return everyone(b, err)
	}
	return failed
}

func everyone(b batch, err error) map[string]error {
	failed := make(map[string]error, len(b.envelopes))
	for _, env := range b.envelopes {
		failed[env.ID] = err
	}
	return failed
}

// piece is an item that concerns a case.
type piece struct {
	in        *docket.Incoming
	abstained bool // the classifier is not sure of the topic
}

// envelope turns one envelope into work for cases and receipts for the rest.
func (f *Classify) envelope(ctx context.Context, env message.Envelope) ([]piece, []docket.Receipt, error) {
	if env.BodyRef != "" {
		body, err := f.Archive.Get(ctx, env.BodyRef)
		if err != nil {
			return nil, nil, fmt.Errorf("body of envelope %s: %w", env.ID, err)
		}
		env.Body = body
	}
	var (
		work     []piece
		receipts []docket.Receipt
	)
	items := f.read(env)
	for i, item := range items {
		in := docket.Incoming{Envelope: env.ID, Index: i, Items: len(items), At: env.ReceivedAt, Item: item}
		if why := item.Oversized(); why != "" {
			in.Item = message.Item{Kind: message.KindUnrecognised, Reason: why}
			item = in.Item
		}
		if outcome := settled(item); outcome != "" {
			receipts = append(receipts, docket.Receipt{Incoming: in, Outcome: outcome})
			continue
		}
		abstained := false
		switch item.Kind {
		case message.KindMessage:
			if err := f.enclosed(ctx, env, item.Message); err != nil {
				return nil, nil, err
			}
			item.Message.Fit()
			invited(item.Message)
			in.About, abstained = about(f.Policy, f.Classifier, item.Message)
		case message.KindEdit:
			item.Edit.Text = message.Clip(item.Edit.Text, message.MaxText)
		case message.KindConsent:
			item.Consent.Why = message.Clip(item.Consent.Why, message.MaxSubject)
		case message.KindReport:
			item.Report.Detail = message.Clip(item.Report.Detail, message.MaxSubject)
		}
		work = append(work, piece{&in, abstained})
	}
	return work, receipts, nil
}

// settled is the outcome of an item that concerns no case, or "".
func settled(item message.Item) string {
	switch item.Kind {
	case message.KindMessage, message.KindEdit, message.KindDelete, message.KindReport, message.KindConsent:
		return ""
	case message.KindEcho:
		return docket.OutcomeEcho
	case message.KindIgnored:
		return docket.OutcomeIgnored + ":" + item.Reason
	}
	return docket.OutcomeUnrecognised
}

// read asks the channel. What can't be read is visible as unrecognised: an inbox
// that left the policy, and a payload that breaks the reader.
func (f *Classify) read(env message.Envelope) (items []message.Item) {
	unrecognised := func(why string) []message.Item {
		return []message.Item{{Kind: message.KindUnrecognised, Key: env.ID, Reason: why}}
	}
	in, ok := f.Policy.Inbox(env.Inbox)
	if !ok {
		return unrecognised("the inbox is not in the desk policy any more")
	}
	ch, ok := f.Find(env.Channel)
	if !ok {
		return unrecognised("this desk does not speak " + env.Channel)
	}
	defer func() {
		if p := recover(); p != nil {
			f.Log.Error("channel could not read an envelope", "channel", env.Channel, "envelope", env.ID, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			items = unrecognised("reading it failed; the log says how")
		}
	}()
	return ch.Read(docket.InboxAt(in, ""), env)
}
