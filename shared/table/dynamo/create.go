package dynamo

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	// Keys and Indexes are the names of the key's attributes, of the table and by index.
	Keys    []string
	Indexes map[string][]string
}

// Fits says what is missing of a table to be one of ours with these indexes: nil if
// nothing is.
func (d Description) Fits(indexes []string) error {
	if want := []string{stream.Partition, stream.Sort}; !slices.Equal(d.Keys, want) {
		return fmt.Errorf("its key is %v, want %v", d.Keys, want)
	}
	for _, name := range indexes {
		want := []string{stream.IndexPartition(name), stream.IndexSort(name)}
		if have, ok := d.Indexes[name]; !ok {
			return fmt.Errorf("it has no index %q", name)
		} else if !slices.Equal(have, want) {
			return fmt.Errorf("the key of its index %q is %v, want %v", name, have, want)
		}
	}
	if d.Stream == "" {
		return errors.New("it has no stream")
	}
	return nil
}

// ErrMissing is wrapped by Describe for a table that is not there.
var ErrMissing = errors.New("no such table")

// Describe asks what a table is like. Errors are ErrMissing, table.ErrUnavailable
// or the context's.
func Describe(ctx context.Context, cfg aws.Config, name string) (Description, error) {
	type schema []struct{ AttributeName, KeyType string }
	var out struct {
		Table struct {
			TableStatus, LatestStreamArn string
			KeySchema                    schema
			GlobalSecondaryIndexes       []struct {
				IndexName string
				KeySchema schema
			}
		}
	}
	names := func(s schema) []string {
		keys := make([]string, len(s))
		for i, k := range s { // the partition's comes first
			keys[i] = k.AttributeName
		}
		return keys
	}
	err := ask(ctx, cfg, "DescribeTable", map[string]string{"TableName": name}, &out)
	var refused *aws.Error
	switch {
	case err == nil:
		d := Description{Active: out.Table.TableStatus == "ACTIVE", Stream: out.Table.LatestStreamArn, Keys: names(out.Table.KeySchema), Indexes: map[string][]string{}}
		for _, index := range out.Table.GlobalSecondaryIndexes {
			d.Indexes[index.IndexName] = names(index.KeySchema)
		}
		return d, nil
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
