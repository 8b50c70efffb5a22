package x

import (
	"encoding/json"
	"slices"

	"ines/shared/message"
)

// readReceipts reads dm.read, which wraps the older shape.
func (r reader) readReceipts(ev event) []message.Item {
	var p struct {
		Events many[json.RawMessage] `json:"direct_message_mark_read_events"`
	}
	if !decode(ev.Payload, &p) || len(p.Events) == 0 {
		return []message.Item{r.readUpTo(string(ev.UUID), ev.Payload, r.own(ev.Filter.UserID))}
	}
	var items []message.Item
	for _, raw := range p.Events {
		items = append(items, r.readUpTo(string(ev.UUID), raw, r.own(ev.Filter.UserID)))
	}
	return items
}

// readUpTo: somebody has read a conversation up to now. X names the last message
// read, which may be theirs; what counts is that ours before it were seen.
func (r reader) readUpTo(key string, raw json.RawMessage, own []string) message.Item {
	var d struct {
		At     id `json:"created_timestamp"`
		Sender id `json:"sender_id"`
		Target struct {
			Recipient id `json:"recipient_id"`
		} `json:"target"`
		Last id `json:"last_read_event_id"`
	}
	if !decode(raw, &d) {
		return unrecognised(key, "a read receipt that is no object")
	}
	if key == "" {
		key = string(d.Last) + "/read"
	}
	reader, other := string(d.Sender), string(d.Target.Recipient)
	switch {
	case reader == "" || other == "":
		return unrecognised(key, "a read receipt without reader or conversation")
	case slices.Contains(own, reader):
		return ignored(key, "read_receipt") // we read something
	}
	return message.Item{Kind: message.KindReport, Key: key, Report: &message.Report{
		Channel: r.in.Channel, Inbox: r.in.ID, Thread: pair(reader, other), State: message.ReportRead, At: r.when(millis(d.At)),
	}}
}
