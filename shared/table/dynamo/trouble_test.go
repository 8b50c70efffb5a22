//go:build !onlygo

package dynamo_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ines/shared/aws"
	"ines/shared/table"
	"ines/shared/table/dynamo"
	"ines/shared/table/dynamo/dynamolocal"
	"ines/shared/table/tabletest"
)

// troubled is a table behind a proxy that makes trouble.
type troubled struct {
	*dynamo.Table
	table string
	proxy *dynamolocal.Proxy
}

func trouble(t *testing.T, c dynamo.Config) troubled {
	engine := dynamolocal.Start(t)
	proxy := dynamolocal.NewProxy(t, engine)
	c.Table, c.Patience = fresh(t, engine), cmp.Or(c.Patience, 5*time.Minute)
	return troubled{open(t, proxy.Endpoint, c), c.Table, proxy}
}

// hurried is the same table for whom an attempt takes too long soon.
func (tr troubled) hurried(t *testing.T) *dynamo.Table {
	return open(t, tr.proxy.Endpoint, dynamo.Config{Table: tr.table, Attempt: 200 * time.Millisecond, Patience: 5 * time.Minute})
}

// asked counts the requests of an operation.
func (tr troubled) asked(operation string) int {
	n := 0
	for _, b := range tr.proxy.Bodies() {
		if strings.HasPrefix(b, operation+" ") {
			n++
		}
	}
	return n
}

var k = table.Key{Partition: "case#1", Sort: "log#1"}

func put(key table.Key, when table.When, seq int64) table.Write {
	return table.Write{Item: table.Item{Key: key, Value: []byte(`{}`), Seq: seq}, When: when}
}

func add(sort string) table.Write {
	return table.Write{Op: table.OpAdd, Item: table.Item{Key: table.Key{Partition: "count", Sort: sort}}, Fields: map[string]int64{"items": 1, "filed": 1}}
}

// closed wants an error that gives away nothing of the client's types.
func closed(t *testing.T, err error) {
	t.Helper()
	var refused *aws.Error
	if errors.As(err, &refused) {
		t.Errorf("the client's error can be had from %v", err)
	}
}

// TestConformanceInTrouble holds the driver to the whole suite while a third of
// the requests is throttled, conflicts, fails, or succeeds and loses its answer.
func TestConformanceInTrouble(t *testing.T) {
	tr := trouble(t, dynamo.Config{})
	n := 0
	tr.proxy.Make(func(operation, _ string) *dynamolocal.Trouble {
		n++
		write := operation != "GetItem" && operation != "BatchGetItem" && operation != "Query"
		switch {
		case n%12 == 1:
			return &dynamolocal.Trouble{Lose: true}
		case n%12 == 4:
			return &dynamolocal.Trouble{Refuse: "ProvisionedThroughputExceededException"}
		case n%12 == 7 && operation == "TransactWriteItems":
			return &dynamolocal.Trouble{Refuse: "TransactionCanceledException", Reasons: []string{"None", "TransactionConflict"}}
		case n%12 == 7 && write:
			return &dynamolocal.Trouble{Refuse: "TransactionConflictException"}
		case n%12 == 10 && operation != "PutItem": // a conflict after it would be in doubt
			return &dynamolocal.Trouble{Status: 503}
		}
		return nil
	})
	tabletest.Run(t, tabletest.Harness{Open: func(testing.TB) table.Table { return tr }})
}

func TestALostAnswerIsNoSecondWrite(t *testing.T) {
	lost := dynamolocal.Trouble{Lose: true}
	t.Run("conditional put", func(t *testing.T) {
		tr := trouble(t, dynamo.Config{})
		for _, w := range []table.Write{put(k, table.Absent, 1), put(k, table.SeqIs, 2), put(k, table.Newer, 7)} {
			w.Seq = 1
			tr.proxy.Next("PutItem", lost, lost)
			if err := tr.Write(t.Context(), w); err != nil {
				t.Errorf("condition %d: %v", w.When, err)
			}
		}
		if n := tr.asked("PutItem"); n != 6 {
			t.Errorf("%d requests, want two for each write", n)
		}
	})
	t.Run("counters alone and in a transaction", func(t *testing.T) {
		tr := trouble(t, dynamo.Config{})
		tr.proxy.Next("TransactWriteItems", lost, lost)
		if err := tr.Write(t.Context(), add("1")); err != nil {
			t.Fatal(err)
		}
		tr.proxy.Next("TransactWriteItems", lost)
		if err := tr.Write(t.Context(), put(k, table.Absent, 1), add("1")); err != nil {
			t.Fatal(err)
		}
		// The same again is another write.
		if err := tr.Write(t.Context(), add("1")); err != nil {
			t.Fatal(err)
		}
		key := add("1").Item.Key
		if got, err := tr.Counters(t.Context(), key); err != nil || got[key]["items"] != 3 || got[key]["filed"] != 3 {
			t.Errorf("%v, %v; want each addition once", got, err)
		}
		if n := tr.asked("TransactWriteItems"); n != 6 {
			t.Errorf("%d requests, want 3 + 2 + 1", n)
		}
	})
	t.Run("slow answer", func(t *testing.T) {
		tr := trouble(t, dynamo.Config{})
		tr.proxy.Next("TransactWriteItems", dynamolocal.Trouble{Hang: true})
		if err := tr.hurried(t).Write(t.Context(), put(k, table.Absent, 1), add("1")); err != nil {
			t.Error(err)
		}
	})
	t.Run("and somebody else's item", func(t *testing.T) {
		tr := trouble(t, dynamo.Config{})
		if err := tr.Write(t.Context(), put(k, table.Absent, 1)); err != nil {
			t.Fatal(err)
		}
		tr.proxy.Next("PutItem", dynamolocal.Trouble{Hang: true}) // what it would have said is not known
		err := tr.hurried(t).Write(t.Context(), put(k, table.Absent, 2))
		if !errors.Is(err, table.ErrUnavailable) || table.Conflicted(err) {
			t.Errorf("got %v, want that nobody knows", err)
		}
		if err := tr.Write(t.Context(), put(k, table.Absent, 2)); !table.Conflicted(err, k) {
			t.Errorf("got %v, want a conflict", err)
		}
	})
}

// calls are one of each of the port's calls, by the API's operation.
func calls(tr troubled) map[string]func(context.Context) error {
	other := table.Key{Partition: "case#1", Sort: "view"}
	seq := int64(0)
	return map[string]func(context.Context) error{
		"PutItem": func(ctx context.Context) error { seq++; return tr.Write(ctx, put(k, table.Newer, seq)) },
		"DeleteItem": func(ctx context.Context) error {
			return tr.Write(ctx, table.Write{Op: table.OpDelete, Item: table.Item{Key: k}})
		},
		"TransactWriteItems": func(ctx context.Context) error { return tr.Write(ctx, put(other, table.Always, 1), add("1")) },
		"GetItem":            func(ctx context.Context) error { _, err := tr.Get(ctx, k); return err },
		"BatchGetItem":       func(ctx context.Context) error { _, err := tr.Counters(ctx, k, other); return err },
		"Query":              func(ctx context.Context) error { _, err := tr.Query(ctx, table.Query{Partition: "case#1"}); return err },
	}
}

func TestWhatPassesIsWaitedOut(t *testing.T) {
	tr := trouble(t, dynamo.Config{})
	for operation, call := range calls(tr) {
		for _, passing := range []dynamolocal.Trouble{
			{Refuse: "ProvisionedThroughputExceededException"}, {Refuse: "ThrottlingException"}, {Refuse: "RequestLimitExceeded"},
			{Refuse: "TransactionInProgressException"}, {Refuse: "InternalServerError"}, {Status: 500}, {Status: 503}, {Lose: true},
		} {
			before := tr.asked(operation)
			tr.proxy.Next(operation, passing, passing)
			if err := call(t.Context()); err != nil {
				t.Errorf("%s with %+v: %v", operation, passing, err)
			}
			want := 3
			if operation == "PutItem" && passing.Lose {
				want = 2 // the second finds its own item
			}
			if n := tr.asked(operation) - before; n != want {
				t.Errorf("%s with %+v twice: %d requests, want %d", operation, passing, n, want)
			}
		}
	}
}

func TestWhatLastsIsUnavailable(t *testing.T) {
	tr := trouble(t, dynamo.Config{Patience: time.Millisecond})
	for operation, call := range calls(tr) {
		for _, lasting := range []dynamolocal.Trouble{
			{Refuse: "ThrottlingException", Message: "slow down"}, {Status: 503}, {Status: 500}, {Refuse: "AccessDeniedException", Message: "no right"},
			{Refuse: "UnrecognizedClientException"}, {Refuse: "ResourceNotFoundException", Message: "no table"},
			{Refuse: "TransactionCanceledException", Reasons: []string{"None", "ThrottlingError"}},
		} {
			tr.proxy.Make(func(string, string) *dynamolocal.Trouble { return &lasting })
			err := call(t.Context())
			if !errors.Is(err, table.ErrUnavailable) || errors.Is(err, table.ErrInvalid) || table.Conflicted(err) {
				t.Errorf("%s with %+v: got %v, want ErrUnavailable", operation, lasting, err)
			}
			if lasting.Message != "" && !strings.Contains(fmt.Sprint(err), lasting.Message) {
				t.Errorf("%s: the reason %q is not told: %v", operation, lasting.Message, err)
			}
			closed(t, err)
		}
	}
	tr.proxy.Make(nil)
	before := tr.asked("GetItem")
	tr.proxy.Next("GetItem", dynamolocal.Trouble{Refuse: "AccessDeniedException"})
	if _, err := tr.Get(t.Context(), k); !errors.Is(err, table.ErrUnavailable) || tr.asked("GetItem") != before+1 {
		t.Errorf("%v after %d requests: a missing right is not asked for again", err, tr.asked("GetItem")-before)
	}
}

func TestReasonsOfACanceledTransaction(t *testing.T) {
	tr := trouble(t, dynamo.Config{Patience: time.Millisecond})
	writes := []table.Write{put(k, table.Absent, 1), add("1"), put(table.Key{Partition: "case#1", Sort: "view"}, table.Absent, 1)}
	for _, tt := range []struct {
		reasons []string
		failed  []table.Key // nil: of the kind want
		want    error
	}{
		{[]string{"ConditionalCheckFailed", "None", "None"}, []table.Key{writes[0].Item.Key}, nil},
		{[]string{"ConditionalCheckFailed", "None", "ConditionalCheckFailed"}, []table.Key{writes[0].Item.Key, writes[2].Item.Key}, nil},
		{[]string{"TransactionConflict", "ThrottlingError", "ConditionalCheckFailed"}, []table.Key{writes[2].Item.Key}, nil},
		{[]string{"None", "TransactionConflict", "None"}, nil, table.ErrUnavailable},
		{[]string{"None", "ProvisionedThroughputExceeded", "None"}, nil, table.ErrUnavailable},
		{[]string{"None", "ItemCollectionSizeLimitExceeded", "TransactionConflict"}, nil, table.ErrInvalid},
		{[]string{"ValidationError", "None", "None"}, nil, table.ErrInvalid},
		{[]string{"SomethingNew", "None", "None"}, nil, table.ErrUnavailable},
	} {
		tr.proxy.Make(func(string, string) *dynamolocal.Trouble {
			return &dynamolocal.Trouble{Refuse: "TransactionCanceledException", Reasons: tt.reasons}
		})
		err := tr.Write(t.Context(), writes...)
		var c *table.ConflictError
		switch {
		case tt.failed != nil && (!errors.As(err, &c) || !slices.Equal(c.Keys, tt.failed)):
			t.Errorf("%v: got %v, want a conflict on %v", tt.reasons, err, tt.failed)
		case tt.failed == nil && (!errors.Is(err, tt.want) || errors.As(err, &c)):
			t.Errorf("%v: got %v, want %v", tt.reasons, err, tt.want)
		}
		closed(t, err)
	}
	// Attempts of one call have one token, two calls have two.
	tokens := map[string]int{}
	for _, b := range tr.proxy.Bodies() {
		_, rest, found := strings.Cut(b, `"ClientRequestToken":"`)
		if !found {
			t.Fatalf("a transaction without a token: %.200s", b)
		}
		token, _, _ := strings.Cut(rest, `"`)
		tokens[token]++
	}
	if len(tokens) != 8 {
		t.Errorf("%d tokens for 8 calls", len(tokens))
	}
}

func TestAPartOfABatchIsAskedForAgain(t *testing.T) {
	tr := trouble(t, dynamo.Config{})
	a, b := table.Key{Partition: "p", Sort: "a"}, table.Key{Partition: "p", Sort: "b"}
	if err := tr.Write(t.Context(), put(a, table.Always, 1), put(b, table.Always, 2)); err != nil {
		t.Fatal(err)
	}
	tr.proxy.Next("BatchGetItem", dynamolocal.Trouble{Tamper: func(string) string {
		return `{"Responses":{},"UnprocessedKeys":{"any":{"ConsistentRead":true,"Keys":[{"pk":{"S":"p"},"sk":{"S":"a"}},{"pk":{"S":"p"},"sk":{"S":"b"}}]}}}`
	}}, dynamolocal.Trouble{Tamper: func(body string) string {
		return strings.Replace(body, `"UnprocessedKeys":{}`, `"UnprocessedKeys":{"any":{"Keys":[{"pk":{"S":"p"},"sk":{"S":"b"}}]}}`, 1)
	}})
	found, err := tr.Get(t.Context(), a, b)
	if err != nil || len(found) != 2 || found[a].Seq != 1 || found[b].Seq != 2 {
		t.Errorf("got %v, %v", found, err)
	}
	if n := tr.asked("BatchGetItem"); n != 3 {
		t.Errorf("%d requests, want 3", n)
	}
	for _, body := range tr.proxy.Bodies() {
		if strings.HasPrefix(body, "BatchGetItem") && !strings.Contains(body, `"ConsistentRead":true`) {
			t.Errorf("not consistent: %s", body)
		}
	}
}

func TestReadsOfTheTableAreConsistent(t *testing.T) {
	tr := trouble(t, dynamo.Config{})
	if _, err := tr.Get(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	for _, q := range []table.Query{{Partition: "p"}, {Partition: "p", Prefix: "x"}, {Partition: "p", Index: "queue"}} {
		if _, err := tr.Query(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	for _, body := range tr.proxy.Bodies() {
		if consistent := strings.Contains(body, `"ConsistentRead":true`); consistent == strings.Contains(body, `"IndexName"`) {
			t.Errorf("consistent: %t: %s", consistent, body)
		}
	}
}

// Who can bear to be a moment behind pays half.
func TestReadsThatMayBeStaleAreNotConsistent(t *testing.T) {
	var reads []dynamo.Request
	tr := trouble(t, dynamo.Config{Observe: func(_ context.Context, r dynamo.Request) {
		if r.Operation != "PutItem" {
			reads = append(reads, r)
		}
	}})
	if err := tr.Write(t.Context(), put(k, table.Always, 1)); err != nil {
		t.Fatal(err)
	}
	for _, ctx := range []context.Context{t.Context(), table.Stale(t.Context())} {
		if _, err := tr.Get(ctx, k); err != nil {
			t.Fatal(err)
		}
		if _, err := tr.Get(ctx, k, table.Key{Partition: "p", Sort: "none"}); err != nil {
			t.Fatal(err)
		}
		if _, err := tr.Query(ctx, table.Query{Partition: k.Partition}); err != nil {
			t.Fatal(err)
		}
	}
	if len(reads) != 6 {
		t.Fatalf("%d reads: %+v", len(reads), reads)
	}
	for i, r := range reads {
		if r.Stale != (i >= 3) || i >= 3 && (r.Operation != reads[i-3].Operation || 2*r.ReadUnits != reads[i-3].ReadUnits) {
			t.Errorf("read %d: %+v", i, r)
		}
	}
}

func TestTheContextEndsTheWaiting(t *testing.T) {
	tr := trouble(t, dynamo.Config{Patience: time.Hour})
	for operation, call := range calls(tr) {
		ctx, cancel := context.WithCancelCause(t.Context())
		n := 0
		tr.proxy.Make(func(string, string) *dynamolocal.Trouble {
			if n++; n == 3 {
				cancel(errors.New("the function's time is up"))
			}
			return &dynamolocal.Trouble{Refuse: "ThrottlingException"}
		})
		if err := call(ctx); !errors.Is(err, context.Canceled) || errors.Is(err, table.ErrUnavailable) {
			t.Errorf("%s: got %v, want the context's error", operation, err)
		} else {
			closed(t, err)
		}
	}
}
