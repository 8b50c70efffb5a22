package casework

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"ines/shared/message"
)

// Apply folds one commit into the state. Commits must come in order; one that is
// already folded in is skipped, a gap is an error and changes nothing.
func (c *Case) Apply(cm Commit) error {
	switch {
	case cm.Seq <= c.Seq:
		return nil
	case cm.Seq != c.Seq+1:
		return fmt.Errorf("case %s: commit %d follows %d: %d is missing", cm.Case, cm.Seq, c.Seq, c.Seq+1)
	}
	for _, e := range cm.Events {
		c.apply(cm.By, cm.At, e)
	}
	c.Seq = cm.Seq
	if c.ID == "" {
		c.ID = cm.Case
	}
	return nil
}

// apply must never fail: whatever Decide could have written is a fact. Facts
// about things that the case doesn't have are passed over.
func (c *Case) apply(by string, at time.Time, e Event) {
	if by != "" {
		c.Touched = true
		if by == c.Owner && c.Lease > 0 {
			c.LeaseUntil = at.Add(c.Lease)
		}
	}
	if key, delivery, sent := markOf(e); key != "" {
		c.Seen.add(key, delivery, sent)
	}
	switch e := e.(type) {
	case CaseOpened:
		c.Status = StatusOpen
		c.Brand, c.Community = e.Brand, e.Community
		c.Customer = e.Customer
		c.FollowsUp, c.LinkedFrom = e.FollowsUp, e.LinkedFrom
		c.OpenedAt, c.OpenedBy = at, e.Message
	case ThreadJoined:
		if i := c.threadIndex(e.Thread.ID); i < 0 {
			c.addThread(e.Thread)
		} else if c.Threads[i].Key == "" {
			c.Threads[i].Key = e.Thread.Key
		}
	case MessageReceived:
		c.received(at, e)
	case MessageEdited:
		if c.LastMessage == e.Message && !e.At.Before(c.LastEdited) {
			c.LastEdited = e.At
			c.quote(e.Text, nil)
		}
	case MessageDeleted:
		c.unexposed(e.Message)
		if c.LastMessage == e.Message {
			c.quote("", nil)
		}
	case CustomerChanged:
		c.Customer = e.To
		delete(c.Origins, e.From.Handle.Key())
		c.OpenedBy, c.OpenedSent = e.Message, e.Sent
		delete(c.Bystanders, e.To.Handle.Key())
		c.bystander(e.From, "")
	case BystanderSplit:
		c.bystander(e.Author, e.Case)
	case Assessed:
		c.About, c.Segment, c.Department, c.Skills, c.Targets, c.Why = e.About, e.Segment, e.Department, e.Skills, e.Targets, e.Why
	case ClockSet:
		*c.clock(e.Clock) = Clock{Started: e.Started, Due: e.Due, Watch: Watch{Warn: e.Warn}}
	case ClockPaused:
		k := c.clock(e.Clock)
		k.Paused, k.Left = true, e.Left
	case ClockMet:
		c.clock(e.Clock).Met = at
	case ClockMissed:
		k := c.clock(e.Clock)
		k.Missed, k.Warn, k.Next = true, time.Time{}, e.Next
	case DeadlineNear, Escalated:
		c.applyLadder(e)
	case Claimed:
		c.hold(by, at, e.Until, e.Lease)
	case TakenOver:
		c.hold(by, at, e.Until, e.Lease)
	case Assigned:
		c.hold(e.Colleague, at, e.Until, e.Lease)
	case ClaimExpired:
		c.hold("", time.Time{}, time.Time{}, 0)
		c.Lapsed = e.Colleague
	case Released:
		c.hold("", time.Time{}, time.Time{}, 0)
	case Transferred:
		c.Department, c.Skills = e.Department, nil
		c.hold("", time.Time{}, time.Time{}, 0)
	case ReplyRequested:
		if i := c.threadIndex(e.Thread); i >= 0 {
			c.Threads[i].Answered = e.Parent
		}
		if c.Sendings == nil {
			c.Sendings = map[string]Sending{}
		}
		c.Sendings[e.Reply] = Sending{Thread: e.Thread, By: by, At: at, State: "pending", Notice: e.Notice}
		if by != "" {
			c.LastHelper, c.Unsent = by, c.Unsent && e.Notice
			c.warned(e.Thread)
			c.Asking = strings.ContainsAny(e.Text, "?？") || e.Part > 1 && c.Asking
			if e.Part <= 1 && !e.Notice {
				c.Answers++
			}
		}
	case ReplySent:
		asked, notice := c.Sendings[e.Reply].At, c.Sendings[e.Reply].Notice
		delete(c.Sendings, e.Reply)
		if !notice {
			c.LastAnswer = at
		}
		c.settle(Settled{Reply: e.Reply, Thread: e.Thread, Platform: e.Platform, State: "sent", Notice: notice, At: asked})
		if i := c.threadIndex(e.Thread); i >= 0 {
			t := &c.Threads[i]
			if t.Key == "" {
				t.Key = e.Key
			}
			if !e.With.IsZero() && t.Visibility == message.Private && !t.Invited.IsZero() {
				t.With = e.With
			}
			t.ref(e.Platform)
		}
	case ReplyFailed:
		s := c.Sendings[e.Reply]
		if c.settled(e.Reply, "failed") || s.By != "" && !s.Notice {
			c.Unsent = true
		}
		delete(c.Sendings, e.Reply)
	case ReplyDelivered:
		c.settled(e.Reply, "delivered")
	case ReplyRead:
		c.settled(e.Reply, "read")
	case ReplyDelayed:
		c.sending(e.Reply, "delayed")
	case ReplyUnconfirmed:
		c.sending(e.Reply, "unconfirmed")
	case Spreading:
		c.applySpreading(at, e)
	case Interested:
		c.Interested = append(c.Interested, e.Department)
	case ConsentChanged:
		c.heard(e)
	case HandleLinked:
		if !c.IsCustomer(e.Person.Handle) {
			c.Handles = append(c.Handles, e.Person)
			delete(c.Bystanders, e.Person.Handle.Key())
		}
		c.origin(e.Person.Handle, e.How, at)
	case AuthorNamed:
		c.named(e.Person)
	case IdentityProposed, IdentityWithheld, IdentityDeclined, CustomersMerged, CustomersParted:
		c.applyIdentity(at, e)
	case PromiseProposed, ProposalDismissed, PromiseMade, PromiseKept, PromiseMoved, PromiseBroken, PromiseHandedOver:
		c.applyPromise(e)
	case ActionTaken, ApprovalRequested, ApprovalGranted, ApprovalDeclined, ApprovalOverdue:
		c.applyAuthority(by, at, e)
	case Corrected:
		c.corrected(e)
	case AutomaticAnswer, AnswerWithheld, PersonAskedFor, AutomationOutcome:
		c.applyAutomation(at, e)
	case InvitedPrivately, PersonalDataPublic:
		c.applyPrivacy(e)
	case CallLogged:
		if e.Outcome == "answered" {
			c.Answers++
			c.LastAnswer = at
		}
	case Snoozed:
		c.Status, c.SnoozeUntil = StatusSnoozed, e.Until
	case Woken:
		c.Status, c.SnoozeUntil = StatusOpen, time.Time{}
	case ExpertAsked, ExpertAnswered, ExpertOverdue, ExpertReleased:
		c.applyExpert(by, at, e)
	case LinkedToIncident, IncidentAnswered:
		c.applyIncident(e)
	case Resolved:
		c.Solvers = append(c.Solvers, e.Solvers...)
		c.Status, c.ResolvedAt, c.SnoozeUntil, c.WasClosed = StatusResolved, at, time.Time{}, true
		c.hold("", time.Time{}, time.Time{}, 0)
	case Reopened:
		c.Status, c.ResolvedAt = StatusOpen, time.Time{}
		c.applyRating(at, e)
	case ThreadTaken:
		c.took(e.From)
	case MergedInto, CaseAbsorbed, Unmerged, AbsorptionUndone:
		c.applyMerge(at, e)
	case Rated, RatingPlanned, RatingSpared, RatingAsked:
		c.applyRating(at, e)
	case Praised, FeedbackGiven:
		// They are counted, and change nothing here.
	case Erased, AuthorErased:
		c.applyErase(at, e)
	case FollowedUp:
		c.FollowedBy = append(c.FollowedBy, e.Case)
	case AttachmentKept, AttachmentLost, NoteAdded, WentPrivate, Matched:
		// They say something to people and change nothing here.
	}
}

// maxLastText is how much of the customer's last words a list shows, in bytes.
const maxLastText = 140

func (c *Case) received(at time.Time, e MessageReceived) {
	m := e.Message
	c.Messages++
	i := c.threadIndex(e.Thread)
	if i < 0 {
		return
	}
	t := &c.Threads[i]
	t.ref(m.ID)
	switch e.Role {
	case RoleBystander:
		_, known := c.Bystanders[m.Author.Handle.Key()]
		c.joined(t.ID, at, m, !known)
		c.bystander(personOf("", m.Author), "")
		return
	case RoleParticipant:
		// He is heard, and our answers go on to the customer: whoever has a
		// forwarded mail must not turn them to himself.
		c.LastWrote = at
		if t.With.IsZero() { // a thread that he began: answering there answers him
			t.With, t.LastID, t.LastInbound, t.Extra, t.Subject = m.Author.Handle, m.ID, m.SentAt, maps.Clone(m.Extra), m.Subject
		}
		return
	}
	if c.OpenedSent.IsZero() {
		c.OpenedSent = m.SentAt
	} else if i == 0 && c.OpenedBy != t.Key && (m.ID == t.Key || message.Before(m.SentAt, m.ID, c.OpenedSent, c.OpenedBy)) {
		// An earlier post of the customer's own arrived late.
		c.OpenedBy, c.OpenedSent = m.ID, m.SentAt
	}
	c.news(at, e)
	c.origin(m.Author.Handle, SourceWrote, m.SentAt)
	c.Asked = c.Asked || asksForItself(e.About)
	c.LastWrote = at
	c.contact(m)
	if !m.Automatic {
		c.LastThread = t.ID // an absence notice is no place to answer to
	}
	if t.LastInbound.IsZero() || !m.SentAt.Before(t.LastInbound) {
		t.LastInbound, t.LastID, t.Extra = m.SentAt, m.ID, maps.Clone(m.Extra)
		t.With = m.Author.Handle
		if m.Subject != "" {
			t.Subject = m.Subject
		}
		c.LastMessage, c.LastEdited = m.ID, time.Time{}
		c.quote(m.Text, m.Attachments)
	}
	if c.Customer.Handle == m.Author.Handle {
		if m.Author.Name != "" {
			c.Customer.Name = m.Author.Name
		}
		if m.Author.Username != "" {
			c.Customer.Username = m.Author.Username
		}
	}
}

// quote keeps what a list shows of the customer's last message.
func (c *Case) quote(text string, files []message.Attachment) {
	c.LastText, c.LastFile = message.Clip(text, maxLastText), ""
	if text == "" && len(files) > 0 {
		c.LastFile = files[0].Type
	}
}

func (t *Thread) ref(id string) {
	if id == "" || slices.Contains(t.Refs, id) {
		return
	}
	if len(t.Refs) >= maxRefs {
		// The first stays: it is the root that mail programs thread by.
		t.Refs = slices.Delete(t.Refs, 1, 2)
	}
	t.Refs = append(t.Refs, id)
}

func (c *Case) bystander(p Person, split string) {
	key := p.Handle.Key()
	old, known := c.Bystanders[key]
	if !known && len(c.Bystanders) >= maxBystanders && split == "" {
		c.Unlisted++
		return
	}
	if c.Bystanders == nil {
		c.Bystanders = map[string]Bystander{}
	}
	if split == "" {
		split = old.Split
	}
	c.Bystanders[key] = Bystander{Name: p.Label(), Split: split}
}

func (c *Case) clock(name string) *Clock {
	switch name {
	case ClockFirst:
		return &c.First
	case ClockNext:
		return &c.Next
	case ClockResolution:
		return &c.Resolution
	}
	return &Clock{} // of a newer version: nowhere to keep it
}

func (c *Case) hold(who string, at, until time.Time, lease time.Duration) {
	if c.Owner != "" && c.Owner != who {
		c.LastOwner = c.Owner
	}
	c.Owner, c.ClaimedAt, c.LeaseUntil, c.Lease, c.Lapsed = who, at, until, lease, ""
}

func (c *Case) sending(reply, state string) {
	if s, ok := c.Sendings[reply]; ok {
		s.State = state
		c.Sendings[reply] = s
	}
}

func (c *Case) settle(s Settled) {
	if len(c.Settled) >= maxSettled {
		c.Settled = slices.Delete(c.Settled, 0, 1)
	}
	c.Settled = append(c.Settled, s)
}

// settled notes what else became of a reply, and reports whether it was one that answers.
func (c *Case) settled(reply, state string) (answer bool) {
	for i := range c.Settled {
		if s := &c.Settled[i]; s.Reply == reply {
			s.State, answer = state, !s.Notice
		}
	}
	return answer
}

// EditMark is the key by which Seen knows an edit of a message.
func EditMark(id string, at time.Time) string { return fmt.Sprintf("edit %s %d", id, at.UnixMilli()) }

// DeleteMark is EditMark for a deletion, of which a message has one.
func DeleteMark(id string) string { return "delete " + id }

// Fold makes the state of a whole log, or of what follows a snapshot.
func Fold(from *Case, log []Commit) (*Case, error) {
	c := &Case{}
	if from != nil {
		c = from.Clone()
	}
	for _, cm := range log {
		if err := c.Apply(cm); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// Handle reports the customer's handle on a channel, zero if none is known.
func (c *Case) Handle(channel string) message.Handle {
	if c.Customer.Handle.Channel == channel {
		return c.Customer.Handle
	}
	for _, p := range c.Handles {
		if p.Handle.Channel == channel {
			return p.Handle
		}
	}
	return message.Handle{}
}
