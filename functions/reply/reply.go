// Package reply sends what cases want said, through the channels' APIs, and tells
// the case what happened. A ledger entry is written before each call and after it:
// a reply that may have been taken is looked up where the platform allows it, else
// shown to a person; it is never sent again blindly. As it alone may call platforms it
// also fetches files, tells departments and asks how people are called.
package reply

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"ines/infra/plan"
	"ines/shared/archive"
	"ines/shared/casework"
	"ines/shared/channel"
	"ines/shared/docket"
	"ines/shared/linktoken"
	"ines/shared/message"
	"ines/shared/metric"
	"ines/shared/policy"
	"ines/shared/queue"
	"ines/shared/queue/consume"
	"ines/shared/secret"
)

// Config is what the function works with. All of it is shared by concurrent
// invocations.
type Config struct {
	Docket    *docket.Docket
	Policy    *policy.Desk
	Find      func(name string) (channel.Channel, bool)
	Secrets   secret.Source
	Queue     queue.Sender
	Postpone  queue.Postponer
	HTTP      *http.Client
	Files     *http.Client    // for links that strangers gave us: see package attachment
	Archive   archive.Archive // keeps the files
	Now       func() time.Time
	PublicURL string
	// Role is the function's own AWS credential in the form of a sending one, for
	// inboxes at SES that have none of their own; nil = none.
	Role    func(context.Context) (string, error)
	Metrics *metric.Printer // nil = none
	Log     *slog.Logger
}

// Reply is the function.
type Reply struct{ Config }

var maxReceives = plan.MaxReceives(plan.Replies)

// New makes the function.
func New(c Config) *Reply { return &Reply{c} }

const (
	// callTimeout is how long a platform may take to answer.
	callTimeout = 10 * time.Second
	// maxAttempts is how often a reply is tried that a platform surely did not
	// take; then people have to decide.
	maxAttempts = 12
	// maxLooks is how many failing look-ups of an unconfirmed reply are made
	// before a person has to look.
	maxLooks = 5
	// codeCutOff marks a call that ended because we did, not the platform.
	codeCutOff = "cut_off"
	// A reply of a held inbox sleeps at a time for an eighth of how long the inbox
	// has been held, within these bounds: whoever lets an inbox send again soon after
	// it stopped sees it happen, and one that is held for days does not use up the
	// deliveries that a queue allows.
	shortestHold = 5 * time.Second
	longestHold  = 10 * time.Minute
	// lookAgain is the shortest wait between look-ups.
	lookAgain = 4 * time.Second
	// freshFor is how long an automatic answer makes sense. Later a person has the
	// matter; and an archive that is replayed must not make machines speak again.
	freshFor = time.Hour
)

// Handle works on one batch of replies.fifo.
func (f *Reply) Handle(ctx context.Context, e events.SQSEvent) (events.SQSEventResponse, error) {
	source := consume.Source{Queue: plan.Replies, MaxReceives: maxReceives, Postpone: f.Postpone, Log: f.Log}
	return consume.Batch(ctx, e, source, func(ctx context.Context, m events.SQSMessage) error {
		var job struct {
			docket.ReplyJob
			Fetch *docket.FetchJob `json:"fetch"`
			Feed  *docket.FeedJob  `json:"feed"`
			Name  *docket.NameJob  `json:"name"`
		}
		if err := json.Unmarshal([]byte(m.Body), &job); err != nil {
			return fmt.Errorf("not a reply: %w", err)
		}
		switch {
		case job.Fetch != nil:
			return f.fetch(ctx, *job.Fetch, receives(m))
		case job.Feed != nil:
			return f.tell(ctx, *job.Feed)
		case job.Name != nil:
			return f.name(ctx, *job.Name, receives(m))
		}
		return f.send(ctx, job.ReplyJob)
	}), nil
}

// sending is one reply on its way.
type sending struct {
	*Reply
	job    docket.ReplyJob
	ledger docket.Ledger
	ch     channel.Channel
	outlet channel.Outlet
	reply  channel.Reply
}

func (f *Reply) send(ctx context.Context, job docket.ReplyJob) error {
	s := &sending{Reply: f, job: job}
	l, begun, err := f.Docket.Ledger(ctx, job.Reply.Reply)
	if err != nil {
		return err
	}
	if !begun {
		l = docket.Ledger{Reply: job.Reply.Reply, Case: job.Case, Thread: job.Thread.ID, First: f.Now()}
	}
	s.ledger = l
	switch l.State {
	case docket.LedgerSent, docket.LedgerUnconfirmed, docket.LedgerFailed:
		return s.report(ctx) // settled: only the report may be missing
	case docket.LedgerWaiting:
		if wait := l.Until.Sub(f.Now()); wait > 0 {
			return &consume.Later{After: wait, Why: l.Detail}
		}
	}
	if cut, err := s.cutShort(ctx); cut || err != nil {
		return err
	}
	if err := s.prepare(ctx); err != nil {
		var hopeless *channel.SendError
		if !errors.As(err, &hopeless) {
			return err
		}
		if hopeless.Class == channel.Blocked {
			return s.blocked(ctx, hopeless)
		}
		return s.settle(ctx, docket.LedgerFailed, hopeless)
	}
	if held, err := s.held(ctx); held || err != nil {
		return err
	}
	if l.State == docket.LedgerPending {
		cause := &channel.SendError{Class: channel.Unknown, Code: l.Code, Detail: l.Detail}
		if l.Class == "" {
			// Whoever wrote this was cut off, maybe after the platform took it.
			cause.Code, cause.Detail = codeCutOff, "sending was cut off"
		}
		return s.unknown(ctx, cause)
	}
	return s.attempt(ctx)
}

// cutShort fails an automatic answer that comes too late, and a part of a longer text
// when the part before it was not sent: the rest alone makes no sense to anybody.
func (s *sending) cutShort(ctx context.Context) (bool, error) {
	if s.job.Reply.Automatic && s.ledger.State != docket.LedgerPending && s.Now().Sub(s.job.At) > freshFor {
		return true, s.settle(ctx, docket.LedgerFailed, &channel.SendError{Class: channel.Permanent,
			Detail: "an automatic answer of " + s.job.At.UTC().Format("2 January 15:04") + " comes too late to be of use"})
	}
	if s.job.Reply.After == "" || s.ledger.State != "" {
		return false, nil
	}
	before, _, err := s.Docket.Ledger(ctx, s.job.Reply.After)
	if err != nil || before.State != docket.LedgerFailed {
		return false, err
	}
	return true, s.settle(ctx, docket.LedgerFailed, &channel.SendError{Class: channel.Permanent,
		Detail: fmt.Sprintf("part %d of %d was not sent, so this one was not either", s.job.Reply.Part-1, s.job.Reply.Parts)})
}

// prepare finds the channel and the credentials and completes the reply.
func (s *sending) prepare(ctx context.Context) error {
	fail := func(class channel.Class, format string, args ...any) error {
		return &channel.SendError{Class: class, Detail: fmt.Sprintf(format, args...)}
	}
	in, ok := s.Policy.Inbox(s.job.Thread.Inbox)
	if !ok {
		return fail(channel.Permanent, "the inbox %s is not in the desk policy any more", s.job.Thread.Inbox)
	}
	s.outlet.Inbox = docket.InboxAt(in, s.PublicURL)
	if to := s.job.Reply.To; s.job.Thread.Visibility == message.Private && !to.IsZero() {
		switch no, err := s.Docket.Refused(ctx, in.ID, to); {
		case err != nil:
			return err
		case no != nil:
			return fail(channel.Permanent, "they refused to be written to here on %s: %s", no.At.Format("2 January 2006"), no.Why)
		}
	}
	if s.ch, ok = s.Find(in.Channel); !ok {
		return fail(channel.Permanent, "this desk does not speak %s", in.Channel)
	}
	token, err := s.token(ctx, in)
	if errors.Is(err, secret.ErrMissing) {
		return fail(channel.Blocked, "the inbox %s has no sending credential: %v", in.ID, err)
	}
	if err != nil {
		return err
	}
	s.outlet.HTTP, s.outlet.Token, s.outlet.Now = s.HTTP, token, s.Now()
	r := s.job.Reply
	s.reply = channel.Reply{ID: r.Reply, Thread: docket.ThreadAt(s.job.Thread), To: r.To, Parent: r.Parent, Text: r.Text,
		Subject: r.Subject, Refs: r.Refs, Automatic: r.Automatic, Again: r.Again}
	if local, domain, isMail := strings.Cut(in.Account, "@"); isMail && in.Channel == "email" {
		keys, err := s.Secrets.Values(ctx, secret.Link, "")
		if err != nil {
			return fmt.Errorf("key for link tokens: %w", err)
		}
		token := linktoken.Mint(keys[0], s.job.Case, s.job.At, s.Policy.Cases.LinkTokenLife)
		s.reply.ReplyTo = local + "+" + token + "@" + domain
	}
	return nil
}

// token is an inbox's sending credential; at SES without one, the function's role.
func (f *Reply) token(ctx context.Context, in policy.Inbox) (string, error) {
	tokens, err := f.Secrets.Values(ctx, secret.Token, in.ID)
	if errors.Is(err, secret.ErrMissing) && in.Provider == "ses" && f.Role != nil {
		return f.Role(ctx)
	}
	if err != nil {
		return "", err
	}
	return tokens[0], nil
}

// attempt makes the call, with the ledger written on both sides of it.
func (s *sending) attempt(ctx context.Context) error {
	s.ledger.State, s.ledger.At, s.ledger.Until = docket.LedgerPending, s.Now(), time.Time{}
	s.ledger.Attempt++
	s.ledger.Tried, s.ledger.Looks = s.Now(), 0
	s.ledger.Class, s.ledger.Code, s.ledger.Detail = "", "", ""
	if err := s.write(ctx); err != nil {
		return err
	}
	call, hangUp := s.call(ctx)
	receipt, err := s.ch.Send(call, s.outlet, s.reply)
	hangUp()
	if err == nil {
		if err := s.sent(ctx, receipt); err != nil {
			return err
		}
		return s.working(ctx, receipt.Pause)
	}
	failed := channel.AsSendError(err)
	s.Log.Warn("reply not sent", "reply", s.reply.ID, "inbox", s.outlet.Inbox.ID, "class", string(failed.Class), "error", failed.Error())
	switch failed.Class {
	case channel.Throttled:
		return errors.Join(s.throttled(ctx, failed), s.wait(ctx, failed))
	case channel.Retry:
		return s.wait(ctx, failed)
	case channel.Blocked:
		return s.blocked(ctx, failed)
	case channel.Permanent:
		if err := s.settle(ctx, docket.LedgerFailed, failed); err != nil || !failed.Refused {
			return err
		}
		return s.refused(ctx, failed)
	}
	s.ledger.Tried = s.Now() // the platform may have worked on it until now
	return s.unknown(ctx, failed)
}

// call bounds a platform's time to answer. The limit is shorter than the
// invocation's, so that what is unknown can still be written down.
func (s *sending) call(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(channel.WithInbox(ctx, s.outlet.Inbox), callTimeout)
}

func (s *sending) sent(ctx context.Context, r channel.Receipt) error {
	s.ledger.Platform, s.ledger.Key, s.ledger.With = r.ID, r.Thread, r.With
	s.ledger.Class, s.ledger.Code, s.ledger.Detail = "", "", ""
	return s.settle(ctx, docket.LedgerSent, nil)
}

// unknown finds out what became of a reply that may have been taken.
func (s *sending) unknown(ctx context.Context, cause *channel.SendError) error {
	if again, ok := s.ch.(channel.Repeater); ok && s.ledger.Attempt < maxAttempts && again.Repeats(s.reply, s.ledger.First, s.Now()) {
		return s.wait(ctx, &channel.SendError{Class: channel.Retry, Code: cause.Code, Detail: "sent again under the same key: " + cause.Detail, Err: cause.Err})
	}
	looker, can := s.ch.(channel.Lookuper)
	if !can {
		cause.Detail = "nobody knows whether it arrived, and " + s.outlet.Inbox.Channel + " can't be asked: " + cause.Detail
		return s.settle(ctx, docket.LedgerUnconfirmed, cause)
	}
	call, hangUp := s.call(ctx)
	receipt, found, err := looker.Lookup(call, s.outlet, s.reply, s.ledger.First.Add(-time.Minute))
	hangUp()
	if err == nil && found {
		return s.sent(ctx, receipt)
	}
	if errors.Is(err, channel.ErrNoLookup) {
		cause.Detail = "nobody knows whether it arrived, and the platform can't be asked: " + cause.Detail
		return s.settle(ctx, docket.LedgerUnconfirmed, cause)
	}
	switch missing := err == nil && s.Now().Sub(s.ledger.Tried) >= looker.Lag(); {
	case missing && cause.Code == "":
		// It did not answer, and may still do what it was asked to: another try
		// could be the second.
		cause.Detail = "nobody knows whether it will arrive: " + s.outlet.Inbox.Channel + " does not list it and did not answer: " + cause.Detail
		return s.settle(ctx, docket.LedgerUnconfirmed, cause)
	case missing:
		return s.wait(ctx, &channel.SendError{Class: channel.Retry, Code: cause.Code, Detail: "it did not arrive the first time", Err: cause.Err})
	case err != nil:
		s.ledger.Looks++
	}
	if s.ledger.Looks >= maxLooks {
		cause.Detail = "nobody knows whether it arrived, and looking it up failed: " + err.Error()
		return s.settle(ctx, docket.LedgerUnconfirmed, cause)
	}
	s.ledger.At, s.ledger.Class, s.ledger.Code, s.ledger.Detail = s.Now(), string(cause.Class), cause.Code, cause.Detail
	if s.ledger.Detail == "" && cause.Err != nil {
		s.ledger.Detail = cause.Err.Error()
	}
	if err := s.write(ctx); err != nil {
		return err
	}
	return &consume.Later{After: max(lookAgain, looker.Lag()/2), Why: "looking whether it arrived"}
}

// wait tries again later, in the thread's order: the queue's group stands still
// until then.
func (s *sending) wait(ctx context.Context, cause *channel.SendError) error {
	if s.ledger.Attempt >= maxAttempts {
		cause.Detail = fmt.Sprintf("given up after %d attempts: %s", s.ledger.Attempt, cause.Detail)
		return s.settle(ctx, docket.LedgerFailed, cause)
	}
	d := cause.Wait
	if d <= 0 {
		d = consume.Backoff(s.ledger.Attempt + 1)
	}
	s.ledger.State, s.ledger.At, s.ledger.Until = docket.LedgerWaiting, s.Now(), s.Now().Add(d)
	s.ledger.Class, s.ledger.Code, s.ledger.Detail = string(cause.Class), cause.Code, cause.Error()
	if err := s.write(ctx); err != nil {
		return err
	}
	if err := s.report(ctx); err != nil {
		return err
	}
	return &consume.Later{After: d, Why: cause.Error()}
}

func (s *sending) settle(ctx context.Context, state string, cause *channel.SendError) error {
	s.ledger.State, s.ledger.At = state, s.Now()
	if cause != nil {
		s.ledger.Class, s.ledger.Code, s.ledger.Detail = string(cause.Class), cause.Code, cause.Error()
	}
	if err := s.write(ctx); err != nil {
		return err
	}
	return s.report(ctx)
}

func (s *sending) write(ctx context.Context) error {
	l, err := s.Docket.WriteLedger(ctx, s.ledger, s.job.Thread.Channel, s.job.Thread.Inbox)
	if err != nil {
		return err
	}
	s.ledger = l
	return nil
}

// report tells the case. It is repeated until the queue has it.
func (s *sending) report(ctx context.Context) error {
	l := s.ledger
	state := l.State
	if state == docket.LedgerWaiting {
		state = "delayed"
	}
	m, err := docket.Work{Case: s.job.Case, Report: &casework.ReportReply{Reply: l.Reply, State: state, Platform: l.Platform,
		Key: l.Key, With: l.With, At: l.At, Until: l.Until, Class: l.Class, Code: l.Code, Why: l.Detail}}.Message()
	if err != nil {
		return err
	}
	return s.Queue.Send(ctx, plan.Cases, m)
}
