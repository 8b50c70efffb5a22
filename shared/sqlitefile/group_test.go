package sqlitefile

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// together issues the writes so that they share one commit, and returns their
// outcomes in order.
func together(t *testing.T, db *DB, writes ...func(*Conn) error) []error {
	t.Helper()
	started, gate, held := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		held <- db.Write(context.Background(), func(*Conn) error {
			close(started)
			<-gate
			return nil
		})
	}()
	<-started
	outcomes := make([]chan error, len(writes))
	for i, run := range writes {
		outcomes[i] = make(chan error, 1)
		go func() { outcomes[i] <- db.Write(context.Background(), run) }()
		for len(db.writes) <= i {
			runtime.Gosched()
		}
	}
	close(gate)
	if err := <-held; err != nil {
		t.Error(err)
	}
	errs := make([]error, len(writes))
	for i, outcome := range outcomes {
		errs[i] = <-outcome
	}
	return errs
}

func TestOneClosureFailsAlone(t *testing.T) {
	db := open(t)
	refused := errors.New("refused")
	errs := together(t, db,
		insert(0),
		insert(1),
		func(conn *Conn) error { return errors.Join(insert(2)(conn), refused) },
		insert(3),
		func(conn *Conn) error {
			if err := insert(4)(conn); err != nil {
				return err
			}
			panic("in the middle")
		},
		func(*Conn) error { return Untouched(refused) },
		insert(6),
	)
	for i, err := range errs {
		switch {
		case (i == 2 || i == 5) && !errors.Is(err, refused):
			t.Errorf("write %d: %v, want the closure's error", i, err)
		case i == 4 && (err == nil || !strings.Contains(err.Error(), "in the middle")):
			t.Errorf("write 4: %v, want the panic as an error", err)
		case i != 2 && i != 4 && i != 5 && err != nil:
			t.Errorf("write %d: %v", i, err)
		}
	}
	if got := fmt.Sprint(numbers(t, db)); got != "[0 1 3 6]" {
		t.Errorf("rows %s", got)
	}
}

func TestRefusalsCostNothing(t *testing.T) {
	db := open(t)
	refused, runs := errors.New("refused"), 0
	errs := together(t, db,
		func(conn *Conn) error { runs++; return insert(1)(conn) },
		func(*Conn) error { return Untouched(refused) },
		func(conn *Conn) error { runs++; return insert(2)(conn) },
	)
	if errs[0] != nil || errs[1] != refused || errs[2] != nil || runs != 2 {
		t.Errorf("outcomes %v after %d runs, want each once", errs, runs)
	}
	if err := db.Write(t.Context(), func(*Conn) error { return Untouched(refused) }); err != refused {
		t.Errorf("alone: got %v, want the closure's own error", err)
	}
	if got := fmt.Sprint(numbers(t, db)); got != "[1 2]" {
		t.Errorf("rows %s", got)
	}
}

func TestAloneFailing(t *testing.T) {
	db := open(t)
	refused := errors.New("refused")
	err := db.Write(t.Context(), func(conn *Conn) error { return errors.Join(insert(1)(conn), refused) })
	if !errors.Is(err, refused) {
		t.Errorf("got %v", err)
	}
	err = db.Write(t.Context(), func(conn *Conn) error {
		if err := insert(2)(conn); err != nil {
			return err
		}
		panic("alone")
	})
	if err == nil || !strings.Contains(err.Error(), "alone") {
		t.Errorf("got %v, want the panic as an error", err)
	}
	if got := numbers(t, db); len(got) != 0 {
		t.Errorf("rows %v, want none", got)
	}
}

func TestGroupFailsTogether(t *testing.T) {
	ends := map[string]func(*Conn) error{
		"at the commit": func(conn *Conn) error { return Exec(conn, "INSERT INTO children (parent) VALUES (99)") },
		"inside":        func(conn *Conn) error { return Exec(conn, "ROLLBACK") },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			db := open(t)
			err := db.Schema(t.Context(), "deferred",
				"CREATE TABLE parents (id INTEGER PRIMARY KEY)",
				"CREATE TABLE children (parent INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED)")
			if err != nil {
				t.Fatal(err)
			}
			// A deferred constraint is the one thing that fails a COMMIT on a
			// healthy disk. Nothing else uses the connection at this moment.
			if err := Exec(db.writer, "PRAGMA foreign_keys=ON"); err != nil {
				t.Fatal(err)
			}
			for i, err := range together(t, db, insert(1), end, insert(3)) {
				if err == nil {
					t.Errorf("write %d reported success", i)
				}
			}
			if err := db.Write(t.Context(), end); err == nil {
				t.Error("alone it reported success")
			}
			if err := db.Write(t.Context(), insert(4)); err != nil {
				t.Errorf("the next write: %v", err)
			}
			if got := fmt.Sprint(numbers(t, db)); got != "[4]" {
				t.Errorf("rows %s, want only the next write's", got)
			}
		})
	}
}

func TestCancelledBeforeStart(t *testing.T) {
	db := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	withdrawn := make(chan error, 1)
	err := db.Write(t.Context(), func(*Conn) error {
		go func() { withdrawn <- db.Write(ctx, insert(1)) }()
		for len(db.writes) == 0 {
			runtime.Gosched()
		}
		cancel()
		if err := <-withdrawn; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want the context's error", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), insert(2)); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(numbers(t, db)); got != "[2]" {
		t.Errorf("rows %s: the withdrawn closure ran", got)
	}
	if err := db.Write(ctx, insert(3)); !errors.Is(err, context.Canceled) {
		t.Errorf("write: %v, want the context's error", err)
	}
	if err := db.Read(ctx, func(*Conn) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("read: %v, want the context's error", err)
	}
}

func TestCloseRunsWhatIsQueued(t *testing.T) {
	path := t.TempDir() + "/ines.db"
	db, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	queued, closed := make(chan error, 1), make(chan error, 1)
	err = db.Write(t.Context(), func(*Conn) error {
		go func() { queued <- db.Set(context.Background(), "last", "word") }()
		for len(db.writes) == 0 {
			runtime.Gosched()
		}
		go func() { closed <- db.Close() }()
		<-db.closing
		return nil
	})
	if err := errors.Join(err, <-queued, <-closed); err != nil {
		t.Fatal(err)
	}
	if db, err = Open(path); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if v, _, err := db.Get(t.Context(), "last"); v != "word" || err != nil {
		t.Errorf("got %q, %v: the queued write was dropped", v, err)
	}
}
