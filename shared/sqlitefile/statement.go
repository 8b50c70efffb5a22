package sqlitefile

import "fmt"

// Exec runs one statement to its end. Statements are kept prepared by their
// text, so the text must be one of few. Arguments are string, []byte, int,
// int64, bool or nil.
func Exec(conn *Conn, query string, args ...any) error {
	return Each(conn, query, nil, args...)
}

// Each runs one statement and calls row for each row of its answer; columns
// count from 0. An error from row ends it and is returned.
func Each(conn *Conn, query string, row func(*Stmt) error, args ...any) error {
	stmt, err := conn.Prepare(query)
	if err != nil {
		return err
	}
	for i, arg := range args {
		switch v := arg.(type) {
		case string:
			stmt.BindText(i+1, v)
		case []byte:
			stmt.BindBytes(i+1, v)
		case int64:
			stmt.BindInt64(i+1, v)
		case int:
			stmt.BindInt64(i+1, int64(v))
		case bool:
			stmt.BindBool(i+1, v)
		case nil: // unbound is NULL
		default:
			return fmt.Errorf("argument %d of %q has type %T", i+1, query, arg)
		}
	}
	for {
		more, err := stmt.Step()
		if err != nil {
			return err
		}
		if !more {
			return nil
		}
		if row == nil {
			continue
		}
		if err := row(stmt); err != nil {
			_ = stmt.Reset() // repeats the statement's own error, and it had none
			return err
		}
	}
}

// Bytes copies a column.
func Bytes(stmt *Stmt, column int) []byte {
	b := make([]byte, stmt.ColumnLen(column))
	stmt.ColumnBytes(column, b)
	return b
}
