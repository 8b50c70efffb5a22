package local

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"pgregory.net/rapid"

	"ines/shared/queue"
	"ines/shared/table"
	"ines/shared/table/stream"
)

// same wants encode's JSON to be read as json.Marshal's is.
func same[E any](t *rapid.T, event E) {
	t.Helper()
	own, err := encode(event)
	if err != nil {
		t.Fatal(err)
	}
	usual, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	var got, want E
	if err := json.Unmarshal(own, &got); err != nil {
		t.Fatalf("%v in %s", err, own)
	}
	if err := json.Unmarshal(usual, &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("read %+v\nwant %+v\nof %s", got, want, own)
	}
}

func TestEventsAreReadAsJSONWritesThem(t *testing.T) {
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", `{"a":"b\\c"}`, "line\nfeed\ttab\x00nul\x7f", "<&>\u2028", "not\xffUTF-8\xc3", "Grüße 🙂"}))
	rapid.Check(t, func(t *rapid.T) {
		var messages []queue.Received
		for range rapid.IntRange(0, 3).Draw(t, "messages") {
			messages = append(messages, queue.Received{ID: text.Draw(t, "id"), Receipt: text.Draw(t, "receipt"), Body: text.Draw(t, "body"), Group: text.Draw(t, "group"),
				Dedupe: text.Draw(t, "dedupe"), Sequence: text.Draw(t, "sequence"), Count: 1, SentAt: time.UnixMilli(1), FirstAt: time.UnixMilli(2)})
		}
		e := sqsEvent("cases.fifo", rapid.Bool().Draw(t, "fifo"), messages)
		same(t, e)
		if len(e.Records) > 0 {
			e.Records[0].MessageAttributes = map[string]events.SQSMessageAttribute{"a": {DataType: "String"}}
			same(t, e)
		}

		var changes []table.Change
		for range rapid.IntRange(0, 3).Draw(t, "changes") {
			c := table.Change{ID: text.Draw(t, "number"), Deleted: rapid.Bool().Draw(t, "deleted"), At: time.UnixMilli(rapid.Int64Range(0, 4e12).Draw(t, "at"))}
			c.Item = table.Item{Key: table.Key{Partition: text.Draw(t, "partition"), Sort: text.Draw(t, "sort")}, Seq: rapid.Int64().Draw(t, "seq"), Value: []byte(text.Draw(t, "value")),
				Indexes: map[string]table.IndexKey{"queue": {Partition: text.Draw(t, "place"), Sort: "1"}}}
			changes = append(changes, c)
		}
		s := streamEvent(stream.Encode(changes))
		same(t, s)
		if len(s.Records) > 0 {
			s.Records[0].Change.Keys["other"] = events.NewBooleanAttribute(true)
			s.Records[0].Change.Keys["packed"] = events.NewBinaryAttribute([]byte(text.Draw(t, "packed")))
			same(t, s)
			s.Records[0].UserIdentity = &events.DynamoDBUserIdentity{Type: "Service"}
			same(t, s)
		}
	})
}

// What a version of the SDK adds to its events has to be added to encode.
func TestEncodeKnowsAllMembers(t *testing.T) {
	for of, members := range map[reflect.Type]int{
		reflect.TypeFor[events.SQSEvent]():             1,
		reflect.TypeFor[events.SQSMessage]():           10,
		reflect.TypeFor[events.DynamoDBEvent]():        1,
		reflect.TypeFor[events.DynamoDBEventRecord]():  8,
		reflect.TypeFor[events.DynamoDBStreamRecord](): 7,
	} {
		if n := of.NumField(); n != members {
			t.Errorf("%s has %d members, encode knows %d", of, n, members)
		}
	}
}
