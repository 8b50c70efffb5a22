package sqlite

import (
	"context"
	"fmt"
	"time"

	"ines/shared/queue"
	"ines/shared/sqlitefile"
)

// Receive implements queue.Receiver.
func (q *Queues) Receive(ctx context.Context, name string, max int) ([]queue.Received, error) {
	l, err := q.find(name)
	if err != nil {
		return nil, err
	}
	if max < 1 {
		return nil, fmt.Errorf("%w: receive at most %d messages", queue.ErrInvalid, max)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	t := take{line: l, now: q.now().UnixMilli(), max: max}
	q.mu.Lock()
	t.choose()
	q.mu.Unlock()
	received, err := q.hand(ctx, &t)
	q.mu.Lock()
	defer q.mu.Unlock()
	if err != nil {
		t.undo()
		return nil, failure("receive from", name, err)
	}
	t.end()
	return received, nil
}

// take is one Receive.
type take struct {
	line   *line
	now    int64
	max    int
	taken  []delivery
	gone   []*letter // what is not in the file any more
	buried []*letter
}

// delivery is a letter as it was handed out.
type delivery struct {
	letter  *letter
	receipt receipt
	first   int64
}

func (t *take) hidden() int64 { return t.now + t.line.Visibility.Milliseconds() }

// choose takes what is next: letters that have been visible for longest, or from the
// groups that have been ready for longest, as much of each as fits. A group that was
// served becomes ready again when the last of it is deleted, behind those that waited,
// so groups take turns.
func (t *take) choose() {
	l := t.line
	for len(t.taken) < t.max && len(l.turns) > 0 && l.turns[0].at <= t.now {
		next := l.turns[0]
		if next.group != nil {
			t.group(next.group)
		} else if t.deliver(next.letter) {
			l.wait(next.letter)
		}
	}
}

// group takes the head of a group, which has nothing in flight.
func (t *take) group(g *group) {
	before := len(t.taken)
	for i := 0; i < len(g.letters) && len(t.taken) < t.max; {
		if t.deliver(g.letters[i]) {
			i++
		}
	}
	if g.taken = len(t.taken) - before; g.taken > 0 {
		t.line.ready(g, t.hidden())
	} else {
		t.line.regroup(g.name, t.now) // all of it was buried
	}
}

// deliver hands a letter out, or takes it away to be buried when it was handed out too
// often.
func (t *take) deliver(m *letter) bool {
	if t.line.exhausted(m) {
		t.line.drop(m)
		t.buried = append(t.buried, m)
		return false
	}
	m.visible = t.hidden()
	if m.receives++; m.receives == 1 {
		m.first = t.now // until then it holds the time of sending
	}
	t.taken = append(t.taken, delivery{m, m.receipt(), m.first})
	return true
}

// hand notes in the file which deliveries have failed, moves the dead to their queue,
// where they keep their numbers and with them their places, and reads the texts.
func (q *Queues) hand(ctx context.Context, t *take) (received []queue.Received, err error) {
	if len(t.buried) > 0 || len(t.again()) > 0 {
		err := q.db.Write(ctx, func(conn *sqlitefile.Conn) error {
			for _, d := range t.again() {
				if err := sqlitefile.Exec(conn, "UPDATE messages SET receives = ?, first = ? WHERE n = ?", d.receipt.receives-1, d.first, d.receipt.n); err != nil {
					return err
				}
			}
			for _, m := range t.buried {
				if err := sqlitefile.Exec(conn, "UPDATE messages SET queue = ?, visible = ?, receives = 0 WHERE n = ?", t.line.dead.id, t.now, m.n); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if len(t.taken) == 0 {
		return nil, nil
	}
	err = q.db.Read(ctx, func(conn *sqlitefile.Conn) error {
		for _, d := range t.taken {
			there := false
			err := sqlitefile.Each(conn, "SELECT dedupe, body FROM messages WHERE n = ?", func(row *sqlitefile.Stmt) error {
				there = true
				received = append(received, d.received(t.line.FIFO, row.ColumnText(0), row.ColumnText(1)))
				return nil
			}, d.receipt.n)
			if err != nil {
				return err
			}
			if !there {
				t.gone = append(t.gone, d.letter)
			}
		}
		return nil
	})
	return received, err
}

// again are the deliveries that are not the first: those before have failed.
func (t *take) again() (all []delivery) {
	for _, d := range t.taken {
		if d.receipt.receives > 1 {
			all = append(all, d)
		}
	}
	return all
}

func (d delivery) received(fifo bool, dedupe, body string) queue.Received {
	r := queue.Received{
		ID:      messageID(d.receipt.n),
		Receipt: d.receipt.String(),
		Body:    body,
		Group:   d.letter.group,
		Count:   int(d.receipt.receives),
		SentAt:  instant(d.letter.sent),
		FirstAt: instant(d.first),
	}
	if fifo {
		r.Dedupe, r.Sequence = dedupe, fmt.Sprintf("%020d", d.receipt.n)
	}
	return r
}

// end buries the dead, who start without receives: no receipt of the old queue fits,
// because receipts hold for one queue.
func (t *take) end() {
	for _, m := range t.gone { // deleted too late, when it was visible again
		if t.line.letters[m.n] == m {
			t.line.drop(m)
			t.line.regroup(m.group, t.now)
		}
	}
	for _, m := range t.buried {
		m.visible, m.receives = t.now, 0
		t.line.dead.add(m, t.now)
		t.line.dead.rouse()
	}
}

// undo makes as if nothing had been taken.
func (t *take) undo() {
	l := t.line
	for _, m := range t.buried {
		l.add(m, t.now)
	}
	for _, d := range t.taken {
		if m := d.letter; l.letters[m.n] == m && m.receipt() == d.receipt {
			m.receives, m.visible = m.receives-1, t.now
			if l.FIFO {
				l.regroup(m.group, t.now)
			} else {
				l.wait(m)
			}
		}
	}
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
	if err := ctx.Err(); err != nil {
		return err
	}
	var held []*letter
	q.mu.Lock()
	for _, r := range parsed {
		if m := l.held(r, q.now().UnixMilli()); m != nil {
			held = append(held, m)
		}
	}
	q.mu.Unlock()
	if len(held) == 0 {
		return nil
	}
	err = q.db.Write(ctx, func(conn *sqlitefile.Conn) error {
		for _, m := range held {
			if err := sqlitefile.Exec(conn, "DELETE FROM messages WHERE n = ?", m.n); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return failure("delete from", name, err)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	now, groups := q.now().UnixMilli(), map[string]bool{}
	for _, m := range held {
		if l.letters[m.n] == m {
			l.drop(m)
			groups[m.group] = true
		}
	}
	for name := range groups {
		if l.FIFO && l.regroup(name, now) {
			l.rouse()
		}
	}
	return nil
}

// MaxPostpone is the longest Postpone, as on SQS.
const MaxPostpone = 12 * time.Hour

// Postpone implements queue.Postponer. What is not a receipt at all is
// ErrInvalid. A restart ends the waiting.
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
	if err := ctx.Err(); err != nil {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.now().UnixMilli()
	if m := l.held(r, now); m != nil {
		m.visible = now + d.Milliseconds()
		if l.FIFO {
			l.regroup(m.group, now)
		} else {
			l.wait(m)
		}
	}
	l.rouse() // at the least, the poller's timer must be set anew
	return nil
}
