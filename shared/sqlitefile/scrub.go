package sqlitefile

import (
	"context"
	"errors"
	"fmt"
)

// Scrub makes sure that what was deleted or overwritten is nowhere in the file or its
// log any more: it writes the file anew, without the pages that nobody uses, and
// empties the log. Everything else waits meanwhile; it takes about as long as copying
// the file.
func (db *DB) Scrub(ctx context.Context) error {
	return db.alone(ctx, func(conn *Conn) error {
		// In memory the copy of a large file would not fit.
		err := Exec(conn, "PRAGMA temp_store=FILE")
		if err == nil {
			err = Exec(conn, "VACUUM")
		}
		err = errors.Join(err, Exec(conn, "PRAGMA temp_store=MEMORY"))
		if err != nil {
			return fmt.Errorf("scrub %s: %w", db.path, err)
		}
		blocked := false
		err = Each(conn, "PRAGMA wal_checkpoint(TRUNCATE)", func(row *Stmt) error {
			blocked = row.ColumnInt(0) != 0
			return nil
		})
		if err == nil && blocked {
			err = errors.New("somebody reads the file all the time")
		}
		if err != nil {
			return fmt.Errorf("scrub %s: empty the log: %w", db.path, err)
		}
		return nil
	})
}
