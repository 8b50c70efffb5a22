package meta

import (
	"encoding/json"

	"ines/shared/channel"
	"ines/shared/channel/lenient"
	"ines/shared/message"
)

type delivery struct {
	Object Text               `json:"object"`
	Entry  *[]json.RawMessage `json:"entry"`
}

// Entry is what a delivery says of one of our accounts. Lists whose members must be
// able to fail one by one stay raw.
type Entry struct {
	ID        Text               `json:"id"`
	Time      Text               `json:"time"`
	Changes   *[]json.RawMessage `json:"changes"`
	Messaging *[]json.RawMessage `json:"messaging"`
	Standby   *[]json.RawMessage `json:"standby"`
	// Some Instagram deliveries have the one change in the entry itself.
	Field Text            `json:"field"`
	Value json.RawMessage `json:"value"`
}

// Change is one member of an entry's changes.
type Change struct {
	Field Text            `json:"field"`
	Value json.RawMessage `json:"value"`
}

// Reader collects the items of one delivery.
type Reader struct {
	In    channel.Inbox
	Env   message.Envelope
	items []message.Item
}

// Walk takes a delivery apart and hands each entry on. What can't be taken apart is
// unrecognised: the body as a whole, a delivery of another object, or one entry.
func Walk(in channel.Inbox, e message.Envelope, object string, visit func(*Reader, Entry)) []message.Item {
	r := &Reader{In: in, Env: e}
	var d delivery
	switch err := json.Unmarshal(e.Body, &d); {
	case err != nil:
		r.Unrecognised("", "The body is not a delivery: %v", err)
	case string(d.Object) != object:
		r.Unrecognised("", "The delivery is of object %.80q, not %s.", d.Object, object)
	case d.Entry == nil:
		r.Unrecognised("", "The delivery has no entries.")
	default:
		for _, raw := range *d.Entry {
			var en Entry
			if err := json.Unmarshal(raw, &en); err != nil {
				r.Unrecognised("", "An entry can't be read: %v", err)
				continue
			}
			if en.Changes == nil && en.Field != "" {
				raw, err := json.Marshal(Change{Field: en.Field, Value: en.Value})
				if err == nil {
					en.Changes = &[]json.RawMessage{raw}
				}
			}
			visit(r, en)
		}
	}
	return r.items
}

// Add appends an item.
func (r *Reader) Add(i message.Item) { r.items = append(r.items, i) }

// Echo appends our own words coming back.
func (r *Reader) Echo(key string) { r.Add(message.Item{Kind: message.KindEcho, Key: key}) }

// Ignored appends an item of no interest; reason is a snake_case word.
func (r *Reader) Ignored(key, reason string) { r.Add(lenient.Ignored(key, reason)) }

// Unrecognised appends an item that we don't understand; the reason is a sentence.
func (r *Reader) Unrecognised(key, format string, args ...any) {
	r.Add(lenient.Unrecognised(key, format, args...))
}

// Each hands on the members of a list, none if it is missing.
func Each(list *[]json.RawMessage, do func(json.RawMessage)) {
	if list == nil {
		return
	}
	for _, raw := range *list {
		do(raw)
	}
}

// Changes hands on an entry's changes; one that can't be read is unrecognised.
func (r *Reader) Changes(en Entry, do func(Change)) {
	Each(en.Changes, func(raw json.RawMessage) {
		var c Change
		if err := json.Unmarshal(raw, &c); err != nil {
			r.Unrecognised(string(en.ID), "A change can't be read: %v", err)
			return
		}
		do(c)
	})
}

// Foreign deals with an entry that is not of the inbox's account: the dashboard's
// test button sends account "0", and an app that serves several accounts sends all
// of them to one address. Each part is counted. Entries that hold nothing are
// unrecognised.
func (r *Reader) Foreign(en Entry) bool {
	if en.Changes == nil && en.Messaging == nil && en.Standby == nil {
		r.Unrecognised(string(en.ID), "An entry holds neither changes nor messaging.")
		return true
	}
	reason := lenient.OtherAccount
	switch {
	case string(en.ID) == r.In.Account && en.ID != "":
		return false
	case en.ID == "":
		r.Unrecognised("", "An entry does not say of which account it is.")
		return true
	case en.ID == "0":
		reason = "sample"
	}
	for _, list := range []*[]json.RawMessage{en.Changes, en.Messaging, en.Standby} {
		Each(list, func(json.RawMessage) { r.Ignored(string(en.ID), reason) })
	}
	return true
}

// Samples are the ids that the dashboard's test button uses with an account of
// ours.
var Samples = map[Text]bool{"44444444_444444444": true, "17865799348089039": true}
