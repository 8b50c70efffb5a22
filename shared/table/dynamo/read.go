package dynamo

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"ines/shared/table"
	"ines/shared/table/stream"
)

// Get implements table.Table.
func (t *Table) Get(ctx context.Context, keys ...table.Key) (map[table.Key]table.Item, error) {
	found := make(map[table.Key]table.Item, len(keys))
	err := t.each(ctx, keys, func(a stream.Attributes, item table.Item) error {
		found[item.Key] = item
		return nil
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// Counters implements table.Table.
func (t *Table) Counters(ctx context.Context, keys ...table.Key) (map[table.Key]map[string]int64, error) {
	found := make(map[table.Key]map[string]int64, len(keys))
	err := t.each(ctx, keys, func(a stream.Attributes, item table.Item) error {
		counters, err := stream.Counters(a)
		if counters != nil {
			found[item.Key] = counters
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// each reads the items that exist, consistently.
func (t *Table) each(ctx context.Context, keys []table.Key, do func(stream.Attributes, table.Item) error) error {
	if err := table.ValidateKeys(keys); err != nil {
		return err
	}
	var items []attributes
	var o outcome
	var err error
	switch len(keys) {
	case 0:
		return ctx.Err()
	case 1:
		o, err = t.try(ctx, "GetItem", func(ctx context.Context, r *Request) error {
			out, err := t.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &t.c.Table, Key: keyOf(keys[0]),
				ConsistentRead: aws.Bool(true), ReturnConsumedCapacity: t.figures()})
			if err != nil {
				return err
			}
			r.read(all(out.ConsumedCapacity)...)
			if len(out.Item) > 0 {
				items = append(items, out.Item)
			}
			return nil
		})
	default:
		items, o, err = t.batch(ctx, keys)
	}
	if err != nil {
		return err
	}
	if o.err != nil {
		return o.failure(fmt.Sprintf("get %s", keys[0]))
	}
	for _, a := range items {
		a := decode(a)
		item, err := stream.Item(a)
		if err == nil {
			err = do(a, item)
		}
		if err != nil {
			return fmt.Errorf("%w: an item of %s is damaged: %w", table.ErrUnavailable, t.c.Table, err)
		}
	}
	return nil
}

// batch reads several items; what DynamoDB leaves undone is asked for again.
func (t *Table) batch(ctx context.Context, keys []table.Key) ([]attributes, outcome, error) {
	wanted := types.KeysAndAttributes{ConsistentRead: aws.Bool(true)}
	seen := make(map[table.Key]struct{}, len(keys))
	for _, k := range keys {
		if _, twice := seen[k]; !twice { // DynamoDB refuses a key twice
			seen[k] = struct{}{}
			wanted.Keys = append(wanted.Keys, keyOf(k))
		}
	}
	var items []attributes
	o, err := t.try(ctx, "BatchGetItem", func(ctx context.Context, r *Request) error {
		out, err := t.db.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{ReturnConsumedCapacity: t.figures(),
			RequestItems: map[string]types.KeysAndAttributes{t.c.Table: wanted}})
		if err != nil {
			return err
		}
		r.read(out.ConsumedCapacity...)
		for _, some := range out.Responses { // one table
			items = append(items, some...)
		}
		for _, left := range out.UnprocessedKeys {
			wanted.Keys = left.Keys
			return errUnprocessed
		}
		return nil
	})
	return items, o, err
}
