package casework

import "time"

// newsLasts is how long another topic is news once: as long as the longest window
// that surges are looked for in, so that nobody counts twice in one.
const newsLasts = 3 * time.Hour

// news notes a topic that is not what the case is about. Whoever has an open case
// and writes of the snow that just closed the airport is one of those it struck,
// though his case stays what it was. Words about the case's own matter are no news.
func (c *Case) news(at time.Time, e MessageReceived) {
	topic := e.About.Topic
	if topic == "" || topic == c.About.Topic || e.Message.Automatic || needsNoAnswer(e.About) {
		return
	}
	if last, ok := c.News[topic]; ok && at.Sub(last) < newsLasts {
		return
	}
	for old, last := range c.News {
		if at.Sub(last) >= newsLasts {
			delete(c.News, old)
		}
	}
	if c.News == nil {
		c.News = map[string]time.Time{}
	}
	c.News[topic] = at
}

// NewsOf is the topic that a commit brought to a case that was there already and is
// about something else, "" if none; c is the case after it.
func (c *Case) NewsOf(cm Commit) string {
	topic := ""
	for _, e := range cm.Events {
		switch e := e.(type) {
		case CaseOpened: // all that its first message says is what it is about
			return ""
		case MessageReceived:
			if last, ok := c.News[e.About.Topic]; ok && e.Role == RoleCustomer && last.Equal(cm.At) {
				topic = e.About.Topic
			}
		}
	}
	return topic
}
