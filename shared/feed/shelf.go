package feed

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"ines/shared/message"
	"ines/shared/table"
)

// Shelf keeps each department's feed on the table, for a month. Where an entry is
// published twice it stands there once.
type Shelf struct {
	table table.Table
	now   func() time.Time

	mu   sync.Mutex
	last time.Time
}

// NewShelf makes a shelf. One process publishes on a table's shelves: places are
// given out by its clock.
func NewShelf(t table.Table, now func() time.Time) *Shelf { return &Shelf{table: t, now: now} }

// place is a time that no entry has yet, later than all that have been given out.
func (s *Shelf) place() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now().UTC()
	if !now.After(s.last) {
		now = s.last.Add(1)
	}
	s.last = now
	return now
}

// Life is how long an entry stays on the shelf, as long as on the bus's archive.
const Life = 30 * 24 * time.Hour

// MaxPage is the largest page of a feed, in entries.
const MaxPage = 200

// ErrCursor is what Read wraps for a cursor that it never gave.
var ErrCursor = errors.New("not a cursor of a feed")

func shelfPartition(department string) string { return "feed#" + department }

// Publish implements Publisher. Entries stand in the order in which they were
// published, whatever the cases' clocks say: who has read up to one misses none.
func (s *Shelf) Publish(ctx context.Context, entries ...Entry) error {
	for _, e := range entries {
		value, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("feed entry %s: %w", e.ID, err)
		}
		now := s.place()
		var writes []table.Write
		for _, id := range e.Departments {
			put := func(sort string, v []byte) {
				writes = append(writes, table.Write{When: table.Absent, Item: table.Item{
					Key: table.Key{Partition: shelfPartition(id), Sort: sort}, Value: v, Seq: 1, Expires: now.Add(Life)}})
			}
			put("entry#"+now.Format(entryTime)+"#"+e.ID, value)
			put("told#"+e.ID, []byte(`{}`))
		}
		if err := s.table.Write(ctx, writes...); err != nil && !table.Conflicted(err) {
			return fmt.Errorf("feed entry %s: %w", e.ID, err)
		}
	}
	return nil
}

// entryTime is when an entry was told, as its place begins with.
const entryTime = "2006-01-02T15:04:05.000000000Z"

// isEntry reports whether a cursor says what it could have been given for.
func isEntry(place string) bool {
	at, id, ok := strings.Cut(place, "#")
	_, err := time.Parse(entryTime, at)
	return ok && err == nil && message.Keyable(id)
}

// Read gives a page of a department's feed, oldest first, after a cursor ("" is the
// beginning), and the cursor to go on from: it is good for ever, also when there is
// nothing more yet.
func (s *Shelf) Read(ctx context.Context, department, cursor string, limit int) (entries []Entry, next string, err error) {
	after, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || cursor != "" && !isEntry(string(after)) {
		return nil, "", fmt.Errorf("%w: %q", ErrCursor, cursor)
	}
	q := table.Query{Partition: shelfPartition(department), From: "entry#" + string(after), To: "entry#~", Limit: min(max(limit, 1), MaxPage) + 1}
	page, err := s.table.Query(ctx, q)
	if err != nil {
		return nil, "", fmt.Errorf("feed of %s: %w", department, err)
	}
	next = cursor
	for _, item := range page.Items {
		at := item.Key.Sort[len("entry#"):]
		if at == string(after) || item.Expired(s.now()) || len(entries) == min(max(limit, 1), MaxPage) {
			continue
		}
		var e Entry
		if err := json.Unmarshal(item.Value, &e); err != nil {
			return nil, "", fmt.Errorf("feed entry %s: %w", item.Key, err)
		}
		entries, next = append(entries, e), base64.RawURLEncoding.EncodeToString([]byte(at))
	}
	return entries, next, nil
}

// Rewrite changes the entries of a department's feed on a table that change says it
// has changed: what was erased has to go from there, too.
func Rewrite(ctx context.Context, t table.Table, department string, change func(*Entry) (changed bool, err error)) error {
	q := table.Query{Partition: shelfPartition(department), Prefix: "entry#"}
	for {
		page, err := t.Query(ctx, q)
		if err != nil {
			return fmt.Errorf("feed of %s: %w", department, err)
		}
		for _, item := range page.Items {
			var e Entry
			if err := json.Unmarshal(item.Value, &e); err != nil {
				return fmt.Errorf("feed entry %s: %w", item.Key, err)
			}
			changed, err := change(&e)
			if err != nil {
				return fmt.Errorf("feed entry %s: %w", item.Key, err)
			}
			if !changed {
				continue
			}
			if item.Value, err = json.Marshal(e); err != nil {
				return fmt.Errorf("feed entry %s: %w", item.Key, err)
			}
			err = t.Write(ctx, table.Write{Item: item, When: table.Exists})
			if err != nil && !table.Conflicted(err) { // it has expired meanwhile
				return fmt.Errorf("feed entry %s: %w", item.Key, err)
			}
		}
		if page.Cursor == "" {
			return nil
		}
		q.Cursor = page.Cursor
	}
}
