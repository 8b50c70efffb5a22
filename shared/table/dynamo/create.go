package dynamo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ines/shared/aws"
	"ines/shared/table"
	"ines/shared/table/stream"
)

// looks and lookPause bound the wait for a new table: four minutes.
const (
	looks     = 240
	lookPause = time.Second
)

// Create makes the table of a Config with its indexes, its stream of new images
// and its expiry, and waits until it can be used. It is for local use and tests:
// in the cloud the stack makes the table. made is false for a table that was
// there already; whether that one is as it should be is not looked at.
func Create(ctx context.Context, cfg aws.Config, c Config) (made bool, err error) {
	type key struct{ AttributeName, KeyType string }
	type attribute struct{ AttributeName, AttributeType string }
	schema := func(partition, sort string) []key { return []key{{partition, "HASH"}, {sort, "RANGE"}} }
	texts := []attribute{{stream.Partition, "S"}, {stream.Sort, "S"}}
	var indexes []map[string]any
	for _, name := range c.Indexes {
		partition, sort := stream.IndexPartition(name), stream.IndexSort(name)
		texts = append(texts, attribute{partition, "S"}, attribute{sort, "S"})
		indexes = append(indexes, map[string]any{"IndexName": name, "KeySchema": schema(partition, sort),
			"Projection": map[string]string{"ProjectionType": "KEYS_ONLY"}})
	}
	in := map[string]any{
		"TableName": c.Table, "BillingMode": "PAY_PER_REQUEST", "KeySchema": schema(stream.Partition, stream.Sort), "AttributeDefinitions": texts,
		"StreamSpecification": map[string]any{"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"},
	}
	if len(indexes) > 0 {
		in["GlobalSecondaryIndexes"] = indexes
	}
	err = ask(ctx, cfg, "CreateTable", in, nil)
	var refused *aws.Error
	if err != nil && !(errors.As(err, &refused) && refused.Code == "ResourceInUseException") {
		return false, told(ctx, "create table "+c.Table, err)
	}
	made = err == nil
	if err := active(ctx, cfg, c.Table); err != nil || !made {
		return made, err
	}
	err = ask(ctx, cfg, "UpdateTimeToLive", map[string]any{"TableName": c.Table,
		"TimeToLiveSpecification": map[string]any{"AttributeName": stream.Expires, "Enabled": true}}, nil)
	if err != nil {
		return true, told(ctx, "expiry of table "+c.Table, err)
	}
	return true, nil
}

// active waits until a table can be used.
func active(ctx context.Context, cfg aws.Config, name string) error {
	for range looks {
		d, err := Describe(ctx, cfg, name)
		if err != nil {
			return err
		}
		if d.Active {
			return nil
		}
		sleep(ctx, lookPause)
	}
	return fmt.Errorf("%w: table %s is still not active", table.ErrUnavailable, name)
}

// Description is what there is to know of a table.
type Description struct {
	Active bool
	Stream string // the ARN of its stream, "" if it has none
}

// ErrMissing is wrapped by Describe for a table that is not there.
var ErrMissing = errors.New("no such table")

// Describe asks what a table is like. Errors are ErrMissing, table.ErrUnavailable
// or the context's.
func Describe(ctx context.Context, cfg aws.Config, name string) (Description, error) {
	var out struct {
		Table struct{ TableStatus, LatestStreamArn string }
	}
	err := ask(ctx, cfg, "DescribeTable", map[string]string{"TableName": name}, &out)
	var refused *aws.Error
	switch {
	case err == nil:
		return Description{Active: out.Table.TableStatus == "ACTIVE", Stream: out.Table.LatestStreamArn}, nil
	case errors.As(err, &refused) && refused.Code == missing:
		return Description{}, fmt.Errorf("%w: %s at %s", ErrMissing, name, cfg.URL(aws.DynamoDB))
	}
	return Description{}, told(ctx, "describe table "+name, err)
}

// told gives an error outside the port's calls its kind.
func told(ctx context.Context, doing string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", doing, ctx.Err())
	}
	return unavailable(doing, err)
}
