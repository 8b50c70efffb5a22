// Package classify takes envelopes off the inbound queue: it archives the batch
// verbatim, reads each envelope into items, says what each message is about, and
// sends what concerns a case to cases.fifo. What concerns none is counted here. It
// never touches a case.
package classify

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"ines/infra/plan"
	"ines/shared/archive"
	"ines/shared/channel"
	"ines/shared/classify"
	"ines/shared/classify/bedrock"
	"ines/shared/deposit"
	"ines/shared/docket"
	"ines/shared/message"
	"ines/shared/metric"
	"ines/shared/policy"
	"ines/shared/queue"
	"ines/shared/queue/consume"
	"ines/shared/sorting"
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
	// Deposits is where platforms lay what is too large for a webhook; nil: nothing
	// is fetched.
	Deposits deposit.Store
	// Second is asked about topics that Classifier abstains on; nil: nobody is.
	Second *bedrock.Asker
	Log    *slog.Logger
}

// Classify is the function.
type Classify struct{ Config }

var maxReceives = plan.MaxReceives(plan.Inbound)

// New makes the function.
func New(c Config) *Classify {
	if c.Deposits == nil {
		c.Deposits = deposit.None{}
	}
	return &Classify{c}
}

// letter is an envelope of the batch, as it goes into the archive.
type letter struct {
	env  message.Envelope
	line []byte
	// tries is how often the queue has delivered it: most, where it came twice.
	tries int
}

// batch is one invocation's work.
type batch struct {
	letters []*letter         // each envelope once, those that came most often first
	of      map[string]string // the envelope that a queue message brought
	broken  map[string]error  // queue messages that brought none
	failed  map[string]error  // envelopes that have to come again
}

// Handle works on one batch. A message fails alone, except that nothing goes on
// before those that go with it are in the archive: first all that came whole, then
// those whose body or content lies elsewhere, so that nobody waits for others'
// pictures.
func (f *Classify) Handle(ctx context.Context, e events.SQSEvent) (events.SQSEventResponse, error) {
	b := unpack(e)
	var whole, apart []*letter
	for _, l := range b.letters {
		if l.env.BodyRef != "" || l.env.ContentRef != "" || f.elsewhere(l.env) {
			apart = append(apart, l)
		} else {
			whole = append(whole, l)
		}
	}
	f.pass(ctx, &b, whole)
	f.pass(ctx, &b, f.fetch(ctx, &b, apart))
	f.hear(b)
	source := consume.Source{Queue: plan.Inbound, MaxReceives: maxReceives, Postpone: f.Postpone, Log: f.Log}
	return consume.Batch(ctx, e, source, func(_ context.Context, m events.SQSMessage) error {
		if err := b.broken[m.MessageId]; err != nil {
			return err
		}
		return b.failed[b.of[m.MessageId]]
	}), nil
}

// unpack reads the envelopes of a batch.
func unpack(e events.SQSEvent) batch {
	b := batch{of: map[string]string{}, broken: map[string]error{}, failed: map[string]error{}}
	known := map[string]*letter{}
	for _, m := range e.Records {
		env, line, err := envelopeOf(m.Body)
		if err != nil {
			b.broken[m.MessageId] = fmt.Errorf("not an envelope: %w", err)
			continue
		}
		b.of[m.MessageId] = env.ID
		if l := known[env.ID]; l != nil {
			l.tries = max(l.tries, consume.Count(m))
			continue
		}
		known[env.ID] = &letter{env, line, consume.Count(m)}
		b.letters = append(b.letters, known[env.ID])
	}
	// What there is no time for comes again, and a queue delivers so often only.
	sorting.By(b.letters, func(x, y *letter) int { return cmp.Compare(y.tries, x.tries) })
	return b
}

// pass archives letters and sends on what is in them.
func (f *Classify) pass(ctx context.Context, b *batch, letters []*letter) {
	if len(letters) == 0 {
		return
	}
	var records []archive.Record
	for _, l := range letters {
		records = append(records, archive.Record{ID: l.env.ID, At: l.env.ReceivedAt, Data: l.line})
	}
	if _, err := f.Archive.Append(ctx, records...); err != nil {
		b.fail(letters, err)
		return
	}
	f.send(ctx, b, letters)
}

// fail makes letters come again.
func (b *batch) fail(letters []*letter, err error) {
	for _, l := range letters {
		b.failed[l.env.ID] = err
	}
}

// hear counts what the inboxes had, a line for each inbox of the batch: one for each
// webhook would be most of what is logged.
func (f *Classify) hear(b batch) {
	heard := map[string]int64{}
	for _, l := range b.letters {
		if b.failed[l.env.ID] == nil {
			heard[l.env.Inbox]++
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

// send reads the letters and passes their items on, all in one call to the queue and
// one to the docket. Where reading takes long (250 mails with files to keep), those that
// there is no time for come again: an invocation that runs out of time has done nothing.
func (f *Classify) send(ctx context.Context, b *batch, letters []*letter) {
	var (
		pieces   []piece
		work     []queue.Message
		of       []string // the envelope that each piece of work came from
		receipts []docket.Receipt
	)
	for i, l := range letters {
		if i > 0 && late(ctx, sending) {
			b.fail(letters[i:], &consume.Later{After: time.Second, Why: "reading others took the time"})
			break
		}
		w, r, err := f.envelope(ctx, l.env)
		if err != nil {
			b.failed[l.env.ID] = err
			continue
		}
		pieces, receipts = append(pieces, w...), append(receipts, r...)
	}
	f.reconsider(ctx, pieces)
	for _, p := range pieces {
		m, err := docket.Work{Item: p.in}.Message()
		if err != nil {
			b.failed[p.in.Envelope] = err
			continue
		}
		work, of = append(work, m), append(of, p.in.Envelope)
	}
	if len(receipts) > 0 {
		if err := f.Docket.Receipts(ctx, receipts...); err != nil {
			b.fail(letters, err)
			return
		}
	}
	if len(work) == 0 {
		return
	}
	err := f.Queue.Send(ctx, plan.Cases, work...)
	var partial *queue.PartialError
	switch {
	case errors.As(err, &partial):
		for i, err := range partial.Failed {
			b.failed[of[i]] = err
		}
	case err != nil:
		b.fail(letters, err)
	}
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
	if env.ContentRef != "" {
		content, err := f.Archive.Get(ctx, env.ContentRef)
		if err != nil {
			return nil, nil, fmt.Errorf("what was fetched for envelope %s: %w", env.ID, err)
		}
		env.Content = content
	}
	var (
		work     []piece
		receipts []docket.Receipt
	)
	items := f.read(env)
	for i, item := range items {
		in := docket.Incoming{Envelope: env.ID, Index: i, Items: len(items), At: env.ReceivedAt, Item: item}
		if why := item.Unkeyable(); why != "" {
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
			if env.ContentLost != "" {
				in.About = headAbout(f.Policy, f.Classifier, *item.Message)
			} else {
				in.About, abstained = about(f.Policy, f.Classifier, item.Message)
			}
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
