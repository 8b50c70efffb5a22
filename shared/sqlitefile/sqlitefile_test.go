package sqlitefile

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func open(t testing.TB) *DB {
	t.Helper()
	db, err := Open(filepath.Join(t.TempDir(), "ines.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := db.Schema(t.Context(), "test", "CREATE TABLE notes (n INTEGER PRIMARY KEY, text TEXT NOT NULL)"); err != nil {
		t.Fatal(err)
	}
	return db
}

func insert(n int) func(*Conn) error {
	return func(conn *Conn) error {
		return Exec(conn, "INSERT INTO notes (n, text) VALUES (?, ?)", n, "text")
	}
}

func numbers(t testing.TB, db *DB) []int64 {
	t.Helper()
	var got []int64
	err := db.Read(context.Background(), func(conn *Conn) error {
		return Each(conn, "SELECT n FROM notes ORDER BY n", func(row *Stmt) error {
			got = append(got, row.ColumnInt64(0))
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestOpenedOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "ines.db")
	db, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Open(path)
	if !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), fmt.Sprint(os.Getpid())) {
		t.Errorf("second open: %v, want ErrInUse with the file and the process", err)
	}
	if err := db.Set(t.Context(), "greeting", "hello"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Errorf("second close: %v", err)
	}
	if err := db.Set(t.Context(), "a", "b"); !errors.Is(err, ErrClosed) {
		t.Errorf("set after close: %v", err)
	}
	if _, _, err := db.Get(t.Context(), "a"); !errors.Is(err, ErrClosed) {
		t.Errorf("get after close: %v", err)
	}
	if _, err := os.Stat(path + "-wal"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the log is still there after Close: %v", err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v (%v), want 0600", info.Mode(), err)
	}
	if db, err = Open(path); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if v, found, err := db.Get(t.Context(), "greeting"); v != "hello" || !found || err != nil {
		t.Errorf("got %q, %v, %v after reopening", v, found, err)
	}
	if _, found, err := db.Get(t.Context(), "absent"); found || err != nil {
		t.Errorf("absent note: %v, %v", found, err)
	}
}

func TestReadSeesOneState(t *testing.T) {
	db := open(t)
	count := func(conn *Conn) (n int) {
		err := Each(conn, "SELECT count(*) FROM notes", func(row *Stmt) error { n = row.ColumnInt(0); return nil })
		if err != nil {
			t.Error(err)
		}
		return n
	}
	err := db.Read(t.Context(), func(conn *Conn) error {
		before := count(conn)
		if err := db.Write(context.Background(), insert(1)); err != nil {
			return err
		}
		if after := count(conn); before != 0 || after != 0 {
			t.Errorf("%d rows, then %d, in one read", before, after)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 5 { // on every connection
		if err := db.Read(t.Context(), func(conn *Conn) error {
			if n := count(conn); n != 1 {
				t.Errorf("%d rows in the next read, want 1", n)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestReadsCannotWriteOrPanic(t *testing.T) {
	db := open(t)
	if err := db.Read(t.Context(), insert(1)); err == nil {
		t.Error("a read connection wrote")
	}
	for range 10 { // more often than there are connections
		err := db.Read(t.Context(), func(*Conn) error { panic("reading") })
		if err == nil || !strings.Contains(err.Error(), "reading") {
			t.Fatalf("got %v, want the panic as an error", err)
		}
	}
}

func TestSchemaSteps(t *testing.T) {
	db := open(t)
	first := "CREATE TABLE a (x INTEGER)"
	for range 2 {
		if err := db.Schema(t.Context(), "driver", first); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Schema(t.Context(), "driver", first, "CREATE TABLE b (x INTEGER)", "CREATE TABLE nonsense"); err == nil {
		t.Error("a broken step succeeded")
	}
	if err := db.Schema(t.Context(), "driver", first, "CREATE TABLE b (x INTEGER)"); err != nil {
		t.Errorf("all or none: %v", err)
	}
	if err := db.Schema(t.Context(), "driver", first); err == nil || !strings.Contains(err.Error(), "newer version") {
		t.Errorf("older program: %v", err)
	}
}

// TestKilled writes from a child process that is killed in the middle, and finds
// every write that the child reported.
func TestKilled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ines.db")
	child := exec.Command(os.Args[0], "-test.run=^TestChildWrites$")
	child.Env = append(os.Environ(), "INES_TEST_CHILD="+path)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var reported []int64
	for len(reported) < 200 {
		var n int64
		if _, err := fmt.Fscanf(out, "stored %d\n", &n); err != nil {
			t.Fatal(err)
		}
		reported = append(reported, n)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := child.Wait(); err == nil {
		t.Fatal("the child ended by itself")
	}
	db, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	stored := make(map[int64]bool)
	for _, n := range numbers(t, db) {
		stored[n] = true
	}
	for _, n := range reported {
		if !stored[n] {
			t.Errorf("write %d was reported and is gone", n)
		}
	}
}

// TestChildWrites is the child of TestKilled; by itself it checks that many
// writers at once all get through.
func TestChildWrites(t *testing.T) {
	path, endless := os.LookupEnv("INES_TEST_CHILD")
	if !endless {
		db := open(t)
		var all sync.WaitGroup
		for i := range 16 {
			all.Go(func() {
				for j := range 25 {
					if err := db.Write(t.Context(), insert(i*25+j)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		if got := len(numbers(t, db)); got != 400 {
			t.Errorf("%d rows, want 400", got)
		}
		return
	}
	db, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Schema(t.Context(), "test", "CREATE TABLE notes (n INTEGER PRIMARY KEY, text TEXT NOT NULL)"); err != nil {
		t.Fatal(err)
	}
	var print sync.Mutex
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := i; ; n += 8 {
				if err := db.Write(context.Background(), insert(n)); err != nil {
					panic(err)
				}
				print.Lock()
				fmt.Printf("stored %d\n", n)
				print.Unlock()
			}
		})
	}
	all.Wait()
}

func BenchmarkWrite(b *testing.B) {
	for _, writers := range []int{1, 16} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			db := open(b)
			text := strings.Repeat("x", 1300)
			jobs := make(chan struct{}, b.N)
			for range b.N {
				jobs <- struct{}{}
			}
			close(jobs)
			b.ResetTimer()
			var all sync.WaitGroup
			for range writers {
				all.Go(func() {
					for range jobs {
						err := db.Write(context.Background(), func(conn *Conn) error {
							return Exec(conn, "INSERT INTO notes (text) VALUES (?)", text)
						})
						if err != nil {
							b.Error(err)
						}
					}
				})
			}
			all.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
		})
	}
}

// TestScrub: what was deleted is in the file and its log until it is scrubbed, and not
// after.
func TestScrub(t *testing.T) {
	db := open(t)
	for i := range 200 {
		err := db.Write(t.Context(), func(conn *Conn) error {
			return Exec(conn, "INSERT INTO notes (n, text) VALUES (?, ?)", i, fmt.Sprintf("secret words %d", i))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	remains := func() (n int) {
		for _, name := range []string{db.Path(), db.Path() + "-wal"} {
			content, err := os.ReadFile(name)
			if err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			n += strings.Count(string(content), "secret words")
		}
		return n
	}
	if err := db.Write(t.Context(), func(conn *Conn) error { return Exec(conn, "DELETE FROM notes WHERE n > 0") }); err != nil {
		t.Fatal(err)
	}
	if remains() <= 1 {
		t.Fatal("deleting is enough: then scrubbing is not needed")
	}
	var reading sync.WaitGroup
	for range 3 { // others go on meanwhile
		reading.Go(func() {
			for range 20 {
				if err := db.Read(context.Background(), func(conn *Conn) error {
					return Each(conn, "SELECT count(*) FROM notes", func(*Stmt) error { return nil })
				}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	if err := db.Scrub(t.Context()); err != nil {
		t.Fatal(err)
	}
	reading.Wait()
	if n := remains(); n != 1 {
		t.Errorf("%d are still there, want the one that was kept", n)
	}
	if err := db.Write(t.Context(), insert(7)); err != nil {
		t.Errorf("writing goes on: %v", err)
	}
}
