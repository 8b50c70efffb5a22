package desk

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"ines/shared/casework"
	"ines/shared/message"
)

// telling turns a timeline into what the console shows: what people said as
// entries of their own, and what happened in between as short lines.
type telling struct {
	d    *Desk
	now  time.Time
	zone *time.Location
	c    *casework.Case
}

// block is either something that was said (Said) or a run of short lines.
type block struct {
	Said  bool
	Side  string // inbound, outbound, note, call
	Who   string
	Mark  string // initials
	Where string
	At    moment
	Text  string
	Lang  string
	// State is of a reply; Alarm asks for somebody's attention.
	State, StateWords string
	Again             address // where it is written again, "" if it need not be
	Tags              []string
	Files             []link
	Lines             []line
}

// attach shows a file: as a link where there is a copy.
func (b *block) attach(id string, a message.Attachment) {
	label := strings.TrimSpace(a.Type + " " + a.Name)
	switch {
	case a.Archived != "" && a.SHA256 != "":
		b.Files = append(b.Files, link{Label: label, URL: here("cases", id, "files", a.SHA256)})
	case a.Lost != "":
		b.Tags = append(b.Tags, label+" (no copy: "+a.Lost+")")
	default:
		b.Tags = append(b.Tags, label)
	}
}

type line struct {
	At    moment
	Text  string
	Alarm bool
	Quiet bool      // the desk's own bookkeeping
	Why   []because // the decisions behind it
	More  []line    // quiet ones that follow a quiet one: they are folded into it
}

// because is a decision behind what happened: its words, where the line doesn't tell
// them already, and the rule that made it, by the name that feedback is counted by.
type because struct{ Text, Rule string }

// maxEntries is how many entries a page of a case shows unless it is asked for all:
// whoever comes reads the end of it, and the page reads itself again every few seconds.
const maxEntries = 100

// newest leaves the newest entries that have something to show, and counts the
// earlier ones.
func (t *telling) newest(entries []casework.Entry) (shown []casework.Entry, earlier int) {
	if len(entries) <= maxEntries {
		return entries, 0
	}
	shown = slices.DeleteFunc(entries, func(e casework.Entry) bool {
		if _, said := t.said(e); said {
			return false
		}
		words, _ := t.happened(e)
		return words == ""
	})
	earlier = max(0, len(shown)-maxEntries)
	return shown[earlier:], earlier
}

func (t *telling) blocks(entries []casework.Entry) []block {
	var out []block
	for _, e := range entries {
		if b, ok := t.said(e); ok {
			b.Said, b.At, b.Mark = true, at(e.At, t.now, t.zone), initials(b.Who)
			out = append(out, b)
			continue
		}
		words, alarm := t.happened(e)
		if words == "" {
			continue
		}
		if len(out) == 0 || out[len(out)-1].Said {
			out = append(out, block{})
		}
		to := &out[len(out)-1].Lines
		l := line{At: at(e.At, t.now, t.zone), Text: words, Alarm: alarm, Quiet: !alarm && quiet(e.Event), Why: behind(e.Event, words)}
		if n := len(*to); n > 0 && l.Quiet && (*to)[n-1].Quiet {
			to = &(*to)[n-1].More
		}
		*to = append(*to, l)
	}
	return out
}

// late is how long a message may have been on its way without a word about it.
const late = 5 * time.Minute

func (t *telling) said(e casework.Entry) (block, bool) {
	switch ev := e.Event.(type) {
	case casework.MessageReceived:
		b := block{Side: "inbound", Who: e.Author, Where: where(e), Text: e.Text, Lang: ev.About.Language}
		if e.By != "customer" {
			b.Tags = append(b.Tags, e.By)
		}
		// What comes late, after an outage or a slow mail server, was not written just now.
		if sent := ev.Message.SentAt; !sent.IsZero() && e.At.Sub(sent) > late {
			b.Tags = append(b.Tags, "written "+at(sent, t.now, t.zone).Words)
		}
		if ev.Message.Automatic {
			b.Tags = append(b.Tags, "automatic")
		}
		for _, a := range ev.Message.Attachments {
			b.attach(t.c.ID, a)
		}
		if e.Edited {
			b.Tags = append(b.Tags, "edited")
		}
		if e.Deleted {
			b.Text, b.Lang = "", ""
			b.Tags = append(b.Tags, "deleted by its author")
		}
		return b, true
	case casework.ReplyRequested:
		who := t.name(e.By)
		if ev.Automatic {
			who = "Ines, automatically"
		}
		tags := []string(nil)
		if words := warned(ev.Warned); words != "" {
			tags = []string{words}
		}
		b := block{Tags: tags, Side: "outbound", Who: who, Where: where(e), Text: ev.Text, State: e.State, StateWords: replyWords[e.State]}
		if e.State == "failed" || e.State == "unconfirmed" {
			b.Again = here("cases", t.c.ID).with(url.Values{"again": {ev.Reply}}) + anchor("reply-text")
		}
		return b, true
	case casework.NoteAdded:
		b := block{Side: "note", Who: t.name(e.By), Where: "note, only for colleagues", Text: ev.Text}
		for _, m := range ev.Mentions {
			b.Tags = append(b.Tags, "for "+t.name(m))
		}
		return b, true
	case casework.CallLogged:
		return block{Side: "call", Who: t.name(e.By), Where: callWords(ev), Text: ev.Text}, true
	}
	return block{}, false
}

// quiet reports what the desk does of its own accord with every message: whoever reads
// what people said wants it out of the way.
func quiet(e casework.Event) bool {
	switch e := e.(type) {
	case casework.CaseOpened, casework.ThreadJoined, casework.Interested, casework.Assessed, casework.ClockSet, casework.ClockPaused,
		casework.AnswerWithheld, casework.Matched, casework.HandleLinked, casework.AuthorNamed:
		return true
	case casework.ClockMet:
		return !e.Late
	}
	return false
}

func where(e casework.Entry) string {
	return strings.Trim(channelName(e.Channel)+", "+string(e.Visibility), ", ")
}

var replyWords = map[string]string{"pending": "on its way", "sent": "sent", "delivered": "delivered", "read": "read", "delayed": "delayed, will be sent",
	"unconfirmed": "nobody knows whether it arrived", "failed": "could not be sent"}

func callWords(c casework.CallLogged) string {
	outcome := map[string]string{"answered": "answered", "engaged": "engaged", "no_answer": "no answer", "voicemail": "voicemail"}[c.Outcome]
	if c.Direction == "inbound" {
		return "call from " + c.Number + ": " + outcome
	}
	return "call to " + c.Number + ": " + outcome
}

func (t *telling) name(id string) string {
	switch id {
	case "", "system":
		return "Ines"
	}
	return t.d.colleagueName(id)
}

func (t *telling) when(at time.Time) string { return stamp(at.In(t.zone), t.now.In(t.zone)) }

// happened tells everything that is not said by anybody. "" leaves out what a
// reader gains nothing from.
func (t *telling) happened(e casework.Entry) (words string, alarm bool) {
	by := t.name(e.By)
	switch ev := e.Event.(type) {
	case casework.CaseOpened:
		return "Case opened: " + ev.Why + ".", false
	case casework.ThreadJoined:
		if ev.Via == "opened" {
			return "", false
		}
		return "Another thread joined: " + where(e) + ".", false
	case casework.CustomerChanged:
		return fmt.Sprintf("The customer is %s, not %s: %s.", ev.To.Label(), ev.From.Label(), ev.Why), false
	case casework.BystanderSplit:
		return fmt.Sprintf("%s got a case of their own (%s).", ev.Author.Label(), ev.Why), false
	case casework.ThreadTaken:
		return "The public thread came over from another case: its first post is this customer’s.", false
	case casework.Interested:
		return "The department " + t.d.departmentName(ev.Department) + " wants to hear of this.", false
	case casework.ConsentChanged:
		if ev.Refused {
			return fmt.Sprintf("They don’t want to be written to on %s any more (%s).", channelName(ev.Channel), ev.Why), true
		}
		return fmt.Sprintf("They may be written to on %s again (%s).", channelName(ev.Channel), ev.Why), false
	case casework.MergedInto:
		return "This case is part of another one now: " + ev.Why + ".", false
	case casework.Assessed:
		return t.assessed(ev), false
	case casework.ClockSet:
		return fmt.Sprintf("%s due at %s.", owed[ev.Clock], t.when(ev.Due)), false
	case casework.ClockPaused:
		return fmt.Sprintf("%s: the clock stands still while the customer has the word.", owed[ev.Clock]), false
	case casework.ClockMet:
		if ev.Late {
			return owed[ev.Clock] + " given, late.", false
		}
		return owed[ev.Clock] + " given in time.", false
	case casework.ClockMissed:
		return fmt.Sprintf("%s missed: it was due at %s.", owed[ev.Clock], t.when(ev.Due)), true
	case casework.MessageEdited, casework.MessageDeleted, casework.AttachmentKept, casework.AttachmentLost,
		casework.ReplySent, casework.ReplyDelivered, casework.ReplyRead:
		return "", false // shown at the message itself
	case casework.ReplyDelayed:
		return "The reply waits, and goes out by itself.", false
	case casework.ReplyUnconfirmed:
		return "Nobody knows whether the reply arrived. Look at the platform, or ask; write it again only if it is not there.", true
	case casework.ReplyFailed:
		return "The reply did not go out: the customer does not have it. Write it again, or on another way.", true
	}
	return t.people(e, by)
}

// people tells what colleagues did.
func (t *telling) people(e casework.Entry, by string) (string, bool) {
	switch ev := e.Event.(type) {
	case casework.Claimed:
		if ev.Why != "" {
			return by + " took the case on: " + ev.Why + ".", false
		}
		return by + " claimed the case.", false
	case casework.ClaimExpired:
		return t.name(ev.Colleague) + "’s claim ended after a time without activity.", false
	case casework.Released:
		return by + " released the case.", false
	case casework.TakenOver:
		return fmt.Sprintf("%s took the case over from %s: %s", by, t.name(ev.From), ev.Why), false
	case casework.Assigned:
		return fmt.Sprintf("%s gave the case to %s.", by, t.name(ev.Colleague)), false
	case casework.Transferred:
		return fmt.Sprintf("%s moved the case from %s to %s: %s", by, t.d.departmentName(ev.From), t.d.departmentName(ev.Department), ev.Why), false
	case casework.WentPrivate:
		return by + " went on in private: " + where(e) + ".", false
	case casework.HandleLinked:
		return fmt.Sprintf("%s is the customer on %s too: %s.", ev.Person.Label(), channelName(ev.Person.Handle.Channel), ev.Source), false
	case casework.AuthorNamed:
		return channelName(ev.Person.Handle.Channel) + " says that this is " + ev.Person.Label() + ".", false
	case casework.PromiseMade:
		return fmt.Sprintf("%s promised by %s: %s", by, t.when(ev.Due), ev.Text), false
	case casework.PromiseKept:
		words := "Promise kept: "
		if ev.Late {
			words = "Promise kept, late: "
		}
		if ev.Text != "" {
			return words + ev.What + " (" + ev.Text + ")", false
		}
		return words + ev.What, false
	case casework.PromiseMoved:
		words := fmt.Sprintf("Promise moved to %s: %s (%s)", t.when(ev.Due), ev.What, ev.Why)
		if ev.Untold != "" {
			return words + ". The customer was not told: " + ev.Untold, true
		}
		return words, false
	case casework.PromiseBroken:
		return fmt.Sprintf("Promise broken: %s, due at %s, by %s.", ev.What, t.when(ev.Due), t.name(ev.Owner)), true
	case casework.Corrected:
		return fmt.Sprintf("%s corrected the %s: %s, not %s.", by, ev.Field, ev.To, cmp.Or(ev.From, "unknown")), false
	case casework.Snoozed:
		return fmt.Sprintf("%s put the case aside until %s.", by, t.when(ev.Until)), false
	case casework.Woken:
		return "The case woke up: " + ev.Why + ".", false
	case casework.Resolved:
		if ev.Text != "" {
			return by + " resolved the case: " + ev.Text, false
		}
		return by + " resolved the case.", false
	case casework.Reopened:
		return "The case is open again: " + ev.Why, false
	case casework.FollowedUp:
		return "It goes on in another case.", false
	}
	if words, alarm, known := t.whoIsWho(e.Event, by); known {
		return words, alarm
	}
	if words, alarm, known := t.rules(e, by); known {
		return words, alarm
	}
	if words, known := t.voices(e.Event, by); known {
		return words, false
	}
	// An event of a newer version.
	return strings.ReplaceAll(e.Kind, "_", " "), false
}

func (t *telling) assessed(ev casework.Assessed) string {
	words := []string{t.d.departmentName(ev.Department)}
	if ev.About.Topic != "" {
		words = append(words, "about "+ev.About.Topic)
	}
	if ev.About.Urgency != "" {
		words = append(words, "urgency "+ev.About.Urgency)
	}
	if ev.Segment != "" {
		words = append(words, "customer is "+ev.Segment)
	}
	return "Sorted: " + strings.Join(words, ", ") + "."
}
