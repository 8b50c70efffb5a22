// Package archive is the port to the verbatim store of what platforms sent:
// gzipped NDJSON, one object a batch. Drivers are in the folders below (dir for
// one machine, s3 for AWS) and must pass archivetest.
package archive

import (
	"context"
	"errors"
	"iter"
	"time"
)

// Record is one line of an object.
type Record struct {
	ID   string    // unique; the envelope's
	At   time.Time // when it arrived; decides the object's place
	Data []byte    // JSON without line feeds
}

// Archive is the port. Implementations are safe for concurrent use.
type Archive interface {
	// Append stores the records as one object, durably, and returns its key.
	// The same records in the same order give the same key, so that a retry
	// replaces instead of doubling. Keys are year/month/day/hour/…
	Append(ctx context.Context, records ...Record) (key string, err error)
	// Put stores one body under a key derived from its content (large webhook
	// bodies, attachments) and returns the key.
	Put(ctx context.Context, body []byte) (key string, err error)
	// Get returns what Put stored. ErrNotFound if there is no such key.
	Get(ctx context.Context, key string) ([]byte, error)
	// Read yields the records with from <= At < to in the order of their
	// objects. It goes on to the next object after an error.
	Read(ctx context.Context, from, to time.Time) iter.Seq2[Record, error]
	// Find returns the record with this id and at <= At < at + 1 ms: what Read would
	// find, without reading all that came in the same hour. ErrNotFound if there is
	// none; what is damaged on the way is an error only then.
	Find(ctx context.Context, id string, at time.Time) (Record, error)
	// Delete removes what Put stored. A key that is not there is no error: it may
	// be called again.
	Delete(ctx context.Context, key string) error
	// Drop removes the records with from <= At < to that are picked, and returns
	// how many it removed. The others stay as they are, in an object that is stored
	// before the old one goes: after a crash in between they are there twice, until
	// Drop is called again. It goes on to the next object after an error, and
	// returns all of them. An object that is being appended meanwhile may be
	// missed.
	Drop(ctx context.Context, from, to time.Time, picked func(Record) bool) (dropped int, err error)
}

var (
	ErrNotFound    = errors.New("not in the archive")
	ErrUnavailable = errors.New("archive unavailable")
)
