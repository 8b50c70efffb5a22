package sqlite

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"ines/shared/sqlitefile"
	"ines/shared/table"
)

// cursor is where a page ended. It names a place between items and not a number
// of items, so that inserts between two pages neither repeat nor skip anything.
type cursor struct {
	Of   uint32 `json:"q"` // hash of the query it belongs to
	Sort string `json:"s"`
	Item int64  `json:"i,omitempty"` // orders equal sort keys of an index
}

// errPageFull ends the reading of rows.
var errPageFull = errors.New("page full")

// Query implements table.Table.
func (t *Table) Query(ctx context.Context, q table.Query) (table.Page, error) {
	sql, args, limit, err := t.plan(q)
	if err != nil {
		return table.Page{}, err
	}
	var page table.Page
	var last cursor
	size := 0
	err = t.db.Read(ctx, func(conn *sqlitefile.Conn) error {
		return sqlitefile.Each(conn, sql, func(row *sqlitefile.Stmt) error {
			if len(page.Items) == limit || size > pageBytes {
				last.Of = q.Fingerprint()
				page.Cursor = last.String()
				return errPageFull
			}
			item, err := readItem(row)
			if err != nil {
				return err
			}
			page.Items = append(page.Items, item)
			size += len(item.Value)
			last = cursor{Sort: row.ColumnText(6), Item: row.ColumnInt64(7)}
			return nil
		}, args...)
	})
	if err != nil && !errors.Is(err, errPageFull) {
		return table.Page{}, failure("query", err)
	}
	return page, nil
}

// plan puts the statement together from a few fixed pieces. It has no LIMIT: rows are
// read one by one until the page is full, and SQLite prepares a statement anew each
// time that a limit is bound to it.
func (t *Table) plan(q table.Query) (sql string, args []any, limit int, err error) {
	if err := table.ValidateQuery(t.o.Indexes, q); err != nil {
		return "", nil, 0, err
	}
	limit = t.o.PageSize
	if q.Limit > 0 && q.Limit < limit {
		limit = q.Limit
	}
	var s strings.Builder
	column, tie, direction, after := "i.sk", "", "", ">"
	if q.Descending {
		direction, after = " DESC", "<"
	}
	if q.Index == "" {
		s.WriteString("SELECT " + itemColumns + ", i.sk, 0 FROM items i WHERE i.pk = ?")
		args = append(args, q.Partition)
	} else {
		column, tie = "e.sk", ", e.item"+direction
		// CROSS JOIN keeps SQLite from starting at the items.
		s.WriteString("SELECT " + itemColumns + ", e.sk, e.item FROM entries e CROSS JOIN items i ON i.id = e.item WHERE e.name = ? AND e.pk = ?")
		args = append(args, q.Index, q.Partition)
	}
	bound := func(op, value string) {
		s.WriteString(" AND " + column + op + "?")
		args = append(args, value)
	}
	from, to := q.From, q.To
	if q.Prefix != "" {
		from, to = q.Prefix, ""
		if end := successor(q.Prefix); end != "" {
			bound(" < ", end)
		}
	}
	if from != "" {
		bound(" >= ", from)
	}
	if to != "" {
		bound(" <= ", to)
	}
	if q.Cursor != "" {
		c, err := parseCursor(q)
		if err != nil {
			return "", nil, 0, err
		}
		if q.Index == "" {
			bound(" "+after+" ", c.Sort)
		} else {
			s.WriteString(" AND (e.sk, e.item) " + after + " (?, ?)")
			args = append(args, c.Sort, c.Item)
		}
	}
	s.WriteString(" ORDER BY " + column + direction + tie)
	return s.String(), args, limit, nil
}

// successor is the first string in byte order behind all that begin with prefix,
// or "" if there is none.
func successor(prefix string) string {
	b := []byte(prefix)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] < 0xff {
			b[i]++
			return string(b[:i+1])
		}
	}
	return ""
}

func (c cursor) String() string {
	text, err := json.Marshal(c)
	if err != nil {
		panic(err) // a struct of numbers and a string
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

func parseCursor(q table.Query) (cursor, error) {
	var c cursor
	text, err := base64.RawURLEncoding.DecodeString(q.Cursor)
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err == nil && c.Of != q.Fingerprint() {
		err = errors.New("it belongs to another query")
	}
	if err != nil {
		return cursor{}, fmt.Errorf("%w: the cursor is not one of this query's: %w", table.ErrInvalid, err)
	}
	return c, nil
}
