package casework

import (
	"ines/shared/message"
	"ines/shared/policy"
)

// callersSMS are the ways to write to somebody who has called: a call itself can't
// be answered in writing.
func (d *draft) callersSMS() []map[string]string {
	for _, in := range d.env.Policy.Inboxes {
		if in.Channel != "sms" || !d.sameBrand(in) {
			continue
		}
		if caller := d.caller(in); !caller.IsZero() {
			return []map[string]string{{"channel": in.Channel, "inbox": in.ID, "by": "private", "address": caller.ID}}
		}
	}
	return nil
}

// caller is the customer's phone number, as calls showed it, if the inbox can write
// to it; else zero. A withheld number can't be written to.
func (d *draft) caller(in policy.Inbox) message.Handle {
	if in.Channel != "sms" {
		return message.Handle{}
	}
	handles := []message.Handle{d.c.Customer.Handle}
	for _, p := range d.c.Handles {
		handles = append(handles, p.Handle)
	}
	for _, h := range handles {
		if h.Channel != "voice" {
			continue
		}
		if _, err := d.env.Channels.Open(in, "", h, Thread{}); err == nil {
			return h
		}
	}
	return message.Handle{}
}
