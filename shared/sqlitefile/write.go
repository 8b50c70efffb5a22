package sqlitefile

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync/atomic"
)

// write is one caller's closure on its way through the writer.
type write struct {
	run   func(*Conn) error
	alone bool // in no transaction
	state atomic.Int32
	done  chan error
}

const (
	waiting   = iota
	running   // the writer has it: the caller must wait for the outcome
	withdrawn // the caller has gone: the writer must not run it
)

// Write runs the closure in a transaction and returns when it is on disk.
// Closures that wait at the same time share one commit: an error (or panic,
// returned as an error) undoes that closure alone, and a commit that fails fails
// all of them. Closures run one at a time, in the order of the calls, on one
// goroutine; they must be short, must not call back into the DB, and must leave
// BEGIN, COMMIT and ROLLBACK alone.
//
// A closure may run twice, the first time without effect: when another one of its
// group fails in the middle, the group is rolled back and run again with a
// savepoint around each. (Savepoints around all of them always would cost a
// fifth of the writer's time.) It must therefore set what it reports, not add to it.
//
// A context that ends before the closure starts keeps it from running and gives
// its error; after that the outcome is awaited, so that the closure never runs
// behind its caller's back.
func (db *DB) Write(ctx context.Context, run func(*Conn) error) error {
	return db.hand(ctx, &write{run: run, done: make(chan error, 1)})
}

// alone runs the closure between transactions.
func (db *DB) alone(ctx context.Context, run func(*Conn) error) error {
	return db.hand(ctx, &write{run: run, alone: true, done: make(chan error, 1)})
}

// hand gives the writer something to do and waits for the outcome.
func (db *DB) hand(ctx context.Context, w *write) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-db.closing:
		return ErrClosed
	default:
	}
	select {
	case db.writes <- w:
	case <-ctx.Done():
		return ctx.Err()
	case <-db.closing:
		return ErrClosed
	}
	select {
	case err := <-w.done:
		return err
	case <-ctx.Done():
		if w.state.CompareAndSwap(waiting, withdrawn) {
			return ctx.Err()
		}
	case <-db.stopped: // it was queued too late for the writer to see it
		if w.state.CompareAndSwap(waiting, withdrawn) {
			return ErrClosed
		}
	}
	return <-w.done
}

func (db *DB) writeLoop() {
	defer close(db.stopped)
	group := make([]*write, 0, maxGroup)
	for {
		group = group[:0]
		select {
		case w := <-db.writes:
			group = append(group, w)
		case <-db.closing:
			if len(db.writes) == 0 {
				return
			}
		}
		// A commit costs what it does for one write or many: whoever is about to
		// write goes first.
		runtime.Gosched()
		for len(group) < maxGroup && len(db.writes) > 0 {
			group = append(group, <-db.writes) // the only reader: never blocks
		}
		db.settle(group)
		clear(group)
	}
}

// settle runs a group and tells each caller its outcome.
func (db *DB) settle(group []*write) {
	live := group[:0]
	for _, w := range group {
		switch {
		case !w.state.CompareAndSwap(waiting, running):
		case w.alone:
			// It sees none of its group's writes, which have not returned either.
			w.done <- guarded(db.writer, w.run)
		default:
			live = append(live, w)
		}
	}
	if len(live) == 0 {
		return
	}
	outcomes := make([]error, len(live))
	again, err := db.transaction(live, outcomes, false)
	if again {
		clear(outcomes)
		_, err = db.transaction(live, outcomes, true)
	}
	for i, w := range live {
		if outcomes[i] == nil {
			outcomes[i] = err
		}
		w.done <- outcomes[i]
	}
}

// Untouched marks the error of a closure that has changed nothing, such as a
// condition that did not hold, so that nothing need be undone. Write returns the
// error itself.
func Untouched(err error) error {
	if err == nil {
		return nil
	}
	return untouched{err}
}

type untouched struct{ error }

func (u untouched) Unwrap() error { return u.error }

// transaction runs the group and fills the outcomes of single closures; its own
// error is that of the whole group. Without savepoints it stops at a closure that
// leaves something to undo and says that the group must run again.
func (db *DB) transaction(live []*write, outcomes []error, savepoints bool) (again bool, err error) {
	conn := db.writer
	if err := Exec(conn, "BEGIN IMMEDIATE"); err != nil {
		return false, fmt.Errorf("begin on %s: %w", db.path, err)
	}
	for i, w := range live {
		var broken error
		if savepoints {
			broken = savepoint(conn, w.run, &outcomes[i])
		} else {
			outcomes[i] = guarded(conn, w.run)
		}
		if broken == nil && conn.AutocommitEnabled() {
			// SQLite gives up the transaction by itself when the disk is
			// full or broken, and with it what came before.
			broken = errors.New("the transaction ended inside a write")
			if outcomes[i] != nil {
				broken = outcomes[i]
			}
		}
		if broken != nil {
			return false, db.giveUp(broken)
		}
		switch clean, ok := outcomes[i].(untouched); {
		case ok:
			outcomes[i] = clean.error
		case outcomes[i] != nil && !savepoints:
			// Alone, the transaction was its savepoint.
			return len(live) > 1, db.giveUp(outcomes[i])
		}
	}
	if err := Exec(conn, "COMMIT"); err != nil {
		return false, db.giveUp(err)
	}
	return false, nil
}

// savepoint runs one closure and undoes it if it fails. Its own error means that
// the transaction is beyond repair.
func savepoint(conn *Conn, run func(*Conn) error, outcome *error) error {
	if err := Exec(conn, "SAVEPOINT w"); err != nil {
		return err
	}
	*outcome = guarded(conn, run)
	if conn.AutocommitEnabled() {
		return nil // the caller sees it too, and knows what to say
	}
	if *outcome != nil {
		if err := Exec(conn, "ROLLBACK TO w"); err != nil {
			return err
		}
	}
	return Exec(conn, "RELEASE w")
}

func (db *DB) giveUp(cause error) error {
	err := fmt.Errorf("write to %s: %w", db.path, cause)
	if db.writer.AutocommitEnabled() {
		return err
	}
	if back := Exec(db.writer, "ROLLBACK"); back != nil {
		return errors.Join(err, back)
	}
	return err
}

// guarded turns a panic into an error and leaves no statement half-read, which
// would keep a transaction open.
func guarded(conn *Conn, run func(*Conn) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic in a database closure: %v\n%s", r, debug.Stack())
		}
		conn.SetInterrupt(nil) // resets what is half-read
	}()
	return run(conn)
}

// Read runs the closure on a connection that can only read. It sees every write
// that returned before, and one state of the file throughout, which also costs less
// than one for each statement. A read that has begun is not interrupted by its context.
func (db *DB) Read(ctx context.Context, run func(*Conn) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-db.closing:
		return ErrClosed
	default:
	}
	select {
	case conn := <-db.pool:
		defer func() { db.pool <- conn }()
		if err := Exec(conn, "BEGIN"); err != nil {
			return fmt.Errorf("begin to read %s: %w", db.path, err)
		}
		err := guarded(conn, run)
		if end := Exec(conn, "ROLLBACK"); end != nil && !conn.AutocommitEnabled() {
			err = errors.Join(err, fmt.Errorf("end reading %s: %w", db.path, end))
		}
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-db.closing:
		return ErrClosed
	}
}
