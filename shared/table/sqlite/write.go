package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"ines/shared/sqlitefile"
	"ines/shared/table"
)

// row is what a key holds before a write.
type row struct {
	id       int64
	found    bool
	seq      int64
	places   string // JSON, "" when in no index
	counters map[string]int64
}

// Write implements table.Table.
func (t *Table) Write(ctx context.Context, writes ...table.Write) error {
	return t.write(ctx, writes, false)
}

// Steps implements table.Table: all that happens, happens at once.
func (t *Table) Steps(ctx context.Context, writes ...table.Write) error {
	return t.write(ctx, writes, true)
}

// write does all or nothing or, where some will do, those before the first whose
// condition fails.
func (t *Table) write(ctx context.Context, writes []table.Write, some bool) error {
	if err := table.Validate(t.o.Indexes, writes); err != nil {
		return err
	}
	places := make([]string, len(writes))
	streamed := false
	for i, w := range writes {
		if w.Op == table.OpPut && len(w.Item.Indexes) > 0 {
			text, err := json.Marshal(w.Item.Indexes) // sorted, so equal places are equal text
			if err != nil {
				return fmt.Errorf("%w: %s: %w", table.ErrInvalid, w.Item.Key, err)
			}
			places[i] = string(text)
		}
		streamed = streamed || w.Op != table.OpCheck && t.streams(w.Item.Key)
	}
	var stopped error
	err := t.db.Write(ctx, func(conn *sqlitefile.Conn) error {
		stopped = nil
		before, failed, err := weigh(conn, writes)
		if err != nil {
			return err
		}
		done := writes
		if len(failed) > 0 {
			if !some || failed[0] == 0 {
				return sqlitefile.Untouched(conflict(writes, failed, some))
			}
			done, stopped = writes[:failed[0]], conflict(writes, failed, true)
		}
		for i, w := range done {
			if err := t.apply(conn, w, before[i], places[i]); err != nil {
				return fmt.Errorf("%s: %w", w.Item.Key, err)
			}
		}
		return nil
	})
	if err != nil {
		return failure("write", err)
	}
	if streamed {
		t.announce()
	}
	return stopped
}

// conflict names the writes whose conditions failed, or the first alone.
func conflict(writes []table.Write, failed []int, first bool) error {
	if first {
		failed = failed[:1]
	}
	c := &table.ConflictError{}
	for _, i := range failed {
		c.Keys = append(c.Keys, writes[i].Item.Key)
	}
	return c
}

// weigh reads what is there and tests every condition before anything changes. It
// returns which of them failed.
func weigh(conn *sqlitefile.Conn, writes []table.Write) (before []row, failed []int, err error) {
	before = make([]row, len(writes))
	for i, w := range writes {
		r := &before[i]
		err := sqlitefile.Each(conn, "SELECT id, seq, places, counters FROM items WHERE pk = ? AND sk = ?", func(s *sqlitefile.Stmt) (err error) {
			r.id, r.found, r.seq, r.places = s.ColumnInt64(0), true, s.ColumnInt64(1), s.ColumnText(2)
			if w.Op == table.OpAdd {
				r.counters, err = readCounters(s, 3)
			}
			return err
		}, w.Item.Key.Partition, w.Item.Key.Sort)
		if err != nil {
			return nil, nil, err
		}
		if !holds(w, r) {
			failed = append(failed, i)
		}
	}
	return before, failed, nil
}

func holds(w table.Write, r *row) bool {
	switch w.When {
	case table.Absent:
		return !r.found
	case table.Exists:
		return r.found
	case table.Newer:
		return !r.found || r.seq < w.Item.Seq
	case table.SeqIs:
		return r.found && r.seq == w.Seq
	default:
		return true
	}
}

func (t *Table) apply(conn *sqlitefile.Conn, w table.Write, r row, places string) error {
	switch w.Op {
	case table.OpPut:
		if err := put(conn, w.Item, &r, places); err != nil {
			return err
		}
	case table.OpDelete:
		if !r.found {
			return nil
		}
		if err := remove(conn, r.id, r.places); err != nil {
			return err
		}
	case table.OpAdd:
		if err := add(conn, w, r); err != nil {
			return err
		}
	case table.OpCheck:
		return nil
	}
	if !t.streams(w.Item.Key) {
		return nil
	}
	return t.record(conn, w, r.found, places)
}

func put(conn *sqlitefile.Conn, item table.Item, r *row, places string) error {
	if r.found {
		err := sqlitefile.Exec(conn, "UPDATE items SET seq = ?, expires = ?, places = ?, counters = NULL, value = ? WHERE id = ?",
			item.Seq, expiry(item.Expires), orNull(places), item.Value, r.id)
		if err != nil || places == r.places {
			return err
		}
		if err := leave(conn, r.id, r.places); err != nil {
			return err
		}
	} else {
		err := sqlitefile.Exec(conn, "INSERT INTO items (pk, sk, seq, expires, places, value) VALUES (?, ?, ?, ?, ?, ?)",
			item.Key.Partition, item.Key.Sort, item.Seq, expiry(item.Expires), orNull(places), item.Value)
		if err != nil {
			return err
		}
		r.id = conn.LastInsertRowID()
	}
	for _, name := range slices.Sorted(maps.Keys(item.Indexes)) {
		place := item.Indexes[name]
		err := sqlitefile.Exec(conn, "INSERT INTO entries (name, pk, sk, item) VALUES (?, ?, ?, ?)", name, place.Partition, place.Sort, r.id)
		if err != nil {
			return err
		}
	}
	return nil
}

func remove(conn *sqlitefile.Conn, id int64, places string) error {
	if err := leave(conn, id, places); err != nil {
		return err
	}
	return sqlitefile.Exec(conn, "DELETE FROM items WHERE id = ?", id)
}

// leave takes an item out of the indexes it was in.
func leave(conn *sqlitefile.Conn, id int64, places string) error {
	if places == "" {
		return nil
	}
	var old map[string]table.IndexKey
	if err := json.Unmarshal([]byte(places), &old); err != nil {
		return err
	}
	for name, place := range old {
		err := sqlitefile.Exec(conn, "DELETE FROM entries WHERE name = ? AND pk = ? AND sk = ? AND item = ?", name, place.Partition, place.Sort, id)
		if err != nil {
			return err
		}
	}
	return nil
}

func add(conn *sqlitefile.Conn, w table.Write, r row) error {
	counters := r.counters
	if counters == nil {
		counters = make(map[string]int64, len(w.Fields))
	}
	for name, n := range w.Fields {
		sum := counters[name] + n
		if (n > 0) != (sum > counters[name]) && n != 0 {
			return fmt.Errorf("%w: the counter %q overflows", table.ErrInvalid, name)
		}
		counters[name] = sum
	}
	text, err := json.Marshal(counters)
	if err != nil {
		return err
	}
	expires := expiry(w.Item.Expires)
	if !r.found {
		return sqlitefile.Exec(conn, "INSERT INTO items (pk, sk, seq, expires, counters, value) VALUES (?, ?, 0, ?, ?, x'')",
			w.Item.Key.Partition, w.Item.Key.Sort, expires, string(text))
	}
	return sqlitefile.Exec(conn, "UPDATE items SET counters = ?, expires = coalesce(?, expires) WHERE id = ?", string(text), expires, r.id)
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
