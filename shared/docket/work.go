package docket

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"ines/shared/casework"
	"ines/shared/message"
	"ines/shared/queue"
)

// Work is what travels on cases.fifo. Exactly one of its parts is set.
type Work struct {
	Item     *Incoming             `json:"item,omitempty"`
	Timers   *Timers               `json:"timers,omitempty"`
	Report   *casework.ReportReply `json:"report,omitempty"` // with Case
	Split    *Split                `json:"split,omitempty"`
	FollowUp *FollowUp             `json:"follow_up,omitempty"`
	GiveUp   *GiveUp               `json:"give_up,omitempty"`
	Reclaim  *Reclaim              `json:"reclaim,omitempty"`
	Offer    *Offer                `json:"offer,omitempty"`   // with Case
	Refill   *Refill               `json:"refill,omitempty"`  // with Case
	Consent  *message.Consent      `json:"consent,omitempty"` // with Case
	File     *casework.NoteFile    `json:"file,omitempty"`    // with Case
	Watch    *Timers               `json:"watch,omitempty"`   // look for surges
	Again    *Again                `json:"again,omitempty"`
	Case     string                `json:"case,omitempty"`
}

// Incoming is one item of a delivery on its way to a case.
type Incoming struct {
	Envelope string         `json:"envelope"`
	Index    int            `json:"index"`
	Items    int            `json:"items"` // how many the envelope has
	At       time.Time      `json:"at"`    // when the envelope was received
	Item     message.Item   `json:"item"`
	About    casework.About `json:"about"`
}

// ID names the item: it is what a retry has in common with the first try.
func (i *Incoming) ID() string { return i.Envelope + "#" + strconv.Itoa(i.Index) }

// Timers asks a case to do what is due.
type Timers struct {
	Due time.Time `json:"due"`
}

// Split opens a bystander's own case with what he wrote in another.
type Split struct {
	From   string          `json:"from"`
	Author casework.Person `json:"author"`
}

// Offer gives a free case to somebody who is available.
type Offer struct {
	Seq int64 `json:"seq"` // of the commit after which it is free
}

// Refill offers more cases to a colleague who has room again, as he has this one no
// more.
type Refill struct {
	Colleague string `json:"colleague"`
	Seq       int64  `json:"seq"`
}

// FollowUp tells a closed case that another goes on.
type FollowUp struct {
	Case string `json:"case"`
}

// GiveUp makes a case hand over a conversation that turned out to be another's.
type GiveUp struct {
	To string `json:"to"`
}

// Reclaim files again, in a case whose merge was undone, what came to its threads
// in the other one.
type Reclaim struct {
	From string `json:"from"`
	Seq  int64  `json:"seq"` // of the commit that undid it
}

// Message puts the work into a queue message, with the group that keeps what
// belongs together in order and the id by which a repetition is dropped.
func (w Work) Message() (queue.Message, error) {
	body, err := json.Marshal(w)
	if err != nil {
		return queue.Message{}, fmt.Errorf("work for cases.fifo: %w", err)
	}
	m := queue.Message{Body: string(body), Group: "case/" + w.Case}
	switch {
	case w.Item != nil:
		m.Group, m.Dedupe = w.Item.order(), w.Item.ID()
	case w.Timers != nil:
		m.Dedupe = "timers/" + w.Case + "/" + instant(w.Timers.Due)
	case w.Report != nil:
		m.Dedupe = "report/" + w.Report.Reply + "/" + w.Report.State + "/" + instant(w.Report.Until)
	case w.Split != nil:
		m.Dedupe = "split/" + w.Case
	case w.Offer != nil:
		m.Dedupe = fmt.Sprintf("offer/%s/%d", w.Case, w.Offer.Seq)
	case w.Refill != nil:
		m.Dedupe = fmt.Sprintf("refill/%s/%s/%d", w.Case, w.Refill.Colleague, w.Refill.Seq)
	case w.FollowUp != nil:
		m.Dedupe = "follow-up/" + w.Case + "/" + w.FollowUp.Case
	case w.File != nil:
		m.Dedupe = "file/" + w.Case + "/" + message.Key(w.File.Channel, w.File.Inbox, w.File.Message) + "/" + strconv.Itoa(w.File.Index)
	case w.Consent != nil:
		m.Dedupe = "consent/" + w.Case + "/" + w.Consent.ID
	case w.Watch != nil:
		m.Group, m.Dedupe = "watch", "watch/"+instant(w.Watch.Due)
	case w.Again != nil:
		m.Group = w.Again.sameMessage()
		m.Dedupe = m.Group + "/" + instant(w.Again.Due)
	case w.GiveUp != nil:
		m.Dedupe = "give-up/" + w.Case + "/" + w.GiveUp.To
	case w.Reclaim != nil:
		m.Dedupe = fmt.Sprintf("reclaim/%s/%d", w.Case, w.Reclaim.Seq)
	default:
		return m, fmt.Errorf("work for cases.fifo is empty")
	}
	// SQS takes 128 characters of letters, digits and punctuation in both.
	m.Group, m.Dedupe = message.DeriveID(m.Group), message.DeriveID(m.Dedupe)
	return m, nil
}

// order is the item's order key.
func (i *Incoming) order() string {
	switch it := i.Item; it.Kind {
	case message.KindMessage:
		return it.Message.OrderKey()
	case message.KindEdit:
		return changeOrder(it.Edit.Channel, it.Edit.Inbox, it.Edit.Thread, it.Edit.Author)
	case message.KindDelete:
		return changeOrder(it.Delete.Channel, it.Delete.Inbox, it.Delete.Thread, it.Delete.Author)
	case message.KindConsent:
		return changeOrder(it.Consent.Channel, it.Consent.Inbox, it.Consent.Thread, it.Consent.Author)
	case message.KindReport:
		return "report/" + it.Report.Inbox + "/" + it.Report.ID
	}
	return "delivery/" + i.Envelope
}

func changeOrder(channel, inbox, thread string, author message.Author) string {
	if thread == "" && !author.Handle.IsZero() {
		return "author/" + inbox + "/" + author.Handle.Key()
	}
	return "thread/" + channel + "/" + inbox + "/" + thread
}

// ReplyJob is what travels on replies.fifo.
type ReplyJob struct {
	Case   string                  `json:"case"`
	Thread casework.Thread         `json:"thread"`
	By     string                  `json:"by,omitempty"`
	At     time.Time               `json:"at"`
	Reply  casework.ReplyRequested `json:"reply"`
}

// Message puts the job into a queue message: one group per thread, one id per
// reply.
func (j ReplyJob) Message() (queue.Message, error) {
	return job(j, message.DeriveID("thread", j.Case, j.Thread.ID), j.Reply.Reply)
}

// job is a message of replies.fifo.
func job(what any, group, dedupe string) (queue.Message, error) {
	body, err := json.Marshal(what)
	if err != nil {
		return queue.Message{}, fmt.Errorf("job for replies.fifo: %w", err)
	}
	return queue.Message{Body: string(body), Group: group, Dedupe: dedupe}, nil
}
