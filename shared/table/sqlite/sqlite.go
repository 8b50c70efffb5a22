// Package sqlite keeps the table in the embedded engine's SQLite file. The local
// host and tests open it; functions see the table port only. It imports table
// and sqlitefile.
package sqlite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"ines/shared/sqlitefile"
	"ines/shared/table"
)

// Options say what the table knows and streams.
type Options struct {
	Now func() time.Time // stamps changes; required
	// Indexes names the secondary indexes; another name is ErrInvalid.
	Indexes []string
	// Streamed picks the keys whose writes enter the change stream; nil: none.
	Streamed func(table.Key) bool
	// PageSize is the most items a page may hold; 0 means 1,000. A page also
	// ends early when its values come to 8 MB.
	PageSize int
}

const (
	pageSize  = 1000
	pageBytes = 8 << 20
)

// Table implements table.Table, and the change stream beside it.
type Table struct {
	db      *sqlitefile.DB
	o       Options
	changed chan struct{}
}

var _ table.Table = (*Table)(nil)

// Items are found by their rowid from an index entry; places and counters are
// JSON, kept with the item because they are read and written with it.
var schema = []string{
	`CREATE TABLE items (
		id INTEGER PRIMARY KEY, pk TEXT NOT NULL, sk TEXT NOT NULL, seq INTEGER NOT NULL,
		expires INTEGER, places TEXT, counters TEXT, value BLOB NOT NULL)`,
	`CREATE UNIQUE INDEX items_key ON items (pk, sk)`,
	`CREATE INDEX items_expires ON items (expires) WHERE expires IS NOT NULL`,
	`CREATE TABLE entries (name TEXT, pk TEXT, sk TEXT, item INTEGER,
		PRIMARY KEY (name, pk, sk, item)) WITHOUT ROWID`,
	`CREATE TABLE changes (
		n INTEGER PRIMARY KEY AUTOINCREMENT, pk TEXT NOT NULL, sk TEXT NOT NULL, at INTEGER NOT NULL,
		kind INTEGER NOT NULL, seq INTEGER, expires INTEGER, places TEXT, value BLOB)`,
}

// New prepares the table in db.
func New(db *sqlitefile.DB, o Options) (*Table, error) {
	if o.Now == nil {
		return nil, errors.New("table/sqlite: Options.Now is missing")
	}
	if o.PageSize == 0 {
		o.PageSize = pageSize
	}
	if o.PageSize < 0 {
		return nil, fmt.Errorf("table/sqlite: page size %d", o.PageSize)
	}
	if err := db.Schema(context.Background(), "table", schema...); err != nil {
		return nil, err
	}
	o.Indexes = slices.Clone(o.Indexes)
	return &Table{db: db, o: o, changed: make(chan struct{}, 1)}, nil
}

// failure gives an engine's error the port's kind; the port's own errors and the
// context's pass.
func failure(doing string, err error) error {
	var conflict *table.ConflictError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &conflict), errors.Is(err, table.ErrInvalid),
		errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	return fmt.Errorf("%w: %s: %w", table.ErrUnavailable, doing, err)
}

const itemColumns = "i.pk, i.sk, i.seq, i.expires, i.places, i.value"

func readItem(row *sqlitefile.Stmt) (table.Item, error) {
	item := table.Item{
		Key:   table.Key{Partition: row.ColumnText(0), Sort: row.ColumnText(1)},
		Seq:   row.ColumnInt64(2),
		Value: sqlitefile.Bytes(row, 5),
	}
	if !row.ColumnIsNull(3) {
		item.Expires = time.Unix(row.ColumnInt64(3), 0).UTC()
	}
	if !row.ColumnIsNull(4) {
		if err := json.Unmarshal([]byte(row.ColumnText(4)), &item.Indexes); err != nil {
			return table.Item{}, fmt.Errorf("indexes of %s: %w", item.Key, err)
		}
	}
	return item, nil
}

// expiry is the whole second at which an item is certainly gone, as DynamoDB's
// TTL counts in seconds; nil keeps it.
func expiry(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	if at.Nanosecond() > 0 {
		return at.Unix() + 1
	}
	return at.Unix()
}

// Get implements table.Table.
func (t *Table) Get(ctx context.Context, keys ...table.Key) (map[table.Key]table.Item, error) {
	found := make(map[table.Key]table.Item, len(keys))
	err := t.each(ctx, keys, "SELECT "+itemColumns+" FROM items i WHERE i.pk = ? AND i.sk = ?", func(row *sqlitefile.Stmt) error {
		item, err := readItem(row)
		found[item.Key] = item
		return err
	})
	if err != nil {
		return nil, failure("get", err)
	}
	return found, nil
}

// Counters implements table.Table.
func (t *Table) Counters(ctx context.Context, keys ...table.Key) (map[table.Key]map[string]int64, error) {
	found := make(map[table.Key]map[string]int64, len(keys))
	err := t.each(ctx, keys, "SELECT pk, sk, counters FROM items WHERE pk = ? AND sk = ? AND counters IS NOT NULL", func(row *sqlitefile.Stmt) error {
		key := table.Key{Partition: row.ColumnText(0), Sort: row.ColumnText(1)}
		counters, err := readCounters(row, 2)
		found[key] = counters
		return err
	})
	if err != nil {
		return nil, failure("counters", err)
	}
	return found, nil
}

func (t *Table) each(ctx context.Context, keys []table.Key, query string, row func(*sqlitefile.Stmt) error) error {
	if err := table.ValidateKeys(keys); err != nil {
		return err
	}
	if len(keys) == 0 {
		return ctx.Err()
	}
	return t.db.Read(ctx, func(conn *sqlitefile.Conn) error {
		for _, k := range keys {
			if err := sqlitefile.Each(conn, query, row, k.Partition, k.Sort); err != nil {
				return err
			}
		}
		return nil
	})
}

func readCounters(row *sqlitefile.Stmt, column int) (map[string]int64, error) {
	counters := map[string]int64{}
	if row.ColumnIsNull(column) {
		return counters, nil
	}
	if err := json.Unmarshal([]byte(row.ColumnText(column)), &counters); err != nil {
		return nil, fmt.Errorf("counters: %w", err)
	}
	return counters, nil
}
