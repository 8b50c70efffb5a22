package sqlite

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"ines/shared/queue"
	"ines/shared/sqlitefile"
)

// Send implements queue.Sender. The messages of one call are stored together.
func (q *Queues) Send(ctx context.Context, name string, messages ...queue.Message) error {
	l, err := q.find(name)
	if err != nil {
		return err
	}
	var failed map[int]error
	for i := range messages {
		if err := l.check(&messages[i]); err != nil {
			if failed == nil {
				failed = make(map[int]error)
			}
			failed[i] = fmt.Errorf("%w: %w", queue.ErrInvalid, err)
		}
	}
	if len(failed) < len(messages) {
		err := q.db.Write(ctx, func(conn *sqlitefile.Conn) error {
			now := q.now().UnixMilli()
			for i := range messages {
				if failed[i] != nil {
					continue
				}
				if err := q.store(conn, l, &messages[i], now); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return failure("send to", name, err)
		}
		l.rouse()
	}
	if failed != nil {
		return &queue.PartialError{Failed: failed}
	}
	return nil
}

func (l *line) check(m *queue.Message) error {
	switch {
	case m.Body == "":
		return errors.New("the body is empty")
	case len(m.Body) > queue.MaxBody:
		return fmt.Errorf("the body has %d bytes, at most %d allowed", len(m.Body), queue.MaxBody)
	case !utf8.ValidString(m.Body) || !utf8.ValidString(m.Group) || !utf8.ValidString(m.Dedupe):
		return errors.New("the message is not UTF-8")
	case l.FIFO && (m.Group == "" || m.Dedupe == ""):
		return errors.New("a message on a FIFO queue needs a group and a dedupe id")
	case l.FIFO && m.Delay != 0:
		return errors.New("FIFO queues take no delay for one message")
	case m.Delay < 0 || m.Delay > queue.MaxDelay:
		return fmt.Errorf("the delay is %v, 0 to %v allowed", m.Delay, queue.MaxDelay)
	}
	return nil
}

func (q *Queues) store(conn *sqlitefile.Conn, l *line, m *queue.Message, now int64) error {
	if l.FIFO {
		seen, err := q.remember(conn, l, m, now)
		if err != nil || seen {
			return err
		}
		if err := join(conn, l, m.Group, now); err != nil {
			return err
		}
	}
	return sqlitefile.Exec(conn, `INSERT INTO messages (queue, fifo, visible, receives, sent, first, grp, dedupe, body) VALUES (?1, ?2, ?3, 0, ?4, ?4, ?5, ?6, ?7)`,
		l.id, flag(l.FIFO), now+m.Delay.Milliseconds(), now, m.Group, m.Dedupe, m.Body)
}

// join makes sure that the group is known; an older one keeps its state.
func join(conn *sqlitefile.Conn, l *line, group string, now int64) error {
	return sqlitefile.Exec(conn, "INSERT INTO groups (queue, grp, ready, taken) VALUES (?, ?, ?, 0) ON CONFLICT DO NOTHING", l.id, group, now)
}

// forgetEvery spreads the deleting of old dedupe ids; forgetMost bounds one turn
// and must be larger, or they would pile up.
const (
	forgetEvery = 64
	forgetMost  = 256
)

// remember reports whether the message was sent before, within the window, and
// notes it if not. Ids are hashed so that long ones cost no more.
func (q *Queues) remember(conn *sqlitefile.Conn, l *line, m *queue.Message, now int64) (seen bool, err error) {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d\x00%d\x00%s%s", l.id, len(m.Group), m.Group, m.Dedupe))
	hash := sum[:16]
	since := now - queue.DedupeWindow.Milliseconds() // up to here they are forgotten
	old := int64(0)
	err = sqlitefile.Each(conn, "SELECT n, at FROM dedupes WHERE hash = ?", func(row *sqlitefile.Stmt) error {
		if seen = row.ColumnInt64(1) > since; !seen {
			old = row.ColumnInt64(0)
		}
		return nil
	}, hash)
	if err != nil || seen {
		return seen, err
	}
	if old != 0 {
		if err := sqlitefile.Exec(conn, "DELETE FROM dedupes WHERE n = ?", old); err != nil {
			return false, err
		}
	}
	if q.sends++; q.sends%forgetEvery == 0 {
		// Rows are in the order of their times, so the oldest come first.
		err := sqlitefile.Exec(conn, "DELETE FROM dedupes WHERE n IN (SELECT n FROM dedupes ORDER BY n LIMIT ?) AND at <= ?", forgetMost, since)
		if err != nil {
			return false, err
		}
	}
	return false, sqlitefile.Exec(conn, "INSERT INTO dedupes (hash, at) VALUES (?, ?)", hash, now)
}

// A receipt is the message's number and which delivery it was, so that a receipt
// of an earlier delivery is recognised as stale.
type receipt struct{ n, receives int64 }

func (r receipt) String() string {
	return strconv.FormatInt(r.n, 10) + "." + strconv.FormatInt(r.receives, 10)
}

func parseReceipt(s string) (r receipt, err error) {
	n, receives, _ := strings.Cut(s, ".")
	r.n, err = strconv.ParseInt(n, 10, 64)
	if err == nil {
		r.receives, err = strconv.ParseInt(receives, 10, 64)
	}
	if err != nil || r.String() != s {
		return receipt{}, fmt.Errorf("%w: %q is not a receipt", queue.ErrInvalid, s)
	}
	return r, nil
}

func messageID(n int64) string { return fmt.Sprintf("m%016d", n) }

func instant(milli int64) time.Time { return time.UnixMilli(milli).UTC() }
