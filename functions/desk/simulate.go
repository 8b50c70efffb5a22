package desk

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/message"
	"ines/shared/policy"
)

var simulateFields = []field{
	{name: "message", kind: parts, required: true, doc: "the message in the normal form; inbox and text do, the rest has defaults"},
	{name: "customer", kind: anything, doc: "who wrote it: a customer's id, or what is known of him {id, name, known, cases, open_cases, praised, tags, language}; default: whoever has the author's handle"},
	{name: "at", kind: when, doc: "when it comes in: RFC 3339, or a duration from now; default now"},
	{name: "about", kind: parts, doc: "what it is about {language, topic, tone, kind, urgency, anger, points}; default: the classifier says"},
}

// simulation is what would become of a message.
type simulation struct {
	// Joins says which case it would be filed in.
	Joins joinsJSON `json:"joins"`
	// Case is that case as it would be.
	Case  caseJSON       `json:"case"`
	About casework.About `json:"about"`
	// Decisions are all that would be decided, each with its rule and the facts it
	// saw, as they would be stored.
	Decisions []policy.Explanation `json:"decisions"`
	Order     orderJSON            `json:"order"`
	// Wants are the departments that would hear of it.
	Wants []string `json:"wants"`
	// Authority is what those of the department may do by themselves.
	Authority []mayJSON `json:"authority"`
	// Events are the entries that the timeline would gain.
	Events []casework.Entry `json:"events"`
	// Own is the case that a bystander would get, who asks for something.
	Own *ownJSON `json:"own,omitempty"`
}

type joinsJSON struct {
	Case      string `json:"case"`
	Opens     bool   `json:"opens"`
	Duplicate bool   `json:"duplicate,omitempty"` // it was filed already
	Via       string `json:"via"`                 // opened, token, known, sent, customer
	Role      string `json:"role,omitempty"`      // customer, bystander, participant
	Why       string `json:"why"`
	FollowsUp string `json:"follows_up,omitempty"`
}

// orderJSON is a place in the order of work.
type orderJSON struct {
	At    *time.Time `json:"at"` // the deadline with its head start; null: nothing is owed
	Since time.Time  `json:"since"`
	// Ahead is how many free cases of the department would come before it.
	Ahead   int    `json:"ahead"`
	AtLeast bool   `json:"at_least,omitempty"` // there are more than were counted
	Why     string `json:"why"`
}

type mayJSON struct {
	Colleague string             `json:"colleague"`
	Action    string             `json:"action"`
	UpTo      []string           `json:"up_to,omitempty"` // in this case, by himself; none and allowed: any amount
	Allowed   bool               `json:"allowed"`
	Why       policy.Explanation `json:"why"`
}

type ownJSON struct {
	Case      caseJSON             `json:"case"`
	Decisions []policy.Explanation `json:"decisions"`
	Why       string               `json:"why"`
}

// given is what is known of a customer by hand.
type given struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Known     *bool     `json:"known"`
	Cases     *int      `json:"cases"`
	OpenCases *int      `json:"open_cases"`
	Praised   *int      `json:"praised"`
	Tags      *[]string `json:"tags"`
	Language  string    `json:"language"`
}

func strictly(raw []byte, field string, to any) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(to); err != nil {
		return malformed(field, "%s can't be read: %s.", field, err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return malformed(field, "Something follows %s.", field)
	}
	return nil
}

func (d *Desk) simulate(w http.ResponseWriter, r *http.Request, _ policy.Colleague) error {
	b, _, err := readBody(w, r, simulateFields)
	if err != nil {
		return err
	}
	now := d.now()
	if _, given := b["at"]; given {
		if now, err = b.time("at", now, nil); err != nil {
			return err
		}
	}
	var m message.Message
	if err := strictly(b.raw("message"), "message", &m); err != nil {
		return err
	}
	known, name, err := customerGiven(b.raw("customer"))
	if err != nil {
		return err
	}
	if known.ID != "" {
		if err := d.handleOf(r, known.ID, &m); err != nil {
			return err
		}
	}
	m.Author.Name = cmp.Or(m.Author.Name, name)
	if err := d.complete(&m, now); err != nil {
		return err
	}
	m.Fit()
	var about casework.About
	switch raw := b.raw("about"); {
	case raw != nil:
		if err := strictly(raw, "about", &about); err != nil {
			return err
		}
		if err := d.checkAbout(about); err != nil {
			return err
		}
	case d.about != nil:
		if about, err = d.about(&m); err != nil {
			return err
		}
	default:
		return invalid("about", "This desk has no classifier: say in about what the message is about.")
	}
	in := docket.Incoming{Envelope: message.DeriveID("simulate", m.Key(), now.UTC().String()), Items: 1, At: now,
		Item: message.Item{Kind: message.KindMessage, Message: &m}, About: about}
	p, err := d.docket.Foretell(r.Context(), in, known)
	if err != nil {
		return err
	}
	s, err := d.foretold(r, p, about, now)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, s)
}

// checkAbout refuses what no classifier of the desk would say: the answer would look
// as if no rule held for it.
func (d *Desk) checkAbout(a casework.About) error {
	for _, w := range []struct {
		name, given string
		known       []string
	}{{"kind", a.Kind, policy.Kinds}, {"tone", a.Tone, policy.Tones}, {"urgency", a.Urgency, policy.Urgencies}} {
		if w.given != "" && !slices.Contains(w.known, w.given) {
			return invalid("about", "There is no %s %q; there are %s.", w.name, w.given, strings.Join(w.known, ", "))
		}
	}
	if a.Topic != "" && !slices.ContainsFunc(d.policy.Topics, func(t policy.Topic) bool { return t.ID == a.Topic }) {
		return invalid("about", "There is no topic %q in the desk policy.", a.Topic)
	}
	if a.Anger < 0 || a.Anger > 1 || a.TopicP < 0 || a.TopicP > 1 {
		return invalid("about", "anger and topic_p are numbers from 0 to 1.")
	}
	return nil
}

func customerGiven(raw json.RawMessage) (k docket.Known, name string, err error) {
	if raw == nil {
		return k, "", nil
	}
	if json.Unmarshal(raw, &k.ID) == nil {
		if !plausible(k.ID) {
			return k, "", invalid("customer", "That is no customer's id.")
		}
		return k, "", nil
	}
	var g given
	if err := strictly(raw, "customer", &g); err != nil {
		return k, "", err
	}
	if g.ID != "" && !plausible(g.ID) {
		return k, "", invalid("customer", "That is no customer's id.")
	}
	if value(g.Cases) < 0 || value(g.OpenCases) < 0 || value(g.Praised) < 0 {
		return k, "", invalid("customer", "cases, open_cases and praised are counts: zero or more.")
	}
	k = docket.Known{ID: g.ID, Cases: g.Cases, OpenCases: g.OpenCases, Praised: g.Praised}
	if g.Known != nil && g.Cases == nil {
		n := 0
		if *g.Known {
			n = max(1, value(g.OpenCases))
		}
		k.Cases = &n
	}
	if g.Tags != nil || g.Language != "" {
		k.Profile = &casework.Profile{Language: g.Language}
		if g.Tags != nil {
			if k.Profile.Tags, err = checkTags(*g.Tags); err != nil {
				return k, "", err
			}
		}
	}
	return k, g.Name, nil
}

func value(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}

// handleOf lets the author be a known customer, where the message names nobody.
func (d *Desk) handleOf(r *http.Request, id string, m *message.Message) error {
	if !m.Author.Handle.IsZero() {
		return nil
	}
	in, _ := d.policy.Inbox(m.Inbox)
	views, err := d.docket.Customer(r.Context(), id)
	if err != nil {
		return err
	}
	for _, v := range views {
		m.Author.Name = cmp.Or(m.Author.Name, v.Customer.Name)
		if v.Customer.ID == id && v.Customer.Handle.Channel == in.Channel {
			m.Author.Handle = v.Customer.Handle
			return nil
		}
	}
	return nil
}

// complete fills in what a message written by hand leaves out.
func (d *Desk) complete(m *message.Message, now time.Time) error {
	in, ok := d.policy.Inbox(m.Inbox)
	switch {
	case m.Inbox == "":
		return invalid("message", "Say to which inbox it comes: message.inbox.")
	case !ok:
		return invalid("message", "There is no inbox %q in the desk policy.", m.Inbox)
	case m.Channel != "" && m.Channel != in.Channel:
		return invalid("message", "The inbox %s is on %s, not on %s.", in.ID, in.Channel, m.Channel)
	}
	m.Channel = in.Channel
	if m.SentAt.IsZero() {
		m.SentAt = now
	}
	if m.Visibility == "" {
		m.Visibility = message.Private
		if slices.Contains([]string{"x", "facebook", "instagram"}, m.Channel) {
			m.Visibility = message.Public
		}
	}
	if m.Visibility != message.Public && m.Visibility != message.Private {
		return invalid("message", "visibility is public or private.")
	}
	h := &m.Author.Handle
	h.Channel, h.ID = cmp.Or(h.Channel, m.Channel), cmp.Or(h.ID, "somebody")
	m.ID = cmp.Or(m.ID, message.DeriveID("simulate", h.Key(), m.Text, m.SentAt.UTC().String()))
	if m.Thread == "" {
		m.Thread = m.ID
		if m.Visibility == message.Private && m.Channel != "email" {
			m.Thread = h.ID
		}
	}
	return nil
}

func (d *Desk) foretold(r *http.Request, p docket.Prospect, about casework.About, now time.Time) (simulation, error) {
	s := simulation{Joins: joins(p), About: about, Decisions: []policy.Explanation{}, Wants: []string{}, Authority: d.may(p.After, now)}
	v := p.After.View()
	s.Case = d.caseJSON(v, now)
	s.Wants = append(s.Wants, p.After.Interested...)
	log, err := d.docket.Log(r.Context(), p.After.ID, 0)
	if err != nil {
		return s, err
	}
	if p.Before.Seq < int64(len(log)) {
		log = log[:p.Before.Seq] // somebody went on with the case meanwhile
	}
	log = append(log, casework.Commit{Case: p.After.ID, Seq: p.Before.Seq + 1, At: now.UTC(), Events: p.Events})
	s.Events = slices.DeleteFunc(casework.Timeline(log), func(e casework.Entry) bool { return e.Seq <= p.Before.Seq })
	s.Decisions = append(s.Decisions, policy.Explanation{Decision: "case", Outcome: outcomeOf(p), Rule: "default",
		Facts: map[string]any{"via": p.Receive.Via, "customer": p.Receive.Customer.ID, "cases": float64(p.Receive.Cases), "open_cases": float64(p.Receive.OpenCases)}, Text: s.Joins.Why})
	s.Decisions = append(s.Decisions, decisions(p)...)
	people, err := d.whoGets(r, v, now)
	if err != nil {
		return s, err
	}
	s.Decisions = append(s.Decisions, people)
	rank := v.Rank(d.policy.Order)
	s.Order = orderJSON{Since: rank.Since, Why: rank.Why.Text}
	if !rank.At.IsZero() {
		s.Order.At = &rank.At
	}
	if s.Order.Ahead, s.Order.AtLeast, err = d.docket.Ahead(r.Context(), v.Department, rank); err != nil {
		return s, err
	}
	if p.Split != nil {
		own := p.Split.After.View()
		s.Own = &ownJSON{Case: d.caseJSON(own, now), Decisions: decisions(*p.Split), Why: "The author is somebody else in this thread, and asks for something of his own: he gets a case of his own, linked to this one."}
	}
	return s, nil
}

// decisions are those that the events record; where they record none of a kind, the
// case's own still hold.
func decisions(p docket.Prospect) []policy.Explanation {
	var all []policy.Explanation
	has := map[string]bool{}
	for _, e := range p.Events {
		for _, x := range casework.Explained(e) {
			all, has[x.Decision] = append(all, x), true
		}
	}
	for _, x := range p.After.Why {
		if !has[x.Decision] {
			all = append(all, x)
		}
	}
	if !has["automation"] {
		all = append(all, policy.Explanation{Decision: "automation", Outcome: "none", Rule: "default", Text: "No rule answers this message by itself: people do."})
	}
	return all
}

func outcomeOf(p docket.Prospect) string {
	switch {
	case p.Duplicate:
		return "filed already"
	case !p.Before.Exists():
		return "opens a case"
	}
	return "joins " + p.After.ID
}

var viaWords = map[string]string{
	"opened":   "nothing leads to a case that is there, so it opens one",
	"token":    "it came with the link that was sent from the case",
	"known":    "its conversation belongs to the case already",
	"sent":     "it answers something that was sent from the case",
	"customer": "the customer has this open case with the same brand",
}

func joins(p docket.Prospect) joinsJSON {
	j := joinsJSON{Case: p.After.ID, Opens: !p.Before.Exists(), Duplicate: p.Duplicate, Via: p.Receive.Via, FollowsUp: p.Receive.FollowsUp,
		Why: sentence(cmp.Or(viaWords[p.Receive.Via], p.Receive.Via)) + "."}
	switch {
	case p.Duplicate:
		j.Why = "This very message was filed before: nothing happens."
	case j.FollowsUp != "":
		j.Why = "The case it belongs to was closed too long ago: it opens a follow-up that links to it."
	case p.Receive.LinkedFrom != "" && j.Opens:
		j.Why = "The author was given a case of his own before."
	}
	for _, e := range p.Events {
		if m, ok := e.(casework.MessageReceived); ok {
			j.Role = string(m.Role)
		}
	}
	return j
}

// may is what the department's colleagues could do in the case at once.
func (d *Desk) may(c *casework.Case, _ time.Time) []mayJSON {
	all := []mayJSON{}
	for _, who := range d.policy.Colleagues {
		if !slices.Contains(who.Departments, c.Department) {
			continue
		}
		for _, action := range d.policy.Actions() {
			a := d.policy.May(policy.Ask{Colleague: who.ID, Action: action})
			all = append(all, mayJSON{Colleague: who.ID, Action: action, Allowed: a.Allowed, UpTo: d.policy.UpTo(who.ID, action), Why: a.Why})
		}
	}
	return all
}

func encodeAnswer(status int, v any) (docket.Answer, error) {
	raw, err := json.Marshal(v)
	return docket.Answer{Status: status, Body: raw}, err
}
