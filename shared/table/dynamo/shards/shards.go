// Package shards follows a table's DynamoDB stream and hands over what Lambda's
// event source mapping would: batches of records in the order of each shard,
// parents before their children, each record at least once. Where the local host
// runs over DynamoDB it stands in for the mapping; in the cloud nobody needs it.
// It imports
// table, stream, dynamo and aws.
package shards

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"ines/shared/aws"
	"ines/shared/table"
	"ines/shared/table/dynamo"
	"ines/shared/table/stream"
)

// Mark is how far a shard has been followed.
type Mark struct {
	After string `json:"after,omitempty"` // the last sequence number that is done; "" none
	Done  bool   `json:"done,omitempty"`  // the shard is closed, and all of it is done
}

// Position is how far a stream has been followed, by shard. Whoever follows keeps
// it, and gives it back after a restart.
type Position map[string]Mark

// Config says what to follow. Table is required.
type Config struct {
	Table string
	// Prefix picks the records whose item's sort key begins so; others are passed
	// over, as the mapping's filter does.
	Prefix string
	Log    *slog.Logger // nil: nothing is logged
}

// relist is after how many looks at a stream at rest its shards are listed anew. A
// shard's children are looked for at once when it closes.
const relist = 100

// Reader reads a stream. It has one user at a time.
type Reader struct {
	db     aws.Config
	c      Config
	stream string
	at     Position
	shards map[string]*shard
	order  []string // ids of shards, parents first
	turn   int
	quiet  int // rounds without a record since the shards were listed
}

type shard struct {
	id, parent string
	iterator   string // "": to be made from the position
}

// Batch is what a shard holds next, at most as much as was asked for.
type Batch struct {
	Records []events.DynamoDBEventRecord
	shard   *shard
	last    string // the last number read, filtered ones among them
	next    string
	closed  bool // nothing comes after it
}

// Open finds the table's stream. A position of another stream (of a table that was
// made anew, say) is forgotten: arn is what Stream said when the position was kept.
func Open(ctx context.Context, cfg aws.Config, c Config, arn string, at Position) (*Reader, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	d, err := dynamo.Describe(ctx, cfg, c.Table)
	if err != nil {
		return nil, err
	}
	if d.Stream == "" {
		return nil, fmt.Errorf("table %s has no stream; it needs one that shows NEW_IMAGE", c.Table)
	}
	r := &Reader{db: cfg, c: c, stream: d.Stream, at: Position{}}
	if arn == r.stream {
		maps.Copy(r.at, at)
	} else if arn != "" {
		c.Log.Warn("the table has another stream than before and is followed from its beginning", "was", arn, "is", r.stream)
	}
	return r, r.list(ctx)
}

// Stream is the stream's ARN, and Position how far it has been followed.
func (r *Reader) Stream() string     { return r.stream }
func (r *Reader) Position() Position { return maps.Clone(r.at) }

// list reads which shards there are.
func (r *Reader) list(ctx context.Context) error {
	known := r.shards
	r.shards, r.quiet = map[string]*shard{}, 0
	in := map[string]any{"StreamArn": r.stream}
	for {
		var out struct {
			StreamDescription struct {
				Shards []struct {
					ID     string `json:"ShardId"`
					Parent string `json:"ParentShardId"`
				}
				Last string `json:"LastEvaluatedShardId"`
			}
		}
		if err := r.ask(ctx, "DescribeStream", in, &out); err != nil {
			r.shards = known
			return failure(ctx, "list the shards of "+r.stream, err)
		}
		for _, s := range out.StreamDescription.Shards {
			if r.shards[s.ID] = known[s.ID]; r.shards[s.ID] == nil {
				r.shards[s.ID] = &shard{id: s.ID, parent: s.Parent}
			}
		}
		if out.StreamDescription.Last == "" {
			break
		}
		in["ExclusiveStartShardId"] = out.StreamDescription.Last
	}
	for id, mark := range r.at {
		if r.shards[id] != nil {
			continue
		}
		if !mark.Done {
			r.c.Log.Error("a part of the stream is gone before it was followed: it is older than a day", "shard", id, "after", mark.After)
		}
		delete(r.at, id)
	}
	r.order = slices.Sorted(maps.Keys(r.shards))
	return nil
}

// ready reports whether a shard may be read now: not before its parent is done.
func (r *Reader) ready(s *shard) bool {
	if r.at[s.id].Done {
		return false
	}
	parent, listed := r.shards[s.parent]
	return !listed || r.at[parent.id].Done
}

// Next reads what comes next from some shard, at most so many records. A batch
// without records means that no shard has anything now; else Advance must follow.
func (r *Reader) Next(ctx context.Context, most int) (Batch, error) {
	for looked := 0; looked < len(r.order); looked++ {
		s := r.shards[r.order[r.turn%len(r.order)]]
		r.turn++
		for r.ready(s) {
			b, err := r.read(ctx, s, most)
			if err != nil {
				return Batch{}, err
			}
			if len(b.Records) > 0 {
				r.quiet = 0
				return b, nil
			}
			moved := b.last != ""
			if err := r.Advance(ctx, b, ""); err != nil {
				return Batch{}, err
			}
			if b.closed {
				looked = -1 // its children may be read now
			}
			if !moved {
				break
			}
		}
	}
	if r.quiet++; r.quiet >= relist {
		return Batch{}, r.list(ctx)
	}
	return Batch{}, nil
}

// Advance notes that a batch is done up to the record with this sequence number,
// not itself: that one and all that follow come again. "" means the whole batch.
// The error is about finding what follows the batch; the note is made.
func (r *Reader) Advance(ctx context.Context, b Batch, failed string) error {
	if failed == "" {
		if b.last != "" {
			r.at[b.shard.id] = Mark{After: b.last}
		}
		b.shard.iterator = b.next
		if !b.closed {
			return nil
		}
		r.at[b.shard.id] = Mark{After: r.at[b.shard.id].After, Done: true}
		return r.list(ctx)
	}
	b.shard.iterator = ""
	for _, record := range b.Records {
		number := record.Change.SequenceNumber
		if number == failed {
			return nil
		}
		r.at[b.shard.id] = Mark{After: number}
	}
	return nil
}

func (r *Reader) read(ctx context.Context, s *shard, most int) (Batch, error) {
	for attempt := 1; ; attempt++ {
		if s.iterator == "" {
			if err := r.point(ctx, s); err != nil {
				return Batch{}, err
			}
		}
		// The API's records are what Lambda hands on.
		var out struct {
			Records []events.DynamoDBEventRecord
			Next    string `json:"NextShardIterator"`
		}
		if err := r.ask(ctx, "GetRecords", map[string]any{"ShardIterator": s.iterator, "Limit": most}, &out); err != nil {
			s.iterator = "" // a new one may help, the next time at the latest
			if code(err) == "ExpiredIteratorException" && attempt == 1 {
				continue
			}
			return Batch{}, failure(ctx, "read shard "+s.id, err)
		}
		b := Batch{shard: s, next: out.Next, closed: out.Next == ""}
		for _, e := range out.Records {
			e.EventSourceArn = r.stream
			b.last = e.Change.SequenceNumber
			if strings.HasPrefix(sortKey(e), r.c.Prefix) {
				b.Records = append(b.Records, e)
			}
		}
		return b, nil
	}
}

func sortKey(e events.DynamoDBEventRecord) string {
	v, there := e.Change.Keys[stream.Sort]
	if !there || v.DataType() != events.DataTypeString {
		return ""
	}
	return v.String()
}

// point makes a shard's iterator stand where the position says.
func (r *Reader) point(ctx context.Context, s *shard) error {
	var out struct{ ShardIterator string }
	in := map[string]string{"StreamArn": r.stream, "ShardId": s.id, "ShardIteratorType": "TRIM_HORIZON"}
	after := r.at[s.id].After
	if after != "" {
		in["ShardIteratorType"], in["SequenceNumber"] = "AFTER_SEQUENCE_NUMBER", after
	}
	err := r.ask(ctx, "GetShardIterator", in, &out)
	if after != "" && code(err) == "TrimmedDataAccessException" {
		r.c.Log.Error("a part of the stream is gone before it was followed: it is older than a day", "shard", s.id, "after", after)
		delete(r.at, s.id)
		in["ShardIteratorType"] = "TRIM_HORIZON"
		delete(in, "SequenceNumber")
		err = r.ask(ctx, "GetShardIterator", in, &out)
	}
	if err != nil {
		return failure(ctx, "find the place in shard "+s.id, err)
	}
	s.iterator = out.ShardIterator
	return nil
}

func (r *Reader) ask(ctx context.Context, operation string, in, out any) error {
	return r.db.JSON(ctx, aws.Streams, "1.0", "DynamoDBStreams_20120810."+operation, in, out)
}

// code is the service's name for an error, "" if it is none of the service's.
func code(err error) string {
	var refused *aws.Error
	if errors.As(err, &refused) {
		return refused.Code
	}
	return ""
}

// failure keeps the words of an error and not its type.
func failure(ctx context.Context, doing string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", doing, ctx.Err())
	}
	return fmt.Errorf("%w: %s: %s", table.ErrUnavailable, doing, err.Error())
}
