package stream_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"pgregory.net/rapid"

	"ines/shared/table"
	"ines/shared/table/stream"
)

func anyChange(t *rapid.T) table.Change {
	text := rapid.StringN(1, 20, 60)
	c := table.Change{
		ID:   rapid.StringMatching(`[1-9][0-9]{0,17}`).Draw(t, "id"),
		At:   time.UnixMilli(rapid.Int64Range(1, 4e12).Draw(t, "at")).UTC(),
		Item: table.Item{Key: table.Key{Partition: text.Draw(t, "pk"), Sort: text.Draw(t, "sk")}},
	}
	if c.At.Unix() == 0 {
		c.At = c.At.Add(time.Second)
	}
	if c.Deleted = rapid.Bool().Draw(t, "deleted"); c.Deleted {
		return c
	}
	c.Replaced = rapid.Bool().Draw(t, "replaced")
	c.Item.Value = []byte(rapid.String().Draw(t, "value"))
	c.Item.Seq = rapid.Int64().Draw(t, "seq")
	if rapid.Bool().Draw(t, "expires") {
		c.Item.Expires = time.Unix(rapid.Int64Range(1, 4e9).Draw(t, "ttl"), 0).UTC()
	}
	for _, name := range []string{"queue", "owner", "c", "c_x"} {
		if rapid.Bool().Draw(t, name) {
			if c.Item.Indexes == nil {
				c.Item.Indexes = make(map[string]table.IndexKey)
			}
			c.Item.Indexes[name] = table.IndexKey{Partition: text.Draw(t, "ipk"), Sort: text.Draw(t, "isk")}
		}
	}
	return c
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOfN(rapid.Custom(anyChange), 0, 4).Draw(t, "changes")
		body, err := json.Marshal(stream.Encode(want))
		if err != nil {
			t.Fatal(err)
		}
		var event events.DynamoDBEvent
		if err := json.Unmarshal(body, &event); err != nil {
			t.Fatal(err)
		}
		if len(event.Records) != len(want) {
			t.Fatalf("%d records, want %d", len(event.Records), len(want))
		}
		for i, record := range event.Records {
			got, err := stream.Decode(record)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want[i]) {
				t.Fatalf("got  %+v\nwant %+v", got, want[i])
			}
		}
	})
}

func TestEncodeShape(t *testing.T) {
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	event := stream.Encode([]table.Change{{ID: "7", At: at, Item: table.Item{
		Key: table.Key{Partition: "case#c1", Sort: "log#1"}, Value: []byte(`{"a":1}`), Seq: 3,
		Expires: at.Add(500 * time.Millisecond),
		Indexes: map[string]table.IndexKey{"owner": {Partition: "ines", Sort: "2"}},
	}}})
	body, err := json.Marshal(event.Records[0].Change)
	if err != nil {
		t.Fatal(err)
	}
	var got, want any
	err = errors.Join(json.Unmarshal(body, &got), json.Unmarshal([]byte(`{
		"ApproximateCreationDateTime": 1772600767,
		"Keys": {"pk": {"S": "case#c1"}, "sk": {"S": "log#1"}},
		"NewImage": {"pk": {"S": "case#c1"}, "sk": {"S": "log#1"}, "v": {"S": "{\"a\":1}"}, "seq": {"N": "3"},
			"ttl": {"N": "1772600768"}, "owner_pk": {"S": "ines"}, "owner_sk": {"S": "2"}},
		"SequenceNumber": "7", "SizeBytes": 0, "StreamViewType": "NEW_IMAGE"}`), &want))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %s", body)
	}
}

func TestDecodeFromAWS(t *testing.T) {
	s, n := events.NewStringAttribute, events.NewNumberAttribute
	keys := map[string]events.DynamoDBAttributeValue{"pk": s("p"), "sk": s("s")}
	with := func(name string, v events.DynamoDBAttributeValue) map[string]events.DynamoDBAttributeValue {
		return map[string]events.DynamoDBAttributeValue{"pk": s("p"), "sk": s("s"), name: v}
	}
	tests := []struct {
		name, event string
		image       map[string]events.DynamoDBAttributeValue
		ok          bool
	}{
		{"counters only", "INSERT", with("c_filed_pk", n("3")), true},
		{"unknown attribute", "MODIFY", with("added_later", events.NewBooleanAttribute(true)), true},
		{"removed", "REMOVE", nil, true},
		{"no image", "INSERT", nil, false},
		{"unknown event", "MERGE", keys, false},
		{"value of the wrong type", "INSERT", with("v", n("1")), false},
		{"sequence of the wrong type", "INSERT", with("seq", s("1")), false},
		{"sequence too large", "INSERT", with("seq", n("1e40")), false},
		{"half an index", "INSERT", with("owner_pk", s("x")), false},
		{"key of the wrong type", "INSERT", map[string]events.DynamoDBAttributeValue{"pk": n("1"), "sk": s("s")}, false},
		{"key missing", "INSERT", map[string]events.DynamoDBAttributeValue{"pk": s("p")}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := stream.Decode(events.DynamoDBEventRecord{EventName: tt.event, EventID: "e1",
				Change: events.DynamoDBStreamRecord{Keys: keys, NewImage: tt.image}})
			if tt.ok != (err == nil) || (err != nil && !errors.Is(err, stream.ErrMalformed)) {
				t.Fatalf("error %v", err)
			}
			if tt.ok && (c.Item.Key != table.Key{Partition: "p", Sort: "s"} || c.ID != "e1" || len(c.Item.Indexes) != 0) {
				t.Errorf("got %+v", c)
			}
		})
	}
}
