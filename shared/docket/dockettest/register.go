// Package dockettest gives tests a register of cases over a real SQLite file, the
// messages that fill it, a stand-in for the relay function, and table and queue
// that fail as they are told. It is for tests only: the tests of docket and of the
// functions import it, nothing that is deployed does. It imports docket, the
// channel registry and the embedded engine's table and queues.
package dockettest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ines/shared/casework"
	"ines/shared/channel/registry"
	"ines/shared/docket"
	"ines/shared/policy"
	"ines/shared/policy/policyfile"
	queues "ines/shared/queue/sqlite"
	"ines/shared/sqlitefile"
	"ines/shared/table"
	tables "ines/shared/table/sqlite"
)

// Desk is the policy of a small desk: Northline answers in English on X and by
// mail, with one department and two colleagues.
const Desk = `
brands: [{id: northline, sign: "^{first_name}"}]
communities: [{id: northline-en, brand: northline, languages: [en]}]
inboxes:
  - {id: northline-x, channel: x, account: "100", community: northline-en}
  - {id: northline-mail, channel: email, provider: postmark, account: help@northline.example, community: northline-en}
departments: [{id: care, default: true}]
colleagues: [{id: ines, name: Ines Silva}, {id: tom, name: Tom Reed, roles: [lead]}]
`

// LinkKey is the key that a register here checks link tokens with.
const LinkKey = "a key for tests"

// Morning is when the clock of a register starts.
var Morning = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

// Policy reads a desk policy, and ends the test if there is anything wrong with it.
func Policy(t testing.TB, text string) *policy.Desk {
	t.Helper()
	desk, err := policyfile.Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return desk
}

// Setup says what a register is made of. The zero Setup is Desk with the real
// channels, the default sizes and no queues.
type Setup struct {
	Policy   *policy.Desk
	Channels casework.Channels
	Settings docket.Settings
	Queues   []queues.Queue
}

// Register is a register over a file of its own. What may end the test (the Must
// methods, CatchUp and so on) has to be called from the test's goroutine; the rest
// is safe for concurrent use as docket is.
type Register struct {
	*docket.Docket                // over Store: what the test does and sees itself
	Faulty         *docket.Docket // over Table: what the code under test is given
	Store          *tables.Table
	Table          *Table         // Store, failing as it is told
	Queues         *queues.Queues // nil without Setup.Queues
	Queue          *Queue         // Queues, failing as they are told
	Policy         *policy.Desk

	t    testing.TB
	file string
	db   *sqlitefile.DB
	now  atomic.Int64
	seen int64 // the change up to which the test has read
	n    int   // deliveries so far
}

// Open makes an empty register, whose file goes when the test ends.
func Open(t testing.TB, s Setup) *Register {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ines.db")
	db, err := sqlitefile.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	r := &Register{file: file, t: t, db: db, Policy: s.Policy}
	r.SetNow(Morning)
	if r.Store, err = tables.New(db, tables.Options{Now: r.Now, Indexes: docket.Indexes, Streamed: docket.Streamed}); err != nil {
		t.Fatal(err)
	}
	r.Table = &Table{Table: r.Store}
	if len(s.Queues) > 0 {
		if r.Queues, err = queues.New(db, queues.Options{Now: r.Now, Queues: s.Queues}); err != nil {
			t.Fatal(err)
		}
		r.Queue = &Queue{Sender: r.Queues}
	}
	if r.Policy == nil {
		r.Policy = Policy(t, Desk)
	}
	if s.Channels == nil {
		s.Channels = docket.NewChannels(r.Policy, registry.Find)
	}
	if s.Settings == (docket.Settings{}) {
		s.Settings = docket.DefaultSettings
	}
	keys := func(context.Context) ([]string, error) { return []string{LinkKey}, nil }
	over := func(t table.Table) *docket.Docket { return docket.New(t, r.Policy, s.Channels, keys, s.Settings) }
	r.Docket, r.Faulty = over(r.Store), over(r.Table)
	return r
}

// Close gives the file back before the test ends, for a test that needs one after
// another: open files are few on some machines.
func (r *Register) Close() {
	r.t.Helper()
	if err := r.db.Close(); err != nil {
		r.t.Fatal(err)
	}
}

// Bytes is everything that was ever written: the table's file with its journal. What
// only reads leaves it as it was.
func (r *Register) Bytes() []byte {
	r.t.Helper()
	var all []byte
	for _, name := range []string{r.file, r.file + "-wal"} {
		b, err := os.ReadFile(name)
		if err != nil && !os.IsNotExist(err) {
			r.t.Fatal(err)
		}
		all = append(all, b...)
	}
	return all
}

// Now is the time on the clock of table and queues.
func (r *Register) Now() time.Time { return time.Unix(0, r.now.Load()).UTC() }

// SetNow sets that clock.
func (r *Register) SetNow(now time.Time) { r.now.Store(now.UnixNano()) }

// Advance moves that clock on.
func (r *Register) Advance(d time.Duration) { r.now.Add(int64(d)) }

// MustFile files an item.
func (r *Register) MustFile(in docket.Incoming) {
	r.t.Helper()
	if err := r.File(r.t.Context(), in); err != nil {
		r.t.Fatal(err)
	}
}

// MustDo has a colleague ("": the desk itself) give a case a command.
func (r *Register) MustDo(id, by string, cmd casework.Command, now time.Time) (*casework.Case, []casework.Event) {
	r.t.Helper()
	c, events, err := r.Do(r.t.Context(), docket.Order{Case: id, By: by, Command: cmd, Now: now, Cause: casework.Cause{Kind: "command"}})
	if err != nil {
		r.t.Fatal(err)
	}
	return c, events
}

// MustLoad loads a case.
func (r *Register) MustLoad(id string) *casework.Case {
	r.t.Helper()
	c, err := r.Load(r.t.Context(), id)
	if err != nil {
		r.t.Fatal(err)
	}
	return c
}

// Balance returns the outcomes so far. They have to sum up to the items that were
// read.
func (r *Register) Balance() map[string]int64 {
	r.t.Helper()
	items, outcomes, err := r.Outcomes(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	var sum int64
	for _, n := range outcomes {
		sum += n
	}
	if sum != items {
		r.t.Fatalf("%d items were read and the outcomes %v sum up to %d", items, outcomes, sum)
	}
	return outcomes
}

// Dump is every item of the table, key, places and value, one a line.
func (r *Register) Dump() string {
	r.t.Helper()
	var b strings.Builder
	err := r.db.Read(r.t.Context(), func(conn *sqlitefile.Conn) error {
		return sqlitefile.Each(conn, "SELECT pk, sk, coalesce(places, ''), value FROM items ORDER BY pk, sk", func(row *sqlitefile.Stmt) error {
			for i := range 4 {
				b.WriteString(row.ColumnText(i) + "\t")
			}
			b.WriteString("\n")
			return nil
		})
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return b.String()
}
