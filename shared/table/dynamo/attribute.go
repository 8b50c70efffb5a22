package dynamo

import (
	"strconv"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"ines/shared/table"
	"ines/shared/table/stream"
)

// The SDK and Lambda's events each have their own type for attribute values; the
// table uses strings and numbers only.

type attributes = map[string]types.AttributeValue

func encode(from stream.Attributes) attributes {
	to := make(attributes, len(from)+1) // the writer's mark
	for name, v := range from {
		if v.DataType() == events.DataTypeNumber {
			to[name] = &types.AttributeValueMemberN{Value: v.Number()}
		} else {
			to[name] = text(v.String())
		}
	}
	return to
}

func decode(from attributes) stream.Attributes {
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

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func keyOf(k table.Key) attributes {
	return attributes{stream.Partition: text(k.Partition), stream.Sort: text(k.Sort)}
}
