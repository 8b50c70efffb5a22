package dynamo

import (
	"context"
	"fmt"

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

// each reads the items that exist, consistently unless they may be stale.
func (t *Table) each(ctx context.Context, keys []table.Key, do func(stream.Attributes, table.Item) error) error {
	if err := table.ValidateKeys(keys); err != nil {
		return err
	}
	var items []stream.Attributes
	var o outcome
	var err error
	switch len(keys) {
	case 0:
		return ctx.Err()
	case 1:
		o, err = t.try(ctx, "GetItem", func(ctx context.Context, r *Request) error {
			var out struct {
				Item             stream.Attributes
				ConsumedCapacity capacity
			}
			err := ask(ctx, t.db, "GetItem", map[string]any{"TableName": t.c.Table, "Key": keyOf(keys[0]),
				"ConsistentRead": !table.MayBeStale(ctx), "ReturnConsumedCapacity": t.figures()}, &out)
			if err != nil {
				return err
			}
			r.read(out.ConsumedCapacity)
			r.Keys, r.Stale = 1, table.MayBeStale(ctx)
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

// wanted is what a batch asks for of one table.
type wanted struct {
	Keys           []stream.Attributes
	ConsistentRead bool
}

// batch reads several items; what DynamoDB leaves undone is asked for again.
func (t *Table) batch(ctx context.Context, keys []table.Key) ([]stream.Attributes, outcome, error) {
	wanted := wanted{ConsistentRead: !table.MayBeStale(ctx)}
	seen := make(map[table.Key]struct{}, len(keys))
	for _, k := range keys {
		if _, twice := seen[k]; !twice { // DynamoDB refuses a key twice
			seen[k] = struct{}{}
			wanted.Keys = append(wanted.Keys, keyOf(k))
		}
	}
	var items []stream.Attributes
	o, err := t.try(ctx, "BatchGetItem", func(ctx context.Context, r *Request) error {
		var out struct {
			Responses        map[string][]stream.Attributes
			UnprocessedKeys  map[string]struct{ Keys []stream.Attributes }
			ConsumedCapacity []capacity
		}
		r.Keys, r.Stale = len(wanted.Keys), !wanted.ConsistentRead
		in := map[string]any{"RequestItems": map[string]any{t.c.Table: wanted}, "ReturnConsumedCapacity": t.figures()}
		if err := ask(ctx, t.db, "BatchGetItem", in, &out); err != nil {
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
