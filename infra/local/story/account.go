package story

import (
	"fmt"
	"strings"
	"time"

	"ines/shared/policy"
)

// The account is what a performance says while it goes on: a line a step, by the
// desk's clock in the zone of the desk's first community.

func (p *player) say(s Step) {
	p.tell("%s %s", p.now.In(zoneOf(p.Desk)).Format("15:04"), s.summary())
}

func zoneOf(desk *policy.Desk) *time.Location {
	if cs := desk.Communities; len(cs) > 0 && cs[0].Hours != nil {
		return cs[0].Hours.Zone()
	}
	return time.UTC
}

func (p *player) tell(format string, args ...any) {
	fmt.Fprintf(p.Out, format+"\n", args...)
}

// summary is the step in one line.
func (s Step) summary() string {
	if s.About != "" {
		return clip(s.About, 110)
	}
	switch {
	case s.Webhook != "" && s.Repeat > 1:
		return fmt.Sprintf("%s comes in, %d times", s.Webhook, s.Repeat)
	case s.Webhook != "":
		return s.Webhook + " comes in"
	case s.As != "":
		said, _ := s.Fields["text"].(string)
		return strings.TrimSpace(fmt.Sprintf("%s: %s %s", s.As, s.Does, clip(said, 80)))
	}
	return fmt.Sprintf("(%s pass)", strings.TrimSuffix(s.Wait.String(), "0s"))
}
