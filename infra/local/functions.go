package local

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"ines/functions/casework"
	"ines/functions/classify"
	"ines/functions/clock"
	"ines/functions/desk"
	"ines/functions/receive"
	"ines/functions/relay"
	"ines/functions/reply"
	"ines/infra/plan"
	"ines/shared/attachment"
	casefacts "ines/shared/casework"
	"ines/shared/classify/bedrock"
	"ines/shared/docket"
	"ines/shared/feed"
	"ines/shared/message"
)

// clientTimeout bounds a platform's call where the function sets no time itself.
const clientTimeout = 30 * time.Second

// functions makes every function of the plan over the embedded drivers, as their
// bootstraps do over AWS's.
func (h *Host) functions() (map[string]*function, error) {
	c, now := h.c, h.clock.Now
	files := attachment.Offline()
	if c.Live {
		files = attachment.Client()
	}
	client := &http.Client{Transport: h.sink, Timeout: clientTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	eraser := h.eraser()
	handlers := map[string]any{
		plan.Receive: receive.New(receive.Config{Policy: c.Desk, Find: c.Find, Secrets: h.secrets, Queue: h.queues, Archive: h.archive,
			Now: now, Wall: c.Wall, Skew: h.clock.Skew, PublicURL: h.publicURL, HTTP: client, Log: c.Log}).Handle,
		plan.Classify: classify.New(classify.Config{Policy: c.Desk, Find: c.Find, Classifier: c.Classifier, Docket: h.docket,
			Archive: h.archive, Deposits: c.Deposits, Queue: h.queues, Postpone: h.queues, Second: h.secondOpinion(), Log: c.Log}).Handle,
		plan.Casework: casework.New(casework.Config{Docket: h.docket, Postpone: h.queues, Now: now, Log: c.Log}).Handle,
		plan.Relay:    relay.New(relay.Config{Docket: h.docket, Policy: c.Desk, Find: c.Find, Queue: h.queues, Feeds: h.feeds(), Log: c.Log}).Handle,
		plan.Reply: reply.New(reply.Config{Docket: h.docket, Policy: c.Desk, Find: c.Find, Secrets: h.secrets, Queue: h.queues,
			Postpone: h.queues, HTTP: client, Files: files, Archive: h.archive, Now: now, PublicURL: h.publicURL, Log: c.Log}).Handle,
		plan.Clock: clock.New(clock.Config{Docket: h.docket, Queue: h.queues, Eraser: eraser, Now: now, Log: c.Log}).Handle,
		plan.Desk: desk.New(desk.Config{Docket: h.docket, Policy: c.Desk, Channels: docket.NewChannels(c.Desk, c.Find),
			Archive: h.archive, Eraser: eraser, Feeds: h.feeds(), Now: now, Log: c.Log,
			About: func(m *message.Message) (casefacts.About, error) { return classify.About(c.Desk, c.Classifier, m), nil }}).Handle,
	}
	hosted := make(map[string]*function, len(handlers))
	for _, f := range c.Plan.Functions {
		handle, ok := handlers[f.Name]
		if !ok {
			return nil, fmt.Errorf("the plan has a function %s that the local engine can't make", f.Name)
		}
		hosted[f.Name] = host(f, handle, h.ids, &h.busy)
	}
	return hosted, nil
}

// feeds keeps the departments' feeds where their route reads them.
func (h *Host) feeds() *feed.Shelf { return feed.NewShelf(h.table, h.clock.Now) }

// Invoke runs one function on a Lambda event's JSON and returns its answer's, with
// nothing else running.
func (h *Host) Invoke(ctx context.Context, name string, event []byte) ([]byte, error) {
	f, ok := h.hosted[name]
	if !ok {
		return nil, fmt.Errorf("there is no function %q", name)
	}
	return f.run(ctx, event)
}

// secondOpinion is asked only where the operator has said how to reach Bedrock.
func (h *Host) secondOpinion() *bedrock.Asker {
	if h.c.Bedrock == nil {
		return nil
	}
	return classify.SecondOpinion(h.c.Desk, *h.c.Bedrock, h.docket, h.c.Wall, h.c.Log)
}
