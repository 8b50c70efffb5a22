package sqlite

import (
	"cmp"
	"context"
	"fmt"
	"slices"
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
	if err := ctx.Err(); err != nil {
		return queue.Depth{}, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	d := l.depth(q.now().UnixMilli())
	if l.dead != nil {
		d.Dead = len(l.dead.letters)
	}
	return d, nil
}

// NextVisible says when Receive will next have something if nothing else
// happens: the poller's timer. The time may have passed; false: the queue is
// empty.
func (q *Queues) NextVisible(name string) (at time.Time, found bool, err error) {
	l, err := q.find(name)
	if err != nil {
		return time.Time{}, false, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if next, found := l.next(); found {
		return instant(next), true, nil
	}
	return time.Time{}, false, nil
}

// Last is the number of the newest message that is in any queue, dead letters and what
// is in flight included; false: all are empty. Numbers grow, and none comes twice.
func (q *Queues) Last(ctx context.Context) (n int64, any bool, err error) {
	err = q.db.Read(ctx, func(conn *sqlitefile.Conn) error {
		return sqlitefile.Each(conn, "SELECT n FROM messages ORDER BY n DESC LIMIT 1", func(row *sqlitefile.Stmt) error {
			n, any = row.ColumnInt64(0), true
			return nil
		})
	})
	return n, any, err
}

// Holds reports whether a message with that number or a lower one is still there.
func (q *Queues) Holds(ctx context.Context, n int64) (any bool, err error) {
	err = q.db.Read(ctx, func(conn *sqlitefile.Conn) error {
		return sqlitefile.Each(conn, "SELECT 1 FROM messages WHERE n <= ? LIMIT 1", func(*sqlitefile.Stmt) error {
			any = true
			return nil
		}, n)
	})
	return any, err
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
	now := q.now().UnixMilli()
	q.mu.Lock()
	dead := l.dead.exhume(now, max)
	q.mu.Unlock()
	back := make([]*letter, len(dead))
	err = q.db.Write(ctx, func(conn *sqlitefile.Conn) error {
		for i, m := range dead {
			err := sqlitefile.Exec(conn, `INSERT INTO messages (queue, fifo, visible, receives, sent, first, grp, dedupe, body)
				SELECT ?, fifo, ?, 0, sent, sent, grp, dedupe, body FROM messages WHERE n = ?`, l.id, now, m.n)
			if err != nil {
				return err
			}
			back[i] = &letter{n: conn.LastInsertRowID(), visible: now, sent: m.sent, first: m.sent, group: m.group}
			if err := sqlitefile.Exec(conn, "DELETE FROM messages WHERE n = ?", m.n); err != nil {
				return err
			}
		}
		return nil
	})
	to := l
	if err != nil {
		to, back = l.dead, dead
	}
	q.mu.Lock()
	for _, m := range back {
		to.add(m, now)
	}
	q.mu.Unlock()
	if err != nil {
		return 0, failure("redrive to", name, err)
	}
	if len(back) > 0 {
		l.rouse()
	}
	return len(back), nil
}

// exhume takes the oldest visible letters out, at most max. Whole groups wait while one
// of theirs is in flight.
func (l *line) exhume(now int64, max int) []*letter {
	var free []*letter
	for _, t := range l.turns {
		switch {
		case t.at > now:
		case t.group != nil:
			free = append(free, t.group.letters...)
		default:
			free = append(free, t.letter)
		}
	}
	slices.SortFunc(free, func(a, b *letter) int { return cmp.Compare(a.n, b.n) })
	free = free[:min(max, len(free))]
	for _, m := range free {
		l.drop(m)
		l.regroup(m.group, now)
	}
	return free
}
