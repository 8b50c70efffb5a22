package desk

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/message"
	"ines/shared/policy"
)

type casePage struct {
	page
	row
	CaseVersion int64
	Blocks      []block
	Earlier     int // entries left out before the first of Blocks
	Threads     []threadRow
	Promises    []promiseRow
	Heard       []promiseRow // in replies, and not made
	Exposed     []exposedRow // personal data in public, with a warning to send
	Waiting     []approvalRow
	Asked       []questionRow // of colleagues, not answered yet
	Actions     []string      // what the policy knows
	Preview     *replyPreview
	ByHand      bool // a colleague merged it into another one
	Splittable  []splitRow
	Departments []policy.Department
	TopicList   []policy.Topic
	Colleagues  []policy.Colleague
	Private     []choice // channels on which a private thread can be opened
	Hold        string   // free, mine or other
	Since       moment
	SnoozeUntil moment
	Sign        string // what is put under a reply
	Zone        string
	Rating      int        // 0: none yet
	Again       url.Values // the words of a reply that is written again
	Onward      bool       // what was done leaves room for the next case
	Rule        string     // that stopped the colleague, where he said so by a link
	Problem     *formProblem
	Token       string
}

type threadRow struct {
	ID, Name, Window string
	To               string // whom we write to there, "" if that is not known
	Open, Last       bool
}

type promiseRow struct {
	ID, Text, Owner string
	MadeBy          string // where the owner is another one
	Broken          bool
	Due             dueWords
}

// exposedRow is personal data that stands in public, and the warning that is proposed.
type exposedRow struct{ Thread, Kinds, Warning string }

// approvalRow is an action that waits for a yes.
type approvalRow struct {
	ID, What, Text, By string
	Approvers          string
	May, Own           bool // the colleague who looks may say yes; has asked
	Overdue            bool
	Due                dueWords
}

type questionRow struct {
	ID, Text, Whom, By string
	Mine, May          bool // the colleague who looks was asked; may take it back
	Due                dueWords
}

// replyPreview is what a reply would be, and the form that it was typed into.
type replyPreview struct {
	replyAnswer
	Form  string
	typed url.Values
}

type splitRow struct{ Key, Name string }

type choice struct{ ID, Name string }

// formProblem is a refused form: its words and what had been typed.
type formProblem struct {
	Form   string // the action's path, promise id filled in
	Title  string
	Detail string
	Hints  []string
	Rule   string // by which feedback about it is counted, "" if no rule was in the way
	typed  url.Values
}

// Previews gives the preview of a form, nil if it has none.
func (p *casePage) Previews(form string) *replyPreview {
	if p.Preview != nil && p.Preview.Form == form {
		return p.Preview
	}
	return nil
}

// Refused gives the problem of a form, nil if it is not the one.
func (p *casePage) Refused(form string) *formProblem {
	if p.Problem != nil && p.Problem.Form == form {
		return p.Problem
	}
	return nil
}

// Shows reports whether the page has a form for an action: one that makes sense
// as the case stands, or one with words that must not be lost.
func (p *casePage) Shows(form string) bool {
	resolved := p.Status == casework.StatusResolved
	switch form {
	case "claim":
		return !resolved && p.Hold == "free"
	case "release":
		return !resolved && p.Hold == "mine"
	case "takeover":
		return !resolved && p.Hold == "other"
	case "assign", "transfer", "resolve", "snooze", "promises", "experts":
		return !resolved
	case "replies", "private", "actions":
		return !resolved || p.Refused(form) != nil
	case "reopen":
		return resolved && p.MergedInto == ""
	case "unmerge":
		return p.ByHand
	case "merge":
		return p.MergedInto == ""
	case "rating":
		return p.Rating == 0
	case "wake":
		return p.Status == casework.StatusSnoozed
	case "split":
		return len(p.Splittable) > 0
	}
	if id, ok := strings.CutPrefix(form, "promises/"); ok {
		return slices.ContainsFunc(slices.Concat(p.Promises, p.Heard), func(pr promiseRow) bool { return strings.HasPrefix(id, pr.ID+"/") })
	}
	if id, ok := strings.CutPrefix(form, "approvals/"); ok {
		return slices.ContainsFunc(p.Waiting, func(a approvalRow) bool { return strings.HasPrefix(id, a.ID+"/") })
	}
	if id, ok := strings.CutPrefix(form, "experts/"); ok {
		return slices.ContainsFunc(p.Asked, func(q questionRow) bool { return strings.HasPrefix(id, q.ID+"/") })
	}
	return true
}

// Homeless is a problem whose form is not on the page any more.
func (p *casePage) Homeless() *formProblem {
	if p.Problem != nil && !p.Shows(p.Problem.Form) {
		return p.Problem
	}
	return nil
}

func (d *Desk) casePage(w http.ResponseWriter, r *http.Request, who policy.Colleague) error {
	return d.showCasePage(w, r, who, http.StatusOK, nil)
}

func (d *Desk) showCasePage(w http.ResponseWriter, r *http.Request, who policy.Colleague, status int, refused *formProblem, preview ...*replyPreview) error {
	c, log, err := d.read(r)
	if err != nil {
		return err
	}
	now := d.now()
	zone := cmp.Or(viewerZone(r), d.zoneOf(c.Community))
	cj := d.caseJSON(c.View(), now)
	p := casePage{page: d.page(cj.Customer.Name, who), row: d.row(cj, who, now, zone), CaseVersion: c.Seq, Problem: refused, Token: token(),
		Departments: d.policy.Departments, TopicList: d.policy.Topics, Colleagues: d.policy.Colleagues, Zone: zone.String(), Private: d.privateChannels(c.Brand),
		Rating: c.Rated.Score, Rule: r.URL.Query().Get("rule")}
	for _, v := range preview {
		p.Preview = v
	}
	for _, a := range actions {
		if a.path == r.URL.Query().Get("done") {
			p.Done, p.Onward = a.done, a.onward
			if r.URL.Query().Has("waits") {
				p.Done = "It goes beyond what you may do alone: a colleague is asked for a yes. Until then nothing is done."
			}
		}
	}
	switch holder := c.HeldBy(now); holder {
	case "":
		p.Hold = "free"
	case who.ID:
		p.Hold = "mine"
	default:
		p.Hold = "other"
	}
	if !c.ClaimedAt.IsZero() {
		p.Since = at(c.ClaimedAt, now, zone)
	}
	if c.Status == casework.StatusSnoozed {
		p.SnoozeUntil = at(c.SnoozeUntil, now, zone)
	}
	p.Sign = d.policy.Signature(c.Brand, who.ID)
	tell := telling{d, now, zone, c}
	entries, err := d.timeline(r.Context(), c, log)
	if err != nil {
		return err
	}
	if again := r.URL.Query().Get("again"); again != "" {
		for _, e := range entries {
			if ev, ok := e.Event.(casework.ReplyRequested); ok && ev.Reply == again {
				// Whoever sends it again signs it.
				unsigned := strings.TrimSpace(strings.TrimSuffix(ev.Text, d.policy.Signature(c.Brand, e.By)))
				p.Again = url.Values{"text": {unsigned}, "thread": {ev.Thread}}
			}
		}
	}
	if r.URL.Query().Get("all") != "1" {
		entries, p.Earlier = tell.newest(entries)
	}
	p.Blocks = tell.blocks(entries)
	for _, t := range c.Threads {
		p.Threads = append(p.Threads, d.threadRow(c, t, now, zone))
	}
	for _, pr := range c.Promises {
		p.Promises = append(p.Promises, promiseRow{pr.ID, pr.Text, d.colleagueName(pr.Owner), d.colleagueName(pr.MadeBy), pr.Broken, dueIn(&pr.Due, "promise", now, zone)})
	}
	d.rulesOnPage(&p, c, who, now, zone)
	for _, key := range slices.Sorted(maps.Keys(c.Bystanders)) {
		if b := c.Bystanders[key]; b.Split == "" {
			p.Splittable = append(p.Splittable, splitRow{key, b.Name})
		}
	}
	d.render(w, status, p.html())
	return nil
}

func (d *Desk) threadRow(c *casework.Case, t casework.Thread, now time.Time, zone *time.Location) threadRow {
	tr := threadRow{ID: t.ID, Name: channelName(t.Channel) + ", " + string(t.Visibility), To: recipient(c, t.With), Last: t.ID == c.LastThread}
	if in, ok := d.policy.Inbox(t.Inbox); ok && in.Name != "" {
		tr.Name += " (" + in.Name + ")"
	}
	win := d.channels.Window(t, now)
	tr.Open = win.State == casework.WindowOpen
	switch {
	case !tr.Open:
		tr.Window = "closed: " + cmp.Or(win.Why, win.State)
	case !win.Until.IsZero():
		tr.Window = "open until " + at(win.Until, now, zone).Words
	default:
		tr.Window = "open"
	}
	return tr
}

// recipient names whom a thread writes to: by name where the case knows it, and
// always by what the platform addresses.
func recipient(c *casework.Case, with message.Handle) string {
	if with.IsZero() {
		return ""
	}
	name, handle := c.Bystanders[with.Key()].Name, with.ID
	for _, p := range append(c.Handles[:len(c.Handles):len(c.Handles)], c.Customer) {
		if p.Handle != with {
			continue
		}
		name = p.Name
		if p.Username != "" {
			handle = "@" + p.Username
		}
	}
	if name == "" || name == handle {
		return handle
	}
	return name + " (" + handle + ")"
}

// privateChannels are those on which the brand has an inbox.
func (d *Desk) privateChannels(brand string) []choice {
	var out []choice
	for _, in := range d.policy.Inboxes {
		b, ok := d.policy.InboxBrand(in.ID)
		if !ok || b.ID != brand || slices.ContainsFunc(out, func(c choice) bool { return c.ID == in.Channel }) {
			continue
		}
		out = append(out, choice{in.Channel, channelName(in.Channel)})
	}
	return out
}

// caseForm runs an action for a form, through the same table and the same code as
// the API. A refused form comes back with what was typed in it.
func (d *Desk) caseForm(a action) pageFunc {
	return func(w http.ResponseWriter, r *http.Request, who policy.Colleague) error {
		if err := r.ParseForm(); err != nil {
			return malformed("", "The form can't be read.")
		}
		o, err := d.formOrder(r, a, who)
		var answer docket.Answer
		if err == nil {
			answer, _, err = d.act(r.Context(), o)
		}
		if err == nil && o.input.body.flag("dry_run") {
			v := &replyPreview{Form: formOf(a, r), typed: r.PostForm}
			if err := json.Unmarshal(answer.Body, &v.replyAnswer); err != nil {
				return err
			}
			return d.showCasePage(w, r, who, http.StatusOK, nil, v)
		}
		if err == nil {
			did := url.Values{"done": {a.path}}
			if a.also == http.StatusAccepted && answer.Status == a.also {
				did.Set("waits", "1")
			}
			http.Redirect(w, r, string(here("cases", r.PathValue("id")).with(did)), http.StatusSeeOther)
			return nil
		}
		p := d.problemOf(r, err)
		if p.Status >= http.StatusInternalServerError || p == unknownCase {
			return p
		}
		refused := &formProblem{Form: formOf(a, r), Title: p.title(), Detail: p.Detail, Hints: d.hints(p), Rule: ruleBehind(p), typed: r.PostForm}
		return d.showCasePage(w, r, who, p.Status, refused)
	}
}

// formOf names an action's form on the page, with the ids in its path.
func formOf(a action, r *http.Request) string {
	return strings.NewReplacer("{pid}", r.PathValue("pid"), "{aid}", r.PathValue("aid"), "{qid}", r.PathValue("qid")).Replace(a.path)
}

func (d *Desk) formOrder(r *http.Request, a action, who policy.Colleague) (order, error) {
	o := order{action: a, caseID: r.PathValue("id"), key: r.PostForm.Get("token"),
		input: input{by: who.ID, part: part(r), body: body{}, now: d.now()}}
	if err := checkKey(o.key); err != nil {
		return o, err
	}
	if v := r.PostForm.Get("version"); v != "" && a.guarded {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			return o, malformed("version", "The form's version is not a number.")
		}
		o.seen = n
	}
	for _, f := range a.fields {
		values := r.PostForm[f.name]
		switch {
		case f.kind == texts && len(values) > 0:
			o.input.body[f.name] = values
		case f.kind == flag:
			o.input.body[f.name] = r.PostForm.Get(f.name) == "true"
		case f.kind != texts && (f.required || r.PostForm.Get(f.name) != ""):
			// Browsers end lines with CR LF.
			o.input.body[f.name] = strings.ReplaceAll(r.PostForm.Get(f.name), "\r\n", "\n")
		}
	}
	if into := o.input.body.text("into"); into != "" {
		o.input.body["into"] = ofPage(into)
	}
	// The form says by which clock its times were asked for.
	o.input.zone = cmp.Or(zoneNamed(r.PostForm.Get("zone")), d.policy.DayZone())
	return o, nil
}

// ruleCodes are refusals that a rule of the desk's stands behind, and not what was
// typed: colleagues can object to it.
var ruleCodes = []string{casework.CodeClaimed, casework.CodeNotClaimed, casework.CodeOpenPromise, casework.CodeOpenApproval, casework.CodeClosed,
	casework.CodeWindow, casework.CodeNotAllowed, casework.CodeAtCapacity}

// ruleBehind names the rule behind a refusal for feedback, "" if there is none.
func ruleBehind(p *problem) string {
	if why, ok := p.More["why"].(policy.Explanation); ok {
		return ruleName(why)
	}
	if slices.Contains(ruleCodes, p.Code) {
		return p.Code
	}
	return ""
}

// hints say what can be done about a problem, from its machine-readable members.
func (d *Desk) hints(p *problem) []string {
	var out []string
	if others, ok := p.More["alternatives"].([]map[string]string); ok {
		for _, o := range others {
			if o["by"] == "private" {
				out = append(out, "Go private by "+channelName(o["channel"])+".")
			} else {
				out = append(out, "Answer on "+channelName(o["channel"])+", "+o["visibility"]+", instead.")
			}
		}
	}
	switch p.Code {
	case casework.CodeVersionStale:
		out = append(out, "What you see is up to date now, and what you typed is kept. Read it, then send it again.")
	case casework.CodeOpenApproval:
		out = append(out, "What waits for a yes is listed on this page.")
	case casework.CodeOpenPromise:
		out = append(out, "The open promises are listed on this page.")
	}
	return out
}
