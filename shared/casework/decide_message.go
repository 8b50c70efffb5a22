package casework

import (
	"cmp"
	"slices"

	"ines/shared/message"
	"ines/shared/policy"
)

func (d *draft) receive(r Receive) error {
	m := r.Message
	if r.Deleted {
		m.Text, m.Quoted, m.Subject, m.Attachments = "", "", "", nil
	} else if r.Edited != "" {
		m.Text = r.Edited
	}
	r.Message = m
	defer d.interest(r)
	if r.Consent != nil {
		defer func() { d.hearConsent(*r.Consent) }()
	}
	if !d.c.Exists() {
		d.openCase(r)
		d.expose(r, d.c.Threads[0].ID, RoleCustomer)
		d.hearAutomation(r, d.c.Threads[0].ID)
		d.identify(r)
		d.automate(r, d.c.Threads[0].ID, true)
		return nil
	}
	thread, known := d.c.ThreadOf(m.Channel, m.Inbox, m.Thread)
	if !known {
		thread = d.joinThread(r)
		if r.Takes != "" {
			d.emit(ThreadTaken{Thread: thread.ID, From: r.Takes})
		}
	}
	role := d.role(r, thread)
	if role == RoleBystander && d.c.TakesOver(m) {
		d.changeCustomer(r)
		role = RoleCustomer
	}
	d.emit(MessageReceived{Thread: thread.ID, Role: role, Message: m, About: r.About, Item: r.Item})
	if role == RoleCustomer {
		d.linkHandles(r)
		d.praise(r)
	}
	d.expose(r, thread.ID, role)
	if role == RoleBystander {
		d.contain(thread.ID)
		if asksForItself(r.About) {
			d.splitOff(d.c.Introduced(r, r.Customer.ID), "asked for something of their own")
		}
		return nil
	}
	d.identify(r)
	if role == RoleCustomer && d.hearRating(r, thread.ID) {
		return nil
	}
	person := role == RoleCustomer && d.hearAutomation(r, thread.ID)
	d.answeredBack(r, person)
	if role == RoleCustomer {
		d.automate(r, thread.ID, false)
	}
	return nil
}

// openCase begins the log.
func (d *draft) openCase(r Receive) {
	m, customer := r.Message, d.c.Introduced(r, r.Customer.ID)
	why := "first message of " + customer.Label() + " here"
	switch {
	case r.FollowsUp != "":
		why = customer.Label() + " wrote again after the earlier case was closed"
	case r.LinkedFrom != "":
		why = customer.Label() + " asked for something of their own in somebody else's thread"
	}
	d.emit(CaseOpened{Brand: r.Brand, Community: r.Community, Customer: customer, FollowsUp: r.FollowsUp,
		LinkedFrom: r.LinkedFrom, Message: m.ID, Why: why})
	t := d.joinThread(r)
	d.emit(MessageReceived{Thread: t.ID, Role: RoleCustomer, Message: m, About: r.About, Item: r.Item})
	d.linkHandles(r)
	d.praise(r)
	d.assess(r)
	d.openedIncident()
	if m.Automatic {
		return // a machine waits for no answer
	}
	d.startClock(ClockFirst, d.c.Targets.FirstAnswer)
	d.startClock(ClockResolution, d.c.Targets.Resolution)
}

func (d *draft) joinThread(r Receive) Thread {
	m := r.Message
	t := Thread{ID: d.c.nextThread(), Channel: m.Channel, Inbox: m.Inbox, Key: m.Thread, Visibility: m.Visibility, Subject: m.Subject}
	via := r.Via
	if !d.c.Exists() && len(d.c.Threads) == 0 {
		via = "opened"
	} else if r.Via == "token" {
		// A first mail of ours has no key until it is answered or sent.
		for i, u := range d.c.Threads {
			if u.Key == "" && u.Channel == t.Channel && u.Inbox == t.Inbox {
				t.ID, t.With, t.Invited = u.ID, u.With, u.Invited
				d.emit(ThreadJoined{Thread: t, Via: via})
				return d.c.Threads[i]
			}
		}
	}
	d.emit(ThreadJoined{Thread: t, Via: via})
	return t
}

// role says who the author is in this case, and learns a handle when the answer
// to a private message of ours proves it to be the customer's.
func (d *draft) role(r Receive, t Thread) Role {
	role, how, id := d.c.roleOf(r, t)
	if how != "" {
		d.emit(HandleLinked{Person: d.c.Introduced(r, id), Source: sourceWords[how], How: how})
	}
	return role
}

var sourceWords = map[string]string{
	SourceLink:     "came with the link that the customer was given in private",
	SourceAnswered: "answered the private message we sent to this address",
	SourceMerged:   "a colleague found that they are one customer",
	SourcePlatform: "the platform names it as the same account",
}

// roleOf is who the author of a message is, and, where his handle is learnt by it, how
// and whose it is.
func (c *Case) roleOf(r Receive, t Thread) (role Role, how, id string) {
	author := r.Message.Author.Handle
	switch {
	case c.IsCustomer(author):
		return RoleCustomer, "", ""
	case r.Customer.ID != "" && r.Customer.ID == c.Customer.ID:
		return RoleCustomer, "", ""
	case slices.Contains(r.Same, c.Customer.ID):
		return RoleCustomer, SourceMerged, r.Customer.ID
	case t.Visibility == message.Public:
		return RoleBystander, "", ""
	case r.Via == "token" && c.proven(r.Message):
		return RoleCustomer, SourceLink, c.Customer.ID
	case c.invited(author) && (r.Via == "token" || r.Via == "known" || r.Via == "sent"):
		return RoleCustomer, SourceAnswered, c.Customer.ID
	}
	return RoleParticipant, "", ""
}

// Author is the customer whom a message's author is, once it is filed in c.
func (c *Case) Author(r Receive) string {
	m := r.Message
	t := Thread{Visibility: m.Visibility}
	if _, how, id := c.roleOf(r, t); how != "" {
		return id
	}
	return r.Customer.ID
}

// invited reports whether a private thread of the case began with us writing to
// this handle.
func (c *Case) invited(h message.Handle) bool {
	return slices.ContainsFunc(c.Threads, func(t Thread) bool { return !t.Invited.IsZero() && (t.Invited == h || t.With == h) })
}

// linkHandles learns the handles that the platform itself names as one account.
func (d *draft) linkHandles(r Receive) {
	m, id := r.Message, d.c.Customer.ID
	if slices.Contains(r.Same, id) {
		id = r.Customer.ID
	}
	for _, h := range append([]message.Handle{m.Author.Handle}, m.Also...) {
		if !h.IsZero() && !d.c.IsCustomer(h) {
			p := d.c.Introduced(r, id)
			p.Handle = h
			d.emit(HandleLinked{Person: p, Source: sourceWords[SourcePlatform], How: SourcePlatform})
		}
	}
}

// TakesOver reports whether a stranger's post proves that the case's conversation
// is his: it is the thread's root, or older than the post that opened the case, and
// nobody has acted on the mistake yet. Deliveries of one thread travel in one queue
// group per author, so that a friend's answer may well arrive before the post.
func (c *Case) TakesOver(m message.Message) bool {
	t, ok := c.ThreadOf(m.Channel, m.Inbox, m.Thread)
	if !ok || t.Visibility != message.Public || c.IsCustomer(m.Author.Handle) {
		return false
	}
	if c.Touched || c.FollowsUp != "" || c.LinkedFrom != "" || len(c.Threads) != 1 || c.OpenedBy == t.Key {
		return false
	}
	return m.ID == t.Key || message.Before(m.SentAt, m.ID, c.OpenedSent, c.OpenedBy)
}

func (d *draft) changeCustomer(r Receive) {
	from, asked := d.c.Customer, d.c.Asked
	to := d.c.Introduced(r, r.Customer.ID)
	d.emit(CustomerChanged{From: from, To: to, Message: r.Message.ID, Sent: r.Message.SentAt,
		Why: to.Label() + "'s post came first in this thread and arrived late"})
	if asked {
		d.splitOff(from, "asked for something of their own")
	}
}

func (d *draft) splitOff(p Person, why string) {
	if d.c.SplitTo(p.Handle) != "" {
		return
	}
	if p.ID == "" {
		p.ID = CustomerID(p.Handle)
	}
	id := message.DeriveID("split", d.c.ID, p.Handle.Key())
	if p.ID != CustomerID(p.Handle) { // somebody who was forgotten and is here anew
		id = message.DeriveID("split", d.c.ID, p.Handle.Key(), p.ID)
	}
	d.emit(BystanderSplit{Author: p, Case: id, Why: why})
}

// asksForItself reports whether a message wants something done for its author.
func asksForItself(a About) bool { return a.Kind == "request" }

// needsNoAnswer reports whether a message is only kind words.
func needsNoAnswer(a About) bool { return a.Kind == "praise" || a.Kind == "small_talk" }

// answeredBack is what a message of the customer does to a case that exists.
// person says that he is owed one's word, however kind his own are, and soon.
func (d *draft) answeredBack(r Receive, person bool) {
	c := d.c
	// "yes" and "2" are small talk, unless we have asked for them.
	answers := c.Asking && c.Status != StatusResolved && r.About.Kind == "small_talk"
	if needsNoAnswer(r.About) && !person && !answers || r.Message.Automatic {
		return // filed, and nothing owed
	}
	switch c.Status {
	case StatusResolved:
		d.emit(Reopened{Why: c.Known(r.Message.Author).Label() + " wrote again"})
		d.startClock(ClockResolution, c.Targets.Resolution)
	case StatusSnoozed:
		d.emit(Woken{Why: c.Known(r.Message.Author).Label() + " wrote"})
	}
	d.assess(r)
	if !c.owesAWord() {
		if c.First.Due.IsZero() {
			d.startClock(ClockFirst, c.Targets.FirstAnswer)
		} else {
			target := c.Targets.NextAnswer
			if person {
				target = min(target, c.Targets.FirstAnswer)
			}
			d.startClock(ClockNext, target)
		}
	}
	d.turn()
}

// assess says what the case is about now and what follows: segment, targets,
// department. The department is chosen once; later only people move a case.
func (d *draft) assess(r Receive) {
	c := d.c
	about := c.pressing(mergeAbout(c.About, r.About.in(r.Message.ID)), r.Message.SentAt)
	if c.helpless() {
		about.Points = pointed(about.Points)
	}
	f := d.facts(r, about)
	a := d.env.Policy.Assess(f)
	department := cmp.Or(c.Department, a.Department)
	if c.Department != "" {
		a.Skills = c.Skills
		a.Why = slices.DeleteFunc(a.Why, func(e policy.Explanation) bool { return e.Decision == "department" || e.Decision == "people" })
		for _, e := range c.Why { // what was decided then still says why it is here
			if e.Decision == "department" && e.Outcome == c.Department || e.Decision == "people" && len(c.Skills) > 0 {
				a.Why = append(a.Why, e)
			}
		}
	}
	a.Why = append(a.Why, d.env.Policy.Order.Explain(about.Urgency, c.broken()))
	if why, ok := topicWhy(about); ok {
		a.Why = append(a.Why, why)
	}
	changed := c.Department != department || c.Segment != a.Segment || c.Targets != a.Service ||
		c.About.Urgency != about.Urgency || c.About.Topic != about.Topic || c.About.Language != about.Language ||
		!slices.Equal(c.About.Points, about.Points)
	if !changed {
		return
	}
	d.emit(Assessed{About: about, Segment: a.Segment, Department: department, Skills: a.Skills, Targets: a.Service, Why: a.Why})
	d.tighten(ClockFirst, a.Service.FirstAnswer)
	d.tighten(ClockNext, a.Service.NextAnswer)
	d.tighten(ClockResolution, a.Service.Resolution)
}

func (d *draft) facts(r Receive, about About) policy.Facts {
	m := r.Message
	return policy.Facts{
		Channel: m.Channel, Inbox: m.Inbox, Community: d.c.Community, Brand: d.c.Brand, Visibility: string(m.Visibility),
		Language: about.Language, Topic: about.Topic, Kind: r.About.Kind, Tone: r.About.Tone, Urgency: about.Urgency,
		Points: about.Points, Anger: about.Anger, Text: m.Text, Subject: m.Subject, Reach: m.Author.Reach, Verified: m.Author.Verified,
		Customer: policy.CustomerFacts{Known: r.Cases > 0, Cases: r.Cases, OpenCases: r.OpenCases, Name: d.c.Customer.Name,
			Praised: r.Praised, Tags: r.Profile.Tags, Language: r.Profile.Language},
	}
}

// mergeAbout keeps the case's topic, its highest urgency and the language that
// the customer writes now.
func mergeAbout(old, now About) About {
	merged := now
	if old.Topic != "" {
		merged.Topic, merged.TopicP, merged.TopicSure = old.Topic, old.TopicP, old.TopicSure
		merged.TopicBy, merged.TopicForeign, merged.TopicIn = old.TopicBy, old.TopicForeign, old.TopicIn
	}
	merged.Language = cmp.Or(now.Language, old.Language)
	if rank(old.Urgency) > rank(now.Urgency) {
		merged.Urgency, merged.Points, merged.UrgencyIn = old.Urgency, old.Points, old.UrgencyIn
	}
	return merged
}

// in says which message it was that all of this was read in.
func (a About) in(message string) About {
	if a.Topic != "" {
		a.TopicIn = message
	}
	a.KindIn, a.UrgencyIn = message, message
	return a
}

func rank(urgency string) int { return slices.Index([]string{"", "normal", "high", "now"}, urgency) }

func (d *draft) edit(e Edit) error {
	x := e.Edit
	d.emit(MessageEdited{Thread: d.holding(x.Channel, x.Inbox, x.Thread, x.ID), Message: x.ID, Text: x.Text, At: x.At, Item: e.Item})
	return nil
}

func (d *draft) delete(e Delete) error {
	x := e.Delete
	d.emit(MessageDeleted{Thread: d.holding(x.Channel, x.Inbox, x.Thread, x.ID), Message: x.ID, At: x.At, Item: e.Item})
	return nil
}

// holding is the thread that a message stands in: as the platform says, or as we
// remember, or else the first.
func (d *draft) holding(channel, inbox, key, id string) string {
	if t, ok := d.c.ThreadOf(channel, inbox, key); ok {
		return t.ID
	}
	for _, t := range d.c.Threads {
		if slices.Contains(t.Refs, id) {
			return t.ID
		}
	}
	if len(d.c.Threads) > 0 {
		return d.c.Threads[0].ID
	}
	return ""
}
