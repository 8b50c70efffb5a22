package dynamo

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"ines/shared/table"
	"ines/shared/table/stream"
)

// cursor is where a page ended: the last item's key, and its place in the index.
// The partition of that place is the query's own.
type cursor struct {
	Of    uint32    `json:"q"` // the query it belongs to
	Key   table.Key `json:"k"`
	Place string    `json:"s,omitempty"`
}

// Query implements table.Table. Queries of the table itself read consistently. An
// index may lag; the items that it leads to are as they are now.
func (t *Table) Query(ctx context.Context, q table.Query) (table.Page, error) {
	if err := table.ValidateQuery(t.c.Indexes, q); err != nil {
		return table.Page{}, err
	}
	limit := t.c.PageSize
	if q.Limit > 0 && q.Limit < limit {
		limit = q.Limit
	}
	start, err := startOf(q)
	if err != nil {
		return table.Page{}, err
	}
	where, some := rangeOf(q)
	if !some {
		return table.Page{}, ctx.Err()
	}
	// One item more than the page holds tells whether there is another page.
	in := queryRequest{TableName: t.c.Table, IndexName: q.Index, expression: where, ExclusiveStartKey: start, Limit: limit + 1,
		ConsistentRead: q.Index == "" && !table.MayBeStale(ctx), ScanIndexForward: !q.Descending, ReturnConsumedCapacity: t.figures()}
	var out queryAnswer
	o, err := t.try(ctx, "Query", func(ctx context.Context, r *Request) error {
		out = queryAnswer{}
		err := ask(ctx, t.db, "Query", in, &out)
		if err == nil {
			r.read(out.ConsumedCapacity)
			r.Stale = !in.ConsistentRead
		}
		return err
	})
	if err != nil {
		return table.Page{}, err
	}
	if o.err != nil {
		return table.Page{}, o.failure("query " + q.Index + " " + q.Partition)
	}
	return t.page(ctx, q, limit, out)
}

type queryRequest struct {
	TableName string
	IndexName string `json:",omitempty"`
	expression
	ExclusiveStartKey      stream.Attributes `json:",omitempty"`
	Limit                  int
	ConsistentRead         bool
	ScanIndexForward       bool
	ReturnConsumedCapacity string
}

type queryAnswer struct {
	Items            []stream.Attributes
	LastEvaluatedKey stream.Attributes
	ConsumedCapacity capacity
}

// page makes a page of an answer. An index holds keys only, because each attribute
// that it held would be written twice: the items are read from the table.
func (t *Table) page(ctx context.Context, q table.Query, limit int, out queryAnswer) (table.Page, error) {
	more := len(out.LastEvaluatedKey) > 0
	if len(out.Items) > limit {
		out.Items, more = out.Items[:limit], true
	}
	items := make([]table.Item, len(out.Items))
	for i, a := range out.Items {
		var err error
		if items[i], err = stream.Item(a); err != nil {
			return table.Page{}, fmt.Errorf("%w: an item of %s is damaged: %w", table.ErrUnavailable, t.c.Table, err)
		}
	}
	var page table.Page
	if more && len(items) > 0 {
		last := items[len(items)-1]
		page.Cursor = cursor{Of: q.Fingerprint(), Key: last.Key, Place: last.Indexes[q.Index].Sort}.String()
	}
	page.Items = items
	if q.Index != "" {
		var err error
		if page.Items, err = t.whole(ctx, q.Index, items); err != nil {
			return table.Page{}, err
		}
	}
	if len(page.Items) == 0 {
		page.Items = nil
	}
	return page, nil
}

// whole reads the items that an index's entries lead to. What has left its place
// since, the index having lagged, is left out.
func (t *Table) whole(ctx context.Context, index string, entries []table.Item) ([]table.Item, error) {
	items := make([]table.Item, 0, len(entries))
	for some := range slices.Chunk(entries, table.MaxKeys) {
		keys := make([]table.Key, len(some))
		for i, e := range some {
			keys[i] = e.Key
		}
		found, err := t.Get(ctx, keys...)
		if err != nil {
			return nil, err
		}
		for _, e := range some {
			if item, there := found[e.Key]; there && item.Indexes[index] == e.Indexes[index] {
				items = append(items, item)
			}
		}
	}
	return items, nil
}

// rangeOf is the key condition of a query; false: no item can meet it.
func rangeOf(q table.Query) (expression, bool) {
	partition, sort := stream.Partition, stream.Sort
	if q.Index != "" {
		partition, sort = stream.IndexPartition(q.Index), stream.IndexSort(q.Index)
	}
	e := expression{ExpressionAttributeNames: map[string]string{"#p": partition}, ExpressionAttributeValues: stream.Attributes{":p": text(q.Partition)}}
	condition := "#p = :p"
	bound := func(how string, values map[string]string) {
		condition += " AND " + how
		e.ExpressionAttributeNames["#s"] = sort
		for name, v := range values {
			e.ExpressionAttributeValues[name] = text(v)
		}
	}
	switch {
	case q.Prefix != "":
		bound("begins_with(#s, :a)", map[string]string{":a": q.Prefix})
	case q.From != "" && q.To != "":
		if q.From > q.To {
			return e, false // DynamoDB refuses it
		}
		bound("#s BETWEEN :a AND :b", map[string]string{":a": q.From, ":b": q.To})
	case q.From != "":
		bound("#s >= :a", map[string]string{":a": q.From})
	case q.To != "":
		bound("#s <= :b", map[string]string{":b": q.To})
	}
	e.KeyConditionExpression = condition
	return e, true
}

func (c cursor) String() string {
	text, err := json.Marshal(c)
	if err != nil {
		panic(err) // a struct of numbers and strings
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// startOf is the key that the query's cursor stands on, nil without one.
func startOf(q table.Query) (stream.Attributes, error) {
	if q.Cursor == "" {
		return nil, nil
	}
	var c cursor
	raw, err := base64.RawURLEncoding.DecodeString(q.Cursor)
	if err == nil {
		err = json.Unmarshal(raw, &c)
	}
	if err == nil && (c.Of != q.Fingerprint() || c.Key.Partition == "" || c.Key.Sort == "" || q.Index != "" && c.Place == "") {
		err = errors.New("it belongs to another query")
	}
	if err != nil {
		return nil, fmt.Errorf("%w: the cursor is not one of this query's: %w", table.ErrInvalid, err)
	}
	start := keyOf(c.Key)
	if q.Index == "" {
		start[stream.Partition] = text(q.Partition)
	} else {
		start[stream.IndexPartition(q.Index)] = text(q.Partition)
		start[stream.IndexSort(q.Index)] = text(c.Place)
	}
	return start, nil
}
