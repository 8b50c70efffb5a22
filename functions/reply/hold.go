package reply

import (
	"context"
	"time"

	"ines/infra/plan"
	"ines/shared/channel"
	"ines/shared/docket"
	"ines/shared/message"
	"ines/shared/queue/consume"
)

// held lets a reply wait while its inbox may send nothing. Of those that wait for a
// blocked inbox one goes ahead when the time has come, to see whether it works.
func (s *sending) held(ctx context.Context) (bool, error) {
	h, err := s.Docket.Hold(ctx, s.outlet.Inbox.ID)
	if err != nil {
		return false, err
	}
	now := s.Now()
	if h.Open(now) {
		return false, nil
	}
	if h.State == docket.HoldBlocked && !now.Before(h.Until) {
		next := h.Probe(now)
		won, err := s.Docket.WriteHold(ctx, next)
		if won || err != nil {
			return false, err
		}
		h = next
	}
	return true, s.hold(ctx, h)
}

// hold puts a reply back until its inbox may send. A ledger that is pending stays
// so: that reply has yet to be looked up.
func (s *sending) hold(ctx context.Context, h docket.Hold) error {
	why := "the inbox " + h.Inbox + " is " + h.State + ": " + h.Why
	if s.ledger.State != docket.LedgerPending && s.ledger.Detail != why {
		s.ledger.State, s.ledger.At, s.ledger.Until = docket.LedgerWaiting, s.Now(), time.Time{}
		s.ledger.Class, s.ledger.Code, s.ledger.Detail = h.State, h.Code, why
		if err := s.write(ctx); err != nil {
			return err
		}
		s.ledger.Until = h.Until // for the report: the ledger itself waits for the inbox
		if err := s.report(ctx); err != nil {
			return err
		}
	}
	now := s.Now()
	return &consume.Later{After: min(max(h.Until.Sub(now), time.Second), max(now.Sub(h.Since)/8, shortestHold), longestHold), Why: why}
}

// blocked stops the inbox, and this reply with it.
func (s *sending) blocked(ctx context.Context, cause *channel.SendError) error {
	h, err := s.Docket.Hold(ctx, s.outlet.Inbox.ID)
	if err != nil {
		return err
	}
	now := s.Now()
	if h.State != docket.HoldBlocked {
		h.State, h.Since, h.Probes = docket.HoldBlocked, now, 0
	}
	if !now.Before(h.Until) || h.Probes == 0 {
		h = h.Probe(now)
	}
	h.Code, h.Why = cause.Code, cause.Error()
	if _, err := s.Docket.WriteHold(ctx, h); err != nil {
		return err
	}
	s.Metrics.Count(plan.MetricInboxBlocked, h.Inbox)
	s.Log.Error("inbox can't send", "inbox", h.Inbox, "code", cause.Code, "error", cause.Error(), "since", h.Since, "next_try", h.Until)
	if s.ledger.Attempt > 0 && s.ledger.State == docket.LedgerPending {
		s.ledger.Attempt-- // it is the inbox that failed, not the reply
		s.ledger.State = docket.LedgerWaiting
	}
	return s.hold(ctx, h)
}

// throttled makes the inbox's other replies wait, too, unless the limit is about
// this conversation alone.
func (s *sending) throttled(ctx context.Context, cause *channel.SendError) error {
	if cause.Narrow {
		return nil
	}
	wait := cause.Wait
	if wait <= 0 {
		wait = consume.Backoff(s.ledger.Attempt + 1)
	}
	return s.pause(ctx, wait, cause.Code, cause.Error())
}

// working notes that the inbox sends, and how long the platform wants it quiet.
func (s *sending) working(ctx context.Context, pause time.Duration) error {
	if pause > 0 {
		return s.pause(ctx, pause, "", "the platform says that its limit is close")
	}
	h, err := s.Docket.Hold(ctx, s.outlet.Inbox.ID)
	if err != nil || h.State != docket.HoldBlocked {
		return err
	}
	s.Log.Info("inbox sends again", "inbox", h.Inbox, "since", h.Since)
	_, err = s.Docket.Resume(ctx, h.Inbox)
	return err
}

func (s *sending) pause(ctx context.Context, wait time.Duration, code, why string) error {
	h, err := s.Docket.Hold(ctx, s.outlet.Inbox.ID)
	if err != nil {
		return err
	}
	now := s.Now()
	if h.State == docket.HoldThrottled && h.Until.After(now.Add(wait)) {
		return nil
	}
	h.State, h.Since, h.Until, h.Probes, h.Code, h.Why = docket.HoldThrottled, now, now.Add(wait), 0, code, why
	_, err = s.Docket.WriteHold(ctx, h)
	return err
}

// refused keeps the platform's word that somebody does not want our messages.
func (s *sending) refused(ctx context.Context, cause *channel.SendError) error {
	t := s.job.Thread
	why := cause.Detail
	if why == "" {
		why = "the platform says so (" + cause.Code + ")"
	}
	c := message.Consent{Channel: t.Channel, Inbox: t.Inbox, Thread: t.Key, ID: "refused/" + s.reply.ID,
		Author: message.Author{Handle: s.reply.To}, Refused: true, At: s.Now(), Why: why}
	if err := s.Docket.NoteRefusal(ctx, c); err != nil {
		return err
	}
	m, err := docket.Work{Case: s.job.Case, Consent: &c}.Message()
	if err != nil {
		return err
	}
	return s.Queue.Send(ctx, plan.Cases, m)
}
