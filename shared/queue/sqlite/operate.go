package sqlite

import (
	"context"
	"fmt"
	"time"

	"ines/shared/queue"
	"ines/shared/sqlitefile"
)

// Depths implements queue.Receiver. It counts; call it for people, not in loops.
func (q *Queues) Depths(ctx context.Context, name string) (queue.Depth, error) {
	l, err := q.find(name)
	if err != nil {
		return queue.Depth{}, err
	}
	var d queue.Depth
	err = q.db.Read(ctx, func(conn *sqlitefile.Conn) error {
		now := q.now().UnixMilli()
		if err := l.count(conn, now, &d); err != nil || l.dead == nil {
			return err
		}
		var dead queue.Depth
		err := l.dead.count(conn, now, &dead)
		d.Dead = dead.Visible + dead.InFlight + dead.Delayed
		return err
	})
	return d, failure("count", name, err)
}

func (l *line) count(conn *sqlitefile.Conn, now int64, d *queue.Depth) error {
	if !l.FIFO {
		return sqlitefile.Each(conn, `SELECT count(*) FILTER (WHERE visible <= ?1), count(*) FILTER (WHERE visible > ?1 AND receives > 0),
			count(*) FILTER (WHERE visible > ?1 AND receives = 0) FROM messages WHERE fifo = 0 AND queue = ?2`, func(row *sqlitefile.Stmt) error {
			d.Visible, d.InFlight, d.Delayed = row.ColumnInt(0), row.ColumnInt(1), row.ColumnInt(2)
			return nil
		}, now, l.id)
	}
	all := 0
	err := sqlitefile.Each(conn, "SELECT count(*) FROM messages WHERE fifo = 1 AND queue = ?", func(row *sqlitefile.Stmt) error {
		all = row.ColumnInt(0)
		return nil
	}, l.id)
	if err != nil {
		return err
	}
	type busy struct {
		group string
		taken int64
	}
	var groups []busy
	err = sqlitefile.Each(conn, "SELECT grp, taken FROM groups WHERE queue = ? AND ready > ?", func(row *sqlitefile.Stmt) error {
		groups = append(groups, busy{row.ColumnText(0), row.ColumnInt64(1)})
		return nil
	}, l.id, now)
	if err != nil {
		return err
	}
	for _, g := range groups {
		err := sqlitefile.Each(conn, "SELECT visible FROM messages WHERE fifo = 1 AND queue = ? AND grp = ? ORDER BY n LIMIT ?", func(row *sqlitefile.Stmt) error {
			if row.ColumnInt64(0) > now {
				d.InFlight++
			}
			return nil
		}, l.id, g.group, g.taken)
		if err != nil {
			return err
		}
	}
	d.Visible = all - d.InFlight
	return nil
}

// NextVisible says when Receive will next have something if nothing else
// happens: the poller's timer. The time may have passed; false: the queue is
// empty.
func (q *Queues) NextVisible(ctx context.Context, name string) (at time.Time, found bool, err error) {
	l, err := q.find(name)
	if err != nil {
		return time.Time{}, false, err
	}
	query := "SELECT visible FROM messages WHERE fifo = 0 AND queue = ? ORDER BY visible LIMIT 1"
	if l.FIFO {
		query = "SELECT ready FROM groups WHERE queue = ? ORDER BY ready LIMIT 1"
	}
	err = q.db.Read(ctx, func(conn *sqlitefile.Conn) error {
		return sqlitefile.Each(conn, query, func(row *sqlitefile.Stmt) error {
			at, found = instant(row.ColumnInt64(0)), true
			return nil
		}, l.id)
	})
	return at, found, failure("look at", name, err)
}

// ReleaseInFlight makes visible at once what a process that is gone had
// received, on all queues, and does not count those deliveries: that the machine
// went down is no failure of the message, and many restarts must not bury it. The
// host calls it before it starts its pollers.
func (q *Queues) ReleaseInFlight(ctx context.Context) error {
	err := q.db.Write(ctx, func(conn *sqlitefile.Conn) error {
		now := q.now().UnixMilli()
		for _, query := range []string{
			"UPDATE messages SET visible = ?1, receives = receives - 1 WHERE fifo = 0 AND queue IN (SELECT id FROM queues) AND visible > ?1 AND receives > 0",
			`UPDATE messages SET visible = ?1, receives = max(receives - 1, 0) WHERE visible > ?1 AND n IN (SELECT m.n FROM groups g CROSS JOIN messages m
				ON m.fifo = 1 AND m.queue = g.queue AND m.grp = g.grp WHERE g.ready > ?1)`,
			"UPDATE groups SET ready = ?1 WHERE ready > ?1",
		} {
			if err := sqlitefile.Exec(conn, query, now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return failure("release", "messages in flight", err)
	}
	for _, l := range q.named {
		l.rouse()
	}
	return nil
}

// Redrive moves the oldest visible messages, at most max, from the queue's
// dead-letter queue back to its end and returns how many. They come back as new
// messages, and deduplication does not stop them.
func (q *Queues) Redrive(ctx context.Context, name string, max int) (moved int, err error) {
	l, err := q.find(name)
	if err != nil {
		return 0, err
	}
	if max < 1 {
		return 0, fmt.Errorf("%w: redrive at most %d messages", queue.ErrInvalid, max)
	}
	if l.dead == nil {
		return 0, fmt.Errorf("%w: %s is a dead-letter queue; name the queue that its messages came from", queue.ErrInvalid, name)
	}
	query := "SELECT " + messageColumns + " FROM messages WHERE fifo = 0 AND queue = ?1 AND visible <= ?2 ORDER BY n LIMIT ?3"
	if l.FIFO { // whole groups wait while one of theirs is in flight
		query = "SELECT " + messageColumns + ` FROM messages WHERE fifo = 1 AND queue = ?1
			AND grp IN (SELECT grp FROM groups WHERE queue = ?1 AND ready <= ?2) ORDER BY n LIMIT ?3`
	}
	err = q.db.Write(ctx, func(conn *sqlitefile.Conn) error {
		now := q.now().UnixMilli()
		var dead []found
		err := sqlitefile.Each(conn, query, func(row *sqlitefile.Stmt) error {
			dead = append(dead, readMessage(row))
			return nil
		}, l.dead.id, now, max)
		if err != nil {
			return err
		}
		for _, m := range dead {
			if err := l.revive(conn, m, now); err != nil {
				return err
			}
		}
		moved = len(dead)
		return nil
	})
	if err != nil {
		return 0, failure("redrive to", name, err)
	}
	if moved > 0 {
		l.rouse()
	}
	return moved, nil
}

func (l *line) revive(conn *sqlitefile.Conn, m found, now int64) error {
	err := sqlitefile.Exec(conn, `INSERT INTO messages (queue, fifo, visible, receives, sent, first, grp, dedupe, body) VALUES (?1, ?2, ?3, 0, ?4, ?4, ?5, ?6, ?7)`,
		l.id, flag(l.FIFO), now, m.sent, m.group, m.dedupe, m.body)
	if err != nil {
		return err
	}
	if err := sqlitefile.Exec(conn, "DELETE FROM messages WHERE n = ?", m.n); err != nil {
		return err
	}
	if !l.FIFO {
		return nil
	}
	if err := join(conn, l, m.group, now); err != nil {
		return err
	}
	_, err = regroup(conn, l.dead, m.group, now)
	return err
}
