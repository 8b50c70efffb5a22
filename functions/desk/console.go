package desk

import (
	"cmp"
	"crypto/rand"
	"embed"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"time"

	"ines/infra/plan"
	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/policy"
)

//go:embed assets
var assetFiles embed.FS

// assetTypes are the console's files and what they are.
var assetTypes = map[string]string{
	"console.css": "text/css; charset=utf-8",
	"console.js":  "text/javascript; charset=utf-8",
	"ines.svg":    "image/svg+xml",
}

// console registers the pages.
func (d *Desk) console() *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", d.pageHandler(d.listPage))
	mux.Handle("GET /cases/{id}", d.pageHandler(d.casePage))
	for _, a := range actions {
		mux.Handle("POST /cases/{id}/"+a.path, d.pageHandler(d.caseForm(a)))
	}
	mux.Handle("GET /cases/{id}/files/{sha256}", d.pageHandler(d.showFile))
	mux.Handle("GET /customers/{id}", d.pageHandler(d.customerPage))
	mux.Handle("POST /customers/{id}/profile", d.pageHandler(d.profileForm()))
	mux.Handle("POST /customers/{id}/erase", d.pageHandler(d.eraseForm()))
	for _, say := range identities {
		mux.Handle("POST /customers/{id}/"+say.path, d.pageHandler(d.identityForm(say)))
	}
	mux.Handle("GET /voice", d.pageHandler(d.voicePage))
	mux.Handle("GET /figures", d.pageHandler(d.figuresPage))
	mux.Handle("POST /next", d.pageHandler(d.nextForm))
	mux.Handle("POST /presence", d.pageHandler(d.presenceForm))
	mux.Handle("POST /incidents/{id}/{do}", d.pageHandler(d.incidentForm))
	mux.Handle("POST /inboxes/{id}/resume", d.pageHandler(d.resumeForm))
	mux.HandleFunc("GET /assets/{file}", d.asset)
	if d.signIn != nil {
		mux.HandleFunc("GET /sign-in", d.begin)
		mux.HandleFunc("GET "+plan.SignInCallback, d.comeBack)
		mux.HandleFunc("POST /sign-out", d.leave)
		mux.HandleFunc("GET "+plan.SignedOut, d.signedOut)
		return mux
	}
	mux.HandleFunc("GET /sign-in", d.signInPage)
	mux.HandleFunc("POST /sign-in", d.choose)
	mux.HandleFunc("POST /sign-out", d.signOut)
	return mux
}

type pageFunc func(http.ResponseWriter, *http.Request, policy.Colleague) error

// pageHandler sends strangers to the sign-in page and shows errors as pages.
func (d *Desk) pageHandler(serve pageFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, ok := d.colleague(r)
		if !ok {
			d.stranger(w, r)
			return
		}
		if err := serve(w, r, who); err != nil {
			d.failPage(w, r, d.problemOf(r, err))
		}
	})
}

func (d *Desk) stranger(w http.ResponseWriter, r *http.Request) {
	if p := d.refused(r); p.Status == http.StatusForbidden {
		d.failPage(w, r, p)
		return
	}
	// What a form would have done must not get lost on the way to the sign-in and
	// back: its page is still there to go back to.
	if r.Method != http.MethodGet {
		d.failPage(w, r, &problem{Status: http.StatusUnauthorized, Code: codeUnknown,
			Detail: "Your session has ended. Sign in in another tab, then come back to this page and send it again: nothing was done yet."})
		return
	}
	http.Redirect(w, r, "/sign-in?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
}

func (d *Desk) asset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	kind, ok := assetTypes[name]
	if !ok {
		d.fail(w, r, &problem{Status: http.StatusNotFound, Code: codeNotFound, Detail: "There is no such file."})
		return
	}
	content, err := assetFiles.ReadFile(path.Join("assets", name))
	if err != nil {
		d.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "public, max-age=60")
	_, _ = w.Write(content) // into a recorder
}

// token makes a form's idempotency key: a double click does one thing.
func token() string { return "form-" + rand.Text() }

// link is a choice among filters.
type link struct {
	Label  string
	URL    address
	Chosen bool
}

// row is one case in the list.
type row struct {
	caseJSON
	Department string
	Topic      string // by its name
	Owner      string
	Mine       bool
	MayApprove bool // somebody waits for the yes of who looks
	Due        dueWords
	Wait       moment
	WaitSpan   string
	Resolved   moment
	Below      bool // stands under a heading of the list
	Where      []string
	Lang       string
}

type listPage struct {
	page
	Departments, Standings []link
	Status                 string
	Searched               bool // for words
	Query                  url.Values
	Rows                   []row
	Lately                 []row   // resolved lately, where nothing is open
	More                   address // of the next page, "" if there is none
	First                  bool
	Incidents              []incidentRow
	AskedOfMe              int         // cases in which the colleague has a question to answer
	Held                   []inboxJSON // inboxes that can't send
	MayResume              bool
	Me                     meAnswer
	Token                  string
	Queue                  string // the department that is looked at
}

func (d *Desk) listPage(w http.ResponseWriter, r *http.Request, who policy.Colleague) error {
	f, cursor, err := filterOf(r)
	if err != nil {
		return err
	}
	// Who is looked for may be anywhere.
	if !r.URL.Query().Has("status") && f.Text == "" {
		f.Status = casework.StatusOpen
	}
	if r.URL.Query().Has("yes") {
		f.Approver = who.ID
	}
	views, next, err := d.docket.List(r.Context(), f, cursor)
	if err != nil {
		return err
	}
	p := listPage{page: d.page("Cases", who), Query: r.URL.Query(), Status: string(f.Status), First: cursor == ""}
	if p.Held, err = d.inboxes(r); err != nil {
		return err
	}
	p.Held = slices.DeleteFunc(p.Held, func(in inboxJSON) bool { return in.State != docket.HoldBlocked })
	p.MayResume = leads(who)
	if p.Me, err = d.me(r, who); err != nil {
		return err
	}
	p.Token, p.Queue, p.Done = token(), f.Department, nothingNext[r.URL.Query().Get("next")]
	p.Query.Del("next")
	p.Query.Del("cursor")
	with := func(name, value string) address {
		q := url.Values{}
		for k, v := range p.Query {
			q[k] = v
		}
		q.Del(name)
		if value != "" {
			q.Set(name, value)
		}
		return here().with(q)
	}
	if p.Searched = f.Text != ""; p.Searched {
		p.Standings = []link{{"All", with("status", ""), f.Status == ""}}
	}
	p.Standings = append(p.Standings, []link{
		{"Open", with("status", either(p.Searched, "open", "")), f.Status == casework.StatusOpen},
		{"Snoozed", with("status", "snoozed"), f.Status == casework.StatusSnoozed},
		{"Resolved", with("status", "resolved"), f.Status == casework.StatusResolved},
	}...)
	if p.Incidents, err = d.incidentsOnPage(r, who); err != nil {
		return err
	}
	if f.Asked == "" {
		mine, err := d.docket.Asked(r.Context(), who.ID)
		if err != nil {
			return err
		}
		if len(mine) > 0 {
			p.AskedOfMe = len(mine)
		}
	}
	p.Departments = []link{{"All departments", with("queue", ""), f.Department == ""}}
	for _, dept := range d.policy.Departments {
		p.Departments = append(p.Departments, link{cmp.Or(dept.Name, dept.ID), with("queue", dept.ID), f.Department == dept.ID})
	}
	if f.Status != casework.StatusResolved {
		mine := f.Owner == who.ID
		p.Standings = append(p.Standings, link{fmt.Sprintf("Only mine (%d)", p.Me.Held), with("owner", either(mine, "", who.ID)), mine})
		if slices.ContainsFunc(d.policy.Authority, func(a policy.AuthorityRule) bool { return slices.ContainsFunc(a.ApprovedBy, who.Has) }) {
			p.Standings = append(p.Standings, link{"For my yes", with("yes", either(f.Approver == "", "1", "")), f.Approver != ""})
		}
	}
	if next != "" {
		p.More = with("cursor", next)
	}
	now, zone := d.now(), viewerZone(r)
	for _, v := range views {
		p.Rows = append(p.Rows, d.row(d.caseJSON(v, now), who, now, zone))
	}
	if f.Status == casework.StatusOpen && f.Text+f.Approver == "" && cursor == "" && next == "" && len(views) == 0 {
		f.Status, f.Limit = casework.StatusResolved, lately
		views, _, err := d.docket.List(r.Context(), f, "")
		if err != nil {
			return err
		}
		for _, v := range views {
			rw := d.row(d.caseJSON(v, now), who, now, zone)
			rw.Below = true
			p.Lately = append(p.Lately, rw)
		}
	}
	d.render(w, http.StatusOK, p.html())
	return nil
}

// lately is how many resolved cases stand in for open ones.
const lately = 10

// row is a case by the clock of a zone; nil is that of its customers.
func (d *Desk) row(c caseJSON, who policy.Colleague, now time.Time, zone *time.Location) row {
	zone = cmp.Or(zone, d.zoneOf(c.Community))
	rw := row{caseJSON: c, Department: d.departmentName(c.Department), Owner: d.colleagueName(c.Owner), Mine: c.Owner == who.ID,
		MayApprove: casework.AwaitsYesOf(c.Approvals, who.ID), Due: dueIn(c.DueAt, c.DueFor, now, zone), Lang: c.Language}
	if c.WaitingFor == "us" && !c.WaitingSince.IsZero() {
		rw.Wait, rw.WaitSpan = at(c.WaitingSince, now, zone), span(now.Sub(c.WaitingSince))
	}
	if c.Status == casework.StatusResolved && !c.ResolvedAt.IsZero() {
		rw.Resolved = at(c.ResolvedAt, now, zone)
	}
	rw.Topic = d.topicName(c.Topic)
	seen := map[string]bool{}
	for _, t := range c.Threads {
		if name := channelName(t.Channel) + ", " + string(t.Visibility); !seen[name] {
			seen[name] = true
			rw.Where = append(rw.Where, name)
		}
	}
	return rw
}

func (d *Desk) departmentName(id string) string {
	dept, _ := d.policy.Department(id)
	return cmp.Or(dept.Name, id)
}

func (d *Desk) topicName(id string) string {
	t, _ := d.policy.Topic(id)
	return cmp.Or(t.Name, id)
}

func (d *Desk) colleagueName(id string) string {
	c, _ := d.policy.Colleague(id)
	return cmp.Or(c.Name, id)
}
