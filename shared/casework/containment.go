package casework

import (
	"time"

	"ines/shared/message"
	"ines/shared/policy"
)

// Spread is how a public thread grew lately. It says who should know and nothing
// of when the case is served: no ranking looks at it.
type Spread struct {
	Thread string    `json:"thread"`
	Beats  []Beat    `json:"beats,omitempty"` // oldest first, a minute each, the last two hours'
	Told   time.Time `json:"told,omitzero"`   // when the lead was told last
	Until  time.Time `json:"until,omitzero"`  // and until when not again
	// As it stood when he was told.
	Replies int   `json:"replies,omitempty"`
	Reach   int64 `json:"reach,omitempty"`
}

// Beat is one minute of a spread.
type Beat struct {
	At      time.Time `json:"at"`
	Replies int       `json:"replies"`
	Reach   int64     `json:"reach,omitempty"` // of those who joined then
}

// maxSpreads bounds the public threads whose growth a case remembers.
const maxSpreads = 4

func (c *Case) spread(thread string) *Spread {
	for i := range c.Spreads {
		if c.Spreads[i].Thread == thread {
			return &c.Spreads[i]
		}
	}
	return nil
}

// joined counts an answer of somebody else in a public thread; newcomer says that
// he had not written in the case before.
func (c *Case) joined(thread string, at time.Time, m message.Message, newcomer bool) {
	if m.Visibility != message.Public {
		return
	}
	s := c.spread(thread)
	if s == nil {
		if len(c.Spreads) >= maxSpreads {
			return
		}
		c.Spreads = append(c.Spreads, Spread{Thread: thread})
		s = &c.Spreads[len(c.Spreads)-1]
	}
	minute, old := at.UTC().Truncate(time.Minute), at.Add(-policy.LongestContainment)
	for len(s.Beats) > 0 && s.Beats[0].At.Before(old.Truncate(time.Minute)) {
		s.Beats = s.Beats[1:]
	}
	if n := len(s.Beats); n == 0 || s.Beats[n-1].At.Before(minute) {
		s.Beats = append(s.Beats, Beat{At: minute})
	}
	b := &s.Beats[len(s.Beats)-1]
	b.Replies++
	if newcomer {
		b.Reach += m.Author.Reach
	}
}

// since sums what came after a time, to the minute.
func (s Spread) since(t time.Time) (replies int, reach int64) {
	t = t.Truncate(time.Minute)
	for _, b := range s.Beats {
		if !b.At.Before(t) {
			replies, reach = replies+b.Replies, reach+b.Reach
		}
	}
	return replies, reach
}

// contain tells the lead when a public thread grows fast, once in the policy's
// time, and proposes to go on in private.
func (d *draft) contain(thread string) {
	s := d.c.spread(thread)
	if s == nil || d.env.Now.Before(s.Until) || d.c.Status == StatusResolved {
		return
	}
	rule := d.env.Policy.Containment
	replies, reach := s.since(d.env.Now.Add(-rule.Within))
	why, fast := rule.Spreads(replies, reach)
	if !fast {
		return
	}
	e := Spreading{Thread: thread, Replies: replies, Reach: reach, Who: d.leads(), Until: d.env.Now.Add(rule.Within), Why: why}
	if !d.c.hasPrivate() {
		e.Proposed = "go_private"
	}
	d.emit(e)
}

func (c *Case) hasPrivate() bool {
	for _, t := range c.Threads {
		if t.Visibility == message.Private {
			return true
		}
	}
	return false
}

func (c *Case) applySpreading(at time.Time, e Spreading) {
	s := c.spread(e.Thread)
	if s == nil {
		if len(c.Spreads) >= maxSpreads {
			return
		}
		c.Spreads = append(c.Spreads, Spread{Thread: e.Thread})
		s = &c.Spreads[len(c.Spreads)-1]
	}
	s.Told, s.Until, s.Replies, s.Reach = at, e.Until, e.Replies, e.Reach
}

// Spreading is the fastest of the case's threads that the lead was told of, as
// people see it; nil if none, or the case is closed. Proposed is whether going
// private is still to be done.
func (c *Case) Spreading() (s *Spread, proposed bool) {
	if c.Status == StatusResolved {
		return nil, false
	}
	for i := range c.Spreads {
		if t := &c.Spreads[i]; !t.Told.IsZero() && (s == nil || t.Told.After(s.Told)) {
			s = t
		}
	}
	return s, s != nil && !c.hasPrivate()
}
