package casework

import "ines/shared/message"

// heard folds somebody's word on being written to into the threads with him.
func (c *Case) heard(e ConsentChanged) {
	for i := range c.Threads {
		t := &c.Threads[i]
		if !t.between(e.Channel, e.Inbox, e.Handle) || e.At.Before(t.ConsentAt) {
			continue
		}
		t.ConsentAt, t.Refused = e.At, ""
		if e.Refused {
			t.Refused = e.Why
			if t.Refused == "" {
				t.Refused = "asked not to be written to"
			}
		}
	}
}

func (t *Thread) between(channel, inbox string, h message.Handle) bool {
	return t.Visibility == message.Private && t.Channel == channel && t.Inbox == inbox && t.With == h
}

// hearConsent records what somebody said about being written to, if it changes
// anything for a thread of the case.
func (d *draft) hearConsent(s message.Consent) {
	for _, t := range d.c.Threads {
		if t.between(s.Channel, s.Inbox, s.Author.Handle) && !s.At.Before(t.ConsentAt) && (t.Refused != "") != s.Refused {
			d.emit(ConsentChanged{Channel: s.Channel, Inbox: s.Inbox, Handle: s.Author.Handle, Refused: s.Refused, At: s.At, Why: s.Why})
			return
		}
	}
}
