// Package sqlitefile is the one SQLite file that the embedded drivers share: the
// table, the queues and the host's few notes lie in it, so that one copy of one
// file is a backup. It owns the file alone (a second process is refused), groups
// concurrent writes into one commit, and returns from a write only when that
// commit is on disk. It imports nothing of ours; the sqlite drivers of table and
// queue and the embedded engine's host import it.
package sqlitefile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"zombiezen.com/go/sqlite"
)

// Conn and Stmt are the driver's, named here so that users import one package.
type (
	Conn = sqlite.Conn
	Stmt = sqlite.Stmt
)

// ErrClosed is returned by every call after Close.
var ErrClosed = errors.New("the database file is closed")

// ErrInUse is wrapped by Open when another process has the file.
var ErrInUse = errors.New("in use by another process")

const (
	readers     = 4               // reading connections
	maxGroup    = 256             // writes in one commit
	busyTimeout = 5 * time.Second // for a foreign reader, such as the sqlite3 shell
)

// DB is an open file. It is safe for concurrent use.
type DB struct {
	path    string
	lock    *os.File
	writer  *Conn
	writes  chan *write
	pool    chan *Conn
	opened  int           // reading connections, all in pool when idle
	closing chan struct{} // closed when Close begins
	stopped chan struct{} // closed when the writer has ended
	once    sync.Once
	err     error // of Close
}

// Open opens or creates the file (mode 0600) and its folder and takes the lock
// path+".lock". While another process, or another DB of this one, has the file
// it fails with ErrInUse, naming the file.
func Open(path string) (*DB, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	lock, err := takeLock(path)
	if err != nil {
		return nil, err
	}
	db := &DB{
		path:    path,
		lock:    lock,
		writes:  make(chan *write, 4*maxGroup),
		pool:    make(chan *Conn, readers),
		closing: make(chan struct{}),
		stopped: make(chan struct{}),
	}
	if err := db.connect(); err != nil {
		db.disconnect()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	go db.writeLoop()
	return db, nil
}

// Path is the file's.
func (db *DB) Path() string { return db.path }

// Close runs the writes that are queued, waits for the reads that are running,
// moves everything into the one file and gives up the lock.
func (db *DB) Close() error {
	db.once.Do(func() {
		close(db.closing)
		<-db.stopped
		db.err = db.disconnect()
	})
	return db.err
}

func takeLock(path string) (*os.File, error) {
	name := path + ".lock"
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		holder := make([]byte, 32)
		n, _ := io.ReadFull(f, holder)
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("open %s: %w (%s is locked by process %s); stop it or choose another folder",
				path, ErrInUse, name, strings.TrimSpace(string(holder[:n])))
		}
		return nil, fmt.Errorf("open %s: lock %s: %w", path, name, err)
	}
	// The number only helps whoever reads the error above; the lock is the flock.
	if err := f.Truncate(0); err == nil {
		_, _ = fmt.Fprintf(f, "%d\n", os.Getpid())
	}
	return f, nil
}

// The writer's settings. FULL makes SQLite sync the log on every commit. The log
// is folded back after 4,000 pages (16 MB): rarer stalls, and pages that change
// often are written back once. The cache is not larger because a commit that has
// rearranged a tree walks over all of its slots: with 64 MB that cost more than
// anything else in a small commit. FAST overwrites deleted text where the page is
// written anyway, because erased customers must not linger in it.
var writerPragmas = []string{
	"PRAGMA synchronous=FULL",
	"PRAGMA wal_autocheckpoint=4000",
	"PRAGMA journal_size_limit=67108864",
	"PRAGMA cache_size=-16384",
	"PRAGMA mmap_size=268435456",
	"PRAGMA temp_store=MEMORY",
	"PRAGMA secure_delete=FAST",
}

var readerPragmas = []string{
	"PRAGMA query_only=1",
	"PRAGMA cache_size=-8192",
	"PRAGMA mmap_size=268435456",
	"PRAGMA temp_store=MEMORY",
}

func (db *DB) connect() error {
	// SQLite would create the file readable by everyone; its companions take
	// over the mode.
	f, err := os.OpenFile(db.path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if db.writer, err = dial(db.path, sqlite.OpenWAL, writerPragmas); err != nil {
		return err
	}
	if err := Exec(db.writer, "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID"); err != nil {
		return err
	}
	for range readers {
		conn, err := dial(db.path, 0, readerPragmas)
		if err != nil {
			return err
		}
		db.pool <- conn
		db.opened++
	}
	return nil
}

func dial(path string, flags sqlite.OpenFlags, pragmas []string) (*Conn, error) {
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite|flags)
	if err != nil {
		return nil, err
	}
	conn.SetBusyTimeout(busyTimeout)
	for _, pragma := range pragmas {
		if err := Exec(conn, pragma); err != nil {
			conn.Close()
			return nil, fmt.Errorf("%s: %w", pragma, err)
		}
	}
	return conn, nil
}

func (db *DB) disconnect() error {
	var errs []error
	for range db.opened {
		errs = append(errs, (<-db.pool).Close()) // waits for a running read
	}
	if db.writer != nil {
		// The last connection to close folds the log back and removes it.
		errs = append(errs, db.writer.Close())
	}
	errs = append(errs, db.lock.Close())
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close %s: %w", db.path, err)
	}
	return nil
}
