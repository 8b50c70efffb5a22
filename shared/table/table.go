// Package table is the port to the one table that holds all state. Drivers are
// in the folders below (sqlite for one machine, dynamo for AWS) and must pass
// tabletest. It imports nothing of ours; functions and docket import it.
package table

import (
	"context"
	"errors"
	"hash/fnv"
	"io"
	"strings"
	"time"
)

// Key addresses one item: all items of a partition lie together, ordered by Sort
// (byte order).
type Key struct {
	Partition string `json:"pk"`
	Sort      string `json:"sk"`
}

func (k Key) String() string { return k.Partition + "/" + k.Sort }

// IndexKey places an item in a secondary index, ordered by Sort within Partition.
type IndexKey struct {
	Partition string `json:"pk"`
	Sort      string `json:"sk"`
}

// Item is what the table stores. Value is opaque to the drivers (JSON by
// convention, at most 380 KB together with the rest).
type Item struct {
	Key   Key
	Value []byte
	// Seq is a version that conditions compare; what it counts is the
	// writer's affair (a view's is the sequence of the last commit it shows).
	Seq int64
	// Indexes places the item in secondary indexes by name; absent names
	// keep it out of them (sparse).
	Indexes map[string]IndexKey
	// Expires lets the driver delete the item some time after; zero keeps it.
	// Readers filter on it themselves: deletion may be days late.
	Expires time.Time
}

// Expired reports whether the item should be treated as gone.
func (i Item) Expired(now time.Time) bool { return !i.Expires.IsZero() && !i.Expires.After(now) }

// Op is what one Write does.
type Op uint8

const (
	OpPut    Op = iota // store Item, replacing what is there
	OpDelete           // remove Item.Key
	OpCheck            // change nothing, only test the condition
	OpAdd              // add Fields to the counters of the item at Item.Key, creating it
)

// When is the condition under which a Write happens.
type When uint8

const (
	Always When = iota
	Absent      // no item has this key
	Exists      // an item has this key
	Newer       // no item has this key, or its Seq is lower than Item.Seq
	SeqIs       // an item has this key and its Seq equals Write.Seq
)

// Write is one operation of a transaction. OpAdd takes Always only.
type Write struct {
	Op     Op
	Item   Item // OpDelete, OpCheck and OpAdd use only Key (and Expires for OpAdd)
	When   When
	Seq    int64            // for SeqIs
	Fields map[string]int64 // for OpAdd; names are free text without NUL
}

// Query reads one partition of the table (Index == "") or of an index in order
// of the sort key.
type Query struct {
	Index     string
	Partition string
	// From and To bound the sort key, both inclusive; "" leaves that end
	// open. Prefix, when set, replaces both.
	From, To, Prefix string
	Descending       bool
	Limit            int // at most this many items in a page; 0 = the driver's page size (1,000)
	// Cursor continues an earlier page of the same query; opaque.
	Cursor string
}

// Fingerprint names what a cursor of the query belongs to: cursors of another
// index, partition, prefix or direction are refused.
func (q Query) Fingerprint() uint32 {
	h := fnv.New32a()
	for _, part := range []string{q.Index, q.Partition, q.Prefix} {
		_, _ = io.WriteString(h, part+"\x00") // a hash takes everything
	}
	if q.Descending {
		_, _ = h.Write([]byte{1})
	}
	return h.Sum32()
}

// Page is one page of a query's answer. Cursor is "" on the last page.
type Page struct {
	Items  []Item
	Cursor string
}

// Change is one entry of the change stream: the item after the write (Deleted:
// only its key). Changes of one partition arrive in the order of the writes;
// each arrives at least once.
type Change struct {
	ID      string // unique, the same on re-delivery
	Item    Item
	Deleted bool
	// Replaced: the key existed before (DynamoDB's MODIFY; else INSERT).
	Replaced bool
	At       time.Time
}

type staleKey struct{}

// Stale gives a context under which Get and Query may answer as things were a moment
// ago, at half the price on DynamoDB. It is for those who write afterwards under a
// condition that fails if they were told too little, and then look again without it.
func Stale(ctx context.Context) context.Context { return context.WithValue(ctx, staleKey{}, true) }

// MayBeStale reports whether Stale gave the context. For drivers.
func MayBeStale(ctx context.Context) bool { return ctx.Value(staleKey{}) != nil }

// Table is the port. Implementations are safe for concurrent use. Reads by Get
// and by Query on the table itself see every write that returned before, unless the
// context is from Stale; an index may lag on AWS.
//
// Errors: *ConflictError when a condition failed (nothing was written);
// ErrUnavailable (wrapped) when the engine throttled or failed and the same call
// may work later; ErrInvalid (wrapped) for a request that can never work.
// A canceled context returns its error, and the write may have happened.
type Table interface {
	// Get returns the items that exist, in the order of the keys, at most 100
	// keys a call. Missing keys are left out.
	Get(ctx context.Context, keys ...Key) (map[Key]Item, error)
	Query(ctx context.Context, q Query) (Page, error)
	// Write does all of the operations or none. No two may name one key.
	Write(ctx context.Context, writes ...Write) error
	// Steps does the operations one after the other and stops at the first whose
	// condition fails, which the *ConflictError names: those before it stay done.
	// At any other error the first of them may be done, and the others are not. It is
	// for writers who are right between any two steps, too: on DynamoDB each costs
	// half of what it costs in Write. No two may name one key.
	Steps(ctx context.Context, writes ...Write) error
	// Counters returns an item's counters as OpAdd left them; a missing item
	// has none.
	Counters(ctx context.Context, keys ...Key) (map[Key]map[string]int64, error)
}

var (
	ErrUnavailable = errors.New("table unavailable")
	ErrInvalid     = errors.New("invalid table request")
)

// ConflictError says which writes' conditions failed.
type ConflictError struct {
	Keys []Key // of the writes whose conditions failed, in the order given
}

func (e *ConflictError) Error() string {
	names := make([]string, len(e.Keys))
	for i, k := range e.Keys {
		names[i] = k.String()
	}
	return "condition failed on " + strings.Join(names, ", ")
}

// Conflicted reports whether err is a conflict and, when keys are given, whether
// it is about one of them.
func Conflicted(err error, keys ...Key) bool {
	var c *ConflictError
	if !errors.As(err, &c) {
		return false
	}
	if len(keys) == 0 {
		return true
	}
	for _, want := range keys {
		for _, k := range c.Keys {
			if k == want {
				return true
			}
		}
	}
	return false
}
