// Package eventbridge publishes feeds on an Amazon EventBridge bus: one event for
// each entry, of the detail type that says what happened last. Rules pick a
// department's events by the member "departments" of their detail. The relay
// function's bootstrap imports it; it imports feed and aws.
package eventbridge

import (
	"context"
	"encoding/json"
	"fmt"

	"ines/shared/aws"
	"ines/shared/casework"
	"ines/shared/feed"
)

// PutEvents takes ten entries and 256 KB in one call (the sizes of source, detail
// and detail type together).
const (
	maxEntries = 10
	maxBytes   = 250_000
)

// Bus is a feed.Publisher. It is safe for concurrent use.
type Bus struct {
	AWS    aws.Config
	Name   string // of the bus
	Source string // what events say they come from
}

type entry struct {
	EventBusName string
	Source       string
	DetailType   string
	Detail       string
	Time         float64 // seconds since 1970
}

// Publish implements feed.Publisher. Entries that the bus does not take are given
// to it again; an error names the first that it would not take at all.
func (b Bus) Publish(ctx context.Context, entries ...feed.Entry) error {
	for len(entries) > 0 {
		var call []entry
		size, n := 0, 0
		for _, e := range entries {
			one, err := b.entry(e)
			if err != nil {
				return err
			}
			if n == maxEntries || n > 0 && size+len(one.Detail) > maxBytes {
				break
			}
			call, size, n = append(call, one), size+len(one.Detail), n+1
		}
		if err := b.put(ctx, call); err != nil {
			return fmt.Errorf("publish on the bus %s: %w", b.Name, err)
		}
		entries = entries[n:]
	}
	return nil
}

func (b Bus) entry(e feed.Entry) (entry, error) {
	kind := "case"
	if n := len(e.Events); n > 0 {
		kind = e.Events[n-1].Kind()
	}
	detail, err := json.Marshal(e)
	if err == nil && len(detail) > maxBytes {
		detail, err = json.Marshal(shortened(e))
	}
	if err != nil {
		return entry{}, fmt.Errorf("feed entry %s: %w", e.ID, err)
	}
	return entry{EventBusName: b.Name, Source: b.Source, DetailType: kind, Detail: string(detail), Time: float64(e.At.Unix())}, nil
}

// shortened drops the words of messages: who needs them reads the case.
func shortened(e feed.Entry) feed.Entry {
	events := make(casework.Events, len(e.Events))
	for i, ev := range e.Events {
		if r, ok := ev.(casework.MessageReceived); ok {
			r.Message.Text, r.Message.Subject, r.Message.Attachments, r.Message.Cut = "", "", nil, true
			ev = r
		}
		events[i] = ev
	}
	e.Events = events
	return e
}

// put sends entries until the bus has taken them all: an answer of 200 may say
// that it did not take some.
func (b Bus) put(ctx context.Context, entries []entry) error {
	const tries = 4
	for n := 1; ; n++ {
		var answer struct {
			Entries []struct{ ErrorCode, ErrorMessage string }
		}
		if err := b.AWS.JSON(ctx, aws.Events, "1.1", "AWSEvents.PutEvents", map[string]any{"Entries": entries}, &answer); err != nil {
			return err
		}
		var left []entry
		var why string
		for i, a := range answer.Entries {
			if a.ErrorCode != "" && i < len(entries) {
				left, why = append(left, entries[i]), a.ErrorCode+": "+a.ErrorMessage
			}
		}
		if len(left) == 0 {
			return nil
		}
		if n == tries {
			return fmt.Errorf("%d of %d events were refused: %s", len(left), len(entries), why)
		}
		if err := b.AWS.Backoff(ctx, n); err != nil {
			return err
		}
		entries = left
	}
}
