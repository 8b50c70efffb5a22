package sqlite

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"ines/shared/queue"
	"ines/shared/sqlitefile"
)

const messageColumns = "n, receives, sent, first, grp, dedupe, body"

// found is a message that may be delivered.
type found struct {
	receipt
	sent, first         int64
	group, dedupe, body string
}

func readMessage(row *sqlitefile.Stmt) found {
	return found{
		receipt: receipt{n: row.ColumnInt64(0), receives: row.ColumnInt64(1)},
		sent:    row.ColumnInt64(2),
		first:   row.ColumnInt64(3),
		group:   row.ColumnText(4),
		dedupe:  row.ColumnText(5),
		body:    row.ColumnText(6),
	}
}

// Receive implements queue.Receiver.
func (q *Queues) Receive(ctx context.Context, name string, max int) ([]queue.Received, error) {
	l, err := q.find(name)
	if err != nil {
		return nil, err
	}
	if max < 1 {
		return nil, fmt.Errorf("%w: receive at most %d messages", queue.ErrInvalid, max)
	}
	var taken []queue.Received
	buried := false
	err = q.db.Write(ctx, func(conn *sqlitefile.Conn) (err error) {
		t := take{conn: conn, line: l, now: q.now().UnixMilli(), max: max}
		if l.FIFO {
			err = t.fifo()
		} else {
			err = t.standard()
		}
		taken, buried = t.taken, t.buried
		return err
	})
	if err != nil {
		return nil, failure("receive from", name, err)
	}
	if buried {
		l.dead.rouse()
	}
	return taken, nil
}

// take is one Receive.
type take struct {
	conn   *sqlitefile.Conn
	line   *line
	now    int64
	max    int
	taken  []queue.Received
	buried bool
}

// standard takes what has been visible for longest. It looks again as long as it
// buried what it found.
func (t *take) standard() error {
	for len(t.taken) < t.max {
		candidates, err := t.find("SELECT "+messageColumns+" FROM messages WHERE fifo = 0 AND queue = ? AND visible <= ? ORDER BY visible, receives, n LIMIT ?",
			t.line.id, t.now, t.max-len(t.taken))
		if err != nil || len(candidates) == 0 {
			return err
		}
		for _, m := range candidates {
			if _, err := t.deliver(m); err != nil {
				return err
			}
		}
	}
	return nil
}

// fifo takes from the groups that have been ready for longest, as much of each
// as fits. A group that was served becomes ready again at the time of its last
// delete, behind those that waited, so groups take turns.
func (t *take) fifo() error {
	for len(t.taken) < t.max {
		var groups []string
		err := sqlitefile.Each(t.conn, "SELECT grp FROM groups WHERE queue = ? AND ready <= ? ORDER BY ready LIMIT ?", func(row *sqlitefile.Stmt) error {
			groups = append(groups, row.ColumnText(0))
			return nil
		}, t.line.id, t.now, t.max-len(t.taken))
		if err != nil || len(groups) == 0 {
			return err
		}
		for _, group := range groups {
			if len(t.taken) == t.max {
				return nil
			}
			if err := t.group(group); err != nil {
				return err
			}
		}
	}
	return nil
}

// group takes the head of one group, which has nothing in flight.
func (t *take) group(group string) error {
	before := len(t.taken)
	for after := int64(0); len(t.taken) < t.max; {
		heads, err := t.find("SELECT "+messageColumns+" FROM messages WHERE fifo = 1 AND queue = ? AND grp = ? AND n > ? ORDER BY n LIMIT ?",
			t.line.id, group, after, t.max-len(t.taken))
		if err != nil {
			return err
		}
		buried := false
		for _, m := range heads {
			delivered, err := t.deliver(m)
			if err != nil {
				return err
			}
			after, buried = m.n, buried || !delivered
		}
		if !buried {
			break // there was room for no more, or there is no more
		}
	}
	if taken := len(t.taken) - before; taken > 0 {
		if t.line.dead == nil {
			taken = math.MaxInt32 // what is buried next may come before these
		}
		return sqlitefile.Exec(t.conn, "UPDATE groups SET ready = ?, taken = ? WHERE queue = ? AND grp = ?", t.hidden(), taken, t.line.id, group)
	}
	return sqlitefile.Exec(t.conn, "DELETE FROM groups WHERE queue = ? AND grp = ?", t.line.id, group)
}

func (t *take) find(query string, args ...any) ([]found, error) {
	var messages []found
	err := sqlitefile.Each(t.conn, query, func(row *sqlitefile.Stmt) error {
		messages = append(messages, readMessage(row))
		return nil
	}, args...)
	return messages, err
}

func (t *take) hidden() int64 { return t.now + t.line.Visibility.Milliseconds() }

// deliver hands the message out, or buries it when it was handed out too often.
func (t *take) deliver(m found) (delivered bool, err error) {
	if t.line.dead != nil && t.line.MaxReceives > 0 && m.receives >= int64(t.line.MaxReceives) {
		return false, t.bury(m)
	}
	m.receives++
	if m.receives == 1 {
		m.first = t.now // until then it holds the time of sending
	}
	err = sqlitefile.Exec(t.conn, "UPDATE messages SET visible = ?, receives = ?, first = ? WHERE n = ?", t.hidden(), m.receives, m.first, m.n)
	if err != nil {
		return false, err
	}
	r := queue.Received{
		ID:      messageID(m.n),
		Receipt: m.receipt.String(),
		Body:    m.body,
		Group:   m.group,
		Count:   int(m.receives),
		SentAt:  instant(m.sent),
		FirstAt: instant(m.first),
	}
	if t.line.FIFO {
		r.Dedupe, r.Sequence = m.dedupe, fmt.Sprintf("%020d", m.n)
	}
	t.taken = append(t.taken, r)
	return true, nil
}

// bury moves the message to the dead-letter queue, where it keeps its number and
// with it its place among the dead of its group. It starts without receives: no
// receipt of the old queue fits, because receipts hold for one queue.
func (t *take) bury(m found) error {
	t.buried = true
	dead := t.line.dead
	if dead.FIFO {
		if err := join(t.conn, dead, m.group, t.now); err != nil {
			return err
		}
	}
	return sqlitefile.Exec(t.conn, "UPDATE messages SET queue = ?, visible = ?, receives = 0 WHERE n = ?", dead.id, t.now, m.n)
}

// Delete implements queue.Receiver. What is not a receipt at all is ErrInvalid.
func (q *Queues) Delete(ctx context.Context, name string, receipts ...string) error {
	l, err := q.find(name)
	if err != nil {
		return err
	}
	parsed := make([]receipt, len(receipts))
	for i, text := range receipts {
		if parsed[i], err = parseReceipt(text); err != nil {
			return err
		}
	}
	if len(parsed) == 0 {
		return ctx.Err()
	}
	unblocked := false
	err = q.db.Write(ctx, func(conn *sqlitefile.Conn) error {
		now := q.now().UnixMilli()
		unblocked = false
		var groups []string
		for _, r := range parsed {
			if l.FIFO {
				group, held, err := l.holder(conn, r, now)
				if err != nil {
					return err
				}
				if held && !slices.Contains(groups, group) {
					groups = append(groups, group)
				}
			}
			err := sqlitefile.Exec(conn, "DELETE FROM messages WHERE n = ? AND queue = ? AND receives = ? AND visible > ?", r.n, l.id, r.receives, now)
			if err != nil {
				return err
			}
		}
		for _, group := range groups {
			more, err := regroup(conn, l, group, now)
			if err != nil {
				return err
			}
			unblocked = unblocked || more
		}
		return nil
	})
	if err != nil {
		return failure("delete from", name, err)
	}
	if unblocked {
		l.rouse()
	}
	return nil
}

// holder gives the group of the message in flight that the receipt is for; held
// is false when the receipt is no longer valid. (RETURNING would save this, but
// it costs SQLite a temporary table each time.)
func (l *line) holder(conn *sqlitefile.Conn, r receipt, now int64) (group string, held bool, err error) {
	err = sqlitefile.Each(conn, "SELECT grp FROM messages WHERE n = ? AND queue = ? AND receives = ? AND visible > ?", func(row *sqlitefile.Stmt) error {
		group, held = row.ColumnText(0), true
		return nil
	}, r.n, l.id, r.receives, now)
	return group, held, err
}

// regroup works out when a group is ready after some of what was in flight is
// gone or was postponed, and reports whether it is ready now.
func regroup(conn *sqlitefile.Conn, l *line, group string, now int64) (ready bool, err error) {
	left, latest := 0, int64(0)
	// What is in flight is among the first ones that the delivery took; one
	// more row tells an empty group from one that waits.
	err = sqlitefile.Each(conn, `SELECT count(*), coalesce(max(visible), 0) FROM (SELECT visible FROM messages
		WHERE fifo = 1 AND queue = ?1 AND grp = ?2 ORDER BY n
		LIMIT 1 + coalesce((SELECT taken FROM groups WHERE queue = ?1 AND grp = ?2), 0))`, func(row *sqlitefile.Stmt) error {
		left, latest = row.ColumnInt(0), row.ColumnInt64(1)
		return nil
	}, l.id, group)
	if err != nil {
		return false, err
	}
	if left == 0 {
		return false, sqlitefile.Exec(conn, "DELETE FROM groups WHERE queue = ? AND grp = ?", l.id, group)
	}
	latest = max(latest, now)
	return latest == now, sqlitefile.Exec(conn, "UPDATE groups SET ready = ? WHERE queue = ? AND grp = ?", latest, l.id, group)
}

// MaxPostpone is the longest Postpone, as on SQS.
const MaxPostpone = 12 * time.Hour

// Postpone implements queue.Postponer. What is not a receipt at all is
// ErrInvalid.
func (q *Queues) Postpone(ctx context.Context, name, text string, d time.Duration) error {
	l, err := q.find(name)
	if err != nil {
		return err
	}
	if d < 0 || d > MaxPostpone {
		return fmt.Errorf("%w: postpone by %v, 0 to %v allowed", queue.ErrInvalid, d, MaxPostpone)
	}
	r, err := parseReceipt(text)
	if err != nil {
		return err
	}
	err = q.db.Write(ctx, func(conn *sqlitefile.Conn) error {
		now := q.now().UnixMilli()
		group, held, err := l.holder(conn, r, now)
		if err != nil || !held {
			return err
		}
		err = sqlitefile.Exec(conn, "UPDATE messages SET visible = ? WHERE n = ?", now+d.Milliseconds(), r.n)
		if err != nil || !l.FIFO {
			return err
		}
		_, err = regroup(conn, l, group, now)
		return err
	})
	if err != nil {
		return failure("postpone on", name, err)
	}
	l.rouse() // at the least, the poller's timer must be set anew
	return nil
}
