package desk

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/policy"
)

// customerPage is what the console shows of a customer.
type customerPage struct {
	page
	customerAnswer
	Name     func(colleague string) string
	Rows     []row
	MayErase bool
	EraseBy  string
	Why      string         // an erasure was asked for
	Foreseen *erasureAnswer // what an erasure would take away, then
	Problem  *formProblem
	Token    string
}

func (d *Desk) customerPage(w http.ResponseWriter, r *http.Request, who policy.Colleague) error {
	return d.showCustomerPage(w, r, who, http.StatusOK, nil, nil)
}

func (d *Desk) showCustomerPage(w http.ResponseWriter, r *http.Request, who policy.Colleague, status int, refused *formProblem, foreseen *erasureAnswer) error {
	a, err := d.customer(r.Context(), r.PathValue("id"))
	var gone *problem
	if errors.As(err, &gone) && gone.Code == casework.CodeErased {
		d.render(w, gone.Status, d.page("Forgotten", who).forgotten(gone))
		return nil
	}
	if err != nil {
		return err
	}
	p := customerPage{page: d.page(a.Customer.Name, who), customerAnswer: a, MayErase: d.mayErase(who), EraseBy: strings.Join(d.policy.Cases.EraseBy, ", "),
		Name: d.colleagueName, Foreseen: foreseen, Problem: refused, Token: token(), Why: r.PostForm.Get("why")}
	p.Done = customerDone[r.URL.Query().Get("done")]
	now := d.now()
	for _, c := range a.Cases {
		p.Rows = append(p.Rows, d.row(c, who, now, viewerZone(r)))
	}
	d.render(w, status, p.html())
	return nil
}

// customerDone are the words for what a form of the page did.
var customerDone = map[string]string{
	"profile": "It is written down: the next message is sorted by it.",
	"merge":   "They are one customer now. Their open cases stay separate: merge those that are one matter.",
	"unmerge": "They are two customers again.",
	"decline": "They are two customers. It is not proposed again.",
}

// identityForm is a colleague's word on who is who.
func (d *Desk) identityForm(say whoIs) pageFunc {
	return d.customerForm(say.path, func(r *http.Request, who policy.Colleague) (deed, error) {
		b := body{}
		for _, f := range say.fields {
			b[f.name] = strings.TrimSpace(r.PostForm.Get(f.name))
		}
		if b.text("into") != "" {
			b["into"] = ofPage(b.text("into"))
		}
		version, err := strconv.ParseInt(r.PostForm.Get("version"), 10, 64)
		if err != nil {
			return nil, malformed("version", "The form's version is not a number.")
		}
		return d.deciding(say, b, docket.Decision{Customer: r.PathValue("id"), By: who.ID, IfVersion: version, Key: r.PostForm.Get("token")})
	}, func(w http.ResponseWriter, r *http.Request, _ policy.Colleague, answer []byte) error {
		var said identityAnswer
		if err := json.Unmarshal(answer, &said); err != nil {
			return err
		}
		http.Redirect(w, r, string(here("customers", said.Customer).with(url.Values{"done": {say.path}})), http.StatusSeeOther)
		return nil
	})
}

// customerForm does something once for a form of a customer's page. A refused form
// comes back with what was typed in it.
func (d *Desk) customerForm(form string, read func(*http.Request, policy.Colleague) (deed, error), done func(http.ResponseWriter, *http.Request, policy.Colleague, []byte) error) pageFunc {
	return func(w http.ResponseWriter, r *http.Request, who policy.Colleague) error {
		if err := r.ParseForm(); err != nil {
			return malformed("", "The form can't be read.")
		}
		do, err := read(r, who)
		if err == nil {
			said, _, failed := d.onceFor(r, who, r.PostForm.Get("token"), []byte(r.PostForm.Encode()), do)
			if err = failed; err == nil {
				return done(w, r, who, said.Body)
			}
		}
		p := d.problemOf(r, err)
		if p.Status >= http.StatusInternalServerError || p.Status == http.StatusNotFound || p.Status == http.StatusGone {
			return p
		}
		return d.showCustomerPage(w, r, who, p.Status, &formProblem{Form: form, Title: p.title(), Detail: p.Detail, typed: r.PostForm}, nil)
	}
}

func (d *Desk) profileForm() pageFunc {
	return d.customerForm("profile", func(r *http.Request, _ policy.Colleague) (deed, error) {
		tags := strings.FieldsFunc(r.PostForm.Get("tags"), func(c rune) bool { return c == ',' || c == ' ' })
		return d.profiling(r.Context(), r.PathValue("id"), body{"tags": tags, "name": r.PostForm.Get("name"), "language": strings.TrimSpace(r.PostForm.Get("language"))})
	}, func(w http.ResponseWriter, r *http.Request, _ policy.Colleague, _ []byte) error {
		http.Redirect(w, r, string(here("customers", r.PathValue("id")).with(url.Values{"done": {"profile"}})), http.StatusSeeOther)
		return nil
	})
}

// eraseForm shows what an erasure would take away, and does it when it is sent again
// from there.
func (d *Desk) eraseForm() pageFunc {
	return d.customerForm("erase", func(r *http.Request, who policy.Colleague) (deed, error) {
		return d.erasing(r.PathValue("id"), who, body{"why": r.PostForm.Get("why"), "dry_run": r.PostForm.Get("dry_run") == "true"})
	}, func(w http.ResponseWriter, r *http.Request, who policy.Colleague, answer []byte) error {
		var said erasureAnswer
		if err := json.Unmarshal(answer, &said); err != nil {
			return err
		}
		if said.DryRun {
			return d.showCustomerPage(w, r, who, http.StatusOK, nil, &said)
		}
		http.Redirect(w, r, string(here("customers", r.PathValue("id"))), http.StatusSeeOther)
		return nil
	})
}
