//go:build !onlygo

package dynamo_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"ines/shared/table"
	"ines/shared/table/dynamo"
	"ines/shared/table/dynamo/dynamolocal"
	"ines/shared/table/dynamo/shards"
	"ines/shared/table/stream"
)

// changes follows the table's stream to its end, through the event that relay gets.
func changes(t *testing.T, r *shards.Reader) []table.Change {
	t.Helper()
	var all []table.Change
	for {
		b, err := r.Next(t.Context(), 7)
		if err != nil {
			t.Fatal(err)
		}
		if len(b.Records) == 0 {
			return all
		}
		for _, record := range b.Records {
			c, err := stream.Decode(record)
			if err != nil {
				t.Fatal(err)
			}
			if record.EventSourceArn != r.Stream() || record.Change.SequenceNumber == "" {
				t.Errorf("record %+v", record)
			}
			all = append(all, c)
		}
		if err := r.Advance(t.Context(), b, ""); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheStreamIsTheEmbeddedEngines(t *testing.T) {
	engine := dynamolocal.Start(t)
	name := fresh(t, engine)
	tbl := open(t, engine, dynamo.Config{Table: name})
	reader, err := shards.Open(t.Context(), dynamolocal.Config(engine), shards.Config{Table: name, Prefix: "log#"}, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	expires := time.Date(2096, 1, 2, 3, 4, 5, 0, time.UTC)
	item := table.Item{Key: table.Key{Partition: "case#1", Sort: "log#1"}, Value: []byte(`{"n":1}`), Seq: 1, Expires: expires,
		Indexes: map[string]table.IndexKey{"queue": {Partition: "care", Sort: "9"}}}
	bare := table.Item{Key: table.Key{Partition: "case#1", Sort: "log#2"}, Value: []byte{}}
	view := table.Item{Key: table.Key{Partition: "case#1", Sort: "view"}, Value: []byte(`{}`)}
	redacted := item
	redacted.Value = []byte(`{"n":0}`)
	for _, writes := range [][]table.Write{
		{{Item: item, When: table.Absent}, {Item: view}},
		{{Item: bare, When: table.Absent}}, // a put of its own, with its writer's mark
		{{Item: redacted, When: table.Exists}, {Item: view}},
		{{Op: table.OpDelete, Item: item}},
	} {
		if err := tbl.Write(t.Context(), writes...); err != nil {
			t.Fatal(err)
		}
	}
	want := []table.Change{{Item: item}, {Item: bare}, {Item: redacted, Replaced: true}, {Item: table.Item{Key: item.Key}, Deleted: true}}
	got := changes(t, reader)
	if len(got) != len(want) {
		t.Fatalf("%d changes, want %d: %+v", len(got), len(want), got)
	}
	ids := map[string]bool{}
	for i, c := range got {
		ids[c.ID] = true
		if c.At.IsZero() {
			t.Errorf("change %d has no time", i)
		}
		same := c.Deleted == want[i].Deleted && c.Replaced == want[i].Replaced && c.Item.Key == want[i].Item.Key && c.Item.Seq == want[i].Item.Seq &&
			string(c.Item.Value) == string(want[i].Item.Value) && c.Item.Expires.Equal(want[i].Item.Expires) && maps.Equal(c.Item.Indexes, want[i].Item.Indexes)
		if !same {
			t.Errorf("change %d: got %+v, want %+v", i, c, want[i])
		}
	}
	if len(ids) != len(want) {
		t.Errorf("the changes' ids are not unique: %v", ids)
	}
	// A reader that starts from the position goes on behind it.
	if err := tbl.Write(t.Context(), table.Write{Item: bare}, table.Write{Item: item}); err != nil {
		t.Fatal(err)
	}
	again, err := shards.Open(t.Context(), dynamolocal.Config(engine), shards.Config{Table: name, Prefix: "log#"}, reader.Stream(), reader.Position())
	if err != nil {
		t.Fatal(err)
	}
	if got := changes(t, again); len(got) != 2 || got[0].Item.Key != bare.Key || got[1].Item.Key != item.Key {
		t.Errorf("afterwards: %+v", got)
	}
}

// TestExpiry does by hand what DynamoDB does within days and DynamoDB Local never:
// until then the item is there, and says that its time is over.
func TestExpiry(t *testing.T) {
	engine := dynamolocal.Start(t)
	name := fresh(t, engine)
	tbl := open(t, engine, dynamo.Config{Table: name})
	reader, err := shards.Open(t.Context(), dynamolocal.Config(engine), shards.Config{Table: name}, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 4, 8, 0, 0, 0, time.UTC)
	key := table.Key{Partition: "idem#ines#1", Sort: "response"}
	first := table.Write{Item: table.Item{Key: key, Value: []byte(`{}`), Seq: 1, Expires: now.Add(-time.Second)}, When: table.Absent}
	if err := tbl.Write(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	found, err := tbl.Get(t.Context(), key)
	if err != nil || len(found) != 1 || !found[key].Expired(now) || found[key].Expired(now.Add(-time.Minute)) {
		t.Errorf("got %+v, %v", found, err)
	}
	if err := tbl.Write(t.Context(), first); !table.Conflicted(err, key) {
		t.Errorf("got %v; what expired is there until DynamoDB takes it", err)
	}
	if err := tbl.Write(t.Context(), table.Write{Op: table.OpDelete, Item: table.Item{Key: key}}); err != nil {
		t.Fatal(err)
	}
	if err := tbl.Write(t.Context(), first); err != nil {
		t.Errorf("once it is gone: %v", err)
	}
	var kinds string
	for _, c := range changes(t, reader) {
		kinds += fmt.Sprintf("%t ", c.Deleted)
	}
	if kinds != "false true false " {
		t.Errorf("deleted: %s", kinds)
	}
}
