package local

import (
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-lambda-go/events"
)

// encode is an event's JSON. Those of queues and streams are long, most of them texts
// that are JSON themselves, and each message comes through three of them: they are
// written in one go, where json.Marshal reads what it has written twice more.
func encode(event any) ([]byte, error) {
	switch e := event.(type) {
	case events.SQSEvent:
		return encodeQueue(e)
	case events.DynamoDBEvent:
		return encodeStream(e)
	}
	return json.Marshal(event)
}

func encodeQueue(e events.SQSEvent) ([]byte, error) {
	size := 0
	for i := range e.Records {
		if len(e.Records[i].MessageAttributes) > 0 || e.Records[i].Md5OfMessageAttributes != "" {
			return json.Marshal(e) // nothing here sends any
		}
		size += len(e.Records[i].Body)
	}
	b := append(make([]byte, 0, size+size/4+1000*len(e.Records)), `{"Records":[`...)
	for i := range e.Records {
		m := &e.Records[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = member(b, `{"messageId":`, m.MessageId)
		b = member(b, `,"receiptHandle":`, m.ReceiptHandle)
		b = member(b, `,"body":`, m.Body)
		b = member(b, `,"md5OfBody":`, m.Md5OfBody)
		b = append(b, `,"attributes":{`...)
		first := true
		for name, v := range m.Attributes {
			b, first = named(b, name, first), false
			b = quote(b, v)
		}
		b = member(b, `},"messageAttributes":{},"eventSourceARN":`, m.EventSourceARN)
		b = member(b, `,"eventSource":`, m.EventSource)
		b = member(b, `,"awsRegion":`, m.AWSRegion)
		b = append(b, '}')
	}
	return append(b, "]}"...), nil
}

func encodeStream(e events.DynamoDBEvent) (b []byte, err error) {
	b = append(make([]byte, 0, 6000*len(e.Records)), `{"Records":[`...)
	for i := range e.Records {
		r := &e.Records[i]
		if r.UserIdentity != nil || r.Change.OldImage != nil || r.Change.SizeBytes != 0 {
			return json.Marshal(e) // nothing here has any
		}
		if i > 0 {
			b = append(b, ',')
		}
		at, err := r.Change.ApproximateCreationDateTime.MarshalJSON()
		if err != nil {
			return nil, fmt.Errorf("record %s: %w", r.EventID, err)
		}
		b = append(append(b, `{"dynamodb":{"ApproximateCreationDateTime":`...), at...)
		if b, err = attributes(b, `,"Keys":`, r.Change.Keys); err != nil {
			return nil, fmt.Errorf("record %s: %w", r.EventID, err)
		}
		if b, err = attributes(b, `,"NewImage":`, r.Change.NewImage); err != nil {
			return nil, fmt.Errorf("record %s: %w", r.EventID, err)
		}
		b = member(b, `,"SequenceNumber":`, r.Change.SequenceNumber)
		b = member(b, `,"StreamViewType":`, r.Change.StreamViewType)
		b = member(b, `},"eventID":`, r.EventID)
		b = member(b, `,"eventName":`, r.EventName)
		b = member(b, `,"eventSource":`, r.EventSource)
		b = member(b, `,"eventVersion":`, r.EventVersion)
		b = member(b, `,"eventSourceARN":`, r.EventSourceArn)
		b = member(b, `,"awsRegion":`, r.AWSRegion)
		b = append(b, '}')
	}
	return append(b, "]}"...), nil
}

// attributes writes an item's, and nothing where there are none.
func attributes(b []byte, name string, all map[string]events.DynamoDBAttributeValue) ([]byte, error) {
	if len(all) == 0 {
		return b, nil
	}
	b, first := append(append(b, name...), '{'), true
	for name, v := range all {
		b, first = named(b, name, first), false
		switch v.DataType() {
		case events.DataTypeString:
			b = append(member(b, `{"S":`, v.String()), '}')
		case events.DataTypeNumber:
			b = append(member(b, `{"N":`, v.Number()), '}')
		case events.DataTypeBinary:
			b = base64.StdEncoding.AppendEncode(append(b, `{"B":"`...), v.Binary())
			b = append(b, `"}`...)
		default:
			text, err := v.MarshalJSON()
			if err != nil {
				return nil, fmt.Errorf("attribute %s: %w", name, err)
			}
			b = append(b, text...)
		}
	}
	return append(b, '}'), nil
}

func member(b []byte, before, text string) []byte { return quote(append(b, before...), text) }

// named begins a member of an object.
func named(b []byte, name string, first bool) []byte {
	if !first {
		b = append(b, ',')
	}
	return append(quote(b, name), ':')
}

// quote writes a text as JSON. What is not UTF-8 is left to the reader, who takes it
// for the same characters as json.Marshal does.
func quote(b []byte, text string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	from := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, text[from:i]...)
		switch from = i + 1; c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	return append(append(b, text[from:]...), '"')
}
