package shards

import (
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"ines/shared/table/stream"
)

// event is a record as Lambda would hand it to a function.
func (r *Reader) event(from types.Record) events.DynamoDBEventRecord {
	e := events.DynamoDBEventRecord{
		AWSRegion:      aws.ToString(from.AwsRegion),
		EventID:        aws.ToString(from.EventID),
		EventName:      string(from.EventName),
		EventSource:    aws.ToString(from.EventSource),
		EventVersion:   aws.ToString(from.EventVersion),
		EventSourceArn: r.stream,
	}
	if from.UserIdentity != nil {
		e.UserIdentity = &events.DynamoDBUserIdentity{Type: aws.ToString(from.UserIdentity.Type), PrincipalID: aws.ToString(from.UserIdentity.PrincipalId)}
	}
	if d := from.Dynamodb; d != nil {
		e.Change = events.DynamoDBStreamRecord{
			ApproximateCreationDateTime: events.SecondsEpochTime{Time: time.Unix(0, 0)},
			Keys:                        image(d.Keys),
			NewImage:                    image(d.NewImage),
			SequenceNumber:              aws.ToString(d.SequenceNumber),
			SizeBytes:                   aws.ToInt64(d.SizeBytes),
			StreamViewType:              string(d.StreamViewType),
		}
		if d.ApproximateCreationDateTime != nil {
			e.Change.ApproximateCreationDateTime.Time = *d.ApproximateCreationDateTime
		}
	}
	return e
}

// image translates between two types for the same thing; the table has strings and
// numbers only.
func image(from map[string]types.AttributeValue) stream.Attributes {
	if len(from) == 0 {
		return nil
	}
	to := make(stream.Attributes, len(from))
	for name, v := range from {
		switch v := v.(type) {
		case *types.AttributeValueMemberS:
			to[name] = events.NewStringAttribute(v.Value)
		case *types.AttributeValueMemberN:
			to[name] = events.NewNumberAttribute(v.Value)
		default:
			to[name] = events.NewNullAttribute() // somebody else's
		}
	}
	return to
}

func sortKey(e events.DynamoDBEventRecord) string {
	v, there := e.Change.Keys[stream.Sort]
	if !there || v.DataType() != events.DataTypeString {
		return ""
	}
	return v.String()
}
