package casework

import "time"

// Filed knows every item that a case has filed up to some commit, by the hashes
// that Seen has of the last ones: it answers when Seen is unsure. It is made from
// the log, lives in memory only and takes some 30 bytes an item. The zero Filed
// knows nothing. It is not safe for concurrent use.
type Filed struct {
	seq   int64
	items map[uint64]uint64 // key → delivery
}

// Seq is the last commit that it knows.
func (f *Filed) Seq() int64 { return f.seq }

// Len is how many items it knows.
func (f *Filed) Len() int { return len(f.items) }

// Add takes in a commit, in order. One that it knows changes nothing.
func (f *Filed) Add(cm Commit) {
	if cm.Seq <= f.seq {
		return
	}
	f.seq = cm.Seq
	for _, e := range cm.Events {
		key, delivery, _ := markOf(e)
		if key == "" {
			continue
		}
		if f.items == nil {
			f.items = map[uint64]uint64{}
		}
		k := hash64(key)
		if _, known := f.items[k]; !known { // the first is the one that counted
			f.items[k] = hash64(delivery)
		}
	}
}

// Reaches reports whether it knows all that s has dropped. As s drops the oldest
// first, knowing the oldest that s still has is enough.
func (f *Filed) Reaches(s Seen) bool {
	if len(s.marks) == 0 {
		return true
	}
	_, ok := f.items[s.marks[0].key]
	return ok
}

// Look is Seen's Look, and never unsure.
func (f *Filed) Look(key, delivery string) Sight {
	switch d, ok := f.items[hash64(key)]; {
	case !ok:
		return SightNew
	case d == hash64(delivery):
		return SightSame
	}
	return SightDuplicate
}

// markOf is what Seen and Filed remember of an event, key "" if nothing: the item's
// key, the delivery that brought it, and the platform's time.
func markOf(e Event) (key, delivery string, at time.Time) {
	switch e := e.(type) {
	case MessageReceived:
		return e.Message.ID, e.Item, e.Message.SentAt
	case MessageEdited:
		return EditMark(e.Message, e.At), e.Item, e.At
	case MessageDeleted:
		return DeleteMark(e.Message), e.Item, e.At
	}
	return "", "", time.Time{}
}
