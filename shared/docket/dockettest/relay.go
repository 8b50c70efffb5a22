package dockettest

import (
	"encoding/json"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/table"
)

// much is more than any test writes or sends between two looks.
const much = 10000

// Changes are what the change stream has to say since it was last asked.
func (r *Register) Changes() []table.Change {
	r.t.Helper()
	changes, last, err := r.Store.Changes(r.t.Context(), r.seen, much)
	if err != nil {
		r.t.Fatal(err)
	}
	r.seen = last
	return changes
}

// Rewind lets the change stream tell everything again.
func (r *Register) Rewind() { r.seen = 0 }

// CatchUp stands in for the relay function: it brings list views and counters up
// to date and sends nothing. It returns what lagged. Unlike relay it passes on
// commits that were rewritten, which the register has to bear too.
func (r *Register) CatchUp() []docket.Update {
	r.t.Helper()
	var commits []casework.Commit
	for _, ch := range r.Changes() {
		cm, err := docket.DecodeCommit(ch.Item)
		if err != nil {
			r.t.Fatal(err)
		}
		commits = append(commits, cm)
	}
	updates, err := r.Lagging(r.t.Context(), commits)
	if err == nil {
		err = r.Show(r.t.Context(), updates)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return updates
}

// Take empties a queue whose messages are T in JSON, and returns them with the
// groups that they were sent in.
func Take[T any](r *Register, queue string) (got []T, groups []string) {
	r.t.Helper()
	received, err := r.Queues.Receive(r.t.Context(), queue, much)
	if err != nil {
		r.t.Fatal(err)
	}
	var receipts []string
	for _, m := range received {
		var v T
		if err := json.Unmarshal([]byte(m.Body), &v); err != nil {
			r.t.Fatalf("on %s: %s: %v", queue, m.Body, err)
		}
		got, groups, receipts = append(got, v), append(groups, m.Group), append(receipts, m.Receipt)
	}
	if err := r.Queues.Delete(r.t.Context(), queue, receipts...); err != nil {
		r.t.Fatal(err)
	}
	return got, groups
}
