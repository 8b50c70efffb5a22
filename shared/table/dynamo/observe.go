package dynamo

// Request is one request to DynamoDB, as Config.Observe hears of it.
type Request struct {
	Operation string // PutItem, TransactWriteItems, …
	Attempt   int    // 1 for the first
	// The capacity units that DynamoDB says the request consumed, the indexes'
	// among them.
	ReadUnits, WriteUnits float64
	// IndexUnits are the write or read units among them that each index took.
	IndexUnits map[string]float64
	// Keys is how many items a read named. Each costs a unit, also one that does
	// not exist, which DynamoDB Local says is free.
	Keys int
	// Stale: the read was one that may be, which costs half.
	Stale bool
	// Items is how many items a write wrote or checked, and ItemUnits what that
	// costs by their sizes, indexes apart: of a transaction of several items
	// DynamoDB Local reports too little.
	Items, ItemUnits int
	Failure          string // what was wrong, "" if it succeeded
}

// capacity is what DynamoDB says that a request consumed of one table.
type capacity struct {
	CapacityUnits          float64
	GlobalSecondaryIndexes map[string]struct{ CapacityUnits float64 }
}

// figures asks for consumed capacity if somebody wants to know.
func (t *Table) figures() string {
	if t.c.Observe == nil {
		return "NONE"
	}
	return "INDEXES"
}

func (r *Request) read(consumed ...capacity) {
	for _, c := range consumed {
		r.ReadUnits += c.CapacityUnits
		r.indexes(c)
	}
}

func (r *Request) wrote(consumed ...capacity) {
	for _, c := range consumed {
		r.WriteUnits += c.CapacityUnits
		r.indexes(c)
	}
}

func (r *Request) indexes(c capacity) {
	for name, part := range c.GlobalSecondaryIndexes {
		if r.IndexUnits == nil {
			r.IndexUnits = map[string]float64{}
		}
		r.IndexUnits[name] += part.CapacityUnits
	}
}
