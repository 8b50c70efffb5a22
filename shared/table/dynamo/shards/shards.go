// Package shards follows a table's DynamoDB stream and hands over what Lambda's
// event source mapping would: batches of records in the order of each shard,
// parents before their children, each record at least once. Where the local host
// runs over DynamoDB it stands in for the mapping; in the cloud nobody needs it.
// It imports table and stream.
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
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"github.com/aws/smithy-go"

	"ines/shared/table"
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
	db     *dynamodbstreams.Client
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
	iterator   *string // nil: to be made from the position
}

// Batch is what a shard holds next, at most as much as was asked for.
type Batch struct {
	Records []events.DynamoDBEventRecord
	shard   *shard
	last    string // the last number read, filtered ones among them
	next    *string
	closed  bool // nothing comes after it
}

// Open finds the table's stream. A position of another stream (of a table that was
// made anew, say) is forgotten: what StreamOf gave when it was kept says which.
func Open(ctx context.Context, cfg aws.Config, c Config, stream string, at Position) (*Reader, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	out, err := dynamodb.NewFromConfig(cfg).DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &c.Table})
	if err != nil {
		return nil, failure(ctx, "find the stream of table "+c.Table, err)
	}
	if out.Table.LatestStreamArn == nil || *out.Table.LatestStreamArn == "" {
		return nil, fmt.Errorf("table %s has no stream; it needs one that shows NEW_IMAGE", c.Table)
	}
	r := &Reader{db: dynamodbstreams.NewFromConfig(cfg), c: c, stream: *out.Table.LatestStreamArn, at: Position{}}
	if stream == r.stream {
		maps.Copy(r.at, at)
	} else if stream != "" {
		c.Log.Warn("the table has another stream than before and is followed from its beginning", "was", stream, "is", r.stream)
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
	in := &dynamodbstreams.DescribeStreamInput{StreamArn: &r.stream}
	for {
		out, err := r.db.DescribeStream(ctx, in)
		if err != nil {
			r.shards = known
			return failure(ctx, "list the shards of "+r.stream, err)
		}
		for _, s := range out.StreamDescription.Shards {
			id := aws.ToString(s.ShardId)
			if r.shards[id] = known[id]; r.shards[id] == nil {
				r.shards[id] = &shard{id: id, parent: aws.ToString(s.ParentShardId)}
			}
		}
		if in.ExclusiveStartShardId = out.StreamDescription.LastEvaluatedShardId; in.ExclusiveStartShardId == nil {
			break
		}
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
	b.shard.iterator = nil
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
		if s.iterator == nil {
			if err := r.point(ctx, s); err != nil {
				return Batch{}, err
			}
		}
		out, err := r.db.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: s.iterator, Limit: aws.Int32(int32(most))})
		if err != nil {
			s.iterator = nil // a new one may help, the next time at the latest
			var expired *types.ExpiredIteratorException
			if errors.As(err, &expired) && attempt == 1 {
				continue
			}
			return Batch{}, failure(ctx, "read shard "+s.id, err)
		}
		b := Batch{shard: s, next: out.NextShardIterator, closed: out.NextShardIterator == nil}
		for _, record := range out.Records {
			e := r.event(record)
			b.last = e.Change.SequenceNumber
			if strings.HasPrefix(sortKey(e), r.c.Prefix) {
				b.Records = append(b.Records, e)
			}
		}
		return b, nil
	}
}

// point makes a shard's iterator stand where the position says.
func (r *Reader) point(ctx context.Context, s *shard) error {
	in := &dynamodbstreams.GetShardIteratorInput{StreamArn: &r.stream, ShardId: &s.id, ShardIteratorType: types.ShardIteratorTypeTrimHorizon}
	if after := r.at[s.id].After; after != "" {
		in.ShardIteratorType, in.SequenceNumber = types.ShardIteratorTypeAfterSequenceNumber, &after
	}
	out, err := r.db.GetShardIterator(ctx, in)
	var trimmed *types.TrimmedDataAccessException
	if errors.As(err, &trimmed) && in.SequenceNumber != nil {
		r.c.Log.Error("a part of the stream is gone before it was followed: it is older than a day", "shard", s.id, "after", *in.SequenceNumber)
		delete(r.at, s.id)
		in.ShardIteratorType, in.SequenceNumber = types.ShardIteratorTypeTrimHorizon, nil
		out, err = r.db.GetShardIterator(ctx, in)
	}
	if err != nil {
		return failure(ctx, "find the place in shard "+s.id, err)
	}
	s.iterator = out.ShardIterator
	return nil
}

// failure keeps the words of an SDK's error and not its types.
func failure(ctx context.Context, doing string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", doing, ctx.Err())
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		return fmt.Errorf("%w: %s: %s: %s", table.ErrUnavailable, doing, api.ErrorCode(), api.ErrorMessage())
	}
	return fmt.Errorf("%w: %s: %s", table.ErrUnavailable, doing, err.Error())
}
