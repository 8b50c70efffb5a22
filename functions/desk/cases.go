package desk

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/message"
	"ines/shared/policy"
)

// caseJSON is a case as lists and answers show it.
type caseJSON struct {
	ID         string          `json:"id"`
	Status     casework.Status `json:"status"`
	Brand      string          `json:"brand"`
	Community  string          `json:"community"`
	Department string          `json:"department"`
	Owner      string          `json:"owner"`
	Customer   customerJSON    `json:"customer"`
	Topic      string          `json:"topic"`
	Language   string          `json:"language"`
	Urgency    string          `json:"urgency"`
	Tone       string          `json:"tone"`
	Kind       string          `json:"kind"`
	Segment    string          `json:"segment"`
	Threads    []threadJSON    `json:"threads"`
	Bystanders int             `json:"bystanders"`
	OpenedAt   time.Time       `json:"opened_at"`
	DueAt      *time.Time      `json:"due_at"` // null: nothing is owed
	DueFor     string          `json:"due_for"`
	Version    int64           `json:"version"`
	Why        string          `json:"why"`

	// Order is the place in the order of work: at, the deadline with its head start
	// (absent: nothing is owed), and since when it waits, which decides between equals.
	Order     casework.Rank  `json:"order"`
	Skills    []string       `json:"skills,omitempty"`    // what whoever gets it has to know
	Spreading *spreadingJSON `json:"spreading,omitempty"` // the lead was told

	Since         time.Time           `json:"since,omitzero"` // of the owner's claim
	WaitingFor    string              `json:"waiting_for,omitempty"`
	WaitingSince  time.Time           `json:"waiting_since,omitzero"`
	ResolvedAt    time.Time           `json:"resolved_at,omitzero"`
	LastText      string              `json:"last_text,omitempty"`
	LastFile      string              `json:"last_file,omitempty"` // an attachment's type, where no words came with it
	LastWrote     time.Time           `json:"last_wrote,omitzero"`
	Messages      int                 `json:"messages"`
	FollowsUp     string              `json:"follows_up,omitempty"`
	MergedInto    string              `json:"merged_into,omitempty"` // the case that goes on
	Absorbed      []string            `json:"absorbed,omitempty"`    // the cases that were merged into it
	LinkedFrom    string              `json:"linked_from,omitempty"`
	Promises      []casework.Promise  `json:"promises,omitempty"`   // not kept yet
	Proposals     []casework.Proposal `json:"proposals,omitempty"`  // promises heard in replies
	Approvals     []casework.Approval `json:"approvals,omitempty"`  // those that wait for a yes
	Incident      string              `json:"incident,omitempty"`   // that it has in common with others
	Questions     []casework.Question `json:"questions,omitempty"`  // asked of colleagues and not answered
	Escalation    string              `json:"escalation,omitempty"` // remind, hand_over, tell_lead: the last step for what is owed
	BrokenPromise int                 `json:"broken_promises,omitempty"`
	Unconfirmed   int                 `json:"unconfirmed_replies,omitempty"`
	Unsent        bool                `json:"unsent_reply,omitempty"` // a reply failed, and no colleague has written since
	// Automatic is what became of the last automatic answer: answered (nobody knows
	// yet), solved, came_back, asked_person, went_there, taken_up, not_sent.
	Automatic string `json:"automatic,omitempty"`
	// Identity are the proposals of who may be whom that nobody has answered: see the
	// customer's merge and decline.
	Identity []casework.IdentityProposal `json:"identity,omitempty"`
	Rating   int                         `json:"rating,omitempty"` // 1 to 5, as the customer gave it
}

// spreadingJSON is how fast a public thread grew when the lead was told.
type spreadingJSON struct {
	Thread   string    `json:"thread"`
	Since    time.Time `json:"since"`
	Replies  int       `json:"replies"`
	Reach    int64     `json:"reach"`
	Proposed string    `json:"proposed,omitempty"` // go_private
}

type customerJSON struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type threadJSON struct {
	ID         string             `json:"id"`
	Channel    string             `json:"channel"`
	Inbox      string             `json:"inbox"`
	Key        string             `json:"key"`
	Visibility message.Visibility `json:"visibility"`
	Window     casework.Window    `json:"window"`
}

func (d *Desk) caseJSON(v casework.View, now time.Time) caseJSON {
	c := caseJSON{ID: v.ID, Status: v.Status, Brand: v.Brand, Community: v.Community, Department: v.Department, Owner: v.Owner,
		Customer: customerJSON{v.Customer.ID, v.Customer.Label()}, Topic: v.About.Topic, Language: v.About.Language,
		Urgency: v.About.Urgency, Tone: v.About.Tone, Kind: v.About.Kind, Segment: v.Segment, Threads: make([]threadJSON, len(v.Threads)),
		Bystanders: v.Bystanders, OpenedAt: v.OpenedAt, DueFor: v.DueFor, Version: v.Version, Why: v.Why, Since: v.Since,
		WaitingFor: v.WaitingFor, WaitingSince: v.WaitingSince, ResolvedAt: v.ResolvedAt, LastText: v.LastText, LastFile: v.LastFile, LastWrote: v.LastWrote,
		Messages: v.Messages, FollowsUp: v.FollowsUp, LinkedFrom: v.LinkedFrom, MergedInto: v.MergedInto, Absorbed: v.Absorbed, Promises: v.Promises, Proposals: v.Proposals, Approvals: v.Approvals, Questions: v.Questions, Incident: v.Incident, Escalation: v.Escalation, BrokenPromise: v.Broken, Unconfirmed: v.Unconfirmed, Automatic: v.Automatic, Identity: v.Identity}
	c.Order, c.Skills, c.Rating, c.Unsent = v.Rank(d.policy.Order), v.Skills, v.Rating, v.Unsent
	if s := v.Spreading; s != nil {
		c.Spreading = &spreadingJSON{Thread: s.Thread, Since: s.Told, Replies: s.Replies, Reach: s.Reach}
		if v.GoPrivate {
			c.Spreading.Proposed = "go_private"
		}
	}
	if !v.DueAt.IsZero() {
		c.DueAt = &v.DueAt
	}
	for i, t := range v.Threads {
		c.Threads[i] = threadJSON{t.ID, t.Channel, t.Inbox, t.Key, t.Visibility, d.channels.Window(t, now)}
	}
	return c
}

type listAnswer struct {
	Cases  []caseJSON `json:"cases"`
	Cursor string     `json:"cursor,omitempty"` // absent on the last page
}

var listQuery = []field{
	{name: "queue", kind: text, doc: "a department's id"},
	{name: "status", kind: text, doc: "where the case stands; default open ones by deadline first, then resolved, newest first", oneOf: []string{"open", "snoozed", "resolved"}},
	{name: "owner", kind: text, doc: "a colleague's id"},
	{name: "asked", kind: text, doc: "a colleague's id: the cases in which he has a question to answer, the first due at the top"},
	{name: "community", kind: text, doc: "a community's id"},
	{name: "channel", kind: text, doc: "the channel of one of the case's threads"},
	{name: "q", kind: text, doc: "words in the customer's name or handle, the last words, the topic or a subject, or a whole id"},
	{name: "cursor", kind: text, doc: "from the page before"},
	{name: "limit", kind: count, doc: "cases a page, 1 to 200; default 50. A page may hold fewer and still have a cursor"},
}

// filterOf reads a list's query.
func filterOf(r *http.Request) (f docket.Filter, cursor string, err error) {
	q := r.URL.Query()
	f = docket.Filter{Department: q.Get("queue"), Status: casework.Status(q.Get("status")), Owner: q.Get("owner"),
		Community: q.Get("community"), Channel: q.Get("channel"), Asked: q.Get("asked"), Text: q.Get("q")}
	switch f.Status {
	case "", casework.StatusOpen, casework.StatusSnoozed, casework.StatusResolved:
	default:
		return f, "", malformed("status", "There is no status %q; there are open, snoozed and resolved.", f.Status)
	}
	if f.Owner != "" && !plausible(f.Owner) {
		return f, "", malformed("owner", "An owner is a colleague's id.")
	}
	if f.Asked != "" && !plausible(f.Asked) {
		return f, "", malformed("asked", "Who is asked is a colleague's id.")
	}
	if l := q.Get("limit"); l != "" {
		n, err := strconv.Atoi(l)
		if err != nil || n < 1 || n > docket.MaxLimit {
			return f, "", malformed("limit", "limit is a number from 1 to %d.", docket.MaxLimit)
		}
		f.Limit = n
	}
	return f, q.Get("cursor"), nil
}

func (d *Desk) listCases(w http.ResponseWriter, r *http.Request, _ policy.Colleague) error {
	f, cursor, err := filterOf(r)
	if err != nil {
		return err
	}
	views, next, err := d.docket.List(r.Context(), f, cursor)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, listAnswer{Cases: d.casesJSON(views), Cursor: next})
}

func (d *Desk) casesJSON(views []casework.View) []caseJSON {
	now := d.now()
	cases := make([]caseJSON, len(views))
	for i, v := range views {
		cases[i] = d.caseJSON(v, now)
	}
	return cases
}

type caseDetail struct {
	Case     caseJSON         `json:"case"`
	Timeline []casework.Entry `json:"timeline"`
}

// read folds a case from its log: what was just done is there.
func (d *Desk) read(r *http.Request) (*casework.Case, []casework.Commit, error) {
	id := r.PathValue("id")
	if !plausible(id) {
		return nil, nil, unknownCase
	}
	log, err := d.docket.Log(r.Context(), id, 0)
	if err != nil {
		return nil, nil, err
	}
	if len(log) == 0 {
		return nil, nil, unknownCase
	}
	c, err := casework.Fold(nil, log)
	return c, log, err
}

// timeline tells a case's log, together with those of the cases that were merged
// into it.
func (d *Desk) timeline(ctx context.Context, c *casework.Case, log []casework.Commit) ([]casework.Entry, error) {
	entries := casework.Timeline(log)
	todo, done := slices.Clone(c.Absorbed), map[string]bool{c.ID: true}
	for len(todo) > 0 {
		id := todo[0].Case
		if todo = todo[1:]; done[id] {
			continue
		}
		done[id] = true
		log, err := d.docket.Log(ctx, id, 0)
		if err != nil {
			return nil, err
		}
		other, err := casework.Fold(nil, log)
		if err != nil {
			return nil, err
		}
		entries = casework.Together(entries, id, casework.Timeline(log))
		todo = append(todo, other.Absorbed...)
	}
	return entries, nil
}

func (d *Desk) showCase(w http.ResponseWriter, r *http.Request, _ policy.Colleague) error {
	c, log, err := d.read(r)
	if err != nil {
		return err
	}
	tag := etag(c.Seq)
	w.Header().Set("ETag", tag)
	if known(r.Header.Get("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	timeline, err := d.timeline(r.Context(), c, log)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, caseDetail{Case: d.caseJSON(c.View(), d.now()), Timeline: timeline})
}

// known reports whether a list of tags has this one.
func known(header, tag string) bool {
	for have := range strings.SplitSeq(header, ",") {
		have = strings.TrimSpace(have)
		if have == "*" || strings.TrimPrefix(have, "W/") == tag {
			return true
		}
	}
	return false
}
