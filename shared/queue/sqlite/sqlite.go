// Package sqlite keeps the queues in the embedded engine's SQLite file, with
// Amazon SQS's semantics of groups, deduplication, visibility and dead letters.
// The local host opens it; functions see queue.Sender. It imports queue and
// sqlitefile.
//
// The file holds what must not get lost: the messages, which queue each is in, and
// how often its delivery has failed. Who is in flight, and whose turn it is, is known
// in memory alone: the file belongs to one process, and what that had in hand when it
// ended is there again for the next.
package sqlite

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"ines/shared/queue"
	"ines/shared/sqlitefile"
)

// Queue describes one queue. Its dead-letter queue is made with it.
type Queue struct {
	Name string // FIFO queues end in ".fifo", as on SQS
	FIFO bool
	// Visibility is how long a received message stays hidden; 0 means 30 s.
	Visibility time.Duration
	// MaxReceives is how often a message is delivered before it goes to the
	// dead-letter queue; 0 means without end.
	MaxReceives int
}

// Options say which queues there are.
type Options struct {
	Now    func() time.Time // required; everything the queues do with time follows it
	Queues []Queue
}

const visibility = 30 * time.Second

// Queues implements queue.Sender, queue.Receiver and queue.Postponer over all of
// its queues. Dead-letter queues can be received from by their names. No two may have
// the same queue of the same file.
type Queues struct {
	db    *sqlitefile.DB
	now   func() time.Time
	named map[string]*line
	mu    sync.Mutex // what is in the lines; never held while the file is asked
	seen  memory     // on the writer's goroutine only
}

var (
	_ queue.Sender    = (*Queues)(nil)
	_ queue.Receiver  = (*Queues)(nil)
	_ queue.Postponer = (*Queues)(nil)
)

// Times are epoch milliseconds. visible is when a message may be delivered first,
// receives how many deliveries of it have failed, first when the first was, or when it
// was sent. The last steps drop what is known in memory since.
var schema = []string{
	`CREATE TABLE queues (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)`,
	`CREATE TABLE messages (
		n INTEGER PRIMARY KEY AUTOINCREMENT, queue INTEGER NOT NULL, fifo INTEGER NOT NULL,
		visible INTEGER NOT NULL, receives INTEGER NOT NULL, sent INTEGER NOT NULL, first INTEGER NOT NULL,
		grp TEXT NOT NULL, dedupe TEXT NOT NULL, body TEXT NOT NULL)`,
	`CREATE INDEX messages_visible ON messages (queue, visible, receives) WHERE fifo = 0`,
	`CREATE INDEX messages_group ON messages (queue, grp) WHERE fifo = 1`,
	`CREATE TABLE groups (queue INTEGER, grp TEXT, ready INTEGER NOT NULL, taken INTEGER NOT NULL,
		PRIMARY KEY (queue, grp)) WITHOUT ROWID`,
	`CREATE INDEX groups_ready ON groups (queue, ready)`,
	`CREATE TABLE dedupes (n INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, at INTEGER NOT NULL)`,
	`DROP INDEX messages_visible`,
	`DROP INDEX messages_group`,
	`DROP TABLE groups`,
	`CREATE TABLE seen (n INTEGER PRIMARY KEY, hash BLOB NOT NULL, at INTEGER NOT NULL)`,
	`INSERT INTO seen (n, hash, at) SELECT n, hash, at FROM dedupes`,
	`DROP TABLE dedupes`,
}

// New prepares the queues in db. What was in flight when the file was closed, or its
// process went down, is visible, and those deliveries do not count: that the machine
// went down is no failure of the message, and many restarts must not bury it. A queue
// that is no longer named keeps its messages.
func New(db *sqlitefile.DB, o Options) (*Queues, error) {
	if o.Now == nil {
		return nil, errors.New("queue/sqlite: Options.Now is missing")
	}
	ctx := context.Background()
	if err := db.Schema(ctx, "queue", schema...); err != nil {
		return nil, err
	}
	q := &Queues{db: db, now: o.Now, named: make(map[string]*line, 2*len(o.Queues))}
	for _, spec := range o.Queues {
		if spec.Visibility == 0 {
			spec.Visibility = visibility
		}
		if err := q.declare(spec); err != nil {
			return nil, err
		}
	}
	err := db.Write(ctx, func(conn *sqlitefile.Conn) error {
		for name, l := range q.named {
			if err := sqlitefile.Exec(conn, "INSERT INTO queues (name) VALUES (?) ON CONFLICT DO NOTHING", name); err != nil {
				return err
			}
			err := sqlitefile.Each(conn, "SELECT id FROM queues WHERE name = ?", func(row *sqlitefile.Stmt) error {
				l.id = row.ColumnInt64(0)
				return nil
			}, name)
			if err != nil {
				return err
			}
		}
		return q.seen.load(conn)
	})
	if err == nil {
		err = db.Read(ctx, q.load)
	}
	if err != nil {
		return nil, fmt.Errorf("queue/sqlite: %w", err)
	}
	return q, nil
}

func (q *Queues) declare(spec Queue) error {
	switch {
	case spec.Name == "" || spec.Visibility < time.Millisecond || spec.MaxReceives < 0:
		return fmt.Errorf("%w: %+v", queue.ErrInvalid, spec)
	case spec.FIFO != strings.HasSuffix(spec.Name, ".fifo"):
		return fmt.Errorf("%w: %s: names of FIFO queues, and only those, end in .fifo", queue.ErrInvalid, spec.Name)
	}
	behind := spec
	behind.Name, behind.MaxReceives = queue.Dead(spec.Name), 0
	dead := newLine(behind, nil)
	for _, l := range []*line{dead, newLine(spec, dead)} {
		if _, twice := q.named[l.Name]; twice {
			return fmt.Errorf("%w: two queues are named %s", queue.ErrInvalid, l.Name)
		}
		q.named[l.Name] = l
	}
	return nil
}

// load finds the messages that are in the file.
func (q *Queues) load(conn *sqlitefile.Conn) error {
	lines := make(map[int64]*line, len(q.named))
	for _, l := range q.named {
		lines[l.id] = l
	}
	now := q.now().UnixMilli()
	return sqlitefile.Each(conn, "SELECT n, queue, visible, receives, sent, first, grp FROM messages ORDER BY n", func(row *sqlitefile.Stmt) error {
		l, ok := lines[row.ColumnInt64(1)]
		if !ok {
			return nil
		}
		m := &letter{n: row.ColumnInt64(0), visible: row.ColumnInt64(2), receives: row.ColumnInt64(3), sent: row.ColumnInt64(4), first: row.ColumnInt64(5), group: row.ColumnText(6)}
		if m.receives > 0 {
			m.visible = min(m.visible, now) // it waited to be tried again
		}
		l.add(m, now)
		l.rouse()
		return nil
	})
}

func (q *Queues) find(name string) (*line, error) {
	if l, ok := q.named[name]; ok {
		return l, nil
	}
	return nil, fmt.Errorf("%w: there is no queue %q", queue.ErrInvalid, name)
}

// Wake is signalled when a Receive on the queue may give something that it did
// not give before, other than by the passing of time (see NextVisible). Several
// causes may share one signal; it has one reader, the queue's poller. It is nil
// for an unknown queue.
func (q *Queues) Wake(name string) <-chan struct{} {
	if l, ok := q.named[name]; ok {
		return l.wake
	}
	return nil
}

// failure gives an engine's error the port's kind.
func failure(doing, name string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, queue.ErrInvalid), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	return fmt.Errorf("%w: %s %s: %w", queue.ErrUnavailable, doing, name, err)
}

func flag(fifo bool) int {
	if fifo {
		return 1
	}
	return 0
}
