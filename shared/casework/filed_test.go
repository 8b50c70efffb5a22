package casework

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ines/shared/message"
)

// TestFiledKnowsWhatSeenForgot tells a case of messages, edits and deletions within
// a few seconds and asks about any of them in between. Filed reads on only when it
// has to, as in the register.
func TestFiledKnowsWhatSeenForgot(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var (
			c, all   = &Case{}, Filed{}
			log      []Commit
			keys     []string
			at       []time.Time
			read     int
			askEvery = rapid.IntRange(1, 2*seenWindow).Draw(rt, "ask every")
		)
		item := func(i int) string { return fmt.Sprint("envelope-", i, "#0") }
		ask := func(key, item string, at time.Time, want Sight) {
			got := c.Seen.Look(key, item, at)
			if got == SightUnsure {
				if !all.Reaches(c.Seen) {
					for _, cm := range log[all.Seq():] {
						all.Add(cm)
						read++
					}
				}
				got = all.Look(key, item)
			}
			if got != want {
				rt.Fatalf("item %q of %q after %d commits: sight %d, want %d", key, item, len(log), got, want)
			}
		}
		for i := range rapid.IntRange(seenWindow-50, 4*seenWindow).Draw(rt, "items") {
			id, when := fmt.Sprint(i), morning.Add(time.Duration(i*7%3)*time.Second)
			var e Event
			switch i % 16 {
			case 3:
				e, id = MessageEdited{Message: id, Item: item(i), At: when}, EditMark(id, when)
			case 7:
				e, id = MessageDeleted{Message: id, Item: item(i), At: when}, DeleteMark(id)
			default:
				e = MessageReceived{Message: message.Message{ID: id, SentAt: when}, Item: item(i)}
			}
			cm := Commit{Case: "c", Seq: int64(i + 1), At: morning, Events: []Event{NoteAdded{}, e}}
			if err := c.Apply(cm); err != nil {
				rt.Fatal(err)
			}
			log, keys, at = append(log, cm), append(keys, id), append(at, when)
			if i%askEvery == 0 {
				old := rapid.IntRange(0, i).Draw(rt, "old")
				ask(keys[old], item(old), at[old], SightSame)
				ask(keys[old], "another", at[old], SightDuplicate)
				ask("never filed", "another", at[old], SightNew)
			}
		}
		for i, key := range keys {
			ask(key, item(i), at[i], SightSame)
		}
		if read > len(log) {
			rt.Fatalf("%d commits were read of a log of %d", read, len(log))
		}
	})
}
