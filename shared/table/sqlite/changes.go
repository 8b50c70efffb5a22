package sqlite

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"ines/shared/sqlitefile"
	"ines/shared/table"
)

const (
	inserted = iota
	replaced
	deleted
)

func (t *Table) streams(k table.Key) bool { return t.o.Streamed != nil && t.o.Streamed(k) }

// record appends the item as it now is to the change stream. It copies the value
// because the item may be overwritten before the stream is read.
func (t *Table) record(conn *sqlitefile.Conn, w table.Write, existed bool, places string) error {
	at, key, kind := t.o.Now().UnixMilli(), w.Item.Key, inserted
	if existed {
		kind = replaced
	}
	switch w.Op {
	case table.OpDelete:
		return sqlitefile.Exec(conn, "INSERT INTO changes (pk, sk, at, kind) VALUES (?, ?, ?, ?)", key.Partition, key.Sort, at, deleted)
	case table.OpPut:
		return sqlitefile.Exec(conn, "INSERT INTO changes (pk, sk, at, kind, seq, expires, places, value) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			key.Partition, key.Sort, at, kind, w.Item.Seq, expiry(w.Item.Expires), orNull(places), w.Item.Value)
	}
	return sqlitefile.Exec(conn, `INSERT INTO changes (pk, sk, at, kind, seq, expires, places, value)
		SELECT pk, sk, ?, ?, seq, expires, places, value FROM items WHERE pk = ? AND sk = ?`, at, kind, key.Partition, key.Sort)
}

// Changed is signalled after writes that entered the change stream; several may
// share one signal. It has one reader: the host's stream.
func (t *Table) Changed() <-chan struct{} { return t.changed }

func (t *Table) announce() {
	select {
	case t.changed <- struct{}{}:
	default:
	}
}

// Changes returns the next entries of the change stream after the sequence
// number after (0 for the start), in order, at most limit, and the number of the
// last one (after, if there is none). Their IDs are their numbers.
func (t *Table) Changes(ctx context.Context, after int64, limit int) (changes []table.Change, last int64, err error) {
	if limit < 1 {
		return nil, after, fmt.Errorf("%w: limit %d", table.ErrInvalid, limit)
	}
	last = after
	err = t.db.Read(ctx, func(conn *sqlitefile.Conn) error {
		return sqlitefile.Each(conn, `SELECT pk, sk, seq, expires, places, value, n, kind, at FROM changes WHERE n > ? ORDER BY n`, func(row *sqlitefile.Stmt) error {
			if len(changes) == limit {
				return errPageFull
			}
			last = row.ColumnInt64(6)
			c := table.Change{
				ID:       strconv.FormatInt(last, 10),
				Deleted:  row.ColumnInt(7) == deleted,
				Replaced: row.ColumnInt(7) == replaced,
				At:       time.UnixMilli(row.ColumnInt64(8)).UTC(),
			}
			if c.Deleted {
				c.Item.Key = table.Key{Partition: row.ColumnText(0), Sort: row.ColumnText(1)}
			} else {
				item, err := readItem(row)
				if err != nil {
					return err
				}
				c.Item = item
			}
			changes = append(changes, c)
			return nil
		}, after)
	})
	if err != nil && !errors.Is(err, errPageFull) {
		return nil, after, failure("changes", err)
	}
	return changes, last, nil
}

// Trim forgets the changes up to and including this number; their numbers are
// never used again.
func (t *Table) Trim(ctx context.Context, upTo int64) error {
	return failure("trim", t.db.Write(ctx, func(conn *sqlitefile.Conn) error {
		return sqlitefile.Exec(conn, "DELETE FROM changes WHERE n <= ?", upTo)
	}))
}

// DeleteExpired deletes at most limit items whose time has come and returns how
// many; streamed keys enter the change stream as deleted.
func (t *Table) DeleteExpired(ctx context.Context, limit int) (int, error) {
	type expired struct {
		id     int64
		key    table.Key
		places string
	}
	n, streamed := 0, false
	err := t.db.Write(ctx, func(conn *sqlitefile.Conn) error {
		streamed = false
		var all []expired
		err := sqlitefile.Each(conn, "SELECT id, pk, sk, places FROM items WHERE expires IS NOT NULL AND expires <= ? ORDER BY expires LIMIT ?", func(row *sqlitefile.Stmt) error {
			all = append(all, expired{row.ColumnInt64(0), table.Key{Partition: row.ColumnText(1), Sort: row.ColumnText(2)}, row.ColumnText(3)})
			return nil
		}, t.o.Now().Unix(), limit)
		if err != nil {
			return err
		}
		for _, e := range all {
			if err := remove(conn, e.id, e.places); err != nil {
				return err
			}
			if !t.streams(e.key) {
				continue
			}
			streamed = true
			if err := t.record(conn, table.Write{Op: table.OpDelete, Item: table.Item{Key: e.key}}, true, ""); err != nil {
				return err
			}
		}
		n = len(all)
		return nil
	})
	if err != nil {
		return 0, failure("delete expired items", err)
	}
	if streamed {
		t.announce()
	}
	return n, nil
}

// Newest is the number of the latest change ever made, 0 before the first. How
// far a reader is behind it is its lag.
func (t *Table) Newest(ctx context.Context) (n int64, err error) {
	err = t.db.Read(ctx, func(conn *sqlitefile.Conn) error {
		return sqlitefile.Each(conn, "SELECT seq FROM sqlite_sequence WHERE name = 'changes'", func(row *sqlitefile.Stmt) error {
			n = row.ColumnInt64(0)
			return nil
		})
	})
	return n, failure("newest change", err)
}
