package sqlite

import (
	"crypto/sha256"
	"fmt"

	"ines/shared/queue"
	"ines/shared/sqlitefile"
)

// memory finds the deduplication ids of the last five minutes. The file holds them, in
// the order of their times; here is where. So nothing here need be undone when a
// transaction comes to nothing: then what it noted is not in the file.
type memory struct {
	at    map[dedupeHash]int64 // → row
	notes []note               // in the order of their times
	sends int
}

// dedupeHash stands for a queue, a group and an id: long ones cost no more.
type dedupeHash [16]byte

type note struct {
	hash  dedupeHash
	n, at int64
}

// forgetEvery spreads the forgetting of old ids.
const forgetEvery = 64

func hashOf(l *line, m *queue.Message) dedupeHash {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d\x00%d\x00%s%s", l.id, len(m.Group), m.Group, m.Dedupe))
	return dedupeHash(sum[:16])
}

func (s *memory) load(conn *sqlitefile.Conn) error {
	*s = memory{at: map[dedupeHash]int64{}}
	return sqlitefile.Each(conn, "SELECT n, hash, at FROM seen ORDER BY n", func(row *sqlitefile.Stmt) error {
		one := note{n: row.ColumnInt64(0), at: row.ColumnInt64(2)}
		copy(one.hash[:], sqlitefile.Bytes(row, 1))
		s.keep(one)
		return nil
	})
}

func (s *memory) keep(one note) {
	s.at[one.hash] = one.n
	s.notes = append(s.notes, one)
}

// remember reports whether the message was sent before, within the window, and
// notes it if not.
func (s *memory) remember(conn *sqlitefile.Conn, l *line, m *queue.Message, now int64) (seen bool, err error) {
	hash, since := hashOf(l, m), now-queue.DedupeWindow.Milliseconds() // up to here they are forgotten
	if n, ok := s.at[hash]; ok {
		err := sqlitefile.Each(conn, "SELECT at FROM seen WHERE n = ? AND hash = ?", func(row *sqlitefile.Stmt) error {
			seen = row.ColumnInt64(0) > since
			return nil
		}, n, hash[:])
		if err != nil || seen {
			return seen, err
		}
	}
	if s.sends++; s.sends%forgetEvery == 0 {
		if err := s.forget(conn, since); err != nil {
			return false, err
		}
	}
	if err := sqlitefile.Exec(conn, "INSERT INTO seen (hash, at) VALUES (?, ?)", hash[:], now); err != nil {
		return false, err
	}
	s.keep(note{hash, conn.LastInsertRowID(), now})
	return false, nil
}

func (s *memory) forget(conn *sqlitefile.Conn, since int64) error {
	last := int64(0)
	for len(s.notes) > 0 && s.notes[0].at <= since {
		one := s.notes[0]
		if last = max(last, one.n); s.at[one.hash] == one.n {
			delete(s.at, one.hash)
		}
		s.notes = s.notes[1:]
	}
	if last == 0 {
		return nil
	}
	return sqlitefile.Exec(conn, "DELETE FROM seen WHERE n <= ? AND at <= ?", last, since)
}
