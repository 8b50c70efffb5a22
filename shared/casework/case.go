package casework

import (
	"maps"
	"slices"
	"time"

	"ines/shared/message"
	"ines/shared/policy"
)

// Status is where a case stands.
type Status string

const (
	StatusOpen     Status = "open"
	StatusSnoozed  Status = "snoozed"
	StatusResolved Status = "resolved"
)

// Person is someone outside the company, as one case knows him.
type Person struct {
	ID       string         `json:"id"` // customer id
	Handle   message.Handle `json:"handle"`
	Name     string         `json:"name,omitempty"`
	Username string         `json:"username,omitempty"`
}

// Label is the person's name for people.
func (p Person) Label() string {
	return message.Author{Handle: p.Handle, Name: p.Name, Username: p.Username}.Label()
}

func personOf(id string, a message.Author) Person {
	return Person{ID: id, Handle: a.Handle, Name: a.Name, Username: a.Username}
}

// Thread is one conversation that the case owns.
type Thread struct {
	ID         string             `json:"id"` // t1, t2, … within the case
	Channel    string             `json:"channel"`
	Inbox      string             `json:"inbox"`
	Key        string             `json:"key"` // "" until a first mail of ours was sent
	Visibility message.Visibility `json:"visibility"`
	With       message.Handle     `json:"with,omitzero"` // whom we write to there
	Subject    string             `json:"subject,omitempty"`
	// Invited is whom we wrote to first, where the thread began with us.
	Invited message.Handle `json:"invited,omitzero"`
	// What the customer's last message there said of itself.
	LastInbound time.Time         `json:"last_inbound,omitzero"`
	LastID      string            `json:"last_id,omitempty"`
	Extra       map[string]string `json:"extra,omitempty"`
	// Answered is the message there that we answered last.
	Answered string `json:"answered,omitempty"`
	// Refused says why nobody may write there: the other side refused it. "": he
	// did not. ConsentAt is when he last said anything about it.
	Refused   string    `json:"refused,omitempty"`
	ConsentAt time.Time `json:"consent_at,omitzero"`
	// Refs are the ids of the thread's last messages, oldest first (mail's
	// References); at most maxRefs.
	Refs []string `json:"refs,omitempty"`
}

const maxRefs = 20

// Clock is one service clock. It runs while Due is set and neither Met nor
// Missed nor Paused are.
type Clock struct {
	Started time.Time     `json:"started,omitzero"`
	Due     time.Time     `json:"due,omitzero"`
	Met     time.Time     `json:"met,omitzero"`
	Missed  bool          `json:"missed,omitempty"`
	Paused  bool          `json:"paused,omitempty"`
	Left    time.Duration `json:"left,omitempty"` // opening time left when it was paused
	Watch
}

// Running reports whether the clock can still be missed.
func (c *Clock) Running() bool {
	return !c.Due.IsZero() && c.Met.IsZero() && !c.Missed && !c.Paused
}

// owed reports whether the customer still waits for what the clock measures,
// in time or late.
func (c *Clock) owed() bool { return !c.Due.IsZero() && c.Met.IsZero() }

// The service clocks' names.
const (
	ClockFirst      = "first_answer"
	ClockNext       = "next_answer"
	ClockResolution = "resolution"
)

// Sending is a reply on its way: requested and not yet known to have arrived.
type Sending struct {
	Thread string    `json:"thread"`
	By     string    `json:"by,omitempty"`
	At     time.Time `json:"at"`
	State  string    `json:"state"` // pending, delayed, unconfirmed
	// Notice is a word about our own affairs: it answers nothing.
	Notice bool `json:"notice,omitempty"`
}

// Settled is a reply that the platform took.
type Settled struct {
	Reply    string `json:"reply"`
	Thread   string `json:"thread"`
	Platform string `json:"platform_id,omitempty"`
	State    string `json:"state"` // sent, delivered, read, failed
	Notice   bool   `json:"notice,omitempty"`
	// At is when it was asked for: receipts that name a time and no message count
	// from there.
	At time.Time `json:"at,omitzero"`
}

// maxSettled is how many settled replies a case remembers for their reports.
const maxSettled = 50

// Case is the fold of a log. The zero value is a case that doesn't exist yet.
// It is bounded: a case of a thousand messages is hardly larger than one of ten.
type Case struct {
	ID         string   `json:"id"`
	Seq        int64    `json:"seq"` // of the last commit: the version
	Status     Status   `json:"status"`
	Brand      string   `json:"brand"`
	Community  string   `json:"community"`
	Department string   `json:"department"`
	Customer   Person   `json:"customer"`
	Handles    []Person `json:"handles,omitempty"` // further handles proven to be the customer's
	Threads    []Thread `json:"threads"`
	LastThread string   `json:"last_thread,omitempty"` // where the customer wrote last

	Owner      string        `json:"owner,omitempty"`
	ClaimedAt  time.Time     `json:"claimed_at,omitzero"`
	LeaseUntil time.Time     `json:"lease_until,omitzero"`
	Lease      time.Duration `json:"lease,omitempty"`
	LastHelper string        `json:"last_helper,omitempty"`
	LastOwner  string        `json:"last_owner,omitempty"` // who had it before it was free
	Lapsed     string        `json:"lapsed,omitempty"`     // whose claim ended by inactivity, until somebody has it

	About About `json:"about"`
	// Contacts are when the customer's last messages were sent.
	Contacts []time.Time          `json:"contacts,omitempty"`
	Segment  string               `json:"segment,omitempty"`
	Skills   []string             `json:"skills,omitempty"` // what whoever gets it has to know
	Why      []policy.Explanation `json:"why,omitempty"`    // of the last assessment

	First      Clock          `json:"first"`
	Next       Clock          `json:"next"`
	Resolution Clock          `json:"resolution"`
	Targets    policy.Targets `json:"targets"`

	// Interested are the departments that want to hear of the case.
	Interested []string `json:"interested,omitempty"`

	Promises  []Promise  `json:"promises,omitempty"`  // those not kept yet
	Proposals []Proposal `json:"proposals,omitempty"` // promises heard in replies, the last ones
	Approvals []Approval `json:"approvals,omitempty"` // those that wait for an answer
	Answered  []Answered `json:"answered,omitempty"`  // those that had one, the last ones
	Questions []Question `json:"questions,omitempty"` // asked of colleagues and not answered yet
	// Incident is what the case has in common with others; IncidentAnswer is the
	// number of its last answer that went out here, or could not.
	Incident       string                  `json:"incident,omitempty"`
	IncidentAnswer int                     `json:"incident_answer,omitempty"`
	Advisers       []string                `json:"advisers,omitempty"` // colleagues who answered one
	Solvers        []string                `json:"solvers,omitempty"`  // who are counted as having solved it
	Given          map[string]policy.Money `json:"given,omitempty"`    // what was done for the customer, by action and currency
	Sendings       map[string]Sending      `json:"sendings,omitempty"` // by reply id; those not settled yet

	// Settled are the last replies that arrived, oldest first.
	Settled []Settled `json:"settled,omitempty"`
	// Unsent: a reply failed, and no colleague has written since.
	Unsent bool `json:"unsent,omitempty"`

	OpenedAt    time.Time `json:"opened_at"`
	OpenedBy    string    `json:"opened_by"`              // the message that makes the customer the customer
	OpenedSent  time.Time `json:"opened_sent"`            // its platform time
	Asked       bool      `json:"asked,omitempty"`        // the customer asked for something of his own
	LastWrote   time.Time `json:"last_wrote,omitzero"`    // the customer, desk time
	LastAnswer  time.Time `json:"last_answered,omitzero"` // us, desk time
	LastText    string    `json:"last_text,omitempty"`    // the start of the customer's last words
	LastFile    string    `json:"last_file,omitempty"`    // what came without any: an attachment's type
	LastMessage string    `json:"last_message,omitempty"` // the message they are of
	LastEdited  time.Time `json:"last_edited,omitzero"`   // the edit of it that they are from, platform time
	SnoozeUntil time.Time `json:"snooze_until,omitzero"`
	ResolvedAt  time.Time `json:"resolved_at,omitzero"`
	WasClosed   bool      `json:"was_closed,omitempty"` // it was resolved once, and may be open again
	FollowsUp   string    `json:"follows_up,omitempty"`
	LinkedFrom  string    `json:"linked_from,omitempty"`
	Took        []string  `json:"took,omitempty"`        // cases that gave a conversation up to this one
	MergedInto  string    `json:"merged_into,omitempty"` // the case that this one became part of
	// MergedByHand tells a colleague's merge, which can be undone; WasResolved is
	// where the case stood before it.
	MergedByHand bool       `json:"merged_by_hand,omitempty"`
	WasResolved  bool       `json:"was_resolved,omitempty"`
	Absorbed     []Absorbed `json:"absorbed,omitempty"`     // the cases that colleagues merged into this one
	ThreadsMade  int        `json:"threads_made,omitempty"` // threads that it ever had
	FollowedBy   []string   `json:"followed_by,omitempty"`  // the cases that go on with it
	Touched      bool       `json:"touched,omitempty"`      // a colleague has acted

	ErasedAt time.Time `json:"erased_at,omitzero"`
	Rated    Rating    `json:"rated,omitzero"`
	// Answers counts the replies and calls in which a person spoke to the customer
	// about his case, broadcasts to all of an incident aside.
	Answers int `json:"answers,omitempty"`
	// Asking is set while the last that a person said to the customer holds a question.
	Asking bool `json:"asking,omitempty"`
	// Automated are the automatic answers given, oldest first; AskedPerson is set
	// once the customer wants to talk to a person.
	Automated   []Automated `json:"automated,omitempty"`
	AskedPerson bool        `json:"asked_person,omitempty"`

	Invitations []Invitation `json:"invitations,omitempty"` // to private threads that only the customer can begin
	Exposed     []Exposed    `json:"exposed,omitempty"`     // personal data in public, the last ones

	Identity []IdentityProposal `json:"identity,omitempty"` // who may be whom, not answered yet
	Origins  map[string]Origin  `json:"origins,omitempty"`  // of the customer's handles, by their keys

	Messages   int                  `json:"messages"`             // received
	News       map[string]time.Time `json:"news,omitempty"`       // see NewsOf
	Bystanders map[string]Bystander `json:"bystanders,omitempty"` // by handle key; at most maxBystanders
	Unlisted   int                  `json:"unlisted,omitempty"`   // messages by bystanders beyond those
	Spreads    []Spread             `json:"spreads,omitempty"`    // how its public threads grow
	Seen       Seen                 `json:"seen"`
}

// Bystander is someone else in a public thread.
type Bystander struct {
	Name  string `json:"name,omitempty"`
	Split string `json:"split,omitempty"` // the case he got of his own
}

const maxBystanders = 500

// About is what classification says of a message, and what the case is about.
type About struct {
	Language string `json:"language,omitempty"`
	Topic    string `json:"topic,omitempty"`
	// TopicP is the topic's probability; TopicSure says that topics with it are right
	// as often as the desk wants before a machine acts on them.
	TopicP    float64 `json:"topic_p,omitempty"`
	TopicSure bool    `json:"topic_sure,omitempty"`
	// TopicBy is who says so; TopicForeign that the message is about none of the
	// topics that the desk's model knows.
	TopicBy      string  `json:"topic_by,omitempty"`
	TopicForeign bool    `json:"topic_foreign,omitempty"`
	Tone         string  `json:"tone,omitempty"`
	Kind         string  `json:"kind,omitempty"`
	Urgency      string  `json:"urgency,omitempty"`
	Anger        float64 `json:"anger,omitempty"`
	// Points are the named reasons for the urgency.
	Points []string `json:"points,omitempty"`
	// TopicIn, KindIn and UrgencyIn are the messages that the topic, the kind and the
	// urgency were read in: when a colleague corrects one, that is what to learn from.
	TopicIn   string `json:"topic_in,omitempty"`
	KindIn    string `json:"kind_in,omitempty"`
	UrgencyIn string `json:"urgency_in,omitempty"`
}

// WaitsForUs reports whether the customer has the right to the next word from us.
func (c *Case) WaitsForUs() bool {
	return c.Status == StatusOpen && c.owesAWord()
}

// owesAWord reports whether a first or next answer is outstanding, in time or late.
func (c *Case) owesAWord() bool { return c.First.owed() || c.Next.owed() }

// Exists reports whether the case was opened.
func (c *Case) Exists() bool { return c.Seq > 0 }

// Thread finds a thread by its id.
func (c *Case) Thread(id string) (Thread, bool) {
	if i := c.threadIndex(id); i >= 0 {
		return c.Threads[i], true
	}
	return Thread{}, false
}

func (c *Case) threadIndex(id string) int {
	return slices.IndexFunc(c.Threads, func(t Thread) bool { return t.ID == id })
}

// ThreadOf finds the thread of a platform's conversation.
func (c *Case) ThreadOf(channel, inbox, key string) (Thread, bool) {
	for _, t := range c.Threads {
		if t.Channel == channel && t.Inbox == inbox && t.Key == key && key != "" {
			return t, true
		}
	}
	return Thread{}, false
}

// SplitTo is the case that a bystander was given of his own, or "".
func (c *Case) SplitTo(h message.Handle) string { return c.Bystanders[h.Key()].Split }

// IsCustomer reports whether a handle is known to be the customer's.
func (c *Case) IsCustomer(h message.Handle) bool {
	return c.Customer.Handle == h || slices.ContainsFunc(c.Handles, func(p Person) bool { return p.Handle == h })
}

// HeldBy is the colleague whose claim is in force at now, or "".
func (c *Case) HeldBy(now time.Time) string {
	if c.Owner == "" || !c.LeaseUntil.IsZero() && !now.Before(c.LeaseUntil) {
		return ""
	}
	return c.Owner
}

// Joinable reports whether a new message at now still belongs to this case or
// asks for a follow-up.
func (c *Case) Joinable(now time.Time, reopenWindow time.Duration) bool {
	return c.Status != StatusResolved || now.Before(c.ResolvedAt.Add(reopenWindow))
}

// Clone is a copy that shares nothing mutable.
func (c *Case) Clone() *Case {
	d := *c
	d.Handles = slices.Clone(c.Handles)
	d.Threads = slices.Clone(c.Threads)
	for i := range d.Threads {
		d.Threads[i].Extra = maps.Clone(d.Threads[i].Extra)
		d.Threads[i].Refs = slices.Clone(d.Threads[i].Refs)
	}
	d.About.Points = slices.Clone(c.About.Points)
	d.Contacts = slices.Clone(c.Contacts)
	d.Why = slices.Clone(c.Why)
	d.Skills = slices.Clone(c.Skills)
	d.Spreads = slices.Clone(c.Spreads)
	for i := range d.Spreads {
		d.Spreads[i].Beats = slices.Clone(d.Spreads[i].Beats)
	}
	d.Took = slices.Clone(c.Took)
	d.Absorbed = slices.Clone(c.Absorbed)
	d.Interested = slices.Clone(c.Interested)
	d.FollowedBy = slices.Clone(c.FollowedBy)
	d.Promises = slices.Clone(c.Promises)
	d.Proposals = slices.Clone(c.Proposals)
	d.Approvals = slices.Clone(c.Approvals)
	for i := range d.Approvals {
		d.Approvals[i].Approvers = slices.Clone(d.Approvals[i].Approvers)
	}
	d.Answered = slices.Clone(c.Answered)
	d.Automated = slices.Clone(c.Automated)
	d.Questions, d.Advisers, d.Solvers = slices.Clone(c.Questions), slices.Clone(c.Advisers), slices.Clone(c.Solvers)
	d.Invitations = slices.Clone(c.Invitations)
	d.Exposed = slices.Clone(c.Exposed)
	d.Identity, d.Origins = slices.Clone(c.Identity), maps.Clone(c.Origins)
	d.Given = maps.Clone(c.Given)
	d.Sendings = maps.Clone(c.Sendings)
	d.Settled = slices.Clone(c.Settled)
	d.Bystanders, d.News = maps.Clone(c.Bystanders), maps.Clone(c.News)
	d.Seen = c.Seen.clone()
	return &d
}
