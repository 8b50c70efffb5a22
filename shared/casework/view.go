package casework

import (
	"strings"
	"time"

	"ines/shared/mask"
	"ines/shared/policy"
)

// View is a case as lists show it: what relay writes and the desk reads.
type View struct {
	ID         string    `json:"id"`
	Version    int64     `json:"version"`
	Status     Status    `json:"status"`
	Brand      string    `json:"brand"`
	Community  string    `json:"community"`
	Department string    `json:"department"`
	Owner      string    `json:"owner"`
	Since      time.Time `json:"since,omitzero"` // of the owner's claim
	Customer   Person    `json:"customer"`
	About      About     `json:"about"`
	Segment    string    `json:"segment"`
	Skills     []string  `json:"skills,omitempty"`
	Lapsed     string    `json:"lapsed,omitempty"` // see Case
	Threads    []Thread  `json:"threads"`
	Bystanders int       `json:"bystanders"`
	Messages   int       `json:"messages"`
	OpenedAt   time.Time `json:"opened_at"`
	ResolvedAt time.Time `json:"resolved_at,omitzero"`
	LastWrote  time.Time `json:"last_wrote,omitzero"`
	LastText   string    `json:"last_text,omitempty"`
	LastFile   string    `json:"last_file,omitempty"`
	WaitingFor string    `json:"waiting_for,omitempty"` // us, customer
	// WaitingSince is when the wait began that WaitingFor us is about.
	WaitingSince time.Time `json:"waiting_since,omitzero"`
	// DueAt is the next moment at which somebody is let down, DueFor what it
	// is: first_answer, next_answer, resolution, promise, approval.
	DueAt  time.Time `json:"due_at,omitzero"`
	DueFor string    `json:"due_for,omitempty"`
	// Timer is when casework has to look at the case again.
	Timer time.Time `json:"timer,omitzero"`
	// Promises are those not kept yet, Proposals those heard in replies and not
	// made, Approvals the actions that wait for a yes.
	Promises  []Promise  `json:"promises,omitempty"`
	Proposals []Proposal `json:"proposals,omitempty"`
	Approvals []Approval `json:"approvals,omitempty"`
	Incident  string     `json:"incident,omitempty"`
	// Questions are those that colleagues were asked and have not answered.
	Questions []Question `json:"questions,omitempty"`
	// Escalation is the highest step taken for what is still owed: remind,
	// hand_over, tell_lead.
	Escalation string `json:"escalation,omitempty"`
	// Broken counts promises not kept in time, Unconfirmed the replies of which
	// nobody knows whether they arrived.
	Broken      int `json:"broken,omitempty"`
	Unconfirmed int `json:"unconfirmed,omitempty"`
	// Unsent: a reply failed, and no colleague has written since.
	Unsent bool `json:"unsent,omitempty"`
	// Spreading is how fast a public thread grew when the lead was told.
	Spreading *Spread `json:"spreading,omitempty"`
	// GoPrivate: going on in private is proposed.
	GoPrivate  bool     `json:"go_private,omitempty"`
	FollowsUp  string   `json:"follows_up,omitempty"`
	LinkedFrom string   `json:"linked_from,omitempty"`
	MergedInto string   `json:"merged_into,omitempty"`
	Absorbed   []string `json:"absorbed,omitempty"` // the cases that were merged into it
	// Exposed is personal data that stands in public.
	Exposed []Exposed `json:"exposed,omitempty"`
	// Automatic is what became of the last automatic answer: answered, or an outcome.
	Automatic string `json:"automatic,omitempty"`
	Rating    int    `json:"rating,omitempty"` // 1 to 5
	// Identity are the proposals of who may be whom that nobody has answered.
	Identity []IdentityProposal `json:"identity,omitempty"`
	Why      string             `json:"why"`
}

// View shows the case as a list does.
func (c *Case) View() View {
	v := View{
		ID: c.ID, Version: c.Seq, Status: c.Status, Brand: c.Brand, Community: c.Community, Department: c.Department,
		Owner: c.Owner, Since: c.ClaimedAt, Customer: c.Customer, About: c.About, Segment: c.Segment, Threads: c.Threads,
		Bystanders: len(c.Bystanders), Messages: c.Messages, OpenedAt: c.OpenedAt, ResolvedAt: c.ResolvedAt,
		LastWrote: c.LastWrote, LastText: mask.Text(c.LastText), LastFile: c.LastFile, Promises: c.Promises, Proposals: c.Proposals, Approvals: c.Approvals, Questions: c.Questions, Incident: c.Incident, FollowsUp: c.FollowsUp, LinkedFrom: c.LinkedFrom, MergedInto: c.MergedInto,
	}
	for _, a := range c.Absorbed {
		v.Absorbed = append(v.Absorbed, a.Case)
	}
	if c.Status != StatusResolved {
		v.WaitingFor = "customer"
		for _, k := range []Clock{c.Next, c.First} {
			if k.owed() {
				v.WaitingFor, v.WaitingSince = "us", k.Started
			}
		}
		v.DueAt, v.DueFor = c.Due()
		v.Escalation, v.Unsent = c.Escalation(), c.Unsent
	}
	if ts := c.Timers(); len(ts) > 0 {
		v.Timer = ts[0].At
	}
	v.Automatic, v.Exposed, v.Rating, v.Identity = c.Automatic(), c.Exposed, c.Rated.Score, c.Identity
	v.Broken, v.Skills, v.Lapsed = c.broken(), c.Skills, c.Lapsed
	if s, proposed := c.Spreading(); s != nil {
		v.Spreading, v.GoPrivate = &Spread{Thread: s.Thread, Told: s.Told, Until: s.Until, Replies: s.Replies, Reach: s.Reach}, proposed
	}
	for _, s := range c.Sendings {
		if s.State == "unconfirmed" {
			v.Unconfirmed++
		}
	}
	why := make([]string, 0, len(c.Why))
	for _, e := range c.Why {
		why = append(why, e.Text)
	}
	v.Why = strings.Join(why, " ")
	return v
}

// Due is the next moment at which somebody is let down, and what it is; one that
// has passed stays until it is made good.
func (c *Case) Due() (at time.Time, what string) {
	soonest := func(t time.Time, name string) {
		if !t.IsZero() && (at.IsZero() || t.Before(at)) {
			at, what = t, name
		}
	}
	for _, dl := range c.deadlines() {
		if !dl.over && !dl.due.IsZero() && dl.kind != policy.OnExpert { // the customer doesn't wait for that one
			soonest(dl.due, dl.kind)
		}
	}
	return at, what
}

// broken counts the promises that were not kept in time and still are not.
func (c *Case) broken() (n int) {
	for _, p := range c.Promises {
		if p.Broken {
			n++
		}
	}
	return n
}
