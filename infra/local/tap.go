package local

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"ines/shared/sqlitefile"
	"ines/shared/table/dynamo/shards"
	"ines/shared/table/stream"
)

// tap is what follower is, over a table in DynamoDB: it invokes the function with
// what comes out of the table's stream, and keeps its position beside the queues.
type tap struct {
	fn      *function
	reader  *shards.Reader
	table   *watched
	db      *sqlitefile.DB
	log     *slog.Logger
	front   *frontDoor
	took    lasted
	unnoted int // records since the position was noted: relay may do them again
}

const (
	tapNote = "local/dynamodb-stream"
	// A stream tells nobody that it has something: it is asked soon while
	// something is on its way, and now and then otherwise.
	firstLook = 20 * time.Millisecond
	lastLook  = 500 * time.Millisecond
)

// tapPosition is the note on disk.
type tapPosition struct {
	Stream string          `json:"stream"`
	Shards shards.Position `json:"shards"`
}

func openTap(ctx context.Context, fn *function, d *DynamoDB, prefix string, t *watched, db *sqlitefile.DB, front *frontDoor, log *slog.Logger) (*tap, error) {
	var at tapPosition
	text, found, err := db.Get(ctx, tapNote)
	if err == nil && found {
		err = json.Unmarshal([]byte(text), &at)
	}
	if err != nil {
		return nil, fmt.Errorf("the stream's position, note %s: %w", tapNote, err)
	}
	reader, err := shards.Open(ctx, d.AWS, shards.Config{Table: d.Table, Prefix: prefix, Log: log}, at.Stream, at.Shards)
	if err != nil {
		return nil, err
	}
	return &tap{fn: fn, reader: reader, table: t, db: db, front: front, log: log}, nil
}

// run follows the stream until stop ends. Invocations run under work.
func (p *tap) run(stop, work context.Context) {
	backoff, look := firstBackoff, firstLook
	defer p.leave(work)
	for stop.Err() == nil {
		p.front.stepAside(stop, p.took.get())
		n, err := p.batch(work)
		if err != nil {
			p.log.Error("the stream's batch failed and comes again", "in", backoff.String(), "error", err.Error())
			pauseFor(stop, backoff, nil)
			backoff = min(2*backoff, lastBackoff)
			continue
		}
		backoff = firstBackoff
		if n > 0 {
			look = firstLook
			continue
		}
		p.leave(work)
		if pauseFor(stop, look, p.table.wrote) {
			look = firstLook
		} else {
			look = min(2*look, lastLook)
		}
	}
}

// pauseFor waits and reports whether it was woken before the time was over.
func pauseFor(stop context.Context, d time.Duration, wake <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return false
	case <-wake:
	case <-stop.Done():
	}
	return true
}

// batch does what comes next and returns how much it was.
func (p *tap) batch(ctx context.Context) (int, error) {
	ended := p.table.look()
	b, err := p.reader.Next(ctx, p.fn.Trigger.Batch)
	if err != nil {
		return 0, err
	}
	if len(b.Records) == 0 {
		ended()
		return 0, nil
	}
	p.fn.busy.begin()
	defer p.fn.busy.end()
	defer p.took.since(time.Now())
	var answer events.DynamoDBEventResponse
	if err := p.fn.invoke(ctx, events.DynamoDBEvent{Records: b.Records}, &answer); err != nil {
		return 0, p.again(ctx, b, b.Records[0].Change.SequenceNumber, err)
	}
	if len(answer.BatchItemFailures) > 0 {
		first, sense := firstFailed(b.Records, answer.BatchItemFailures)
		why := fmt.Errorf("%s failed at record %s", p.fn.Name, first)
		if !sense {
			why = fmt.Errorf("%s reports the failure of records that it was not given", p.fn.Name)
		}
		return 0, p.again(ctx, b, first, why)
	}
	err = p.reader.Advance(ctx, b, "")
	p.done(b.Records)
	if err != nil {
		p.log.Warn("can't see what follows in the stream; it is looked for later", "error", err.Error())
	}
	if p.unnoted += len(b.Records); p.unnoted >= noteEvery {
		return len(b.Records), p.note(ctx)
	}
	return len(b.Records), nil
}

// again makes a batch come again from the first record that failed.
func (p *tap) again(ctx context.Context, b shards.Batch, first string, why error) error {
	for i, r := range b.Records {
		if r.Change.SequenceNumber == first {
			p.done(b.Records[:i])
		}
	}
	if err := p.reader.Advance(ctx, b, first); err != nil {
		return fmt.Errorf("%w; and %w", why, err)
	}
	return why
}

func (p *tap) done(records []events.DynamoDBEventRecord) {
	for _, r := range records {
		if c, err := stream.Decode(r); err == nil {
			p.table.done(c.Item.Key)
		}
	}
}

// firstFailed is the first of a batch's records that was reported. As on AWS, a
// report that names none of them fails all.
func firstFailed(records []events.DynamoDBEventRecord, failures []events.DynamoDBBatchItemFailure) (first string, sense bool) {
	reported := make(map[string]bool, len(failures))
	for _, f := range failures {
		reported[f.ItemIdentifier] = true
	}
	for _, r := range records {
		if n := r.Change.SequenceNumber; reported[n] {
			delete(reported, n)
			if first == "" {
				first = n
			}
		}
	}
	if len(reported) > 0 || first == "" {
		return records[0].Change.SequenceNumber, false
	}
	return first, true
}

// leave notes where the tap stands when there is nothing to hurry for.
func (p *tap) leave(ctx context.Context) {
	if p.unnoted == 0 {
		return
	}
	if err := p.note(ctx); err != nil {
		p.log.Warn("can't note how far the stream was followed; some of it is followed again", "error", err.Error())
	}
}

func (p *tap) note(ctx context.Context) error {
	text, err := json.Marshal(tapPosition{p.reader.Stream(), p.reader.Position()})
	if err == nil {
		err = p.db.Set(ctx, tapNote, string(text))
	}
	if err != nil {
		return fmt.Errorf("the stream's position: %w", err)
	}
	p.unnoted = 0
	return nil
}

// drained reports whether everything that changed has been done.
func (p *tap) drained(context.Context) (bool, error) { return !p.table.underWay(), nil }
