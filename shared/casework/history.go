package casework

import (
	"slices"
	"time"

	"ines/shared/message"
)

// What a case's history says of its urgency; what the words say is in About
// already.
const (
	pressingSpan = time.Hour
	channelsSpan = 24 * time.Hour
	maxContacts  = 6
)

var ordinals = [...]string{3: "third", 4: "fourth", 5: "fifth", 6: "sixth"}

// contact remembers when the customer wrote last, for pressing.
func (c *Case) contact(m message.Message) {
	if m.Automatic {
		return
	}
	c.Contacts = append(c.Contacts, m.SentAt)
	if n := len(c.Contacts); n > maxContacts {
		c.Contacts = slices.Delete(c.Contacts, 0, n-maxContacts)
	}
}

// pressing adds to what the case is about that its customer keeps coming back: from
// the third contact within an hour on it is urgent. Several channels within a day
// are said besides.
func (c *Case) pressing(about About, at time.Time) About {
	recent := 0
	for _, t := range c.Contacts {
		if !t.After(at) && at.Sub(t) < pressingSpan {
			recent++
		}
	}
	var points []string
	if recent >= 3 {
		points = append(points, ordinals[recent]+" contact within the hour")
		if about.Urgency == "" || about.Urgency == "normal" {
			about.Urgency = "high"
		}
	}
	channels := map[string]bool{}
	for _, t := range c.Threads {
		if !t.LastInbound.IsZero() && !t.LastInbound.After(at) && at.Sub(t.LastInbound) < channelsSpan {
			channels[t.Channel] = true
		}
	}
	if len(channels) > 1 {
		points = append(points, "on several channels")
	}
	if len(points) == 0 {
		return about
	}
	about.Points = slices.Clone(about.Points)
	for _, p := range points {
		if !slices.Contains(about.Points, p) {
			about.Points = append(about.Points, p)
		}
	}
	return about
}
