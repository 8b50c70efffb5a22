package dynamo

import (
	"maps"
	"slices"
	"strconv"

	"github.com/aws/aws-lambda-go/events"

	"ines/shared/table"
	"ines/shared/table/stream"
)

// expression is a condition or an update in DynamoDB's language, with what its
// placeholders stand for. The zero value has neither.
type expression struct {
	ConditionExpression       string            `json:",omitempty"`
	KeyConditionExpression    string            `json:",omitempty"`
	UpdateExpression          string            `json:",omitempty"`
	ExpressionAttributeNames  map[string]string `json:",omitempty"`
	ExpressionAttributeValues stream.Attributes `json:",omitempty"`
}

func text(s string) events.DynamoDBAttributeValue { return events.NewStringAttribute(s) }

func number(n int64) events.DynamoDBAttributeValue {
	return events.NewNumberAttribute(strconv.FormatInt(n, 10))
}

func keyOf(k table.Key) stream.Attributes {
	return stream.Attributes{stream.Partition: text(k.Partition), stream.Sort: text(k.Sort)}
}

// condition is what must hold for a write. An item that only counters were added
// to has no seq attribute; its seq is 0.
func condition(w table.Write) expression {
	const (
		absent = "attribute_not_exists(#p)"
		exists = "attribute_exists(#p)"
		no     = "attribute_not_exists(#s)"
	)
	e := expression{ExpressionAttributeNames: map[string]string{"#p": stream.Partition}}
	var text string
	compare := func(seq int64) {
		e.ExpressionAttributeNames["#s"] = stream.Seq
		e.ExpressionAttributeValues = stream.Attributes{":s": number(seq)}
	}
	switch w.When {
	case table.Always:
		return expression{}
	case table.Absent:
		text = absent
	case table.Exists:
		text = exists
	case table.Newer:
		compare(w.Item.Seq)
		text = absent + " OR #s < :s"
		if w.Item.Seq > 0 {
			text += " OR " + no
		}
	case table.SeqIs:
		compare(w.Seq)
		text = "#s = :s"
		if w.Seq == 0 {
			text += " OR (" + exists + " AND " + no + ")"
		} else {
			delete(e.ExpressionAttributeNames, "#p") // unused names are refused
		}
	}
	e.ConditionExpression = text
	return e
}

// addition adds to an item's counters. The order of the fields is fixed so that
// the same addition is the same request.
func addition(w table.Write) expression {
	e := expression{ExpressionAttributeNames: map[string]string{}, ExpressionAttributeValues: stream.Attributes{}}
	text := "ADD "
	for i, field := range slices.Sorted(maps.Keys(w.Fields)) {
		n := strconv.Itoa(i)
		if i > 0 {
			text += ", "
		}
		text += "#c" + n + " :c" + n
		e.ExpressionAttributeNames["#c"+n] = stream.Counter(field)
		e.ExpressionAttributeValues[":c"+n] = number(w.Fields[field])
	}
	if !w.Item.Expires.IsZero() {
		text += " SET #t = :t"
		e.ExpressionAttributeNames["#t"] = stream.Expires
		e.ExpressionAttributeValues[":t"] = number(stream.ExpirySeconds(w.Item.Expires))
	}
	e.UpdateExpression = text
	return e
}
