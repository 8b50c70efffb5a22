package local

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"ines/infra/plan"
)

// GCPercent is what a process that runs a host should set its garbage collector to:
// it trades memory, of which a desk needs little, for a twelfth of the processor's time.
const GCPercent = 300

const (
	// serveGrace is how long requests may take to end at shutdown, and
	// workGrace how long the invocations behind the queues may.
	serveGrace = 5 * time.Second
	workGrace  = 10 * time.Second
)

// Run serves until ctx ends, then stops accepting, lets what runs finish (for a
// bounded time; what doesn't is taken up after the next start) and returns.
func (h *Host) Run(ctx context.Context) error {
	routes, err := parseRoutes(h.c.Plan.Functions, h.hosted)
	if err != nil {
		return err
	}
	// Invocations outlive ctx so that they can finish.
	work, abandon := context.WithCancel(context.WithoutCancel(ctx))
	defer abandon()
	stop, halt := context.WithCancel(ctx)
	defer halt()

	var machines sync.WaitGroup
	for _, p := range h.pollers {
		machines.Go(func() { p.run(stop, work) })
	}
	machines.Go(func() { h.follower.run(stop, work) })
	machines.Go(func() { h.ticker.run(stop, work) })

	served := make(chan error, 1)
	var server *http.Server
	if h.listener != nil {
		g := &gateway{routes: routes, receive: h.hosted[plan.Receive], ids: h.ids, front: &h.front, wall: h.c.Wall, log: h.c.Log}
		operator := h.operator()
		server = g.server(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/local/") {
				operator.ServeHTTP(w, r)
				return
			}
			g.ServeHTTP(w, r)
		}))
		go func() { served <- server.Serve(h.listener) }()
	}

	select {
	case <-ctx.Done():
	case err = <-served:
		err = fmt.Errorf("serve %s: %w", h.URL(), err)
	}
	if server != nil {
		grace, cancel := context.WithTimeout(work, serveGrace)
		if late := server.Shutdown(grace); late != nil {
			err = errors.Join(err, server.Close())
		}
		cancel()
	}
	halt()
	ended := make(chan struct{})
	go func() {
		machines.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(workGrace):
		h.c.Log.Warn("some invocations did not end in time; they are taken up after the next start")
		abandon()
		<-ended
	}
	return err
}

// tidy is the housekeeping that AWS does by itself.
func (h *Host) tidy(ctx context.Context) {
	if err := h.deleteExpired(ctx); err != nil {
		h.c.Log.Warn("can't delete expired items", "error", err.Error())
	}
}
