package dynamo

import (
	"context"
	"crypto/rand"
	"fmt"

	"ines/shared/table"
	"ines/shared/table/stream"
)

// Write implements table.Table. One put, or one delete without a condition, is a
// request of its own, at half a transaction's price. Everything else is a
// transaction, also a lone addition: its token is what keeps an answer that got
// lost from adding twice.
func (t *Table) Write(ctx context.Context, writes ...table.Write) error {
	if err := table.Validate(t.c.Indexes, writes); err != nil {
		return err
	}
	writes = significant(writes)
	switch {
	case len(writes) == 0:
		return ctx.Err()
	case len(writes) == 1 && writes[0].Op == table.OpPut:
		return t.put(ctx, writes[0])
	case len(writes) == 1 && writes[0].Op == table.OpDelete && writes[0].When == table.Always:
		return t.delete(ctx, writes[0].Item.Key)
	}
	return t.transact(ctx, writes)
}

// Steps implements table.Table.
func (t *Table) Steps(ctx context.Context, writes ...table.Write) error {
	if err := table.Validate(t.c.Indexes, writes); err != nil {
		return err
	}
	for _, w := range writes {
		if err := t.Write(ctx, w); err != nil {
			return err
		}
	}
	return nil
}

// significant leaves out checks that always hold: DynamoDB has none.
func significant(writes []table.Write) []table.Write {
	idle := func(w table.Write) bool { return w.Op == table.OpCheck && w.When == table.Always }
	var kept []table.Write
	for i, w := range writes {
		if idle(w) && kept == nil {
			kept = append(make([]table.Write, 0, len(writes)), writes[:i]...)
		} else if !idle(w) && kept != nil {
			kept = append(kept, w)
		}
	}
	if kept == nil {
		return writes
	}
	return kept
}

// put writes one item. Where there is a condition the item carries a mark of its
// own: when an answer was lost and the condition then fails, the mark tells
// whether it fails because of this very write.
func (t *Table) put(ctx context.Context, w table.Write) error {
	image, err := packed(w.Item)
	if err != nil {
		return err
	}
	in := operation{TableName: t.c.Table, Item: image, expression: condition(w), ReturnConsumedCapacity: t.figures()}
	var mark string
	if w.When != table.Always {
		mark = rand.Text()[:16]
		in.Item[stream.Writer] = text(mark)
		in.ReturnValuesOnConditionCheckFailure = "ALL_OLD"
	}
	o, err := t.one(ctx, "PutItem", in)
	if err != nil {
		return err
	}
	if o.err == nil || o.verdict != conflict {
		return o.failure("put " + w.Item.Key.String())
	}
	if !o.doubtful {
		return &table.ConflictError{Keys: []table.Key{w.Item.Key}}
	}
	if writer(o.err) == mark {
		return nil
	}
	// Somebody else's item is there: it was there before, or has replaced ours.
	return fmt.Errorf("%w: put %s: an answer got lost, and it can't be told whether the write happened before another", table.ErrUnavailable, w.Item.Key)
}

// packed is an item as it is written: in as few write units as it can be.
func packed(item table.Item) (stream.Attributes, error) {
	image := stream.Image(item)
	if err := stream.Pack(image); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", table.ErrInvalid, item.Key, err)
	}
	return image, nil
}

// one makes a request that writes one item.
func (t *Table) one(ctx context.Context, name string, in operation) (outcome, error) {
	return t.try(ctx, name, func(ctx context.Context, r *Request) error {
		var out struct{ ConsumedCapacity capacity }
		err := ask(ctx, t.db, name, in, &out)
		if err == nil {
			r.wrote(out.ConsumedCapacity)
			r.ItemUnits, r.Items = stream.Units(in.Item), 1
		}
		return err
	})
}

func (t *Table) delete(ctx context.Context, k table.Key) error {
	o, err := t.one(ctx, "DeleteItem", operation{TableName: t.c.Table, Key: keyOf(k), ReturnConsumedCapacity: t.figures()})
	if err != nil {
		return err
	}
	return o.failure("delete " + k.String())
}

// transact writes all or nothing. Its token is made once per call, so that every
// attempt is the same write for DynamoDB (for ten minutes, and no call lasts so
// long), while the same operations called for again are another.
func (t *Table) transact(ctx context.Context, writes []table.Write) error {
	in := struct {
		ClientRequestToken     string
		ReturnConsumedCapacity string
		TransactItems          []map[string]operation
	}{rand.Text(), t.figures(), make([]map[string]operation, len(writes))}
	units := 0
	for i, w := range writes {
		o, err := t.operation(w)
		if err != nil {
			return err
		}
		in.TransactItems[i] = o
		units += 2 * stream.Units(o["Put"].Item) // what is no put weighs little
	}
	o, err := t.try(ctx, "TransactWriteItems", func(ctx context.Context, r *Request) error {
		var out struct{ ConsumedCapacity []capacity }
		err := ask(ctx, t.db, "TransactWriteItems", in, &out)
		if err == nil {
			r.wrote(out.ConsumedCapacity...)
			r.ItemUnits, r.Items = units, len(writes)
		}
		return err
	})
	if err != nil {
		return err
	}
	if o.err != nil && o.verdict == conflict {
		return &table.ConflictError{Keys: failed(o.reasons, writes)}
	}
	return o.failure(fmt.Sprintf("write %s and %d more", writes[0].Item.Key, len(writes)-1))
}

// operation is one write, as a request of its own or in a transaction.
type operation struct {
	TableName string
	Key       stream.Attributes `json:",omitempty"`
	Item      stream.Attributes `json:",omitempty"`
	expression
	ReturnValuesOnConditionCheckFailure string `json:",omitempty"`
	ReturnConsumedCapacity              string `json:",omitempty"`
}

func (t *Table) operation(w table.Write) (map[string]operation, error) {
	o := operation{TableName: t.c.Table, expression: condition(w)}
	switch w.Op {
	case table.OpPut:
		var err error
		o.Item, err = packed(w.Item)
		return map[string]operation{"Put": o}, err
	case table.OpAdd:
		o.Key, o.expression = keyOf(w.Item.Key), addition(w)
		return map[string]operation{"Update": o}, nil
	}
	o.Key = keyOf(w.Item.Key)
	if w.Op == table.OpDelete {
		return map[string]operation{"Delete": o}, nil
	}
	return map[string]operation{"ConditionCheck": o}, nil
}
