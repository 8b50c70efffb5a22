package sqlite

import (
	"path/filepath"
	"testing"
	"time"

	"ines/shared/queue"
	"ines/shared/sqlitefile"
)

// A file whose queues were written when it held who is in flight is taken over with all
// that is in it.
func TestTakesOverOldFiles(t *testing.T) {
	db, err := sqlitefile.Open(filepath.Join(t.TempDir(), "ines.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	now := time.Now()
	l := newLine(Queue{Name: "cases.fifo", FIFO: true}, nil)
	l.id = 1
	hash := hashOf(l, &queue.Message{Group: "g", Dedupe: "1"})
	if err := db.Schema(t.Context(), "queue", schema[:7]...); err != nil {
		t.Fatal(err)
	}
	err = db.Write(t.Context(), func(conn *sqlitefile.Conn) error {
		for _, step := range []struct {
			query string
			args  []any
		}{
			{"INSERT INTO queues (id, name) VALUES (1, 'cases.fifo')", nil},
			{"INSERT INTO messages (queue, fifo, visible, receives, sent, first, grp, dedupe, body) VALUES (1, 1, ?1, 1, ?2, ?2, 'g', '1', 'in flight')",
				[]any{now.Add(time.Hour).UnixMilli(), now.UnixMilli()}},
			{"INSERT INTO groups (queue, grp, ready, taken) VALUES (1, 'g', ?, 1)", []any{now.Add(time.Hour).UnixMilli()}},
			{"INSERT INTO dedupes (hash, at) VALUES (?, ?)", []any{hash[:], now.UnixMilli()}},
		} {
			if err := sqlitefile.Exec(conn, step.query, step.args...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	q, err := New(db, Options{Now: func() time.Time { return now }, Queues: []Queue{{Name: "cases.fifo", FIFO: true}}})
	if err != nil {
		t.Fatal(err)
	}
	for id, body := range map[string]string{"1": "sent before", "2": "new"} {
		if err := q.Send(t.Context(), "cases.fifo", queue.Message{Body: body, Group: "g", Dedupe: id}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := q.Receive(t.Context(), "cases.fifo", 10)
	if err != nil || len(got) != 2 || got[0].Body != "in flight" || got[1].Body != "new" {
		t.Errorf("%+v, %v", got, err)
	}
}
