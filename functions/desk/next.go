package desk

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/policy"
	"ines/shared/table"
)

var (
	nextFields     = []field{{name: "queue", kind: text, doc: "a department of yours; default all of yours"}}
	presenceFields = []field{{name: "state", kind: text, required: true, doc: "whether the desk may give you cases", oneOf: []string{docket.StateAvailable, docket.StateAway}}}
)

type nextAnswer struct {
	Case *caseJSON `json:"case"` // null: nothing waits that is for you
	Why  string    `json:"why"`
	// Decision is why it is this one, as the case keeps it.
	Decision policy.Explanation `json:"decision"`
}

type meAnswer struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	State    string    `json:"state"` // available, away
	Since    time.Time `json:"since,omitzero"`
	Why      string    `json:"why,omitempty"` // where the desk set it
	Held     int       `json:"held"`          // open cases
	Capacity int       `json:"capacity"`
}

func (d *Desk) nextCase(w http.ResponseWriter, r *http.Request, who policy.Colleague) error {
	b, raw, err := readBody(w, r, nextFields)
	if err != nil {
		return err
	}
	if q := b.text("queue"); q != "" {
		if _, ok := d.policy.Department(q); !ok {
			return invalid("queue", "There is no department %q in the desk policy.", q)
		}
	}
	return d.onceAs(w, r, who, raw, func(ctx context.Context, keep func(docket.Answer) ([]table.Write, error)) (a docket.Answer, err error) {
		now := d.now()
		cause := casework.Cause{Kind: "command", ID: strings.TrimSpace(r.Header.Get("Idempotency-Key"))}
		c, why, err := d.docket.Next(ctx, who.ID, b.text("queue"), now, cause, func(after *casework.Case, why policy.Explanation) ([]table.Write, error) {
			shown := d.caseJSON(after.View(), now)
			if a, err = encodeAnswer(http.StatusOK, nextAnswer{&shown, why.Text, why}); err != nil {
				return nil, err
			}
			a.ETag, a.Case = etag(after.Seq), after.ID
			return keep(a)
		})
		if err == nil && c == nil {
			return encodeAnswer(http.StatusOK, nextAnswer{nil, why.Text, why})
		}
		return a, err
	})
}

func (d *Desk) me(r *http.Request, who policy.Colleague) (meAnswer, error) {
	p, held, err := d.docket.At(r.Context(), who.ID, d.now())
	return meAnswer{ID: who.ID, Name: who.Name, State: p.State, Since: p.Since, Why: p.Why, Held: held, Capacity: who.Capacity}, err
}

func (d *Desk) showMe(w http.ResponseWriter, r *http.Request, who policy.Colleague) error {
	me, err := d.me(r, who)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, me)
}

// present says whether somebody is there; who comes gets what waits.
func (d *Desk) present(r *http.Request, who policy.Colleague, state string) error {
	if state != docket.StateAvailable && state != docket.StateAway {
		return invalid("state", "You are %s or %s.", docket.StateAvailable, docket.StateAway)
	}
	now := d.now()
	if err := d.docket.SetPresence(r.Context(), who.ID, docket.Presence{State: state, Since: now}); err != nil {
		return err
	}
	if state == docket.StateAway {
		return nil
	}
	return d.docket.Refill(r.Context(), who.ID, now)
}

// setPresence needs no memory of idempotency keys: saying it again changes nothing.
func (d *Desk) setPresence(w http.ResponseWriter, r *http.Request, who policy.Colleague) error {
	b, _, err := readBody(w, r, presenceFields)
	if err != nil {
		return err
	}
	if err := d.present(r, who, b.text("state")); err != nil {
		return err
	}
	return d.showMe(w, r, who)
}

// nothingNext are the list page's words when a button found nothing to take.
var nothingNext = map[string]string{
	"none": "No case waits that is for you.",
	"full": "You have as many cases as you can: close one or give it back first.",
	"here": "The desk gives you cases now.",
	"away": "The desk gives you no more cases.",

	"confirm":   "The cases are linked, and those to come will be. You can answer all of them at once.",
	"broadcast": "The answer is on its way to all of them, or to whoever has to say yes to it first.",
	"approve":   "The answer is on its way to all of them.",
	"close":     "It is closed. The cases stay as they are.",
}

// nextForm is the console's button: it leads to the case.
func (d *Desk) nextForm(w http.ResponseWriter, r *http.Request, who policy.Colleague) error {
	if err := r.ParseForm(); err != nil {
		return malformed("", "The form can't be read.")
	}
	back := url.Values{}
	queue := r.PostForm.Get("queue")
	if queue != "" {
		if _, ok := d.policy.Department(queue); !ok {
			return invalid("queue", "There is no department %q in the desk policy.", queue)
		}
		back.Set("queue", queue)
		if !slices.Contains(who.Departments, queue) {
			queue = "" // looking at another department's list takes one of one's own
		}
	}
	key, now := r.PostForm.Get("token"), d.now()
	if err := checkKey(key); err != nil {
		return err
	}
	var with func(*casework.Case, policy.Explanation) ([]table.Write, error)
	var slot docket.Slot
	if key != "" {
		var err error
		if slot, err = d.docket.Remembered(r.Context(), who.ID, key, now); err != nil {
			return err
		}
		if slot.Answer != nil { // a double click
			http.Redirect(w, r, "/cases/"+url.PathEscape(slot.Answer.ETag), http.StatusSeeOther)
			return nil
		}
		with = func(c *casework.Case, _ policy.Explanation) ([]table.Write, error) {
			return slot.Remember(docket.Answer{Request: "next", Status: http.StatusSeeOther, ETag: c.ID, Body: []byte("null"), Case: c.ID}, now)
		}
	}
	c, _, err := d.docket.Next(r.Context(), who.ID, queue, now, casework.Cause{Kind: "command", ID: key}, with)
	var refused *casework.Refusal
	switch {
	case key != "" && slot.Taken(err):
		again, err := d.docket.Remembered(r.Context(), who.ID, key, now)
		if err != nil || again.Answer == nil {
			return err
		}
		http.Redirect(w, r, "/cases/"+url.PathEscape(again.Answer.ETag), http.StatusSeeOther)
		return nil
	case errors.As(err, &refused) && refused.Code == casework.CodeAtCapacity:
		back.Set("next", "full")
	case err != nil:
		return err
	case c == nil:
		back.Set("next", "none")
	default:
		http.Redirect(w, r, "/cases/"+url.PathEscape(c.ID), http.StatusSeeOther)
		return nil
	}
	http.Redirect(w, r, "/?"+back.Encode(), http.StatusSeeOther)
	return nil
}

func (d *Desk) presenceForm(w http.ResponseWriter, r *http.Request, who policy.Colleague) error {
	if err := r.ParseForm(); err != nil {
		return malformed("", "The form can't be read.")
	}
	state := r.PostForm.Get("state")
	if err := d.present(r, who, state); err != nil {
		return err
	}
	next := "here"
	if state == docket.StateAway {
		next = "away"
	}
	http.Redirect(w, r, "/?next="+next, http.StatusSeeOther)
	return nil
}

// whoGets says who would be given a case, or who could take it.
func (d *Desk) whoGets(r *http.Request, v casework.View, now time.Time) (policy.Explanation, error) {
	department, _ := d.policy.Department(v.Department)
	switch {
	case v.Owner != "":
		return policy.Explanation{Decision: "people", Outcome: v.Owner, Rule: "default", Text: d.colleagueName(v.Owner) + " has the case already."}, nil
	case department.Push:
		_, why, err := d.docket.WhoGets(r.Context(), v, now)
		return why, err
	}
	var names, ids []string
	for _, c := range d.policy.Colleagues {
		if v.Unfit(casework.Available{Colleague: c}) == "" {
			names, ids = append(names, c.Name), append(ids, c.ID)
		}
	}
	e := policy.Explanation{Decision: "people", Outcome: strings.Join(ids, ", "), Rule: "default", Facts: map[string]any{"department": v.Department,
		"skills": strings.Join(v.Skills, ", "), "language": v.About.Language, "community": v.Community}}
	e.Text = "Nobody is given it: people take the next case. It is for " + strings.Join(names, ", ") + "."
	if len(names) == 0 {
		e.Outcome, e.Text = "nobody", "Nobody in the department has the skills, the language and the community for it: a lead has to see to it."
	}
	return e, nil
}
