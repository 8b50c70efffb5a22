package local

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"ines/shared/channel"
)

// sink stands where the network would be: reply's HTTP client sends through it. It
// answers as the platform does, remembers what it took, makes what goes wrong go
// wrong, and records every call. With a network behind it (live) it passes calls on
// instead of answering them.
type sink struct {
	find    func(string) (channel.Channel, bool)
	now     func() time.Time // the desk's clock
	record  *record
	faults  faults
	hangs   hangs
	network http.RoundTripper // nil: emulate

	mu      sync.Mutex
	inboxes map[string]*platform
}

// feedChannel is what calls to departments' webhooks are made as; the sink takes
// them as a department would.
const feedChannel = "feed"

// platform is one inbox's side over there.
type platform struct {
	mu      sync.Mutex // calls come one at a time
	loaded  bool
	earlier []channel.Call
}

func newSink(find func(string) (channel.Channel, bool), now, wall func() time.Time, busy *activity, r *record, network http.RoundTripper) *sink {
	return &sink{find: find, now: now, hangs: hangs{wall: wall, busy: busy}, record: r, network: network, inboxes: map[string]*platform{}}
}

// RoundTrip implements http.RoundTripper.
func (s *sink) RoundTrip(r *http.Request) (*http.Response, error) {
	in, ok := channel.InboxFrom(r.Context())
	if !ok {
		return nil, fmt.Errorf("a call of %s %s without its inbox (channel.WithInbox)", r.Method, r.URL.Host)
	}
	began := s.record.erased.Load()
	call, err := s.call(r, in)
	if err != nil {
		return nil, err
	}
	f, faulty := s.faults.next(in.Channel, r.Method, channel.IsAsking(r.Context()))
	switch {
	case faulty && f.Status != 0:
		call.Answer = f.answer(call.At)
		if err := s.record.add(r.Context(), in.Channel, call, false, began); err != nil {
			return nil, err
		}
		return response(r, call.Answer), nil
	case faulty && f.wait > 0:
		if err := s.record.add(r.Context(), in.Channel, call, false, began); err != nil {
			return nil, err
		}
		return nil, s.hangs.hang(r.Context(), f.wait)
	}
	answer, err := s.answer(r, in, call, began)
	if err != nil {
		return nil, err
	}
	if faulty && f.Drop {
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	}
	return response(r, answer), nil
}

func (s *sink) call(r *http.Request, in channel.Inbox) (channel.Call, error) {
	call := channel.Call{At: s.now().UTC(), Inbox: in.ID, Method: r.Method, URL: r.URL.String(), Header: r.Header.Clone()}
	if r.Body == nil {
		return call, nil
	}
	defer r.Body.Close()
	var err error
	if call.Body, err = io.ReadAll(r.Body); err != nil {
		return call, fmt.Errorf("the call's body: %w", err)
	}
	return call, nil
}

func (s *sink) answer(r *http.Request, in channel.Inbox, call channel.Call, began int64) (channel.CallAnswer, error) {
	if s.network == nil {
		return s.emulate(r.Context(), in, call, began)
	}
	out := r.Clone(r.Context())
	out.Body = io.NopCloser(bytes.NewReader(call.Body))
	resp, err := s.network.RoundTrip(out)
	if err != nil {
		// The call's own error says more than one of the record's would.
		_ = s.record.add(context.WithoutCancel(r.Context()), in.Channel, call, false, began)
		return channel.CallAnswer{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 2<<20))
	call.Answer = channel.CallAnswer{Status: resp.StatusCode, Header: resp.Header, Body: body}
	if kept := s.record.add(context.WithoutCancel(r.Context()), in.Channel, call, false, began); kept != nil {
		return call.Answer, kept
	}
	return call.Answer, err
}

// emulate asks the channel's emulator. What it took is on disk before the answer
// leaves: a platform doesn't forget when this process is killed.
func (s *sink) emulate(ctx context.Context, in channel.Inbox, call channel.Call, began int64) (channel.CallAnswer, error) {
	s.mu.Lock()
	p := s.inboxes[in.ID]
	if p == nil {
		p = &platform{}
		s.inboxes[in.ID] = p
	}
	s.mu.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.loaded {
		earlier, err := s.record.accepted(ctx, in.ID)
		if err != nil {
			return channel.CallAnswer{}, err
		}
		p.earlier, p.loaded = earlier, true
	}
	call.Answer = channel.CallAnswer{Status: http.StatusNotFound, Header: http.Header{"Content-Type": {"application/json"}},
		Body: []byte(`{"title":"Not Found","status":404,"detail":"the emulated platform knows no such call"}`)}
	if in.Channel == feedChannel {
		call.Answer = channel.CallAnswer{Status: http.StatusNoContent}
	} else if ch, ok := s.find(in.Channel); ok {
		if em, ok := ch.(channel.Emulator); ok {
			if answer, known := em.Emulate(call, p.earlier); known {
				call.Answer = answer
			}
		}
	}
	// Who is asked for is no business of replies, and no part of what they find.
	took := call.Answer.Status < 300 && !channel.IsAsking(ctx)
	if err := s.record.add(ctx, in.Channel, call, took, began); err != nil {
		return channel.CallAnswer{}, err
	}
	if took {
		p.earlier = append(p.earlier, call)
	}
	return call.Answer, nil
}

func response(r *http.Request, a channel.CallAnswer) *http.Response {
	header := a.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{
		Status: fmt.Sprintf("%d %s", a.Status, http.StatusText(a.Status)), StatusCode: a.Status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: io.NopCloser(bytes.NewReader(a.Body)), ContentLength: int64(len(a.Body)), Request: r,
	}
}
