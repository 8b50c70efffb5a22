package desk

import (
	"net/http"
	"time"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/policy"
)

// inboxJSON is whether an inbox sends.
type inboxJSON struct {
	ID      string `json:"id"`
	Channel string `json:"channel"`
	// State is "open", "throttled" (the platform's rate limit is used up) or
	// "blocked" (it can't send: credentials, permissions, a ban).
	State string     `json:"state"`
	Since *time.Time `json:"since,omitempty"`
	Until *time.Time `json:"until,omitempty"` // the next try
	Code  string     `json:"code,omitempty"`
	Why   string     `json:"why,omitempty"`
}

type inboxesAnswer struct {
	Inboxes []inboxJSON `json:"inboxes"`
}

func (d *Desk) inboxRoutes() []route {
	return []route{
		{method: "GET", path: "/api/inboxes", summary: "The inboxes, and which of them can't send at the moment.", shape: inboxesAnswer{}, serve: d.showInboxes},
		{method: "POST", path: "/api/inboxes/{id}/resume", summary: "Let a held inbox send again now. For leads.", shape: inboxJSON{}, serve: d.resumeInbox},
	}
}

func (d *Desk) inboxes(r *http.Request) ([]inboxJSON, error) {
	ids := make([]string, len(d.policy.Inboxes))
	for i, in := range d.policy.Inboxes {
		ids[i] = in.ID
	}
	holds, err := d.docket.Holds(r.Context(), ids...)
	if err != nil {
		return nil, err
	}
	all := make([]inboxJSON, len(holds))
	for i, h := range holds {
		all[i] = inboxAt(d.policy.Inboxes[i], h, d.now())
	}
	return all, nil
}

func inboxAt(in policy.Inbox, h docket.Hold, now time.Time) inboxJSON {
	if h.Open(now) {
		return inboxJSON{ID: in.ID, Channel: in.Channel, State: "open"}
	}
	return inboxJSON{ID: in.ID, Channel: in.Channel, State: h.State, Since: &h.Since, Until: &h.Until, Code: h.Code, Why: h.Why}
}

func (d *Desk) showInboxes(w http.ResponseWriter, r *http.Request, _ policy.Colleague) error {
	all, err := d.inboxes(r)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, inboxesAnswer{all})
}

func leads(who policy.Colleague) bool { return who.Has("lead") || who.Has("admin") }

// resume lets an inbox send again. Only leads and admins may: whoever does it
// risks the platform's patience.
func (d *Desk) resume(r *http.Request, who policy.Colleague) (inboxJSON, error) {
	in, ok := d.policy.Inbox(r.PathValue("id"))
	if !ok {
		return inboxJSON{}, &problem{Status: http.StatusNotFound, Code: codeNotFound, Detail: "There is no such inbox in the desk policy."}
	}
	if !leads(who) {
		return inboxJSON{}, &problem{Status: http.StatusForbidden, Code: casework.CodeNotAllowed, Detail: "A lead has to let an inbox send again."}
	}
	h, err := d.docket.Resume(r.Context(), in.ID)
	if err != nil {
		return inboxJSON{}, err
	}
	d.log.Info("inbox resumed by hand", "inbox", in.ID, "by", who.ID)
	return inboxAt(in, h, d.now()), nil
}

func (d *Desk) resumeInbox(w http.ResponseWriter, r *http.Request, who policy.Colleague) error {
	in, err := d.resume(r, who)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, in)
}

// resumeForm is the console's button.
func (d *Desk) resumeForm(w http.ResponseWriter, r *http.Request, who policy.Colleague) error {
	if _, err := d.resume(r, who); err != nil {
		return err
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}
