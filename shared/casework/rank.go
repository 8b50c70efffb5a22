package casework

import (
	"cmp"
	"time"

	"ines/shared/policy"
)

// Rank is a case's place in the order of work. It rests on what is owed to the
// customer and since when, and there is nothing in it that followers or badges
// could move.
type Rank struct {
	// At is the deadline, brought forward by the policy's head start; zero:
	// nothing is owed, and the case comes last.
	At time.Time `json:"at,omitzero"`
	// Since is when the wait began, which decides between equals.
	Since time.Time `json:"since,omitzero"`
	ID    string    `json:"-"` // the last word, so that the order is one
	// Why tells it to people.
	Why policy.Explanation `json:"why"`
}

// Rank is the case's place under a policy's order.
func (v *View) Rank(o policy.Order) Rank {
	r := Rank{ID: v.ID, Since: v.WaitingSince, Why: o.Explain(v.About.Urgency, v.Broken)}
	if r.Since.IsZero() {
		r.Since = v.OpenedAt
	}
	if !v.DueAt.IsZero() {
		r.At = v.DueAt.Add(-o.Ahead(v.About.Urgency, v.Broken))
	}
	return r
}

// Compare is below zero if r is served before s.
func (r Rank) Compare(s Rank) int {
	if r.At.IsZero() != s.At.IsZero() {
		if s.At.IsZero() {
			return -1
		}
		return 1
	}
	return cmp.Or(r.At.Compare(s.At), r.Since.Compare(s.Since), cmp.Compare(r.ID, s.ID))
}

// Sort writes the place so that byte order is the order of work, to the
// millisecond, which is the precision of lists.
func (r Rank) Sort() string {
	const layout = "2006-01-02T15:04:05.000Z"
	due := "9999"
	if !r.At.IsZero() {
		due = r.At.UTC().Format(layout)
	}
	return due + "#" + r.Since.UTC().Format(layout) + "#" + r.ID
}

// Takeable reports whether a case is work for somebody who has none: open, nobody's,
// and something is owed.
func (v *View) Takeable() bool {
	return v.Status == StatusOpen && v.Owner == "" && v.MergedInto == "" && (v.WaitingFor == "us" || !v.DueAt.IsZero())
}
