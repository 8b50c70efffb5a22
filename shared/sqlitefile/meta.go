package sqlitefile

import (
	"context"
	"fmt"
	"strconv"
)

// Get returns a named note of the host's, such as how far the stream was read.
func (db *DB) Get(ctx context.Context, name string) (value string, found bool, err error) {
	err = db.Read(ctx, func(conn *Conn) error {
		value, found, err = note(conn, name)
		return err
	})
	return value, found, err
}

// Set keeps a note under the name, durably.
func (db *DB) Set(ctx context.Context, name, value string) error {
	return db.Write(ctx, func(conn *Conn) error { return keep(conn, name, value) })
}

// Schema brings one driver's tables up to date: steps are SQL statements that
// are only ever appended to, and those that this file has not seen are run, all
// or none. A file that has seen more steps than there are was written by a newer
// program and is refused.
func (db *DB) Schema(ctx context.Context, driver string, steps ...string) error {
	name := "schema/" + driver
	return db.Write(ctx, func(conn *Conn) error {
		text, found, err := note(conn, name)
		if err != nil {
			return err
		}
		done := 0
		if found {
			if done, err = strconv.Atoi(text); err != nil {
				return fmt.Errorf("%s: the note %s is %q, want a number", db.path, name, text)
			}
		}
		if done > len(steps) {
			return fmt.Errorf("%s was written by a newer version (%s has %d steps, this program knows %d); use that version",
				db.path, name, done, len(steps))
		}
		for i, step := range steps[done:] {
			if err := execOnce(conn, step); err != nil {
				return fmt.Errorf("%s: step %d of %s: %w", db.path, done+i+1, name, err)
			}
		}
		return keep(conn, name, strconv.Itoa(len(steps)))
	})
}

func note(conn *Conn, name string) (value string, found bool, err error) {
	err = Each(conn, "SELECT value FROM meta WHERE name = ?", func(row *Stmt) error {
		value, found = row.ColumnText(0), true
		return nil
	}, name)
	return value, found, err
}

func keep(conn *Conn, name, value string) error {
	return Exec(conn, "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value)
}

// execOnce does not keep the statement: it is needed once in a file's life.
func execOnce(conn *Conn, query string) error {
	stmt, _, err := conn.PrepareTransient(query)
	if err != nil {
		return err
	}
	_, err = stmt.Step()
	if final := stmt.Finalize(); err == nil {
		err = final
	}
	return err
}
