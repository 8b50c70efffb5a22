// Package stream turns table changes into the records of a DynamoDB stream and
// back. With that it fixes how an item lies in DynamoDB: the dynamo driver writes
// and reads items with the same code. The embedded engine's host encodes, relay
// decodes. It imports table.
package stream

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"ines/shared/table"
)

// The attributes of an item. Value is a string because it is JSON, and so
// readable in AWS's console; large ones are Packed.
const (
	Partition = "pk"  // S, the table's hash key
	Sort      = "sk"  // S, the table's range key
	Value     = "v"   // S
	Seq       = "seq" // N
	Expires   = "ttl" // N, epoch seconds; absent: never
	// Writer (S) marks who wrote the item, where the driver must know its own
	// writes again; nobody else reads it.
	Writer = "w"
)

const (
	partitionSuffix = "_pk"
	sortSuffix      = "_sk"
	counterPrefix   = "c_"
)

// IndexPartition is the attribute (S) that is the hash key of an index.
func IndexPartition(index string) string { return index + partitionSuffix }

// IndexSort is the attribute (S) that is the range key of an index.
func IndexSort(index string) string { return index + sortSuffix }

// Counter is the attribute (N) of a counter that OpAdd adds to.
func Counter(field string) string { return counterPrefix + field }

const (
	insert = string(events.DynamoDBOperationTypeInsert)
	modify = string(events.DynamoDBOperationTypeModify)
	remove = string(events.DynamoDBOperationTypeRemove)
)

// ErrMalformed is wrapped by Decode.
var ErrMalformed = errors.New("malformed stream record")

// Encode gives the event that Lambda would be invoked with. Counters are not
// part of a change and are left out.
func Encode(changes []table.Change) events.DynamoDBEvent {
	records := make([]events.DynamoDBEventRecord, len(changes))
	for i, c := range changes {
		record := events.DynamoDBEventRecord{
			AWSRegion:    "local",
			EventID:      c.ID,
			EventName:    insert,
			EventSource:  "aws:dynamodb",
			EventVersion: "1.1",
			Change: events.DynamoDBStreamRecord{
				ApproximateCreationDateTime: events.SecondsEpochTime{Time: c.At},
				Keys: map[string]events.DynamoDBAttributeValue{
					Partition: events.NewStringAttribute(c.Item.Key.Partition),
					Sort:      events.NewStringAttribute(c.Item.Key.Sort),
				},
				SequenceNumber: c.ID,
				StreamViewType: string(events.DynamoDBStreamViewTypeNewImage),
			},
		}
		if c.At.IsZero() { // the year 1 has no place in epoch nanoseconds
			record.Change.ApproximateCreationDateTime.Time = time.Unix(0, 0)
		}
		switch {
		case c.Deleted:
			record.EventName = remove
		case c.Replaced:
			record.EventName = modify
		}
		if !c.Deleted {
			record.Change.NewImage = Image(c.Item)
		}
		records[i] = record
	}
	return events.DynamoDBEvent{Records: records}
}

// Image gives the attributes of an item, counters apart.
func Image(item table.Item) Attributes {
	attributes := map[string]events.DynamoDBAttributeValue{
		Partition: events.NewStringAttribute(item.Key.Partition),
		Sort:      events.NewStringAttribute(item.Key.Sort),
		Value:     events.NewStringAttribute(string(item.Value)),
		Seq:       number(item.Seq),
	}
	if !item.Expires.IsZero() {
		attributes[Expires] = number(ExpirySeconds(item.Expires))
	}
	for name, place := range item.Indexes {
		attributes[IndexPartition(name)] = events.NewStringAttribute(place.Partition)
		attributes[IndexSort(name)] = events.NewStringAttribute(place.Sort)
	}
	return attributes
}

func number(n int64) events.DynamoDBAttributeValue {
	return events.NewNumberAttribute(strconv.FormatInt(n, 10))
}

// ExpirySeconds is the epoch second by which an item has certainly expired.
func ExpirySeconds(at time.Time) int64 {
	if at.Nanosecond() > 0 {
		return at.Unix() + 1
	}
	return at.Unix()
}

// Decode reads one record, from AWS or from Encode. The time is exact to the
// millisecond. Errors wrap ErrMalformed.
func Decode(record events.DynamoDBEventRecord) (table.Change, error) {
	c := table.Change{ID: record.EventID}
	if at := record.Change.ApproximateCreationDateTime; at.Unix() > 0 {
		c.At = at.Round(time.Millisecond).UTC() // JSON has it as a float
	}
	var err error
	switch record.EventName {
	case insert, modify:
		c.Replaced = record.EventName == modify
		c.Item, err = Item(record.Change.NewImage)
	case remove:
		c.Deleted = true
		c.Item.Key, err = key(record.Change.Keys)
	default:
		err = fmt.Errorf("event name %q", record.EventName)
	}
	if err != nil {
		return table.Change{}, fmt.Errorf("%w %q: %w", ErrMalformed, record.EventID, err)
	}
	return c, nil
}

// Attributes are an item's, by name.
type Attributes = map[string]events.DynamoDBAttributeValue

// Item reads an item from its attributes, those of its counters apart.
func Item(a Attributes) (table.Item, error) {
	if len(a) == 0 {
		return table.Item{}, errors.New("no new image; the stream must show NEW_IMAGE")
	}
	k, err := key(a)
	if err != nil {
		return table.Item{}, err
	}
	item := table.Item{Key: k, Value: []byte{}}
	for name, v := range a {
		index, isIndex := strings.CutSuffix(name, partitionSuffix)
		switch {
		case name == Partition || name == Sort:
		case name == Value:
			var text string
			text, err = str(a, name)
			item.Value = []byte(text)
		case name == Packed:
			if v.DataType() != events.DataTypeBinary {
				err = fmt.Errorf("attribute %s is not binary", name)
			} else if item.Value, err = inflate(v.Binary()); err != nil {
				err = fmt.Errorf("attribute %s: %w", name, err)
			}
		case name == Seq:
			item.Seq, err = integer(name, v)
		case name == Expires:
			var seconds int64
			seconds, err = integer(name, v)
			item.Expires = time.Unix(seconds, 0).UTC()
		case isIndex && v.DataType() == events.DataTypeString: // a counter's name may end so too
			if item.Indexes == nil {
				item.Indexes = make(map[string]table.IndexKey)
			}
			place := table.IndexKey{Partition: v.String()}
			place.Sort, err = str(a, IndexSort(index))
			item.Indexes[index] = place
		}
		if err != nil {
			return table.Item{}, err
		}
	}
	return item, nil
}

// Counters reads the counters among an item's attributes; nil if there are none.
func Counters(a Attributes) (map[string]int64, error) {
	var counters map[string]int64
	for name, v := range a {
		field, is := strings.CutPrefix(name, counterPrefix)
		if !is || v.DataType() != events.DataTypeNumber { // an index's name may begin so too
			continue
		}
		n, err := integer(name, v)
		if err != nil {
			return nil, err
		}
		if counters == nil {
			counters = make(map[string]int64)
		}
		counters[field] = n
	}
	return counters, nil
}

func key(a Attributes) (k table.Key, err error) {
	if k.Partition, err = str(a, Partition); err != nil {
		return k, err
	}
	k.Sort, err = str(a, Sort)
	return k, err
}

func str(a Attributes, name string) (string, error) {
	v, found := a[name]
	if !found {
		return "", fmt.Errorf("attribute %s is missing", name)
	}
	if v.DataType() != events.DataTypeString {
		return "", fmt.Errorf("attribute %s is not a string", name)
	}
	return v.String(), nil
}

func integer(name string, v events.DynamoDBAttributeValue) (int64, error) {
	if v.DataType() != events.DataTypeNumber {
		return 0, fmt.Errorf("attribute %s is not a number", name)
	}
	n, err := v.Int64()
	if err != nil {
		return 0, fmt.Errorf("attribute %s: %w", name, err)
	}
	return n, nil
}
