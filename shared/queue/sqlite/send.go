package sqlite

import (
	"context"
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
		var letters []*letter
		now := int64(0)
		err := q.db.Write(ctx, func(conn *sqlitefile.Conn) error {
			now, letters = q.now().UnixMilli(), letters[:0]
			for i := range messages {
				if failed[i] != nil {
					continue
				}
				one, err := q.store(conn, l, &messages[i], now)
				if err != nil {
					return err
				}
				if one != nil {
					letters = append(letters, one)
				}
			}
			return nil
		})
		if err != nil {
			return failure("send to", name, err)
		}
		q.mu.Lock()
		for _, one := range letters {
			l.add(one, now)
		}
		q.mu.Unlock()
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

// store writes a message and gives the letter that stands for it, nil for one that was
// sent before.
func (q *Queues) store(conn *sqlitefile.Conn, l *line, m *queue.Message, now int64) (*letter, error) {
	if l.FIFO {
		if seen, err := q.seen.remember(conn, l, m, now); err != nil || seen {
			return nil, err
		}
	}
	one := &letter{visible: now + m.Delay.Milliseconds(), sent: now, first: now, group: m.Group}
	err := sqlitefile.Exec(conn, `INSERT INTO messages (queue, fifo, visible, receives, sent, first, grp, dedupe, body) VALUES (?1, ?2, ?3, 0, ?4, ?4, ?5, ?6, ?7)`,
		l.id, flag(l.FIFO), one.visible, one.sent, m.Group, m.Dedupe, m.Body)
	one.n = conn.LastInsertRowID()
	return one, err
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
