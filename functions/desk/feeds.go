package desk

import (
	"errors"
	"net/http"
	"strconv"

	"ines/shared/feed"
	"ines/shared/policy"
)

type feedAnswer struct {
	Entries []feed.Entry `json:"entries"`
	// Cursor goes on from here, also when nothing more has happened yet.
	Cursor string `json:"cursor"`
}

var feedQuery = []field{
	{name: "cursor", kind: text, doc: "from the page before; without it the feed's beginning, 30 days ago at most"},
	{name: "limit", kind: count, doc: "entries a page, 1 to 200; default 50"},
}

// showFeed is a department's feed on one machine. In the cloud the stack's event
// bus carries it, and this desk keeps none.
func (d *Desk) showFeed(w http.ResponseWriter, r *http.Request, _ policy.Colleague) error {
	department, ok := d.policy.Department(r.PathValue("department"))
	actions := r.PathValue("department") == policy.ActionsFeed
	if actions {
		department.ID = policy.ActionsFeed
	}
	switch {
	case !ok && !actions:
		return &problem{Status: http.StatusNotFound, Code: codeNotFound, Detail: "There is no such department in the desk policy."}
	case !actions && !department.Listens():
		return &problem{Status: http.StatusNotFound, Code: codeNotFound, Detail: "The department " + department.ID + " has no feed: give it wants or a feed in the desk policy."}
	case d.feeds == nil:
		return &problem{Status: http.StatusNotFound, Code: codeNotFound, Detail: "Feeds are on the stack's event bus here: a rule for the department " + department.ID + " brings them."}
	}
	limit := 50
	if l := r.URL.Query().Get("limit"); l != "" {
		n, err := strconv.Atoi(l)
		if err != nil || n < 1 || n > feed.MaxPage {
			return malformed("limit", "limit is a number from 1 to %d.", feed.MaxPage)
		}
		limit = n
	}
	entries, cursor, err := d.feeds.Read(r.Context(), department.ID, r.URL.Query().Get("cursor"), limit)
	if errors.Is(err, feed.ErrCursor) {
		return malformed("cursor", "That is not a cursor of this feed.")
	}
	if err != nil {
		return err
	}
	if entries == nil {
		entries = []feed.Entry{}
	}
	return writeJSON(w, http.StatusOK, feedAnswer{Entries: entries, Cursor: cursor})
}
