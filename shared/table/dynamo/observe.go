package dynamo

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Request is one request to DynamoDB, as Config.Observe hears of it.
type Request struct {
	Operation string // PutItem, TransactWriteItems, …
	Attempt   int    // 1 for the first
	// The capacity units that DynamoDB says the request consumed, the indexes'
	// among them.
	ReadUnits, WriteUnits float64
	// IndexUnits are the write or read units among them that each index took.
	IndexUnits map[string]float64
	Failure    string // what was wrong, "" if it succeeded
}

// figures asks for consumed capacity if somebody wants to know.
func (t *Table) figures() types.ReturnConsumedCapacity {
	if t.c.Observe == nil {
		return types.ReturnConsumedCapacityNone
	}
	return types.ReturnConsumedCapacityIndexes
}

func (r *Request) read(consumed ...types.ConsumedCapacity) {
	for _, c := range consumed {
		r.ReadUnits += units(c.CapacityUnits)
		r.indexes(c)
	}
}

func (r *Request) wrote(consumed ...types.ConsumedCapacity) {
	for _, c := range consumed {
		r.WriteUnits += units(c.CapacityUnits)
		r.indexes(c)
	}
}

func (r *Request) indexes(c types.ConsumedCapacity) {
	for name, part := range c.GlobalSecondaryIndexes {
		if r.IndexUnits == nil {
			r.IndexUnits = map[string]float64{}
		}
		r.IndexUnits[name] += units(part.CapacityUnits)
	}
}

func units(n *float64) float64 {
	if n == nil {
		return 0
	}
	return *n
}

func all(c *types.ConsumedCapacity) []types.ConsumedCapacity {
	if c == nil {
		return nil
	}
	return []types.ConsumedCapacity{*c}
}
